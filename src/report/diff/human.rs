//! `diff --format human`.

use crate::diagnostic::{Finding, Sources, Span};
use crate::engine::{Decision, Engine};
use crate::model::{Rules, said};
use crate::report::decision::outcome_human;
use crate::report::matrix::some_of;
use crate::report::text::{Style, TextTable, counted, shown};
use crate::whatif::diff::{Became, ChangedSetting, Difference};
use crate::whatif::{Cause, ChangedFact, ChangedHistory, Compared, Effect, situation_facts};

/// More lines of one sort are counted, not shown.
const SHOWN: usize = 40;

/// `diff --format human`.
pub fn diff_human(old: &Engine, new: &Engine, difference: &Difference<'_>, style: Style) -> String {
    let files = (old.deployment().files(), new.deployment().files());
    let mut text = settings_human(files, &difference.settings, style);
    text.push_str(&findings_human(files, difference, style));
    let decisions = &difference.decisions;
    for (title, channels) in [("added", &decisions.added), ("removed", &decisions.removed)] {
        if !channels.is_empty() {
            let ids: Vec<&str> = channels.iter().map(|channel| channel.id()).collect();
            text.push_str(&format!(
                "{} {}\n\n",
                style.bold(&format!("Channels {title}:")),
                shown(&some_of(&ids, 10))
            ));
        }
    }
    text.push_str(&causes_human(new.rules(), files, &decisions.causes, style));
    text.push_str(&summary(decisions, style));
    text
}

/// `diff --requests FILE --format human`: what of a history ends otherwise.
pub fn history_human(
    old: &Engine,
    new: &Engine,
    history: &ChangedHistory<'_>,
    style: Style,
) -> String {
    let files = (old.deployment().files(), new.deployment().files());
    let rules = new.rules();
    let mut text = causes_human(rules, files, &history.causes, style);
    let operations = history.operations.iter();
    let operations: Vec<(&str, u64)> =
        operations.map(|(id, count)| (rules.operation(*id).id.as_str(), *count)).collect();
    for (title, counts) in [("operation", &operations), ("channel", &history.channels)] {
        let mut table = TextTable::new(["", title, "requests that end otherwise"]);
        for (name, count) in counts.iter().take(SHOWN) {
            table.row([String::new(), (*name).to_owned(), count.to_string()]);
        }
        if !counts.is_empty() {
            text.push_str(&table.render(style));
            more(&mut text, counts.len());
            text.push('\n');
        }
    }
    for (which, count) in [("old", history.removed), ("new", history.added)] {
        if count > 0 {
            text.push_str(&format!("{count} are of channels that only the {which} one has\n"));
        }
    }
    if history.invalid > 0 {
        text.push_str(&format!("{} are no valid requests\n", history.invalid));
    }
    let told = match history.changed {
        0 => style.good("no operation ends otherwise"),
        _ => style.bad("operations end otherwise"),
    };
    text + &format!("{told}: {} of {} requests\n", history.changed, history.requests)
}

fn place_human(files: &Sources, place: Option<Span>) -> String {
    let line =
        |span: Span| format!("{}:{}", files.path(span.file), files.position(span).start.line);
    said(place, line)
}

/// How many more there are than are shown.
fn more(text: &mut String, all: usize) {
    if all > SHOWN {
        text.push_str(&format!("  and {} more, which --format json has\n", all - SHOWN));
    }
}

