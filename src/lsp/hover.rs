//! Hover: what a word means, and the state it has in this deployment.

use super::ids;
use super::names::meaning;
use super::outline::{Node, Word};
use super::role::Role;
use super::shape::{Meaning, Place, Spot, place};
use super::view::View;
use crate::diagnostic::{Finding, Waived};
use crate::model::format::{Form, Key, Kind, Section};
use crate::model::{Deployment, Fields, SectionName, said};
use crate::report::{explained_markdown, feature_markdown, text_markdown};
use gen_lsp_types::{Hover, MarkupContent, MarkupKind};
use std::ops::Range;

/// What the word at a byte means.
pub(super) fn hover(view: &View<'_>, byte: usize) -> Option<Hover> {
    let text = view.file.text.as_str();
    let found = place(view.file.text.outline(), view.format, text, byte);
    let said = found.and_then(|found| Asked { view, place: &found }.said(byte));
    let helps = helps(view, byte);
    let (span, parts) = match said {
        Some((span, parts)) => (Some(span), parts),
        None if helps.is_empty() => return None,
        None => (None, Vec::new()),
    };
    let parts: Vec<String> = parts.into_iter().chain(helps).collect();
    let range = span.map(|span| view.file.text.range(span, view.units));
    let value = parts.join("\n\n---\n\n");
    let contents = MarkupContent { kind: MarkupKind::Markdown, value }.into();
    Some(Hover { contents, range })
}

/// What to do about what is found at a byte.
fn helps(view: &View<'_>, byte: usize) -> Vec<String> {
    let here = |span: &Range<usize>| span.start <= byte && byte < span.end.max(span.start + 1);
    let told = view.told().filter(|it| it.told.finding.span.is_some() && here(&it.bytes));
    let mut helps: Vec<String> = told.filter_map(|it| help_markdown(&it.told.finding)).collect();
    helps.dedup();
    helps
}

fn help_markdown(finding: &Finding) -> Option<String> {
    let help = text_markdown(finding.help.as_ref()?);
    let waived = said(finding.waived.as_ref(), waived_markdown);
    Some(format!("**{}**: {help}{waived}", finding.code))
}

fn waived_markdown(waived: &Waived) -> String {
    let owner = said(waived.owner.as_ref(), |owner| format!(", {owner}"));
    format!(" (waived: {}{owner})", text_markdown(waived.why()))
}

/// A word that is asked about.
struct Asked<'v, 'a> {
    view: &'v View<'a>,
    place: &'v Place<'v, 'v>,
}

type Said = Option<(Range<usize>, Vec<String>)>;

impl Asked<'_, '_> {
    fn said(&self, byte: usize) -> Said {
        match self.place.spot {
            Spot::Header(block, number) => self.name(block.path.get(number?)?),
            Spot::Key(Some((entry, number))) => {
                self.name(entry.path.get(number).filter(|word| word.holds(byte))?)
            }
            Spot::Key(None) => None,
            Spot::Value(_, node) => self.value(node?, byte),
        }
    }

    fn explained(&self, name: &str, kinds: &[&str]) -> Option<String> {
        explained_markdown(self.view.rules, name, kinds)
    }

    /// A name in a header or key.
    fn name(&self, word: &Word) -> Said {
        let name = word.text.as_str();
        let parts = match self.place.meaning? {
            Meaning::Root(format) => {
                if let Some((_, section)) = format.section(name) {
                    vec![self.section(section)]
                } else {
                    let key = format.root.iter().find(|key| key.id == name)?;
                    vec![key_markdown(key, None)]
                }
            }
            Meaning::Features(_) => self.named(name, &Kind::Feature)?,
            Meaning::Codes(_) => self.code(name)?,
            Meaning::Record(section) | Meaning::Leveled(section) => {
                let (_, key) = section.key(name)?;
                vec![key_markdown(key, Some(section))]
            }
            Meaning::Names(key, _) => vec![key_markdown(key, None)],
            Meaning::Value(..) => return None,
        };
        Some((word.span.clone(), parts))
    }

    fn section(&self, section: &Section) -> String {
        let explained = self.explained(&section.id, &["section"]);
        let explained = explained.filter(|_| self.view.file.role == Role::Deployment);
        let deployment = self.view.examined.and_then(|examined| examined.deployment.as_ref());
        let records = deployment.and_then(|it| it.section(section.id.as_str()));
        let state = records.map(|(_, records)| match records.len() {
            1 => "\n\nIn this deployment: 1 record\n".to_owned(),
            many => format!("\n\nIn this deployment: {many} records\n"),
        });
        let state = said(state.filter(|_| section.form != Form::Single), |state| state);
        if let Some(explained) = explained {
            return explained + &state;
        }
        let keys = section.keys.iter().map(|key| format!("- `{}`: {}\n", key.id, key.text));
        format!("**{}**\n\n{}\n\n{}", section.id, section.text, keys.collect::<String>())
    }

    fn code(&self, name: &str) -> Option<Vec<String>> {
        let mut parts = vec![self.explained(name, &["check", "finding"])?];
        let examined = self.view.examined;
        let reports = examined.into_iter().flat_map(|examined| &examined.checks);
        let ended = reports.filter(|report| report.code.to_string() == name);
        parts.extend(ended.map(|report| {
            let missing = report.missing.iter().map(|key| format!("`{key}`"));
            let missing: Vec<String> = missing.collect();
            let lacks = said(missing.first(), |_| format!("; not given: {}", missing.join(", ")));
            format!("In this deployment: **{}**{lacks}", report.result)
        }));
        Some(parts)
    }

