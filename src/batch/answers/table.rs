//! Answers as a table in Parquet. What few decisions differ in is a number for each row, and is
//! written so: no text is looked at again.

use super::Clerk;
use super::assumed::Assumed;
use super::csv::{assumed_text, id_text};
use crate::batch::desk::{Asked, Named, RequestId, Unanswered};
use crate::batch::hints::Hints;
use crate::columnar::{Coded, TableColumn, TableText, TableValues, TableWriter};
use crate::engine::{Channel, Engine};
use crate::model::{indexed, indexed_mut};
use crate::wire::DECIDED_KEYS;
use std::collections::HashMap;
use std::io::{self, Write};

/// So many rows make a row group.
const GROUP_ROWS: usize = 128 << 10;

/// The columns by their numbers; behind [`DECIDED`] come those of [`DECIDED_KEYS`].
const ID: usize = 0;
const OPERATION: usize = 1;
const CHANNEL: usize = 2;
const DECIDED: usize = 3;
const ASSUMED: usize = DECIDED + DECIDED_KEYS.len();
const ERROR: usize = ASSUMED + 1;

/// Answers requests by rows of a table.
#[derive(Debug)]
pub struct TableClerk<'e> {
    engine: &'e Engine,
    assumed: Assumed<'e>,
    /// The place of each text of what decisions rest on in the part at hand.
    placed: Numbering,
    has_numbers: bool,
    part: TablePart,
}

/// The answers to a piece of requests.
#[derive(Debug, Default)]
pub struct TablePart {
    numbers: Vec<Option<i64>>,
    texts: Vec<Option<TableText>>,
    /// What decides each row, by number; [`Coded::NULL`] where nothing does.
    operations: Vec<u32>,
    channels: Vec<u32>,
    rules: Vec<u32>,
    /// What each decision rests on, as a place among the texts.
    assumed: Vec<u32>,
    assumed_texts: Vec<String>,
    /// Those rows that are refused.
    refused_rows: Vec<RefusedRow>,
    /// How many of the requests were not valid.
    pub refused: u64,
}

#[derive(Debug)]
struct RefusedRow {
    row: usize,
    message: String,
    /// What may be meant is told behind the message.
    unknown: Option<(Named, String)>,
    /// The line that it is told of.
    line: u64,
}

/// Numbers given anew, in the order in which they are met.
#[derive(Debug, Default)]
struct Numbering {
    /// The new number of each.
    new: Vec<u32>,
    /// Each of those that were met.
    met: Vec<u32>,
}

impl Numbering {
    /// The new number of a number; of none it is none.
    fn of(&mut self, number: u32) -> u32 {
        if number == Coded::NULL {
            return Coded::NULL;
        }
        let place = number as usize;
        if self.new.len() <= place {
            self.new.resize(place + 1, Coded::NULL);
        }
        let new = indexed_mut(&mut self.new, place);
        if *new == Coded::NULL {
            *new = counted(self.met.len());
            self.met.push(number);
        }
        *new
    }

    /// The texts that were met, of all that there are.
    fn texts(&self, all: &[TableText]) -> Vec<TableText> {
        self.met.iter().map(|number| indexed(all, *number as usize).clone()).collect()
    }
}

impl<'e> TableClerk<'e> {
    /// Answers of an engine; ids are all whole numbers, or texts.
    pub fn new(engine: &'e Engine, has_numbers: bool) -> Self {
        let assumed = Assumed::new(engine, assumed_text);
        let placed = Numbering::default();
        Self { engine, assumed, placed, has_numbers, part: TablePart::default() }
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

/// A number that counts channels, operations, rules, or the rows of a group.
#[expect(clippy::expect_used, reason = "another number would be another answer")]
fn counted(count: usize) -> u32 {
    u32::try_from(count).expect("far fewer than four billion are held at once")
}

/// What a list has for a number; for none it has none.
fn of_number(list: &[u32], number: u32) -> u32 {
    if number == Coded::NULL { Coded::NULL } else { *indexed(list, number as usize) }
}

impl Clerk for TableClerk<'_> {
    type Part = TablePart;

    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked) {
        let decision = match asked.decided(self.engine) {
            Ok(decision) => decision,
            Err(why) => return self.refuse(id, place, Unanswered::Told(&why)),
        };
        self.id(id);
        let assumed = self.assumed.number(asked);
        let is_blank = self.assumed.text(assumed).is_empty();
        let assumed = if is_blank { Coded::NULL } else { self.placed.of(assumed) };
        let part = &mut self.part;
        part.operations.push(counted(asked.operation.index()));
        part.channels.push(counted(asked.channel));
        part.rules.push(counted(decision.rule_id().index()));
        part.assumed.push(assumed);
    }

