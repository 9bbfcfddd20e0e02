//! Records of several files put together: one id one record, nothing missing, every reference
//! resolved.

use super::reader::{RawRecord, RawSections, RawValue, into_record};
use crate::diagnostic::{Code, FileId, Finding, Sources, Span, Subject};
use crate::model::format::{Form, Format, Key, Section};
use crate::model::name::{fold, nearest};
use crate::model::{KeyName, KeyOf, Placed, Record, SectionName, Value, said};
use std::collections::HashMap;

/// The file whose keys add to records of other files, and win over those of an import.
pub const ANSWERS: &str = "answers.toml";
/// The file that an import writes.
pub const IMPORTED: &str = "imported.toml";

/// What was put together, by the number of the section.
pub(super) struct Assembled {
    /// The records; `None` where the section is absent.
    pub(super) sections: Vec<Option<Vec<Record>>>,
    /// Where the section begins.
    pub(super) headers: Vec<Option<Span>>,
    /// The records by folded id.
    pub(super) index: Vec<HashMap<String, usize>>,
    /// Whether some record could not be read so far as to know which one it is.
    pub(super) unread: Vec<bool>,
    /// Whether `incomplete` of `[deployment]` names the section.
    pub(super) incomplete: Vec<bool>,
    /// The keys that it names.
    pub(super) incomplete_keys: Vec<KeyOf>,
    /// The numbers of records that others should refer to, and none does.
    pub(super) unreferenced: Vec<Vec<usize>>,
}

/// Puts the records of all files together.
pub(super) struct Assembly<'a> {
    /// The format of the files.
    pub(super) format: &'a Format,
    /// The files.
    pub(super) files: &'a Sources,
    /// Where findings go.
    pub(super) findings: &'a mut Vec<Finding>,
    /// Whether what is missing is really missing.
    pub(super) whole: bool,
}

