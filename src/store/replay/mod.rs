//! How events are applied to a store: each exactly once, whatever happens in between.

mod ahead;
pub(crate) mod asked;
mod configure;
pub(crate) mod ids;
mod moment;
pub(crate) mod question;
pub(crate) mod run;
mod stream;
