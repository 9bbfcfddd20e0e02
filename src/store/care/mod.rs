//! How a store is looked after: verified, counted again, made smaller, copied.

pub(crate) mod copies;
pub(crate) mod recount;
pub(crate) mod verify;
