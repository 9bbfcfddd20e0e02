//! The rules are proved, and the proof is worth something: faults planted in them are found.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

use std::sync::Arc;
use syncgate::diagnostic::{Code, Finding};
use syncgate::engine::{Assignment, Space, verify};
use syncgate::features::Prerequisites;
use syncgate::load::InputFile;
use syncgate::model::relied::{KeyName, RELIED};
use syncgate::model::{
    Claim, Condition, Deployment, Document, FactId, FeatureId, Invariant, JobKind, Operation,
    Origin, Rule, Rules, Version,
};
use syncgate::whatif::plan::{Action, Plan, PlanStep};

/// The rules with another list of rules for one operation.
fn with_rules(rules: &Rules, operation: usize, change: impl FnOnce(&mut Vec<Rule>)) -> Rules {
    let mut changed = rules.clone();
    changed.rules.clear();
    let mut change = Some(change);
    for (number, declared) in changed.operations.iter_mut().enumerate() {
        let mut own = rules.rules[declared.rules.clone()].to_vec();
        if number == operation {
            change.take().unwrap()(&mut own);
        }
        let first = changed.rules.len();
        changed.rules.extend(own);
        declared.rules = first..changed.rules.len();
    }
    changed
}

/// Whether the answers of an operation differ somewhere between two rule sets.
fn answers_differ(one: &Rules, other: &Rules, operation: usize) -> bool {
    let (mine, theirs) = (&one.operations[operation], &other.operations[operation]);
    let facts = [one.mentioned(mine), other.mentioned(theirs)].concat();
    let mut differ = false;
    Space::new(one, facts).each(one, |values| {
        let answer = |rule: Option<&Rule>| rule.map(|rule| (rule.outcome, rule.reason));
        differ |= answer(values.decide(one, mine)) != answer(values.decide(other, theirs));
    });
    differ
}

/// The embedded rules with `from` in one file replaced by `to`.
fn planted(file: &str, from: &str, to: &str) -> (Arc<Rules>, Vec<Finding>) {
    let rules = Rules::embedded();
    let files = rules.files.files().iter().map(|source| {
        let mut text = source.text.to_string();
        if source.path.ends_with(file) {
            assert_eq!(text.matches(from).count(), 1, "`{from}` is not there once");
            text = text.replace(from, to);
        }
        InputFile { path: source.path.clone(), bytes: Ok(text.into_bytes()) }
    });
    let (rules, mut findings) = Rules::from_files("planted", files.collect(), Vec::new()).as_read();
    if findings.is_empty() {
        findings = verify(&rules).findings;
    }
    (rules, findings)
}

/// The one finding of `code`, with the line it points at.
fn only(rules: &Rules, findings: &[Finding], code: Code) -> (Finding, String) {
    let of_code: Vec<&Finding> = findings.iter().filter(|finding| finding.code == code).collect();
    let [finding] = of_code.as_slice() else { panic!("expected one {code}: {findings:#?}") };
    let span = finding.span.unwrap();
    let text = rules.files.text(span.file);
    let line = rules.files.position(span).start.line;
    ((*finding).clone(), text.lines().nth(line - 1).unwrap().to_owned())
}

const DEFAULT_RULE: &str = r#"[[operation.rule]]
id = "default"
outcome = "sync"
reason = "default-mode"
basis = "documented"
sources = ["S-002", "S-004"]
"#;

#[test]
fn a_removed_default_leaves_combinations_undecided() {
    let (rules, findings) = planted("operations.toml", DEFAULT_RULE, "");
    let (finding, line) = only(&rules, &findings, Code::UNCOVERED);
    assert!(
        finding.message.starts_with("no rule of `create-customer` decides"),
        "{}",
        finding.message
    );
    assert!(finding.message.contains("real-time-service = available"), "{}", finding.message);
    assert!(
        finding.message.contains("create-customer-in-async-mode = false"),
        "{}",
        finding.message
    );
    let operation = &rules.operations[0];
    let (mut all, mut undecided) = (0, 0);
    Space::new(&rules, rules.mentioned(operation)).each(&rules, |values| {
        all += 1;
        undecided += u64::from(values.decide(&rules, operation).is_none());
    });
    let count = format!("decides {undecided} of its {all} combinations, such as ");
    assert!(finding.message.contains(&count), "{}", finding.message);
    assert_eq!(line, "[[operation]]");
}