impl Assembly<'_> {
    /// The records of every section, with a finding for each mistake that takes more than one
    /// record to see.
    pub(super) fn assemble(mut self, mut raw: RawSections) -> Assembled {
        let format = self.format;
        let unread = unread(format, &raw);
        // Joined before anything is missed or found: one file may give what another leaves out, and
        // only then do records have their numbers.
        for ((section, records), doubles) in
            format.sections.iter().zip(&mut raw.records).zip(&mut raw.doubles)
        {
            match section.form {
                Form::Single => self.join_tables(section, records),
                Form::Records if section.identity.is_none() => self.join_answers(section, records),
                _ => self.join_records(section, records, doubles),
            }
        }
        if self.whole {
            self.missing(&raw);
        }
        let index = raw
            .records
            .iter()
            .zip(&format.sections)
            .map(|(records, section)| index(records, section));
        let index: Vec<_> = index.collect();
        let incomplete = incomplete(format, &raw);
        self.resolve(&mut raw, &index, &incomplete);
        let incomplete_keys = incomplete_keys(format, &raw);
        let unreferenced = unreferenced(format, &raw);
        let sections = raw.records.into_iter().zip(&format.sections).zip(raw.none);
        let sections = sections.map(|((records, section), none)| {
            let records: Vec<_> =
                records.into_iter().map(|record| into_record(record, section)).collect();
            (none || !records.is_empty()).then_some(records)
        });
        let (sections, headers) = (sections.collect(), raw.headers);
        Assembled { sections, headers, index, unread, incomplete, incomplete_keys, unreferenced }
    }

    fn is_file(&self, span: Span, name: &str) -> bool {
        self.files.is_named(span.file, name)
    }

    /// Whether an import gives what stands there.
    fn is_imported(&self, span: Span) -> bool {
        self.is_file(span, IMPORTED)
            || self.files.file(span.file).is_some_and(|file| file.is_export)
    }

    /// Records without an id: those of `answers.toml` add to each that was imported with the same
    /// first key, such as the job of a distribution schedule.
    fn join_answers(&mut self, section: &Section, records: &mut Vec<RawRecord>) {
        let name = |record: &RawRecord| match record.values.first() {
            Some(RawValue::Given(placed)) => {
                placed.value.as_text().map(|text| fold(text).into_owned())
            }
            _ => None,
        };
        let (answers, mut kept): (Vec<_>, Vec<_>) = std::mem::take(records)
            .into_iter()
            .partition(|record| self.is_file(record.span, ANSWERS));
        for answer in answers {
            let same =
                |record: &RawRecord| name(&answer).is_some() && name(record) == name(&answer);
            let mut added = false;
            for record in kept.iter_mut().filter(|record| same(record)) {
                if self.is_imported(record.span) {
                    let mut answer = answer.clone();
                    // The first key is how they were found to be the same: it is not given twice.
                    answer.values.first_mut().into_iter().for_each(|job| *job = RawValue::Absent);
                    self.add_keys(section, record, answer);
                    added = true;
                }
            }
            if !added {
                kept.push(answer);
            }
        }
        *records = kept;
    }

    /// `[deployment]` may stand in several files: its keys are put together.
    fn join_tables(&mut self, section: &Section, records: &mut Vec<RawRecord>) {
        let mut tables = std::mem::take(records).into_iter();
        let Some(mut whole) = tables.next() else { return };
        for table in tables {
            self.add_keys(section, &mut whole, table);
        }
        records.push(whole);
    }

    /// Adds the keys of `other` to `record`; a key that both give is told, unless one of the files
    /// only answers.
    fn add_keys(&mut self, section: &Section, record: &mut RawRecord, other: RawRecord) {
        let id = record.title(section).to_owned();
        let kind = record.kind(section).map(str::to_owned);
        let kind = kind.as_deref();
        for ((key, mine), theirs) in section.keys.iter().zip(&mut record.values).zip(other.values) {
            match (&*mine, &theirs) {
                // An id is in both by what joined them, and differs in its spelling at most.
                (RawValue::Given(one), RawValue::Given(two))
                    if Some(&key.id) != identity_key(section) =>
                {
                    if self.is_file(two.span, ANSWERS) && self.is_imported(one.span) {
                        self.compare_answer((section, &id, key), kind, two, one);
                        *mine = theirs;
                    } else if self.is_file(one.span, ANSWERS) && self.is_imported(two.span) {
                        self.compare_answer((section, &id, key), kind, one, two);
                    } else {
                        let message = format!("`{}` of `{}` is given twice", key.id, section.id);
                        let finding = Finding::new(Code::DUPLICATE, message)
                            .at(two.span)
                            .related("given here first", one.span)
                            .help("remove one of the two")
                            .detail(key.id.clone());
                        self.findings.push(finding);
                    }
                }
                (_, RawValue::Absent) | (RawValue::Given(_), _) => {}
                (RawValue::Absent | RawValue::Faulty | RawValue::Partial(_), _) => *mine = theirs,
            }
        }
    }

    /// Tells where an answer says something else than an export.
    fn compare_answer(
        &mut self,
        (section, id, key): (&Section, &str, &Key),
        kind: Option<&str>,
        answer: &Placed<Value>,
        export: &Placed<Value>,
    ) {
        let (answered, exported) = (answer.value.to_string(), export.value.to_string());
        if fold(&answered) == fold(&exported) {
            return;
        }
        let of = if id.is_empty() { String::new() } else { format!(" of `{id}`") };
        let message =
            format!("`{}`{of} is answered with {answered}, and an export says {exported}", key.id);
        let mut finding = Finding::new(Code::CONTRADICTED, message)
            .at(answer.span)
            .related(format!("the export says {exported}"), export.span)
            .help("the answer counts; take it out where the export is right, else export again")
            .about(Subject::new(&section.id, id))
            .detail(key.id.clone());
        finding.setting = section.setting(key, kind);
        self.findings.push(finding);
    }

    /// Tells of records that only answers have, and that are nearly called as one of an import.
    fn near_imported(&mut self, section: &Section, records: &[RawRecord]) {
        let ids = records.iter().filter(|record| self.is_imported(record.span));
        let ids: Vec<&str> = ids.filter_map(|record| record.id(section)).collect();
        // Ids that differ in a number are meant to differ.
        let number = |id: &str| id.chars().filter(char::is_ascii_digit).collect::<String>();
        let told = records.iter().filter(|record| self.is_file(record.span, ANSWERS));
        let told = told.filter_map(|record| {
            let id = record.id(section)?;
            let alike = ids.iter().copied().filter(|other| number(other) == number(id));
            let near = nearest(id, alike)?;
            let message = format!("the {} `{id}` is answered, and no export has it", section.title);
            let finding = Finding::new(Code::CONTRADICTED, message)
                .at(identity_span(section, record))
                .help(format!("did you mean `{near}`?"))
                .instead([near]);
            Some(finding.about(Subject::new(&section.id, id)))
        });
        let told: Vec<Finding> = told.collect();
        self.findings.extend(told);
    }

    /// Finds records of one id; those of `answers.toml` add to the others.
    fn join_records(
        &mut self,
        section: &Section,
        records: &mut Vec<RawRecord>,
        doubles: &mut Vec<RawRecord>,
    ) {
        let mut kept: Vec<RawRecord> = Vec::with_capacity(records.len());
        let mut seen: HashMap<String, usize> = HashMap::new();
        for record in std::mem::take(records) {
            let Some(id) = record.id(section) else {
                kept.push(record);
                continue;
            };
            let folded = fold(id).into_owned();
            let first = seen.get(&folded).and_then(|number| kept.get_mut(*number));
            let Some(first) = first else {
                seen.insert(folded, kept.len());
                kept.push(record);
                continue;
            };
            let answers = |span| self.is_file(span, ANSWERS);
            if answers(first.span) != answers(record.span) {
                let own = answers(first.span).then(|| record.clone());
                self.add_keys(section, first, record);
                if let Some(own) = own {
                    call_as(section, first, &own);
                }
                continue;
            }
            let message = format!("the {} `{id}` is given twice", section.title);
            let finding = Finding::new(Code::DUPLICATE, message)
                .at(identity_span(section, &record))
                .related("given here first", identity_span(section, first))
                .help("remove one of the two, or give it another id")
                .about(Subject::new(&section.id, id));
            self.findings.push(finding);
            doubles.push(record);
        }
        self.near_imported(section, &kept);
        *records = kept;
    }

    fn missing(&mut self, raw: &RawSections) {
        let records = raw.records.iter().zip(&raw.doubles);
        let sections = self.format.sections.iter().zip(records).zip(&raw.headers).zip(&raw.faulty);
        for (((section, (records, doubles)), header), faulty) in sections {
            // Doubles are not used, but whoever mends them is told of everything at once.
            for record in records.iter().chain(doubles) {
                for (key, found) in section.keys.iter().zip(&record.values) {
                    if key.required && matches!(found, RawValue::Absent) {
                        self.missing_key(section, key, Some(record), *header);
                    }
                }
            }
            // The one section that must be there is the one whose table has a required key.
            if records.is_empty() && section.form == Form::Single && !faulty {
                for key in section.keys.iter().filter(|key| key.required) {
                    self.missing_key(section, key, None, *header);
                }
            }
        }
    }

    fn missing_key(
        &mut self,
        section: &Section,
        key: &Key,
        record: Option<&RawRecord>,
        header: Option<Span>,
    ) {
        let id = said(record, |record| record.title(section).to_owned());
        let message = format!("missing `{}` in `{}`", key.id, section.id);
        let mut finding = Finding::new(Code::MISSING_KEY, message)
            .help(format!("add `{} = …`: {}", key.id, key.text))
            .about(Subject::new(&section.id, id))
            .detail(key.id.clone());
        finding.setting = section.setting(key, record.and_then(|record| record.kind(section)));
        // What stands nowhere is told where the first file begins.
        let first = || self.files.files().first().map(|_| Span::new(FileId::FIRST, 0..0));
        finding.span = record.map(|record| record.span).or(header).or_else(first);
        self.findings.push(finding);
    }

    /// Says of each reference which record it means.
    fn resolve(
        &mut self,
        raw: &mut RawSections,
        index: &[HashMap<String, usize>],
        incomplete: &[bool],
    ) {
        let format = self.format;
        let targets = targets(format, raw, index, incomplete);
        let records = raw.records.iter_mut().zip(&mut raw.doubles);
        for (section, (records, doubles)) in format.sections.iter().zip(records) {
            let references: Vec<(usize, &Key, &str)> = section
                .keys
                .iter()
                .enumerate()
                .filter_map(|(number, key)| key.kind.refers_to().map(|to| (number, key, to)))
                .collect();
            if references.is_empty() {
                continue;
            }
            for record in records.iter_mut().chain(doubles) {
                let id = record.title(section).to_owned();
                let kind = record.kind(section).map(str::to_owned);
                for (number, key, to) in &references {
                    let found = record.values.get_mut(*number);
                    let Some(RawValue::Given(placed) | RawValue::Partial(placed)) = found else {
                        continue;
                    };
                    // A format that refers to no section of its own is told where it is bound.
                    let target = format.section(to).and_then(|(number, _)| targets.get(number));
                    let Some(target) = target else { continue };
                    let kind = kind.as_deref();
                    let place = Reference { section, id: &id, kind, key, target };
                    self.resolve_value(&place, placed);
                }
            }
        }
    }

    fn resolve_value(&mut self, place: &Reference<'_>, placed: &mut Placed<Value>) {
        match &mut placed.value {
            Value::Reference { id, .. } if id.is_empty() => {}
            Value::Reference { id, target } => {
                *target = place.target.index.get(&*fold(id)).copied();
                if target.is_none() {
                    self.dangling(place, &id.clone(), placed.span);
                }
            }
            Value::List(values) => {
                for value in values {
                    self.resolve_value(place, value);
                }
            }
            _ => {}
        }
    }

    fn dangling(&mut self, place: &Reference<'_>, id: &str, span: Span) {
        let Reference { section, kind, key, target, .. } = place;
        let referred = target.section;
        if !self.whole {
            return;
        }
        let (finding, detail) = if target.present && target.incomplete {
            let message = format!(
                "`{}` refers to `{id}`, which the incomplete [[{}]] do not list",
                key.id, referred.id
            );
            let help =
                format!("add the [[{}]] record; decisions use defaults until then", referred.id);
            (Finding::new(Code::UNDECIDED, message).help(help), referred.id.clone())
        } else if target.present {
            let message =
                format!("`{}` refers to `{id}`, which no [[{}]] is called", key.id, referred.id);
            let near = nearest(id, target.known.iter().map(String::as_str));
            let help = near.map_or_else(
                || format!("add a [[{}]] record for it, or refer to another", referred.id),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = Finding::new(Code::DANGLING, message).help(help).instead(near);
            (finding, format!("{} {}", key.id, fold(id)))
        } else {
            let message = format!(
                "`{}` refers to `{id}`, and the deployment has no [[{}]]",
                key.id, referred.id
            );
            let help =
                format!("add the [[{}]] records; decisions use defaults until then", referred.id);
            (Finding::new(Code::UNDECIDED, message).help(help), referred.id.clone())
        };
        let mut finding =
            finding.at(span).about(Subject::new(&section.id, place.id)).detail(detail);
        finding.setting = section.setting(key, *kind);
        self.findings.push(finding);
    }
}

