//! Numbers that stand for records of the rules.
//!
//! They are made when rules are bound, where too many records are a finding, so that asking the
//! rules for the record of an id always has an answer.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// What a list that follows the records of the rules has for one of them, by its index.
#[expect(clippy::expect_used, reason = "ids are made by the rules they index")]
pub(crate) fn indexed<T>(records: &[T], index: usize) -> &T {
    records.get(index).expect("ids are made by the rules they index")
}

/// The same, to be changed.
#[expect(clippy::expect_used, reason = "a change that is left out would be lost in silence")]
pub(crate) fn indexed_mut<T>(records: &mut [T], index: usize) -> &mut T {
    records.get_mut(index).expect("lists are as long as what they follow")
}

/// The records of one that has several in a row.
#[expect(clippy::expect_used, reason = "they are bound together with what has them")]
pub(super) fn in_a_row<T>(records: &[T], row: Range<usize>) -> &[T] {
    records.get(row).expect("they are bound together with what has them")
}

/// Declares a number that stands for a record of the rules, and how many there may be.
macro_rules! ids {
    ($(
        $(#[$about:meta])*
        $name:ident($number:ty) of $most:expr;
    )+) => {
        $(
            $(#[$about])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[derive(Serialize, Deserialize)]
            pub struct $name($number);

            impl $name {
                /// How many there may be.
                pub(crate) const MOST: usize = $most;

                /// The id of the record at `index`; `None` where the rules may not have so many.
                pub(crate) fn checked(index: usize) -> Option<Self> {
                    <$number>::try_from(index).ok().filter(|_| index < Self::MOST).map(Self)
                }

                /// Its number, for who keeps it somewhere.
                pub const fn number(self) -> $number {
                    self.0
                }

                /// The record's index.
                pub const fn index(self) -> usize {
                    self.0 as usize
                }
            }
        )+
    };
}

ids! {
    /// The number of a fact in `Rules::facts`.
    FactId(u16) of 1 << 16;
    /// The number of an operation in `Rules::operations`.
    OperationId(u16) of 1 << 16;
    /// The number of a rule in `Rules::rules`: what fits beside an outcome in a cell of a table.
    RuleId(u16) of 1 << 14;
    /// The number of a reason in `Rules::reasons`.
    ReasonId(u16) of 1 << 16;
    /// The number of a feature in `Rules::features`.
    FeatureId(u16) of 1 << 16;
    /// The number of a setting in `Rules::settings`.
    SettingId(u16) of 1 << 16;
    /// The number of a circumstance in `Rules::circumstances`.
    CircumstanceId(u16) of 1 << 16;
    /// The number of a job in `Rules::jobs`.
    JobId(u16) of 1 << 16;
    /// The number of a table in `Rules::tables`: a byte of a queue's row.
    ChannelTableId(u8) of 1 << 8;
}

impl RuleId {
    /// The id with a number that was kept somewhere: in a cell of the rules' own tables, or in
    /// a store, which must ask the rules whether it has such a rule.
    pub(crate) const fn from_number(number: u16) -> Self {
        Self(number)
    }
}

#[cfg(feature = "store")]
impl ChannelTableId {
    /// The id with a number that a row kept; whoever looks asks the rules whether it has such a
    /// table.
    pub(crate) const fn from_number(number: u8) -> Self {
        Self(number)
    }
}

#[cfg(feature = "store")]
impl OperationId {
    /// The id with a number that a store kept, which must ask the rules whether it has such an
    /// operation.
    pub(crate) const fn from_number(number: u16) -> Self {
        Self(number)
    }
}
