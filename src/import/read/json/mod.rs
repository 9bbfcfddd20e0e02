//! OData and other JSON: a list of objects, bare or in one of the envelopes that tools put around
//! it, one object alone, or one on each line; records may stand in records.

mod scan;
#[cfg(test)]
mod tests;

use super::document::{Document, Records, Taker};
use super::row::{RowOf, Span};
use super::text::Text;
use super::{MAX_COLUMNS, MAX_FIELD, Problem};
use crate::wire::plain_length;
use scan::{Piece, Scan};
use std::collections::HashMap;

/// The table of the records of lists, and of those that stand alone.
const LISTED: usize = 0;
const ALONE: usize = 1;

/// Envelopes stand in one another no deeper.
const MAX_ENVELOPES: usize = 4;
/// Records stand in one another no deeper.
const MAX_RECORDS: usize = 32;

/// Under what tools put a list of records, or an envelope around one.
const INSIDE: [&str; 6] = ["value", "records", "results", "data", "body", "d"];

/// Reads a document, or several, one after the other: a list, an envelope, or records.
pub(in crate::import) fn document(
    text: &mut Text<'_>,
    taker: &mut dyn Taker,
) -> Result<Document, Problem> {
    text.rewind()?;
    let tables = vec![Gathered::default(), Gathered::default()];
    let document = Document::default();
    let mut reader = Reader { scan: Scan::new(text), taker, document, tables, is_over: false };
    while reader.scan.next()?.is_some() && !reader.is_over {
        reader.value()?;
    }
    let records = reader.tables.into_iter().map(|table| table.records);
    Ok(Document { tables: records.collect(), ..reader.document })
}

/// A table as it is read.
#[derive(Default)]
struct Gathered {
    records: Records,
    columns: HashMap<String, usize>,
    keys: Vec<Key>,
    row: RowOf,
}

/// The key of a column.
struct Key {
    /// As it is written, with quotes and colon, where that is plain.
    written: Option<Box<[u8]>>,
    /// What it says of its document.
    meta: Option<Meta>,
    /// Whether its values are wanted.
    is_wanted: bool,
}

/// What an envelope says of the records in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meta {
    Context,
    Next,
    Total,
    Count,
    Entity,
    Collection,
    Truncated,
    Taken,
}

impl Meta {
    fn of(key: &str) -> Option<Self> {
        match key {
            "@odata.context" | "odata.metadata" | "@context" => Some(Self::Context),
            "@odata.nextLink" | "odata.nextLink" | "@nextLink" => Some(Self::Next),
            "@odata.count" | "odata.count" | "@count" => Some(Self::Total),
            "recordCount" => Some(Self::Count),
            "entity" => Some(Self::Entity),
            "collection" => Some(Self::Collection),
            "truncated" => Some(Self::Truncated),
            "pulledAt" => Some(Self::Taken),
            _ => None,
        }
    }
}

/// What the members of an object say of its document.
#[derive(Default)]
struct Said(Vec<(Meta, String)>);

impl Said {
    fn of(&self, meta: Meta) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == meta).map(|(_, text)| text.as_str())
    }

    /// Whether there is more than what is here, as far as that is said: `read` records are.
    fn goes_on(&self, read: Option<u64>) -> bool {
        let is_said = |text: &str| !text.eq_ignore_ascii_case("false");
        let lacks = |count: &str| count.parse().map_or(true, |count: u64| read < Some(count));
        self.of(Meta::Next).is_some()
            || self.of(Meta::Truncated).is_some_and(is_said)
            || read.is_some() && self.of(Meta::Count).is_some_and(lacks)
    }

    /// The names of what is in it, the most trusted first.
    fn names(&self) -> impl Iterator<Item = String> {
        let set = self.of(Meta::Context).and_then(entity_set);
        [set, self.of(Meta::Collection), self.of(Meta::Entity)]
            .into_iter()
            .flatten()
            .map(str::to_owned)
    }
}