#[test]
fn a_removed_rule_breaks_what_it_was_there_for() {
    let rule = r#"[[operation.rule]]
id = "offline-filtered"
when = { connection = "offline", filter-shared-customer-data-tables = true }
outcome = "rejected"
reason = "customer-data-filtered-offline"
basis = "documented"
sources = ["S-016", "S-017"]
"#;
    let (rules, findings) = planted("operations.toml", rule, "");
    let broken: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding.subject.as_ref())
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(broken, ["the-filter-stops-offline-creation", "creation-filtered-offline"]);
    let finding = &findings[0];
    assert_eq!(finding.code, Code::INVARIANT);
    assert!(finding.message.contains("connection = offline"), "{}", finding.message);
    assert!(
        finding.message.contains("filter-shared-customer-data-tables = true"),
        "{}",
        finding.message
    );
    assert!(
        finding.message.contains("async (pos-offline) by `create-customer/offline`"),
        "{}",
        finding.message
    );
    assert!(
        rules.files.path(finding.related[0].span.file).ends_with("operations.toml"),
        "the rule is pointed at"
    );
}

#[test]
fn swapped_rules_shadow_each_other() {
    let filtered = r#"when = { connection = "offline", filter-shared-customer-data-tables = true }
outcome = "rejected""#;
    // What stands first now holds whenever the second does.
    let (rules, findings) = planted(
        "operations.toml",
        filtered,
        "when = { connection = \"offline\" }\noutcome = \"rejected\"",
    );
    let unreachable: Vec<&Finding> =
        findings.iter().filter(|finding| finding.code == Code::UNREACHABLE).collect();
    let names: Vec<&str> = unreachable
        .iter()
        .filter_map(|finding| finding.subject.as_ref())
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(names, ["create-customer/offline-not-configured", "create-customer/offline"]);
    assert!(
        unreachable[0].message.contains("`create-customer/offline-filtered`"),
        "{}",
        unreachable[0].message
    );
    assert!(unreachable[0].help.as_ref().unwrap().contains("connection = offline"));
    let shadow = unreachable[0].related[0].span;
    let line = rules.files.position(shadow).start.line;
    assert!(rules.files.text(shadow.file).lines().nth(line).unwrap().contains("offline-filtered"));
}

#[test]
fn a_cycle_of_prerequisites_is_named_in_order() {
    let edge = "id = \"E1\"\n";
    let planted_edge = r#"id = "X1"
from = ["order-performance"]
kind = "requires"
to = ["multiple-contacts"]

[[edge]]
id = "X2"
from = ["multiple-contacts"]
kind = "requires"
to = ["edit-customers-async"]

[[edge]]
id = "E1"
"#;
    let (rules, findings) = planted("features.toml", edge, planted_edge);
    let (finding, line) = only(&rules, &findings, Code::CYCLE);
    let cycle = "order-performance → multiple-contacts → edit-customers-async → order-performance";
    assert!(finding.message.ends_with(cycle), "{}", finding.message);
    assert_eq!(line, "[[edge]]");
    assert_eq!(finding.related.len(), 2, "every edge of the cycle is pointed at");
}

