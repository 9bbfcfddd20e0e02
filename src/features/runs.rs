//! The jobs to run once features are switched: the one answer that plans and checks give.

use super::States;
use crate::model::{EdgeKind, FeatureId, JobEffect, JobId, Node, Rules};

/// A job to run, with the edge that asks for it and the feature that it is for.
pub type Run = (JobId, Option<String>, FeatureId);

/// A job to run, with all the edges that ask for it and the features that it is for.
pub type JoinedRun = (JobId, Vec<String>, Vec<FeatureId>);

/// The job that does something, such as sending the state of features.
pub fn job_that(rules: &Rules, does: JobEffect) -> Option<JobId> {
    rules.job_ids().find(|id| rules.job(*id).does.contains(&does))
}

/// The job by which channels learn of a feature that names none of its own.
pub fn told_by(rules: &Rules, id: FeatureId) -> Option<JobId> {
    let names_none = rules.then_run(id).next().is_none();
    names_none.then(|| job_that(rules, JobEffect::SendFeatures))?
}

/// The jobs after which channels know that a feature was switched, in their order.
pub fn runs_after(rules: &Rules, id: FeatureId) -> Vec<Run> {
    let named = rules.edges_from(id, EdgeKind::ThenRun);
    let named = named.filter_map(|(edge, node)| match node {
        Node::Job(job) => Some((job, Some(edge.id.clone()), id)),
        _ => None,
    });
    named.chain(told_by(rules, id).map(|job| (job, None, id))).collect()
}

/// The features wanted and all they require that are not effective, each after what it requires.
pub fn open_features(states: &States, wanted: &[FeatureId]) -> Vec<FeatureId> {
    let graph = states.prerequisites();
    let mut open: Vec<FeatureId> = Vec::new();
    let mut rest: Vec<FeatureId> = wanted.to_vec();
    while let Some(id) = rest.pop() {
        if !states.is_effective(id) && !open.contains(&id) {
            open.push(id);
            rest.extend(graph.direct(id));
        }
    }
    graph.enabling_order(open.iter().copied()).into_iter().filter(|id| open.contains(id)).collect()
}

/// The jobs to run once these features, none of them effective, are all switched on: each feature's
/// in its order.
pub fn runs_to_open(rules: &Rules, states: &States, open: &[FeatureId]) -> Vec<Vec<Run>> {
    open.iter().map(|id| runs_of(rules, states, open, *id)).collect()
}

/// The jobs of one of them.
fn runs_of(rules: &Rules, states: &States, open: &[FeatureId], id: FeatureId) -> Vec<Run> {
    let is_new = |id: FeatureId| !states.get(id).enabled.is_on();
    let needs = states.prerequisites().closure(id);
    // The jobs of a feature run after all that it requires is on (S-072 to S-074, S-039).
    let follows = is_new(id) || needs.iter().any(|it| open.contains(it) && is_new(*it));
    let undistributed = &states.get(id).undistributed;
    let mut runs = runs_after(rules, id);
    runs.retain(|(job, edge, _)| match edge {
        Some(_) => follows || undistributed.contains(job),
        None => is_new(id),
    });
    runs
}

/// Merges sequences of jobs so that each is contained in its order; a job stands twice only where
/// it must.
pub fn merge_runs(sequences: &[Vec<Run>]) -> Vec<JoinedRun> {
    let mut merged: Vec<JoinedRun> = Vec::new();
    for sequence in sequences {
        let mut from = 0;
        for (job, edge, feature) in sequence {
            let later = merged.iter().enumerate().skip(from).find(|(_, (known, ..))| known == job);
            let place = later.map_or(merged.len(), |(place, _)| place);
            if place == merged.len() {
                merged.push((*job, Vec::new(), Vec::new()));
            }
            if let Some((_, edges, features)) = merged.get_mut(place) {
                if let Some(edge) = edge.as_ref().filter(|edge| !edges.contains(edge)) {
                    edges.push(edge.clone());
                }
                if !features.contains(feature) {
                    features.push(*feature);
                }
            }
            from = place + 1;
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_jobs_keep_every_order() {
        let job = |number: usize| JobId::checked(number).unwrap();
        let sequence = |jobs: &[usize]| -> Vec<Run> {
            jobs.iter().map(|number| (job(*number), None, FeatureId::checked(0).unwrap())).collect()
        };
        let merged = |sequences: &[&[usize]]| -> Vec<usize> {
            let sequences: Vec<_> = sequences.iter().map(|jobs| sequence(jobs)).collect();
            merge_runs(&sequences).into_iter().map(|(job, ..)| job.index()).collect()
        };
        assert_eq!(merged(&[&[1], &[1, 2, 3], &[3]]), [1, 2, 3]);
        assert_eq!(merged(&[&[1, 2], &[2, 1]]), [1, 2, 1]);
        assert_eq!(merged(&[]), [0; 0]);
    }
}
