//! What the texts of a column mean that has a dictionary.

use crate::model::OperationId;
use std::sync::Arc;

/// What the texts of a dictionary mean.
#[derive(Clone, Debug)]
pub(super) enum Meanings {
    Channels(Arc<[Option<usize>]>),
    Operations(Arc<[Option<OperationId>]>),
    /// Values of a fact, by number.
    Values(Arc<[Option<u8>]>),
}