#[test]
fn a_broken_invariant_is_shown_with_a_counterexample() {
    let search = r#"id = "offline"
when = { connection = "offline" }
outcome = "rejected"
reason = "not-available-offline"
basis = "inferred"
sources = ["S-128", "S-130"]

[[operation.rule]]
use = "real-time"
with = { real-time = { basis = "documented", sources = ["S-130"] } }
"#;
    let (rules, findings) =
        planted("operations.toml", search, &search.replace("\"rejected\"", "\"sync\""));
    let broken: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding.subject.as_ref())
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(broken, ["offline-is-never-sync", "sync-needs-the-real-time-service"]);
    let finding = &findings[0];
    assert!(finding.message.contains("connection = offline"), "{}", finding.message);
    assert!(
        finding
            .message
            .contains("it answers sync (not-available-offline) by `create-from-other-company/")
    );
    let span = finding.span.unwrap();
    assert!(rules.files.path(span.file).ends_with("invariants.toml"));
    // As many as there are, and how many of them break it.
    for (invariant, finding) in broken.iter().zip(&findings) {
        let invariant = rules.invariants.iter().find(|it| it.id == *invariant).unwrap();
        let operation = rules.operation_named("create-from-other-company").unwrap();
        let operation = rules.operation(operation);
        let mentioned = rules.mentioned(operation);
        let breaks = |values: &Assignment| {
            let rule = values.decide(&rules, operation).unwrap();
            let keeps = match &invariant.claim {
                Claim::Always(answers) => answers.include(rule),
                Claim::Never(answers) => !answers.include(rule),
                _ => true,
            };
            invariant.answering.include(rule) && !keeps
        };
        let all = combinations(&rules, invariant, operation);
        let count = count(&rules, invariant, mentioned, breaks);
        let told = format!("; {count} of {all} combinations break it");
        assert!(finding.message.ends_with(&told), "{told}: {}", finding.message);
    }
}

#[test]
fn a_feature_that_takes_something_away_is_found() {
    let address = r#"outcome = "async"
reason = "async-address-creation""#;
    let (_, findings) =
        planted("operations.toml", address, &address.replace("\"async\"", "\"rejected\""));
    let finding = findings
        .iter()
        .find(|finding| finding.subject.as_ref().unwrap().id == "features-take-nothing-away");
    let message = &finding.unwrap().message;
    assert!(
        message.contains(
            "turning on `async-address-creation` turns sync (`create-address/real-time`) into \
                rejected"
        ),
        "{message}"
    );
}

#[test]
fn a_space_that_is_too_large_is_refused() {
    let rules = Rules::embedded();
    let mut changed = (*rules).clone();
    let editing =
        changed.operations.iter().position(|operation| operation.id == "edit-customer").unwrap();
    let facts: Vec<_> = (0..24)
        .map(|number| {
            changed.fact_named(&format!("feature.{}", changed.features[number].id)).unwrap()
        })
        .collect();
    changed = with_rules(&changed, editing, |rules| {
        let mut condition = rules[0].when[0].clone();
        for fact in facts {
            condition.fact = fact;
            rules[0].when.push(condition.clone());
        }
    });
    let findings = verify(&changed).findings;
    assert!(
        findings.iter().any(|finding| finding.code == Code::BAD_FILE
            && finding.message.contains("more than 16777216"))
    );
    // What was not walked says nothing of its rules.
    assert!(findings.iter().all(|finding| finding.code == Code::BAD_FILE), "{findings:#?}");
}

#[test]
fn more_tables_than_a_row_can_tell_apart_are_refused() {
    let first = "[[table]]\nid = \"DIRPARTYTABLE\"";
    let added = |count: usize| {
        let table = |number| format!("[[table]]\nid = \"T{number}\"\ntext = \"Another.\"\n\n");
        let tables = (0..count).map(table).collect::<Vec<_>>().concat();
        planted("jobs.toml", first, &(tables + first))
    };
    let there = Rules::embedded().channel_tables.len();
    let (rules, findings) = added(256 - there);
    assert_eq!((rules.channel_tables.len(), findings), (256, Vec::new()));
    for count in [257 - there, 300] {
        let (rules, findings) = added(count);
        let (finding, line) = only(&rules, &findings, Code::BAD_FILE);
        assert_eq!(finding.message, "more than 256 records of `table`");
        assert_eq!(line, "[[table]]", "the first too many");
    }
}