    /// What the rules know by a name, with the state it has.
    fn named(&self, name: &str, kind: &Kind) -> Option<Vec<String>> {
        let rules = self.view.rules;
        let id = meaning(rules, kind, name);
        let kinds: &[&str] = match kind {
            Kind::Feature => &["feature"],
            Kind::DistributionJob | Kind::BatchJob => &["job"],
            _ => &[],
        };
        let mut parts = vec![self.explained(id.as_deref().unwrap_or(name), kinds)?];
        let deployment = self.view.examined.and_then(|examined| examined.deployment.as_ref());
        // A scenario's deployment lies elsewhere.
        let deployment = deployment.filter(|_| self.view.file.role == Role::Deployment);
        let Some((deployment, id)) = deployment.zip(id) else { return Some(parts) };
        match (kind, rules.feature_named(&id)) {
            (Kind::Feature, Some(feature)) => parts.push(feature_markdown(deployment, feature)),
            (Kind::DistributionJob, _) => {
                parts.push(listed_markdown(deployment, SectionName::DistributionSchedule, &id));
            }
            (Kind::BatchJob, _) => {
                parts.push(listed_markdown(deployment, SectionName::BatchJob, &id));
            }
            _ => {}
        }
        Some(parts)
    }

    fn value(&self, node: &Node, byte: usize) -> Said {
        let (key, kind) = match self.place.meaning? {
            Meaning::Value(key, kind) => (key, kind),
            Meaning::Leveled(section) => {
                let key = section.keys.first()?;
                (key, &key.kind)
            }
            _ => return None,
        };
        let section = self.section_of_value();
        let about_key = || vec![key_markdown(key, section)];
        let span = node.span.clone();
        let Some(word) = node.word() else { return Some((span, about_key())) };
        let name = word.text.as_str();
        let of_scenario = self.view.file.role == Role::Scenario;
        let parts = match kind {
            Kind::Code => self.code(name),
            Kind::Feature | Kind::DistributionJob | Kind::BatchJob | Kind::ChannelTable => {
                self.named(name, kind)
            }
            Kind::Word(words) if words.iter().any(|word| word == name) => {
                let mut parts = vec![format!("`{name}`: one of {}", listed(words))];
                parts.extend(self.explained(name, &["section", "fact", "outcome", "standing"]));
                parts.extend(about_key());
                Some(parts)
            }
            Kind::Text if of_scenario => match key.id.as_str() {
                "operation" => self.explained(name, &["operation"]).map(|it| vec![it]),
                "feature" => self.explained(name, &["feature"]).map(|it| vec![it]),
                "job" => self.explained(name, &["job"]).map(|it| vec![it]),
                _ => self.record(byte, about_key),
            },
            _ => self.record(byte, about_key),
        };
        Some((span, parts.unwrap_or_else(about_key)))
    }

    /// The record that is named at a byte, and what else there is to say.
    fn record(&self, byte: usize, rest: impl Fn() -> Vec<String>) -> Option<Vec<String>> {
        let record = ids::record_markdown(self.view, byte)?;
        Some(std::iter::once(record).chain(rest()).collect())
    }

    fn section_of_value(&self) -> Option<&Section> {
        let first = self.place.block.path.first()?;
        let (_, section) = self.view.format.section(first.text.as_str())?;
        Some(section)
    }
}

/// What the records of a job say of it.
fn listed_markdown(deployment: &Deployment, section: SectionName, id: &str) -> String {
    let records = deployment.records(section).filter(|record| record.record.id == id);
    let records: String = records.map(record_markdown).collect();
    if records.is_empty() { "This deployment does not list it.\n".to_owned() } else { records }
}

/// What a record says beside its title.
fn record_markdown(fields: Fields<'_>) -> String {
    let values = fields.section.keys.iter().zip(&fields.record.values).skip(1);
    let values = values.filter_map(|(key, value)| {
        Some(format!("{} {}", key.id, text_markdown(&value.as_ref()?.value.to_string())))
    });
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        return "In this deployment: nothing more is said of it\n".to_owned();
    }
    format!("In this deployment: {}\n", values.join(", "))
}

fn listed(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// What a key says, and what may be said there.
fn key_markdown(key: &Key, section: Option<&Section>) -> String {
    let of = section.filter(|it| it.keys.iter().any(|known| known == key));
    let of = said(of, |section| match section.form {
        Form::Records => format!(" of `[[{}]]`", section.id),
        _ => format!(" of `[{}]`", section.id),
    });
    let mut text = format!("**{}**{of}\n\n{}\n", key.id, text_markdown(&key.text));
    let value = match &key.kind {
        Kind::Word(words) => format!("one of {}", listed(words)),
        Kind::List(inner) => match &**inner {
            Kind::Word(words) => format!("a list of {}", listed(words)),
            _ => key.kind.expected(),
        },
        Kind::Reference(to) => format!("the id of a `[[{to}]]`"),
        kind => kind.expected(),
    };
    let required = if key.required { "; it must be given" } else { "" };
    text.push_str(&format!("\nValue: {value}{required}\n"));
    if let Some(setting) = section.and_then(|section| section.setting(key, None)) {
        let (name, page) = (text_markdown(&setting.name), text_markdown(&setting.page));
        text.push_str(&format!("\nIn headquarters: {name}, at {page}\n"));
    }
    if !key.sources.is_empty() {
        text.push_str(&format!("\nStatements: {}\n", key.sources.join(", ")));
    }
    text
}
