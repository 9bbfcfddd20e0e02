//! Names by hash, in buckets: each holds the names whose hashes lie in its part of all hashes, in
//! their order. There are a power of two of them, so that a commit of many names rewrites some
//! hundred records rather than touch a page for each name.

use super::pages::WriteTable;
use super::seal::{NotAsWritten, SEAL_BYTES, TableDigest, check_seal, put_seal};
use super::tables::SealedTable;
use crate::ledger::{NameKind, Slot};
use crate::store::error::StoreError;

/// How many names a bucket holds on average, at most: with what chance adds they fill four pages of
/// the file.
const NAMES: u64 = 768;
/// A hash and a slot.
const NAME_BYTES: usize = 16;

/// How many buckets there are: a power of two.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Buckets(pub(crate) u64);

impl Buckets {
    /// As many as `names` need.
    pub(crate) fn needed(names: u64) -> Self {
        Self(names.div_ceil(NAMES).next_power_of_two())
    }

    /// The bucket of a hash: its upper bits, so that the buckets together are in order.
    pub(crate) fn of(self, hash: u64) -> u64 {
        // The only bucket of all has no bits that tell it apart.
        hash.checked_shr(u64::BITS - self.0.trailing_zeros()).unwrap_or(0)
    }
}

/// The names of a bucket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BucketNames<'a>(&'a [[u8; NAME_BYTES]]);

impl<'a> BucketNames<'a> {
    fn split(name: [u8; NAME_BYTES]) -> (u64, Slot) {
        let both = u128::from_le_bytes(name);
        // The lower half is the hash, the upper one the slot.
        #[expect(clippy::cast_possible_truncation, reason = "each half is taken by itself")]
        ((both as u64), (both >> 64) as u64)
    }

    /// Hashes and slots, in the order of the hashes.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u64, Slot)> + 'a {
        self.0.iter().map(|name| Self::split(*name))
    }

    /// The slot of a hash.
    pub(crate) fn find(self, hash: u64) -> Option<Slot> {
        let place = self.0.binary_search_by_key(&hash, |name| Self::split(*name).0).ok()?;
        self.0.get(place).map(|name| Self::split(*name).1)
    }
}

/// The names of a sealed bucket, and its seal; `None` where it is not what was written.
pub(crate) fn open_bucket(
    kind: NameKind,
    number: u64,
    sealed: &[u8],
) -> Option<(BucketNames<'_>, u128)> {
    let (record, seal) = check_seal(SealedTable::Names(kind).number(), number, sealed)?;
    let (names, rest) = record.as_chunks();
    rest.is_empty().then_some((BucketNames(names), seal))
}

/// What a hash leads to in a sealed bucket.
pub(crate) fn find_name(
    kind: NameKind,
    number: u64,
    sealed: &[u8],
    hash: u64,
) -> Result<Option<Slot>, NotAsWritten> {
    let (names, _) = open_bucket(kind, number, sealed).ok_or(NotAsWritten)?;
    Ok(names.find(hash))
}

pub(crate) fn not_as_written(kind: NameKind, bucket: u64) -> String {
    format!("bucket {bucket} of {kind} names is not what was written")
}

pub(crate) fn not_all(kind: NameKind, buckets: u64) -> String {
    format!("{buckets} buckets of {kind} names are not all there were")
}

