//! `explain`: what anything means.

use super::sources::{described, link, place};
use super::text::Style;
use crate::check::{CheckResult, Verdict};
use crate::diagnostic::EXPLANATIONS;
use crate::features::Standing;
use crate::model::check_facts::subject_name;
use crate::model::name::fold;
use crate::model::{
    Basis, EdgeKind, Names, Node, Outcome, Rules, first_name, indexed, or_blank, said,
};

/// Something that can be explained.
pub(super) struct Entry<'a> {
    /// What it is: `feature`, `reason`, …
    pub(super) kind: &'static str,
    /// Everything it is called, the proper name first.
    pub(super) names: Vec<&'a str>,
    /// What there is to say, every line two blanks to the right.
    pub(super) text: String,
}

/// What a word, or several that make one name, means: one text for each thing it is the name of;
/// `Err` has near misses.
///
/// # Errors
///
/// Nothing is called so; the names most like it, which may be none.
pub fn explain(rules: &Rules, name: &str, style: Style) -> Result<String, Vec<String>> {
    let texts = meant(rules, name)?.into_iter().map(|entry| {
        let title = or_blank(entry.names.first().copied());
        format!("{} {}\n{}", style.dim(entry.kind), style.bold(title), entry.text)
    });
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

/// Everything that a word, or several that make one name, is the name of; never nothing.
///
/// # Errors
///
/// Nothing is called so; the names most like it, which may be none.
pub(super) fn meant<'r>(rules: &'r Rules, name: &str) -> Result<Vec<Entry<'r>>, Vec<String>> {
    let entries = entries(rules);
    let folded = fold(name);
    let is_name =
        |entry: &Entry<'_>, folded: &str| entry.names.iter().any(|name| fold(name) == folded);
    // The product prints a job with its name behind it: `1010 (Customers)`.
    let with_name = folded.strip_suffix(')').and_then(|text| text.split_once(" ("));
    let is_meant = |entry: &Entry<'_>| {
        is_name(entry, &folded)
            || with_name.is_some_and(|(id, name)| is_name(entry, id) && is_name(entry, name))
    };
    let (meant, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_meant);
    if meant.is_empty() { Err(near_misses(&others, &folded)) } else { Ok(meant) }
}

/// Sorts of things that can be explained, with an example of each.
pub(super) const EXPLAINED: [(&str, &str); 12] = [
    ("a finding's code", "SG006"),
    ("a reason", "pending-sync"),
    ("a rule", "edit-customer/pending"),
    ("a statement, contradiction, edge or failure", "S-016, C1, E4, R3"),
    ("a feature, in any language", "edit-customers-async"),
    ("a job, in any language", "P-0001"),
    ("an operation, by name, POS number or API name", "612"),
    ("a product error id", "UpdateAsyncCustomerNotSupported"),
    ("a fact, an invariant, a setting, a term", "real-time-service, Pending sync"),
    ("a document, a section of a deployment", "ACM-22, channel"),
    ("an outcome, a basis, a verdict", "async, inferred, no-go"),
    ("how a check ended, where a feature stands", "undecided, not-distributed"),
];

/// What can be explained, for `explain` without a word.
pub fn overview(style: Style) -> String {
    let mut text = format!("{}\n", style.bold("These can be explained:"));
    for (what, example) in EXPLAINED {
        text.push_str(&format!("  {what:<46} {example}\n"));
    }
    text
}

fn near_misses(entries: &[Entry<'_>], name: &str) -> Vec<String> {
    let mut near: Vec<(f64, &str)> = entries
        .iter()
        .flat_map(|entry| entry.names.iter())
        .map(|known| {
            let folded = fold(known);
            let contains = name.len() >= 3 && folded.contains(name);
            let likeness = strsim::normalized_damerau_levenshtein(name, &folded);
            (if contains { likeness.max(0.7) } else { likeness }, *known)
        })
        .filter(|(likeness, _)| *likeness >= 0.55)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.into_iter().take(8).map(|(_, name)| name.to_owned()).collect()
}

fn entries(rules: &Rules) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    codes(rules, &mut entries);
    decisions(rules, &mut entries);
    prerequisites(rules, &mut entries);
    texts(rules, &mut entries);
    answers(&mut entries);
    entries
}

