//! Judges of the format of a deployment: those of the fixtures, sound and broken.

use crate::fixtures;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use syncgate::check::check;
use syncgate::model::{Deployment, Rules};

/// Deployments, with what is found in each by the rules as they are.
pub struct Deployments(Vec<(String, Vec<String>)>);

impl Deployments {
    /// The sound ones, and those broken ones that are found to be what they say.
    pub fn read(rules: &Arc<Rules>) -> Self {
        let expectations = fixtures::below("fixtures/broken").into_iter();
        let broken = expectations.filter_map(|path| {
            let case = path.strip_suffix("/expect.json")?.to_owned();
            let expect: Value = serde_json::from_str(&fixtures::read(&path)).unwrap();
            let found = expect["findings"].as_array().unwrap().iter().map(|finding| {
                let (code, line) = (finding["code"].as_str().unwrap(), &finding["line"]);
                format!("{code} {line}:{}", finding["column"])
            });
            let found = found.collect::<Vec<_>>();
            (!Path::new(&case).join("rules").is_dir()).then_some((case, found))
        });
        let sound = fixtures::entries("fixtures/deployments").into_iter();
        let all = broken.chain(sound.map(|path| (path, Vec::new())));
        Self(all.filter(|(case, expected)| found(rules, case) == *expected).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether something else is found in one of them.
    pub fn notice(&self, rules: &Arc<Rules>) -> bool {
        self.0.iter().any(|(path, expected)| found(rules, path) != *expected)
    }
}

/// What is found in a deployment's files: codes and places.
fn found(rules: &Arc<Rules>, path: &str) -> Vec<String> {
    let loaded = Deployment::load_by(rules, path).unwrap();
    let whole = loaded.is_whole();
    let (deployment, findings) = loaded.as_read();
    let checked = check(&deployment, findings, whole);
    let of_files = checked.findings.iter().filter(|it| {
        let number = it.code.number();
        number < 16 && number != 2
    });
    let shown = of_files.map(|finding| {
        let place = finding.span.map(|span| deployment.files().position(span).start);
        let place = place.map(|it| format!("{}:{}", it.line, it.column));
        format!("{} {}", finding.code, place.unwrap_or_default())
    });
    shown.collect()
}
