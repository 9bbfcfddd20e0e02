//! Which export a table is: by what it is called, else by its headings, else by the names of
//! features in it.

use super::read::{Grid, Head, Manifest, Top};
use super::refusal::Problem;
use super::values;
use crate::model::name::fold;
use crate::model::{Export, ExportForm, Rules};
use std::collections::{BTreeMap, BTreeSet};

/// The exports, with everything that tells them as it is compared.
#[derive(Debug)]
pub(super) struct Known<'r> {
    rules: &'r Rules,
    /// In the order of the rules.
    exports: Vec<Plain>,
}

/// What tells an export: its names, its marks, and the headings of each column.
#[derive(Debug)]
struct Plain {
    names: Vec<String>,
    marks: Vec<String>,
    columns: Vec<Vec<String>>,
}

impl<'r> Known<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        let all = |texts: &[String]| texts.iter().map(|text| plain(text)).collect::<Vec<_>>();
        let exports = rules.exports.iter().map(|export| Plain {
            names: all(&export.names).into_iter().chain([plain(&export.id)]).collect(),
            marks: all(&export.marks),
            columns: export.columns.iter().map(|(_, headings)| all(headings)).collect(),
        });
        Self { rules, exports: exports.collect() }
    }
}

/// An export, and where in a table its columns are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The number of the export in the rules.
    pub(super) export: usize,
    /// Whether its rows are records whose values have names.
    pub(super) are_records: bool,
    /// The headings, as they are compared; of records those that are known.
    headings: Vec<String>,
    /// For each column of the export the column of the table.
    pub(super) columns: Vec<Option<usize>>,
    /// Other columns of the table with the heading of one of these: first which.
    pub(super) doubles: Vec<(usize, usize)>,
    /// Columns of the export whose heading a manifest gives to other fields too.
    pub(super) torn: BTreeSet<usize>,
    /// The columns that say whether a row was deleted, as links to a lake keep them.
    pub(super) deleted: Vec<usize>,
    /// Where the headings stand.
    pub(super) head: Head,
}

/// Endings of files that may be exports.
const ENDINGS: [&str; 9] =
    [".csv", ".json", ".jsonl", ".ndjson", ".xml", ".txt", ".tsv", ".xlsx", ".zip"];

/// What comes along with exports and holds none: of an archive's or folder's own making.
const BESIDES: [&str; 4] = ["packageheader.xml", ".ds_store", "thumbs.db", "desktop.ini"];

/// Whether a file is passed over, whatever it holds.
pub(super) fn is_beside(path: &str) -> bool {
    let (folders, name) = path.rsplit_once(['/', '\\']).unwrap_or(("", path));
    let (mut parts, name) = (folders.split(['/', '\\']), name.to_lowercase());
    BESIDES.contains(&name.as_str())
        || name.starts_with("~$")
        || name.starts_with("._")
        || parts.any(|folder| folder == "__MACOSX")
}

/// Whether a file may be an export by its name.
pub(super) fn may_be_export(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || !name.rsplit_once('/').map_or(&*name, |(_, last)| last).contains('.')
}

/// The name of a file without directories and ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    name.rsplit_once('.').map_or(name, |(_, table)| table)
}

/// A name without the number of a page or part at its end.
pub(super) fn without_number(name: &str) -> &str {
    let less = name.trim_end_matches(|c: char| c.is_ascii_digit() || " ()-_.".contains(c));
    let lower = less.to_ascii_lowercase();
    match ["part", "page"].into_iter().find(|word| lower.ends_with(word)) {
        Some(word) if less.len() < name.len() => less
            .get(..less.len() - word.len())
            .unwrap_or(less)
            .trim_end_matches([' ', '-', '_', '.', '(']),
        _ => less,
    }
}

/// A name as it is compared: letters and digits, without what virtual entities put before it.
fn plain(name: &str) -> String {
    let plain: String = fold(name).chars().filter(|c| c.is_alphanumeric()).collect();
    plain.strip_prefix("mserp").map(str::to_owned).unwrap_or(plain)
}

/// Whether a table holds asynchronous customers, of whom nothing is read.
pub(super) fn holds_customers(names: &[String], tops: &[Top]) -> bool {
    let asynchronous = |name: &String| {
        let name = plain(name);
        name.starts_with("retailasync") || name == "retailexternalidtoasynccustomermap"
    };
    let marked = |row: &Vec<String>| row.iter().any(|heading| plain(heading) == "custaccountasync");
    names.iter().any(asynchronous) || tops.iter().flat_map(Top::rows).any(marked)
}

/// The fields that a heading stands for, where a manifest says it.
fn mapped<'p>(heading: &str, part: Option<&'p Manifest>) -> &'p [String] {
    let fields = part.and_then(|part| part.fields.get(&heading.trim().to_lowercase()));
    // Without a manifest a heading stands for itself.
    fields.map(Vec::as_slice).unwrap_or_default()
}

