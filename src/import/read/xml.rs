//! XML parts of data packages, and the manifest that says what each part is. Declarations of
//! document types are refused.

use super::document::{Document, Records, Taker};
use super::row::{RowOf, Span};
use super::text::Text;
use super::{MAX_COLUMNS, MAX_FIELD, Problem};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::HashMap;
use std::io::{self, BufRead, Read};

/// An element's beginning, its text, or its end.
enum XmlPart {
    Start(String, Vec<(String, String)>),
    Text(String),
    End,
}

/// No tag, text or comment may be longer: with entities a text is longer than what it says.
const MAX_PART: usize = 4 * MAX_FIELD;

/// The bytes of a text, as they are asked for.
struct Source<'t, 'b> {
    text: &'t mut Text<'b>,
    /// How many the part has that is being read.
    taken: usize,
    /// Why there are no more.
    problem: Option<Problem>,
}

impl Source<'_, '_> {
    fn more(&mut self) -> Result<(), Problem> {
        if self.taken > MAX_PART {
            return Err(Problem::Field { line: self.text.line() });
        }
        while self.text.rest().is_empty() && self.text.more()? {}
        Ok(())
    }
}

impl BufRead for Source<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Err(problem) = self.more() {
            self.problem = Some(problem);
            return Err(io::ErrorKind::Other.into());
        }
        Ok(self.text.rest())
    }

    fn consume(&mut self, amount: usize) {
        self.text.at += amount;
        self.taken += amount;
    }
}

impl Read for Source<'_, '_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(room)?;
        self.consume(read);
        Ok(read)
    }
}

/// The elements of a document, one after the other.
struct Elements<'t, 'b> {
    reader: Reader<Source<'t, 'b>>,
    buffer: Vec<u8>,
    depth: usize,
    pending_end: bool,
}

impl<'t, 'b> Elements<'t, 'b> {
    fn new(text: &'t mut Text<'b>) -> Result<Self, Problem> {
        text.rewind()?;
        let reader = Reader::from_reader(Source { text, taken: 0, problem: None });
        Ok(Self { reader, buffer: Vec::new(), depth: 0, pending_end: false })
    }

    fn line(&mut self) -> u32 {
        self.reader.get_mut().text.line()
    }

    fn malformed(&mut self) -> Problem {
        let problem = self.reader.get_mut().problem.take();
        problem.unwrap_or_else(|| Problem::Xml { line: self.line() })
    }

    /// The attributes of an element that are values: none of a namespace, none that says that there
    /// is no value.
    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Problem> {
        let mut values = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| self.malformed())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| self.malformed())?.into_owned();
            let name: &str = attribute.key.as_ref();
            if !name.contains(':') && name != "xmlns" {
                values.push((name.to_owned(), value));
            }
        }
        Ok(values)
    }

    fn next(&mut self) -> Result<Option<XmlPart>, Problem> {
        if std::mem::take(&mut self.pending_end) {
            self.depth -= 1;
            return Ok(Some(XmlPart::End));
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let part = loop {
            buffer.clear();
            self.reader.get_mut().taken = 0;
            let Ok(event) = self.reader.read_event_into(&mut buffer) else {
                return Err(self.malformed());
            };
            if let Some(part) = self.part(event)? {
                break part;
            }
        };
        self.buffer = buffer;
        Ok(part)
    }

    /// What an event is; `None` for one that says nothing, `Some(None)` for the end.
    #[expect(clippy::option_option, reason = "what says nothing is no end")]
    fn part(&mut self, event: Event<'_>) -> Result<Option<Option<XmlPart>>, Problem> {
        Ok(Some(Some(match event {
            Event::Start(start) => {
                self.depth += 1;
                XmlPart::Start(local(start.name().as_ref()), self.attributes(&start)?)
            }
            Event::Empty(empty) => {
                self.depth += 1;
                self.pending_end = true;
                XmlPart::Start(local(empty.name().as_ref()), self.attributes(&empty)?)
            }
            Event::End(_) => {
                self.depth = self.depth.checked_sub(1).ok_or_else(|| self.malformed())?;
                XmlPart::End
            }
            Event::Text(text) => {
                XmlPart::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned())
            }
            Event::CData(text) => {
                XmlPart::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned())
            }
            Event::GeneralRef(reference) => XmlPart::Text(match reference.resolve_char_ref() {
                Ok(Some(character)) => character.to_string(),
                Ok(None) => predefined(&reference).ok_or_else(|| self.malformed())?.to_owned(),
                Err(_) => return Err(self.malformed()),
            }),
            Event::DocType(_) => return Err(Problem::DocumentType),
            Event::Eof if self.depth == 0 => return Ok(Some(None)),
            Event::Eof => return Err(self.malformed()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => return Ok(None),
        })))
    }
}