/// The entity set that a context address ends in.
fn entity_set(context: &str) -> Option<&str> {
    let (_, set) = context.rsplit_once('#')?;
    set.split(['(', '/']).next()
}

/// The records of a document, as it is read.
struct Reader<'t, 'b> {
    scan: Scan<'t, 'b>,
    taker: &'t mut dyn Taker,
    document: Document,
    tables: Vec<Gathered>,
    is_over: bool,
}

impl Reader<'_, '_> {
    fn value(&mut self) -> Result<(), Problem> {
        match self.scan.next()? {
            Some(b'[') => self.list(LISTED, 0).map(|_| ()),
            Some(b'{') => self.object(0),
            _ => self.no_record(),
        }
    }

    /// Passes a value that is no record, but stands where one should.
    fn no_record(&mut self) -> Result<(), Problem> {
        let line = self.scan.text.line();
        self.scan.skip()?;
        self.take(LISTED, line, false);
        Ok(())
    }

    /// Gives the row of a table away.
    fn take(&mut self, table: usize, line: u32, is_usable: bool) {
        let Some(reading) = self.tables.get_mut(table) else { return };
        reading.records.rows += 1;
        let row = is_usable.then(|| reading.row.row());
        self.is_over |= !self.taker.take(table, line, row);
    }

    /// The records of a list, of which the number is given.
    fn list(&mut self, table: usize, depth: usize) -> Result<u64, Problem> {
        self.scan.expect(b'[')?;
        if let Some(reading) = self.tables.get_mut(table) {
            reading.records.is_list = true;
        }
        let mut read = 0;
        let mut goes_on = !self.scan.is(b']')?;
        while goes_on {
            match self.scan.next()? {
                Some(b'{') => self.record(table, depth)?,
                // In a record a list may hold other things than records.
                _ if table == LISTED => self.no_record()?,
                _ => self.scan.skip()?,
            }
            read += 1;
            goes_on = self.goes_on(b']')?;
        }
        Ok(read)
    }

    /// A record, at its first brace.
    fn record(&mut self, table: usize, depth: usize) -> Result<(), Problem> {
        let line = self.scan.text.line();
        if depth == 0 {
            self.scan.is_broken = false;
        }
        self.begin(table);
        let mut is_twice = false;
        let mut goes_on = self.opens()?;
        while goes_on {
            if let Some(is_again) = self.plain_member(table) {
                is_twice |= is_again;
                continue;
            }
            let column = self.key(table)?;
            is_twice |= self.cell(table, column, depth)?;
            goes_on = self.goes_on(b'}')?;
        }
        let is_broken = is_twice || depth == 0 && self.scan.is_broken;
        self.take(table, line, !is_broken);
        Ok(())
    }

    /// Whether another member follows that is wanted.
    fn goes_on(&mut self, end: u8) -> Result<bool, Problem> {
        Ok(!self.is_over && self.scan.goes_on(end)?)
    }

    /// Whether an object that begins here has members.
    fn opens(&mut self) -> Result<bool, Problem> {
        self.scan.expect(b'{')?;
        Ok(!self.scan.is(b'}')?)
    }

    fn begin(&mut self, table: usize) {
        if let Some(reading) = self.tables.get_mut(table) {
            reading.row.clear();
        }
    }

    /// Takes a member with the key that likely comes next and a text without escapes, up to the
    /// comma behind it, where all that is in the window and nothing else is between: so most of
    /// an export is read. `None` where it is anything else, of which nothing is passed; as
    /// [`Self::cell`] otherwise.
    #[inline]
    fn plain_member(&mut self, table: usize) -> Option<bool> {
        let reading = self.tables.get_mut(table)?;
        let column = reading.row.next;
        let Key { written: Some(key), is_wanted, .. } = reading.keys.get(column)? else {
            return None;
        };
        let text = &mut *self.scan.text;
        let value = text.rest().strip_prefix(&**key)?.strip_prefix(b"\"")?;
        // What is too long is told where it is read otherwise.
        let length = plain_length(value).filter(|length| *length < MAX_FIELD)?;
        let [b'"', b',', ..] = value.get(length..)? else { return None };
        let from = text.at + key.len() + 1;
        let is_again = *is_wanted && reading.row.set(column, text.part(from, from + length));
        reading.row.next += 1;
        text.at = from + length + 2;
        Some(is_again)
    }

