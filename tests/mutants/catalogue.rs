//! The catalogue, `fixtures/catalogue`: plain data of the rules, written down a second time from
//! the dossier and the contract. A table is a section, a row a record of it, a column a key; the
//! table `section.key` has the keys of every section, whose id comes first.

use crate::document::Node;
use crate::fixtures;

/// A table of the catalogue.
struct CatalogueTable {
    section: String,
    keys: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All tables.
pub struct Catalogue(Vec<CatalogueTable>);

impl Catalogue {
    pub fn read() -> Self {
        let tables = fixtures::entries("fixtures/catalogue").into_iter().filter_map(|path| {
            let name = path.rsplit('/').next().unwrap();
            let section = name.strip_suffix(".csv")?.to_owned();
            let mut reader = csv::Reader::from_path(&path).unwrap();
            let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect();
            let keys = cells(reader.headers().unwrap());
            let rows = reader.records().map(|record| cells(&record.unwrap())).collect();
            Some(CatalogueTable { section, keys, rows })
        });
        Self(tables.collect())
    }

    /// The names of the sections that it knows.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|table| table.section.as_str())
    }

    /// The first row of a document in which the two differ.
    pub fn difference(&self, document: &Node) -> Option<String> {
        let Node::Table(sections) = document else { panic!("a document is a table") };
        self.0.iter().find_map(|table| {
            let (outer, inner) = table.parts();
            let (_, found) = sections.iter().find(|(name, _)| name == outer)?;
            let Node::List(records) = found else { panic!("a section is a list") };
            table.difference(records, inner)
        })
    }
}

impl CatalogueTable {
    /// The section, and the key of it that holds the records, where they do not stand alone.
    fn parts(&self) -> (&str, Option<&str>) {
        let parts = self.section.split_once('.');
        parts.map_or((self.section.as_str(), None), |(outer, inner)| (outer, Some(inner)))
    }

    /// The rows that records of the rules make.
    fn made(&self, records: &[Node], inner: Option<&str>) -> Vec<Vec<String>> {
        let cells = |record: &Node, keys: &[String]| -> Vec<String> {
            keys.iter().map(|key| cell(record.get(key))).collect()
        };
        let Some(inner) = inner else {
            return records.iter().map(|record| cells(record, &self.keys)).collect();
        };
        let (outer, keys) = self.keys.split_first().unwrap();
        let mut rows = Vec::new();
        for record in records {
            let Some(Node::List(nested)) = record.get(inner) else { continue };
            let first = cell(record.get(outer.split('.').next_back().unwrap()));
            rows.extend(nested.iter().map(|it| [vec![first.clone()], cells(it, keys)].concat()));
        }
        rows
    }

    fn difference(&self, records: &[Node], inner: Option<&str>) -> Option<String> {
        let made = self.made(records, inner);
        let longest = made.len().max(self.rows.len());
        (0..longest).find_map(|number| {
            let (expected, found) = (self.rows.get(number), made.get(number));
            let name = &self.section;
            (expected != found)
                .then(|| format!("{name}.csv has {expected:?}, the rules have {found:?}"))
        })
    }
}

/// A value as a cell shows it: a list by bars, a table by semicolons.
fn cell(value: Option<&Node>) -> String {
    let joined = |parts: Vec<String>, by: &str| parts.join(by);
    match value {
        None => String::new(),
        Some(Node::Text(text) | Node::Plain(text)) => text.clone(),
        Some(Node::List(values)) => joined(values.iter().map(|it| cell(Some(it))).collect(), " | "),
        Some(Node::Table(entries)) => {
            let entry = |(key, value): &(String, Node)| format!("{key}: {}", cell(Some(value)));
            joined(entries.iter().map(entry).collect(), "; ")
        }
    }
}
