//! How a store is looked after: verified, counted again, made smaller, copied.

pub(crate) mod copies;
mod recount;
pub(crate) mod verified;
pub(crate) mod verify;