    /// The column of the key that comes next, which is likely the one behind the last one.
    #[inline]
    fn key(&mut self, table: usize) -> Result<usize, Problem> {
        self.scan.next()?;
        if let Some(reading) = self.tables.get_mut(table) {
            let expected = reading.row.next;
            if let Some(Key { written: Some(key), .. }) = reading.keys.get(expected)
                && self.scan.passes(key)
            {
                reading.row.next += 1;
                return Ok(expected);
            }
        }
        let key = self.scan.string()?;
        let column = self.column(table, key)?;
        self.scan.expect(b':')?;
        Ok(column)
    }

    /// The number of the column with this heading, which is added where it is new.
    fn column(&mut self, table: usize, key: Piece) -> Result<usize, Problem> {
        let key = self.scan.piece(key);
        let Some(reading) = self.tables.get_mut(table) else { return Ok(0) };
        if let Some(column) = reading.columns.get(key).copied() {
            reading.row.next = column + 1;
            return Ok(column);
        }
        let column = reading.keys.len();
        if column >= MAX_COLUMNS {
            return Err(Problem::Columns);
        }
        let meta = Meta::of(key).filter(|_| table == ALONE);
        let is_wanted = self.taker.wants(table, column, key) || meta.is_some();
        let is_plain = !key.contains(|c: char| c.is_control() || c == '"' || c == '\\');
        let written = is_plain.then(|| format!("\"{key}\":").into_bytes().into_boxed_slice());
        reading.keys.push(Key { written, meta, is_wanted });
        reading.columns.insert(key.to_owned(), column);
        reading.records.headings.push(key.to_owned());
        reading.row.next = column + 1;
        Ok(column)
    }

    /// Keeps the value of a column, where it is wanted; `true` where the row has another already.
    #[inline]
    fn cell(&mut self, table: usize, column: usize, depth: usize) -> Result<bool, Problem> {
        let piece = match self.scan.next()? {
            Some(b'"') => self.scan.string()?,
            Some(b'-' | b'0'..=b'9') => self.scan.number()?,
            Some(b'[' | b'{') => return self.nested(table, column, depth),
            _ => return self.word(table, column),
        };
        let Some(reading) = self.tables.get_mut(table) else { return Ok(false) };
        let is_wanted = reading.keys.get(column).is_some_and(|key| key.is_wanted);
        Ok(is_wanted && reading.row.set(column, self.scan.piece(piece)))
    }

    fn word(&mut self, table: usize, column: usize) -> Result<bool, Problem> {
        let word = self.scan.word()?;
        let Some(reading) = self.tables.get_mut(table) else { return Ok(false) };
        let is_wanted = reading.keys.get(column).is_some_and(|key| key.is_wanted);
        Ok(is_wanted
            && match word {
                "null" => reading.row.mark(column, Span::Blank),
                _ => reading.row.set(column, word),
            })
    }

    /// Records that stand in another, as composite entities have them: a table of its own. Where a
    /// value was wanted, there is none; `true` where the row has another already.
    fn nested(&mut self, table: usize, column: usize, depth: usize) -> Result<bool, Problem> {
        let Some(reading) = self.tables.get_mut(table) else {
            return self.scan.skip().map(|()| false);
        };
        let is_wanted = reading.keys.get(column).is_some_and(|key| key.is_wanted);
        let is_twice = is_wanted && reading.row.mark(column, Span::Nested);
        self.records_in(table, column, depth).map(|()| is_twice)
    }

