//! How a store is kept: the file and its log, the tables in it, their records and seals, and what
//! a commit writes. Knows `redb`.

mod backend;
pub(crate) mod chunk;
pub(crate) mod commit;
pub(crate) mod configuration;
pub(crate) mod disk;
pub(crate) mod header;
pub(crate) mod keeper;
pub(crate) mod log;
pub(crate) mod memory;
pub(crate) mod meta;
pub(crate) mod names;
pub(crate) mod pages;
pub(crate) mod reader;
pub(crate) mod reading;
pub(crate) mod seal;
pub(crate) mod store_file;
pub(crate) mod tables;
