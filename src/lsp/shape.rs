//! What stands where in a text: its outline, read by the format of its file.

use super::outline::{Block, Entry, Node, Outline, What, Word};
use crate::model::format::{Form, Format, Key, Kind, Section};
use std::ops::Range;

/// What a place in a file is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning<'f> {
    /// Sections, and keys before the first one.
    Root(&'f Format),
    /// Features by their names.
    Features(&'f Section),
    /// Codes of checks.
    Codes(&'f Section),
    /// Keys of a record.
    Record(&'f Section),
    /// The value of a key.
    Value(&'f Key, &'f Kind),
    /// The value of a code in a section of such: what its first key says alone, or a record.
    Leveled(&'f Section),
    /// Names of the author's choice, with values of one kind.
    Names(&'f Key, &'f Kind),
}

impl<'f> Meaning<'f> {
    /// What stands under a name there.
    fn under(self, name: &str) -> Option<Self> {
        match self {
            Self::Root(format) => {
                if let Some((_, section)) = format.section(name) {
                    return Some(match section.form {
                        Form::Single | Form::Records => Self::Record(section),
                        Form::Features => Self::Features(section),
                        Form::Codes => Self::Codes(section),
                    });
                }
                let key = format.root.iter().find(|key| key.id == name)?;
                Some(Self::of(key, &key.kind))
            }
            Self::Features(section) => Some(Self::Record(section)),
            Self::Codes(section) => Some(Self::Leveled(section)),
            Self::Record(section) | Self::Leveled(section) => {
                let (_, key) = section.key(name)?;
                Some(Self::of(key, &key.kind))
            }
            Self::Names(key, kind) => Some(Self::of(key, kind)),
            Self::Value(..) => None,
        }
    }

    /// What a value of a key may hold.
    fn of(key: &'f Key, kind: &'f Kind) -> Self {
        match kind {
            Kind::Nested(section) | Kind::Records(section) => Self::Record(section),
            Kind::Map(inner) => Self::Names(key, inner),
            Kind::List(inner) | Kind::OneOrMore(inner) => Self::of(key, inner),
            kind => Self::Value(key, kind),
        }
    }

    /// What the keys of an inline table mean that stands as a value there.
    fn inline(self) -> Option<Self> {
        match self {
            Self::Value(_, Kind::Comparison(section)) => Some(Self::Record(section)),
            Self::Value(..) | Self::Root(_) => None,
            other => Some(other),
        }
    }

    /// What stands under several names.
    pub(super) fn at(format: &'f Format, path: &[Word]) -> Option<Self> {
        path.iter().try_fold(Self::Root(format), |meaning, word| meaning.under(&word.text))
    }
}

/// What a byte of a text is in.
#[derive(Debug)]
pub(super) enum Spot<'o> {
    /// In a header, or in the name with this number of one.
    Header(&'o Block, Option<usize>),
    /// Where a key stands or may stand: the name with this number of the entry's key.
    Key(Option<(&'o Entry, usize)>),
    /// Where a value stands or may stand.
    Value(&'o Entry, Option<&'o Node>),
}

/// A place in a text: what it is in, and what that means.
#[derive(Debug)]
pub(super) struct Place<'o, 'f> {
    /// The block that it stands in.
    pub(super) block: &'o Block,
    /// What it is in.
    pub(super) spot: Spot<'o>,
    /// What may stand there: of a key or header, what its names are chosen from.
    pub(super) meaning: Option<Meaning<'f>>,
    /// The entries beside it, of the same table.
    pub(super) beside: &'o [Entry],
}

/// The place of a byte; `None` in comments, and behind what is complete.
pub(super) fn place<'o, 'f>(
    outline: &'o Outline,
    format: &'f Format,
    text: &str,
    byte: usize,
) -> Option<Place<'o, 'f>> {
    let block = outline.block_at(byte)?;
    let in_header = !block.header.is_empty() && byte <= block.header.end;
    if in_header {
        let number = block.path.iter().position(|word| word.holds(byte));
        // Behind the last bracket nothing can be added to the header.
        if number.is_none() && block.is_closed && byte == block.header.end {
            return None;
        }
        let before = number.unwrap_or(block.path.len());
        let meaning = Meaning::at(format, block.path.get(..before)?);
        let spot = Spot::Header(block, number);
        return Some(Place { block, spot, meaning, beside: &[] });
    }
    let meaning = Meaning::at(format, &block.path);
    let line = line_before(text, byte);
    among(&block.entries, block, meaning, byte, line).or_else(|| {
        // On a line of its own, with nothing but white space before it, a key may begin.
        let is_blank = text.get(line..byte).is_some_and(|before| before.trim().is_empty());
        let spot = Spot::Key(None);
        let is_free = is_blank && !block.entries.iter().any(|it| within(&it.span, byte));
        is_free.then_some(Place { block, spot, meaning, beside: &block.entries })
    })
}

/// Where the line of a byte begins.
fn line_before(text: &str, byte: usize) -> usize {
    let before = text.get(..byte).and_then(|before| before.rfind('\n'));
    // The first line begins with the text.
    before.map_or(0, |end| end + 1)
}

fn within(span: &Range<usize>, byte: usize) -> bool {
    span.start < byte && byte < span.end
}

/// The place of a byte among some entries.
fn among<'o, 'f>(
    entries: &'o [Entry],
    block: &'o Block,
    meaning: Option<Meaning<'f>>,
    byte: usize,
    line: usize,
) -> Option<Place<'o, 'f>> {
    // Entries stand in order; the byte is in or behind the last one that begins before it.
    let behind = entries.partition_point(|entry| entry.span.start <= byte);
    let entry = entries.get(behind.checked_sub(1)?)?;
    let place = |spot, meaning| Some(Place { block, spot, meaning, beside: entries });
    let end_of_key = entry.path.last().map_or(entry.span.start, |word| word.span.end);
    if byte <= end_of_key {
        let number = entry.path.iter().position(|word| word.holds(byte) || byte < word.span.end);
        let number = number.unwrap_or(entry.path.len());
        let meaning = under(meaning, entry.path.get(..number)?);
        return place(Spot::Key(Some((entry, number))), meaning);
    }
    let Some(equals) = entry.equals else {
        // Behind a dot another name begins.
        let is_dotted = byte <= entry.span.end && entry.span.end > end_of_key;
        let meaning = under(meaning, &entry.path);
        return is_dotted
            .then(|| place(Spot::Key(Some((entry, entry.path.len()))), meaning))
            .flatten();
    };
    if byte < equals {
        return None;
    }
    let meaning = under(meaning, &entry.path);
    match &entry.value {
        None if line <= entry.span.start => place(Spot::Value(entry, None), meaning),
        None => None,
        Some(node) => in_value(entry, node, block, meaning, byte, line),
    }
}

fn under<'f>(meaning: Option<Meaning<'f>>, path: &[Word]) -> Option<Meaning<'f>> {
    path.iter().try_fold(meaning?, |meaning, word| meaning.under(&word.text))
}

/// The place of a byte in or before a value.
fn in_value<'o, 'f>(
    entry: &'o Entry,
    node: &'o Node,
    block: &'o Block,
    meaning: Option<Meaning<'f>>,
    byte: usize,
    line: usize,
) -> Option<Place<'o, 'f>> {
    let place = |node| {
        let spot = Spot::Value(entry, node);
        Some(Place { block, spot, meaning, beside: &block.entries })
    };
    if byte < node.span.start {
        return place(None);
    }
    let is_open = !node.is_closed && line <= node.span.end;
    let is_inside = node.span.start < byte && (byte < node.span.end || is_open);
    match &node.what {
        What::Text(word) => word.holds(byte).then(|| place(Some(node))).flatten(),
        What::Bare => (byte <= node.span.end).then(|| place(Some(node))).flatten(),
        What::List(items) if is_inside => {
            let item = items.iter().rev().find(|item| item.span.start <= byte);
            let inside = item.and_then(|item| in_value(entry, item, block, meaning, byte, line));
            // Between values another may stand.
            inside.or_else(|| place(None))
        }
        What::Inline(entries) if is_inside => {
            let inline = meaning.and_then(Meaning::inline);
            let inside = among(entries, block, inline, byte, line);
            let ends = |it: &Entry| it.span.end < byte && it.value.is_some();
            let is_between = entries.last().is_none_or(ends) || !within_any(entries, byte);
            inside.or_else(|| {
                let spot = Spot::Key(None);
                let meaning = inline;
                is_between.then_some(Place { block, spot, meaning, beside: entries })
            })
        }
        What::List(_) | What::Inline(_) => None,
    }
}

fn within_any(entries: &[Entry], byte: usize) -> bool {
    entries.iter().any(|entry| entry.span.start <= byte && byte <= entry.span.end)
}

/// A record of a section, as it is written.
#[derive(Debug)]
pub(super) struct Written<'o, 'f> {
    /// Its section.
    pub(super) section: &'f Section,
    /// The name that its table has, as in `[features.NAME]`.
    pub(super) name: Option<&'o Word>,
    /// Its header, or its inline table, or its name.
    pub(super) head: Range<usize>,
    /// All of it.
    pub(super) span: Range<usize>,
    /// Its keys and values.
    pub(super) fields: Vec<Field<'o>>,
}

/// A key of a record and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'o> {
    /// The key.
    pub(super) key: &'o Word,
    /// Its value.
    pub(super) value: Option<&'o Node>,
}

impl<'o> Written<'o, '_> {
    /// The value of a key.
    pub(super) fn value(&self, key: &str) -> Option<&'o Node> {
        self.fields.iter().find(|field| field.key.text == key)?.value
    }

    /// The word that people call it by: its name, its id, or what it must say first.
    pub(super) fn title(&self) -> Option<&'o Word> {
        self.name.or_else(|| {
            let key = self.section.keys.get(self.section.naming_key()?)?;
            self.value(&key.id)?.word()
        })
    }
}