/// The words that commands answer with.
fn answers(entries: &mut Vec<Entry<'_>>) {
    let mut add = |kind, about: &str, word, meaning: &str| {
        entries.push(Entry { kind, names: vec![word], text: format!("  {about}\n  {meaning}\n") });
    };
    for it in Outcome::ALL {
        add("outcome", "how a customer operation ends", it.as_str(), it.meaning());
    }
    for it in Basis::ALL {
        add("basis", "on what authority a rule decides", it.as_str(), it.meaning());
    }
    for it in Verdict::ALL {
        add("verdict", "whether a deployment may go live", it.as_str(), it.meaning());
    }
    for it in CheckResult::ALL {
        add("result", "how a check ended", it.as_str(), it.meaning());
    }
    for it in Standing::ALL {
        add("standing", "where a feature stands", it.as_str(), it.meaning());
    }
}

fn codes<'a>(rules: &'a Rules, entries: &mut Vec<Entry<'a>>) {
    for explanation in EXPLANATIONS {
        let text = format!(
            "  {} ({})\n\n  {}\n\n{}\n\n  {}\n",
            explanation.title,
            explanation.severity,
            explanation.why,
            indented(explanation.example),
            explanation.fix
        );
        entries.push(Entry {
            kind: "finding",
            names: vec![code_name(explanation.code.number())],
            text,
        });
    }
    let mut seen = std::collections::BTreeSet::new();
    for check in &rules.checks {
        let number = check.code.number();
        if !seen.insert(number) {
            continue;
        }
        let parts = rules.checks.iter().filter(|part| part.code == check.code);
        let mut subjects: Vec<&str> = Vec::new();
        for part in parts.clone() {
            let subject = subject_name(part.subject, rules);
            if !subjects.contains(&subject) {
                subjects.push(subject);
            }
        }
        let helps: Vec<String> = parts.map(|part| in_general(&part.help.text)).collect();
        let mut text = format!(
            "  {} ({}; looks at {})\n\n  {}\n\n  {}\n",
            check.title,
            check.severity,
            subjects.join(", "),
            check.why,
            helps.join("\n  ")
        );
        cite(&mut text, rules, &check.sources);
        entries.push(Entry {
            kind: "check",
            names: [code_name(number)].into_iter().chain(lint_name(number)).collect(),
            text,
        });
    }
}

/// A text with facts in braces, with what each fact is in place of its value: `run <outstanding
/// jobs>`.
pub(in crate::report) fn in_general(text: &str) -> String {
    let mut general = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{')
        && let Some((name, after)) = after.split_once('}')
    {
        // Of a fact of something else, its own name says enough.
        let name = name.rsplit('.').next().unwrap_or(name);
        general.push_str(&format!("{before}<{}>", name.replace('-', " ")));
        rest = after;
    }
    general + rest
}

/// `SG` and the number, as a name that lives as long as the program.
fn code_name(number: u16) -> &'static str {
    static NAMES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let names = NAMES.get_or_init(|| (0..1000).map(|number| format!("SG{number:03}")).collect());
    indexed::<String>(names, usize::from(number))
}

/// The lint that a check is: `L08` for `SG108`; `None` for a code of another sort.
fn lint_name(number: u16) -> Option<&'static str> {
    static NAMES: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    let names = NAMES.get_or_init(|| (0..100).map(|number| format!("L{number:02}")).collect());
    let lint = names.get(usize::from(number.checked_sub(100)?))?;
    Some(lint)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn cite(text: &mut String, rules: &Rules, sources: &[String]) {
    let statements = sources.iter().filter_map(|id| rules.evidence.statement(id));
    for statement in statements {
        text.push_str(&format!("  {}: {}\n", statement.id, statement.text));
    }
}

