//! From records to the rules: what they refer to is looked up, and what does not exist is told.

use crate::diagnostic::{Code, Finding, Sources, Span};
use crate::model::format::Format;
use crate::model::name::{fold, nearest};
use crate::model::relied::Unmet;
use crate::model::{
    Condition, Evidence, Fact, FactId, FeatureId, Fields, Impossible, KeyName, NameIndex,
    OperationId, Origin, Placed, ReasonId, Record, Rules, SectionName, SituationFact, Value,
    or_blank,
};
use std::collections::{BTreeMap, HashSet};

/// Facts have at most this many values, so that a set of them is a word of bits.
const MAX_VALUES: usize = 64;

/// The records of all sections, and the rules that they become.
pub(super) struct Binder<'a> {
    format: &'a Format,
    sections: &'a [Option<Vec<Record>>],
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) rules: Rules,
    /// What may be cited.
    citable: Citable<'a>,
    /// The first rule that no id can number.
    pub(super) rule_too_many: Option<Span>,
}

#[derive(Default)]
struct Citable<'a> {
    documents: HashSet<&'a str>,
    statements: HashSet<&'a str>,
}

impl<'a> Binder<'a> {
    pub(super) fn new(
        format: &'a Format,
        sections: &'a [Option<Vec<Record>>],
        findings: &'a mut Vec<Finding>,
    ) -> Self {
        let rules = empty();
        let mut binder = Self {
            format,
            sections,
            findings,
            rules,
            citable: Citable::default(),
            rule_too_many: None,
        };
        binder.citable = Citable {
            documents: binder.ids("document").collect(),
            statements: binder.ids("statement").collect(),
        };
        binder
    }

