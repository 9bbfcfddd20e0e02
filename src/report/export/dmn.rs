//! The decisions as DMN 1.3: a decision table for each operation, of which the first rule that
//! holds decides.

use super::head;
use super::tables::Exported;
use super::words::default;
use crate::model::{OperationId, SituationFact};
use crate::wire::{DECIDED_KEYS, fact_name};
use std::collections::BTreeMap;

/// Where DMN 1.3 is.
const NAMESPACE: &str = "https://www.omg.org/spec/DMN/20191111/MODEL/";
/// What the model is told from others by. An engine that serves models serves each below the domain
/// and path of this, so it has both; nobody has that domain.
const MODEL: &str = "https://syncgate.example/decisions";

/// The number of a channel that is not given, and of one whose spelling was not seen.
const MISSING: i32 = -3;
const UNRESOLVED: i32 = -2;
/// The number of a channel that there is not.
const UNKNOWN: i32 = -1;

/// A model with a decision for each operation.
pub fn dmn(exported: &Exported<'_>) -> String {
    let rules = exported.behaviours.engine().rules();
    let mut model = Model::default();
    model.line(&format!(
        "<definitions xmlns=\"{NAMESPACE}\" id=\"syncgate\" name=\"syncgate\" \
            namespace=\"{MODEL}\">"
    ));
    let head = head::lines(exported, "decision tables").join("\n");
    model.line(&format!("<description>{}</description>", escaped(&head)));
    model.input("channel", "channel", "string");
    for fact in SituationFact::ALL {
        // An engine makes null of what is not of its type, and a null would be a default.
        model.input(&fact_name(fact.as_str()), fact.as_str(), "Any");
    }
    model.channels(&exported.channels());
    for operation in rules.operation_ids() {
        model.operation(exported, operation);
    }
    model.line("</definitions>");
    model.text
}

/// The text of a model; everything in it has an id of its own.
struct Model {
    text: String,
    ids: usize,
}

impl Default for Model {
    fn default() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), ids: 0 }
    }
}