fn settings_human(
    files: (&Sources, &Sources),
    settings: &[ChangedSetting<'_>],
    style: Style,
) -> String {
    if settings.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new(["", "record", "setting", "old", "new", "old at", "new at"]);
    // Of a record that is new or gone one line tells enough.
    let mut told: Option<(&str, &str, Became)> = None;
    let mut rows = 0;
    for setting in settings {
        let ChangedSetting { section, id, record, key, .. } = setting;
        let whole = *record != Became::Changed;
        let this = (section.id.as_str(), id.as_str(), *record);
        if whole && told.replace(this) == Some(this) {
            continue;
        }
        rows += 1;
        if rows > SHOWN {
            continue;
        }
        let value = |side: &Option<(String, Span)>| match side {
            _ if whole => String::new(),
            Some((text, _)) => text.clone(),
            None => "not given".to_owned(),
        };
        let place = |files, side: &Option<(String, Span)>| {
            place_human(files, side.as_ref().map(|(_, span)| *span))
        };
        let name = if id.is_empty() { section.id.clone() } else { format!("{} {id}", section.id) };
        let key = if whole { record.as_str() } else { key };
        table.row([
            String::new(),
            name,
            key.to_owned(),
            value(&setting.old),
            value(&setting.new),
            place(files.0, &setting.old),
            place(files.1, &setting.new),
        ]);
    }
    let mut text = format!("{}\n{}", style.bold("Settings that differ:"), table.render(style));
    more(&mut text, rows);
    text + "\n"
}

fn findings_human(
    files: (&Sources, &Sources),
    difference: &Difference<'_>,
    style: Style,
) -> String {
    let findings = &difference.findings;
    let line = |text: &mut String, word: &str, files: &Sources, finding: &Finding| {
        let at = place_human(files, finding.span);
        let waived = if finding.counts() { "" } else { " (waived)" };
        let level = finding.severity;
        text.push_str(&format!(
            "  {word}  {level}[{}]{waived}: {} ({at})\n",
            finding.code,
            shown(&finding.message)
        ));
    };
    let mut text = String::new();
    for (word, files, findings) in
        [(style.bad("new "), files.1, &findings.new), (style.good("gone"), files.0, &findings.gone)]
    {
        for finding in findings.iter().take(SHOWN) {
            line(&mut text, &word, files, finding);
        }
        more(&mut text, findings.len());
    }
    for (was, is) in findings.changed.iter().take(SHOWN) {
        let stood = if was.counts() { was.severity.as_str() } else { "waived" };
        line(&mut text, &format!("was {stood}, is"), files.1, is);
    }
    if text.is_empty() {
        text
    } else {
        format!("{}\n{text}\n", style.bold("Findings that differ:"))
    }
}

fn causes_human(
    rules: &Rules,
    files: (&Sources, &Sources),
    causes: &[Cause<'_>],
    style: Style,
) -> String {
    let mut text = String::new();
    if !causes.is_empty() {
        text.push_str(&format!("{}\n", style.bold("Decisions that differ, and why:")));
    }
    for cause in causes.iter().take(SHOWN) {
        for fact in &cause.facts {
            text.push_str(&format!("  {}\n", style.bold(&shown(&fact_human(fact)))));
            for why in &fact.why {
                text.push_str(&format!("      {}\n", shown(why)));
            }
            let (old, new) =
                (place_human(files.0, fact.old_place), place_human(files.1, fact.new_place));
            if !old.is_empty() || !new.is_empty() {
                text.push_str(&format!("      {}\n", style.dim(&format!("{old} -> {new}"))));
            }
        }
        let ids: Vec<&str> = cause.channels.iter().map(|(_, channel)| channel.id()).collect();
        text.push_str(&format!(
            "    at {}: {}\n",
            counted(ids.len(), "channel"),
            shown(&some_of(&ids, 5))
        ));
        text.push_str(&effects_human(rules, &cause.effects, style));
        text.push('\n');
    }
    more(&mut text, causes.len());
    text
}

/// How a fact changed: `create-customer-in-async-mode = true instead of false`.
pub(in crate::report) fn fact_human(fact: &ChangedFact<'_>) -> String {
    if let Some(feature) = fact.fact.id.strip_prefix("feature.") {
        let became =
            if fact.new == "true" { "became effective" } else { "is not effective any more" };
        return format!("{feature} {became}");
    }
    let (old, new) = (fact.old_record, fact.new_record);
    let through = match (old, new) {
        (Some((section, from)), Some((_, to))) if from != to => {
            format!(" ({section} {to} instead of {from})")
        }
        (_, Some((section, id))) | (Some((section, id)), None) => format!(" ({section} {id})"),
        (None, None) => String::new(),
    };
    format!("{} = {} instead of {}{through}", fact.fact.id, fact.new, fact.old)
}

/// Effects that one line tells: an operation that now ends in one way, whatever the reason.
struct EffectLine<'a> {
    first: &'a Effect<'a>,
    /// How it ended before.
    before: Vec<String>,
    /// How it ends now.
    now: Vec<String>,
    decisions: u64,
}

fn effect_lines<'a>(effects: &'a [Effect<'a>], style: Style) -> Vec<EffectLine<'a>> {
    let mut lines: Vec<EffectLine<'a>> = Vec::new();
    let ends = |effect: &Effect<'_>| {
        (effect.operation, effect.new.map(Decision::outcome), effect.changes_outcome())
    };
    for effect in effects {
        let known = lines.iter().position(|line| ends(line.first) == ends(effect));
        if known.is_none() {
            lines.push(EffectLine {
                first: effect,
                before: Vec::new(),
                now: Vec::new(),
                decisions: 0,
            });
        }
        let line = known.map_or(lines.len() - 1, |known| known);
        let Some(line) = lines.get_mut(line) else { continue };
        line.decisions += effect.decisions;
        for (told, decision) in [(&mut line.before, effect.old), (&mut line.now, effect.new)] {
            let text = outcome_and_reason(decision, style);
            if !told.contains(&text) {
                told.push(text);
            }
        }
    }
    lines
}

fn outcome_and_reason(decision: Option<Decision<'_>>, style: Style) -> String {
    match decision {
        Some(decision) => {
            format!("{} ({})", outcome_human(decision.outcome(), style), decision.reason())
        }
        None => "impossible".to_owned(),
    }
}

/// What changes, with an example.
pub(in crate::report) fn effects_human(
    rules: &Rules,
    effects: &[Effect<'_>],
    style: Style,
) -> String {
    let lines = effect_lines(effects, style);
    let mut table = TextTable::new(["", "operation", "now", "before", "decisions", "such as"]);
    let several = |told: &[String]| match told {
        [first, second] => format!("{first}, {second}"),
        [first, _, ..] => format!("{first} and {} others", told.len() - 1),
        told => told.concat(),
    };
    for line in lines.iter().take(SHOWN) {
        let name = rules.operation(line.first.operation).id.as_str();
        table.row([
            "   ".to_owned(),
            name.to_owned(),
            several(&line.now),
            several(&line.before),
            line.decisions.to_string(),
            example_human(rules, line.first),
        ]);
    }
    let mut text = table.render(style);
    more(&mut text, lines.len());
    text
}

/// `houston, customer = pending`
fn example_human(rules: &Rules, effect: &Effect<'_>) -> String {
    let facts = situation_facts(rules, effect.operation);
    let unusual = facts
        .into_iter()
        .filter(|fact| effect.example.value(*fact) != 0)
        .map(|fact| format!("{} = {}", fact.as_str(), effect.example.word(fact)));
    std::iter::once(effect.channel.id().to_owned()).chain(unusual).collect::<Vec<_>>().join(", ")
}

/// The last line: how much was compared, and how much differs.
fn summary(decisions: &Compared<'_>, style: Style) -> String {
    let compared = format!(
        "of {} decisions of {}, every operation in every situation",
        decisions.decisions,
        counted(decisions.channels, "channel")
    );
    match (decisions.changed(), decisions.changed_outcomes()) {
        (0, _) => format!("{}: 0 {compared}\n", style.good("no decision differs")),
        (changed, outcomes) => {
            format!(
                "{}: {changed} {compared}; {outcomes} end otherwise\n",
                style.bad("decisions differ")
            )
        }
    }
}
