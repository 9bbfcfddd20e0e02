//! From TOML to raw records by a [`Format`]: the only place that knows the `toml` crate.
//!
//! Reading never stops at a mistake: what can be read is, and each mistake is a finding with its place. A recovered
//! value that touches a syntax error is dropped silently, since the error is told already.

use super::text;
use crate::diagnostic::{Code, FileId, Finding, Sources, Span, Subject};
use crate::model::format::{Form, Format, Key, Kind, Section};
use crate::model::name::{fold, nearest};
use crate::model::{Catalogue, Placed, Value, first_name};
use jiff::Timestamp;
use jiff::civil::Date;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::{Datetime, Offset};

/// TOML may nest no deeper.
pub(super) const MAX_DEPTH: usize = 32;
/// A load may hold no more records.
pub(super) const MAX_RECORDS: usize = 100_000;

/// A value as it was found.
#[derive(Clone, Debug, Default)]
pub(super) enum Slot {
    /// Not given.
    #[default]
    Absent,
    /// Given, but wrong; a finding says so.
    Faulty,
    /// Given and right.
    Given(Placed<Value>),
}

/// A record as it was read, before records of several files are put together.
#[derive(Clone, Debug)]
pub(super) struct RawRecord {
    /// Its header.
    pub(super) span: Span,
    /// Its name where the key of its table is one, as in `[features.NAME]`: canonical.
    pub(super) name: Option<String>,
    /// Its values, by key number.
    pub(super) slots: Vec<Slot>,
}

/// What was read of every section, by its number.
#[derive(Debug, Default)]
pub(super) struct RawSections {
    /// The values of keys before the first section, by key number.
    pub(super) root: Vec<Slot>,
    /// The records, none where the section is absent.
    pub(super) records: Vec<Vec<RawRecord>>,
    /// The first header of each section.
    pub(super) headers: Vec<Option<Span>>,
    /// Whether some file was not valid TOML or could not be taken, so that what is missing may only be unread.
    pub(super) incomplete: bool,
}

impl RawRecord {
    /// What tells the record apart in its section, as it was written or as its name means.
    pub(super) fn id(&self, section: &Section) -> Option<&str> {
        if let Some(name) = &self.name {
            return Some(name);
        }
        match self.slots.get(section.identity?)? {
            Slot::Given(placed) => placed.value.as_text(),
            Slot::Absent | Slot::Faulty => None,
        }
    }
}

impl RawSections {
    pub(super) fn new(format: &Format) -> Self {
        let count = format.sections.len();
        let root = vec![Slot::Absent; format.root.len()];
        Self { root, records: vec![Vec::new(); count], headers: vec![None; count], incomplete: false }
    }
}

/// Reads files by a format.
pub(super) struct Reader<'a> {
    /// The format.
    pub(super) format: &'a Format,
    /// The names that values may mean; `None` while the rules themselves are being read.
    pub(super) catalogue: Option<&'a Catalogue>,
    /// Where findings go.
    pub(super) findings: &'a mut Vec<Finding>,
    /// The file being read.
    file: FileId,
    /// Syntax errors of the file.
    errors: Vec<Range<usize>>,
    /// The keys on the way to the value being read; they tell findings apart, whatever their lines.
    path: Vec<String>,
    /// Records counted so far.
    counted: usize,
}

type Entries<'t, 'i> = Vec<(&'t Spanned<std::borrow::Cow<'i, str>>, &'t Spanned<DeValue<'i>>)>;

