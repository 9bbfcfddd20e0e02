//! Where the digests of exports are computed.

use super::{BeginDigest, Importer};

impl Importer<'_> {
    /// The same, with the digest of each text computed elsewhere, such as beside the reading.
    #[must_use]
    pub fn with_digests(mut self, begin: BeginDigest) -> Self {
        self.begin_digest = begin;
        self
    }
}
