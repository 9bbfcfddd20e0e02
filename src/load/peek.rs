//! A look into a file before it is read.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Whether a text gives a key of a table.
pub(super) fn gives(text: &str, table: &str, key: &str) -> bool {
    let (read, _) = DeTable::parse_recoverable(text);
    let table = read.get_ref().get(table).map(Spanned::get_ref);
    matches!(table, Some(DeValue::Table(table)) if table.contains_key(key))
}