/// Headings as the entity calls its fields, where a manifest says which is which, as they are
/// compared.
fn fields(headings: &[String], part: Option<&Manifest>) -> Vec<String> {
    let field = |heading: &str| {
        let field = mapped(heading, part).first();
        plain(field.map_or(heading, String::as_str))
    };
    let fields: Vec<String> = headings.iter().map(|heading| field(heading)).collect();
    // Tools that keep tables in memory put a number behind a heading that is there twice.
    let first = |heading: &String| {
        let (first, number) = heading.rsplit_once('.')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| field(first)).filter(|first| fields.contains(first))
    };
    let field = |(heading, field)| first(heading).unwrap_or_else(|| String::clone(field));
    headings.iter().zip(&fields).map(field).collect()
}

/// The export that a table is, with the headings that say most.
pub(super) fn recognise(
    known: &Known<'_>,
    names: &[String],
    grid: &mut Grid<'_, '_>,
    tops: &[Top],
    part: Option<&Manifest>,
) -> Result<Option<Found>, Problem> {
    for top in tops {
        let found = |(head, headings): (Head, Vec<String>)| {
            let mut found = by_headings(known, names, &fields(&headings, part), head, grid)?;
            found.tear_all(known, &headings, part);
            Some(found)
        };
        let found: Vec<Found> = top.heads().filter_map(found).collect();
        // Of those that say as much the first.
        if let Some(best) = found.into_iter().rev().max_by_key(Found::said) {
            return Ok(Some(best));
        }
    }
    by_features(known, grid, tops, part)
}

impl Found {
    /// A table with columns of an export.
    fn new(
        export: usize,
        are_records: bool,
        headings: Vec<String>,
        columns: Vec<Option<usize>>,
        head: Head,
    ) -> Self {
        let mut found = Self {
            export,
            are_records,
            headings: Vec::new(),
            columns,
            doubles: Vec::new(),
            torn: BTreeSet::new(),
            deleted: Vec::new(),
            head,
        };
        for heading in headings {
            found.heading(heading);
        }
        found
    }

    /// Takes another heading of the table.
    fn heading(&mut self, heading: String) {
        let number = self.headings.len();
        if DELETED.contains(&heading.as_str()) {
            self.deleted.push(number);
        }
        let is_same = |column: &Option<usize>| {
            column.is_some_and(|column| self.headings.get(column) == Some(&heading))
        };
        let columns = self.columns.iter().enumerate().filter(|(_, column)| is_same(column));
        self.doubles.extend(columns.map(|(of, _)| (of, number)));
        self.headings.push(heading);
    }

    /// Takes what a manifest says of headings that stand for several fields.
    fn tear_all(&mut self, known: &Known<'_>, headings: &[String], part: Option<&Manifest>) {
        for (number, heading) in headings.iter().enumerate() {
            self.tear(known, (number, heading), part);
        }
    }

    /// A column whose heading stands for several fields may be any of them, and says nothing of
    /// any.
    fn tear(
        &mut self,
        known: &Known<'_>,
        (number, heading): (usize, &str),
        part: Option<&Manifest>,
    ) {
        let fields: BTreeSet<String> =
            mapped(heading, part).iter().map(|field| plain(field)).collect();
        let Some(export) = known.exports.get(self.export).filter(|_| fields.len() > 1) else {
            return;
        };
        let declared = self.columns.iter_mut().zip(&export.columns).enumerate();
        for (of, (column, _)) in
            declared.filter(|(_, (_, names))| names.iter().any(|name| fields.contains(name)))
        {
            *column = column.or(Some(number));
            self.torn.insert(of);
        }
    }

    /// How many columns are there.
    fn said(&self) -> usize {
        self.columns.iter().flatten().count()
    }

    /// The columns of the export whose heading is there more than once, with how often.
    pub(super) fn several(&self) -> BTreeMap<usize, usize> {
        let mut several = BTreeMap::new();
        for (of, _) in &self.doubles {
            *several.entry(*of).or_insert(1) += 1;
        }
        several
    }
}

/// The export by its name or its headings; an empty list has only a name.
fn by_headings(
    known: &Known<'_>,
    names: &[String],
    headings: &[String],
    head: Head,
    grid: &Grid<'_, '_>,
) -> Option<Found> {
    let called = names.iter().find_map(|name| by_name(known, name, headings));
    let export = called.or_else(|| by_marks(known, headings))?;
    let columns = columns(known, export, headings);
    let found = Found::new(export, grid.are_records(), headings.to_vec(), columns, head);
    (is_usable(known.rules, &found) || grid.is_empty_list()).then_some(found)
}

/// Headings of the column that says whether a row was deleted.
const DELETED: [&str; 3] = ["isdelete", "isdeleted", "removed"];