    /// The records of a section.
    pub(super) fn each(&self, section: &str) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        let found = self.format.section(section);
        found.into_iter().flat_map(|(number, section)| {
            let records = self.sections.get(number).and_then(Option::as_deref);
            records.into_iter().flatten().map(move |record| record.fields(section))
        })
    }

    /// The records of a section, each with its id, which the rules have once all are bound.
    pub(super) fn numbered<I>(
        &mut self,
        section: &str,
        id: fn(usize) -> Option<I>,
        most: usize,
    ) -> Vec<(I, Fields<'a>)> {
        let numbered = self.each(section).enumerate();
        let numbered = numbered.map_while(|(index, fields)| Some((id(index)?, fields))).collect();
        if let Some(one_too_many) = self.each(section).nth(most) {
            self.too_many(&format!("records of `{section}`"), most, one_too_many.record.span);
        }
        numbered
    }

    /// Tells that there are more of something than its ids can number.
    pub(super) fn too_many(&mut self, what: &str, most: usize, span: Span) {
        let finding = Finding::new(Code::BAD_FILE, format!("more than {most} {what}"));
        self.findings.push(finding.at(span).help("there is no room for more").detail(what));
    }

    /// The ids of a section's records.
    fn ids(&self, section: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.each(section).map(|fields| fields.record.id.as_str())
    }

    /// Binds everything, what is referred to first.
    pub(super) fn bind(mut self, files: Sources, source: &str, added: Vec<String>) -> Rules {
        self.rules.files = files;
        source.clone_into(&mut self.rules.source);
        self.rules.added = added;
        self.rules.evidence = self.evidence();
        self.deployment_format();
        self.prerequisites();
        self.facts();
        self.operations();
        self.promises();
        self.exports();
        self.rules
    }

    /// Tells that a record refers to something that does not exist.
    pub(super) fn dangling<'n>(
        &mut self,
        what: &str,
        name: &str,
        span: Span,
        known: impl IntoIterator<Item = &'n str>,
    ) {
        let near = nearest(name, known);
        let mut finding = Finding::new(Code::DANGLING, format!("no {what} is called `{name}`"))
            .at(span)
            .detail(name);
        finding.help = near.map(|near| format!("did you mean `{near}`?"));
        self.findings.push(finding);
    }

    /// Tells that a value is not what it must be.
    pub(super) fn out_of_range(&mut self, message: String, span: Span, help: &str) {
        self.findings.push(
            Finding::new(Code::OUT_OF_RANGE, message.clone()).at(span).help(help).detail(message),
        );
    }

    /// The statement numbers under `sources`, each of which must exist.
    pub(super) fn sources(&mut self, fields: Fields<'_>, key: &str) -> Vec<String> {
        let mut numbers = Vec::new();
        for placed in fields.list(key) {
            let Some(number) = placed.value.as_text() else { continue };
            if !self.citable.statements.contains(number) {
                let known: Vec<&str> = self.ids("statement").collect();
                self.dangling("statement", number, placed.span, known);
            }
            numbers.push(number.to_owned());
        }
        numbers
    }

    /// The document ids under `documents`, each of which must exist.
    pub(super) fn documents(&mut self, fields: Fields<'_>) -> Vec<String> {
        let mut ids = Vec::new();
        for placed in fields.list("documents") {
            let Some(id) = placed.value.as_text() else { continue };
            if !self.citable.documents.contains(id) {
                let known: Vec<&str> = self.ids("document").collect();
                self.dangling("document", id, placed.span, known);
            }
            ids.push(id.to_owned());
        }
        ids
    }

    /// The operations named under `key`.
    pub(super) fn operations_named(&mut self, fields: Fields<'_>, key: &str) -> Vec<OperationId> {
        let mut operations = Vec::new();
        for placed in fields.list(key) {
            let Some(name) = placed.value.as_text() else { continue };
            match self.each("operation").position(|operation| operation.text("id") == Some(name)) {
                // Of operations too many, which are told when they are bound, some have no id.
                Some(index) => operations.extend(OperationId::checked(index)),
                None => {
                    let known: Vec<&str> = self
                        .each("operation")
                        .filter_map(|operation| operation.text("id"))
                        .collect();
                    self.unknown_name("operation", name, placed.span, known);
                }
            }
        }
        operations
    }

    fn unknown_name(&mut self, what: &str, name: &str, span: Span, known: Vec<&str>) {
        let mut finding = Finding::new(Code::UNKNOWN_NAME, format!("unknown {what} `{name}`"))
            .at(span)
            .detail(name);
        let near = nearest(name, known);
        finding.help = near.map(|near| format!("did you mean `{near}`?"));
        self.findings.push(finding.instead(near));
    }

    /// The feature called `name`.
    pub(super) fn feature(&mut self, name: &str, span: Span) -> Option<FeatureId> {
        let rules = &self.rules;
        let id = rules.feature_ids().find(|id| rules.feature(*id).id == name);
        if id.is_none() {
            let known: Vec<String> =
                self.rules.features.iter().map(|feature| feature.id.clone()).collect();
            self.unknown_name("feature", name, span, known.iter().map(String::as_str).collect());
        }
        id
    }

    /// The reason called `name`.
    pub(super) fn reason(&mut self, name: &str, span: Span) -> Option<ReasonId> {
        let rules = &self.rules;
        let id = rules.reason_ids().find(|id| rules.reason(*id).id == name);
        if id.is_none() {
            let known: Vec<String> =
                self.rules.reasons.iter().map(|reason| reason.id.clone()).collect();
            self.dangling("reason", name, span, known.iter().map(String::as_str));
        }
        id
    }

    /// The fact called `name`.
    pub(super) fn fact(&mut self, name: &str, span: Span) -> Option<FactId> {
        let id = self.rules.fact_named(name);
        if id.is_none() {
            let known: Vec<String> = self.rules.facts.iter().map(|fact| fact.id.clone()).collect();
            self.dangling("fact", name, span, known.iter().map(String::as_str));
        }
        id
    }

    /// The conditions under `key`.
    pub(super) fn conditions(&mut self, fields: Fields<'_>, key: &str) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (fact, value) in fields.map(key) {
            let Some(id) = self.fact(&fact.value, fact.span) else { continue };
            if let Some(values) = self.values(id, value) {
                conditions.push(Condition { fact: id, values, span: fact.span });
            }
        }
        conditions
    }

    /// The set of values that a value or a list of values means.
    fn values(&mut self, fact: FactId, given: &Placed<Value>) -> Option<u64> {
        let single;
        let given = match &given.value {
            Value::List(values) => values.as_slice(),
            _ => {
                single = [given.clone()];
                &single
            }
        };
        let fact = self.rules.fact(fact).clone();
        let mut values = 0;
        for placed in given {
            values |= 1 << self.value_number(&fact, placed)?;
        }
        Some(values)
    }

    /// The number of one value of a fact.
    fn value_number(&mut self, fact: &Fact, placed: &Placed<Value>) -> Option<usize> {
        let word = placed.value.as_word();
        let number = word.and_then(|word| fact.words.iter().position(|known| known == word));
        if number.is_none() {
            let message = format!("`{}` is no value of `{}`", word.unwrap_or("that"), fact.id);
            let help = format!("one of: {}", fact.words.join(", "));
            self.out_of_range(message, placed.span, &help);
        }
        number
    }

    fn facts(&mut self) {
        for (_, fields) in self.numbered("fact", FactId::checked, FactId::MOST) {
            let Some((words, origin)) = self.fact_values(fields) else { continue };
            let mut fact = Fact {
                id: fields.record.id.clone(),
                words,
                origin,
                default: None,
                since: fields.version("since"),
                requires: Vec::new(),
                text: owned(fields, "text"),
                sources: self.sources(fields, "sources"),
                span: fields.record.span,
            };
            let number = |placed| self.value_number(&fact, placed);
            fact.default = fields.placed("default").and_then(number);
            self.rules.facts.push(fact);
            let mut requires = Vec::new();
            for placed in fields.list("requires") {
                requires
                    .extend(placed.value.as_text().and_then(|name| self.fact(name, placed.span)));
            }
            if let Some(fact) = self.rules.facts.last_mut() {
                fact.requires = requires;
            }
        }
        self.feature_facts();
        self.reach();
        for fields in self.each("impossible") {
            let impossible =
                Impossible { when: self.conditions(fields, "when"), text: owned(fields, "text") };
            self.rules.impossible.push(impossible);
        }
    }

    /// A fact for each feature, after those declared.
    fn feature_facts(&mut self) {
        let features = self.rules.feature_ids().zip(&self.rules.features);
        let room = FactId::MOST - self.rules.facts.len();
        let facts: Vec<Fact> = features.map(|(id, feature)| feature_fact(id, feature)).collect();
        if let Some(one_too_many) = facts.get(room) {
            self.too_many("facts, with one for each feature", FactId::MOST, one_too_many.span);
        }
        self.rules.facts.extend(facts.into_iter().take(room));
    }

    fn fact_values(&mut self, fields: Fields<'_>) -> Option<(Vec<String>, Origin)> {
        let values = fields.list("values");
        let words: Vec<String> =
            values.iter().filter_map(|placed| placed.value.as_word()).map(str::to_owned).collect();
        if words.is_empty() || words.len() > MAX_VALUES || words.len() != values.len() {
            self.out_of_range(
                format!("the values of `{}`", fields.record.id),
                fields.span("values"),
                "between 1 and 64 words, or false and true",
            );
            return None;
        }
        let section = fields.text("from")?;
        if section == "situation" {
            let Some(situation) = SituationFact::from_word(&fields.record.id) else {
                let known = SituationFact::ALL.iter().map(|fact| fact.as_str());
                self.dangling(
                    "fact of a situation",
                    &fields.record.id.clone(),
                    fields.span("id"),
                    known,
                );
                return None;
            };
            if words != situation.words() {
                let help = format!("[{}]", situation.words().join(", "));
                self.out_of_range(
                    format!("the values of `{situation}` are fixed"),
                    fields.span("values"),
                    &help,
                );
                return None;
            }
            return Some((words, Origin::Situation(situation)));
        }
        let key = fields.text("key").unwrap_or(&fields.record.id);
        let declared = self.rules.format.section(section).and_then(|(_, section)| section.key(key));
        if declared.is_none() {
            self.dangling(
                "key of a deployment",
                &format!("{section}.{key}"),
                fields.span("from"),
                [],
            );
            return None;
        }
        Some((words, Origin::Setting { section: section.to_owned(), key: key.to_owned() }))
    }

    fn reach(&mut self) {
        for fields in self.each("reach") {
            let steps = fields.list("through").into_iter().map(|step| match &step.value {
                Value::List(keys) => {
                    keys.iter().filter_map(|key| key.value.as_text()).map(str::to_owned).collect()
                }
                _ => Vec::new(),
            });
            let steps: Vec<Vec<String>> = steps.collect();
            self.rules.reach.insert(owned(fields, "section"), steps);
        }
    }

    fn deployment_format(&mut self) {
        let sections: Vec<Fields<'a>> = self.each("section").collect();
        let format = sections.into_iter().map(|fields| self.declared_section(fields)).collect();
        let mut format = Format { root: Vec::new(), sections: format, relied: Vec::new() };
        // Rules without any format read no deployment.
        let unmet = if format.sections.is_empty() { Vec::new() } else { format.rely() };
        self.rules.format = format;
        for unmet in unmet {
            self.unmet(unmet);
        }
        // References can be checked only once every section is known.
        for (fields, key) in self
            .each("section")
            .flat_map(|section| section.records("key").map(move |key| (section, key)))
        {
            if let Some(to) = key.text("to").filter(|to| self.rules.format.section(to).is_none()) {
                let known: Vec<&str> =
                    self.each("section").filter_map(|section| section.text("id")).collect();
                let what = format!("section that `{}` may refer to", fields.record.id);
                self.dangling(&what, to, key.span("to"), known);
            }
        }
    }

    /// Tells that the format is not as the code needs it.
    pub(super) fn unmet(&mut self, unmet: Unmet) {
        let declared = |name: SectionName| {
            self.each("section").find(move |section| section.record.id == name.as_str())
        };
        let span = |name: SectionName, key: KeyName| {
            let section = declared(name)?;
            let key = section.records("key").find(|it| it.text("id") == Some(key.as_str()));
            Some(key.unwrap_or(section).record.span)
        };
        let of_section = |name| Some(declared(name)?.record.span);
        let (code, message, span) = match unmet {
            Unmet::Section(name) => (Code::MISSING_KEY, format!("no section `{name}`"), None),
            Unmet::Form(name) => {
                (Code::OUT_OF_RANGE, format!("`{name}` has another form"), of_section(name))
            }
            Unmet::Key(name, key) => {
                (Code::MISSING_KEY, format!("no key `{key}` in `{name}`"), of_section(name))
            }
            Unmet::Exchange(key) => {
                let section = SectionName::ChannelDatabaseGroup;
                let message = format!("no exchange has the interval `{section}.{key}`");
                (Code::MISSING_KEY, message, span(section, key))
            }
            Unmet::Kind(name, key) => {
                (Code::OUT_OF_RANGE, format!("`{name}.{key}` has another type"), span(name, key))
            }
        };
        let mut finding = Finding::new(code, format!("{message}: syncgate itself reads it"))
            .help("declare it as the rules that are part of syncgate do")
            .detail(message);
        finding.span = span.or_else(|| Some(self.each("section").next()?.record.span));
        self.findings.push(finding);
    }

    /// Adds a name to an index; a name that already means something else is told.
    pub(super) fn add_name<T: Copy + PartialEq>(
        index: &mut BTreeMap<String, T>,
        name: &str,
        id: T,
        span: Span,
        findings: &mut Vec<Finding>,
    ) {
        let known = *index.entry(fold(name).into_owned()).or_insert(id);
        if known != id {
            let message = format!("the name `{name}` already means something else");
            findings.push(
                Finding::new(Code::DUPLICATE, message)
                    .at(span)
                    .help("give it another name")
                    .detail(name),
            );
        }
    }
}