    fn refuse(&mut self, id: RequestId<'_>, place: u64, unanswered: Unanswered<'_>) {
        self.id(id);
        let (message, unknown) = match unanswered {
            Unanswered::Told(message) => (message.to_owned(), None),
            Unanswered::Unknown(named, name) => {
                (named.unknown(name).concat(), Some((named, name.to_owned())))
            }
        };
        let message = format!("line {place}: {message}");
        let part = &mut self.part;
        part.refused += 1;
        part.refused_rows.push(RefusedRow { row: part.rules.len(), message, unknown, line: place });
        for column in [&mut part.operations, &mut part.channels, &mut part.rules, &mut part.assumed]
        {
            column.push(Coded::NULL);
        }
    }

    fn part(&mut self) -> TablePart {
        let met = std::mem::take(&mut self.placed).met;
        let mut part = std::mem::take(&mut self.part);
        part.assumed_texts = met.iter().map(|it| self.assumed.text(*it).to_owned()).collect();
        part
    }
}

/// Writes answers in order.
#[derive(Debug)]
pub struct AnswerTable<W: Write + Send> {
    writer: TableWriter<W>,
    has_numbers: bool,
    said: Said,
    waiting: TablePart,
    /// The number of each text of what decisions rest on, in the row group at hand.
    assumed: HashMap<String, u32>,
}

/// The texts of answers.
#[derive(Debug)]
struct Said {
    operations: Vec<TableText>,
    channels: Vec<TableText>,
    /// For each column that the rule alone says: its texts, and which of them each rule has.
    rules: Vec<(Vec<TableText>, Vec<u32>)>,
}

impl Said {
    fn new(engine: &Engine) -> Self {
        let rules = engine.rules();
        let said = rules.rules.iter().map(|rule| {
            [
                Some(rule.outcome.as_str().to_owned()),
                Some(rules.reason_code(rule.reason).to_owned()),
                Some(rule.id.clone()),
                Some(rule.basis.as_str().to_owned()),
                Some(rule.sources.join(" ")),
                rule.error_id.clone(),
            ]
        });
        let said: Vec<[Option<String>; DECIDED_KEYS.len()]> = said.collect();
        Self {
            operations: rules.operations.iter().map(|it| TableText::from(&*it.id)).collect(),
            channels: engine.channels().map(Channel::id).map(TableText::from).collect(),
            rules: (0..DECIDED_KEYS.len())
                .map(|column| distinct(said.iter().map(|it| it.get(column)?.as_deref())))
                .collect(),
        }
    }
}

/// Texts without those that are there twice, and which of them each is.
fn distinct<'t>(all: impl Iterator<Item = Option<&'t str>>) -> (Vec<TableText>, Vec<u32>) {
    let (mut texts, mut known, mut numbers) = (Vec::new(), HashMap::new(), Vec::new());
    for text in all {
        let Some(text) = text else {
            numbers.push(Coded::NULL);
            continue;
        };
        let next = counted(texts.len());
        let place = *known.entry(text).or_insert(next);
        if place == next {
            texts.push(TableText::from(text));
        }
        numbers.push(place);
    }
    (texts, numbers)
}

/// The texts of rows by their numbers, of which only those are written that some row has.
fn coded(numbers: impl Iterator<Item = u32>, texts: &[TableText]) -> TableValues {
    let mut numbering = Numbering::default();
    let codes = numbers.map(|number| numbering.of(number)).collect();
    TableValues::Coded(Coded { codes, texts: numbering.texts(texts) })
}

/// The rules of rows, numbered anew, and those that some row has.
struct Ruled {
    rows: Vec<u32>,
    met: Vec<u32>,
}

