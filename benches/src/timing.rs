//! Contenders run in turn, and what is made of their times.

use std::time::{Duration, Instant};

/// Something to be timed: a name, and work that is done anew on each call.
pub struct Contender<'a> {
    name: String,
    /// How many units one call does: decisions, lines, or 1.
    units: u64,
    work: Box<dyn FnMut() + 'a>,
}

impl<'a> Contender<'a> {
    /// A contender whose `work` does `units` units on each call.
    pub fn new(name: &str, units: u64, work: impl FnMut() + 'a) -> Self {
        Self { name: name.to_owned(), units, work: Box::new(work) }
    }

    /// The time that `calls` calls take.
    fn time(&mut self, calls: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..calls {
            (self.work)();
        }
        start.elapsed()
    }

    /// How many calls fill `sample`, at least one; this also warms up.
    fn calibrate(&mut self, sample: Duration) -> u32 {
        let mut calls = 1;
        loop {
            let taken = self.time(calls);
            if taken >= sample || calls >= 1 << 24 {
                return calls;
            }
            let wanted = sample.as_secs_f64() / taken.as_secs_f64().max(1e-9);
            calls = (f64::from(calls) * wanted.clamp(1.5, 100.0)).ceil() as u32;
        }
    }
}

/// What was measured of one contender: seconds for one unit, one value for each round.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The contender's name.
    pub name: String,
    /// Seconds for one unit, by round.
    pub seconds: Vec<f64>,
}

impl Samples {
    /// The median seconds for one unit.
    pub fn median(&self) -> f64 {
        median(&self.seconds)
    }

    /// The least seconds for one unit.
    pub fn least(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// How many times as long as `other` it takes: the median of the ratios within each round.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        let ratios: Vec<f64> =
            self.seconds.iter().zip(&other.seconds).map(|(own, other)| own / other).collect();
        median(&ratios)
    }
}

/// Times contenders in turn, A B C A B C, `rounds` times; a sample is as many calls as take about
/// `sample`.
pub fn in_turn(
    mut contenders: Vec<Contender<'_>>,
    rounds: usize,
    sample: Duration,
) -> Vec<Samples> {
    let calls: Vec<u32> =
        contenders.iter_mut().map(|contender| contender.calibrate(sample)).collect();
    let mut measured: Vec<Samples> = contenders
        .iter()
        .map(|contender| Samples {
            name: contender.name.clone(),
            seconds: Vec::with_capacity(rounds),
        })
        .collect();
    for _ in 0..rounds {
        for ((contender, calls), samples) in contenders.iter_mut().zip(&calls).zip(&mut measured) {
            let units = f64::from(*calls) * contender.units as f64;
            samples.seconds.push(contender.time(*calls).as_secs_f64() / units);
        }
    }
    measured
}

/// How long this process has kept cores busy so far, all its threads together.
pub fn busy() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live, writable value of the type that the call writes.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
    assert_eq!(status, 0, "a process has a clock");
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or_default(),
        u32::try_from(time.tv_nsec).unwrap_or_default(),
    )
}

/// The median, of an even count the mean of the two in the middle; 0 of nothing.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_in_the_middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let samples = |seconds: &[f64]| Samples { name: String::new(), seconds: seconds.to_vec() };
        // A machine that is ten times slower in the second round changes no ratio.
        assert_eq!(samples(&[2.0, 20.0, 2.0]).ratio_to(&samples(&[1.0, 10.0, 1.0])), 2.0);
    }
}