/// An element's name without its prefix.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// The character that a predefined entity stands for; there are no others without a document type.
fn predefined(name: &str) -> Option<&'static str> {
    match name {
        "amp" => Some("&"),
        "lt" => Some("<"),
        "gt" => Some(">"),
        "quot" => Some("\""),
        "apos" => Some("'"),
        _ => None,
    }
}

/// An element on the way to the one being read.
struct Element {
    name: String,
    line: u32,
    /// Its values, as attributes or as elements below it; what is there twice and says the same,
    /// once.
    values: Vec<(String, String)>,
    /// The names of the elements below it that are no values.
    nested: Vec<String>,
    /// Whether an element stands below it.
    is_parent: bool,
    text: String,
}

impl Element {
    /// Whether it is a value of the element that it stands in: what its attributes say of a text is
    /// not looked at.
    fn is_value(&self) -> bool {
        !self.is_parent && (self.values.is_empty() || !self.text.trim().is_empty())
    }

    /// Adds a value, or the name of an element that is none.
    fn add(&mut self, name: String, value: Option<String>) -> Result<(), Problem> {
        match value {
            None if self.nested.contains(&name) => {}
            None => self.nested.push(name),
            Some(text) => {
                let value = (name, text);
                if !self.values.contains(&value) {
                    self.values.push(value);
                }
            }
        }
        // Two values of one name are as many as tell that there are two.
        let is_wide = self.values.len() + self.nested.len() > 2 * MAX_COLUMNS;
        if is_wide { Err(Problem::Columns) } else { Ok(()) }
    }
}

/// Elements of one name that are records.
#[derive(Default)]
struct Alike {
    records: Records,
    columns: HashMap<String, usize>,
    /// Of each column whether its values are wanted.
    wanted: Vec<bool>,
    /// In how many others the outermost of them stand.
    depth: usize,
    row: RowOf,
}

/// Reads the records of a part, by the name of their elements: every element below the root that
/// has values, as elements below it or as attributes, wherever it stands.
pub(in crate::import) fn document(
    text: &mut Text<'_>,
    taker: &mut dyn Taker,
) -> Result<Document, Problem> {
    let mut elements = Elements::new(text)?;
    let mut tables: Vec<Alike> = Vec::new();
    let mut path: Vec<Element> = Vec::new();
    let mut goes_on = true;
    while goes_on && let Some(part) = elements.next()? {
        let line = elements.line();
        match part {
            XmlPart::Start(name, values) => {
                let (nested, text) = (Vec::new(), String::new());
                path.push(Element { name, line, values, nested, is_parent: false, text });
            }
            XmlPart::Text(more) => {
                let Some(element) = path.last_mut() else { continue };
                if element.text.len() + more.len() > MAX_FIELD {
                    return Err(Problem::Field { line });
                }
                element.text.push_str(&more);
            }
            XmlPart::End => {
                let depth = path.len();
                let (Some(element), Some(parent)) = (path.pop(), path.last_mut()) else { continue };
                parent.is_parent = true;
                let is_value = element.is_value();
                if !is_value && !element.values.is_empty() {
                    goes_on = take(&mut tables, (&element, depth), taker)?;
                }
                // The root is no record, however many stand in it.
                if depth > 2 {
                    parent.add(element.name, is_value.then_some(element.text))?;
                }
            }
        }
    }
    // Those that stand in others are called by their own name alone.
    let outermost = tables.iter().map(|alike| alike.depth).min();
    let mut first = (0..tables.len())
        .filter(|number| tables.get(*number).is_some_and(|alike| Some(alike.depth) == outermost));
    let named_by_file = first.next().filter(|_| first.next().is_none());
    let tables = tables.into_iter().map(|alike| alike.records).collect();
    Ok(Document { named_by_file, tables, ..Document::default() })
}

