//! Requests as columns of a table: what a text of a dictionary means is looked up once for each row
//! group, not once for each row.

use super::answers::Clerk;
use super::column::{Column, no_value, with_word};
use super::desk::{Asked, Desk, Named, RequestId, Unanswered};
use super::meanings::Meanings;
use crate::columnar::{ColumnRun, TableRun, TableText};
use crate::model::{OperationId, Situation, SituationFact};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What names mean, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning<T> {
    Known(T),
    Unknown,
    Left,
}

/// What some rows ask, column by column.
struct Rows<'r> {
    run: &'r TableRun,
    channels: Vec<Meaning<usize>>,
    operations: Vec<Meaning<OperationId>>,
    situations: Vec<Situation>,
    /// The first thing that is wrong with a row.
    problems: BTreeMap<usize, String>,
    id: Option<&'r ColumnRun>,
    channel: Option<&'r ColumnRun>,
    operation: Option<&'r ColumnRun>,
}

/// The text of a value, `None` where none is given or it is blank.
fn text(run: &ColumnRun, row: usize) -> Option<Cow<'_, str>> {
    let text = match run {
        ColumnRun::Codes(codes, dictionary) => {
            let code = codes.get(row).filter(|code| **code != ColumnRun::NULL)?;
            dictionary.get(*code as usize).map(spelled)
        }
        ColumnRun::Texts(texts) => texts.get(row)?.as_ref().map(spelled),
        ColumnRun::Numbers(numbers) => {
            (*numbers.get(row)?).map(|number| Cow::Owned(number.to_string()))
        }
        ColumnRun::Flags(flags) => {
            (*flags.get(row)?).map(|flag| Cow::Borrowed(if flag { "true" } else { "false" }))
        }
    };
    text.filter(|text| !text.is_empty())
}

/// A text without blanks around it; one that is no UTF-8 is a name that nothing has.
fn spelled(text: &TableText) -> Cow<'_, str> {
    match String::from_utf8_lossy(text.data()) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Answers each row of a run as a request.
pub(super) fn answer_columns(
    columns: &[Column],
    run: &TableRun,
    desk: &mut Desk<'_>,
    answers: &mut impl Clerk,
) {
    let mut rows = Rows {
        run,
        channels: vec![Meaning::Left; run.rows],
        operations: vec![Meaning::Left; run.rows],
        situations: vec![Situation::default(); run.rows],
        problems: BTreeMap::new(),
        id: None,
        channel: None,
        operation: None,
    };
    for (number, (column, values)) in columns.iter().zip(&run.columns).enumerate() {
        rows.read(*column, number, values, desk);
    }
    for row in 0..run.rows {
        rows.answer(row, answers);
    }
}

impl<'r> Rows<'r> {
    fn read(&mut self, column: Column, number: usize, run: &'r ColumnRun, desk: &mut Desk<'_>) {
        match column {
            Column::Id => self.id = Some(run),
            Column::Channel => {
                self.channel = Some(run);
                let find = |desk: &mut Desk<'_>, name: &str| desk.channel(name);
                if let ColumnRun::Codes(codes, dictionary) = run {
                    let place = (self.run.group, number);
                    let Meanings::Channels(known) =
                        desk.meanings(place, dictionary.len(), |desk| {
                            let found = dictionary.iter().map(|it| desk.channel(&spelled(it)));
                            Meanings::Channels(found.collect())
                        })
                    else {
                        return;
                    };
                    look_up(&mut self.channels, run, codes, &known);
                } else {
                    find_each(&mut self.channels, run, |name| find(desk, name));
                }
            }
            Column::Operation => {
                self.operation = Some(run);
                if let ColumnRun::Codes(codes, dictionary) = run {
                    let place = (self.run.group, number);
                    let Meanings::Operations(known) =
                        desk.meanings(place, dictionary.len(), |desk| {
                            let found = dictionary.iter().map(|it| desk.operation(&spelled(it)));
                            Meanings::Operations(found.collect())
                        })
                    else {
                        return;
                    };
                    look_up(&mut self.operations, run, codes, &known);
                } else {
                    find_each(&mut self.operations, run, |name| desk.operation(name));
                }
            }
            Column::Fact(fact) => self.fact(fact, number, run, desk),
        }
    }

