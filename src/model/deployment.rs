//! A deployment, read and found valid.

use super::duration::Duration;
use super::format::Section;
use super::name::fold;
use super::record::{Fields, Placed, Record, Records, Value};
use super::relied::{KeyName, NamesKey, NamesSection, SectionName};
use super::rules::{Exchange, FeatureId, KeyOf, Rules, indexed, indexed_mut};
use super::version::Version;
use crate::diagnostic::{FileId, Sources, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// The configuration of one Commerce environment; cheap to clone and shared between threads.
#[derive(Clone, Debug)]
pub struct Deployment(Arc<Contents>);

/// What a deployment holds.
#[derive(Clone, Debug)]
pub(crate) struct Contents {
    /// The rules whose format and names it was read by.
    pub(crate) rules: Arc<Rules>,
    /// The path it was read from, as given.
    pub(crate) path: String,
    /// The files it was read from.
    pub(crate) files: Sources,
    /// For each section of the format its records; `None` where the section is absent.
    pub(crate) sections: Vec<Option<Vec<Record>>>,
    /// Where each section begins, by its number.
    pub(crate) headers: Vec<Option<Span>>,
    /// For each section the records by folded id.
    pub(crate) index: Vec<HashMap<String, usize>>,
    /// For each section whether some record could not be read so far as to know which one it is.
    pub(crate) unread: Vec<bool>,
    /// For each section whether the deployment says that it does not list everything.
    pub(crate) incomplete: Vec<bool>,
    /// The keys of which the deployment says that not all records give them that should.
    pub(crate) incomplete_keys: Vec<KeyOf>,
    /// For each section the numbers of the records that others should refer to, and none does.
    pub(crate) unreferenced: Vec<Vec<usize>>,
}

/// A change of one record, to see what a deployment would be. Section and keys are numbers of the
/// format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    section: usize,
    /// The number of the record; `None` adds one.
    record: Option<usize>,
    /// The id of a record that is added.
    id: String,
    values: Vec<(usize, Value)>,
}

#[expect(clippy::expect_used, reason = "a change that is left out would be lost in silence")]
impl Edit {
    /// A change of the record with this number, or where there is none a new one called `id`.
    pub fn of(rules: &Rules, section: impl NamesSection, record: Option<usize>, id: &str) -> Self {
        let (section, _) =
            rules.format.section(section).expect("rules are refused that lack the section");
        Self { section, record, id: id.to_owned(), values: Vec::new() }
    }

    /// The same, with a value for a key.
    #[must_use]
    pub fn with(mut self, rules: &Rules, key: impl NamesKey, value: Value) -> Self {
        let section = indexed(&rules.format.sections, self.section);
        let (key, _) = section.key(key).expect("rules are refused that lack the key");
        self.values.push((key, value));
        self
    }

    /// Whether it changes a record of this section.
    pub fn is_of(&self, rules: &Rules, section: SectionName) -> bool {
        rules.format.section(section).is_some_and(|(number, _)| number == self.section)
    }
}

impl Deployment {
    /// The same with one record changed or added, without a file being touched: what is new points
    /// at the record, or at its section.
    #[must_use]
    pub fn edited(&self, edit: &Edit) -> Self {
        let mut contents = Contents::clone(&self.0);
        let section = indexed(&self.rules().format.sections, edit.section);
        let records = indexed_mut(&mut contents.sections, edit.section).get_or_insert_default();
        let number = edit.record.unwrap_or_else(|| {
            let index = indexed_mut(&mut contents.index, edit.section);
            index.insert(fold(&edit.id).into_owned(), records.len());
            let span = self.place_of_section(&section.id);
            let values = vec![None; section.keys.len()];
            records.push(Record { span, id: edit.id.clone(), values });
            records.len() - 1
        });
        let record = indexed_mut(records, number);
        for (key, value) in &edit.values {
            *indexed_mut(&mut record.values, *key) = Some(Placed::new(value.clone(), record.span));
        }
        Self::new(contents)
    }

    /// The same at a version of headquarters, without a file being touched.
    #[must_use]
    pub fn at_version(&self, version: Version) -> Self {
        self.edited(&self.version_edit(version))
    }

    /// The change to a version of headquarters.
    pub fn version_edit(&self, version: Version) -> Edit {
        let record = self.table(SectionName::Deployment).map(|_| 0);
        Edit::of(self.rules(), SectionName::Deployment, record, "").with(
            self.rules(),
            KeyName::CommerceVersion,
            Value::Version(version),
        )
    }

    pub(crate) fn new(contents: Contents) -> Self {
        Self(Arc::new(contents))
    }

    /// The rules it was read by.
    pub fn rules(&self) -> &Arc<Rules> {
        &self.0.rules
    }

    /// The path it was read from, as given.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// The files it was read from.
    pub fn files(&self) -> &Sources {
        &self.0.files
    }

    /// How long a customer may stay pending, where it says so: `[targets] pending-customer`.
    pub fn pending_target(&self) -> Option<Duration> {
        match self.table(SectionName::Targets)?.value(KeyName::PendingCustomer)? {
            Value::Duration(target) => Some(*target),
            _ => None,
        }
    }

    /// The digest over its files, wherever they lie.
    pub fn digest(&self) -> String {
        self.files().digest(self.path())
    }

