//! From TOML to raw records by a [`Format`]: the only place that knows the `toml` crate.
//!
//! Reading never stops at a mistake: what can be read is, and each mistake is a finding with its
//! place. A recovered value that touches a syntax error is dropped silently, since the error is
//! told already.

use super::dates;
use super::syntax::{
    MAX_DEPTH, damage, deep_key, is_given_up, is_key_alone, place_of, without_keys_alone,
};
use super::text;
use crate::diagnostic::{Code, FileId, Finding, Sources, Span, Subject};
use crate::model::format::{Form, Format, Key, Kind, Section};
use crate::model::name::{fold, nearest};
use crate::model::{KeyName, Placed, Rules, Value, or_blank, said};
use std::borrow::Cow;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A load may hold no more records.
const MAX_RECORDS: usize = 100_000;

/// A value as it was found.
#[derive(Clone, Debug, Default)]
pub(super) enum RawValue {
    /// Not given.
    #[default]
    Absent,
    /// Given, but wrong; a finding says so.
    Faulty,
    /// A list of which some elements are wrong; a finding says so. What the others refer to is
    /// referred to.
    Partial(Placed<Value>),
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
    pub(super) values: Vec<RawValue>,
}

/// What was read of every section, by its number.
#[derive(Debug, Default)]
pub(super) struct RawSections {
    /// The values of keys before the first section, by key number.
    pub(super) root: Vec<RawValue>,
    /// The records, none where the section is absent.
    pub(super) records: Vec<Vec<RawRecord>>,
    /// Records whose id is given already: told, and looked at like the others, but not kept.
    pub(super) doubles: Vec<Vec<RawRecord>>,
    /// The first header of each section.
    pub(super) headers: Vec<Option<Span>>,
    /// Whether a section is there and is not what it should be, or holds a record that is not
    /// known, so that nothing in it is missing.
    pub(super) faulty: Vec<bool>,
    /// Whether a section is there and says that it has no records: `channel = []`.
    pub(super) none: Vec<bool>,
    /// Whether some file was not valid TOML or could not be taken, so that what is missing may only
    /// be unread.
    pub(super) incomplete: bool,
}

impl RawRecord {
    /// What tells the record apart in its section, as it was written or as its name means.
    pub(super) fn id(&self, section: &Section) -> Option<&str> {
        if let Some(name) = &self.name {
            return Some(name);
        }
        match self.values.get(section.identity?)? {
            RawValue::Given(placed) => placed.value.as_text(),
            RawValue::Absent | RawValue::Faulty | RawValue::Partial(_) => None,
        }
    }
}

impl RawRecord {
    /// What findings and people call the record: its id, or in a section whose records have none,
    /// what must be given first, such as the job of a distribution schedule; nothing where that is
    /// missing or wrong, which is told.
    pub(super) fn title(&self, section: &Section) -> &str {
        if section.identity.is_some() || section.form != Form::Records {
            return or_blank(self.id(section));
        }
        match section.naming_key().and_then(|key| self.values.get(key)) {
            Some(RawValue::Given(placed)) => or_blank(placed.value.as_text()),
            _ => "",
        }
    }
}

impl RawRecord {
    /// Of which kind the record is, where it says so.
    pub(super) fn kind(&self, section: &Section) -> Option<&str> {
        let (number, _) = section.key(KeyName::Kind.as_str())?;
        match self.values.get(number)? {
            RawValue::Given(placed) => placed.value.as_text(),
            RawValue::Absent | RawValue::Faulty | RawValue::Partial(_) => None,
        }
    }
}

impl RawSections {
    pub(super) fn new(format: &Format) -> Self {
        let count = format.sections.len();
        let root = vec![RawValue::Absent; format.root.len()];
        Self {
            root,
            records: vec![Vec::new(); count],
            doubles: vec![Vec::new(); count],
            headers: vec![None; count],
            faulty: vec![false; count],
            none: vec![false; count],
            incomplete: false,
        }
    }
}

/// Reads files by a format.
pub(super) struct Reader<'a> {
    /// The format.
    pub(super) format: &'a Format,
    /// The names that values may mean; `None` while the rules themselves are being read.
    pub(super) rules: Option<&'a Rules>,
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

pub(super) type Entries<'t, 'i> = Vec<(&'t Spanned<Cow<'i, str>>, &'t Spanned<DeValue<'i>>)>;

