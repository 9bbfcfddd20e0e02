//! What a feature needs: prerequisites and their order, what is effective in a deployment and why
//! not, and the jobs that bring it to the channels.

mod jobs;
mod prerequisites;
mod runs;
mod states;

pub use jobs::{
    SilentRun, is_scheduled, last_run, records, records_of, runs, silent_runs, with_stand_ins,
};
pub(crate) use prerequisites::cycles;
pub use prerequisites::{Own, Prerequisites, deciding_features};
pub use runs::{
    JoinedRun, Run, job_that, merge_runs, open_features, runs_after, runs_to_open, told_by,
};
pub use states::{Enabled, FeatureState, Standing, States};
