//! Calls into the crate: a file that is damaged may make it panic, which is told as damage.

use super::TableError;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static BELOW: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread reads a file just now: a panic then is told as damage of that file, so that
/// whoever prints panics leaves it out. Nothing else may depend on this.
pub fn is_below() -> bool {
    BELOW.get()
}

/// Reads something of the file at `path`. Nothing is read from it after a panic: whoever gets the
/// error gives up.
pub(super) fn below<T>(
    path: &str,
    read: impl FnOnce() -> Result<T, parquet::errors::ParquetError>,
) -> Result<T, TableError> {
    let outside = BELOW.replace(true);
    let result = catch_unwind(AssertUnwindSafe(read));
    BELOW.set(outside);
    let damaged = |what: String| TableError::Damaged { path: path.to_owned(), what };
    match result {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(_) => Err(damaged("its pages make no sense".to_owned())),
    }
}
