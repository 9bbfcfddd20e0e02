//! Requests as columns of a table: what a text of a dictionary means is looked up once for each row
//! group, not once for each row.

use super::answers::Clerk;
use super::column::{Column, no_value, with_word};
use super::desk::{Asked, Desk, Named, RequestId, Unanswered};
use crate::columnar::{ColumnRun, TableRun, TableText};
use crate::model::{OperationId, Situation, SituationFact};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// It means nothing that is known.
const UNKNOWN: u32 = u32::MAX - 1;
/// There is none.
const LEFT: u32 = u32::MAX;

/// What some rows ask, column by column.
struct Rows<'r> {
    run: &'r TableRun,
    /// The number of each row's channel and operation.
    channels: Vec<u32>,
    operations: Vec<u32>,
    /// The number of each row's situation.
    situations: Vec<u8>,
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
        channels: Vec::new(),
        operations: Vec::new(),
        situations: vec![0; run.rows],
        problems: BTreeMap::new(),
        id: None,
        channel: None,
        operation: None,
    };
    for (number, (column, values)) in columns.iter().zip(&run.columns).enumerate() {
        rows.read(*column, number, values, desk);
    }
    rows.answer(answers);
}

/// The number that stands for a name.
fn numbered(found: Option<usize>) -> u32 {
    // There are at most 100,000 of them.
    found.and_then(|number| u32::try_from(number).ok()).unwrap_or(UNKNOWN)
}

impl<'r> Rows<'r> {
    fn read(&mut self, column: Column, number: usize, run: &'r ColumnRun, desk: &mut Desk<'_>) {
        let place = (self.run.group, number);
        match column {
            Column::Id => self.id = Some(run),
            Column::Channel => {
                self.channel = Some(run);
                let find = |desk: &mut Desk<'_>, name: &str| numbered(desk.channel(name));
                self.channels = meanings(run, place, self.run.rows, desk, find);
            }
            Column::Operation => {
                self.operation = Some(run);
                let find = |desk: &mut Desk<'_>, name: &str| {
                    numbered(desk.operation(name).map(OperationId::index))
                };
                self.operations = meanings(run, place, self.run.rows, desk, find);
            }
            Column::Fact(fact) => self.fact(fact, place, run, desk),
        }
    }

    fn fact(
        &mut self,
        fact: SituationFact,
        place: (usize, usize),
        run: &'r ColumnRun,
        desk: &mut Desk<'_>,
    ) {
        // What is not given has its default, whose number is none.
        let added = |word: &str| {
            let with = with_word(Situation::default(), fact, word);
            with.map_or(UNKNOWN, |with| numbered(Some(with.index())))
        };
        let truth = Situation::default().with(fact, 1).index();
        if let ColumnRun::Flags(flags) = run
            && fact.is_truth()
            && let Ok(truth) = u8::try_from(truth)
        {
            for (situation, flag) in self.situations.iter_mut().zip(flags) {
                *situation += if *flag == Some(true) { truth } else { 0 };
            }
            return;
        }
        let meanings = meanings(run, place, self.run.rows, desk, |_, word| added(word));
        let mut unknown = false;
        for (situation, meaning) in self.situations.iter_mut().zip(&meanings) {
            // All of them together are less than 216.
            #[expect(clippy::cast_possible_truncation, reason = "what is known is less than 216")]
            let known = if *meaning < UNKNOWN { *meaning as u8 } else { 0 };
            *situation = situation.wrapping_add(known);
            unknown |= *meaning == UNKNOWN;
        }
        if unknown {
            let rows = meanings.iter().enumerate().filter(|(_, meaning)| **meaning == UNKNOWN);
            for (row, _) in rows {
                // It is unknown as a word that is there.
                let word = text(run, row).unwrap_or_default();
                self.problems.entry(row).or_insert_with(|| no_value(fact, &word));
            }
        }
    }

    fn answer(&self, answers: &mut impl Clerk) {
        let names = self.channels.iter().zip(&self.operations);
        for (row, ((channel, operation), situation)) in names.zip(&self.situations).enumerate() {
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
            if *channel < UNKNOWN
                && *operation < UNKNOWN
                && (self.problems.is_empty() || !self.problems.contains_key(&row))
                && let Some(operation) = OperationId::checked(*operation as usize)
                && let Some(situation) = Situation::from_index(usize::from(*situation))
            {
                let channel = *channel as usize;
                answers.answer(id, place, Asked { channel, operation, situation });
            } else {
                self.refuse(row, (*channel, *operation), |why| answers.refuse(id, place, why));
            }
        }
    }

    /// Tells why a row is no request.
    #[cold]
    fn refuse(
        &self,
        row: usize,
        (channel, operation): (u32, u32),
        mut tell: impl FnMut(Unanswered<'_>),
    ) {
        if let Some(problem) = self.problems.get(&row) {
            return tell(Unanswered::Told(problem));
        }
        let name = |run: Option<&'r ColumnRun>| {
            // What is unknown is so by a name that is there.
            run.and_then(|run| text(run, row)).unwrap_or_default()
        };
        match (channel, operation) {
            (_, LEFT) => tell(Unanswered::Told("missing key `operation`")),
            (LEFT, _) => tell(Unanswered::Told("missing key `channel`")),
            (UNKNOWN, _) => tell(Unanswered::Unknown(Named::Channel, &name(self.channel))),
            _ => tell(Unanswered::Unknown(Named::Operation, &name(self.operation))),
        }
    }
}

/// What the value of each row means, by `find`: of a dictionary's texts each is looked up once.
fn meanings(
    run: &ColumnRun,
    place: (usize, usize),
    rows: usize,
    desk: &mut Desk<'_>,
    find: impl Fn(&mut Desk<'_>, &str) -> u32,
) -> Vec<u32> {
    let given = |desk: &mut Desk<'_>, text: &str| match text {
        "" => LEFT,
        text => find(desk, text),
    };
    if let ColumnRun::Codes(codes, dictionary) = run {
        let known = desk.meanings(place, dictionary.len(), |desk| {
            dictionary.iter().map(|text| given(desk, &spelled(text))).collect()
        });
        return codes
            .iter()
            .map(|code| known.get(*code as usize).copied().unwrap_or(LEFT))
            .collect();
    }
    (0..rows).map(|row| text(run, row).map_or(LEFT, |text| given(desk, &text))).collect()
}