/// Every record of a text, in its order.
pub(super) fn records<'o, 'f>(outline: &'o Outline, format: &'f Format) -> Vec<Written<'o, 'f>> {
    let mut records = Vec::new();
    for block in &outline.blocks {
        let Some((first, rest)) = block.path.split_first() else {
            for entry in &block.entries {
                of_root(entry, format, &mut records);
            }
            continue;
        };
        let Some((_, section)) = format.section(first.text.as_str()) else { continue };
        let span = block.header.start..block.end;
        match (&section.form, rest) {
            (Form::Single | Form::Records, []) => {
                records.push(whole(section, None, block.header.clone(), span, &block.entries));
            }
            (Form::Features | Form::Codes, []) => {
                named(section, &block.entries, &mut records);
            }
            (Form::Features | Form::Codes, [name]) => {
                let head = block.header.clone();
                records.push(whole(section, Some(name), head, span, &block.entries));
            }
            _ => {}
        }
    }
    records
}

fn whole<'o, 'f>(
    section: &'f Section,
    name: Option<&'o Word>,
    head: Range<usize>,
    span: Range<usize>,
    entries: &'o [Entry],
) -> Written<'o, 'f> {
    let fields = entries.iter().filter_map(|entry| field(entry, 0));
    Written { section, name, head, span, fields: fields.collect() }
}

