//! Chance that is the same on every machine: numbers are hashes of a counter, and the one function
//! beyond arithmetic, a logarithm, is made of additions, multiplications and divisions, which
//! IEEE 754 rounds alike everywhere. The logarithm of the standard library is the machine's own.

use std::f64::consts::{LN_2, SQRT_2};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A sequence of numbers that look like chance.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    seed: u64,
    next: u64,
}

impl Chance {
    /// The sequence of one stream of arrivals, which no other has.
    pub(super) fn new(seed: u64, stream: &str) -> Self {
        Self { seed: xxh3_64_with_seed(stream.as_bytes(), seed), next: 0 }
    }

    /// The next number, any of 64 bits.
    pub(super) fn number(&mut self) -> u64 {
        let counter = self.next;
        self.next += 1;
        xxh3_64_with_seed(&counter.to_le_bytes(), self.seed)
    }

    /// How long to wait for what comes once in a while, 1 on the average: exponential, by the
    /// inverse of its distribution.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are a float's own")]
    pub(super) fn wait(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        // More than 0 and at most 1, so that the logarithm is a number.
        -logarithm(((self.number() >> 11) + 1) as f64 * STEP)
    }
}

/// One of `count`, as a number of [`Chance`] has it.
pub(super) fn chosen(number: u64, count: usize) -> usize {
    let place = (u128::from(number) * count as u128) >> 64;
    // It is less than `count`.
    usize::try_from(place).unwrap_or(usize::MAX)
}

/// The natural logarithm of a number that is more than 0 and not subnormal, to the last bit or the
/// one before it.
#[expect(clippy::cast_precision_loss, reason = "an exponent has 11 bits")]
fn logarithm(of: f64) -> f64 {
    const FRACTION_BITS: u32 = 52;
    const BIAS: i64 = 1023;
    // of = 2^exponent · mantissa, the mantissa around 1.
    let bits = of.to_bits();
    let mut exponent = (bits >> FRACTION_BITS).cast_signed() - BIAS;
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let mut mantissa = f64::from_bits(BIAS.cast_unsigned() << FRACTION_BITS | fraction);
    if mantissa > SQRT_2 {
        mantissa /= 2.0;
        exponent += 1;
    }
    // ln((1 + s) / (1 - s)) = 2 (s + s³/3 + s⁵/5 + …), and s is at most 0.172 here.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let sum = SERIES.iter().fold(0.0, |sum, part| sum * square + part);
    exponent as f64 * LN_2 + s * sum
}

/// A division takes as long as several multiplications, and these are always the same.
const SERIES: [f64; 13] = [
    2.0 / 25.0,
    2.0 / 23.0,
    2.0 / 21.0,
    2.0 / 19.0,
    2.0 / 17.0,
    2.0 / 15.0,
    2.0 / 13.0,
    2.0 / 11.0,
    2.0 / 9.0,
    2.0 / 7.0,
    2.0 / 5.0,
    2.0 / 3.0,
    2.0,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_right() {
        let mut numbers = Chance::new(1, "numbers");
        for _ in 0..100_000 {
            let number = f64::from_bits(numbers.number() >> 12 | 1022 << 52) * 2.0;
            for of in [number, number / 3.0, number * 1e-9] {
                let difference = (logarithm(of) - of.ln()).abs();
                assert!(difference <= 4e-16 * of.ln().abs().max(1.0), "{of}: {difference}");
            }
        }
        assert_eq!(logarithm(1.0).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn chance_is_as_it_ever_was() {
        // Other numbers here would be other arrivals for a seed that somebody has noted.
        let mut chance = Chance::new(7, "a");
        assert_eq!([chance.number(), chance.number()], FIRST);
        assert_eq!(chance.wait().to_bits(), WAIT);
        assert_ne!(Chance::new(8, "a").number(), Chance::new(7, "a").number());
        assert_ne!(Chance::new(7, "b").number(), Chance::new(7, "a").number());
    }

    /// As the first build had them.
    const FIRST: [u64; 2] = [1_762_114_449_553_075_971, 11_714_239_454_746_074_193];
    const WAIT: u64 = 4_602_842_979_687_580_494;

    #[test]
    fn what_is_chosen_is_spread_evenly() {
        let mut chance = Chance::new(3, "choice");
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[chosen(chance.number(), 10)] += 1;
        }
        // Five standard deviations of a binomial distribution.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 475), "{counts:?}");
        assert_eq!((chosen(0, 5), chosen(u64::MAX, 5)), (0, 4));
    }
}