fn decisions<'a>(rules: &'a Rules, entries: &mut Vec<Entry<'a>>) {
    for reason in &rules.reasons {
        let mut text = format!("  {}\n", reason.text);
        if let Some(help) = &reason.help {
            text.push_str(&format!("  {help}\n"));
        }
        for (error, _) in &reason.errors {
            text.push_str(&format!("  error id: {error}\n"));
        }
        let gives = |rule: &&crate::model::Rule| rules.reason(rule.reason).id == reason.id;
        for rule in rules.rules.iter().filter(gives) {
            text.push_str(&format!("  given by {} ({})\n", rule.id, rule.basis));
        }
        entries.push(Entry { kind: "reason", names: vec![&reason.id], text });
        for (error, operations) in &reason.errors {
            let of: Vec<&str> =
                operations.iter().map(|id| rules.operation(*id).id.as_str()).collect();
            let of = if of.is_empty() { "every operation".to_owned() } else { of.join(", ") };
            let text =
                format!("  the product's error id for {} of {of}\n  {}\n", reason.id, reason.text);
            let short = error.rsplit('_').next().unwrap_or(error);
            entries.push(Entry { kind: "error id", names: vec![error, short], text });
        }
    }
    for rule in &rules.rules {
        entries.push(Entry { kind: "rule", names: vec![&rule.id], text: rule_text(rules, rule) });
    }
    for operation in &rules.operations {
        let mut text = format!("  {}\n", operation.text);
        for (number, name) in &operation.pos {
            text.push_str(&format!("  POS operation {number} {name}\n"));
        }
        for api in &operation.api {
            text.push_str(&format!("  API {api}\n"));
        }
        text.push_str("  rules, in order:\n");
        for rule in rules.rules_of(operation) {
            let when = conditions(rules, &rule.when);
            text.push_str(&format!(
                "    {:<9} {} ({}) when {when}\n",
                rule.outcome,
                rule.id,
                rules.reason_code(rule.reason)
            ));
        }
        entries.push(Entry { kind: "operation", names: operation.names().collect(), text });
    }
    for fact in &rules.facts {
        let mut text = format!("  {}\n  values: {}\n", fact.text, fact.words.join(", "));
        let default = fact.default.and_then(|number| fact.words.get(number));
        text.push_str(&format!(
            "  default: {}\n",
            default.map_or("none, it must be given", String::as_str)
        ));
        cite(&mut text, rules, &fact.sources);
        entries.push(Entry { kind: "fact", names: vec![&fact.id], text });
    }
    for invariant in &rules.invariants {
        let mut text = format!("  {}\n", invariant.text);
        cite(&mut text, rules, &invariant.sources);
        entries.push(Entry { kind: "invariant", names: vec![&invariant.id], text });
    }
}

fn rule_text(rules: &Rules, rule: &crate::model::Rule) -> String {
    let mut text = format!(
        "  {} because of {}\n  when {}\n  {}\n",
        rule.outcome,
        rules.reason_code(rule.reason),
        conditions(rules, &rule.when),
        rule.basis
    );
    if let Some(error_id) = &rule.error_id {
        text.push_str(&format!("  error id: {error_id}\n"));
    }
    if let Some(note) = &rule.note {
        text.push_str(&format!("  {note}\n"));
    }
    cite(&mut text, rules, &rule.sources);
    text
}

fn conditions(rules: &Rules, when: &[crate::model::Condition]) -> String {
    let texts = when.iter().map(|condition| {
        let fact = rules.fact(condition.fact);
        let words = fact.words.iter().enumerate().filter(|(number, _)| condition.allows(*number));
        let words: Vec<&str> = words.map(|(_, word)| word.as_str()).collect();
        format!("{} = {}", fact.id, words.join(" or "))
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { "nothing before it decides".to_owned() } else { texts.join(", ") }
}

fn all_names<'a>(id: &'a str, node: Option<&'a String>, names: &'a Names) -> Vec<&'a str> {
    let names = names.iter().flat_map(|(_, names)| names).map(String::as_str);
    std::iter::once(id).chain(names).chain(node.map(String::as_str)).collect()
}