#[test]
fn every_rule_removed_or_swapped_with_the_next_is_found() {
    let rules = Rules::embedded();
    let (mut mutants, mut survivors) = (0, Vec::new());
    for (number, operation) in rules.operations.iter().enumerate() {
        for (index, rule) in rules.rules[operation.rules.clone()].iter().enumerate() {
            let removed = with_rules(&rules, number, |rules| {
                rules.remove(index);
            });
            let swapped = with_rules(&rules, number, |rules| {
                if index + 1 < rules.len() {
                    rules.swap(index, index + 1);
                }
            });
            for (what, mutant) in [("removed", removed), ("swapped", swapped)] {
                if !answers_differ(&rules, &mutant, number) {
                    continue;
                }
                mutants += 1;
                if verify(&mutant).findings.is_empty() {
                    survivors.push(format!("{} {what}", rule.id));
                }
            }
        }
    }
    assert!(mutants > 150, "only {mutants} mutants");
    assert!(
        survivors.is_empty(),
        "{} of {mutants} survive:\n{}",
        survivors.len(),
        survivors.join("\n")
    );
}

fn hold(when: &[Condition], values: &Assignment) -> bool {
    when.iter().all(|condition| condition.allows(values.value(condition.fact)))
}

/// How many combinations of these facts can be of which an invariant speaks and `is_one` holds.
fn count(
    rules: &Rules,
    invariant: &Invariant,
    mut facts: Vec<FactId>,
    is_one: impl Fn(&Assignment) -> bool,
) -> u64 {
    facts.extend(invariant.when.iter().map(|condition| condition.fact));
    let mut count = 0;
    Space::new(rules, facts).each(rules, |values| {
        count += u64::from(hold(&invariant.when, values) && is_one(values));
    });
    count
}

/// How many pairs of states of an operation's features differ in one that is turned on, by going
/// through all; where it is asked for, only those in which it lacks a prerequisite afterwards.
fn pairs(rules: &Rules, features: &[FeatureId], turned: &[FeatureId], only_lacking: bool) -> u64 {
    fn is_effective(
        rules: &Rules,
        graph: &Prerequisites,
        (version, on): (Version, &[FeatureId]),
        id: FeatureId,
    ) -> bool {
        rules.feature(id).mandatory_since.is_some_and(|since| since <= version)
            || on.contains(&id)
                && graph.direct(id).iter().all(|it| is_effective(rules, graph, (version, on), *it))
    }
    let graph = Prerequisites::of(rules);
    let version = features.iter().filter_map(|id| rules.feature(*id).since).max();
    let version = version.unwrap_or(Version::EARLIEST);
    let mut pairs = 0;
    for set in 0..1_usize << features.len() {
        let on: Vec<FeatureId> = (0..features.len())
            .filter(|number| set >> number & 1 == 1)
            .map(|number| features[number])
            .collect();
        for feature in features.iter().filter(|id| turned.contains(id) && !on.contains(id)) {
            let after = [&on[..], &[*feature]].concat();
            let lacks =
                |it: &FeatureId| !is_effective(rules, &graph, (version, after.as_slice()), *it);
            let counts = !only_lacking || graph.direct(*feature).iter().any(lacks);
            pairs += u64::from(counts);
        }
    }
    pairs
}

/// How many combinations, or pairs of them, an invariant has of an operation.
fn combinations(rules: &Rules, invariant: &Invariant, operation: &Operation) -> u64 {
    let mentioned = rules.mentioned(operation);
    let (turned, only_lacking) = match &invariant.claim {
        Claim::Always(_) | Claim::Never(_) => {
            return count(rules, invariant, mentioned, |values| {
                values
                    .decide(rules, operation)
                    .is_some_and(|rule| invariant.answering.include(rule))
            });
        }
        Claim::NeverFromTo { turning_on, .. } => (turning_on, false),
        Claim::SameWithoutPrerequisites { turning_on } => (turning_on, true),
    };
    let feature = |fact: &FactId| match rules.fact(*fact).origin {
        Origin::Feature(feature) => Some(feature),
        _ => None,
    };
    let graph = Prerequisites::of(rules);
    let mut features: Vec<FeatureId> = mentioned
        .iter()
        .filter_map(feature)
        .flat_map(|id| graph.closure(id).into_iter().chain([id]))
        .collect();
    features.sort_unstable();
    features.dedup();
    let others = mentioned.into_iter().filter(|fact| feature(fact).is_none()).collect();
    count(rules, invariant, others, |_| true) * pairs(rules, &features, turned, only_lacking)
}

