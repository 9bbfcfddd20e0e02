//! Generated exports: the same tables in every spelling give the same facts; what is damaged joins
//! nothing; and what is not known makes no check pass or fail.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "exports/losses.rs"]
mod losses;
#[path = "exports/tables.rs"]
mod tables;

use losses::LOSSES;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, OnceLock};
use syncgate::check::{CheckResult, check};
use syncgate::import::{Imported, Importer};
use syncgate::load::InputFile;
use syncgate::model::{Deployment, Rules};
use tables::{COUNT, ExportTable, recid, tables};

/// How a table is written.
#[derive(Clone, Debug)]
struct Spelling {
    format: Format,
    encoding: Encoding,
    dates: Dates,
    /// What rows and columns are shuffled by.
    keys: Vec<u16>,
    /// Whether its name, or its headings, are in small letters.
    small: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Format {
    Csv(char),
    Titled,
    Typed,
    Odata,
    Bare,
    Lines,
    Wrapped,
    Elements,
    Attributes,
    Package,
    Workbook,
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf8Mark,
    Utf16,
}

#[derive(Clone, Copy, Debug)]
enum Dates {
    Iso,
    Sql,
    UnitedStates,
    German,
    Offset,
    Named,
}

/// How many sets are tried: more where the environment asks for a longer run.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn cases(usual: u32) -> u32 {
    let times = std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|times| times.parse::<u32>().ok());
    usual * times.unwrap_or(1)
}

fn rules() -> &'static Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    RULES.get_or_init(Rules::embedded)
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let format = select(vec![
        Format::Csv(','),
        Format::Csv(';'),
        Format::Csv('\t'),
        Format::Titled,
        Format::Typed,
        Format::Odata,
        Format::Bare,
        Format::Lines,
        Format::Wrapped,
        Format::Elements,
        Format::Attributes,
        Format::Package,
        Format::Workbook,
    ]);
    let encoding = select(vec![Encoding::Utf8, Encoding::Utf8Mark, Encoding::Utf16]);
    let dates = select(vec![
        Dates::Iso,
        Dates::Sql,
        Dates::UnitedStates,
        Dates::German,
        Dates::Offset,
        Dates::Named,
    ]);
    (format, encoding, dates, prop::collection::vec(any::<u16>(), 12), any::<bool>()).prop_map(
        |(format, encoding, dates, keys, small)| Spelling { format, encoding, dates, keys, small },
    )
}

impl Dates {
    /// A moment as it is spelled; other texts stay.
    fn spell(self, text: &str) -> String {
        let Ok(moment) =
            jiff::fmt::strtime::parse("%Y-%m-%d %H:%M", text).and_then(|m| m.to_datetime())
        else {
            return text.to_owned();
        };
        let at = |format: &str| jiff::fmt::strtime::format(format, moment).unwrap();
        match self {
            Self::Iso => at("%Y-%m-%dT%H:%M:00Z"),
            Self::Sql => at("%Y-%m-%d %H:%M:00.000"),
            Self::UnitedStates => at("%-m/%-d/%Y %-I:%M:00 %p"),
            Self::German => at("%d.%m.%Y %H:%M"),
            Self::Offset => {
                let moment = moment + jiff::Span::new().hours(2);
                jiff::fmt::strtime::format("%Y-%m-%d %H:%M:00 +02:00", moment).unwrap()
            }
            Self::Named => at("%b %-d %Y  %-I:%M%p"),
        }
    }
}

/// The numbers below `count` in the order of some keys.
fn shuffled(count: usize, keys: &[u16]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|number| {
        ((usize::from(keys[number % keys.len()]) * (number + 7)) % 0x1_0001, *number)
    });
    order
}

