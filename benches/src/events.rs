//! A long stream of events for a store: a tenth creates customers, the rest is what happens to
//! them.

use crate::random::Random;
use std::io::{self, Write};

/// How many events lie between two runs of the jobs.
const JOBS_EVERY: u64 = 100_000;
/// The jobs that make pending customers synced ones, in their order.
const JOBS: [&str; 4] = ["P-0001", "synchronize-customers", "synchronize-orders", "1010"];
/// The stores of the deployment `contoso`, and its web shop.
const CHANNELS: [&str; 4] = ["houston", "seattle", "san-francisco", "web"];
/// What happens to customers, in equal parts.
const OPERATIONS: [&str; 6] = [
    "edit-customer",
    "create-address",
    "edit-address",
    "issue-loyalty-card",
    "redeem-loyalty-points",
    "create-customer-order",
];

/// Writes `count` events for the deployment `contoso` as JSON Lines; the same in every run.
///
/// Every tenth creates a customer, every sixtieth or so an order; the others are about any customer
/// there is, in the channel that created the customer. The jobs run now and then, so that customers
/// become synced and queues empty.
///
/// # Errors
///
/// They can't be written.
pub fn write(to: &mut impl Write, count: u64) -> io::Result<()> {
    let mut random = Random::new(3);
    let mut customers = 0_usize;
    for number in 0..count {
        let (minute, second) = (number / 60 % 60, number % 60);
        let (day, hour) = (1 + number / 86_400 % 28, number / 3600 % 24);
        write!(to, r#"{{"at":"2026-11-{day:02}T{hour:02}:{minute:02}:{second:02}Z","#)?;
        let step = usize::try_from(number % JOBS_EVERY).unwrap_or(usize::MAX);
        if let Some(job) = JOBS.get(step).filter(|_| number >= JOBS_EVERY) {
            writeln!(to, r#""job":"{job}"}}"#)?;
        } else if number % 10 == 0 {
            let channel = channel(customers);
            writeln!(
                to,
                "\"operation\":\"create-customer\",\"channel\":\"{channel}\",\
                 \"customer\":\"C{customers:08}\"}}"
            )?;
            customers += 1;
        } else {
            let customer = random.below(customers);
            let (operation, channel) = (random.one_of(&OPERATIONS), channel(customer));
            write!(
                to,
                r#""operation":"{operation}","channel":"{channel}","customer":"C{customer:08}""#
            )?;
            if operation == "create-customer-order" {
                write!(to, r#","order":"SO-{number:09}""#)?;
            }
            writeln!(to, "}}")?;
        }
    }
    to.flush()
}

/// The channel that created a customer.
fn channel(customer: usize) -> &'static str {
    CHANNELS[customer % CHANNELS.len()]
}
