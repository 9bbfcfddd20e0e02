//! What a TOML file may hold: sections, their keys, and the kind of value that each key takes.
//!
//! The format of a deployment is itself data, `rules/deployment.toml`; those of the rules and of
//! scenarios are declared in `load`. Reading, the JSON Schemas and the checks work from these
//! tables.

use super::relied::{KeyName, NamesKey, NamesSection, SectionName};
use super::words::words;
use crate::diagnostic::SettingPage;
use serde::{Deserialize, Serialize};

/// The format of a file, or of several that are read as one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// Keys before the first section.
    pub root: Vec<Key>,
    /// Its sections.
    pub sections: Vec<Section>,
    /// The numbers of the sections that the code reads; of a deployment's format alone.
    pub relied: Vec<(SectionName, usize)>,
}

impl Format {
    /// The number and the declaration of a section.
    pub fn section(&self, name: impl NamesSection) -> Option<(usize, &Section)> {
        let number = name.number_in(self)?;
        Some((number, self.sections.get(number)?))
    }

    /// Whether a section is the one that the code calls so.
    pub fn is(&self, id: &str, name: SectionName) -> bool {
        self.section(name).is_some_and(|(_, section)| section.id == id)
    }

    /// What a file says where there is none of what stands under `section` or `section.key`, and
    /// where; `None` where that can't be said.
    pub fn none_of(&self, name: &str) -> Option<(&'static str, &'static str)> {
        let (section, key) = match name.split_once('.') {
            Some((section, key)) => (section, Some(key)),
            None => (name, None),
        };
        let (_, section) = self.section(section)?;
        let Some(key) = key else {
            let is_list = matches!(section.form, Form::Records | Form::Features);
            return is_list.then_some(("[]", " above the first header"));
        };
        let (_, key) = section.key(key)?;
        match &key.kind {
            Kind::List(_) => Some(("[]", "")),
            Kind::Reference(_) => Some(("\"\"", "")),
            Kind::Recurrence => Some(("\"none\"", "")),
            _ => None,
        }
    }
}

/// How a section is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Form {
    /// One table: `[deployment]`.
    Single,
    /// Any number of records: `[[channel]]`.
    Records,
    /// Records that are tables keyed by a feature's name: `[features.edit-customers-async]`.
    Features,
    /// One table whose keys are codes of checks, and whose values are records, or the first key of
    /// one alone: `[levels]`.
    Codes,
}

words! {
    /// How a section is written, in a word.
    FormWord {
        /// One table.
        Table = "table",
        /// Any number of records.
        Records = "records",
        /// Records that are tables keyed by a feature's name.
        Features = "features",
        /// One table whose keys are codes of checks.
        Codes = "codes",
    }
}

words! {
    /// What the value of a key is, in a word.
    KeyType {
        /// True or false.
        Boolean = "boolean",
        /// A whole number.
        Integer = "integer",
        /// Text.
        Text = "text",
        /// One of some words.
        Word = "word",
        /// A list of texts.
        Texts = "texts",
        /// A list of some words.
        Words = "words",
        /// A version of the product.
        Version = "version",
        /// A duration.
        Duration = "duration",
        /// A duration, or `none`.
        Recurrence = "recurrence",
        /// A moment.
        DateTime = "date-time",
        /// A date.
        Date = "date",
        /// The code of a check.
        Code = "code",
        /// The id of a record of a section.
        Reference = "reference",
        /// Ids of records of a section.
        References = "references",
        /// Sections that list what headquarters has, and keys without which something else counts.
        Sections = "sections",
        /// A job of a distribution schedule.
        DistributionJob = "distribution-job",
        /// A batch job.
        BatchJob = "batch-job",
        /// A table of the channel database.
        Table = "table",
    }
}

/// A section of a file, or a table within a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its name in files.
    pub id: String,
    /// How it is written.
    pub form: Form,
    /// What one of its records is called in messages.
    pub title: String,
    /// Where headquarters shows it.
    pub page: Option<String>,
    /// Where it shows records of each kind, by the word of their `kind`, where that differs.
    pub pages: Vec<(String, String)>,
    /// What it is.
    pub text: String,
    /// The number of the key that tells its records apart.
    pub identity: Option<usize>,
    /// Whether a record that nothing refers to is worth a warning.
    pub referred: bool,
    /// Its keys.
    pub keys: Vec<Key>,
    /// The numbers of the keys that the code reads.
    pub relied: Vec<(KeyName, usize)>,
}

impl Section {
    /// Where headquarters shows a record of this kind; where the kind is not known, a page for
    /// each.
    pub fn page_of(&self, kind: Option<&str>) -> Option<&str> {
        page_of(self.page.as_deref(), &self.pages, kind)
    }