/// The text under `key`, empty where it is missing, which a finding says.
pub(super) fn owned(fields: Fields<'_>, key: &str) -> String {
    or_blank(fields.text(key)).to_owned()
}

/// The text under `key`, where it is given.
pub(super) fn optional(fields: Fields<'_>, key: &str) -> Option<String> {
    fields.text(key).map(str::to_owned)
}

/// The fact of a feature's effective state.
fn feature_fact(id: FeatureId, feature: &crate::model::Feature) -> Fact {
    Fact {
        id: format!("feature.{}", feature.id),
        words: vec!["false".to_owned(), "true".to_owned()],
        origin: Origin::Feature(id),
        default: Some(0),
        since: None,
        requires: Vec::new(),
        text: format!("whether the feature is effective: {}", feature.text),
        sources: Vec::new(),
        span: feature.span,
    }
}

fn empty() -> Rules {
    Rules {
        files: Sources::default(),
        source: String::new(),
        added: Vec::new(),
        format: Format::default(),
        reach: BTreeMap::new(),
        facts: Vec::new(),
        impossible: Vec::new(),
        operations: Vec::new(),
        rules: Vec::new(),
        reasons: Vec::new(),
        features: Vec::new(),
        settings: Vec::new(),
        circumstances: Vec::new(),
        edges: Vec::new(),
        jobs: Vec::new(),
        exchanges: Vec::new(),
        ways: Vec::new(),
        channel_tables: Vec::new(),
        invariants: Vec::new(),
        checks: Vec::new(),
        controls: Vec::new(),
        evidence: Evidence::default(),
        exports: Vec::new(),
        export_values: Vec::new(),
        names: NameIndex::default(),
    }
}
