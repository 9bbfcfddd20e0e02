//! What each check needs, asked of the checks themselves: on deployments that give hardly anything
//! they say what is missing.

use crate::check;
use crate::diagnostic::Code;
use crate::model::format::{Form, Kind, Section};
use crate::model::{Deployment, Job, JobKind, Rules};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// For each section, and each `section.key`, the checks that can't be decided without it.
pub(super) type Needs = BTreeMap<String, BTreeSet<Code>>;

/// A deployment that gives hardly anything.
#[derive(Clone, Copy, Default)]
struct Bare<'a> {
    /// The only section that it has; `None` for all of them.
    only: Option<&'a str>,
    version: Option<&'a str>,
    /// Whether its records refer to each other.
    refers: bool,
    /// What everything that may be on or off is.
    switches: Option<bool>,
}

/// The name of whatever has one.
const NAME: &str = "x";

/// What the checks of these rules need.
pub(super) fn needs(rules: &Arc<Rules>) -> Needs {
    let mut needs = Needs::new();
    for section in &rules.format.sections {
        ask(rules, Bare { only: Some(&section.id), ..Bare::default() }, &mut needs);
    }
    for version in [None, Some("10.0.0"), Some("99.0.0")] {
        for refers in [false, true] {
            for switches in [None, Some(false), Some(true)] {
                ask(rules, Bare { only: None, version, refers, switches }, &mut needs);
            }
        }
    }
    needs
}

/// What is missing in a deployment, with the checks that need it.
pub(super) fn missing_in(deployment: &Deployment) -> Needs {
    let mut needs = Needs::new();
    for report in check::check(deployment, Vec::new(), true).checks {
        for key in report.missing {
            needs.entry(key).or_default().insert(report.code);
        }
    }
    needs
}

/// Whether some export gives a section, or a `section.key`.
pub(super) fn is_exported(rules: &Rules, key: &str) -> bool {
    rules.exports.iter().any(|export| export.gives(key))
}

fn ask(rules: &Arc<Rules>, bare: Bare<'_>, needs: &mut Needs) {
    let (deployment, _) = Deployment::from_text(rules, "bare.toml", &bare.toml(rules)).as_read();
    for (key, codes) in missing_in(&deployment) {
        needs.entry(key).or_default().extend(codes);
    }
}

impl Bare<'_> {
    fn toml(self, rules: &Rules) -> String {
        let mut toml = String::new();
        let wanted = |section: &&Section| self.only.is_none_or(|only| only == section.id);
        for section in rules.format.sections.iter().filter(wanted) {
            match section.form {
                Form::Single => {
                    toml.push_str(&format!("[{}]\n", section.id));
                    if let Some(version) = self.version.filter(|_| section.id == "deployment") {
                        toml.push_str(&format!("commerce-version = \"{version}\"\n"));
                    }
                }
                Form::Features => {
                    for feature in &rules.features {
                        toml.push_str(&format!("[features.{}]\n", feature.id));
                        self.rest(section, &mut toml);
                    }
                }
                Form::Records => self.records(rules, section, &mut toml),
                Form::Codes => {}
            }
        }
        toml
    }

    /// A record for everything that the keys which must be there may name.
    fn records(self, rules: &Rules, section: &Section, toml: &mut String) {
        let mut records = vec![String::new()];
        for key in section.keys.iter().filter(|key| key.required) {
            let values = values(rules, &key.kind);
            let with = |record: &String| {
                values
                    .iter()
                    .map(|value| format!("{record}{} = \"{value}\"\n", key.id))
                    .collect::<Vec<_>>()
            };
            records = records.iter().flat_map(with).collect();
        }
        for record in records {
            toml.push_str(&format!("[[{}]]\n{record}", section.id));
            self.rest(section, toml);
        }
    }

    /// The other keys, as far as they are given at all.
    fn rest(self, section: &Section, toml: &mut String) {
        for key in section.keys.iter().filter(|key| !key.required) {
            let value = match (&key.kind, self.switches) {
                (Kind::Boolean, Some(switch)) => switch.to_string(),
                (Kind::Reference(_), _) if self.refers => format!("\"{NAME}\""),
                (Kind::List(inner), _) if self.refers && matches!(**inner, Kind::Reference(_)) => {
                    format!("[\"{NAME}\"]")
                }
                _ => continue,
            };
            toml.push_str(&format!("{} = {value}\n", key.id));
        }
    }
}

/// Everything that a key may name; nothing for kinds that no record's id has.
fn values(rules: &Rules, kind: &Kind) -> Vec<String> {
    let jobs = |batch: bool| {
        let of_kind = move |job: &&Job| (job.kind == JobKind::Batch) == batch;
        rules.jobs.iter().filter(of_kind).map(|job| job.id.clone()).collect()
    };
    match kind {
        Kind::Text => vec![NAME.to_owned()],
        Kind::Word(words) => words.clone(),
        Kind::DistributionJob => jobs(false),
        Kind::BatchJob => jobs(true),
        Kind::ChannelTable => rules.channel_tables.iter().map(|table| table.id.clone()).collect(),
        _ => Vec::new(),
    }
}
