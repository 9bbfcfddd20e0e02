//! Operations that arrive at random: each line of traffic is a Poisson process of its own at each
//! channel, so that its arrivals depend on the load and the seed alone, whatever else arrives.

use super::chance::Chance;
use super::day::Traffic;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

/// An operation that arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    /// When, in seconds since the load began.
    pub(super) at: u64,
    /// The number of its traffic.
    pub(super) traffic: usize,
    /// The channel.
    pub(super) channel: usize,
    /// What decides which customer or order it takes.
    pub(super) choice: u64,
}

/// All arrivals, in the order of their times; those of one second in the order of the load.
#[derive(Debug)]
pub(super) struct Arrivals<'d> {
    streams: Vec<Stream<'d>>,
    /// The moment of each stream's next arrival and the stream's number, in one number whose order
    /// is theirs.
    next: BinaryHeap<Reverse<u64>>,
}

/// So many bits of a number in the heap are a stream's.
const STREAM_BITS: u32 = 38;

/// A moment and a stream in one number: a load has fewer seconds than 26 bits count, and fewer
/// streams than there is memory for.
fn joined(at: u64, stream: usize) -> Reverse<u64> {
    Reverse(at << STREAM_BITS | stream as u64)
}

/// The moment that [`joined`] took.
fn moment(joined: u64) -> u64 {
    joined >> STREAM_BITS
}

/// The arrivals of one line of traffic at one channel.
#[derive(Debug)]
struct Stream<'d> {
    traffic: usize,
    channel: usize,
    chance: Chance,
    /// Seconds between two arrivals, on the average.
    mean: f64,
    /// When operations arrive, and how many of those seconds have passed.
    windows: &'d [Range<u64>],
    passed: f64,
}

impl<'d> Arrivals<'d> {
    /// The arrivals of this traffic; `id` is a channel's own.
    pub(super) fn new<'i>(
        traffic: impl Iterator<Item = (usize, &'d Traffic)>,
        id: impl Fn(usize) -> &'i str,
        seed: u64,
    ) -> Self {
        let mut streams = Vec::new();
        for (number, traffic) in traffic {
            for channel in &traffic.channels {
                streams.push(Stream {
                    traffic: number,
                    channel: *channel,
                    chance: Chance::new(seed, &format!("{number} {}", id(*channel))),
                    mean: 3600.0 / f64::from(traffic.per_hour),
                    windows: &traffic.windows,
                    passed: 0.0,
                });
            }
        }
        let mut arrivals = Self { next: BinaryHeap::with_capacity(streams.len()), streams };
        for (number, stream) in arrivals.streams.iter_mut().enumerate() {
            arrivals.next.extend(stream.next().map(|at| joined(at, number)));
        }
        arrivals
    }

    /// When the next operation arrives.
    pub(super) fn next_at(&self) -> Option<u64> {
        self.next.peek().map(|Reverse(first)| moment(*first))
    }
}

impl Iterator for Arrivals<'_> {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        let mut first = self.next.peek_mut()?;
        let Reverse(joint) = *first;
        // A stream's number came from one of this machine.
        let number = usize::try_from(joint & ((1 << STREAM_BITS) - 1)).ok()?;
        let stream = self.streams.get_mut(number)?;
        let arrival = Arrival {
            at: moment(joint),
            traffic: stream.traffic,
            channel: stream.channel,
            choice: stream.chance.number(),
        };
        match stream.next() {
            Some(next) => *first = joined(next, number),
            None => {
                PeekMut::pop(first);
            }
        }
        Some(arrival)
    }
}

impl Stream<'_> {
    /// The second of the next arrival: time passes in the windows only.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a load has fewer seconds than a float has whole numbers"
    )]
    fn next(&mut self) -> Option<u64> {
        self.passed += self.chance.wait() * self.mean;
        while let [window, later @ ..] = self.windows {
            let length = (window.end - window.start) as f64;
            if self.passed < length {
                return Some(window.start + self.passed as u64);
            }
            self.passed -= length;
            self.windows = later;
        }
        None
    }
}
