//! The decisions as Rego: data, and a policy that looks a request up in it.

use super::head::comment;
use super::tables::Exported;
use super::words::parts;
use crate::model::{Rule, RuleId, Rules, SituationFact};
use crate::wire::{Decided, fact_name, word_json};
use serde_json::{Value, json};

/// A module whose rule `decision` decides the request that is the input.
pub fn rego(exported: &Exported<'_>) -> String {
    let behaviours = exported.behaviours;
    let rules = behaviours.engine().rules();
    let mut text = comment(exported, "#", "a policy for OPA and others, Rego v1");
    text.push_str("\npackage syncgate\n\nimport rego.v1\n\n");
    text.push_str("# What each spelling means; -1 is nothing.\n");
    for (name, means) in [("operations", exported.operations()), ("channels", exported.channels())]
    {
        let lines = means.into_iter().map(|(name, it)| format!("{}: {}", json!(name), index(it)));
        text.push_str(&format!("{name} := {{\n{}}}\n\n", listed(lines)));
    }
    text.push_str("# What each word adds to the number of the situation.\n");
    let words = SituationFact::ALL.iter().map(|fact| words(*fact));
    text.push_str(&format!("words := {{\n{}}}\n\n", listed(words)));
    text.push_str("# The behaviour of each class and operation, one after the other.\n");
    let pairs: Vec<String> = behaviours.pairs().iter().map(usize::to_string).collect();
    text.push_str(&format!("behaviours := [\n{}]\n\n", listed(in_lines(&pairs))));
    text.push_str("# The rule of each behaviour in each situation; -1 where that cannot be.\n");
    let cells = behaviours.all().iter().map(|behaviour| {
        let cell = |rule: Option<RuleId>| index(rule.map(RuleId::index));
        let cells: Vec<String> = behaviour.rules().map(cell).collect();
        format!("[\n{}    ]", listed(in_lines(&cells)))
    });
    text.push_str(&format!("cells := [\n{}]\n\n", listed(cells)));
    let said = rules.rules.iter().map(|rule| said(rules, rule).to_string());
    text.push_str(&format!("rules := [\n{}]\n", listed(said)));
    text.push_str(&POLICY.replace("OPERATIONS", &rules.operations.len().to_string()));
    text
}

/// A number in a list that begins with 0; -1 where there is none.
fn index(number: Option<usize>) -> String {
    number.map_or("-1".to_owned(), |it| it.to_string())
}

/// What is asked of the data.
const POLICY: &str = r#"
request := {key: value |
    some key in ["id", "operation", "channel"]
    value := object.get(input, key, null)
    value != null
}

parts := {fact: number |
    some fact, numbers in words
    number := numbers[object.get(input, fact, null)]
}

pair := (channels[input.channel] * OPERATIONS) + operations[input.operation]

cell := cells[behaviours[pair]][sum([number | some number in parts])]

error := "unknown-value" if {
    count(parts) != count(words)
} else := "missing" if {
    object.get(input, "operation", null) == null
} else := "missing" if {
    object.get(input, "channel", null) == null
} else := "unresolved-channel" if {
    not channels[input.channel]
} else := "unknown-channel" if {
    channels[input.channel] < 0
} else := "unresolved-operation" if {
    not operations[input.operation]
} else := "unknown-operation" if {
    operations[input.operation] < 0
} else := "impossible" if {
    cell < 0
}

decision := object.union(request, rules[cell]) if not error

decision := object.union(request, {"error": error})
"#;

/// The members of an array or object, each on a line.
fn listed(members: impl Iterator<Item = String>) -> String {
    members.fold(String::new(), |text, member| text + "    " + &member + ",\n")
}

/// Some numbers on each line: there are engines that take no long ones.
fn in_lines(numbers: &[String]) -> impl Iterator<Item = String> {
    numbers.chunks(36).map(|some| some.join(","))
}

/// `"customer": {null: 0, "none": 0, "pending": 12}`: what is not given is the first word.
fn words(fact: SituationFact) -> String {
    let mut text = format!("{}: {{null: 0", json!(fact_name(fact.as_str())));
    for (word, part) in parts(fact) {
        text.push_str(&format!(", {}: {part}", word_json(word)));
    }
    text + "}"
}

/// What every decision by a rule says.
fn said(rules: &Rules, rule: &Rule) -> Value {
    json!(Decided::from((rule, rules.reason_code(rule.reason))))
}
