//! Scenarios: a deployment, and steps that are events or expectations.

use super::assembly::Assembly;
use super::declare::{key, list, map, records, required, several, word};
use super::files::{InputFile, ReadError};
use super::names::KnownNames;
use super::reader::{RawSections, RawValue, Reader, add_file};
use crate::diagnostic::{self, Code, FileId, Finding, Severity, Sources, Span};
use crate::model::format::{Format, Kind, Section};
use crate::model::name::nearest;
use crate::model::{
    Customer, EventKey, EventValue, Fields, Operation, Order, Record, Rules, or_blank,
};

/// The format of a scenario file.
pub(super) fn format() -> Format {
    Format {
        root: vec![
            required("name", Kind::Text, "what the scenario shows"),
            required("deployment", Kind::Text, "the deployment, relative to this file"),
            key("sources", list(Kind::Text), "statements, failures and rules that it bears out"),
        ],
        sections: vec![step()],
        relied: Vec::new(),
    }
}

/// A step: the keys of an event, kebab-case, or an expectation of its own.
fn step() -> Section {
    let any = || several(Kind::Scalar);
    let [queue, customer, order] = expectations();
    let event = EventKey::ALL.iter();
    let event = event.map(|name| key(&name.hyphenated(), event_kind(name.value()), name.text()));
    records(
        "step",
        "an event, or an expectation",
        event
            .chain([
                key("expect", map(any()), "keys of the answer and the values they must have"),
                key("expect-queue", queue, "how many rows wait, of those that fit"),
                key("expect-customer", customer, "how a channel sees a customer"),
                key("expect-order", order, "how a channel sees an order"),
            ])
            .collect(),
    )
}

fn event_kind(value: EventValue) -> Kind {
    match value {
        EventValue::Moment => Kind::DateTime,
        EventValue::Operation | EventValue::Text => Kind::Text,
        EventValue::Boolean => Kind::Boolean,
        EventValue::Count => Kind::Integer { least: 0, most: i64::MAX },
        EventValue::Texts => list(Kind::Text),
        EventValue::Word(words) => word(words),
        EventValue::Settings => map(Kind::Boolean),
    }
}

/// What is expected of a queue, a customer and an order.
fn expectations() -> [Kind; 3] {
    let nested = |id: &str, text: &str, keys| Kind::Nested(Box::new(records(id, text, keys)));
    let count = |id: &str, text: &str| key(id, Kind::Integer { least: 0, most: i64::MAX }, text);
    let queue = nested(
        "expect-queue",
        "rows of a queue",
        vec![
            key("channel", Kind::Text, "of this channel"),
            key("customer", Kind::Text, "about this customer"),
            key("table", Kind::Text, "of this table"),
            count("offline", "in offline databases"),
            count("rows", "in channel databases"),
            count("uploaded", "of those, in headquarters"),
            count("completed", "of those, processed"),
            count("failed", "of those, failed in the last attempt"),
            key("last-error", Kind::Text, "the last error of a row"),
        ],
    );
    let customer = nested(
        "expect-customer",
        "how a channel sees a customer",
        vec![
            required("customer", Kind::Text, "the customer"),
            required("channel", Kind::Text, "the channel"),
            required("state", word(Customer::WORDS), "the state"),
        ],
    );
    let order = nested(
        "expect-order",
        "how a channel sees an order",
        vec![
            required("order", Kind::Text, "the order"),
            required("channel", Kind::Text, "the channel"),
            required("state", word(Order::WORDS), "the state"),
        ],
    );
    [queue, customer, order]
}

/// A scenario.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Its deployment, relative to the file.
    pub deployment: String,
    /// Statements, failures and rules that it bears out.
    pub sources: Vec<String>,
    section: Section,
    steps: Vec<Record>,
}

impl Scenario {
    /// Its steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = Fields<'_>> {
        self.steps.iter().map(|step| step.fields(&self.section))
    }
}

/// The keys of steps that name what the rules know.
const STARTERS: [&str; 3] = ["operation", "job", "feature"];