/// Gives a record away; `false` where no more is wanted.
fn take(
    tables: &mut Vec<Alike>,
    (element, depth): (&Element, usize),
    taker: &mut dyn Taker,
) -> Result<bool, Problem> {
    let is_it = |alike: &Alike| alike.records.name.as_deref() == Some(&*element.name);
    let number = tables.iter().position(is_it).unwrap_or_else(|| {
        let records = Records { name: Some(element.name.clone()), ..Records::default() };
        tables.push(Alike { records, depth, ..Alike::default() });
        tables.len() - 1
    });
    let Some(alike) = tables.get_mut(number) else { return Ok(true) };
    alike.depth = alike.depth.min(depth);
    alike.row.clear();
    alike.records.rows += 1;
    let mut is_twice = false;
    for (name, value) in &element.values {
        if let Some(column) = alike.column(number, name, taker)? {
            is_twice |= alike.row.set(column, value);
        }
    }
    for name in &element.nested {
        if let Some(column) = alike.column(number, name, taker)? {
            is_twice |= alike.row.mark(column, Span::Nested);
        }
    }
    Ok(taker.take(number, element.line, (!is_twice).then(|| alike.row.row())))
}

impl Alike {
    /// The number of the column with this heading, which is added where it is new; `None` where its
    /// values are not wanted.
    fn column(
        &mut self,
        table: usize,
        heading: &str,
        taker: &mut dyn Taker,
    ) -> Result<Option<usize>, Problem> {
        let column = match self.columns.get(heading) {
            Some(known) => *known,
            None if self.wanted.len() >= MAX_COLUMNS => return Err(Problem::Columns),
            None => {
                let column = self.wanted.len();
                self.wanted.push(taker.wants(table, column, heading));
                self.columns.insert(heading.to_owned(), column);
                self.records.headings.push(heading.to_owned());
                column
            }
        };
        Ok(self.wanted.get(column).is_some_and(|wanted| *wanted).then_some(column))
    }
}

/// What a data package says of one of its parts.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Manifest {
    /// The entity's name, as programs know it.
    pub(in crate::import) target: String,
    /// Its label.
    pub(in crate::import) label: String,
    /// The part's file.
    pub(in crate::import) file: String,
    /// Headings in small letters, and the fields that they stand for: which, where there are
    /// several for one heading, can't be told.
    pub(in crate::import) fields: HashMap<String, Vec<String>>,
    /// Whether it says something else of this file elsewhere.
    pub(in crate::import) has_double: bool,
}

/// The parts that a manifest lists; none where the document is no manifest of a data package.
pub(in crate::import) fn manifest(text: &mut Text<'_>) -> Result<Vec<Manifest>, Problem> {
    let mut elements = Elements::new(text)?;
    let mut parts: Vec<Manifest> = Vec::new();
    let mut path: Vec<String> = Vec::new();
    let (mut value, mut field) = (String::new(), String::new());
    while let Some(step) = elements.next()? {
        match step {
            XmlPart::Start(name, _) => {
                value.clear();
                if name == "DataManagementPackageEntityData" {
                    parts.push(Manifest::default());
                }
                path.push(name);
            }
            XmlPart::Text(text) => value.push_str(&text),
            XmlPart::End => {
                // What ends had begun: the reader refuses other ends.
                let name = path.pop().unwrap_or_default();
                let value = std::mem::take(&mut value).trim().to_owned();
                let Some(part) = parts.last_mut() else { continue };
                match name.as_str() {
                    "EntityField" => field = value,
                    "XMLField" => {
                        let fields = part.fields.entry(value.to_lowercase()).or_default();
                        fields.push(std::mem::take(&mut field));
                    }
                    "TargetEntity" => part.target = value,
                    "EntityName" => part.label = value,
                    "InputFilePath" => part.file = value,
                    _ => {}
                }
            }
        }
    }
    Ok(parts)
}