/// The file of a table in a spelling.
fn write(table: &ExportTable, spelling: &Spelling) -> (String, Vec<u8>) {
    let columns = shuffled(table.headings.len(), &spelling.keys);
    let case = |text: &str| if spelling.small { text.to_lowercase() } else { text.to_owned() };
    let headings: Vec<String> =
        columns.iter().map(|column| case(table.headings[*column])).collect();
    let row = |number: usize| -> Vec<String> {
        columns.iter().map(|column| spelling.dates.spell(&table.rows[number][*column])).collect()
    };
    let rows: Vec<Vec<String>> =
        shuffled(table.rows.len(), &spelling.keys).into_iter().map(row).collect();
    let objects = || -> Vec<serde_json::Value> {
        let object = |row: &Vec<String>| {
            let cells =
                headings.iter().cloned().zip(row.iter().map(|cell| serde_json::json!(cell)));
            serde_json::Value::Object(cells.collect())
        };
        rows.iter().map(object).collect()
    };
    let csv = |delimiter: char, above: &str| {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter as u8)
            .flexible(true)
            .from_writer(Vec::new());
        writer.write_record(&headings).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        format!("{above}{}", String::from_utf8(writer.into_inner().unwrap()).unwrap())
    };
    let context = format!("https://contoso.example/data/$metadata#{}", table.name);
    let (ending, text) = match spelling.format {
        Format::Csv(delimiter) => ("csv", csv(delimiter, "")),
        Format::Titled => ("csv", csv(',', "An export of ours\r\n")),
        Format::Typed => ("csv", csv(',', "#TYPE Selected.Row\r\n")),
        Format::Package => ("csv", csv(',', "")),
        Format::Workbook => ("xlsx", String::new()),
        Format::Odata => {
            ("json", serde_json::json!({"@odata.context": context, "value": objects()}).to_string())
        }
        Format::Bare => ("json", serde_json::json!(objects()).to_string()),
        Format::Lines => {
            ("jsonl", objects().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
        Format::Wrapped => (
            "json",
            serde_json::json!({"statusCode": 200, "body": {"value": objects()}}).to_string(),
        ),
        Format::Elements | Format::Attributes => {
            ("xml", xml(&headings, &rows, table.name, spelling.format))
        }
    };
    let bytes = match spelling.encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf8Mark => format!("\u{feff}{text}").into_bytes(),
        Encoding::Utf16 => {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        }
    };
    let name = format!("{}.{ending}", case(table.name));
    match spelling.format {
        Format::Package => packed(table.name, &name, &bytes),
        Format::Workbook => (name, workbook(&headings, &rows)),
        _ => (name, bytes),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn xml(headings: &[String], rows: &[Vec<String>], name: &str, format: Format) -> String {
    let mut text = "<Document>\n".to_owned();
    for row in rows {
        let is_short = format == Format::Attributes;
        let _ = write!(text, "<{name}{}", if is_short { "" } else { ">" });
        for (heading, cell) in headings.iter().zip(row) {
            let cell = escaped(cell);
            let _ = if is_short {
                write!(text, " {heading}=\"{cell}\"")
            } else {
                write!(text, "<{heading}>{cell}</{heading}>")
            };
        }
        let _ = if is_short { writeln!(text, "/>") } else { writeln!(text, "</{name}>") };
    }
    text + "</Document>\n"
}

/// A workbook with one sheet, a title above its headings.
fn workbook(headings: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
    let above = [vec!["An export of ours".to_owned()], headings.to_vec()];
    let lines = above.iter().chain(rows).enumerate();
    let mut cells = String::new();
    for (row, line) in lines {
        let _ = write!(cells, "<row r=\"{}\">", row + 1);
        for (column, cell) in line.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let place = char::from(b'A' + u8::try_from(column).unwrap());
            let text = escaped(cell);
            let _ = write!(
                cells,
                "<c r=\"{place}{}\" t=\"inlineStr\"><is><t>{text}</t></is></c>",
                row + 1
            );
        }
        cells.push_str("</row>");
    }
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" \
             Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let members = [
        ("[Content_Types].xml", format!("<Types xmlns=\"{PACKAGE}/content-types\"/>")),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Sheet1\" \
                 sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{cells}</sheetData></worksheet>"),
        ),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in &members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A package that holds the file under another name, which its manifest explains.