#[test]
fn a_proof_looks_at_everything_once() {
    let rules = Rules::embedded();
    let verification = verify(&rules);
    let mut all = 0;
    assert_eq!(verification.operations.len(), rules.operations.len());
    assert_eq!(verification.invariants.len(), rules.invariants.len());
    for (operation, report) in rules.operations.iter().zip(&verification.operations) {
        let own = rules.rules_of(operation);
        let mut decided: Vec<(String, u64)> = own.iter().map(|it| (it.id.clone(), 0)).collect();
        Space::new(&rules, rules.mentioned(operation)).each(&rules, |values| {
            let rule = values.decide(&rules, operation).unwrap();
            decided[own.iter().position(|it| it.id == rule.id).unwrap()].1 += 1;
        });
        assert_eq!(report.combinations, decided.iter().map(|(_, count)| count).sum::<u64>());
        assert_eq!((&report.id, &report.rules), (&operation.id, &decided));
        all += report.combinations;
    }
    for (invariant, report) in rules.invariants.iter().zip(&verification.invariants) {
        let operations = invariant.operations.iter().map(|id| rules.operation(*id));
        let expected: u64 = operations.map(|it| combinations(&rules, invariant, it)).sum();
        assert_eq!((&report.id, report.combinations), (&invariant.id, expected));
        assert!(report.holds);
        all += expected;
    }
    assert_eq!(verification.combinations(), all);
}

#[test]
fn more_records_than_ids_can_number_are_refused() {
    let table = |number: usize| format!("[[table]]\nid = \"OWN{number}\"\ntext = \"own\"\n");
    let tables: String = (0..300).map(table).collect();
    let first = "[[table]]\nid = \"DIRPARTYTABLE\"";
    let (rules, findings) = planted("jobs.toml", first, &format!("{tables}{first}"));
    let (finding, line) = only(&rules, &findings, Code::BAD_FILE);
    assert_eq!(
        (finding.message.as_str(), line.as_str()),
        ("more than 256 records of `table`", "[[table]]")
    );
    assert_eq!(rules.channel_tables.len(), 256);

    let rule = |number: usize| DEFAULT_RULE.replace("\"default\"", &format!("\"r{number}\""));
    let many: String = (0..1 << 14).map(rule).collect();
    let (rules, findings) = planted("operations.toml", DEFAULT_RULE, &(many + DEFAULT_RULE));
    let (finding, line) = only(&rules, &findings, Code::BAD_FILE);
    assert_eq!(
        (finding.message.as_str(), line.as_str()),
        ("more than 16384 rules", "[[operation.rule]]")
    );
    assert_eq!(rules.rules.len(), 1 << 14);
}

#[test]
fn a_rule_of_a_group_that_an_operation_takes_over_without_a_basis_says_where_to_give_it() {
    let with = "with = { real-time = { basis = \"documented\", sources = [\"S-104\"] } }\n";
    let rules = Rules::embedded();
    let files = rules.files.files().iter().map(|source| {
        let text = source.text.replacen(with, "", 1);
        InputFile { path: source.path.clone(), bytes: Ok(text.into_bytes()) }
    });
    let (rules, findings) = Rules::from_files("planted", files.collect(), Vec::new()).as_read();
    let (finding, _) = only(&rules, &findings, Code::MISSING_KEY);
    let help = finding.help.unwrap();
    assert!(help.contains("with = { real-time = { basis = "), "{help}");
    assert_eq!(finding.related.len(), 1, "where the operation takes over the group");
}