impl Ruled {
    fn new(rules: &[u32]) -> Self {
        let mut numbering = Numbering::default();
        let rows = rules.iter().map(|rule| numbering.of(*rule)).collect();
        Self { rows, met: numbering.met }
    }

    /// The texts of rows by the text that each rule has, looked up once for each rule.
    fn coded(&self, of_rule: &[u32], texts: &[TableText]) -> TableValues {
        let mut numbering = Numbering::default();
        let of_met = self.met.iter().map(|rule| numbering.of(of_number(of_rule, *rule)));
        let of_met: Vec<u32> = of_met.collect();
        let codes = self.rows.iter().map(|rule| of_number(&of_met, *rule)).collect();
        TableValues::Coded(Coded { codes, texts: numbering.texts(texts) })
    }
}

impl<W: Write + Send> AnswerTable<W> {
    /// A table of answers of an engine.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn new(engine: &Engine, has_numbers: bool, to: W) -> io::Result<Self> {
        let id = if has_numbers { TableColumn::Number("id") } else { TableColumn::Text("id") };
        let asked = ["operation", "channel"].into_iter();
        let others = asked.chain(DECIDED_KEYS).chain(["assumed", "error"]);
        let columns: Vec<TableColumn> =
            std::iter::once(id).chain(others.map(TableColumn::Text)).collect();
        Ok(Self {
            writer: TableWriter::new(to, &columns)?,
            has_numbers,
            said: Said::new(engine),
            waiting: TablePart::default(),
            assumed: HashMap::new(),
        })
    }

    /// Adds answers.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn add(&mut self, mut part: TablePart, hints: &mut Hints<'_>) -> io::Result<()> {
        let waiting = &mut self.waiting;
        let begin = waiting.rules.len();
        for mut refused in part.refused_rows {
            if let Some((named, name)) = refused.unknown.take() {
                refused.message.push_str(hints.behind(named, &name, refused.line));
            }
            refused.row += begin;
            waiting.refused_rows.push(refused);
        }
        let assumed: Vec<u32> = part
            .assumed_texts
            .into_iter()
            .map(|text| {
                let next = counted(self.assumed.len());
                *self.assumed.entry(text).or_insert(next)
            })
            .collect();
        waiting.assumed.extend(part.assumed.iter().map(|place| of_number(&assumed, *place)));
        waiting.numbers.append(&mut part.numbers);
        waiting.texts.append(&mut part.texts);
        waiting.operations.append(&mut part.operations);
        waiting.channels.append(&mut part.channels);
        waiting.rules.append(&mut part.rules);
        if waiting.rules.len() >= GROUP_ROWS { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> io::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut assumed: Vec<(String, u32)> =
            std::mem::take(&mut self.assumed).into_iter().collect();
        assumed.sort_by_key(|(_, number)| *number);
        let assumed: Vec<TableText> =
            assumed.iter().map(|(text, _)| TableText::from(text.as_str())).collect();
        let ruled = Ruled::new(&waiting.rules);
        let Self { writer, has_numbers, said, .. } = self;
        writer.group(|column| match column {
            ID if *has_numbers => TableValues::Numbers(std::mem::take(&mut waiting.numbers)),
            ID => TableValues::Texts(std::mem::take(&mut waiting.texts)),
            OPERATION => coded(waiting.operations.iter().copied(), &said.operations),
            CHANNEL => coded(waiting.channels.iter().copied(), &said.channels),
            ASSUMED => coded(waiting.assumed.iter().copied(), &assumed),
            ERROR => errors(std::mem::take(&mut waiting.refused_rows), waiting.rules.len()),
            column => {
                let (texts, of_rule) = indexed(&said.rules, column - DECIDED);
                ruled.coded(of_rule, texts)
            }
        })
    }

    /// Ends the table.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.waiting.rules.is_empty() {
            self.group()?;
        }
        self.writer.finish()
    }
}

/// Why rows are refused.
fn errors(refused: Vec<RefusedRow>, rows: usize) -> TableValues {
    if refused.is_empty() {
        return coded(std::iter::repeat_n(Coded::NULL, rows), &[]);
    }
    let mut messages = vec![None; rows];
    for refused in refused {
        *indexed_mut(&mut messages, refused.row) = Some(TableText::from(&*refused.message));
    }
    TableValues::Texts(messages)
}
