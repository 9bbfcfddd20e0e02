//! The decisions as a JSON decision model (GoRules): a graph of decision tables.

use super::tables::Exported;
use super::words::default;
use crate::model::SituationFact;
use crate::whatif::MatrixRow;
use crate::wire::{DECIDED_KEYS, fact_name};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A graph that decides the request that is its input.
pub fn jdm(exported: &Exported<'_>) -> impl Serialize + use<> {
    let steps = [
        ("defaults", "expressionNode", defaults(exported)),
        ("words", "decisionTableNode", words()),
        ("channels", "decisionTableNode", names("channel", "class", &exported.channels())),
        ("operations", "decisionTableNode", names("operation", "number", &exported.operations())),
        ("behaviours", "decisionTableNode", behaviours(exported)),
        ("decisions", "decisionTableNode", decisions(exported)),
        ("errors", "decisionTableNode", errors()),
        ("answer", "expressionNode", answer()),
    ];
    let all = std::iter::once(("request", "inputNode", json!({}))).chain(steps).chain([(
        "response",
        "outputNode",
        json!({}),
    )]);
    let (mut nodes, mut edges): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut before = None;
    for (place, (name, kind, content)) in all.enumerate() {
        nodes.push(json!({
            "id": name, "name": name, "type": kind, "content": content,
            "position": { "x": 80 + 240 * place, "y": 120 },
        }));
        if let Some(before) = before.replace(name) {
            edges.push(json!({
                "id": format!("{before}-{name}"), "type": "edge", "sourceId": before,
                "targetId": name,
            }));
        }
    }
    json!({
        "contentType": "application/vnd.gorules.decision",
        "nodes": nodes,
        "edges": edges,
    })
}

/// A table of which the first row decides whose cells all hold. Its columns have the names of the
/// fields that they look at, or give.
fn table(inputs: &[&str], outputs: &[&str], rows: Vec<Vec<String>>) -> Value {
    let column = |prefix: &str, field: &&str| {
        json!({
            "id": format!("{prefix}_{field}"), "name": field, "field": field,
        })
    };
    let ids: Vec<String> = inputs
        .iter()
        .map(|field| format!("in_{field}"))
        .chain(outputs.iter().map(|field| format!("out_{field}")))
        .collect();
    let rules = rows.into_iter().enumerate().map(|(number, cells)| {
        let id = std::iter::once(("_id".to_owned(), json!(number.to_string())));
        let cells = ids.iter().cloned().zip(cells.into_iter().map(Value::String));
        id.chain(cells).collect::<Value>()
    });
    json!({
        "hitPolicy": "first",
        "passThrough": true,
        "inputs": inputs.iter().map(|field| column("in", field)).collect::<Vec<_>>(),
        "outputs": outputs.iter().map(|field| column("out", field)).collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
    })
}

/// What is not given is the default; what a request must not bring along is taken away.
fn defaults(exported: &Exported<'_>) -> Value {
    let facts = SituationFact::ALL.iter().map(|fact| {
        let (name, default) = (fact_name(fact.as_str()), word(*fact, default(*fact)));
        let value = format!("{name} == null ? {default} : {name}");
        json!({ "id": name, "key": name, "value": value })
    });
    let behaviours = exported.behaviours.engine();
    let provenance = json!({
        "id": "provenance", "key": "provenance",
        "value": format!("'{} {}'", behaviours.rules().digest(), behaviours.deployment().digest()),
    });
    let steps = ["words_known", "class", "number", "behaviour"];
    let own = steps.iter().chain(&DECIDED_KEYS).chain(&["error"]);
    let own = own.map(|key| json!({ "id": key, "key": key, "value": "null" }));
    json!({
        "passThrough": true,
        "expressions": own.chain(facts).chain([provenance]).collect::<Vec<_>>(),
    })
}

/// Whether all words are known.
fn words() -> Value {
    let names: Vec<String> = facts();
    let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
    let known = SituationFact::ALL.iter().map(|fact| {
        let words: Vec<String> = fact.words().iter().map(|it| word(*fact, it)).collect();
        words.join(", ")
    });
    let known = known.chain(["true".to_owned()]).collect();
    let mut unknown = vec![String::new(); names.len()];
    unknown.push("false".to_owned());
    table(&inputs, &["words_known"], vec![known, unknown])
}