/// Where a reference stands and what it may mean.
struct Reference<'a> {
    section: &'a Section,
    id: &'a str,
    kind: Option<&'a str>,
    key: &'a Key,
    target: &'a Target<'a>,
}

/// A section as those see it that refer to its records.
struct Target<'a> {
    section: &'a Section,
    index: &'a HashMap<String, usize>,
    /// The ids, as they are written.
    known: Vec<String>,
    /// Whether the deployment has the section.
    present: bool,
    incomplete: bool,
}

/// Every section as a target, by its number.
fn targets<'a>(
    format: &'a Format,
    raw: &RawSections,
    index: &'a [HashMap<String, usize>],
    incomplete: &[bool],
) -> Vec<Target<'a>> {
    let found = raw.records.iter().zip(&raw.none).zip(index).zip(incomplete);
    let found = format.sections.iter().zip(found);
    let targets = found.map(|(section, (((records, none), index), incomplete))| Target {
        section,
        index,
        known: records.iter().filter_map(|record| record.id(section)).map(str::to_owned).collect(),
        present: !records.is_empty() || *none,
        incomplete: *incomplete,
    });
    targets.collect()
}

fn identity_key(section: &Section) -> Option<&String> {
    section.identity.and_then(|number| section.keys.get(number)).map(|key| &key.id)
}