fn by_name(known: &Known<'_>, name: &str, headings: &[String]) -> Option<usize> {
    let names = called(name);
    let is_called =
        |(_, export): &(usize, &Plain)| export.names.iter().any(|known| names.contains(known));
    // An entity and a table may have names that differ in case only: the headings say which it is.
    let matching =
        |(number, _): &(usize, &Plain)| columns(known, *number, headings).iter().flatten().count();
    let called = known.exports.iter().enumerate().filter(is_called);
    called.max_by_key(matching).map(|(number, _)| number)
}

/// What a table may be called by the name of its file: without the number of its page, without the
/// name of the project that made it.
fn called(name: &str) -> Vec<String> {
    let whole = [name, without_number(name)];
    let cut = |name: &str| {
        let entity = |(place, _)| name.get(place + 1..).map(plain);
        name.match_indices('-').filter_map(entity).collect::<Vec<_>>()
    };
    whole.iter().map(|name| plain(name)).chain(whole.into_iter().flat_map(cut)).collect()
}

/// The export with the most marks, all of which the headings have.
fn by_marks(known: &Known<'_>, headings: &[String]) -> Option<usize> {
    let marked = |(_, export): &(usize, &Plain)| {
        !export.marks.is_empty() && export.marks.iter().all(|mark| headings.contains(mark))
    };
    let marked = known.exports.iter().enumerate().rev().filter(marked);
    marked.max_by_key(|(_, export)| export.marks.len()).map(|(number, _)| number)
}

/// Where the columns of an export are; of several headings for one, the first that the rules list.
fn columns(known: &Known<'_>, export: usize, headings: &[String]) -> Vec<Option<usize>> {
    let at = |name: &String| headings.iter().position(|known| known == name);
    let place = |names: &Vec<String>| names.iter().find_map(at);
    let export = known.exports.get(export);
    export.into_iter().flat_map(|export| export.columns.iter().map(place)).collect()
}

/// Whether the values under a heading of records are wanted: that of a column that was found, or
/// one that turned up in later records, which is found now.
pub(super) fn wants(
    known: &Known<'_>,
    found: &mut Found,
    (number, written): (usize, &str),
    part: Option<&Manifest>,
) -> bool {
    if number >= found.headings.len() {
        let heading = fields(&[written.to_owned()], part);
        let more = columns(known, found.export, &heading);
        for (column, _) in found.columns.iter_mut().zip(more).filter(|(_, more)| more.is_some()) {
            *column = column.or(Some(number));
        }
        for heading in heading {
            found.heading(heading);
        }
        found.tear(known, (number, written), part);
    }
    found.columns.contains(&Some(number))
        || found.deleted.contains(&number)
        || found.doubles.iter().any(|(_, double)| *double == number)
}

/// Whether the columns that tell rows apart, or join them, are there.
fn is_usable(rules: &Rules, found: &Found) -> bool {
    let Some(export) = rules.exports.get(found.export) else { return false };
    let there = |column: usize| found.columns.get(column).is_some_and(Option::is_some);
    let id = export.column("id").filter(|_| !export.joined.iter().any(|key| key == "id"));
    id.map_or_else(|| found.said() > 1, there)
}