    /// The declaration of a section and its records; `None` where the section is absent or not
    /// known.
    pub fn section(&self, name: impl NamesSection) -> Option<(&Section, &[Record])> {
        let (number, section) = self.rules().format.section(name)?;
        let records = self.0.sections.get(number)?.as_deref()?;
        Some((section, records))
    }

    /// Whether the deployment has a section, and it is known of every record there which one it is,
    /// and nothing says that it is incomplete: what such a section does not list does not exist, or
    /// is off.
    pub fn is_complete(&self, section: impl NamesSection) -> bool {
        let number = self.rules().format.section(section).map(|(number, _)| number);
        let unread = number.and_then(|number| self.0.unread.get(number));
        self.section(section).is_some()
            && unread != Some(&true)
            && !self.is_said_incomplete(section)
    }

    /// Whether the deployment says nothing at all of a section.
    pub fn is_silent_of(&self, section: impl NamesSection) -> bool {
        self.section(section).is_none() && !self.is_said_incomplete(section)
    }

    /// Whether the deployment says of a section that it does not list everything.
    pub fn is_said_incomplete(&self, section: impl NamesSection) -> bool {
        let number = self.rules().format.section(section).map(|(number, _)| number);
        number.and_then(|number| self.0.incomplete.get(number)) == Some(&true)
    }

    /// Whether the deployment says of a key that not all records of its section give it that
    /// should, or of the section that it does not list everything: what does not give it may have
    /// it.
    pub fn is_key_said_incomplete(&self, section: &Section, key: impl NamesKey) -> bool {
        let number = self.rules().format.section(&section.id).map(|(number, _)| number);
        let key = number.zip(section.key(key));
        let key = key.map(|(section, (key, _))| KeyOf { section, key });
        self.is_said_incomplete(&section.id)
            || key.is_some_and(|key| self.0.incomplete_keys.contains(&key))
    }

    /// The records of a section, none where it is absent.
    pub fn records(&self, section: impl NamesSection) -> Records<'_> {
        // A section that is absent has no records.
        self.section(section)
            .map(|(section, records)| Records::new(section, records))
            .unwrap_or_default()
    }

    /// The record of a section with this number.
    pub fn record(&self, section: impl NamesSection, number: usize) -> Option<Fields<'_>> {
        let (section, records) = self.section(section)?;
        Some(records.get(number)?.fields(section))
    }

    /// The sections with records that others should refer to, and none does by what is given, and
    /// these records.
    pub(crate) fn unreferenced(&self) -> impl Iterator<Item = (&Section, Vec<Fields<'_>>)> {
        let sections = self.rules().format.sections.iter().zip(&self.0.unreferenced);
        sections.filter(|(_, numbers)| !numbers.is_empty()).map(|(section, numbers)| {
            let records = numbers.iter().filter_map(|number| self.record(&section.id, *number));
            (section, records.collect())
        })
    }

    /// The number of the record of a section with this id, compared as names are.
    pub fn find(&self, section: impl NamesSection, id: &str) -> Option<usize> {
        let (number, _) = self.rules().format.section(section)?;
        self.0.index.get(number)?.get(&*fold(id)).copied()
    }

    /// The only record of a section that is one table, such as `[deployment]`.
    pub fn table(&self, section: impl NamesSection) -> Option<Fields<'_>> {
        self.record(section, 0)
    }

    /// Where a section begins: its first header.
    pub fn header(&self, section: impl NamesSection) -> Option<Span> {
        let (number, _) = self.rules().format.section(section)?;
        *self.0.headers.get(number)?
    }

    /// Where to point for what has no place of its own: the header of a section, else of
    /// `[deployment]`, else the beginning.
    pub fn place_of_section(&self, section: impl NamesSection) -> Span {
        let header = self.header(section).or_else(|| self.header(SectionName::Deployment));
        header.unwrap_or(Span::new(FileId::FIRST, 0..0))
    }

    /// The version of headquarters; where it is not given, one before all others.
    pub fn version(&self) -> Version {
        self.given_version().unwrap_or(Version::EARLIEST)
    }

    /// The version of headquarters, where it is given.
    pub fn given_version(&self) -> Option<Version> {
        self.table(SectionName::Deployment)?.version(KeyName::CommerceVersion)
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        self.table(SectionName::Deployment)?.text(KeyName::Name)
    }

    /// The moment it was taken.
    pub fn as_of(&self) -> Option<jiff::Timestamp> {
        self.table(SectionName::Deployment)?.date_time(KeyName::AsOf)
    }

    /// The record of a feature that it lists.
    pub fn feature(&self, id: FeatureId) -> Option<Fields<'_>> {
        let feature = self.rules().feature(id);
        self.record(SectionName::Features, self.find(SectionName::Features, &feature.id)?)
    }
}

impl Exchange {
    /// How often it comes to the databases of a channel database group: as often as the group says,
    /// else as the rules do (S-161).
    pub fn interval_of(&self, group: Option<Fields<'_>>) -> Duration {
        group.and_then(|group| self.interval_said(group)).unwrap_or(self.default)
    }

    /// How often a channel database group says that it comes.
    pub(crate) fn interval_said(&self, group: Fields<'_>) -> Option<Duration> {
        match &indexed(&group.record.values, self.interval.key).as_ref()?.value {
            Value::Duration(interval) => Some(*interval),
            _ => None,
        }
    }
}