#[test]
fn an_edge_says_what_it_is() {
    let edge = "[[edge]]\nid = \"E2\"\nfrom = [\"edit-customers-async\"]\nkind = \"requires\"\n";
    let edges = |rules: &Rules| rules.edges.iter().filter(|edge| edge.id == "E2").count();
    for (kind, left) in [
        ("kind = \"demands\"", 0),
        ("kind = \"requires\"\nbasis = \"guessed\"", 1),
        ("kind = \"requires\"\nversions = [\"10.0.1\"]", 1),
    ] {
        let changed = edge.replace("kind = \"requires\"", kind);
        let (rules, findings) = planted("features.toml", edge, &changed);
        only(&rules, &findings, Code::OUT_OF_RANGE);
        assert_eq!(edges(&rules), left, "{kind}");
    }
}

/// The finding about `deployment.toml` once a part of it, all lines from `from` to `until`, is
/// changed.
fn format_changed(
    from: &str,
    until: &str,
    key: Option<&str>,
    change: impl Fn(&str) -> String,
) -> Vec<Finding> {
    let rules = Rules::embedded();
    let files = rules.files.files().iter().map(|source| {
        let mut text = source.text.to_string();
        if source.path.ends_with("deployment.toml") {
            let mut start = text.find(from).unwrap();
            let mut end = text[start + 1..].find(until).map_or(text.len(), |at| start + 1 + at);
            if let Some(key) = key {
                let of_section = text[start..end].to_owned();
                let at = of_section.find(&format!("[[section.key]]\nid = \"{key}\"\n")).unwrap();
                end = of_section[at + 1..].find("[[").map_or(end, |to| start + at + 1 + to);
                start += at;
            }
            text.replace_range(start..end, &change(&text[start..end]));
        }
        InputFile { path: source.path.clone(), bytes: Ok(text.into_bytes()) }
    });
    Rules::from_files("changed", files.collect(), Vec::new()).as_read().1
}

#[test]
fn what_the_code_reads_of_a_deployment_is_in_its_format() {
    let told = |findings: &[Finding], part: &str| {
        findings.iter().any(|it| it.message.contains(part) && it.message.ends_with("reads it"))
    };
    for relied in RELIED {
        let name = relied.section;
        let (from, until) = (format!("[[section]]\nid = \"{name}\"\n"), "[[section]]");
        let header = format!("id = \"{name}\"");
        let gone = format_changed(&from, until, None, |_| String::new());
        assert!(told(&gone, &format!("no section `{name}`")), "{name} dropped: {gone:#?}");
        let renamed = format_changed(&from, until, None, |text| {
            text.replacen(&header, &format!("id = \"{name}-now\""), 1)
        });
        assert!(told(&renamed, &format!("no section `{name}`")), "{name} renamed");
        for (key, _) in relied.keys.iter().filter(|(key, _)| *key != KeyName::Level) {
            let change = |change: &dyn Fn(&str) -> String| {
                format_changed(&from, until, Some(key.as_str()), change)
            };
            let missing = format!("no key `{key}` in `{name}`");
            assert!(told(&change(&|_| String::new()), &missing), "{name}.{key} dropped");
            let id = format!("id = \"{key}\"");
            let renamed = change(&|text| text.replacen(&id, "id = \"another\"", 1));
            assert!(told(&renamed, &missing), "{name}.{key} renamed: {renamed:#?}");
            let retyped = change(&|text| {
                let lines = text.lines().map(|line| {
                    if line.starts_with("type = ") {
                        "type = \"integer\"\n".to_owned()
                    } else {
                        format!("{line}\n")
                    }
                });
                lines.collect()
            });
            let another = format!("`{name}.{key}` has another type");
            assert!(told(&retyped, &another), "{name}.{key} retyped: {retyped:#?}");
        }
    }
    let words = format_changed("[[section]]\nid = \"batch-job\"", "[[section]]", None, |text| {
        text.replace("\"waiting\"", "\"to-come\"")
    });
    assert!(told(&words, "`batch-job.status` has another type"), "{words:#?}");
    let levels = format_changed("[[section]]\nid = \"levels\"", "[[section]]", None, |text| {
        text.replace("\"allow\"", "\"off\"")
    });
    assert!(told(&levels, "`levels.level` has another type"), "{levels:#?}");
}

