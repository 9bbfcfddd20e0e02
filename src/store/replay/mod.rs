//! How events are applied to a store: each exactly once, whatever happens in between.

pub(crate) mod ahead;
pub(crate) mod ids;
pub(crate) mod run;
pub(crate) mod stream;