/// The entries of a table in file order.
pub(super) fn entries<'t, 'i>(table: &'t DeTable<'i>) -> Entries<'t, 'i> {
    let mut entries: Entries<'t, 'i> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Adds an input file to `sources`, decoded; a file that can't be taken is added empty, with a
/// finding.
pub(super) fn add_file(
    sources: &mut Sources,
    file: super::files::InputFile,
    findings: &mut Vec<Finding>,
) -> (FileId, bool) {
    let (digest, text) = match file.bytes {
        Ok(bytes) => {
            let digest = (!text::is_plain(&bytes)).then(|| crate::digest::sha256(&bytes));
            (digest, text::decode(bytes).map_err(|error| error.to_string()))
        }
        Err(problem) => (Some(String::new()), Err(problem)),
    };
    match text {
        Ok(text) => (sources.add(file.path, text, digest), true),
        Err(problem) => {
            let path = file.path.clone();
            let id = sources.add(file.path, String::new(), digest);
            let finding =
                Finding::new(Code::BAD_FILE, format!("`{path}` can't be taken: {problem}"))
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
        rules: Option<&'a Rules>,
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let file = FileId::FIRST;
        Self { format, rules, findings, file, errors: Vec::new(), path: Vec::new(), counted: 0 }
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
        let (blanked, alone);
        let (mut table, mut errors) = DeTable::parse_recoverable(text);
        if errors.iter().any(is_key_alone) {
            (blanked, alone) = without_keys_alone(text);
            (table, errors) = DeTable::parse_recoverable(&blanked);
            errors.extend(alone);
        }
        errors.sort_by_key(|error| error.span().map(|span| (span.start, span.end)));
        raw.incomplete |= !errors.is_empty();
        let spans = errors.iter().map(|error| place_of(error, text));
        self.errors = spans.map(|span| damage(text, span)).collect();
        if self.too_deep(table.get_ref(), &errors, text) {
            raw.incomplete = true;
            return;
        }
        let mut told = None;
        for error in &errors {
            let span = place_of(error, text);
            // What follows at once is the same mistake, met again on the way out of it.
            if told.is_none_or(|end| span.start > end + 1) {
                self.syntax_error(error, span.clone(), text);
            }
            told = Some(span.end);
        }
        for (key, value) in entries(table.get_ref()) {
            self.path = vec![key.get_ref().to_string()];
            let root = self.format.root.iter().position(|known| known.id == **key.get_ref());
            match root
                .and_then(|number| Some((self.format.root.get(number)?, raw.root.get_mut(number)?)))
            {
                Some((known, place)) => *place = self.raw_value(&known.kind, value),
                None => self.section(key, value, raw, &allowed),
            }
        }
    }

    fn syntax_error(&mut self, error: &toml::de::Error, span: Range<usize>, text: &str) {
        let date = dates::on_the_line(text, span.start);
        let message = match date {
            Some(date) => format!("not valid TOML: `{date}` is no date of TOML"),
            None => format!("not valid TOML: {}", error.message()),
        };
        let finding = Finding::new(Code::SYNTAX, message).at(self.span(span));
        let mut finding = finding.detail(error.message());
        finding.help = date.map(|_| dates::WRITTEN.to_owned());
        self.findings.push(finding);
    }

    /// Whether the file nests too deep; if so a finding says where.
    fn too_deep(&mut self, table: &DeTable<'_>, errors: &[toml::de::Error], text: &str) -> bool {
        fn place(value: &Spanned<DeValue<'_>>, depth: usize) -> Option<Range<usize>> {
            match value.get_ref() {
                DeValue::Table(_) | DeValue::Array(_) if depth >= MAX_DEPTH => Some(value.span()),
                DeValue::Table(table) => table.values().find_map(|value| place(value, depth + 1)),
                DeValue::Array(values) => values.iter().find_map(|value| place(value, depth + 1)),
                _ => None,
            }
        }
        let given_up = errors.iter().find(|error| is_given_up(error));
        let span = table.values().find_map(|value| place(value, 0)).or_else(|| {
            let span = given_up?.span().filter(|span| span.start > 0);
            span.or_else(|| deep_key(text)).or(Some(0..text.len().min(1)))
        });
        let Some(span) = span else { return false };
        let finding =
            Finding::new(Code::BAD_FILE, format!("nested deeper than {MAX_DEPTH} levels"))
                .at(self.span(span))
                .help("no part of a deployment or of rules needs that");
        self.findings.push(finding);
        true
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range)
    }

    pub(super) fn report(
        &mut self,
        code: Code,
        message: String,
        range: Range<usize>,
        help: Option<String>,
        instead: Option<&str>,
    ) {
        let mut finding =
            Finding::new(code, message).at(self.span(range)).detail(self.path.join("."));
        finding.help = help;
        self.findings.push(finding.instead(instead));
    }

    /// Whether a recovered value touches a syntax error.
    pub(super) fn is_damaged(&self, range: &Range<usize>) -> bool {
        self.errors.iter().any(|error| error.start <= range.end && range.start <= error.end)
    }

    fn section(
        &mut self,
        key: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        raw: &mut RawSections,
        allowed: impl Fn(&Section) -> bool,
    ) {
        let format = self.format;
        let Some((number, section)) =
            format.section(key.get_ref()).filter(|(_, section)| allowed(section))
        else {
            if !self.is_damaged(&key.span()) {
                self.unknown_section(key);
            }
            return;
        };
        if let Some(header) = raw.headers.get_mut(number).filter(|header| header.is_none()) {
            *header = Some(Span::new(self.file, value.span()));
        }
        // `section = []` says that there are none.
        let is_list = matches!(section.form, Form::Records | Form::Features);
        let is_none = matches!(value.get_ref(), DeValue::Array(values) if values.is_empty());
        if let Some(none) = raw.none.get_mut(number).filter(|_| is_list && is_none) {
            *none = true;
            return;
        }
        let mut records = Vec::new();
        match &section.form {
            Form::Records => self.section_records(section, value, &mut records),
            form => match value.get_ref() {
                DeValue::Table(table) => {
                    self.section_table(section, form, table, value.span(), &mut records);
                    if let (Form::Features, Some(faulty)) = (form, raw.faulty.get_mut(number)) {
                        *faulty |= records.len() < table.len();
                    }
                }
                other => {
                    if !self.is_damaged(&value.span()) {
                        self.wrong_type(&format!("a table, [{}]", section.id), other, value.span());
                    }
                    if let Some(faulty) = raw.faulty.get_mut(number) {
                        *faulty = true;
                    }
                }
            },
        }
        if let Some(place) = raw.records.get_mut(number) {
            place.append(&mut records);
        }
    }

    fn unknown_section(&mut self, key: &Spanned<Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        let keys = self.format.root.iter().map(|key| &key.id);
        let sections = self.format.sections.iter().map(|section| &section.id);
        let known: Vec<&str> = keys.chain(sections).map(String::as_str).collect();
        let owner = self.format.sections.iter().find(|section| section.key(name).is_some());
        let near = nearest(name, known.iter().copied());
        let help = match (near, owner) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(section)) => {
                format!("`{name}` is a key of `{}`: write it below that header", section.id)
            }
            (None, None) => format!("known here: {}", known.join(", ")),
        };
        let message = format!("unknown section `{name}`");
        self.report(Code::UNKNOWN_KEY, message, key.span(), Some(help), near);
    }

    pub(super) fn section_records(
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
                        DeValue::Table(table) => {
                            records.extend(self.record(section, table, value.span(), None));
                        }
                        _ if self.is_damaged(&value.span()) => {}
                        other => self.wrong_type(&wanted, other, value.span()),
                    }
                }
            }
            _ if self.is_damaged(&value.span()) => {}
            DeValue::Table(table) => {
                // One pair of brackets where two belong: told, and read all the same.
                self.wrong_type(&wanted, value.get_ref(), value.span());
                records.extend(self.record(section, table, value.span(), None));
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
            Form::Codes => {
                for (key, value) in entries(table) {
                    records.extend(self.code_record(section, key, value));
                }
            }
            Form::Single | Form::Records => records.extend(self.record(section, table, span, None)),
        }
    }

    /// `[features.NAME]`: the name resolved to the feature's id.
    fn feature_record(
        &mut self,
        section: &Section,
        key: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<RawRecord> {
        let told = self.findings.len();
        let name = self.name_of(&Kind::Feature, key.get_ref(), key.span());
        self.name_subject(told, section, name.as_deref().unwrap_or(key.get_ref()));
        self.path.push(name.clone().unwrap_or_else(|| key.get_ref().to_string()));
        let record = match value.get_ref() {
            DeValue::Table(table) => {
                let id = name.clone().unwrap_or_else(|| key.get_ref().to_string());
                self.record(section, table, value.span(), Some(id))
            }
            _ if self.is_damaged(&value.span()) => None,
            other => {
                self.wrong_type("a table with `enabled` and `enabled-at`", other, value.span());
                None
            }
        };
        self.path.pop();
        let mut record = record?;
        name?;
        // A table that dotted keys make has no header of its own.
        if record.span == self.span(key.span()) || record.span.start >= record.span.end {
            record.span = self.span(key.span());
        }
        Some(record)
    }

    /// `SG133 = "allow"` below `[levels]`, or a table with the level and who answers for it.
    fn code_record(
        &mut self,
        section: &Section,
        key: &Spanned<Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<RawRecord> {
        let code = self.code(key.get_ref(), key.span(), Code::UNKNOWN_KEY);
        let name = code.map(|code| code.to_string());
        let record = match value.get_ref() {
            DeValue::Table(table) => self.record(section, table, value.span(), name)?,
            _ => {
                let mut values = vec![RawValue::Absent; section.keys.len()];
                if let (Some(first), Some(declared)) = (values.first_mut(), section.keys.first()) {
                    *first = self.raw_value(&declared.kind, value);
                }
                RawRecord { span: self.span(key.span()), name, values }
            }
        };
        code.map(|_| RawRecord { span: self.span(key.span()), ..record })
    }

    /// Reads a table as a record of `section`, whose name is known where its key is one.
    pub(super) fn record(
        &mut self,
        section: &Section,
        table: &DeTable<'_>,
        span: Range<usize>,
        name: Option<String>,
    ) -> Option<RawRecord> {
        self.counted += 1;
        if self.counted > MAX_RECORDS {
            if self.counted == MAX_RECORDS + 1 {
                let message = format!("more than {MAX_RECORDS} records");
                let help = Some("split the deployment".into());
                self.report(Code::BAD_FILE, message, span, help, None);
            }
            return None;
        }
        let mut values = vec![RawValue::Absent; section.keys.len()];
        let told = self.findings.len();
        for (key, value) in entries(table) {
            self.path.push(key.get_ref().to_string());
            match section.key(key.get_ref()) {
                Some((number, declared)) => {
                    let found = self.raw_value(&declared.kind, value);
                    if let Some(place) = values.get_mut(number) {
                        *place = found;
                    }
                }
                None if self.is_damaged(&key.span()) => {}
                None => self.unknown_key(section, key),
            }
            self.path.pop();
        }
        let record = RawRecord { span: self.span(span), name, values };
        self.name_subject(told, section, record.title(section));
        Some(record)
    }

    /// Says of the findings since `told` what record they are about.
    fn name_subject(&mut self, told: usize, section: &Section, id: &str) {
        for finding in self.findings.iter_mut().skip(told) {
            finding.subject.get_or_insert_with(|| Subject::new(&section.id, id));
        }
    }

    fn unknown_key(&mut self, section: &Section, key: &Spanned<Cow<'_, str>>) {
        let name = key.get_ref().as_ref();
        let known = || section.keys.iter().map(|key| key.id.as_str());
        let by_label =
            |key: &&Key| key.name.as_deref().is_some_and(|label| fold(label) == fold(name));
        let owner = self.format.sections.iter().find(|other| other.key(name).is_some());
        let labelled = section.keys.iter().find(by_label).map(|key| key.id.as_str());
        let near = labelled.or_else(|| nearest(name, known()));
        let help = if let Some(labelled) = labelled {
            format!("write `{labelled}`")
        } else if let Some(near) = near {
            let elsewhere = said(owner, |it| format!("; `{name}` is a key of `{}`", it.id));
            format!("did you mean `{near}`?{elsewhere}")
        } else if let Some(owner) = owner {
            format!("`{name}` is a key of `{}`", owner.id)
        } else {
            format!("known keys: {}", known().collect::<Vec<_>>().join(", "))
        };
        let message = format!("unknown key `{name}` in `{}`", section.id);
        self.report(Code::UNKNOWN_KEY, message, key.span(), Some(help), near);
    }

    pub(super) fn out_of_range(&mut self, message: String, range: Range<usize>, help: String) {
        self.report(Code::OUT_OF_RANGE, message, range, Some(help), None);
    }

    pub(super) fn wrong_type(&mut self, expected: &str, found: &DeValue<'_>, range: Range<usize>) {
        let found = match found {
            DeValue::String(text) => format!("the text `{}`", text::shortened(text)),
            DeValue::Integer(number) => format!("the whole number {number}"),
            DeValue::Float(number) => format!("the number {number}"),
            DeValue::Boolean(value) => format!("{value}"),
            DeValue::Datetime(value) => format!("the date {value}"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.wrong(expected, &found, range, None);
    }

    /// Something else was found than what is expected, and what to write instead where it is known.
    pub(super) fn wrong(
        &mut self,
        expected: &str,
        found: &str,
        range: Range<usize>,
        help: Option<&str>,
    ) {
        let message = format!("expected {expected}, found {found}");
        self.report(Code::SYNTAX, message, range, help.map(str::to_owned), None);
    }
}

/// The record that `raw` is, wrong values counting as not given.
pub(super) fn into_record(raw: RawRecord, section: &Section) -> crate::model::Record {
    let id = raw.title(section).to_owned();
    let values = raw.values.into_iter().map(|found| match found {
        RawValue::Given(placed) => Some(placed),
        RawValue::Absent | RawValue::Faulty | RawValue::Partial(_) => None,
    });
    crate::model::Record { span: raw.span, id, values: values.collect() }
}
