//! Which export a table is: by what it is called, else by its headings, else by the names of
//! features in it.

use super::read::{Grid, Manifest};
use super::refusal::Problem;
use crate::model::name::fold;
use crate::model::{Export, ExportForm, Rules};
use std::borrow::Cow;

/// An export, and where in a table its columns are.
#[derive(Debug)]
pub(super) struct Found {
    /// The number of the export in the rules.
    pub(super) export: usize,
    /// For each column of the export the column of the table.
    pub(super) columns: Vec<Option<usize>>,
}

/// Endings of files that may be exports.
const ENDINGS: [&str; 7] = [".csv", ".json", ".xml", ".txt", ".tsv", ".xlsx", ".zip"];

/// Whether a file may be an export by its name.
pub(super) fn may_be_export(path: &str) -> bool {
    let name = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
        || !name.rsplit('/').next().unwrap_or_default().contains('.')
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

/// A name as it is compared: letters and digits.
fn plain(name: &str) -> String {
    fold(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether a table holds asynchronous customers, of whom nothing is read.
pub(super) fn holds_customers(names: &[String], headings: &[String]) -> bool {
    let asynchronous = |name: &String| {
        let name = plain(name);
        name.starts_with("retailasync") || name == "retailexternalidtoasynccustomermap"
    };
    names.iter().any(asynchronous)
        || headings.iter().any(|heading| plain(heading) == "custaccountasync")
}

/// Headings as the entity calls its fields, where a manifest says which is which.
pub(super) fn fields(headings: Vec<String>, part: Option<&Manifest>) -> Vec<String> {
    let Some(part) = part else { return headings };
    let field =
        |heading: String| part.fields.get(&heading.to_lowercase()).cloned().unwrap_or(heading);
    headings.into_iter().map(field).collect()
}

/// The export that a table is.
pub(super) fn recognise(
    rules: &Rules,
    names: &[String],
    headings: &[String],
    grid: &Grid<'_>,
) -> Result<Option<Found>, Problem> {
    let headings: Vec<String> = headings.iter().map(|heading| plain(heading)).collect();
    let called = names.iter().find_map(|name| by_name(rules, name, &headings));
    let found = called.or_else(|| by_marks(rules, &headings));
    let found = found.map(|export| Found { export, columns: columns(rules, export, &headings) });
    match found {
        Some(found) if is_usable(rules, &found) => Ok(Some(found)),
        _ => by_features(rules, &headings, grid),
    }
}

fn by_name(rules: &Rules, name: &str, headings: &[String]) -> Option<usize> {
    let names = [plain(name), plain(without_number(name))];
    let is_called = |export: &Export| {
        let mut all = std::iter::once(&export.id).chain(&export.names);
        all.any(|known| names.contains(&plain(known)))
    };
    let called = |(_, export): &(usize, &Export)| is_called(export);
    // An entity and a table may have names that differ in case only: the headings say which it is.
    let matching =
        |(number, _): &(usize, &Export)| columns(rules, *number, headings).iter().flatten().count();
    rules.exports.iter().enumerate().filter(called).max_by_key(matching).map(|(number, _)| number)
}

/// The export with the most marks, all of which the headings have.
fn by_marks(rules: &Rules, headings: &[String]) -> Option<usize> {
    let marked = |export: &Export| {
        !export.marks.is_empty() && export.marks.iter().all(|mark| headings.contains(&plain(mark)))
    };
    let marked = rules.exports.iter().enumerate().rev().filter(|(_, export)| marked(export));
    marked.max_by_key(|(_, export)| export.marks.len()).map(|(number, _)| number)
}

/// Where the columns of an export are; of several headings for one, the first that the rules list.
fn columns(rules: &Rules, export: usize, headings: &[String]) -> Vec<Option<usize>> {
    let columns =
        rules.exports.get(export).map(|export| export.columns.as_slice()).unwrap_or_default();
    let place = |names: &Vec<String>| {
        names
            .iter()
            .map(|name| plain(name))
            .find_map(|name| headings.iter().position(|known| *known == name))
    };
    columns.iter().map(|(_, names)| place(names)).collect()
}

/// Whether the columns that tell rows apart, or join them, are there.
fn is_usable(rules: &Rules, found: &Found) -> bool {
    let Some(export) = rules.exports.get(found.export) else { return false };
    let there = |column: usize| found.columns.get(column).is_some_and(Option::is_some);
    export.column("id").map_or_else(|| found.columns.iter().flatten().count() > 1, there)
}

/// A sheet of features has a column whose cells are names of features, in any language; where none
/// of the other headings is known, columns stand in the order of the page: name, enable date,
/// added, state.
fn by_features(
    rules: &Rules,
    headings: &[String],
    grid: &Grid<'_>,
) -> Result<Option<Found>, Problem> {
    let is_sheet = |export: &&Export| export.kind == "feature" && export.form == ExportForm::Entity;
    let Some(export) = rules.exports.iter().position(|export| is_sheet(&export)) else {
        return Ok(None);
    };
    let mut name = None;
    grid.each(&mut |_, cells| {
        if name.is_none() {
            let cells = cells.unwrap_or_default();
            let is_feature = |cell: &Cow<'_, str>| {
                !cell.is_empty() && rules.feature_named(cell.trim()).is_some()
            };
            name = cells.iter().position(is_feature);
        }
    })?;
    let (Some(name), Some(declared)) = (name, rules.exports.get(export)) else { return Ok(None) };
    let mut columns = columns(rules, export, headings);
    let is_known = columns.iter().flatten().any(|place| *place != name);
    let in_order = ["id", "date", "added", "state"].into_iter().zip(name..headings.len());
    for (key, place) in in_order.take(if is_known { 1 } else { 4 }) {
        if let Some(column) = declared.column(key).and_then(|number| columns.get_mut(number)) {
            *column = Some(place);
        }
    }
    let says = |key| {
        declared.column(key).and_then(|number| columns.get(number)).is_some_and(Option::is_some)
    };
    if !says("date") && !says("enabled") {
        return Ok(None);
    }
    Ok(Some(Found { export, columns }))
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
