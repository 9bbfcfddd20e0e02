//! What exports lost, one thing at a time: a cell, a row, a page. What rests on it is undecided,
//! and a decision says so; nothing else changes.

use super::tables::ExportTable;
use super::{Format, Spelling, import, plain_spelling, rules, write};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use syncgate::check::{CheckResult, check};
use syncgate::diagnostic::Code;
use syncgate::engine::Engine;
use syncgate::import::Imported;
use syncgate::load::InputFile;
use syncgate::model::Deployment;
use syncgate::whatif::typical_situations;

/// What is lost of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loss {
    /// A cell in which a spreadsheet shows an error.
    Error,
    /// A number that a spreadsheet rounded.
    Rounded,
    /// The row that a record id is of.
    Nowhere,
    /// A row, which has a cell too many.
    Row,
    /// The row and all behind it, which stand on another page.
    Page,
}

pub(crate) const LOSSES: [Loss; 5] =
    [Loss::Error, Loss::Rounded, Loss::Nowhere, Loss::Row, Loss::Page];

/// Where something is lost: the number of the table, the column, the row.
pub(crate) type Place = (Index, Index, Index);

/// The files of tables of which something was lost, and what that is.
pub(crate) fn with_loss(
    tables: &[ExportTable],
    loss: Loss,
    place: Place,
) -> (Vec<(String, Vec<u8>)>, String) {
    let number = place.0.index(tables.len());
    let mut table = tables[number].clone();
    let read = read_columns(&table);
    let (key, column) = read[place.1.index(read.len())].clone();
    let row = place.2.index(table.rows.len());
    let told = format!("{loss:?} of {} in row {row} of {}", table.headings[column], table.name);
    let cell = &mut table.rows[row][column];
    let mut spelling = plain_spelling().clone();
    match loss {
        Loss::Row => {}
        Loss::Page => {
            table.rows.truncate(row);
            spelling = Spelling { format: Format::Odata, ..spelling };
        }
        // Of a cell that says nothing there is nothing to lose.
        _ if cell.is_empty() => {}
        Loss::Error => "#N/A".clone_into(cell),
        Loss::Rounded => "5.63714E+09".clone_into(cell),
        Loss::Nowhere if may_be_nowhere(table.name, &key, cell) => "5637999999".clone_into(cell),
        Loss::Nowhere => {}
    }
    let files = tables.iter().enumerate().map(|(at, other)| match loss {
        _ if at != number => write(other, plain_spelling()),
        Loss::Row => torn(write(&table, &spelling), row),
        Loss::Page => with_next(write(&table, &spelling)),
        _ => write(&table, &spelling),
    });
    (files.collect(), told)
}

/// Whether a cell refers to a row that has to be there: a name is kept where its row is not, and
/// databases are used by channels too that no export has.
fn may_be_nowhere(table: &str, key: &str, cell: &str) -> bool {
    let is_any_channel = (table, key) == ("RETAILCDXDATASTORECHANNEL", "channel-recid");
    key.ends_with("-recid") && cell != "0" && !is_any_channel
}

/// The columns that the rules name, with what each holds.
fn read_columns(table: &ExportTable) -> Vec<(String, usize)> {
    let export = rules().exports.iter().find(|export| export.id == table.name).unwrap();
    let named = export.columns.iter().filter_map(|(key, headings)| {
        let column = table
            .headings
            .iter()
            .position(|heading| headings.iter().any(|known| known.eq_ignore_ascii_case(heading)))?;
        Some((key.clone(), column))
    });
    named.collect()
}

/// The file with a cell too many in a row.
fn torn((name, bytes): (String, Vec<u8>), row: usize) -> (String, Vec<u8>) {
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines[row + 1].push_str(",one more");
    (name, (lines.join("\n") + "\n").into_bytes())
}

/// The file with the address of the next page.
fn with_next((name, bytes): (String, Vec<u8>)) -> (String, Vec<u8>) {
    let mut page: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    page["@odata.nextLink"] = "https://contoso.example/data/next".into();
    (name, page.to_string().into_bytes())
}

/// A deployment that an import made, with what people answer, and what is found of it.
pub(crate) struct Outcome {
    deployment: Deployment,
    /// How each check ended, and how many subjects it looked at.
    results: BTreeMap<Code, (CheckResult, usize)>,
    /// What is wrong, and of what.
    found: BTreeSet<(Code, String)>,
}

