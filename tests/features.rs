//! What is effective and why not, and which jobs bring features to the channels: the deployments of
//! `fixtures/features`, each of which begins with what is asked of it and the answers.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads fixtures")]

use std::path::PathBuf;
use std::sync::Arc;
use syncgate::features::{
    Prerequisites, Run, States, deciding_features, is_scheduled, last_run, merge_runs,
    open_features, records, runs, runs_after, runs_to_open, told_by, with_stand_ins,
};
use syncgate::model::{Deployment, FeatureId, JobId, Rules};

/// What is asked of a deployment.
struct Asked<'a> {
    rules: &'a Arc<Rules>,
    deployment: &'a Deployment,
    states: &'a States,
}

impl Asked<'_> {
    fn feature(&self, id: &str) -> FeatureId {
        self.rules.feature_named(id).unwrap_or_else(|| panic!("no feature `{id}`"))
    }

    fn job(&self, id: &str) -> JobId {
        self.rules.job_named(id).unwrap_or_else(|| panic!("no job `{id}`"))
    }

    fn features(&self, ids: &[FeatureId]) -> String {
        ids.iter().map(|id| self.rules.feature(*id).id.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn jobs(&self, ids: &[JobId]) -> String {
        ids.iter().map(|id| self.rules.job(*id).id.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn runs(&self, runs: &[Vec<Run>]) -> String {
        let told = merge_runs(runs).into_iter().map(|(job, edges, features)| {
            let edges =
                if edges.is_empty() { String::new() } else { format!(" ({})", edges.join(" ")) };
            format!("{} for {}{edges}", self.jobs(&[job]), self.features(&features))
        });
        told.collect::<Vec<_>>().join(", ")
    }

    fn state(&self, id: FeatureId) -> String {
        let state = self.states.get(id);
        let mut told = format!("{}, {}", state.enabled, state.standing());
        assert_eq!(state.effective, self.states.is_effective(id));
        if !state.is_known {
            told.push_str(", assumed");
        }
        if !state.blocked_by.is_empty() {
            told.push_str(&format!("; needs {}", self.features(&state.blocked_by)));
        }
        if !state.undistributed.is_empty() {
            told.push_str(&format!("; awaits {}", self.jobs(&state.undistributed)));
        }
        told
    }

    fn answer(&self, asked: &str, ids: &[&str]) -> Option<String> {
        let feature = || self.feature(ids.first().unwrap());
        let job = || self.job(ids.first().unwrap());
        let wanted = || ids.iter().map(|id| self.feature(id)).collect::<Vec<_>>();
        Some(match asked {
            "state" => self.state(feature()),
            "scheduled" => match is_scheduled(self.deployment, job()) {
                Ok(true) => "yes".to_owned(),
                Ok(false) => "no".to_owned(),
                Err(key) => format!("asks for {key}"),
            },
            "recurs" => {
                let told =
                    records(self.deployment, &[job()]).into_iter().map(|record| {
                        match runs(record, false) {
                            Ok(true) => "yes",
                            Ok(false) => "no",
                            Err(key) => key.as_str(),
                        }
                    });
                told.collect::<Vec<_>>().join(" ")
            }
            "last" => last_run(self.deployment, job())
                .map_or_else(|| "never".to_owned(), |at| at.to_string()),
            "stands" => self.jobs(&with_stand_ins(self.rules, job())),
            "told" => told_by(self.rules, feature())
                .map_or_else(|| "by none".to_owned(), |job| format!("by {}", self.jobs(&[job]))),
            "after" => self.runs(&[runs_after(self.rules, feature())]),
            "open" => self.features(&open_features(self.states, &wanted())),
            "runs" => {
                let open = open_features(self.states, &wanted());
                self.runs(&runs_to_open(self.rules, self.states, &open))
            }
            _ => return None,
        })
    }
}

#[test]
fn every_question_of_every_fixture_has_its_answer() {
    let rules = Rules::embedded();
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/features"));
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let loaded = Deployment::from_text(&rules, &name, &text);
        let deployment = loaded.valid().unwrap_or_else(|invalid| panic!("{name}: {invalid}"));
        let states = States::of(deployment);
        let asked = Asked { rules: &rules, deployment, states: &states };
        let mut answers = 0;
        for (question, expected) in text.lines().filter_map(|line| {
            let (question, expected) = line.strip_prefix("# ")?.split_once(':')?;
            Some((question, expected.trim_start()))
        }) {
            let mut words = question.split(' ');
            let kind = words.next().unwrap();
            let Some(told) = asked.answer(kind, &words.collect::<Vec<_>>()) else { continue };
            answers += 1;
            if told != expected {
                wrong.push(format!("{name}: {question}: {told}"));
            }
        }
        assert!(answers > 0, "{name} asks nothing");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A mandatory feature needs nothing of what it requires, and waits for no job.
#[test]
fn what_is_mandatory_is_effective_whatever_it_requires() {
    let mut changed = (*Rules::embedded()).clone();
    for feature in &mut changed.features {
        if feature.id == "edit-customers-async" {
            feature.mandatory_since = feature.since;
        }
    }
    let rules = Arc::new(changed);
    let text = "[deployment]\ncommerce-version = \"10.0.29\"\n\
        [features.edit-customers-async]\nenabled = true\nenabled-at = 2026-11-20T12:00:00Z\n\
        [[distribution-schedule]]\njob = \"1110\"\nlast-run = 2026-11-20T11:00:00Z\n";
    let loaded = Deployment::from_text(&rules, "mandatory", text);
    let deployment = loaded.valid().unwrap();
    let states = States::of(deployment);
    let asked = Asked { rules: &rules, deployment, states: &states };
    assert_eq!(
        asked.state(asked.feature("edit-customers-async")),
        "mandatory, effective; needs async-address-creation enhanced-async-customer-creation"
    );
}

#[test]
fn a_job_that_has_to_run_twice_in_a_row_does() {
    let rules = Rules::embedded();
    let (job, feature) = (rules.job_named("1110"), rules.feature_named("multiple-contacts"));
    let run: Run = (job.unwrap(), None, feature.unwrap());
    let twice = vec![run.clone(), run.clone()];
    assert_eq!(merge_runs(&[twice.clone(), vec![run.clone()], twice]).len(), 2);
    assert_eq!(merge_runs(&[vec![run.clone()], vec![run]]).len(), 1);
}

#[test]
fn what_decisions_depend_on_comes_with_what_it_requires() {
    let rules = Rules::embedded();
    let names = |ids: Vec<FeatureId>| -> Vec<String> {
        ids.into_iter().map(|id| rules.feature(id).id.clone()).collect()
    };
    let expected = [
        "order-performance",
        "async-address-creation",
        "enhanced-async-customer-creation",
        "edit-customers-async",
        "multiple-contacts",
        "cloud-powered-customer-search",
        "cancel-async-orders",
    ];
    assert_eq!(names(deciding_features(&rules)), expected);
    let graph = Prerequisites::of(&rules);
    let editing = rules.feature_named("edit-customers-async").unwrap();
    assert_eq!(names(graph.direct(editing)), expected[..3]);
    assert_eq!(names(graph.closure(editing).into_iter().collect()), expected[..3]);
    assert_eq!(names(graph.dependents(editing).into_iter().collect()), [""; 0]);
    let performance = rules.feature_named("order-performance").unwrap();
    assert_eq!(names(graph.dependents(performance).into_iter().collect()), expected[3..4]);
}