/// What a document of the rules has that it must not have, or lacks.
fn faults_of(document: &Document) -> Vec<&'static str> {
    let path = document.path.as_deref().unwrap_or_default();
    let is_seed = path.starts_with("seeds/");
    let said = |key, is_given: bool| is_given != document.is_unknown(key);
    let expected = document.repository.as_ref().filter(|_| !path.is_empty());
    let expected = expected.map(|it| format!("https://github.com/{it}/commits/main/{path}"));
    let linked = document.link.as_deref().is_some_and(|link| link.starts_with("https://"));
    let faults = [
        (document.title.contains(".md") || document.title.contains('/'), "its title is a path"),
        (document.date.is_some() && document.dating.is_some(), "it is dated twice"),
        (!said("date", document.date.is_some()), "its date is neither given nor unknown"),
        (!said("path", document.path.is_some()), "its path is neither given nor unknown"),
        (
            !(said("link", document.link.is_some()) || is_seed && document.link.is_none()),
            "its link is neither given nor unknown",
        ),
        (path.contains('…') || path.contains(' '), "its path is not whole"),
        (!path.is_empty() && !is_seed && document.repository.is_none(), "it has no repository"),
        (expected.is_some() && document.link != expected, "its link is not its path's"),
        (document.link.is_some() && !linked, "its link is none"),
    ];
    faults.into_iter().filter(|(fault, _)| *fault).map(|(_, text)| text).collect()
}

#[test]
fn every_document_has_a_title_a_date_and_what_leads_to_it() {
    let documents = &Rules::embedded().evidence.documents;
    let faulty: Vec<(&str, Vec<&str>)> =
        documents.iter().map(|it| (it.id.as_str(), faults_of(it))).collect();
    let faulty: Vec<_> = faulty.into_iter().filter(|(_, faults)| !faults.is_empty()).collect();
    assert!(faulty.is_empty(), "{faulty:?}");
    let of = |repository: &str, top: &str| {
        documents.iter().all(|it| {
            let stands = it.path.as_ref().is_some_and(|path| path.starts_with(top));
            stands == (it.repository.as_deref() == Some(repository))
        })
    };
    assert!(of("MicrosoftDocs/dynamics-365-unified-operations-public", "articles/"));
    assert!(of("MicrosoftDocs/SupportArticles-docs", "support/dynamics-365/commerce/"));
    // The test can fail: each thing that a document lacks is found.
    let sound = documents.iter().find(|it| it.id == "ACM-22").unwrap();
    for (change, fault) in [
        (
            &(|it: &mut Document| it.title = it.path.clone().unwrap()) as &dyn Fn(&mut Document),
            "a path",
        ),
        (&|it| it.date = None, "its date is neither"),
        (&|it| it.path = None, "its path is neither"),
        (&|it| it.unknown = vec!["date".to_owned()], "its date is neither"),
        (&|it| it.dating = it.date.clone(), "dated twice"),
        (&|it| it.path = Some("…/async-customer-mode.md".to_owned()), "not whole"),
        (&|it| it.repository = None, "no repository"),
        (&|it| it.link = Some("https://example.org/".to_owned()), "not its path's"),
        (&|it| it.link = None, "its link is neither"),
    ] {
        let mut changed = sound.clone();
        change(&mut changed);
        let found = faults_of(&changed);
        assert!(found.iter().any(|it| it.contains(fault)), "{fault}: {found:?}");
    }
}

