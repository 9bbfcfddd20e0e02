//! What a trace says is what a plain walk of the rules says: the rules tried, what failed, what was
//! assumed, and what every single fact would change; and who asks for what is not there is told.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "common/files.rs"]
mod files;

use files::{entries, path};
use std::collections::BTreeSet;
use std::sync::Arc;
use syncgate::engine::{
    Assignment, Change, Channel, DecisionTables, Engine, EngineError, FactValue, Space, Trace,
};
use syncgate::features::States;
use syncgate::model::{
    Connection, Customer, Deployment, Fact, FactId, OperationId, Origin, Outcome, Rule, Rules,
    Situation,
};

const DEPLOYMENTS: &str = "fixtures/deployments";

fn engine(name: &str) -> Option<Engine> {
    let rules = Rules::embedded();
    let loaded = Deployment::load(&path(&format!("{DEPLOYMENTS}/{name}"))).unwrap();
    Some(Engine::new(&rules, loaded.valid().ok()?).unwrap())
}

fn engines() -> Vec<Engine> {
    entries(DEPLOYMENTS).iter().filter_map(|name| engine(name)).collect()
}

/// The value of a fact, from where the rules say that it comes.
fn value(channel: Channel<'_>, situation: Situation, id: FactId) -> usize {
    match channel.engine().rules().fact(id).origin {
        Origin::Situation(fact) => situation.value(fact),
        Origin::Setting { .. } | Origin::Feature(_) => channel.configuration().value(id),
    }
}

/// Whether the value of a fact is given.
fn is_given(channel: Channel<'_>, fact: &Fact) -> bool {
    let deployment = channel.engine().deployment();
    match &fact.origin {
        Origin::Situation(_) => true,
        Origin::Setting { section, key } => deployment
            .reach(channel.record(), section)
            .is_some_and(|record| record.value(key).is_some()),
        Origin::Feature(feature) => States::of(deployment).get(*feature).is_known,
    }
}

/// The facts whose values satisfy no condition of this rule, in its order.
fn failing(rule: &Rule, value: impl Fn(FactId) -> usize) -> Vec<FactId> {
    let failing = rule.when.iter().filter(|condition| !condition.allows(value(condition.fact)));
    failing.map(|condition| condition.fact).collect()
}

/// A change as it is told: the fact, its word, the other word, the outcome and the rule.
type Told = (String, String, String, Outcome, String);

/// What every single fact would change, by trying every word of it.
fn alternatives(channel: Channel<'_>, operation: OperationId, situation: Situation) -> Vec<Told> {
    let rules = channel.engine().rules();
    let declared = rules.operation(operation);
    let facts = rules.mentioned(declared);
    let mut told = Vec::new();
    for changed in &facts {
        let fact = rules.fact(*changed);
        let own = value(channel, situation, *changed);
        for (number, word) in fact.words.iter().enumerate().filter(|(number, _)| *number != own) {
            let is = |id: FactId| {
                if id == *changed { number } else { value(channel, situation, id) }
            };
            let excluded = rules.impossible.iter().any(|impossible| {
                impossible.when.iter().all(|condition| condition.allows(is(condition.fact)))
            });
            let lacking = facts.iter().any(|id| {
                let fact = rules.fact(*id);
                Some(is(*id)) != fact.default
                    && fact.requires.iter().any(|it| facts.contains(it) && is(*it) == 0)
            });
            if excluded || lacking {
                continue;
            }
            let decides = rules.rules_of(declared).iter().find(|rule| failing(rule, is).is_empty());
            if let Some(rule) = decides {
                told.push((
                    fact.id.clone(),
                    fact.words[own].clone(),
                    word.clone(),
                    rule.outcome,
                    rule.id.clone(),
                ));
            }
        }
    }
    told
}

fn told(changes: &[Change<'_>]) -> Vec<Told> {
    let changes = changes.iter().map(|it| {
        let (fact, word) = (it.found.fact.id.clone(), it.found.word.to_owned());
        (fact, word, it.to.to_owned(), it.outcome, it.rule.id.clone())
    });
    changes.collect()
}

fn names<'e>(values: &[FactValue<'e>]) -> Vec<&'e str> {
    values.iter().map(|value| value.fact.id.as_str()).collect()
}

