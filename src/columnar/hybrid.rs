//! Numbers of few bits as Parquet writes levels and indices of dictionaries: runs of one number,
//! and numbers packed bit by bit, one after the other.

use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;

/// Numbers that are read as far as they are wanted.
#[derive(Debug)]
pub(super) struct Hybrid {
    bytes: ByteArray,
    /// The byte at which the next run begins.
    at: usize,
    width: u32,
    /// How many numbers of the run are left.
    left: usize,
    run: Run,
}

#[derive(Clone, Copy, Debug)]
enum Run {
    /// The same number again and again.
    Same(u32),
    /// Packed, the next one at this bit.
    Packed(usize),
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

impl Hybrid {
    /// Numbers of `width` bits.
    pub(super) fn new(bytes: ByteArray, width: u8) -> Result<Self, ParquetError> {
        if width > 32 {
            return Err(damaged("numbers of more than 32 bits"));
        }
        Ok(Self { bytes, at: 0, width: u32::from(width), left: 0, run: Run::Same(0) })
    }

    /// Adds the next `count` numbers.
    pub(super) fn take(
        &mut self,
        mut count: usize,
        numbers: &mut Vec<u32>,
    ) -> Result<(), ParquetError> {
        while count > 0 {
            if self.left == 0 {
                self.next_run()?;
            }
            let some = count.min(self.left);
            match &mut self.run {
                Run::Same(number) => numbers.resize(numbers.len() + some, *number),
                Run::Packed(bit) => {
                    unpack(self.bytes.data(), *bit, self.width, some, numbers)?;
                    *bit += some * self.width as usize;
                }
            }
            self.left -= some;
            count -= some;
        }
        Ok(())
    }

    /// The number that the next `count` are, which then are taken, where they are of one run.
    pub(super) fn take_same(&mut self, count: usize) -> Result<Option<u32>, ParquetError> {
        if self.left == 0 && count > 0 {
            self.next_run()?;
        }
        match self.run {
            Run::Same(number) if self.left >= count => {
                self.left -= count;
                Ok(Some(number))
            }
            _ => Ok(None),
        }
    }

    fn next_run(&mut self) -> Result<(), ParquetError> {
        let header = self.header()?;
        let length = (header >> 1) as usize;
        if length == 0 {
            return Err(damaged("a run of nothing"));
        }
        if header & 1 == 1 {
            self.run = Run::Packed(self.at * 8);
            self.left = length * 8;
            self.at += length * self.width as usize;
            return Ok(());
        }
        let mut number = 0;
        for byte in 0..self.width.div_ceil(8) {
            number |= u32::from(self.byte()?) << (8 * byte);
        }
        (self.run, self.left) = (Run::Same(number), length);
        Ok(())
    }

    fn header(&mut self) -> Result<u32, ParquetError> {
        let mut header = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            header |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(header);
            }
        }
        Err(damaged("a run that is too long"))
    }

    fn byte(&mut self) -> Result<u8, ParquetError> {
        let byte = self.bytes.data().get(self.at).copied();
        self.at += 1;
        byte.ok_or_else(|| damaged("a page that ends early"))
    }
}

/// Adds `count` numbers of `width` bits from a bit on.
fn unpack(
    bytes: &[u8],
    mut bit: usize,
    width: u32,
    count: usize,
    numbers: &mut Vec<u32>,
) -> Result<(), ParquetError> {
    let mask = u64::MAX >> (64 - width.max(1));
    let mask = if width == 0 { 0 } else { mask };
    let end = bit + count * width as usize;
    if end.div_ceil(8) > bytes.len() {
        return Err(damaged("a page that ends early"));
    }
    numbers.reserve(count);
    let mut left = count;
    if bit.is_multiple_of(8) && width <= 8 {
        // Eight numbers are `width` whole bytes, and those are within one word.
        let mut rest = bytes.split_at(bit / 8).1;
        while left >= 8
            && let Some(word) = rest.first_chunk::<8>()
        {
            let word = u64::from_le_bytes(*word);
            #[expect(clippy::cast_possible_truncation, reason = "the mask has at most 8 bits")]
            numbers.extend((0..8).map(|place| (word >> (place * width) & mask) as u32));
            rest = rest.split_at(width as usize).1;
            bit += 8 * width as usize;
            left -= 8;
        }
    }
    for _ in 0..left {
        let rest = bytes.split_at(bit / 8).1;
        let word = match rest.first_chunk::<8>() {
            Some(word) => u64::from_le_bytes(*word),
            None => {
                let mut word = [0; 8];
                for (place, byte) in word.iter_mut().zip(rest) {
                    *place = *byte;
                }
                u64::from_le_bytes(word)
            }
        };
        #[expect(clippy::cast_possible_truncation, reason = "the mask has at most 32 bits")]
        numbers.push((word >> (bit % 8) & mask) as u32);
        bit += width as usize;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Runs and packed groups, as a writer might mix them.
    fn encoded(parts: &[(bool, u32, u8)], width: u32) -> (Vec<u8>, Vec<u32>) {
        let (mut bytes, mut numbers) = (Vec::new(), Vec::new());
        let mask = if width == 0 { 0 } else { u32::MAX >> (32 - width) };
        for (packed, seed, length) in parts {
            let length = u32::from(*length) + 1;
            if *packed {
                bytes.push(u8::try_from(length << 1 | 1).unwrap());
                let some: Vec<u32> =
                    (0..length * 8).map(|it| seed.wrapping_mul(it * 7 + 1) & mask).collect();
                let mut bits = vec![0_u8; (length * width) as usize];
                for (place, number) in some.iter().enumerate() {
                    for bit in 0..width as usize {
                        let at = place * width as usize + bit;
                        bits[at / 8] |= u8::from(number >> bit & 1 == 1) << (at % 8);
                    }
                }
                bytes.extend(bits);
                numbers.extend(some);
            } else {
                bytes.push(u8::try_from(length << 1).unwrap());
                let number = seed & mask;
                bytes.extend(&number.to_le_bytes()[..width.div_ceil(8) as usize]);
                numbers.extend(vec![number; length as usize]);
            }
        }
        (bytes, numbers)
    }

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            parts in proptest::collection::vec((any::<bool>(), any::<u32>(), 0_u8..40), 0..8),
            width in 0_u32..=32, step in 1_usize..50
        ) {
            let (bytes, expected) = encoded(&parts, width);
            let mut hybrid = Hybrid::new(bytes.into(), u8::try_from(width).unwrap()).unwrap();
            let mut numbers = Vec::new();
            while numbers.len() < expected.len() {
                let count = step.min(expected.len() - numbers.len());
                match hybrid.take_same(count).unwrap() {
                    Some(same) => numbers.extend(vec![same; count]),
                    None => hybrid.take(count, &mut numbers).unwrap(),
                }
            }
            prop_assert_eq!(numbers, expected);
            prop_assert!(hybrid.take(1000, &mut Vec::new()).is_err());
        }

        #[test]
        fn any_bytes_are_numbers_or_damage(
            bytes in proptest::collection::vec(any::<u8>(), 0..40), width in any::<u8>()
        ) {
            if let Ok(mut hybrid) = Hybrid::new(bytes.into(), width) {
                let _ = hybrid.take(10_000, &mut Vec::new());
            }
        }
    }
}
