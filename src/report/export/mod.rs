//! A deployment's decisions where the data is: tables and a view for databases, and rules for the
//! engines that people have.

mod assumed;
mod csv;
mod data;
mod dmn;
mod head;
mod jdm;
mod rego;
mod sql;
mod tables;
mod words;

pub use csv::{DATA_README_TITLE, data_csv, data_readme};
pub use data::{DataColumn, DataKind, DataTable, Datum, Presence};
pub use dmn::dmn;
pub use jdm::jdm;
pub use rego::rego;
pub use sql::{Dialect, RequestColumns, sql};
pub use tables::{Exported, tables};
