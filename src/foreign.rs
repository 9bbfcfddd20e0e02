//! Calls into crates that read files: a damaged one can make such a crate panic, where it did not
//! expect what stands there. That is told as damage of the file, by whoever asked for it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static WITHIN: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is inside such a crate just now: a panic then is told as damage, so that
/// whoever prints panics leaves it out. Nothing else may depend on this.
pub fn is_within() -> bool {
    WITHIN.get()
}

/// Calls into such a crate, or, where it calls back, out of it again.
///
/// # Errors
///
/// What it panicked with. Nothing that it had at hand may be used after that.
pub(crate) fn call<T>(is_within: bool, call: impl FnOnce() -> T) -> std::thread::Result<T> {
    let outside = WITHIN.replace(is_within);
    let result = catch_unwind(AssertUnwindSafe(call));
    WITHIN.set(outside);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_is_known_until_the_call_ends() {
        let called = call(true, || {
            let back = call(false, is_within);
            (back.unwrap(), is_within())
        });
        assert_eq!(called.unwrap(), (false, true));
        let panicked = call(true, || {
            assert!(!is_within(), "a number is too large");
        });
        assert!(panicked.is_err() && !is_within(), "what panics later is ours");
    }
}
