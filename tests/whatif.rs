//! What a deployment would do: every cell of the matrix, every difference between two deployments, every step of a plan,
//! each compared with plain decisions.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use std::collections::BTreeSet;
use syncgate::engine::{Engine, Matrix, situation_facts};
use syncgate::model::{Deployment, OperationId, Rules, Situation};

/// The engines of the fixture deployments.
fn fixtures() -> Vec<(String, Engine)> {
    let rules = Rules::embedded();
    let engine = |name: String| {
        let loaded = Deployment::load(&process::path(&format!("fixtures/deployments/{name}"))).unwrap();
        let engine = Engine::new(&rules, loaded.valid().ok()?).unwrap();
        Some((name, engine))
    };
    process::entries("fixtures/deployments").into_iter().filter_map(engine).collect()
}

fn operations(engine: &Engine) -> Vec<(String, OperationId)> {
    let operations = engine.rules().operations.iter();
    operations.map(|it| (it.id.clone(), engine.operation(&it.id).unwrap())).collect()
}

#[test]
fn cells_of_the_matrix_are_decisions() {
    let mut compared = 0;
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        let grouped: Vec<usize> =
            matrix.groups().iter().flat_map(|group| group.channels().iter().map(|it| it.number())).collect();
        let all: BTreeSet<usize> = (0..engine.channels().count()).collect();
        assert_eq!(grouped.len(), all.len(), "{name}: each channel once");
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), all, "{name}");
        for group in matrix.groups() {
            for channel in group.channels() {
                for (id, operation) in operations(&engine) {
                    for situation in Situation::all() {
                        let cell = group.decide(&engine, operation, situation).map(|cell| cell.rule());
                        let decided =
                            channel.decide(operation, situation).ok().map(|decision| decision.rule());
                        assert_eq!(cell, decided, "{name}: {id} at {} in {situation:?}", channel.id());
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

#[test]
fn rows_of_the_matrix_cover_every_situation_once() {
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        for group in matrix.groups() {
            for (id, operation) in operations(&engine) {
                let rows = matrix.rows(group, operation);
                let facts = situation_facts(engine.rules(), operation);
                for situation in Situation::all() {
                    let same = |row: &&syncgate::engine::Row<'_>| {
                        facts.iter().all(|fact| row.situation.value(*fact) == situation.value(*fact))
                    };
                    let found: Vec<&str> = rows.iter().filter(same).map(|row| row.decision.rule()).collect();
                    let decided = group.channels()[0].decide(operation, situation).ok();
                    let decided: Vec<&str> = decided.iter().map(|decision| decision.rule()).collect();
                    assert_eq!(found, decided, "{name}: {id} in {situation:?}");
                }
            }
        }
    }
}

#[test]
fn groups_differ_by_what_is_said() {
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        let groups = matrix.groups();
        assert!(groups.windows(2).all(|pair| pair[0].channels().len() >= pair[1].channels().len()));
        for (number, group) in groups.iter().enumerate() {
            assert_eq!(group.differences().is_empty(), number == 0, "{name}");
            for difference in group.differences() {
                assert_ne!(difference.value, difference.most, "{name}");
                let index = engine.rules().fact_named(&difference.fact.id).unwrap().index();
                let value = group.channels()[0].configuration().unwrap().value(index);
                assert_eq!(difference.fact.words[value], difference.value, "{name}");
            }
        }
    }
}
