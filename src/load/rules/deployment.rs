//! The format of a deployment, as the rules declare it.

use super::bind::{Binder, owned};
use crate::model::format::{Form, FormWord, Key, KeyType, Kind, Section};
use crate::model::{Fields, KeyName, Placed, SectionName, Value, or_blank};

impl Binder<'_> {
    /// A section that a deployment may have.
    pub(super) fn declared_section(&mut self, fields: Fields<'_>) -> Section {
        let kinds = fields.records("key").find(|key| key.record.id == KeyName::Kind.as_str());
        // Records of a section that has no kinds are of none.
        let kinds = kinds.map(|key| key.texts("values")).unwrap_or_default();
        let keys = fields.records("key").map(|key| self.declared_key(key, &kinds));
        let keys: Vec<Key> = keys.collect();
        // A form that is not known, or none, is told where the rules are read.
        let form = match fields.text("form").and_then(FormWord::from_word) {
            Some(FormWord::Records) => Form::Records,
            Some(FormWord::Features) => Form::Features,
            Some(FormWord::Codes) => Form::Codes,
            Some(FormWord::Table) | None => Form::Single,
        };
        let identity = fields.placed("identity").and_then(|name| self.identity(name, &keys));
        let pages = self.pages(fields, &kinds);
        Section {
            id: fields.record.id.clone(),
            form,
            title: owned(fields, "title"),
            page: fields.text("page").map(str::to_owned),
            pages,
            text: owned(fields, "text"),
            identity,
            referred: fields.is_on("referred"),
            keys,
            relied: Vec::new(),
        }
    }

    /// The pages by the kind of a record, which is one of these.
    fn pages(&mut self, fields: Fields<'_>, kinds: &[String]) -> Vec<(String, String)> {
        let mut pages = Vec::new();
        for (kind, page) in fields.map("pages") {
            if !kinds.contains(&kind.value) {
                let known = kinds.iter().map(String::as_str);
                self.dangling("kind of the section", &kind.value, kind.span, known);
            }
            pages.push((kind.value.clone(), or_blank(page.value.as_text()).to_owned()));
        }
        pages
    }

    fn declared_key(&mut self, fields: Fields<'_>, kinds: &[String]) -> Key {
        Key {
            id: owned(fields, "id"),
            kind: self.declared_kind(fields),
            required: fields.is_on("required"),
            name: fields.text("name").map(str::to_owned),
            page: fields.text("page").map(str::to_owned),
            pages: self.pages(fields, kinds),
            text: owned(fields, "text"),
            sources: self.sources(fields, "sources"),
        }
    }

    /// What a deployment may lack though headquarters has it: the sections that list something, and
    /// the keys without which something else counts.
    fn may_lack(&self) -> Vec<String> {
        let intervals = self.each("exchange").filter_map(|exchange| exchange.text("interval"));
        let mut keys: Vec<String> = intervals.map(str::to_owned).collect();
        for step in self.each("reach").flat_map(|fields| fields.list("through")) {
            keys.append(&mut self.with_stand_ins(&step.value));
        }
        keys.sort();
        let mut words = self.listing_sections();
        words.append(&mut keys);
        words
    }

    /// The keys of a step on the way to what facts are read from, behind which another counts.
    fn with_stand_ins(&self, step: &Value) -> Vec<String> {
        let Value::List(keys) = step else { return Vec::new() };
        let names: Vec<&str> = keys.iter().filter_map(|key| key.value.as_text()).collect();
        let Some((last, names)) = names.split_last() else { return Vec::new() };
        let mut found = Vec::new();
        for section in self.each("section") {
            let declared: Vec<&str> = section.records("key").map(|it| &*it.record.id).collect();
            let has = |name: &&&str| declared.contains(last) && declared.contains(*name);
            let id = &section.record.id;
            found.extend(names.iter().filter(has).map(|name| format!("{id}.{name}")));
        }
        found
    }

    /// The sections that list what headquarters has, and so may be incomplete.
    fn listing_sections(&self) -> Vec<String> {
        let lists = |section: &Fields<'_>| {
            let form = section.text("form").and_then(FormWord::from_word);
            matches!(form, Some(FormWord::Records | FormWord::Features))
                && section.record.id != SectionName::Waiver.as_str()
        };
        self.each("section").filter(lists).map(|section| section.record.id.clone()).collect()
    }

    fn declared_kind(&self, fields: Fields<'_>) -> Kind {
        let words = || Kind::Word(fields.texts("values"));
        let to = || Kind::Reference(owned(fields, "to"));
        // A type that is not known, or none, is told where the rules are read.
        match fields.text("type").and_then(KeyType::from_word) {
            Some(KeyType::Boolean) => Kind::Boolean,
            Some(KeyType::Integer) => Kind::Integer {
                // A bound that is not given is none.
                least: fields.integer("least").unwrap_or(i64::MIN),
                // A bound that is not given is none.
                most: fields.integer("most").unwrap_or(i64::MAX),
            },
            Some(KeyType::Text) | None => Kind::Text,
            Some(KeyType::Word) => words(),
            Some(KeyType::Texts) => Kind::List(Box::new(Kind::Text)),
            Some(KeyType::Words) => Kind::List(Box::new(words())),
            Some(KeyType::Version) => Kind::Version,
            Some(KeyType::Duration) => Kind::Duration,
            Some(KeyType::Recurrence) => Kind::Recurrence,
            Some(KeyType::DateTime) => Kind::DateTime,
            Some(KeyType::Date) => Kind::Date,
            Some(KeyType::Code) => Kind::Code,
            Some(KeyType::Reference) => to(),
            Some(KeyType::References) => Kind::List(Box::new(to())),
            Some(KeyType::Sections) => Kind::List(Box::new(Kind::Word(self.may_lack()))),
            Some(KeyType::DistributionJob) => Kind::DistributionJob,
            Some(KeyType::BatchJob) => Kind::BatchJob,
            Some(KeyType::Table) => Kind::ChannelTable,
        }
    }

    /// The key that tells the records of a section apart.
    fn identity(&mut self, name: &Placed<Value>, keys: &[Key]) -> Option<usize> {
        let word = or_blank(name.value.as_text());
        let found = keys.iter().position(|key| key.id == word);
        if found.is_none() {
            let known = keys.iter().map(|key| key.id.as_str());
            self.dangling("key of the section", word, name.span, known);
        }
        found
    }
}
