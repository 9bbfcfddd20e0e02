//! Where GUIDs come from: a seed, so that the same events give the same ids, or chance and time.

use crate::lifecycle::IdSource;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// GUIDs for the customers of a store.
#[derive(Clone, Copy, Debug)]
pub enum Ids {
    /// From a seed and the number of the event alone.
    Seeded(u64),
    /// Random and ordered by time.
    Random,
}

impl IdSource for Ids {
    fn guid(&mut self, sequence: u64) -> u128 {
        match self {
            Self::Seeded(seed) => seeded(*seed, sequence),
            Self::Random => random(),
        }
    }
}

/// A version 8 UUID: the number of the event above, so that ids never repeat and keep their order,
/// chance below.
fn seeded(seed: u64, sequence: u64) -> u128 {
    let mixed = xxh3_128_with_seed(&sequence.to_le_bytes(), seed);
    let high = u128::from(sequence & 0xffff_ffff_ffff) << 80;
    let bytes = (high | mixed & ((1 << 80) - 1)).to_be_bytes();
    uuid::Builder::from_custom_bytes(bytes).into_uuid().as_u128()
}

#[expect(clippy::disallowed_methods, reason = "without a seed, ids are made of time and chance")]
fn random() -> u128 {
    Uuid::now_v7().as_u128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_ids_depend_on_seed_and_event_alone_and_keep_their_order() {
        let mut ids = Ids::Seeded(7);
        let first: Vec<u128> = (1..1000).map(|sequence| ids.guid(sequence)).collect();
        assert_eq!(
            first,
            (1..1000).map(|sequence| Ids::Seeded(7).guid(sequence)).collect::<Vec<_>>()
        );
        assert!(first.is_sorted() && first.iter().zip(&first[1..]).all(|(one, next)| one != next));
        assert_ne!(first[0], Ids::Seeded(8).guid(1));
        assert_eq!(Uuid::from_u128(first[0]).get_version_num(), 8);
        assert_eq!(Uuid::from_u128(Ids::Random.guid(1)).get_version_num(), 7);
    }
}
