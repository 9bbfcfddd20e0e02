//! Numbers that stand for records of the catalogue.

/// Declares a number that stands for a record of the catalogue.
macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// The id of the record at `index`; an index beyond the limits of the rules gives one
            /// that names nothing.
            pub(crate) fn new(index: usize) -> Self {
                Self(u16::try_from(index).unwrap_or(u16::MAX))
            }

            /// The record's index.
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )+};
}

ids! {
    /// The number of a fact in [`Catalogue::facts`](crate::model::Catalogue::facts).
    FactId,
    /// The number of an operation in
    /// [`Catalogue::operations`](crate::model::Catalogue::operations).
    OperationId,
    /// The number of a rule in [`Catalogue::rules`](crate::model::Catalogue::rules).
    RuleId,
    /// The number of a reason in [`Catalogue::reasons`](crate::model::Catalogue::reasons).
    ReasonId,
    /// The number of a feature in [`Catalogue::features`](crate::model::Catalogue::features).
    FeatureId,
    /// The number of a job in [`Catalogue::jobs`](crate::model::Catalogue::jobs).
    JobId,
}