fn identity_span(section: &Section, record: &RawRecord) -> Span {
    match section.identity.and_then(|number| record.values.get(number)) {
        Some(RawValue::Given(placed)) => placed.span,
        _ => record.span,
    }
}

/// A record that answers add to stands where it is not only answered, and is called as it is there.
fn call_as(section: &Section, record: &mut RawRecord, own: &RawRecord) {
    record.span = own.span;
    let identity =
        section.identity.and_then(|key| record.values.get_mut(key).zip(own.values.get(key)));
    if let Some((id, own)) = identity {
        *id = own.clone();
    }
}

/// Marks the records that a value refers to.
fn mark_used(found: &RawValue, used: &mut [bool]) {
    fn mark(value: &Value, used: &mut [bool]) {
        match value {
            Value::Reference { target: Some(target), .. } => {
                if let Some(place) = used.get_mut(*target) {
                    *place = true;
                }
            }
            Value::List(values) => values.iter().for_each(|placed| mark(&placed.value, used)),
            _ => {}
        }
    }
    if let RawValue::Given(placed) | RawValue::Partial(placed) = found {
        mark(&placed.value, used);
    }
}

/// The records of each section that others should refer to, and none does.
fn unreferenced(format: &Format, raw: &RawSections) -> Vec<Vec<usize>> {
    let sections = format.sections.iter().zip(&raw.records);
    let unused = sections.map(|(section, records)| {
        if section.referred { unused(format, raw, section, records) } else { Vec::new() }
    });
    unused.collect()
}