/// The entries of a table in file order.
fn entries<'t, 'i>(table: &'t DeTable<'i>) -> Entries<'t, 'i> {
    let mut entries: Entries<'t, 'i> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Adds an input file to `sources`, decoded; a file that can't be taken is added empty, with a finding.
pub(super) fn add_file(
    sources: &mut Sources,
    file: super::files::InputFile,
    findings: &mut Vec<Finding>,
) -> (FileId, bool) {
    let (digest, text) = match file.bytes {
        Ok(bytes) => (crate::digest::sha256(&bytes), text::decode(bytes).map_err(|error| error.to_string())),
        Err(problem) => (String::new(), Err(problem)),
    };
    match text {
        Ok(text) => (sources.add(file.path, text, digest), true),
        Err(problem) => {
            let path = file.path.clone();
            let id = sources.add(file.path, String::new(), digest);
            let finding = Finding::new(Code::BAD_FILE, format!("`{path}` can't be taken: {problem}"))
                .at(Span::new(id, 0..0))
                .help("save it as UTF-8 text of at most 64 MiB, readable to this user")
                .detail(path);
            findings.push(finding);
            (id, false)
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        format: &'a Format,
        catalogue: Option<&'a Catalogue>,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let file = FileId::FIRST;
        Self { format, catalogue, findings, file, errors: Vec::new(), path: Vec::new(), counted: 0 }
    }

    /// Reads one file into `raw`, as far as its sections are `allowed`.
    pub(super) fn read(
        &mut self,
        file: FileId,
        text: &str,
        raw: &mut RawSections,
        allowed: impl Fn(&Section) -> bool,
    ) {
        self.file = file;
        let (table, errors) = DeTable::parse_recoverable(text);
        raw.incomplete |= !errors.is_empty();
        self.errors = errors.iter().map(|error| error.span().unwrap_or_default()).collect();
        for error in &errors {
            self.syntax_error(error, text);
        }
        if self.too_deep(table.get_ref()) {
            raw.incomplete = true;
            return;
        }
        for (key, value) in entries(table.get_ref()) {
            self.path = vec![key.get_ref().to_string()];
            let root = self.format.root.iter().position(|known| known.id == **key.get_ref());
            match root.and_then(|number| Some((self.format.root.get(number)?, raw.root.get_mut(number)?))) {
                Some((known, place)) => *place = self.slot(&known.kind, value),
                None => self.section(key, value, raw, &allowed),
            }
        }
    }

    fn syntax_error(&mut self, error: &toml::de::Error, text: &str) {
        let span = error.span().unwrap_or(0..text.len().min(1));
        let message = error.message().to_owned();
        let finding = if message.contains("recurs") {
            Finding::new(Code::BAD_FILE, format!("nested deeper than {MAX_DEPTH} levels"))
                .help("no part of a deployment or of rules needs that")
        } else {
            Finding::new(Code::SYNTAX, format!("not valid TOML: {message}"))
        };
        self.findings.push(finding.at(self.span(span)).detail(message));
    }

    /// Whether the file nests too deep; if so a finding says where.
    fn too_deep(&mut self, table: &DeTable<'_>) -> bool {
        fn place(value: &Spanned<DeValue<'_>>, depth: usize) -> Option<Range<usize>> {
            match value.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) if depth >= MAX_DEPTH => Some(value.span()),
                DeValue::Table(table) => table.values().find_map(|value| place(value, depth + 1)),
                DeValue::Array(values) => values.iter().find_map(|value| place(value, depth + 1)),
                _ => None,
            }
        }
        let Some(span) = table.values().find_map(|value| place(value, 0)) else { return false };
        let finding = Finding::new(Code::BAD_FILE, format!("nested deeper than {MAX_DEPTH} levels"))
            .at(self.span(span))
            .help("no part of a deployment or of rules needs that");
        self.findings.push(finding);
        true
    }

    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    fn report(&mut self, code: Code, message: String, range: Range<usize>, help: Option<String>) {
        let mut finding = Finding::new(code, message).at(self.span(range)).detail(self.path.join("."));
        finding.help = help;
        self.findings.push(finding);
    }

    /// Whether a recovered value touches a syntax error.
    fn is_damaged(&self, range: &Range<usize>) -> bool {
        self.errors.iter().any(|error| error.start <= range.end && range.start <= error.end)
    }

    fn section(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        raw: &mut RawSections,
        allowed: impl Fn(&Section) -> bool,
    ) {
        let format = self.format;
        let Some((number, section)) = format.section(key.get_ref()).filter(|(_, section)| allowed(section))
        else {
            if !self.is_damaged(&key.span()) {
                self.unknown_section(key);
            }
            return;
        };
        if let Some(header) = raw.headers.get_mut(number).filter(|header| header.is_none()) {
            *header = Some(Span::new(self.file, value.span()));
        }
        let mut records = Vec::new();
        match &section.form {
            Form::Records => self.section_records(section, value, &mut records),
            form => match value.get_ref() {
                DeValue::Table(table) => self.section_table(section, form, table, value.span(), &mut records),
                _ if self.is_damaged(&value.span()) => {}
                other => self.wrong_type(&format!("a table, [{}]", section.id), other, value.span()),
            },
        }
        if let Some(place) = raw.records.get_mut(number) {
            place.append(&mut records);
        }
    }

    fn unknown_section(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        let known = self.format.sections.iter().map(|section| section.id.as_str());
        let owner = self.format.sections.iter().find(|section| section.key(name).is_some());
        let help = match (nearest(name, known.clone()), owner) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(section)) => {
                format!("`{name}` is a key of `{}`: write it below that header", section.id)
            }
            (None, None) => format!("known sections: {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.report(Code::UNKNOWN_KEY, format!("unknown section `{name}`"), key.span(), Some(help));
    }

    fn section_records(
        &mut self,
        section: &Section,
        value: &Spanned<DeValue<'_>>,
        records: &mut Vec<RawRecord>,
    ) {
        let wanted = format!("records, each beginning with [[{}]]", section.id);
        match value.get_ref() {
            DeValue::Array(values) => {
                for value in values {
                    match value.get_ref() {
                        DeValue::Table(table) => records.extend(self.record(section, table, value.span())),
                        _ if self.is_damaged(&value.span()) => {}
                        other => self.wrong_type(&wanted, other, value.span()),
                    }
                }
            }
            _ if self.is_damaged(&value.span()) => {}
            DeValue::Table(table) => {
                // One pair of brackets where two belong: told, and read all the same.
                self.wrong_type(&wanted, value.get_ref(), value.span());
                records.extend(self.record(section, table, value.span()));
            }
            other => self.wrong_type(&wanted, other, value.span()),
        }
    }

    fn section_table(
        &mut self,
        section: &Section,
        form: &Form,
        table: &DeTable<'_>,
        span: Range<usize>,
        records: &mut Vec<RawRecord>,
    ) {
        match form {
            Form::Features => {
                for (key, value) in entries(table) {
                    records.extend(self.feature_record(section, key, value));
                }
            }
            Form::Codes(words) => {
                let kind = Kind::Word(words.clone());
                for (key, value) in entries(table) {
                    records.extend(self.code_record(key, value, &kind));
                }
            }
            Form::Open(kind) => {
                for (key, value) in entries(table) {
                    let slots = vec![self.slot(kind, value)];
                    let span = self.span(key.span());
                    records.push(RawRecord { span, name: Some(key.get_ref().to_string()), slots });
                }
            }
            Form::Table | Form::Records => records.extend(self.record(section, table, span)),
        }
    }

    /// `[features.NAME]`: the name resolved to the feature's id.
    fn feature_record(
        &mut self,
        section: &Section,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<RawRecord> {
        let told = self.findings.len();
        let name = self.name_of(&Kind::Feature, key.get_ref(), key.span());
        self.name_subject(told, section, name.as_deref().unwrap_or(key.get_ref()));
        self.path.push(name.clone().unwrap_or_else(|| key.get_ref().to_string()));
        let record = match value.get_ref() {
            DeValue::Table(table) => self.record(section, table, value.span()),
            _ if self.is_damaged(&value.span()) => None,
            other => {
                self.wrong_type("a table with `enabled` and `enabled-at`", other, value.span());
                None
            }
        };
        self.path.pop();
        let mut record = record?;
        record.name = Some(name?);
        // A table that dotted keys make has no header of its own.
        if record.span == self.span(key.span()) || record.span.start >= record.span.end {
            record.span = self.span(key.span());
        }
        Some(record)
    }

    /// `SG133 = "allow"` below `[levels]`.
    fn code_record(
        &mut self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        kind: &Kind,
    ) -> Option<RawRecord> {
        let code = self.code(key.get_ref(), key.span(), Code::UNKNOWN_KEY);
        let slot = self.slot(kind, value);
        let code = code?;
        Some(RawRecord { span: self.span(key.span()), name: Some(code.to_string()), slots: vec![slot] })
    }

    /// Reads a table as a record of `section`.
    fn record(&mut self, section: &Section, table: &DeTable<'_>, span: Range<usize>) -> Option<RawRecord> {
        self.counted += 1;
        if self.counted > MAX_RECORDS {
            if self.counted == MAX_RECORDS + 1 {
                let message = format!("more than {MAX_RECORDS} records");
                self.report(Code::BAD_FILE, message, span, Some("split the deployment".into()));
            }
            return None;
        }
        let mut slots = vec![Slot::Absent; section.keys.len()];
        let told = self.findings.len();
        for (key, value) in entries(table) {
            self.path.push(key.get_ref().to_string());
            match section.key(key.get_ref()) {
                Some((number, declared)) => {
                    let slot = self.slot(&declared.kind, value);
                    if let Some(place) = slots.get_mut(number) {
                        *place = slot;
                    }
                }
                None if self.is_damaged(&key.span()) => {}
                None => self.unknown_key(section, key),
            }
            self.path.pop();
        }
        let record = RawRecord { span: self.span(span), name: None, slots };
        self.name_subject(told, section, record.id(section).unwrap_or_default());
        Some(record)
    }

    /// Says of the findings since `told` what record they are about.
    fn name_subject(&mut self, told: usize, section: &Section, id: &str) {
        for finding in self.findings.iter_mut().skip(told) {
            finding.subject.get_or_insert_with(|| Subject::new(&section.id, id));
        }
    }

    fn unknown_key(&mut self, section: &Section, key: &Spanned<std::borrow::Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        let known = || section.keys.iter().map(|key| key.id.as_str());
        let by_label = |key: &&Key| key.name.as_deref().is_some_and(|label| fold(label) == fold(name));
        let owner = self.format.sections.iter().find(|other| other.key(name).is_some());
        let help = if let Some(labelled) = section.keys.iter().find(by_label) {
            format!("write `{}`", labelled.id)
        } else if let Some(near) = nearest(name, known()) {
            format!("did you mean `{near}`?")
        } else if let Some(owner) = owner {
            format!("`{name}` is a key of `{}`", owner.id)
        } else {
            format!("known keys: {}", known().collect::<Vec<_>>().join(", "))
        };
        let message = format!("unknown key `{name}` in `{}`", section.id);
        self.report(Code::UNKNOWN_KEY, message, key.span(), Some(help));
    }

    fn slot(&mut self, kind: &Kind, value: &Spanned<DeValue<'_>>) -> Slot {
        if self.is_damaged(&value.span()) && !matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_))
        {
            return Slot::Faulty;
        }
        match self.value(kind, value) {
            Some(read) => Slot::Given(Placed::new(read, self.span(value.span()))),
            None => Slot::Faulty,
        }
    }

    fn value(&mut self, kind: &Kind, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let range = value.span();
        match (kind, value.get_ref()) {
            (Kind::OneOrMore(inner), DeValue::Array(values))
            | (Kind::List(inner), DeValue::Array(values)) => {
                let read: Vec<_> = values.iter().map(|value| self.slot(inner, value)).collect();
                let given = read.iter().filter_map(|slot| match slot {
                    Slot::Given(placed) => Some(placed.clone()),
                    Slot::Absent | Slot::Faulty => None,
                });
                let given: Vec<_> = given.collect();
                (given.len() == read.len()).then_some(Value::List(given))
            }
            (Kind::OneOrMore(inner), _) => self.value(inner, value),
            (Kind::Comparison(section), DeValue::Table(table)) => {
                self.record(section, table, range).map(|raw| Value::Nested(self.nested(section, raw)))
            }
            (Kind::Comparison(_), _) => self.value(&Kind::OneOrMore(Box::new(Kind::Scalar)), value),
            (Kind::Map(inner), DeValue::Table(table)) => self.map(inner, table),
            (Kind::Nested(section), DeValue::Table(table)) => {
                self.record(section, table, range).map(|raw| Value::Nested(self.nested(section, raw)))
            }
            (Kind::Records(section), DeValue::Array(_)) => {
                let mut records = Vec::new();
                self.section_records(section, value, &mut records);
                Some(Value::Records(records.into_iter().map(|raw| self.nested(section, raw)).collect()))
            }
            (_, DeValue::String(text)) => self.text_value(kind, text, range),
            (Kind::Boolean | Kind::Scalar, DeValue::Boolean(read)) => Some(Value::Boolean(*read)),
            (Kind::Integer { least, most }, DeValue::Integer(number)) => {
                self.integer(number, *least, *most, range).map(Value::Integer)
            }
            (Kind::Scalar, DeValue::Integer(number)) => {
                self.integer(number, i64::MIN, i64::MAX, range).map(Value::Integer)
            }
            (Kind::DateTime, DeValue::Datetime(read)) => self.date_time(*read, range).map(Value::DateTime),
            (Kind::Date, DeValue::Datetime(read)) => self.date(*read, range).map(Value::Date),
            (kind, other) => {
                self.wrong_type(&kind.expected(), other, range);
                None
            }
        }
    }

    fn map(&mut self, inner: &Kind, table: &DeTable<'_>) -> Option<Value> {
        let mut read = Vec::new();
        let mut whole = true;
        for (key, value) in entries(table) {
            match self.slot(inner, value) {
                Slot::Given(placed) => {
                    read.push((Placed::new(key.get_ref().to_string(), self.span(key.span())), placed));
                }
                Slot::Absent | Slot::Faulty => whole = false,
            }
        }
        whole.then_some(Value::Map(read))
    }

    /// A record within a record: what is missing is told at once, since no other file can add it.
    fn nested(&mut self, section: &Section, raw: RawRecord) -> crate::model::Record {
        for (key, slot) in section.keys.iter().zip(&raw.slots) {
            if key.required && matches!(slot, Slot::Absent) {
                let message = format!("missing `{}` in `{}`", key.id, section.id);
                let finding = Finding::new(Code::MISSING_KEY, message).at(raw.span).detail(key.id.clone());
                self.findings.push(finding.help(format!("add `{} = …`: {}", key.id, key.text)));
            }
        }
        into_record(raw, section)
    }

    fn text_value(&mut self, kind: &Kind, text: &str, range: Range<usize>) -> Option<Value> {
        match kind {
            Kind::Text | Kind::Reference(_) if text.trim().is_empty() => {
                self.out_of_range("blank text".into(), range, "write something, or leave the key out".into());
                None
            }
            Kind::Text | Kind::Scalar => Some(Value::Text(text.to_owned())),
            Kind::Reference(_) => Some(Value::Reference { id: text.to_owned(), target: None }),
            Kind::Word(words) => self.word(words, text, range),
            Kind::Version => self.parsed(text, range, Value::Version),
            Kind::Duration => self.parsed(text, range, Value::Duration),
            Kind::Recurrence if text == "none" => Some(Value::NoRecurrence),
            Kind::Recurrence => self.parsed(text, range, Value::Duration),
            Kind::Code => self.code(text, range, Code::OUT_OF_RANGE).map(Value::Code),
            Kind::Feature | Kind::DistributionJob | Kind::BatchJob | Kind::Table => {
                self.name_of(kind, text, range).map(Value::Name)
            }
            _ => {
                self.wrong_type(&kind.expected(), &DeValue::String(text.into()), range);
                None
            }
        }
    }

    fn word(&mut self, words: &[String], text: &str, range: Range<usize>) -> Option<Value> {
        if words.iter().any(|word| word == text) {
            return Some(Value::Text(text.to_owned()));
        }
        let near = nearest(text, words.iter().map(String::as_str));
        let help = near.map_or_else(
            || format!("one of: {}", words.join(", ")),
            |near| format!("did you mean `{near}`? known: {}", words.join(", ")),
        );
        self.out_of_range(format!("unknown word `{text}`"), range, help);
        None
    }

    fn parsed<T: std::str::FromStr>(
        &mut self,
        text: &str,
        range: Range<usize>,
        wrap: fn(T) -> Value,
    ) -> Option<Value>
    where
        T::Err: std::fmt::Display,
    {
        match text.parse() {
            Ok(value) => Some(wrap(value)),
            Err(error) => {
                self.out_of_range(format!("malformed value `{text}`"), range, error.to_string());
                None
            }
        }
    }

    /// The code of a check that `text` means; `otherwise` is the code for one that is not known.
    fn code(&mut self, text: &str, range: Range<usize>, otherwise: Code) -> Option<Code> {
        let Ok(code) = text.parse::<Code>() else {
            let help = Some("codes are `SG` and three digits, such as `SG115`".into());
            self.report(otherwise, format!("unknown code `{text}`"), range, help);
            return None;
        };
        if code.is_file_finding() && code.severity() == crate::diagnostic::Severity::Error {
            let help = "a file that is wrong must be mended; policy and waivers are for checks".to_owned();
            self.out_of_range(format!("`{code}` can be neither levelled nor waived"), range, help);
            return None;
        }
        let known = self.catalogue.is_none_or(|catalogue| catalogue.check(code).is_some())
            || code.is_file_finding()
            || code.is_custom();
        if !known {
            let codes: Vec<String> = self
                .catalogue
                .iter()
                .flat_map(|c| c.checks.iter().map(|check| check.code.to_string()))
                .collect();
            let near =
                nearest(text, codes.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            self.report(otherwise, format!("no check has the code `{text}`"), range, near);
            return None;
        }
        Some(code)
    }

    /// The canonical id that a name of the catalogue means.
    fn name_of(&mut self, kind: &Kind, text: &str, range: Range<usize>) -> Option<String> {
        let Some(catalogue) = self.catalogue else { return Some(text.to_owned()) };
        let names = CatalogueNames { catalogue, kind };
        let Some((id, canonical)) = names.meaning(text) else {
            let help = names.help(text);
            self.report(
                Code::UNKNOWN_NAME,
                format!("unknown {} `{}`", names.what(), text.trim()),
                range,
                Some(help),
            );
            return None;
        };
        if !canonical.iter().any(|name| fold(name) == fold(text)) {
            let message = format!("`{}` is an alias of `{id}`", text.trim());
            let help = format!(
                "write {}",
                canonical.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
            );
            self.findings
                .push(Finding::new(Code::ALIAS, message).at(self.span(range)).help(help).detail(text));
        }
        Some(id)
    }

    fn integer(
        &mut self,
        number: &toml::de::DeInteger<'_>,
        least: i64,
        most: i64,
        range: Range<usize>,
    ) -> Option<i64> {
        let read = i64::from_str_radix(number.as_str(), number.radix()).ok();
        let read = read.filter(|read| (least..=most).contains(read));
        if read.is_none() {
            let help = match (least, most) {
                (i64::MIN, i64::MAX) => "a whole number of at most 64 bits".to_owned(),
                (least, i64::MAX) => format!("a whole number of {least} or more"),
                (least, most) => format!("a whole number from {least} to {most}"),
            };
            self.out_of_range(format!("`{number}` is out of range"), range, help);
        }
        read
    }

    fn date_time(&mut self, read: Datetime, range: Range<usize>) -> Option<Timestamp> {
        let moment = timestamp(read);
        if moment.is_none() {
            let help = "a date and time with an offset, such as 2026-11-20T08:00:00Z".to_owned();
            self.out_of_range(format!("`{read}` is not a moment"), range, help);
        }
        moment
    }

    fn date(&mut self, read: Datetime, range: Range<usize>) -> Option<Date> {
        let date = match read {
            Datetime { date: Some(date), time: None, offset: None } => civil(date),
            _ => None,
        };
        if date.is_none() {
            self.out_of_range(format!("`{read}` is not a date"), range, "a date, such as 2027-03-31".into());
        }
        date
    }

    fn out_of_range(&mut self, message: String, range: Range<usize>, help: String) {
        self.report(Code::OUT_OF_RANGE, message, range, Some(help));
    }

    fn wrong_type(&mut self, expected: &str, found: &DeValue<'_>, range: Range<usize>) {
        let found = match found {
            DeValue::String(text) => format!("the text `{}`", shortened(text)),
            DeValue::Integer(number) => format!("the whole number {number}"),
            DeValue::Float(number) => format!("the number {number}"),
            DeValue::Boolean(value) => format!("{value}"),
            DeValue::Datetime(value) => format!("the date {value}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.report(Code::SYNTAX, format!("expected {expected}, found {found}"), range, None);
    }
}

/// At most 60 characters of `text`.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The moment that a TOML date-time with an offset means.
fn timestamp(read: Datetime) -> Option<Timestamp> {
    let (date, time, offset) = (read.date?, read.time?, read.offset?);
    // TOML allows a leap second; the second before it is as near as the calendar comes.
    let second = time.second.unwrap_or(0).min(59);
    let nanosecond = i32::try_from(time.nanosecond.unwrap_or(0)).ok()?;
    let (hour, minute) = (i8::try_from(time.hour).ok()?, i8::try_from(time.minute).ok()?);
    let civil = civil(date)?
        .to_datetime(jiff::civil::Time::new(hour, minute, i8::try_from(second).ok()?, nanosecond).ok()?);
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i32::from(minutes),
    };
    jiff::tz::Offset::from_seconds(minutes * 60).ok()?.to_timestamp(civil).ok()
}

fn civil(date: toml::value::Date) -> Option<Date> {
    let year = i16::try_from(date.year).ok()?;
    Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
}

/// The record that `raw` is, wrong values counting as not given.
pub(super) fn into_record(raw: RawRecord, section: &Section) -> crate::model::Record {
    let id = raw.id(section).unwrap_or_default().to_owned();
    let values = raw.slots.into_iter().map(|slot| match slot {
        Slot::Given(placed) => Some(placed),
        Slot::Absent | Slot::Faulty => None,
    });
    crate::model::Record { span: raw.span, id, values: values.collect() }
}

/// The names of one kind in the catalogue.
struct CatalogueNames<'a> {
    catalogue: &'a Catalogue,
    kind: &'a Kind,
}