fn packed(table: &str, file: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let manifest = format!(
        "<DataManagementPackageManifest><PackageEntityList><DataManagementPackageEntityData>\
         <EntityName>{table}</EntityName><InputFilePath>part.csv</InputFilePath>\
         </DataManagementPackageEntityData></PackageEntityList></DataManagementPackageManifest>"
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [("Manifest.xml", manifest.as_bytes()), ("part.csv", bytes)] {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    (format!("{file}.zip"), zip.finish().unwrap().into_inner())
}

fn import(files: &[(String, Vec<u8>)]) -> Imported {
    let mut importer = Importer::new(rules());
    for (path, bytes) in files {
        importer.add(path, bytes.clone()).unwrap();
    }
    importer.finish(Some("2026-11-20T08:00:00Z".parse().unwrap()))
}

/// The plainest spelling.
fn plain_spelling() -> &'static Spelling {
    static PLAIN: OnceLock<Spelling> = OnceLock::new();
    PLAIN.get_or_init(|| Spelling {
        format: Format::Csv(','),
        encoding: Encoding::Utf8,
        dates: Dates::Iso,
        keys: vec![0],
        small: false,
    })
}

fn plainly(tables: &[ExportTable]) -> Imported {
    let files: Vec<_> = tables.iter().map(|table| write(table, plain_spelling())).collect();
    import(&files)
}

/// The facts of an import: of each record, whatever their order, its lines without comments.
fn facts(imported: &Imported) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    let (mut head, mut id) = (String::new(), String::new());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in imported.made.toml.lines() {
        let line = line.split(" # ").next().unwrap().trim();
        if line.starts_with('[') {
            line.clone_into(&mut head);
            id.clear();
        } else if let Some((key, value)) = line.split_once(" = ").filter(|_| !line.starts_with('#'))
        {
            if id.is_empty() {
                value.clone_into(&mut id);
                // Schedules of one job are told apart by nothing but their number.
                *counts.entry(format!("{head} {id}")).or_default() += 1;
            }
            let mut parts: Vec<&str> = value.trim_matches(['[', ']']).split(", ").collect();
            parts.sort_unstable();
            facts.insert(format!("{head} {id} {key} = {}", parts.join(", ")));
        }
    }
    facts.extend(counts.into_iter().map(|(record, count)| format!("{record}: {count}")));
    facts
}

/// How each check ends, in the deployment that an import makes.
fn results(imported: &Imported) -> BTreeMap<String, CheckResult> {
    let file = |path: &str, text: &str| InputFile {
        path: path.to_owned(),
        bytes: Ok(text.as_bytes().to_vec()),
    };
    let answers = "[deployment]\ncommerce-version = \"10.0.40\"\nas-of = 2026-11-20T08:00:00Z\n";
    let files = vec![file("answers.toml", answers), file("imported.toml", &imported.made.toml)];
    let loaded = Deployment::from_files(rules(), ".", files);
    let deployment = loaded.valid().unwrap();
    let checked = check(deployment, Vec::new(), true);
    checked.checks.iter().map(|report| (report.code.to_string(), report.result)).collect()
}

/// The columns that hold names which the rules must know.
const NAMED: [(&str, usize); 4] = [
    ("FEATUREMANAGEMENTSTATE", 1),
    ("RETAILCONNSCHEDULE", 1),
    ("BATCHJOB", 1),
    ("RETAILCONNSCHEDULERJOBTABLE", 1),
];
/// The columns that hold record ids: of the row itself, or of another.
const RECIDS: [(&str, usize); 9] = [
    ("RETAILCHANNELTABLE", 0),
    ("RETAILCHANNELTABLE", 5),
    ("RETAILTERMINALTABLE", 1),
    ("RETAILOFFLINEPROFILE", 0),
    ("RETAILCONNDATABASEPROFILE", 2),
    ("RETAILCDXDATAGROUP", 0),
    ("RETAILCDXSCHEDULEDATAGROUP", 1),
    ("RETAILCONNSCHEDULE", 3),
    ("FEATUREMANAGEMENTMETADATA", 1),
];