/// The records of a section that no other refers to; none where there is none that could, since
/// that says nothing.
fn unused(
    format: &Format,
    raw: &RawSections,
    section: &Section,
    records: &[RawRecord],
) -> Vec<usize> {
    let mut used = vec![false; records.len()];
    let mut referrers = 0;
    let others = raw.records.iter().zip(&raw.doubles);
    for (other, (others, doubles)) in format.sections.iter().zip(others) {
        let keys = other.keys.iter().enumerate();
        let keys = keys.filter(|(_, key)| key.kind.refers_to() == Some(section.id.as_str()));
        let keys: Vec<usize> = keys.map(|(number, _)| number).collect();
        if keys.is_empty() {
            continue;
        }
        referrers += others.len();
        for record in others.iter().chain(doubles) {
            let values = keys.iter().filter_map(|key| record.values.get(*key));
            values.for_each(|found| mark_used(found, &mut used));
        }
    }
    if referrers == 0 {
        return Vec::new();
    }
    let records = records.iter().zip(used).enumerate();
    // What has no id can't be referred to.
    let unused = records.filter(|(_, (record, used))| !used && record.id(section).is_some());
    unused.map(|(number, _)| number).collect()
}

/// Of which sections some record could not be read so far as to know which one it is: what tells it
/// apart is wrong or missing.
fn unread(format: &Format, raw: &RawSections) -> Vec<bool> {
    let sections = format.sections.iter().zip(&raw.records).zip(&raw.faulty);
    let unread = sections.map(|((section, records), faulty)| {
        *faulty || !records.iter().all(|record| is_named(section, record))
    });
    unread.collect()
}

/// Whether what tells a record apart could be read.
fn is_named(section: &Section, record: &RawRecord) -> bool {
    match section.naming_key().and_then(|name| record.values.get(name)) {
        Some(found) if section.form == Form::Records => matches!(found, RawValue::Given(_)),
        _ => true,
    }
}

/// Which sections `incomplete` of `[deployment]` names.
fn incomplete(format: &Format, raw: &RawSections) -> Vec<bool> {
    // Where the deployment says nothing of it, it says that everything is listed.
    let words = said_incomplete(format, raw).unwrap_or_default();
    let is_said =
        |section: &Section| words.iter().any(|word| word.value.as_text() == Some(&section.id));
    format.sections.iter().map(is_said).collect()
}

/// Which keys `incomplete` of `[deployment]` names.
fn incomplete_keys(format: &Format, raw: &RawSections) -> Vec<KeyOf> {
    // Where the deployment says nothing of it, it says that no key is lost.
    let words = said_incomplete(format, raw).unwrap_or_default();
    let keys = words.iter().filter_map(|word| word.value.as_text()?.split_once('.'));
    let keys = keys.filter_map(|(section, key)| {
        let (number, section) = format.section(section)?;
        Some(KeyOf { section: number, key: section.key(key)?.0 })
    });
    keys.collect()
}

fn said_incomplete<'r>(format: &Format, raw: &'r RawSections) -> Option<&'r [Placed<Value>]> {
    let (number, section) = format.section(SectionName::Deployment)?;
    let (key, _) = section.key(KeyName::Incomplete)?;
    match raw.records.get(number)?.first()?.values.get(key)? {
        RawValue::Given(Placed { value: Value::List(words), .. })
        | RawValue::Partial(Placed { value: Value::List(words), .. }) => Some(words),
        _ => None,
    }
}

fn index(records: &[RawRecord], section: &Section) -> HashMap<String, usize> {
    let ids = records
        .iter()
        .enumerate()
        .filter_map(|(number, record)| Some((record.id(section)?, number)));
    ids.map(|(id, number)| (fold(id).into_owned(), number)).collect()
}
