//! Seals: a checksum on every record, verified on every read, and the digests made of them.

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

/// How long a seal is.
pub(crate) const SEAL_BYTES: usize = 16;

/// The sum of the seals of a table's records: the same whatever their order, changed by one at a
/// time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TableDigest {
    /// How many records there are.
    pub(crate) records: u64,
    /// The sum of their seals.
    pub(crate) sum: u128,
}

impl TableDigest {
    pub(crate) fn add(&mut self, seal: u128) {
        self.records += 1;
        self.sum = self.sum.wrapping_add(seal);
    }

    pub(crate) fn remove(&mut self, seal: u128) {
        self.records = self.records.wrapping_sub(1);
        self.sum = self.sum.wrapping_sub(seal);
    }
}

/// Where a record belongs: the same bytes elsewhere have another seal.
fn seed(table: u8, key: u64) -> u64 {
    key.rotate_left(8) ^ u64::from(table)
}

/// The seal of a record.
pub(crate) fn seal(table: u8, key: u64, bytes: &[u8]) -> u128 {
    xxh3_128_with_seed(bytes, seed(table, key))
}

/// Appends the seal to a record.
pub(crate) fn put_seal(table: u8, key: u64, record: &mut Vec<u8>) -> u128 {
    let seal = seal(table, key, record);
    record.extend_from_slice(&seal.to_le_bytes());
    seal
}

/// The record without its seal, and the seal; `None` where the seal is not that of the record.
pub(crate) fn check_seal(table: u8, key: u64, sealed: &[u8]) -> Option<(&[u8], u128)> {
    let (record, seal_bytes) = sealed.split_last_chunk::<SEAL_BYTES>()?;
    let expected = u128::from_le_bytes(*seal_bytes);
    (seal(table, key, record) == expected).then_some((record, expected))
}

/// A record is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotAsWritten;

/// The seal at the end of a record, whatever the record is; an error where it is too short for one.
pub(crate) fn last_seal(sealed: &[u8]) -> Result<u128, NotAsWritten> {
    let (_, seal) = sealed.split_last_chunk::<SEAL_BYTES>().ok_or(NotAsWritten)?;
    Ok(u128::from_le_bytes(*seal))
}

/// A number sealed in 16 bytes: the number, and a checksum of it and of where it belongs.
pub(crate) fn sealed_number(table: u8, key: u128, number: u64) -> [u8; 16] {
    let mut bytes = [0; 32];
    let (head, tail) = bytes.split_at_mut(16);
    head.copy_from_slice(&key.to_le_bytes());
    tail.iter_mut().zip(number.to_le_bytes()).for_each(|(place, byte)| *place = byte);
    let checksum = xxh3_64_with_seed(&bytes, u64::from(table));
    (u128::from(checksum) << 64 | u128::from(number)).to_le_bytes()
}

/// The number in a sealed one; `None` where the checksum is not that of the number.
pub(crate) fn open_number(table: u8, key: u128, sealed: [u8; 16]) -> Option<u64> {
    let number = u64::try_from(u128::from_le_bytes(sealed) & u128::from(u64::MAX)).ok()?;
    (sealed_number(table, key, number) == sealed).then_some(number)
}

/// The next link of the journal's chain: a digest over the one before and the rows of a chunk.
pub(crate) fn link(previous: &[u8; 32], rows: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    hasher.update(rows);
    *hasher.finalize().as_bytes()
}

/// A digest over text, in hexadecimal.
pub(crate) fn digest(text: &[u8]) -> String {
    blake3::hash(text).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flipped_bit_breaks_every_seal() {
        let mut record = b"forty-two bytes of something or other here".to_vec();
        put_seal(3, 7, &mut record);
        assert!(check_seal(3, 7, &record).is_some());
        assert!(check_seal(3, 8, &record).is_none() && check_seal(4, 7, &record).is_none());
        for bit in 0..record.len() * 8 {
            record[bit / 8] ^= 1 << (bit % 8);
            assert!(check_seal(3, 7, &record).is_none(), "bit {bit}");
            record[bit / 8] ^= 1 << (bit % 8);
        }
        let mut number = sealed_number(1, 5, u64::MAX - 1);
        assert_eq!(open_number(1, 5, number), Some(u64::MAX - 1));
        assert_eq!(open_number(1, 6, number), None);
        for bit in 0..128 {
            number[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(open_number(1, 5, number), None, "bit {bit}");
            number[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
