//! What the texts of a column mean that has a dictionary.

use std::sync::Arc;

/// What the texts of a dictionary mean, each by its number: the number of a channel or operation,
/// or what a word adds to the number of a situation.
pub(super) type Meanings = Arc<[u32]>;