impl Model {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("_{}", self.ids)
    }

    /// Something that a request gives.
    fn input(&mut self, name: &str, label: &str, kind: &str) {
        let id = self.id();
        self.line(&format!("<inputData id=\"{name}\" name=\"{name}\" label=\"{label}\">"));
        self.line(&format!("<variable id=\"{id}\" name=\"{name}\" typeRef=\"{kind}\"/>"));
        self.line("</inputData>");
    }

    fn begin(&mut self, name: &str, label: &str, kind: &str, needs: &[(&str, &str)]) {
        self.line(&format!("<decision id=\"{name}\" name=\"{name}\" label=\"{label}\">"));
        let id = self.id();
        self.line(&format!("<variable id=\"{id}\" name=\"{name}\" typeRef=\"{kind}\"/>"));
        for (what, of) in needs {
            let id = self.id();
            self.line(&format!("<informationRequirement id=\"{id}\">"));
            self.line(&format!("<required{what} href=\"#{of}\"/>"));
            self.line("</informationRequirement>");
        }
        let id = self.id();
        self.line(&format!("<decisionTable id=\"{id}\" hitPolicy=\"FIRST\">"));
    }

    fn end(&mut self) {
        self.line("</decisionTable>");
        self.line("</decision>");
    }

    fn column(&mut self, label: &str, kind: &str, expression: &str) {
        let (id, inner) = (self.id(), self.id());
        self.line(&format!("<input id=\"{id}\" label=\"{label}\">"));
        self.line(&format!("<inputExpression id=\"{inner}\" typeRef=\"{kind}\">"));
        self.line(&format!("<text>{}</text>", escaped(expression)));
        self.line("</inputExpression>");
        self.line("</input>");
    }

    fn output(&mut self, name: &str, kind: &str) {
        let id = self.id();
        self.line(&format!("<output id=\"{id}\" name=\"{name}\" typeRef=\"{kind}\"/>"));
    }

    fn rule<'c>(
        &mut self,
        inputs: impl IntoIterator<Item = &'c str>,
        outputs: impl IntoIterator<Item = &'c str>,
    ) {
        let id = self.id();
        self.text.push_str(&format!("<rule id=\"{id}\">"));
        let inputs = inputs.into_iter().map(|cell| ("inputEntry", cell));
        let outputs = outputs.into_iter().map(|cell| ("outputEntry", cell));
        for (entry, cell) in inputs.chain(outputs) {
            let (id, cell) = (self.id(), escaped(cell));
            self.text.push_str(&format!("<{entry} id=\"{id}\"><text>{cell}</text></{entry}>"));
        }
        self.line("</rule>");
    }

    /// The class of a channel, by the exact spelling of its name.
    fn channels(&mut self, names: &BTreeMap<String, Option<usize>>) {
        self.begin("channel_class", "channel class", "number", &[("Input", "channel")]);
        self.column("channel", "string", "channel");
        self.column("is missing", "boolean", "channel = null");
        self.output("channel_class", "number");
        self.rule(["-", "true"], [&*MISSING.to_string()]);
        for (name, means) in names {
            let class = means.map_or(UNKNOWN.to_string(), |class| class.to_string());
            self.rule([&*quoted(name), "-"], [&*class]);
        }
        self.rule(["-", "-"], [&*UNRESOLVED.to_string()]);
        self.end();
    }

    fn operation(&mut self, exported: &Exported<'_>, operation: OperationId) {
        let behaviours = exported.behaviours;
        let rules = behaviours.engine().rules();
        let label = &rules.operation(operation).id;
        let facts: Vec<String> =
            SituationFact::ALL.iter().map(|fact| fact_name(fact.as_str())).collect();
        let needs: Vec<(&str, &str)> = std::iter::once(("Decision", "channel_class"))
            .chain(facts.iter().map(|name| ("Input", name.as_str())))
            .collect();
        self.begin(&label.replace('-', "_"), label, "Any", &needs);
        self.column("channel class", "number", "channel_class");
        for (fact, name) in SituationFact::ALL.iter().zip(&facts) {
            self.column(fact.as_str(), "string", &given(*fact, name));
        }
        // What is wrong is said where nothing is decided.
        for name in DECIDED_KEYS.into_iter().chain(["error"]) {
            self.output(name, "string");
        }
        self.invalid();
        let mut of_behaviour: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for class in 0..behaviours.classes().len() {
            let number = behaviours.behaviour_of(class, operation);
            of_behaviour.entry(number).or_default().push(class.to_string());
        }
        for (number, classes) in of_behaviour {
            let classes = classes.join(",");
            for row in behaviours.all().get(number).into_iter().flat_map(|it| it.rows(rules)) {
                let cell = |fact: &SituationFact| {
                    let given = row.facts.iter().find(|(own, _)| own == fact);
                    given.map_or("-".to_owned(), |(_, it)| quoted(it))
                };
                let cells: Vec<String> = SituationFact::ALL.iter().map(cell).collect();
                let cells = std::iter::once(classes.as_str()).chain(cells.iter().map(|it| &**it));
                let decision = row.decision;
                let said = [
                    quoted(decision.outcome().as_str()),
                    quoted(decision.reason()),
                    quoted(decision.rule()),
                    quoted(decision.basis().as_str()),
                    quoted(&decision.sources().join(" ")),
                    decision.error_id().map_or("null".to_owned(), quoted),
                    "null".to_owned(),
                ];
                self.rule(cells, said.iter().map(|it| &**it));
            }
        }
        self.wrong(["-"; 7], "impossible");
        self.end();
    }

    /// The rules for what is no request, in the order in which `decide` tells it.
    fn invalid(&mut self) {
        for (place, fact) in SituationFact::ALL.iter().enumerate() {
            let words: Vec<String> = fact.words().iter().map(|it| quoted(it)).collect();
            let cell = format!("not({})", words.join(","));
            let mut cells = ["-"; 7];
            if let Some(own) = cells.get_mut(place + 1) {
                *own = &cell;
            }
            self.wrong(cells, "unknown-value");
        }
        let classes = [
            (MISSING, "missing"),
            (UNRESOLVED, "unresolved-channel"),
            (UNKNOWN, "unknown-channel"),
        ];
        for (class, error) in classes {
            let class = class.to_string();
            let [_, others @ ..] = ["-"; 7];
            self.rule(std::iter::once(&*class).chain(others), wrong(&quoted(error)));
        }
    }

    fn wrong(&mut self, cells: [&str; 7], error: &str) {
        self.rule(cells, wrong(&quoted(error)));
    }
}

/// What is said of what is no request.
fn wrong(error: &str) -> [&str; 7] {
    ["\"invalid\"", "null", "null", "null", "null", "null", error]
}

/// The word that a request gives of a fact, or its default; of what is no word, none that there is.
fn given(fact: SituationFact, name: &str) -> String {
    let default = quoted(default(fact));
    let text = if fact.is_truth() {
        // A text that says so is no truth value.
        format!(r#"if {name} = true then "true" else if {name} = false then "false" else """#)
    } else {
        format!("string({name})")
    };
    format!("if {name} = null then {default} else {text}")
}

/// A text as FEEL has it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            it if it.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(it))),
            it => quoted.push(it),
        }
    }
    quoted + "\""
}

/// A text as XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