/// Compares a trace with a walk; gives whether something was assumed.
fn compare(
    channel: Channel<'_>,
    given: &[bool],
    operation: OperationId,
    situation: Situation,
    trace: &Trace<'_>,
) -> bool {
    let rules = channel.engine().rules();
    let is = |id: FactId| value(channel, situation, id);
    let (mut tried, mut assumed): (Vec<(&Rule, Option<FactId>)>, Vec<FactId>) = Default::default();
    for rule in rules.rules_of(rules.operation(operation)) {
        let failed = failing(rule, is).first().copied();
        tried.push((rule, failed));
        for condition in &rule.when {
            if !given[condition.fact.index()] && !assumed.contains(&condition.fact) {
                assumed.push(condition.fact);
            }
            if Some(condition.fact) == failed && !condition.allows(is(condition.fact)) {
                break;
            }
        }
        if failed.is_none() {
            break;
        }
    }
    assert_eq!(trace.decision().rule(), tried.last().unwrap().0.id);
    assert_eq!(trace.tried().len(), tried.len());
    for (step, (rule, failed)) in trace.tried().iter().zip(&tried) {
        assert_eq!(step.rule.id, rule.id);
        assert_eq!(step.failed.is_some(), failed.is_some());
        let (Some(step), Some(failed)) = (&step.failed, failed) else { continue };
        let fact = rules.fact(*failed);
        assert_eq!(step.found.fact.id, fact.id);
        assert_eq!(step.found.word, fact.words[is(*failed)]);
        assert_eq!(step.found.is_given, given[failed.index()]);
        let condition = rule.when.iter().find(|condition| condition.fact == *failed).unwrap();
        let words = fact.words.iter().enumerate();
        let needed: Vec<&str> = words
            .filter(|(number, _)| condition.allows(*number))
            .map(|(_, word)| word.as_str())
            .collect();
        assert_eq!(step.needed, needed);
        assert_eq!(step.place, channel.place_of(fact));
    }
    let expected: Vec<&str> = assumed.iter().map(|id| rules.fact(*id).id.as_str()).collect();
    assert_eq!(names(trace.assumed()), expected);
    assert_eq!(names(&channel.assumed(operation, situation)), expected);
    let mut expected = alternatives(channel, operation, situation);
    let all = channel.alternatives(operation, situation);
    assert_eq!(told(&all), expected);
    for change in &all {
        assert_eq!(change.place, channel.place_of(change.found.fact));
        let (fact, rule) = (&change.found.fact.id, &change.rule.id);
        let said = format!("{fact} were {}: then {} by {rule}", change.to, change.outcome);
        assert_eq!(change.to_string(), said);
    }
    expected.retain(|(.., outcome, _)| *outcome != trace.decision().outcome());
    assert_eq!(told(trace.would_change()), expected);
    !assumed.is_empty()
}

#[test]
fn a_trace_says_what_a_walk_of_the_rules_says() {
    let (mut traces, mut assuming) = (0, 0);
    for engine in engines() {
        let rules = engine.rules();
        let mut seen = BTreeSet::new();
        for (number, channel) in engine.channels().enumerate() {
            assert_eq!(channel.number(), number);
            let given = channel.given();
            let expected: Vec<bool> =
                rules.facts.iter().map(|fact| is_given(channel, fact)).collect();
            assert_eq!(given, expected);
            // Channels that are alike and have the same things given trace alike.
            if !seen.insert((channel.configuration().clone(), given.clone())) {
                continue;
            }
            for operation in rules.operations.iter().map(|it| engine.operation(&it.id).unwrap()) {
                for situation in Situation::all().step_by(5) {
                    let Ok(trace) = channel.trace(operation, situation) else {
                        assert!(channel.cannot_be(situation).is_some());
                        continue;
                    };
                    assert_eq!(channel.cannot_be(situation), None);
                    let assumes = compare(channel, &given, operation, situation, &trace);
                    assuming += usize::from(assumes);
                    traces += 1;
                }
            }
        }
    }
    assert!(traces > 5000 && assuming > 100, "{traces} {assuming}");
}

