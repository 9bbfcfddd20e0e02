//! XML parts of data packages, and the manifest that says what each part is. Declarations of
//! document types are refused.

use super::{Cells, Problem};
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::collections::HashMap;

/// An element's beginning, its text, or its end.
enum XmlPart {
    Start(String, Vec<(String, String)>),
    Text(String),
    End,
}

/// The elements of a document, one after the other.
struct Elements<'t> {
    text: &'t str,
    reader: Reader<&'t [u8]>,
    depth: usize,
    pending_end: bool,
}

impl<'t> Elements<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, reader: Reader::from_str(text), depth: 0, pending_end: false }
    }

    fn line(&self) -> u32 {
        let offset = super::offset(self.reader.buffer_position());
        let (passed, _) = self.text.as_bytes().split_at(offset.min(self.text.len()));
        // Lines beyond the four thousand millionth are told as that one.
        u32::try_from(memchr::memchr_iter(b'\n', passed).count() + 1).unwrap_or(u32::MAX)
    }

    fn malformed(&self) -> Problem {
        Problem::Xml { line: self.line() }
    }

    /// The attributes of an element that are values: none of a namespace, none that says that there
    /// is no value.
    fn attributes(&self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, Problem> {
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
        loop {
            let Ok(event) = self.reader.read_event() else { return Err(self.malformed()) };
            let step = match event {
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
                Event::Eof if self.depth == 0 => return Ok(None),
                Event::Eof => return Err(self.malformed()),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
            };
            return Ok(Some(step));
        }
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
    /// Its values, as attributes or as elements below it.
    values: Vec<(String, String)>,
    /// Whether an element stands below it.
    is_parent: bool,
    text: String,
}

/// The records of a part, by the name of their elements: every element below the root that has
/// values, as elements below it or as attributes, wherever it stands.
pub(in crate::import) fn rows(text: &str) -> Result<Vec<(String, Cells)>, Problem> {
    let mut elements = Elements::new(text);
    let mut lines = super::Lines::new(text);
    let mut tables: Vec<(String, Cells)> = Vec::new();
    let mut path: Vec<Element> = Vec::new();
    while let Some(step) = elements.next()? {
        match step {
            XmlPart::Start(name, values) => {
                let offset = super::offset(elements.reader.buffer_position());
                let line = lines.at(offset);
                path.push(Element { name, line, values, is_parent: false, text: String::new() });
            }
            XmlPart::Text(more) => {
                path.last_mut().into_iter().for_each(|element| element.text.push_str(&more));
            }
            XmlPart::End => {
                let (Some(element), Some(parent)) = (path.pop(), path.last_mut()) else { continue };
                parent.is_parent = true;
                if element.values.is_empty() && !element.is_parent {
                    parent.values.push((element.name, element.text));
                } else if !element.values.is_empty() {
                    record(&mut tables, element)?;
                }
            }
        }
    }
    Ok(tables)
}

fn record(tables: &mut Vec<(String, Cells)>, element: Element) -> Result<(), Problem> {
    let known = tables.iter().position(|(name, _)| *name == element.name);
    let number = known.unwrap_or_else(|| {
        tables.push((element.name, Cells::default()));
        tables.len() - 1
    });
    let Some((_, cells)) = tables.get_mut(number) else { return Ok(()) };
    let row = element.values.into_iter().map(|(name, value)| (cells.column(&name), value));
    let row = row.collect();
    cells.row(element.line, row)
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
    /// Headings in small letters, and the fields that they stand for; of several for one heading
    /// the first.
    pub(in crate::import) fields: HashMap<String, String>,
}

/// The parts that a manifest lists; none where the document is no manifest of a data package.
pub(in crate::import) fn manifest(text: &str) -> Result<Vec<Manifest>, Problem> {
    let mut elements = Elements::new(text);
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
                        part.fields
                            .entry(value.to_lowercase())
                            .or_insert_with(|| std::mem::take(&mut field));
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
