//! Answers as a table in Parquet.

use super::Clerk;
use super::assumed::Assumed;
use super::csv::{assumed_text, id_text};
use crate::batch::desk::{Asked, Named, RequestId, Unanswered};
use crate::batch::hints::Hints;
use crate::columnar::{TableColumn, TableText, TableValues, TableWriter};
use crate::engine::{Channel, Engine};
use crate::model::OperationId;
use std::io::{self, Write};

/// So many rows make a row group.
const GROUP_ROWS: usize = 128 << 10;

/// Answers requests by rows of a table.
#[derive(Debug)]
pub struct TableClerk<'e> {
    engine: &'e Engine,
    assumed: Assumed<'e>,
    has_numbers: bool,
    part: TablePart,
}

/// The answers to a piece of requests.
#[derive(Debug, Default)]
pub struct TablePart {
    numbers: Vec<Option<i64>>,
    texts: Vec<Option<TableText>>,
    rows: Vec<AnsweredRow>,
    /// How many of the requests were not valid.
    pub refused: u64,
}

#[derive(Debug)]
enum AnsweredRow {
    Decided { operation: OperationId, channel: usize, rule: usize, assumed: Option<TableText> },
    Refused(Box<RefusedRow>),
}

#[derive(Debug)]
struct RefusedRow {
    message: String,
    /// What may be meant is told behind the message.
    unknown: Option<(Named, String)>,
}

impl<'e> TableClerk<'e> {
    /// Answers of an engine; ids are all whole numbers, or texts.
    pub fn new(engine: &'e Engine, has_numbers: bool) -> Self {
        let assumed = Assumed::new(engine, assumed_text);
        Self { engine, assumed, has_numbers, part: TablePart::default() }
    }

    fn id(&mut self, id: RequestId<'_>) {
        if self.has_numbers {
            let number = if let RequestId::Number(number) = id { Some(number) } else { None };
            self.part.numbers.push(number);
        } else {
            let text = id_text(id).map(|text| TableText::from(&*text));
            self.part.texts.push(text);
        }
    }
}

impl Clerk for TableClerk<'_> {
    type Part = TablePart;

    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked) {
        let channel = asked.channel(self.engine);
        let decision = match channel.decide(asked.operation, asked.situation) {
            Ok(decision) => decision,
            Err(error) => return self.refuse(id, place, Unanswered::Told(&error.to_string())),
        };
        self.id(id);
        let assumed = Some(self.assumed.of(asked)).filter(|text| !text.is_empty());
        self.part.rows.push(AnsweredRow::Decided {
            operation: asked.operation,
            channel: asked.channel,
            rule: decision.rule_id().index(),
            assumed: assumed.map(TableText::from),
        });
    }

    fn refuse(&mut self, id: RequestId<'_>, place: u64, unanswered: Unanswered<'_>) {
        self.part.refused += 1;
        self.id(id);
        let (message, unknown) = match unanswered {
            Unanswered::Told(message) => (message.to_owned(), None),
            Unanswered::Unknown(named, name) => {
                (named.unknown(name).concat(), Some((named, name.to_owned())))
            }
        };
        let message = format!("line {place}: {message}");
        self.part.rows.push(AnsweredRow::Refused(Box::new(RefusedRow { message, unknown })));
    }

    fn part(&mut self) -> TablePart {
        std::mem::take(&mut self.part)
    }
}

/// Writes answers in order.
#[derive(Debug)]
pub struct AnswerTable<W: Write + Send> {
    writer: TableWriter<W>,
    has_numbers: bool,
    said: Said,
    waiting: TablePart,
}

/// The texts of answers.
#[derive(Debug)]
struct Said {
    operations: Vec<TableText>,
    channels: Vec<TableText>,
    /// What every decision by a rule says: outcome, reason, rule, basis, sources, error id.
    rules: Vec<[Option<TableText>; 6]>,
}

impl Said {
    /// The text of a row in a column, which is counted from the id on.
    fn text(&self, row: &AnsweredRow, column: usize) -> Option<TableText> {
        match (row, column) {
            (AnsweredRow::Decided { operation, .. }, 1) => {
                self.operations.get(operation.index()).cloned()
            }
            (AnsweredRow::Decided { channel, .. }, 2) => self.channels.get(*channel).cloned(),
            (AnsweredRow::Decided { assumed, .. }, 9) => assumed.clone(),
            (AnsweredRow::Decided { rule, .. }, column) => {
                self.rules.get(*rule)?.get(column.checked_sub(3)?)?.clone()
            }
            (AnsweredRow::Refused(refused), 10) => Some(TableText::from(&*refused.message)),
            (AnsweredRow::Refused(_), _) => None,
        }
    }
}

/// The columns behind the id.
const COLUMNS: [&str; 10] = [
    "operation",
    "channel",
    "outcome",
    "reason",
    "rule",
    "basis",
    "sources",
    "error_id",
    "assumed",
    "error",
];

impl<W: Write + Send> AnswerTable<W> {
    /// A table of answers of an engine.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn new(engine: &Engine, has_numbers: bool, to: W) -> io::Result<Self> {
        let id = if has_numbers { TableColumn::Number("id") } else { TableColumn::Text("id") };
        let columns: Vec<TableColumn> =
            std::iter::once(id).chain(COLUMNS.map(TableColumn::Text)).collect();
        let rules = engine.rules();
        let said = rules.rules.iter().map(|rule| {
            let error_id = rule.error_id.as_deref();
            [
                Some(rule.outcome.as_str()),
                Some(rules.reason_code(rule.reason)),
                Some(&*rule.id),
                Some(rule.basis.as_str()),
                Some(&*rule.sources.join(" ")),
                error_id,
            ]
            .map(|text| text.map(TableText::from))
        });
        Ok(Self {
            writer: TableWriter::new(to, &columns)?,
            has_numbers,
            said: Said {
                operations: rules.operations.iter().map(|it| TableText::from(&*it.id)).collect(),
                channels: engine.channels().map(Channel::id).map(TableText::from).collect(),
                rules: said.collect(),
            },
            waiting: TablePart::default(),
        })
    }

    /// Adds answers.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn add(&mut self, mut part: TablePart, hints: &mut Hints<'_>) -> io::Result<()> {
        for row in &mut part.rows {
            if let AnsweredRow::Refused(refused) = row
                && let Some((named, name)) = refused.unknown.take()
            {
                refused.message.push_str(hints.behind(named, &name));
            }
        }
        self.waiting.numbers.append(&mut part.numbers);
        self.waiting.texts.append(&mut part.texts);
        self.waiting.rows.append(&mut part.rows);
        if self.waiting.rows.len() >= GROUP_ROWS { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> io::Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let Self { writer, has_numbers, said, .. } = self;
        let mut ids = Some(if *has_numbers {
            TableValues::Numbers(waiting.numbers)
        } else {
            TableValues::Texts(waiting.texts)
        });
        let rows = waiting.rows;
        writer.group(|column| {
            if let Some(ids) = ids.take() {
                return ids;
            }
            TableValues::Texts(rows.iter().map(|row| said.text(row, column)).collect())
        })
    }

    /// Ends the table.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.waiting.rows.is_empty() {
            self.group()?;
        }
        self.writer.finish()
    }
}