/// Where the deployment sets a fact, as line and column with the file's name.
fn place(channel: Channel<'_>, fact: &str) -> Option<String> {
    let rules = channel.engine().rules();
    let span = channel.place_of(rules.fact(rules.fact_named(fact).unwrap()))?;
    let files = channel.engine().deployment().files();
    let start = files.position(span).start;
    let file = files.path(span.file).rsplit('/').next().unwrap().to_owned();
    let line = files.text(span.file).lines().nth(start.line - 1).unwrap();
    Some(format!("{file}: {line}"))
}

#[test]
fn a_fact_is_where_the_deployment_sets_it() {
    let contoso = engine("contoso").unwrap();
    let houston = contoso.channel("HOUSTON").unwrap();
    assert_eq!((houston.id(), houston.number()), ("houston", 0));
    for (fact, expected) in [
        ("connection", None),
        ("channel-kind", Some("channels.toml: kind = \"store\"")),
        (
            "create-customer-in-async-mode",
            Some("channels.toml: create-customer-in-async-mode = true"),
        ),
        (
            "filter-shared-customer-data-tables",
            Some("channels.toml: filter-shared-customer-data-tables = false"),
        ),
        ("feature.edit-customers-async", Some("features.toml: enabled = true")),
        // Not listed: the first feature that is.
        (
            "feature.cloud-powered-customer-search",
            Some("features.toml: [features.async-address-creation]"),
        ),
    ] {
        assert_eq!(place(houston, fact).as_deref(), expected, "{fact}");
    }
    let rules = contoso.rules();
    let source = |channel: Channel<'_>, fact: &str| {
        let source = channel.source_of(rules.fact(rules.fact_named(fact).unwrap()));
        source.map(|record| record.record.id.clone())
    };
    let seattle = contoso.channel("seattle").unwrap();
    assert_eq!(seattle.number(), 1);
    assert_eq!(source(seattle, "create-customer-in-async-mode").as_deref(), Some("MALL"));
    assert_eq!(source(seattle, "channel-kind").as_deref(), Some("seattle"));
    assert_eq!(source(seattle, "connection"), None);
    assert_eq!(source(seattle, "feature.edit-customers-async"), None);
}

#[test]
fn who_asks_for_what_is_not_there_is_told_what_is() {
    let contoso = engine("contoso").unwrap();
    let told = |name: &str| contoso.channel(name).unwrap_err().to_string();
    assert_eq!(told("houstn"), "unknown channel `houstn`; did you mean `houston`?");
    assert_eq!(
        told("0815"),
        "unknown channel `0815`; among those known: `houston`, `seattle`, `san-francisco`, `web`"
    );
    let told = |name: &str| contoso.operation(name).unwrap_err().to_string();
    assert_eq!(
        told("edit-custmer"),
        "unknown operation `edit-custmer`; did you mean `edit-customer`?"
    );
    // A number is near to other numbers, and is none of them.
    assert!(told("601").starts_with("unknown operation `601`; among those known: `"));
    assert_eq!(told("601").matches('`').count(), 2 + 2 * 5);
    assert_eq!(contoso.operation("612").ok(), contoso.operation("create-customer").ok());
    let rules = Rules::embedded();
    let empty = Deployment::from_text(&rules, "a", "[deployment]\ncommerce-version = \"10.0.40\"");
    let engine = Engine::new(&rules, empty.valid().unwrap()).unwrap();
    assert_eq!(engine.channel("a").unwrap_err().to_string(), "unknown channel `a`");
    assert!(engine.tables().is_empty() && engine.channels().next().is_none());
}

#[test]
fn an_engine_takes_no_deployment_of_other_rules() {
    let rules = Rules::embedded();
    let contoso = engine("contoso").unwrap();
    let others = Arc::new((*rules).clone());
    let refused = Engine::new(&others, contoso.deployment()).unwrap_err();
    assert_eq!(refused, EngineError::OtherRules);
    assert_eq!(
        refused.to_string(),
        "the deployment was read by other rules than those of the engine"
    );
}