fn cell<'t>(
    tables: &'t mut [ExportTable],
    (name, column): (&str, usize),
    row: Index,
) -> &'t mut String {
    let table = tables.iter_mut().find(|table| table.name == name).unwrap();
    let count = table.rows.len();
    &mut table.rows[row.index(count)][column]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(2000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_same_tables_in_every_spelling_give_the_same_facts(
        tables in tables(),
        spellings in prop::collection::vec(spelling(), COUNT),
        order in prop::collection::vec(any::<u16>(), COUNT),
    ) {
        let plain = facts(&plainly(&tables));
        let written = tables.iter().zip(&spellings);
        let written: Vec<_> = written.map(|(table, spelling)| write(table, spelling)).collect();
        let files = shuffled(written.len(), &order).into_iter();
        let files: Vec<_> = files.map(|number| written[number].clone()).collect();
        let imported = import(&files);
        let complaints: Vec<_> = imported.notes.iter().filter(|note| note.complaint).collect();
        prop_assert!(complaints.is_empty(), "{:?}", complaints);
        prop_assert_eq!(facts(&imported), plain);
    }

    #[test]
    fn a_damaged_id_joins_nothing(
        tables in tables(),
        place in select(&RECIDS[..]),
        row: Index,
        rounded: bool,
    ) {
        let before = facts(&plainly(&tables));
        let mut damaged = tables;
        let id = cell(&mut damaged, place, row);
        *id = if rounded { "5.63714E+09".to_owned() } else { format!("{id}1234560000") };
        let imported = plainly(&damaged);
        for fact in facts(&imported).iter().filter(|fact| !fact.starts_with("[deployment]")) {
            prop_assert!(before.contains(fact), "{fact} is new: {}", imported.made.toml);
        }
    }

    #[test]
    fn a_heading_that_is_there_twice_counts_where_both_say_the_same(
        tables in tables(),
        place: (Index, Index),
        differs: u8,
        spelling in spelling(),
    ) {
        // Other formats can't say it, or say it of each record.
        let format = match spelling.format {
            Format::Odata | Format::Bare | Format::Lines | Format::Wrapped | Format::Attributes => {
                Format::Workbook
            }
            format => format,
        };
        let spelling = Spelling { format, ..spelling };
        let plain = plainly(&tables);
        let known = facts(&plain);
        let number = place.0.index(tables.len());
        let mut doubled = tables.clone();
        let table = &mut doubled[number];
        let column = place.1.index(table.headings.len());
        let (name, heading) = (table.name, table.headings[column]);
        table.headings.push(heading);
        let mut is_any_other = false;
        for (row, cells) in table.rows.iter_mut().enumerate() {
            let other = match (differs >> (row % 8) & 1 == 1, cells[column].as_str()) {
                (false, cell) => cell.to_owned(),
                (true, "0") => "1".to_owned(),
                (true, "1") => "0".to_owned(),
                (true, cell) => format!("{cell}7"),
            };
            is_any_other |= other != cells[column];
            cells.push(other);
        }
        let spelled = |at| if at == number { &spelling } else { plain_spelling() };
        let files = doubled.iter().enumerate().map(|(at, table)| write(table, spelled(at)));
        let files: Vec<_> = files.collect();
        let imported = import(&files);
        // Of a column that the rules do not name nothing is read.
        let export = rules().exports.iter().find(|export| export.id == name).unwrap();
        let is_read = export.columns.iter().any(|(_, known)| known.iter().any(|it| it == heading));
        let is_told = imported.notes.iter().any(|note| note.complaint);
        prop_assert!(is_told || !is_any_other || !is_read, "{name}: {heading}");
        for fact in facts(&imported).iter().filter(|fact| !fact.starts_with("[deployment]")) {
            // Of schedules of one job there may be fewer.
            let record = fact.rsplit_once(": ").map(|(record, _)| format!("{record}: "));
            let is_fewer = |it: &String| record.as_ref().is_some_and(|of| it.starts_with(of));
            let is_known = known.contains(fact) || known.iter().any(is_fewer);
            prop_assert!(is_known, "{fact} is new: {}", imported.made.toml);
        }
    }

    #[test]
    fn what_is_not_known_makes_no_check_pass_or_fail(
        tables in tables(),
        place in select(&NAMED[..]),
        row: Index,
        adds: bool,
    ) {
        let before = results(&plainly(&tables));
        let mut less = tables;
        if adds {
            let table = less.iter_mut().find(|table| table.name == place.0).unwrap();
            let mut added = table.rows[0].clone();
            added[0] = recid(90, 1);
            added[place.1] = "Of nothing that matters".to_owned();
            table.rows.push(added);
        } else {
            let unknown = "A name that nobody knows".to_owned();
            let known = std::mem::replace(cell(&mut less, place, row), unknown.clone());
            if place.0 == "FEATUREMANAGEMENTSTATE" {
                let is_label = |table: &&mut ExportTable| table.name == "FEATUREMANAGEMENTMETADATA";
                let labels = less.iter_mut().find(is_label).unwrap();
                for row in labels.rows.iter_mut().filter(|row| row[2] == known) {
                    row[2].clone_from(&unknown);
                }
            }
        }
        let imported = plainly(&less);
        for (code, after) in results(&imported) {
            let before = before[&code];
            prop_assert!(
                after == before || after == CheckResult::Undecided,
                "{}: {:?}, then {:?}: {}",
                code,
                before,
                after,
                imported.made.toml
            );
        }
    }

    #[test]
    fn what_is_lost_makes_no_check_pass_or_fail(
        tables in tables(),
        loss in select(&LOSSES[..]),
        place: losses::Place,
    ) {
        losses::losing(&tables, loss, place)?;
    }
}