impl CatalogueNames<'_> {
    fn what(&self) -> &'static str {
        match self.kind {
            Kind::Feature => "feature",
            Kind::BatchJob => "batch job",
            Kind::Table => "table",
            _ => "job",
        }
    }

    /// The id that a name means, and the names that are canonical.
    fn meaning(&self, text: &str) -> Option<(String, Vec<String>)> {
        let with_name = |id: &str, names| {
            let canonical = [Some(id), first_name(names)].into_iter().flatten().map(str::to_owned).collect();
            (id.to_owned(), canonical)
        };
        match self.kind {
            Kind::Feature => {
                let feature = self.catalogue.feature(self.catalogue.feature_named(text)?)?;
                Some(with_name(&feature.id, &feature.names))
            }
            Kind::Table => {
                let folded = fold(text);
                let table = self.catalogue.tables.iter().find(|table| fold(&table.id) == folded)?;
                Some((table.id.clone(), vec![table.id.clone()]))
            }
            _ => {
                let named = match self.kind {
                    Kind::BatchJob => self.catalogue.batch_job_named(text),
                    _ => self.catalogue.distribution_job_named(text),
                };
                let job = self.catalogue.job(named?)?;
                Some(with_name(&job.id, &job.names))
            }
        }
    }

    /// What to write instead of a name that means nothing here.
    fn help(&self, text: &str) -> String {
        if let Some(help) = self.misplaced(text) {
            return help;
        }
        let near = match self.kind {
            Kind::Feature => nearest(
                text,
                self.catalogue.features.iter().flat_map(|feature| {
                    std::iter::once(&feature.id)
                        .chain(feature.names.iter().flat_map(|(_, names)| names))
                        .map(String::as_str)
                }),
            ),
            Kind::Table => nearest(text, self.catalogue.tables.iter().map(|table| table.id.as_str())),
            _ => nearest(
                text,
                self.catalogue.jobs.iter().flat_map(|job| {
                    std::iter::once(&job.id)
                        .chain(job.names.iter().flat_map(|(_, names)| names))
                        .map(String::as_str)
                }),
            ),
        };
        let list = match self.kind {
            Kind::Feature => "features",
            _ => "jobs",
        };
        near.map_or_else(
            || format!("`syncgate rules list {list}` has the names that are known"),
            |near| format!("did you mean `{near}`?"),
        )
    }

    /// What to do with a name that is known, but means something else.
    fn misplaced(&self, text: &str) -> Option<String> {
        if let Some(job) = self.catalogue.job_named(text).and_then(|id| self.catalogue.job(id)) {
            let section = match job.kind {
                crate::model::JobKind::Batch => "batch-job",
                _ => "distribution-schedule",
            };
            return Some(format!("`{}` is a job of another kind: put it under [[{section}]]", job.id));
        }
        let folded = fold(text);
        let setting = self.catalogue.settings.get(*self.catalogue.names.settings.get(&*folded)?)?;
        let page = setting.page.as_deref().map(|page| format!(", at {page}")).unwrap_or_default();
        Some(match &setting.key {
            Some((section, key)) => {
                format!("it is a setting, not a feature: write `{key}` in `{section}`{page}")
            }
            None => format!("it is a setting, not a feature{page}; a deployment does not hold it"),
        })
    }
}
