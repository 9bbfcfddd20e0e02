//! Reads a DMN model and decides requests, one a line, by dsntk: the table of the request's
//! `decision`.
//!
//!     PACKAGES/dmn MODEL <requests.jsonl

use dsntk_feel::context::FeelContext;
use dsntk_feel::values::Value;
use dsntk_feel::{FeelNumber, Name};
use dsntk_model_evaluator::ModelEvaluator;
use serde_json::{Map, Value as Json};
use std::error::Error;
use std::io::{BufRead as _, Write as _};

const OUTPUTS: [&str; 7] = ["outcome", "reason", "rule", "basis", "sources", "error_id", "error"];

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("name the model")?;
    let model = std::fs::read_to_string(path)?;
    let definitions = dsntk_model::parse(&model).map_err(|error| error.to_string())?;
    let evaluator = ModelEvaluator::new(&[definitions]).map_err(|error| error.to_string())?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let request: Map<String, Json> = serde_json::from_str(&line?)?;
        let mut context = FeelContext::default();
        for (key, value) in request.iter().filter(|(key, _)| *key != "decision") {
            let value = match value {
                Json::Null => Value::Null(None),
                Json::Bool(truth) => Value::Boolean(*truth),
                Json::Number(number) => {
                    Value::Number(FeelNumber::from(number.as_i64().unwrap_or_default()))
                }
                Json::String(text) => Value::String(text.clone()),
                other => return Err(format!("{other} in a request").into()),
            };
            context.set_entry(&Name::from(key.as_str()), value);
        }
        let decision = request.get("decision").and_then(Json::as_str).ok_or("no decision")?;
        let decided =
            evaluator.evaluate_invocable("urn:syncgate:decisions", "syncgate", decision, &context);
        let Value::Context(decided) = &decided else {
            return Err(format!("{decision} is {decided}").into());
        };
        let answer = OUTPUTS.into_iter().map(|name| {
            let value = match decided.get_entry(&Name::from(name)) {
                Some(Value::String(text)) => Json::from(text.as_str()),
                _ => Json::Null,
            };
            (name.to_owned(), value)
        });
        writeln!(out, "{}", Json::Object(answer.collect()))?;
    }
    Ok(out.flush()?)
}