impl Outcome {
    pub(crate) fn of(imported: &Imported) -> Self {
        let toml = &imported.made.toml;
        let file = |path: &str, text: &str| InputFile {
            path: path.to_owned(),
            bytes: Ok(text.as_bytes().to_vec()),
        };
        let files = vec![file("answers.toml", &answers(toml)), file("imported.toml", toml)];
        let loaded = Deployment::from_files(rules(), ".", files);
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        let results = checked.checks.iter();
        let results = results.map(|report| (report.code, (report.result, report.examined)));
        let results = results.collect();
        let found = checked.findings.iter().filter(|finding| finding.code != Code::UNDECIDED);
        let found = found.map(|finding| {
            let subject = finding.subject.as_ref();
            (finding.code, subject.map(|subject| subject.id.clone()).unwrap_or_default())
        });
        let found = found.collect();
        Self { deployment, results, found }
    }

    /// Whether another one, of which less is known, says nothing else.
    pub(crate) fn compare(&self, less: &Self) -> Result<(), TestCaseError> {
        for (code, (after, examined)) in &less.results {
            let (before, known) = self.results[code];
            // Where it is not known whether it applies, and it is right if it does.
            let is_right = (before, *after) == (CheckResult::NotApplicable, CheckResult::Pass)
                && *examined > known;
            prop_assert!(
                *after == before || *after == CheckResult::Undecided || is_right,
                "{code}: {before:?} became {after:?}"
            );
        }
        let new: Vec<_> = less.found.difference(&self.found).collect();
        prop_assert!(new.is_empty(), "found only where less is known: {new:?}");
        let before = Engine::new(rules(), &self.deployment).unwrap();
        decisions_tell(&before, &Engine::new(rules(), &less.deployment).unwrap())
    }
}

/// A decision that rests on a fact which is another where less is known says that it is not given.
fn decisions_tell(before: &Engine, after: &Engine) -> Result<(), TestCaseError> {
    for channel in after.channels() {
        let Ok(known) = before.channel(channel.id()) else { continue };
        for name in before.rules().operations.iter().map(|operation| &operation.id) {
            let operation = before.operation(name).unwrap();
            for column in typical_situations() {
                let Ok(trace) = channel.trace(operation, column.situation) else { continue };
                let Ok(decision) = known.decide(operation, column.situation) else { continue };
                prop_assert!(
                    decision.rule() == trace.decision().rule() || !trace.assumed().is_empty(),
                    "{name} at {}: {} became {} and assumes nothing",
                    channel.id(),
                    decision.rule(),
                    trace.decision().rule()
                );
            }
        }
    }
    Ok(())
}

/// What people answer: for each record that was imported all that no export holds and decides.
fn answers(imported: &str) -> String {
    let mut answers = "[deployment]\ncommerce-version = \"10.0.40\"\n\
        as-of = 2026-11-20T08:00:00Z\n\n[targets]\npending-customer = \"3h\"\n"
        .to_owned();
    let mut seen = BTreeSet::new();
    let mut head = "";
    for line in imported.lines().map(|line| line.split(" # ").next().unwrap().trim()) {
        if line.starts_with('[') {
            head = line;
            continue;
        }
        let rest = match (head, line.split_once(" = ")) {
            ("[[channel]]", Some(("id", id))) if id.starts_with("\"S") => {
                "needs = [\"offline-customer-creation\", \"customer-orders\"]\n"
            }
            ("[[channel]]", Some(("id", _))) => "needs = []\nunmodifiable-ui-elements = true\n",
            ("[[functionality-profile]]", Some(("id", _))) => {
                "offline-customer-creation = true\noffline-order-creation = true\n\
                 default-customer-search-mode = false\n"
            }
            ("[[distribution-schedule]]", Some(("job", _))) => "recurrence = \"20m\"\n",
            ("[[batch-job]]", Some(("name", _))) => "recurrence = \"30m\"\n",
            _ => continue,
        };
        if seen.insert((head, line)) {
            let _ = write!(answers, "\n{head}\n{line}\n{rest}");
        }
    }
    answers
}

/// Whether losing something makes anything else than undecided of what was known.
pub(crate) fn losing(
    tables: &[ExportTable],
    loss: Loss,
    place: Place,
) -> Result<(), TestCaseError> {
    let whole: Vec<_> = tables.iter().map(|table| write(table, plain_spelling())).collect();
    let before = Outcome::of(&import(&whole));
    let (files, told) = with_loss(tables, loss, place);
    let imported = import(&files);
    before
        .compare(&Outcome::of(&imported))
        .map_err(|error| TestCaseError::fail(format!("{error}\n{told}\n{}", imported.made.toml)))
}