/// What something is called, by language, where it is called more than its proper name.
fn aliases(text: &mut String, names: &Names) {
    if names.iter().map(|(_, names)| names.len()).sum::<usize>() < 2 {
        return;
    }
    for (language, names) in names {
        text.push_str(&format!("  called in {language}: {}\n", names.join("; ")));
    }
}

fn prerequisites<'a>(rules: &'a Rules, entries: &mut Vec<Entry<'a>>) {
    for id in rules.feature_ids() {
        let feature = rules.feature(id);
        let mut names = all_names(&feature.id, feature.node.as_ref(), &feature.names);
        names.extend(feature.classes.iter().map(String::as_str));
        let mut text = format!("  {}\n  {}\n", or_blank(first_name(&feature.names)), feature.text);
        for (word, version) in [
            ("since", feature.since),
            ("on by default since", feature.on_by_default_since),
            ("mandatory since", feature.mandatory_since),
        ] {
            if let Some(version) = version {
                let basis = feature.since_basis.as_ref().filter(|_| word == "since");
                let basis = said(basis, |basis| format!(" ({basis})"));
                text.push_str(&format!("  {word} {version}{basis}\n"));
            }
        }
        aliases(&mut text, &feature.names);
        edges_text(&mut text, rules, Node::Feature(id));
        entries.push(Entry { kind: "feature", names, text });
    }
    for id in rules.setting_ids() {
        let setting = rules.setting(id);
        let mut text = format!("  {}\n", setting.text);
        if let Some(page) = &setting.page {
            text.push_str(&format!("  in headquarters: {page}\n"));
        }
        if let Some((section, key)) = &setting.key {
            text.push_str(&format!("  in a deployment: `{key}` of `{section}`\n"));
        }
        aliases(&mut text, &setting.names);
        edges_text(&mut text, rules, Node::Setting(id));
        entries.push(Entry {
            kind: "setting",
            names: all_names(&setting.id, setting.node.as_ref(), &setting.names),
            text,
        });
    }
    for id in rules.job_ids() {
        let job = rules.job(id);
        let mut text = format!("  {}\n  {}\n", job.title(), job.text);
        if let Some(page) = &job.page {
            text.push_str(&format!("  in headquarters: {page}\n"));
        }
        aliases(&mut text, &job.names);
        edges_text(&mut text, rules, Node::Job(id));
        cite(&mut text, rules, &job.statements);
        entries.push(Entry { kind: "job", names: all_names(&job.id, None, &job.names), text });
    }
    for edge in &rules.edges {
        let mut text = format!("  {}\n", edge_text(rules, edge));
        text.push_str(&format!("  {}; {}\n", edge.basis, edge.documents.join(", ")));
        if let Some(note) = &edge.text {
            text.push_str(&format!("  {note}\n"));
        }
        entries.push(Entry { kind: "edge", names: vec![&edge.id], text });
    }
}

fn edge_text(rules: &Rules, edge: &crate::model::Edge) -> String {
    let name = |node: &Node| rules.node_quoted(*node);
    let names =
        |nodes: &[Node], between: &str| nodes.iter().map(name).collect::<Vec<_>>().join(between);
    let (one, several) = match edge.kind {
        EdgeKind::Requires => ("requires", "require"),
        EdgeKind::Setting => ("needs the setting", "need the setting"),
        EdgeKind::ThenRun => ("must be followed by", "must be followed by"),
        EdgeKind::Implies => ("switches on", "switch on"),
        EdgeKind::Conflicts => ("conflicts with", "conflict with"),
        EdgeKind::Irreversible => ("can't be turned off again", "can't be turned off again"),
        EdgeKind::Substitutes => ("makes needless", "make needless"),
        EdgeKind::Schedule => ("needs a schedule of", "need a schedule of"),
    };
    let verb = if edge.from.len() > 1 { several } else { one };
    let versions = said(edge.versions, |(first, last)| format!(" (from {first} to {last})"));
    let (from, to) = (names(&edge.from, " and "), names(&edge.to, ", "));
    format!("{from} {verb} {to}{versions}").trim_end().to_owned()
}