fn facts() -> Vec<String> {
    SituationFact::ALL.iter().map(|fact| fact_name(fact.as_str())).collect()
}

/// What names mean.
fn names(field: &str, number: &str, names: &BTreeMap<String, Option<usize>>) -> Value {
    let rows = names.iter().map(|(name, means)| {
        let means = means.map_or("-1".to_owned(), |means| means.to_string());
        vec![format!("$ == {}", quoted(name)), means]
    });
    table(&[field], &[number], rows.collect())
}

/// The behaviour of each class and operation; none where a word is unknown.
fn behaviours(exported: &Exported<'_>) -> Value {
    let operations = exported.behaviours.engine().rules().operations.len();
    let rows = exported.behaviours.pairs().iter().enumerate().map(|(pair, behaviour)| {
        let (class, operation) = (pair / operations, pair % operations);
        ["true".to_owned(), class.to_string(), operation.to_string(), behaviour.to_string()].into()
    });
    table(&["words_known", "class", "number"], &["behaviour"], rows.collect())
}

fn decisions(exported: &Exported<'_>) -> Value {
    let rules = exported.behaviours.engine().rules();
    let behaviours = exported.behaviours.all().iter().enumerate();
    let rows = behaviours.flat_map(|(number, behaviour)| {
        behaviour.rows(rules).into_iter().map(move |row| cells(number, &row))
    });
    let facts = facts();
    let inputs: Vec<&str> =
        std::iter::once("behaviour").chain(facts.iter().map(String::as_str)).collect();
    table(&inputs, &DECIDED_KEYS, rows.collect())
}

fn cells(behaviour: usize, row: &MatrixRow<'_>) -> Vec<String> {
    let facts = SituationFact::ALL.iter().map(|fact| {
        let given = row.facts.iter().find(|(own, _)| own == fact);
        // An empty cell holds whatever the value is.
        given.map_or(String::new(), |(fact, it)| word(*fact, it))
    });
    let decision = row.decision;
    let answer = [
        quoted(decision.outcome().as_str()),
        quoted(decision.reason()),
        quoted(decision.rule()),
        quoted(decision.basis().as_str()),
        json!(decision.sources()).to_string(),
        // An empty cell gives no value at all.
        decision.error_id().map_or(String::new(), quoted),
    ];
    std::iter::once(behaviour.to_string()).chain(facts).chain(answer).collect()
}

/// The first thing that is wrong.
fn errors() -> Value {
    let inputs = ["words_known", "operation", "channel", "class", "number", "rule"];
    let row = |place: usize, cell: &str, error: &str| {
        let cells = (0..inputs.len()).map(|other| if other == place { cell } else { "" });
        cells.map(str::to_owned).chain([quoted(error)]).collect::<Vec<_>>()
    };
    let rows = vec![
        row(0, "false", "unknown-value"),
        row(1, "null", "missing"),
        row(2, "null", "missing"),
        row(3, "null", "unresolved-channel"),
        row(3, "-1", "unknown-channel"),
        row(4, "null", "unresolved-operation"),
        row(4, "-1", "unknown-operation"),
        row(5, "null", "impossible"),
    ];
    table(&inputs, &["error"], rows)
}

/// What the answer has.
fn answer() -> Value {
    let asked = ["id", "operation", "channel"];
    let keys = asked.iter().chain(&DECIDED_KEYS).chain(&["error", "provenance"]);
    let expressions: Vec<Value> =
        keys.map(|key| json!({ "id": key, "key": key, "value": key })).collect();
    json!({ "passThrough": false, "expressions": expressions })
}

fn word(fact: SituationFact, word: &str) -> String {
    if fact.is_truth() { word.to_owned() } else { quoted(word) }
}

/// A text as an expression. Literals there know no escapes, so that one with both quotes is put
/// together of several.
fn quoted(text: &str) -> String {
    if !text.contains('"') {
        return format!("\"{text}\"");
    }
    let parts: Vec<String> = text.split('"').map(|part| format!("\"{part}\"")).collect();
    parts.join(" + '\"' + ")
}
