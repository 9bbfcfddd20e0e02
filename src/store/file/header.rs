//! The header of a store: its numbers and digests, and what was applied to it.

use super::configuration::ConfigurationDigest;
use super::seal::{TableDigest, digest};
use crate::ledger::{BlockKind, Counters, JournalRow, NameKind, QueueCounts, Row as _};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format of the file. A store of another one is refused.
pub(crate) const SCHEMA: u16 = 3;

/// Everything about a store that changes with every commit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Header {
    events: u64,
    rows: [u64; 6],
    journal: u64,
    accounts_given: u64,
    pending: u64,
    decisions: [u64; 3],
    queue: Vec<[u64; 4]>,
    frontier: u64,
    stuck: Vec<u64>,
    /// The configurations, the last of which decides.
    pub(crate) configurations: Vec<ConfigurationDigest>,
    /// The streams applied, one after the other.
    pub(crate) streams: Vec<Stream>,
    /// The last link of the journal's chain, in hexadecimal.
    pub(crate) chain: String,
    /// The first row of the journal's last chunk.
    pub(crate) last_chunk: u64,
    /// Digests of the tables, by name.
    tables: BTreeMap<String, (u64, String)>,
}

/// A stream of events, as far as it was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stream {
    /// How many of its events were applied.
    pub(crate) events: u64,
    /// How many lines those take, blank ones included.
    pub(crate) lines: u64,
    /// How many of them were not valid.
    pub(crate) invalid: u64,
    /// The number of its first journal row.
    pub(crate) first_row: u64,
    /// The hash of the events applied.
    pub(crate) hash: String,
    /// The hashes after 1, 2, 4, 8 … events, so that another stream is told early.
    pub(crate) early: Vec<String>,
}

impl Header {
    pub(crate) fn counters(&self) -> Counters {
        let queue = self.queue.iter().map(|[offline, rows, uploaded, completed]| QueueCounts {
            offline: *offline,
            rows: *rows,
            uploaded: *uploaded,
            completed: *completed,
        });
        Counters {
            events: self.events,
            rows: self.rows,
            journal: self.journal,
            accounts_given: self.accounts_given,
            pending: self.pending,
            decisions: self.decisions,
            queue: queue.collect(),
            frontier: self.frontier,
            stuck: self.stuck.clone(),
        }
    }

    /// What of the numbers can't be, in a file of `room` bytes: whoever reads believes none of them
    /// before this, so that no forged number makes room for more than the file has or a loop
    /// without an end.
    pub(crate) fn impossible(&self, room: u64) -> Option<String> {
        let counters = self.counters();
        for kind in BlockKind::ALL {
            if counters.of(*kind).checked_mul(kind.width() as u64).is_none_or(|it| it > room) {
                return Some(format!("the file has no room for {} {kind}", counters.of(*kind)));
            }
        }
        let [customers, queue] = [BlockKind::Customers, BlockKind::Queue].map(|it| counters.of(it));
        let waiting = counters.queue.iter();
        let possible =
            counters.journal.checked_mul(JournalRow::WIDTH as u64).is_some_and(|it| it <= room)
                && counters.events <= counters.journal
                && self.last_chunk <= counters.journal
                && counters.accounts_given <= counters.of(BlockKind::Accounts)
                && counters.pending <= customers
                && counters.frontier <= queue
                && counters.stuck.iter().all(|slot| *slot < queue)
                && waiting.clone().all(|it| it.offline.max(it.rows) <= queue)
                && waiting.clone().all(|it| it.completed.max(it.uploaded) <= it.rows)
                && self.tables.values().all(|(_, sum)| u128::from_str_radix(sum, 16).is_ok())
                && self.streams.iter().all(|stream| stream.first_row <= counters.journal);
        (!possible).then(|| "its numbers contradict each other".to_owned())
    }

    pub(crate) fn set_counters(&mut self, counters: &Counters) {
        self.events = counters.events;
        self.rows = counters.rows;
        self.journal = counters.journal;
        self.accounts_given = counters.accounts_given;
        self.pending = counters.pending;
        self.decisions = counters.decisions;
        let queue = counters.queue.iter();
        self.queue = queue.map(|it| [it.offline, it.rows, it.uploaded, it.completed]).collect();
        self.frontier = counters.frontier;
        self.stuck.clone_from(&counters.stuck);
    }

    /// What changes of a header with one event; where rows wait is noted by commits only.
    pub(crate) fn of_step(counters: &Counters, stream: &Stream) -> Self {
        let mut step = Self { streams: vec![stream.clone()], ..Self::default() };
        step.set_counters(&Counters { frontier: 0, stuck: Vec::new(), ..counters.clone() });
        step
    }

    /// Takes over what one event has changed.
    pub(crate) fn take_step(&mut self, step: Self) {
        let (frontier, stuck) = (self.frontier, std::mem::take(&mut self.stuck));
        self.set_counters(&Counters { frontier, stuck, ..step.counters() });
        if let (Some(stream), Some(new)) =
            (self.streams.last_mut(), step.streams.into_iter().next())
        {
            *stream = new;
        }
    }

    /// How many names of a kind there are: one for each row that has one.
    pub(crate) fn names(&self, kind: NameKind) -> u64 {
        self.counters().of(kind.blocks())
    }

    #[expect(clippy::expect_used, reason = "a digest of 0 would be carried on")]
    pub(crate) fn table(&self, name: &str) -> TableDigest {
        // A table that nothing was written to yet has no digest.
        let Some((records, sum)) = self.tables.get(name) else { return TableDigest::default() };
        let sum = u128::from_str_radix(sum, 16).expect("written or looked at by `impossible`");
        TableDigest { records: *records, sum }
    }

    pub(crate) fn set_table(&mut self, name: &str, digest: TableDigest) {
        self.tables.insert(name.to_owned(), (digest.records, format!("{:032x}", digest.sum)));
    }

    /// The digest of the whole store: of its numbers, its tables and its journal's chain. What is
    /// only remembered to find waiting rows fast depends on when it was committed, and is left out.
    pub(crate) fn head(&self) -> String {
        digest(&Self { frontier: 0, stuck: Vec::new(), ..self.clone() }.to_bytes())
    }

    #[expect(clippy::expect_used, reason = "an empty header would be kept in silence")]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has numbers, texts and lists of them")
    }
}