/// What to do about a name that means nothing to the rules, and the known one that is nearest;
/// `None` where it means something.
fn unknown_name(rules: &Rules, key: &str, name: &str) -> Option<(String, Option<String>)> {
    let kind = match key {
        "operation" => {
            let known = rules.operations.iter().flat_map(Operation::names);
            let near = nearest(name, known).map(str::to_owned);
            let help = near.as_ref().map_or_else(
                || "`syncgate rules list operations` has the names that are known".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return rules.operation_named(name).is_none().then_some((help, near));
        }
        "feature" if rules.feature_named(name).is_none() => Kind::Feature,
        "job" if rules.job_named(name).is_none() => Kind::DistributionJob,
        _ => return None,
    };
    Some(KnownNames { rules, kind: &kind }.help(name))
}

/// A scenario as it was read, with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct LoadedScenario {
    /// The scenario as far as it could be read.
    pub scenario: Scenario,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The file.
    pub files: Sources,
}

impl LoadedScenario {
    /// The path of its file, as given.
    pub fn path(&self) -> &str {
        self.files.path(FileId::FIRST)
    }

    /// Finds what the rules do not know by the name that a step gives it, unless the step expects
    /// to be refused.
    #[must_use]
    pub fn with_names_of(mut self, rules: &Rules) -> Self {
        for step in self.scenario.steps() {
            let is_refused = step.map("expect").iter().any(|(key, _)| key.value == "error");
            let named = STARTERS.into_iter().filter_map(|key| Some((key, step.placed(key)?)));
            let unknown = named.filter_map(|(key, placed)| {
                let name = placed.value.as_text()?;
                let (help, near) = unknown_name(rules, key, name)?;
                let message = format!("unknown {key} `{name}`");
                let finding = Finding::new(Code::UNKNOWN_NAME, message).at(placed.span);
                Some(finding.help(help).detail(name).instead(near))
            });
            self.findings.extend(unknown.filter(|_| !is_refused));
        }
        diagnostic::sort(&mut self.findings, &self.files);
        self
    }

    /// Whether an error was found.
    pub fn is_valid(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    ///
    /// The file can't be read at all.
    pub fn load(path: &str) -> Result<LoadedScenario, ReadError> {
        let mut read = super::files::read(path)?;
        let file = read.pop().ok_or_else(|| ReadError::Empty { path: path.to_owned() })?;
        Ok(Self::from_file(file))
    }

    /// Reads a scenario from a file that was read already.
    pub fn from_file(input: InputFile) -> LoadedScenario {
        let format = format();
        let mut findings = Vec::new();
        let mut files = Sources::default();
        let mut raw = RawSections::new(&format);
        let (file, readable) = add_file(&mut files, input, &mut findings);
        raw.incomplete |= !readable;
        Reader::new(&format, None, &mut findings).read(file, files.text(file), &mut raw, |_| true);
        let whole = !raw.incomplete;
        let root = std::mem::take(&mut raw.root);
        if whole {
            missing_root(&format, &root, &mut findings);
        }
        let assembly = Assembly { format: &format, files: &files, findings: &mut findings, whole };
        let sections = assembly.assemble(raw).sections;
        diagnostic::sort(&mut findings, &files);
        let text = |number: usize| match root.get(number) {
            Some(RawValue::Given(placed)) => or_blank(placed.value.as_text()).to_owned(),
            // It is missing or wrong, which is told.
            _ => String::new(),
        };
        let sources = match root.get(2) {
            Some(RawValue::Given(placed)) => match &placed.value {
                crate::model::Value::List(values) => values
                    .iter()
                    .filter_map(|value| value.value.as_text())
                    .map(str::to_owned)
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        // A scenario without a step is one that shows nothing, which whoever plays it tells.
        let steps = sections.into_iter().next().flatten().unwrap_or_default();
        let scenario = Self { name: text(0), deployment: text(1), sources, section: step(), steps };
        LoadedScenario { scenario, findings, files }
    }
}

fn missing_root(format: &Format, root: &[RawValue], findings: &mut Vec<Finding>) {
    for (key, found) in format.root.iter().zip(root) {
        if key.required && matches!(found, RawValue::Absent) {
            let finding = Finding::new(Code::MISSING_KEY, format!("missing `{}`", key.id))
                .at(Span::new(FileId::FIRST, 0..0))
                .help(format!("add `{} = …` at the top: {}", key.id, key.text))
                .detail(key.id.clone());
            findings.push(finding);
        }
    }
}
