//! What a decision says.

use super::words::words;

words! {
    /// How a customer operation ends.
    Outcome {
        /// It completes in headquarters in real time, through a Real-time Service call.
        Sync = "sync",
        /// It completes in the channel or offline database; headquarters learns of it from the
        /// jobs.
        Async = "async",
        /// It does not happen.
        Rejected = "rejected",
    }
}

words! {
    /// On what authority a rule decides.
    Basis {
        /// A source says so.
        Documented = "documented",
        /// It follows from what the sources say, or from how the product's public code behaves.
        Inferred = "inferred",
        /// The sources leave it open; the answer is the safe one, a rejection.
        Undocumented = "undocumented",
    }
}