/// A sheet of features has a column whose cells are names of features, in any language; of the rows
/// above the first of them those are its headings of which the rules know most, else the first.
/// What a column is whose heading is not known, its cells decide; where two could be it, neither
/// is.
fn by_features(
    known: &Known<'_>,
    grid: &mut Grid<'_, '_>,
    tops: &[Top],
    part: Option<&Manifest>,
) -> Result<Option<Found>, Problem> {
    let rules = known.rules;
    let is_sheet = |export: &&Export| export.kind == "feature" && export.form == ExportForm::Entity;
    let Some(export) = rules.exports.iter().position(|export| is_sheet(&export)) else {
        return Ok(None);
    };
    for top in tops {
        // Headings stand above the names; a row of one cell is a title.
        let names =
            |row: &Vec<String>| row.iter().any(|cell| values::feature(rules, cell).is_some());
        // Where nothing is named yet, headings may end anywhere.
        let first = top.rows().position(names).unwrap_or(usize::MAX);
        let is_head = |(head, headings): &(Head, Vec<String>)| {
            let cells = headings.iter().filter(|heading| !heading.is_empty()).count();
            head.end() <= first && (cells > 1 || headings.len() == 1)
        };
        let heads = top.heads().filter(is_head);
        let weighed = |(head, headings): (Head, Vec<String>)| {
            let own = fields(&headings, part);
            let said = columns(known, export, &own).into_iter().flatten().count();
            (said, head, own, headings)
        };
        let best = heads.map(weighed).collect::<Vec<_>>().into_iter().rev();
        let Some((_, head, headings, written)) = best.max_by_key(|(said, ..)| *said) else {
            continue;
        };
        let id = rules.exports.get(export).and_then(|export| export.column("id"));
        let has_id = id.is_some_and(|id| {
            columns(known, export, &headings).get(id).is_some_and(Option::is_some)
        });
        // Records name what they hold; of millions that do not, none is looked at.
        if grid.are_records() && !has_id {
            continue;
        }
        let sheet = Sheet::read(rules, grid, head, headings.len())?;
        if let Some(mut found) = sheet.found(known, export, &headings, head) {
            found.tear_all(known, &written, part);
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// What stands in the columns of a sheet of features.
struct Sheet {
    /// Whether it is a sheet of cells, not records whose values have names.
    has_cells: bool,
    /// The column of their names.
    name: Option<usize>,
    /// For each column how many cells say something, and of those how many are dates, words for yes
    /// or no, states.
    said: Vec<[usize; 4]>,
}

impl Sheet {
    fn read(
        rules: &Rules,
        grid: &mut Grid<'_, '_>,
        head: Head,
        width: usize,
    ) -> Result<Self, Problem> {
        let has_cells = !grid.are_records();
        let mut sheet = Self { has_cells, name: None, said: vec![[0; 4]; width] };
        let mut named = vec![0_usize; width];
        grid.each(head, &mut |_, cells| {
            let Some(cells) = cells else { return };
            for column in 0..cells.len() {
                // A row that ends before a column has nothing there.
                let cell = cells.get(column).unwrap_or_default().trim();
                let Some(said) = sheet.said.get_mut(column).filter(|_| !cell.is_empty()) else {
                    continue;
                };
                let is_name = values::feature(rules, cell).is_some();
                named.get_mut(column).into_iter().for_each(|count| *count += usize::from(is_name));
                let is = [
                    true,
                    super::moments::reading(cell).is_some(),
                    values::yes_no(rules, cell).is_some(),
                    values::word(rules, "feature-state", cell).is_some(),
                ];
                for (count, is) in said.iter_mut().zip(is) {
                    *count += usize::from(is);
                }
            }
        })?;
        let most = named.iter().copied().max().filter(|most| *most > 0);
        sheet.name = most.and_then(|most| named.iter().position(|count| *count == most));
        Ok(sheet)
    }

    /// The only column without a known heading whose cells are all of a kind.
    fn only(&self, kind: usize, taken: &[Option<usize>]) -> Option<usize> {
        let is_it = |(column, said): &(usize, &[usize; 4])| {
            let (all, of_kind) = (said.first(), said.get(kind));
            Some(*column) != self.name
                && !taken.contains(&Some(*column))
                && all == of_kind
                && all.is_some_and(|all| *all > 0)
        };
        let mut fitting = self.said.iter().enumerate().filter(is_it);
        let (first, second) = (fitting.next(), fitting.next());
        first.filter(|_| second.is_none()).map(|(column, _)| column)
    }

    fn found(
        &self,
        known: &Known<'_>,
        export: usize,
        headings: &[String],
        head: Head,
    ) -> Option<Found> {
        let declared = known.rules.exports.get(export)?;
        let name = self.name?;
        let mut columns = columns(known, export, headings);
        let says = |columns: &[Option<usize>], key| {
            declared.column(key).and_then(|number| columns.get(number).copied()).flatten()
        };
        let is_headed = says(&columns, "id") == Some(name);
        let unless_known = |columns: &mut Vec<Option<usize>>, key, place: Option<usize>| {
            let column = declared.column(key).and_then(|number| columns.get_mut(number));
            if let Some(column) = column {
                *column = column.or(place);
            }
        };
        if let Some(column) = declared.column("id").and_then(|number| columns.get_mut(number)) {
            *column = Some(name);
        }
        let taken = columns.clone();
        for (key, kind) in [("date", 1), ("enabled", 2), ("state", 3)] {
            let place = self.only(kind, &taken);
            unless_known(&mut columns, key, place);
        }
        // Any list may name a feature: one without headings says something of features if it has
        // cells that would.
        let is_told = ["date", "enabled", "state"].iter().any(|key| says(&columns, key).is_some());
        (is_headed || is_told && self.has_cells)
            .then(|| Found::new(export, !self.has_cells, headings.to_vec(), columns, head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pages_and_parts_are_no_part_of_a_name() {
        for name in [
            "RetailStores",
            "RetailStores-2",
            "RetailStores (3)",
            "RetailStores_part2",
            "RetailStores page 1",
        ] {
            assert_eq!(without_number(name), "RetailStores", "{name}");
        }
        assert_eq!(stem("a/b\\dbo.RETAILSTORETABLE.csv"), "RETAILSTORETABLE");
        assert_eq!(stem("RetailStores.json"), "RetailStores");
    }
}
