//! What has changed in a ledger, handed out: whole blocks for a commit, or row by row for the log.

use super::backing::{Backing, BlockKind, Counters, NameKind, TextKind, place};
use super::ledger::{Blocks, Ledger, Logged};
use super::rows::Slot;
use crate::model::{indexed, indexed_mut};
use std::collections::HashMap;

/// A block that has changed.
#[derive(Clone, Copy, Debug)]
pub struct BlockChange<'a> {
    /// What it is a block of.
    pub kind: BlockKind,
    /// Its number.
    pub number: u64,
    /// Its rows.
    pub bytes: &'a [u8],
}

/// Everything that has changed since it was last kept.
#[derive(Debug)]
pub struct Changes<'a> {
    /// Blocks, by kind and number.
    pub blocks: Vec<BlockChange<'a>>,
    /// Names: kind, hash and slot, sorted.
    pub names: &'a [(NameKind, u64, Slot)],
    /// GUIDs, sorted.
    pub guids: &'a [(u128, Slot)],
    /// Texts; `None` for one that is gone.
    pub texts: Vec<(TextKind, u64, Option<&'a str>)>,
    /// New journal rows, each followed by its note.
    pub journal: &'a [u8],
    /// The numbers.
    pub counters: &'a Counters,
}

/// A row that has changed.
#[derive(Clone, Copy, Debug)]
pub struct RowChange<'a> {
    /// What it is a row of.
    pub kind: BlockKind,
    /// Its number.
    pub slot: Slot,
    /// Its bytes, those of its name included.
    pub bytes: &'a [u8],
}

/// What has changed since changes were last kept or logged: row by row, as [`Changes`] have it by
/// blocks.
#[derive(Debug)]
pub struct LedgerStep<'a> {
    /// Rows, each once.
    pub rows: Vec<RowChange<'a>>,
    /// New names: kind, hash and slot.
    pub names: &'a [(NameKind, u64, Slot)],
    /// New GUIDs.
    pub guids: &'a [(u128, Slot)],
    /// Texts; `None` for one that is gone.
    pub texts: Vec<(TextKind, u64, Option<&'a str>)>,
    /// New journal rows, each followed by its note.
    pub journal: &'a [u8],
    /// The numbers.
    pub counters: &'a Counters,
}

/// What the texts of these keys are.
fn texts_of<'a>(
    texts: &'a HashMap<(TextKind, u64), Option<String>>,
    keys: &[(TextKind, u64)],
) -> Vec<(TextKind, u64, Option<&'a str>)> {
    keys.iter().map(|key| (key.0, key.1, texts.get(key).and_then(Option::as_deref))).collect()
}

impl<B: Backing> Ledger<B> {
    /// Hands everything that has changed since it was last kept to `keep`, with the backing. Where
    /// that succeeds, what is in memory is what the backing holds, and at most `budget` blocks stay
    /// in memory.
    ///
    /// # Errors
    ///
    /// What `keep` gives.
    pub fn keep<E>(
        &mut self,
        budget: usize,
        keep: impl FnOnce(&Changes<'_>, &mut B) -> Result<(), E>,
    ) -> Result<(), E> {
        self.note_open();
        self.new_names.sort_unstable();
        self.new_guids.sort_unstable();
        self.dirty_texts.sort_unstable();
        self.dirty_texts.dedup();
        let mut blocks = Vec::new();
        for (kind, of_kind) in BlockKind::ALL.iter().zip(&mut self.blocks) {
            of_kind.dirty.sort_unstable();
            for number in &of_kind.dirty {
                let bytes = of_kind.changed(*number);
                blocks.push(BlockChange { kind: *kind, number: *number as u64, bytes });
            }
        }
        let changes = Changes {
            blocks,
            names: &self.new_names,
            guids: &self.new_guids,
            texts: texts_of(&self.texts, &self.dirty_texts),
            journal: &self.journal,
            counters: &self.counters,
        };
        keep(&changes, &mut self.backing)?;
        self.kept(budget);
        Ok(())
    }

    /// From now on, [`Ledger::log`] is asked for steps.
    pub fn begin_steps(&mut self) {
        self.logged = Some(Logged::default());
    }

    /// Hands what has changed since the last step to `log`, which says whether it took it. What is
    /// taken is still among the changes that [`Ledger::keep`] hands out.
    ///
    /// # Errors
    ///
    /// What `log` gives.
    pub fn log<E>(
        &mut self,
        log: impl FnOnce(&LedgerStep<'_>, &mut B) -> Result<bool, E>,
    ) -> Result<bool, E> {
        let Some(logged) = &mut self.logged else { return Ok(false) };
        logged.rows.sort_unstable();
        logged.rows.dedup();
        let blocks = &self.blocks;
        let rows = logged.rows.iter().map(|(kind, slot)| {
            let (number, start) = place(*kind, *slot);
            let block = indexed(blocks, *kind as usize).blocks.get(number)?.as_ref()?;
            let bytes = block.bytes.get(start..start + kind.width())?;
            Some(RowChange { kind: *kind, slot: *slot, bytes })
        });
        // What is not in memory can't be logged, and is kept by the commit that comes instead.
        let Some(rows) = rows.collect() else { return Ok(false) };
        let (_, names) = self.new_names.split_at(logged.names);
        let (_, guids) = self.new_guids.split_at(logged.guids);
        let (_, texts) = self.dirty_texts.split_at(logged.texts);
        let (_, journal) = self.journal.split_at(logged.journal);
        let step = LedgerStep {
            rows,
            names,
            guids,
            texts: texts_of(&self.texts, texts),
            journal,
            counters: &self.counters,
        };
        let taken = log(&step, &mut self.backing)?;
        if taken {
            *logged = Logged {
                rows: Vec::new(),
                names: self.new_names.len(),
                guids: self.new_guids.len(),
                texts: self.dirty_texts.len(),
                journal: self.journal.len(),
            };
        }
        Ok(taken)
    }

    fn kept(&mut self, budget: usize) {
        if self.logged.is_some() {
            self.begin_steps();
        }
        for of_kind in &mut self.blocks {
            for number in std::mem::take(&mut of_kind.dirty) {
                of_kind.is_kept(number);
            }
        }
        self.new_names.clear();
        self.new_guids.clear();
        self.dirty_texts.clear();
        self.texts.clear();
        self.journal.clear();
        self.kept = self.counters.clone();
        let loaded = |blocks: &Blocks| blocks.blocks.iter().flatten().count();
        if self.blocks.iter().map(loaded).sum::<usize>() > budget {
            // Customers are met again and again; rows of queues and documents seldom are.
            let seldom =
                [BlockKind::Queue, BlockKind::Orders, BlockKind::Sales, BlockKind::Accounts];
            for kind in seldom {
                let blocks = indexed_mut(&mut self.blocks, kind as usize);
                blocks.blocks.iter_mut().for_each(|block| *block = None);
            }
        }
    }
}