    /// Where headquarters shows the setting under `key` of a record of this kind; `None` for keys
    /// that headquarters does not have.
    pub fn setting(&self, key: &Key, kind: Option<&str>) -> Option<SettingPage> {
        let own = page_of(key.page.as_deref(), &key.pages, kind);
        let page = own.or_else(|| self.page_of(kind))?;
        Some(SettingPage { name: key.name.clone()?, page: page.to_owned() })
    }

    /// The number of the key by which people call a record: the one that tells it apart, else what
    /// must be given first, such as the job of a distribution schedule.
    pub fn naming_key(&self) -> Option<usize> {
        self.identity.or_else(|| self.keys.iter().position(|key| key.required))
    }

    /// The number and the declaration of a key.
    pub fn key(&self, name: impl NamesKey) -> Option<(usize, &Key)> {
        let number = name.number_in(self)?;
        Some((number, self.keys.get(number)?))
    }
}

/// The page for a kind, where each has its own; else the one for all.
fn page_of<'a>(
    page: Option<&'a str>,
    pages: &'a [(String, String)],
    kind: Option<&str>,
) -> Option<&'a str> {
    match kind.filter(|_| !pages.is_empty()) {
        Some(kind) => pages.iter().find(|(of, _)| of == kind).map(|(_, page)| &**page),
        None => page,
    }
}

/// A key of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name in files.
    pub id: String,
    /// What its value is.
    pub kind: Kind,
    /// Whether it must be given.
    pub required: bool,
    /// The setting's label in headquarters.
    pub name: Option<String>,
    /// The page that shows it, where it is not the section's.
    pub page: Option<String>,
    /// The pages that show it of records of each kind, where these are not the section's.
    pub pages: Vec<(String, String)>,
    /// What it is.
    pub text: String,
    /// Statement numbers that speak of it.
    pub sources: Vec<String>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number within bounds.
    Integer {
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// Text that is not blank.
    Text,
    /// One of these words.
    Word(Vec<String>),
    /// Three or four numbers: `10.0.31`.
    Version,
    /// A duration: `1h30m`.
    Duration,
    /// A duration, or `none` for what runs only once.
    Recurrence,
    /// A date and time with an offset.
    DateTime,
    /// A date.
    Date,
    /// The code of a check.
    Code,
    /// The id of a record of another section.
    Reference(String),
    /// A job of a distribution schedule, by any name.
    DistributionJob,
    /// A batch job, by any name.
    BatchJob,
    /// A table that a scheduler subjob carries.
    ChannelTable,
    /// A feature, by any name.
    Feature,
    /// A boolean, a whole number or text.
    Scalar,
    /// Any number of values of one kind.
    List(Box<Kind>),
    /// A value of this kind, or a list of such.
    OneOrMore(Box<Kind>),
    /// A scalar, a list of scalars, or a table with the fixed keys of a comparison.
    Comparison(Box<Section>),
    /// A table with keys of the author's choice, whose values are of one kind.
    Map(Box<Kind>),
    /// A table with fixed keys.
    Nested(Box<Section>),
    /// Records within a record.
    Records(Box<Section>),
}

impl Kind {
    /// The section that a reference, or a list of references, leads to.
    pub fn refers_to(&self) -> Option<&str> {
        match self {
            Self::Reference(section) => Some(section),
            Self::List(kind) | Self::OneOrMore(kind) => kind.refers_to(),
            _ => None,
        }
    }

    /// What is expected, for messages.
    pub fn expected(&self) -> String {
        match self {
            Self::Boolean => "true or false".into(),
            Self::Integer { .. } => "a whole number".into(),
            Self::Text
            | Self::Word(_)
            | Self::Version
            | Self::Duration
            | Self::Recurrence
            | Self::Code => "text in quotes".into(),
            Self::Reference(_)
            | Self::DistributionJob
            | Self::BatchJob
            | Self::ChannelTable
            | Self::Feature => "a name in quotes".into(),
            Self::DateTime => "a date and time with an offset, such as 2026-11-20T08:00:00Z".into(),
            Self::Date => "a date, such as 2027-03-31".into(),
            Self::Scalar => "true, false, a whole number or text in quotes".into(),
            Self::List(kind) => format!("a list, each value {}", kind.expected()),
            Self::OneOrMore(kind) => format!("{} or a list of such", kind.expected()),
            Self::Comparison(_) => {
                "a value, a list of values, or a table with `not`, `below` or `above`".into()
            }
            Self::Map(_) | Self::Nested(_) => "a table".into(),
            Self::Records(section) => format!("records, each beginning with [[…{}]]", section.id),
        }
    }
}