/// Adds names, sorted by hash, to a table that has `count` names then; where that asks for more
/// buckets, all are split.
pub(crate) fn put_names(
    path: &str,
    table: &mut WriteTable<'_, u64, &'static [u8]>,
    kind: NameKind,
    new: &[(u64, Slot)],
    count: u64,
    digest: &mut TableDigest,
) -> Result<(), StoreError> {
    let there = table.len()?;
    if there != digest.records {
        return Err(StoreError::Damaged { path: path.to_owned(), what: not_all(kind, there) });
    }
    let needed = Buckets(Buckets::needed(count).0.max(there));
    let old = Buckets(there.max(1));
    let into = needed.0 / old.0;
    let mut new = new;
    let mut all: Vec<(u64, Slot)> = Vec::new();
    // From the last one on: what splitting a bucket writes has numbers that were read already.
    for number in (0..old.0).rev() {
        let (rest, added) = new.split_at(new.partition_point(|(hash, _)| old.of(*hash) < number));
        new = rest;
        if added.is_empty() && into == 1 && there > 0 {
            continue;
        }
        all.clear();
        all.extend_from_slice(added);
        if there > 0 {
            let seal = table.get(number, |sealed| {
                let (names, seal) = open_bucket(kind, number, sealed)?;
                all.extend(names.iter());
                Some(seal)
            })?;
            let seal = seal.flatten().ok_or_else(|| StoreError::Damaged {
                path: path.to_owned(),
                what: not_as_written(kind, number),
            })?;
            digest.remove(seal);
            // Two runs that are sorted already, which a stable sort merges.
            all.sort_by_key(|name| name.0);
        }
        let mut rest = all.as_slice();
        for part in number * into..(number + 1) * into {
            let (names, later) =
                rest.split_at(rest.partition_point(|(hash, _)| needed.of(*hash) <= part));
            rest = later;
            let mut record = Vec::with_capacity(names.len() * NAME_BYTES + SEAL_BYTES);
            for (hash, slot) in names {
                record.extend_from_slice(&hash.to_le_bytes());
                record.extend_from_slice(&slot.to_le_bytes());
            }
            digest.add(put_seal(SealedTable::Names(kind).number(), part, &mut record));
            table.insert(part, record.as_slice(), |_| ())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::pages::Pages;
    use redb::TableDefinition;

    #[test]
    fn buckets_part_all_hashes_in_order() {
        for buckets in [1, 2, 8, 4096].map(Buckets) {
            assert_eq!(buckets.of(0), 0);
            assert_eq!(buckets.of(u64::MAX), buckets.0 - 1);
            let step = u64::MAX / buckets.0;
            let numbers: Vec<u64> =
                (0..buckets.0).map(|part| buckets.of(part * step + step / 2)).collect();
            assert_eq!(numbers, (0..buckets.0).collect::<Vec<_>>());
        }
        assert_eq!(
            [0, 1, NAMES, NAMES + 1, 5 * NAMES].map(|names| Buckets::needed(names).0),
            [1, 1, 1, 2, 8]
        );
    }

    /// Every bucket, and the digest, after names were added in so many parts.
    fn kept(names: &[(u64, Slot)], parts: usize) -> (Vec<(u64, Vec<u8>)>, TableDigest) {
        const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("names");
        let backend = redb::backends::InMemoryBackend::new();
        let pages = Pages::open("store", backend).unwrap();
        let (mut digest, mut count) = (TableDigest::default(), 0);
        for part in names.chunks(names.len().div_ceil(parts)) {
            let mut part = part.to_vec();
            part.sort_unstable();
            count += part.len() as u64;
            let commit = pages.write(false).unwrap();
            let mut table = commit.table(TABLE).unwrap();
            put_names("store", &mut table, NameKind::Order, &part, count, &mut digest).unwrap();
            drop(table);
            commit.commit().unwrap();
        }
        let table = pages.read().unwrap().table(TABLE).unwrap();
        for (hash, slot) in names {
            let number = Buckets(table.len().unwrap()).of(*hash);
            let found = table.get(number, |it| find_name(NameKind::Order, number, it, *hash));
            assert_eq!(found.unwrap(), Some(Ok(Some(*slot))));
        }
        let mut records = Vec::new();
        table.each(|number, bucket| records.push((number, bucket.to_vec()))).unwrap();
        (records, digest)
    }

    #[test]
    fn buckets_are_the_same_however_names_came() {
        let names = |count: u64| -> Vec<(u64, Slot)> {
            (0..count).map(|slot| (xxhash_rust::xxh3::xxh3_64(&slot.to_le_bytes()), slot)).collect()
        };
        for count in [1, 700, 800, 5000, 7000] {
            let names = names(count);
            let at_once = kept(&names, 1);
            assert_eq!(at_once.0.len() as u64, Buckets::needed(count).0);
            for parts in [2, 7, 40] {
                assert!(kept(&names, parts) == at_once, "{count} names in {parts} parts");
            }
        }
    }
}