#[test]
fn channels_that_are_alike_share_a_table() {
    let contoso = engine("contoso").unwrap();
    let channel = |id| contoso.channel(id).unwrap();
    let (houston, seattle) = (channel("houston"), channel("seattle"));
    let rules = contoso.rules();
    let differing = houston.configuration().differing(seattle.configuration());
    let facts: Vec<&str> = differing.iter().map(|id| rules.fact(*id).id.as_str()).collect();
    assert_eq!(
        facts,
        [
            "create-customer-in-async-mode",
            "real-time-order-creation-with-async-backup",
            "offline-order-creation"
        ]
    );
    assert!(houston.configuration().differing(houston.configuration()).is_empty());
    assert_eq!(contoso.tables().len(), 4);
    assert!(!contoso.tables().is_empty());
    let mut tables = DecisionTables::new(rules);
    assert_eq!((tables.is_empty(), tables.len()), (true, 0));
    let one = tables.get(houston.configuration());
    assert!(Arc::ptr_eq(&one, &tables.get(houston.configuration())));
    assert!(*one == *houston.table() && *one != *tables.get(seattle.configuration()));
    assert_eq!(tables.len(), 2);
    // Online, every operation of 23 in 108 situations; offline, as many.
    assert_eq!(one.decisions(), 23 * Situation::COUNT);
    assert_eq!(channel("web").table().decisions(), 23 * Situation::COUNT / 2);
}

#[test]
fn a_decision_says_everything_of_its_rule() {
    let contoso = engine("contoso").unwrap();
    let houston = contoso.channel("houston").unwrap();
    let issue = contoso.operation("issue-loyalty-card").unwrap();
    let blocked = Situation::default().customer(Customer::Synced).loyalty_enrollment_blocked(true);
    let decision = houston.decide(issue, blocked).unwrap();
    let rule = contoso.rules().rule(decision.rule_id());
    assert_eq!(decision.rule(), rule.id);
    assert_eq!(decision.outcome(), rule.outcome);
    assert_eq!(
        format!("{decision:?}"),
        format!(
            "Decision {{ outcome: {:?}, reason: {:?}, rule: {:?}, .. }}",
            rule.outcome,
            contoso.rules().reason_code(rule.reason),
            rule.id
        )
    );
    let web = contoso.channel("web").unwrap();
    let offline = Situation::default().connection(Connection::Offline);
    let refused = web.decide(issue, offline).unwrap_err().to_string();
    assert!(refused.starts_with("impossible for the channel `web`: "), "{refused}");
    assert_eq!(web.cannot_be(offline), Some(refused));
}

#[test]
fn a_combination_is_told_in_words() {
    let rules = Rules::embedded();
    let defaults = Assignment::defaults(&rules);
    assert_eq!(defaults.describe(&rules, &[]), "nothing in particular");
    let fact = |name| rules.fact_named(name).unwrap();
    let (connection, customer) = (fact("connection"), fact("customer"));
    assert_eq!(
        defaults.describe(&rules, &[connection, customer]),
        "connection = online, customer = none"
    );
    for (id, declared) in rules.fact_ids().zip(&rules.facts) {
        assert_eq!(defaults.value(id), declared.default_or_first());
    }
}

#[test]
fn a_space_has_every_combination_that_can_be_once() {
    let rules = Rules::embedded();
    let fact = |name| rules.fact_named(name).unwrap();
    let orders = fact("create-customer-order-in-async-mode");
    let backup = fact("real-time-order-creation-with-async-backup");
    let connection = fact("connection");
    let space = Space::new(&rules, vec![backup, connection, orders, connection]);
    let mut expected = vec![connection, orders, backup];
    expected.sort_unstable();
    assert_eq!(space.facts(), expected);
    assert_eq!(space.size(), Some(8));
    let mut seen = Vec::new();
    space.each(&rules, |values| {
        seen.push((values.value(connection), values.value(orders), values.value(backup)));
    });
    // The backup counts only where orders are created asynchronously.
    assert_eq!(seen, [(0, 0, 0), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 1, 0), (1, 1, 1)]);
    let all: Vec<FactId> = rules.fact_ids().collect();
    assert_eq!(Space::new(&rules, all.clone()).size(), None);
    // As many as there may be are walked, one fact more is refused.
    let two: Vec<FactId> =
        all.into_iter().filter(|id| rules.fact(*id).words.len() == 2).take(25).collect();
    assert_eq!(Space::new(&rules, two[..24].to_vec()).size(), Some(Space::LIMIT));
    assert_eq!(Space::new(&rules, two).size(), None);
    let mut walked = 0;
    Space::new(&rules, rules.fact_ids().collect()).each(&rules, |_| walked += 1);
    assert_eq!(walked, 0);
}
