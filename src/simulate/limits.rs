//! How much a load may be. What is more is refused before it is played: it would take hours, or
//! more memory than there is.

use super::day::{Day, Takes, Traffic};
use super::timetable::Timetable;
use crate::diagnostic::{Code, Finding};

/// No load may have more operations: ten times the peak day of a chain of 300 stores.
const MOST_OPERATIONS: u128 = 100_000_000;
/// No load may create more customers and orders: each stays in memory until the end.
const MOST_CREATED: u128 = 10_000_000;
/// Jobs and uploads may not act on channels more often, each run counted once for each channel.
const MOST_RUNS: u128 = 100_000_000;

/// What a load has too much of.
pub(super) fn too_much(day: &Day, timetable: &Timetable) -> Vec<Finding> {
    let brings_more =
        |traffic: &&Traffic| matches!(traffic.takes, Takes::NewCustomer | Takes::NewOrder);
    let creating: Vec<&Traffic> = day.traffic.iter().filter(brings_more).collect();
    let all: Vec<&Traffic> = day.traffic.iter().collect();
    let operations = too_many(&all, MOST_OPERATIONS, "operations");
    let created = too_many(&creating, MOST_CREATED, "new customers and orders");
    operations.or(created).into_iter().chain(too_many_runs(day, timetable)).collect()
}

/// Tells of traffic that comes to more than is played, at the line that brings the most.
fn too_many(traffic: &[&Traffic], most: u128, what: &str) -> Option<Finding> {
    let total: u128 = traffic.iter().map(|traffic| expected(traffic)).sum();
    let largest = traffic.iter().max_by_key(|traffic| expected(traffic))?;
    (total > most).then(|| {
        let message =
            format!("some {total} {what} in the whole load, and at most {most} are played");
        let help = "lower `per-hour`, name fewer channels, or play a shorter load";
        Finding::new(Code::OUT_OF_RANGE, message).at(largest.rate).help(help)
    })
}

/// How many operations arrive on the average.
fn expected(traffic: &Traffic) -> u128 {
    let seconds: u64 = traffic.windows.iter().map(|window| window.end - window.start).sum();
    u128::from(seconds) * u128::from(traffic.per_hour) * traffic.channels.len() as u128 / 3600
}

fn too_many_runs(day: &Day, timetable: &Timetable) -> Option<Finding> {
    let times = |every: u64, channels: &[usize]| {
        u128::from(day.duration / every + 1) * channels.len().max(1) as u128
    };
    let entries = timetable.entries.iter().map(|entry| times(entry.recurrence, &entry.channels));
    let uploads = timetable.uploads.iter().map(|(every, channels)| times(*every, channels));
    let total: u128 = entries.chain(uploads).sum();
    (total > MOST_RUNS).then(|| {
        let message = format!(
            "jobs and uploads would act on channels {total} times in this load, and {MOST_RUNS} \
                times are played at most"
        );
        let help = "play a shorter load, or let the deployment's jobs run less often";
        Finding::new(Code::OUT_OF_RANGE, message).at(day.length).help(help)
    })
}