    /// The records that stand under a column of another.
    fn records_in(&mut self, table: usize, column: usize, depth: usize) -> Result<(), Problem> {
        let reading = self.tables.get_mut(table);
        let Some(name) = reading.and_then(|one| one.records.headings.get(column)).cloned() else {
            return self.scan.skip();
        };
        if depth >= MAX_RECORDS {
            return self.scan.skip();
        }
        if name == "@removed" {
            // What a delta link leaves of a deleted record.
            self.scan.skip()?;
            if let Some(reading) = self.tables.get_mut(table) {
                reading.row.set(column, "1");
            }
            return Ok(());
        }
        let known =
            self.tables.iter().position(|known| known.records.name.as_deref() == Some(&*name));
        let number = known.unwrap_or_else(|| {
            let records = Records { name: Some(name), ..Records::default() };
            self.tables.push(Gathered { records, ..Gathered::default() });
            self.tables.len() - 1
        });
        // A record of a kind may stand in another of its kind.
        let Some(outer) = self.tables.get_mut(number).map(|one| std::mem::take(&mut one.row))
        else {
            return Ok(());
        };
        if self.scan.next()? == Some(b'[') {
            self.list(number, depth + 1)?;
        } else {
            self.record(number, depth + 1)?;
        }
        if let Some(reading) = self.tables.get_mut(number) {
            reading.row = outer;
        }
        Ok(())
    }

    /// An object that stands alone: an envelope, or a record.
    fn object(&mut self, depth: usize) -> Result<(), Problem> {
        let line = self.scan.text.line();
        let taken = self.document.taken.take();
        self.scan.is_broken = false;
        // An envelope that stands in another has its own members.
        let outer = self.tables.get_mut(ALONE).filter(|_| depth > 0);
        let outer = outer.map(|one| std::mem::take(&mut one.row));
        self.begin(ALONE);
        let (mut said, mut is_twice) = (Said::default(), false);
        let (mut read, mut is_envelope) = (None, false);
        let mut goes_on = self.opens()?;
        while goes_on {
            let column = self.key(ALONE)?;
            let is_inside = self.is_inside(column);
            match self.scan.next()? {
                Some(b'[') if is_inside && read.is_none() => {
                    read = Some(self.list(LISTED, 0)?);
                    is_envelope = true;
                }
                Some(b'{') if is_inside && depth < MAX_ENVELOPES => {
                    self.object(depth + 1)?;
                    is_envelope = true;
                }
                _ => {
                    is_twice |= self.cell(ALONE, column, 1)?;
                    self.said(column, &mut said);
                }
            }
            goes_on = self.goes_on(b'}')?;
        }
        let own = said.of(Meta::Taken).map(str::to_owned);
        let document = &mut self.document;
        document.taken = document.taken.take().or(own).or(taken);
        document.goes_on |= said.goes_on(read);
        match said.of(Meta::Total).map(str::parse) {
            None => {}
            // A number of rows that can't be read may be any.
            Some(Err(_)) => document.goes_on = true,
            Some(Ok(total)) => document.total = document.total.max(Some(total)),
        }
        let names = said.names().take(if is_envelope { usize::MAX } else { 1 });
        let names: Vec<String> = names.filter(|name| !document.names.contains(name)).collect();
        document.names.splice(0..0, names);
        if !is_envelope {
            let is_usable = !is_twice && !self.scan.is_broken;
            self.take(ALONE, line, is_usable);
        }
        if let (Some(outer), Some(reading)) = (outer, self.tables.get_mut(ALONE)) {
            reading.row = outer;
        }
        Ok(())
    }

    fn is_inside(&self, column: usize) -> bool {
        let headings = self.tables.get(ALONE).map(|one| &one.records.headings);
        let heading = headings.and_then(|headings| headings.get(column));
        heading.is_some_and(|heading| INSIDE.contains(&heading.as_str()))
    }

    /// Keeps what a member of an object says of its document.
    fn said(&mut self, column: usize, said: &mut Said) {
        let Some(reading) = self.tables.get(ALONE) else { return };
        if let Some(Key { meta: Some(meta), .. }) = reading.keys.get(column)
            && let Some(text) = reading.row.row().get(column)
        {
            said.0.push((*meta, text.to_owned()));
        }
    }
}