/// Refuses bytes of XML that declare a document type.
pub(in crate::import) fn refuse_document_type(bytes: &[u8]) -> Result<(), Problem> {
    let declares = memchr::memmem::find(bytes, b"<!DOCTYPE").is_some()
        || memchr::memmem::find(bytes, b"<\0!\0D\0O\0C\0T\0Y\0P\0E").is_some();
    if declares { Err(Problem::DocumentType) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::io::Cursor;

    /// The rows of a document, as `line table: heading=cell …`.
    #[derive(Default)]
    struct Told {
        headings: Vec<(usize, String)>,
        rows: Vec<String>,
    }

    impl Taker for Told {
        fn wants(&mut self, table: usize, _: usize, heading: &str) -> bool {
            self.headings.push((table, heading.to_owned()));
            true
        }

        fn take(&mut self, table: usize, line: u32, row: Option<super::super::Row<'_>>) -> bool {
            let mut told = format!("{line} {table}:");
            let own = self.headings.iter().filter(|(of, _)| *of == table).enumerate();
            for (column, (_, heading)) in own {
                let Some(row) = row else { continue };
                if row.is_nested(column) {
                    let _ = write!(told, " {heading}+");
                } else if let Some(cell) = row.get(column) {
                    let _ = write!(told, " {heading}={cell}");
                }
            }
            self.rows.push(if row.is_some() { told } else { format!("{told} unusable") });
            true
        }
    }

    fn read(text: &str, piece: usize) -> Result<(Vec<String>, Option<usize>), Problem> {
        let mut bytes = Cursor::new(text.as_bytes().to_vec());
        let mut told = Told::default();
        let document = document(&mut Text::in_pieces(&mut bytes, piece)?, &mut told)?;
        Ok((told.rows, document.named_by_file))
    }

    #[test]
    fn records_are_the_same_whatever_is_read_at_once() {
        const PARTS: &str = "<?xml version='1.0'?><D xmlns:i='x'>\n<!-- none -->\n<S n='K\u{f6}ln'>\
            <A k='t'>a &amp; <![CDATA[<b>]]></A>\n<R><T>1</T></R><R><T>2</T></R></S>\n\
            <S><A>x</A><A>x</A><C i:nil='true'/></S>\n<S><A>x</A><A>y</A></S><E/></D>";
        let expected = [
            "4 0: T=1",
            "4 0: T=2",
            "3 1: n=K\u{f6}ln A=a & <b> R+",
            "5 1: A=x C=",
            "6 1: unusable",
        ];
        for piece in [4, 5, 7, 64, 1 << 18] {
            let (rows, named) = read(PARTS, piece).unwrap();
            assert_eq!(rows, expected, "{piece} bytes at once");
            assert_eq!(named, Some(1), "{piece} bytes at once");
        }
    }

    #[test]
    fn what_is_too_long_or_too_wide_is_refused() {
        let long = format!("<D><S><A>{}</A></S></D>", "a".repeat(MAX_FIELD + 1));
        assert!(matches!(read(&long, 4096), Err(Problem::Field { line: 1 })));
        let endless = format!("<D>\n<!-- {} --></D>", "a".repeat(2 * MAX_PART));
        assert!(matches!(read(&endless, 4096), Err(Problem::Field { line: 2 })));
        let mut many = String::new();
        for number in 0..=2 * MAX_COLUMNS {
            let _ = write!(many, "<A{number}/>");
        }
        assert!(matches!(read(&format!("<D><S>{many}</S></D>"), 4096), Err(Problem::Columns)));
        for cut in ["<D><S", "<D><S>", "<D><S></D>", "<D><S a=></S></D>"] {
            assert!(matches!(read(cut, 4), Err(Problem::Xml { line: 1 })), "{cut}");
        }
        assert!(matches!(read("<!DOCTYPE D [<!ENTITY a ''>]><D/>", 4), Err(Problem::DocumentType)));
    }
}