fn edges_text(text: &mut String, rules: &Rules, node: Node) {
    for edge in
        rules.edges.iter().filter(|edge| edge.from.contains(&node) || edge.to.contains(&node))
    {
        text.push_str(&format!("  {}: {}\n", edge.id, edge_text(rules, edge)));
    }
}

fn texts<'a>(rules: &'a Rules, entries: &mut Vec<Entry<'a>>) {
    for statement in &rules.evidence.statements {
        let mut text = format!("  {}\n", statement.text);
        text.push_str(&documents_text(rules, &statement.documents));
        if let Some(tag) = &statement.tag {
            text.push_str(&format!("  {tag}\n"));
        }
        if let Some(later) = &statement.superseded_by {
            text.push_str(&format!("  superseded by {later}\n"));
        }
        if let Some(note) = &statement.note {
            text.push_str(&format!("  {note}\n"));
        }
        for contradiction in
            rules.evidence.contradictions.iter().filter(|it| it.statements.contains(&statement.id))
        {
            text.push_str(&format!(
                "  sources disagree ({}): {}\n",
                contradiction.id, contradiction.reading
            ));
        }
        let citing = rules.rules.iter().filter(|rule| rule.sources.contains(&statement.id));
        let citing: Vec<&str> = citing.map(|rule| rule.id.as_str()).collect();
        if !citing.is_empty() {
            text.push_str(&format!("  cited by {}\n", citing.join(", ")));
        }
        entries.push(Entry { kind: "statement", names: vec![&statement.id], text });
    }
    for contradiction in &rules.evidence.contradictions {
        let text = format!(
            "  {}\n  the one: {}\n  the other: {}\n  followed: {}\n{}",
            contradiction.subject,
            contradiction.one,
            contradiction.other,
            contradiction.reading,
            documents_text(rules, &contradiction.documents)
        );
        entries.push(Entry { kind: "contradiction", names: vec![&contradiction.id], text });
    }
    for failure in &rules.evidence.failures {
        let text = format!(
            "  seen:  {}\n  cause: {}\n  fix:   {}\n{}",
            failure.symptom,
            failure.cause,
            failure.fix,
            documents_text(rules, &failure.documents)
        );
        entries.push(Entry { kind: "failure", names: vec![&failure.id], text });
    }
    for term in &rules.evidence.terms {
        let mut text = format!("  {}\n", term.text);
        if let Some(page) = &term.page {
            text.push_str(&format!("  in headquarters: {page}\n"));
        }
        aliases(&mut text, &term.names);
        cite(&mut text, rules, &term.statements);
        entries.push(Entry { kind: "term", names: all_names(&term.id, None, &term.names), text });
    }
    for document in &rules.evidence.documents {
        let text = document_text(rules, &document.id);
        entries.push(Entry { kind: "document", names: vec![&document.id], text });
    }
    for section in &rules.format.sections {
        let mut text = format!("  {}\n", section.text);
        for key in &section.keys {
            text.push_str(&format!("  {}: {}\n", key.id, key.text));
        }
        entries.push(Entry { kind: "section", names: vec![&section.id, &section.title], text });
    }
}

/// `ACM-22: title (en, 2022-10-18)`, then where it stands and where it is public.
fn document_text(rules: &Rules, id: &str) -> String {
    let Some(document) = rules.evidence.document(id) else {
        return format!("  {id}\n");
    };
    let mut text = format!("  {id}: {}\n", described(document));
    text.push_str(&format!("    {}\n    {}\n", place(document), link(document)));
    text
}

fn documents_text(rules: &Rules, ids: &[String]) -> String {
    ids.iter().map(|id| document_text(rules, id)).collect()
}