/// An entry as a field of the record that the first names of its key lead to.
fn field(entry: &Entry, before: usize) -> Option<Field<'_>> {
    match entry.path.get(before..)? {
        [key] => Some(Field { key, value: entry.value.as_ref() }),
        _ => None,
    }
}

/// Records of a section that stands before the first header.
fn of_root<'o, 'f>(entry: &'o Entry, format: &'f Format, records: &mut Vec<Written<'o, 'f>>) {
    let [section, rest @ ..] = entry.path.as_slice() else { return };
    let Some((_, section)) = format.section(section.text.as_str()) else { return };
    let inline = |node: &'o Node| match &node.what {
        What::Inline(entries) => Some((node.span.clone(), entries)),
        _ => None,
    };
    match (&section.form, rest, entry.value.as_ref()) {
        (Form::Records, [], Some(Node { what: What::List(items), .. })) => {
            let tables = items.iter().filter_map(inline);
            let tables = tables.map(|(span, it)| whole(section, None, span.clone(), span, it));
            records.extend(tables);
        }
        (Form::Single, [], Some(value)) => {
            let table = inline(value).into_iter();
            records.extend(table.map(|(span, it)| whole(section, None, span.clone(), span, it)));
        }
        (Form::Features | Form::Codes, [], Some(Node { what: What::Inline(entries), .. })) => {
            named(section, entries, records);
        }
        (Form::Single, [_], _) => {
            let fields = field(entry, 1).into_iter().collect();
            let (head, span) = (entry.span.clone(), entry.span.clone());
            records.push(Written { section, name: None, head, span, fields });
        }
        _ => {}
    }
}

/// Records under the names of a table: `NAME = { … }`, `NAME.key = …`, `CODE = "level"`.
fn named<'o, 'f>(section: &'f Section, entries: &'o [Entry], records: &mut Vec<Written<'o, 'f>>) {
    for entry in entries {
        let Some(name) = entry.path.first() else { continue };
        let (head, span) = (name.span.clone(), entry.span.clone());
        let record = match entry.value.as_ref().map(|node| &node.what) {
            Some(What::Inline(inner)) if entry.path.len() == 1 => {
                whole(section, Some(name), head, span, inner)
            }
            _ => {
                let fields = field(entry, 1).into_iter().collect();
                Written { section, name: Some(name), head, span, fields }
            }
        };
        let same = records.last_mut().filter(|last| {
            std::ptr::eq(last.section, section)
                && last.name.is_some_and(|it| it.text == name.text)
                && last.span.end <= record.span.start
        });
        match same {
            // The next key of the same name.
            Some(last) => {
                last.span.end = record.span.end;
                last.fields.extend(record.fields);
            }
            None => records.push(record),
        }
    }
}