    fn fact(&mut self, fact: SituationFact, number: usize, run: &ColumnRun, desk: &mut Desk<'_>) {
        let value = |word: &str| {
            let value = with_word(Situation::default(), fact, word).ok()?.value(fact);
            u8::try_from(value).ok()
        };
        if let ColumnRun::Codes(codes, dictionary) = run {
            let place = (self.run.group, number);
            let meanings = desk.meanings(place, dictionary.len(), |_| {
                Meanings::Values(dictionary.iter().map(|it| value(&spelled(it))).collect())
            });
            let Meanings::Values(known) = meanings else { return };
            for (row, (code, situation)) in codes.iter().zip(&mut self.situations).enumerate() {
                match known.get(*code as usize) {
                    Some(Some(value)) => *situation = situation.with(fact, *value),
                    Some(None) => tell(&mut self.problems, fact, run, row),
                    // What is not given has its default.
                    None => {}
                }
            }
            return;
        }
        for (row, situation) in self.situations.iter_mut().enumerate() {
            let Some(word) = text(run, row) else { continue };
            match value(&word) {
                Some(value) => *situation = situation.with(fact, value),
                None => tell(&mut self.problems, fact, run, row),
            }
        }
    }

    fn answer(&self, row: usize, answers: &mut impl Clerk) {
        let place = self.run.first_row + row as u64;
        let written;
        let id = match self.id {
            None => RequestId::Left,
            Some(ColumnRun::Numbers(numbers)) => match numbers.get(row) {
                Some(Some(number)) => RequestId::Number(*number),
                _ => RequestId::Left,
            },
            Some(run) => {
                written = text(run, row);
                written.as_deref().map_or(RequestId::Left, RequestId::Text)
            }
        };
        if let Some(problem) = self.problems.get(&row) {
            return answers.refuse(id, place, Unanswered::Told(problem));
        }
        let (Some(channel), Some(operation), Some(situation)) =
            (self.channels.get(row), self.operations.get(row), self.situations.get(row))
        else {
            return;
        };
        let name = |run: Option<&'r ColumnRun>| run.and_then(|run| text(run, row));
        match (*channel, *operation) {
            (Meaning::Known(channel), Meaning::Known(operation)) => {
                answers.answer(id, place, Asked { channel, operation, situation: *situation });
            }
            (_, Meaning::Left) => {
                answers.refuse(id, place, Unanswered::Told("missing key `operation`"));
            }
            (Meaning::Left, _) => {
                answers.refuse(id, place, Unanswered::Told("missing key `channel`"));
            }
            (Meaning::Unknown, _) => {
                // It is unknown by its name.
                let name = name(self.channel).unwrap_or_default();
                answers.refuse(id, place, Unanswered::Unknown(Named::Channel, &name));
            }
            (_, Meaning::Unknown) => {
                // It is unknown by its name.
                let name = name(self.operation).unwrap_or_default();
                answers.refuse(id, place, Unanswered::Unknown(Named::Operation, &name));
            }
        }
    }
}

/// Tells that a row's value of a fact is none.
fn tell(problems: &mut BTreeMap<usize, String>, fact: SituationFact, run: &ColumnRun, row: usize) {
    // One that is blank has its default.
    let Some(word) = text(run, row) else { return };
    problems.entry(row).or_insert_with(|| no_value(fact, &word));
}

/// What each code means.
fn look_up<T: Copy>(
    meanings: &mut [Meaning<T>],
    run: &ColumnRun,
    codes: &[u32],
    known: &[Option<T>],
) {
    for (row, (meaning, code)) in meanings.iter_mut().zip(codes).enumerate() {
        *meaning = match known.get(*code as usize) {
            Some(Some(found)) => Meaning::Known(*found),
            Some(None) if text(run, row).is_some() => Meaning::Unknown,
            Some(None) | None => Meaning::Left,
        };
    }
}

/// What each name means.
fn find_each<T>(
    meanings: &mut [Meaning<T>],
    run: &ColumnRun,
    mut find: impl FnMut(&str) -> Option<T>,
) {
    for (row, meaning) in meanings.iter_mut().enumerate() {
        if let Some(name) = text(run, row) {
            *meaning = find(&name).map_or(Meaning::Unknown, Meaning::Known);
        }
    }
}