#[test]
fn every_edge_has_sources() {
    let rules = Rules::embedded();
    let silent: Vec<&str> = rules
        .edges
        .iter()
        .filter(|edge| edge.documents.is_empty())
        .map(|edge| edge.id.as_str())
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn the_seeds_are_cited_for_what_they_say_and_for_nothing_else() {
    let evidence = &Rules::embedded().evidence;
    let (fi, lv, it, fiq) = ("SEED-FI", "SEED-LV", "SEED-IT", "SEED-FIQ");
    let expected: [(&str, &[&str]); 13] = [
        ("S-003", &[fi, lv, it]),
        ("S-004", &[fi, lv, it]),
        ("S-005", &[fi, lv, it]),
        ("S-006", &[fi, lv, it]),
        ("S-008", &[fi, lv, it]),
        ("S-009", &[fi, lv, it]),
        ("S-032", &[fiq]),
        // Two of the seeds deny under the feature's heading what the third one affirms.
        ("S-055", &[fi, it]),
        ("S-056", &[fi, it]),
        ("S-066", &[lv]),
        ("R1", &[fiq]),
        ("R2", &[fiq]),
        ("R3", &[fiq]),
    ];
    for (id, seeds) in expected {
        let failure = evidence.failures.iter().find(|it| it.id == id).map(|it| &it.documents);
        let documents = evidence.statement(id).map(|it| &it.documents).or(failure).unwrap();
        let cited: Vec<&str> =
            documents.iter().map(String::as_str).filter(|it| it.starts_with("SEED-")).collect();
        assert_eq!(cited, seeds, "{id}");
    }
}

/// A plan runs the jobs that a check says to run: for each feature alone that is on, before and
/// after its jobs have run, all that it requires off.
#[test]
fn plans_and_checks_name_the_same_jobs() {
    // Every feature that is on is told of, with its jobs; SG108 says the same in its own words.
    let (rules, findings) = planted(
        "checks.toml",
        "fails = { prerequisites-met = false }\nat = \"enabled\"\nmessage = \"`{feature}` is \
         enabled without {missing-prerequisites}\"",
        "fails = { enabled = true }\nat = \"enabled\"\nmessage = \"{jobs-to-run}\"",
    );
    assert!(findings.is_empty(), "{findings:#?}");
    let (mut some, mut none) = (0, 0);
    for (declared, enabled_at) in rules.features.iter().flat_map(|feature| {
        ["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"].map(|at| (feature, at))
    }) {
        let features = rules.features.iter().map(|feature| {
            let is_it = feature.id == declared.id;
            let at = if is_it { format!(", enabled-at = {enabled_at}") } else { String::new() };
            format!("\"{}\" = {{ enabled = {is_it}{at} }}\n", feature.id)
        });
        let runs = rules.jobs.iter().filter(|job| job.kind != JobKind::Batch).map(|job| {
            let id = &job.id;
            format!("[[distribution-schedule]]\njob = \"{id}\"\nlast-run = 2026-02-01T00:00:00Z\n")
        });
        let text = format!(
            "[deployment]\ncommerce-version = \"10.0.50\"\nas-of = 2026-04-01T00:00:00Z\n\
             [features]\n{}{}",
            features.collect::<String>(),
            runs.collect::<String>()
        );
        let loaded = Deployment::from_text(&rules, "one.toml", &text);
        let checked = loaded.check();
        let told = |code: u16| {
            let of_it = checked.findings.iter().filter(|it| it.code == Code::new(code));
            of_it.map(|it| (it.message.clone(), it.help.clone().unwrap())).next()
        };
        let deployment = loaded.valid().unwrap();
        let feature = rules.feature_named(&declared.id).unwrap();
        let plan = Plan::enable(deployment, &[feature]);
        // A feature that the version lacks is told of by its plan's update alone.
        let updates = |step: &PlanStep| matches!(step.action, Action::Update { .. });
        if plan.steps.iter().any(updates) {
            continue;
        }
        let jobs = plan.steps.iter().filter_map(|step| match step.action {
            Action::Run(job) => Some(rules.job(job).title()),
            _ => None,
        });
        let jobs = jobs.collect::<Vec<_>>().join(", ");
        match (told(152), told(108)) {
            (Some((message, _)), None) => assert_eq!(message, jobs, "{}", declared.id),
            (None, Some((_, help))) => assert!(help.ends_with(&format!("run {jobs}")), "{help}"),
            // Checks of their own stand in for the general one, and name no jobs.
            (None, None) if ["trickle-feed", "seamless-offline"].contains(&&*declared.id) => {}
            told => panic!("{}: {told:?}", declared.id),
        }
        some += usize::from(!jobs.is_empty());
        none += usize::from(jobs.is_empty());
    }
    assert!(some > 10 && none > 10, "{some} {none}");
}
