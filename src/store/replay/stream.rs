//! The identity of a stream of events: a running hash, so that the same stream is told from
//! another.

use crate::store::file::header::Stream;
use xxhash_rust::xxh3::Xxh3;

/// The running hash over the lines of a stream.
pub(crate) struct Running {
    hash: Xxh3,
    pub(crate) stream: Stream,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl Running {
    pub(crate) fn new() -> Self {
        Self { hash: Xxh3::new(), stream: Stream::default() }
    }

    /// Adds the line of one event, the `line`th of the stream.
    pub(crate) fn add(&mut self, text: &[u8], line: u64) {
        self.hash.update(text);
        self.hash.update(b"\n");
        self.stream.events += 1;
        self.stream.lines = line;
        if self.stream.events.is_power_of_two() {
            self.stream.early.push(self.hex());
        }
    }

    fn hex(&self) -> String {
        format!("{:032x}", self.hash.digest128())
    }

    /// The stream as far as it was added.
    pub(crate) fn stream(&self) -> Stream {
        Stream { hash: self.hex(), ..self.stream.clone() }
    }

    /// Whether what was added so far can still be the beginning of `other`.
    pub(crate) fn may_be(&self, other: &Stream) -> bool {
        let agree = self.stream.early.iter().zip(&other.early).all(|(mine, theirs)| mine == theirs);
        agree && (self.stream.events != other.events || self.hex() == other.hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(lines: &[&str]) -> Running {
        let mut running = Running::new();
        for (line, number) in lines.iter().zip(1..) {
            running.add(line.as_bytes(), number);
        }
        running
    }

    #[test]
    fn a_stream_is_told_from_another_early_and_surely() {
        let applied = running(&["a", "b", "c", "d", "e"]).stream();
        for (lines, may_be) in [
            (&[][..], true),
            (&["a"], true),
            (&["b"], false),
            (&["a", "x"], false),
            // The third line is looked at with the fourth, the last one at the end.
            (&["a", "b", "x"], true),
            (&["a", "b", "x", "d"], false),
            (&["a", "b", "c", "d", "e"], true),
            (&["a", "b", "c", "d", "x"], false),
            (&["a", "b", "c", "d", "e", "f"], true),
            // Where a line ends is part of it.
            (&["ab", "c", "d", "e", ""], false),
        ] {
            assert_eq!(running(lines).may_be(&applied), may_be, "{lines:?}");
        }
    }
}
