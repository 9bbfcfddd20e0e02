//! The pieces of a batch, worked on by several threads and put together in their order.

use super::answers::Clerk;
use super::desk::Desk;
use super::requests::{BatchError, Requests};
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::mpsc::{self, Sender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// So many pieces for each thread may be read and not written.
const AHEAD: u64 = 3;
/// More parts than are ever written.
const STOPPED: u64 = u64::MAX;

/// Answers all requests by `jobs` threads: `answers` makes what each of them answers with, `put`
/// takes the parts in order.
///
/// # Errors
///
/// The requests can't be read, or `put` fails.
pub fn run<'e, A: Clerk>(
    desk: impl Fn() -> Desk<'e> + Sync,
    mut requests: Requests<'_>,
    jobs: NonZeroUsize,
    answers: impl Fn() -> A + Sync,
    mut put: impl FnMut(A::Part) -> Result<(), BatchError>,
) -> Result<(), BatchError> {
    if jobs.get() == 1 {
        let (mut desk, mut answers) = (desk(), answers());
        while let Some(piece) = requests.next()? {
            piece.answer(&mut desk, &mut answers);
            put(answers.part())?;
        }
        return Ok(());
    }
    let line = Line::new(requests, AHEAD * jobs.get() as u64);
    std::thread::scope(|scope| {
        let _whole = StopsInPanic(&line);
        let (parts, finished) = mpsc::channel();
        for number in 0..jobs.get() {
            let (line, parts, desk, answers) = (&line, parts.clone(), &desk, &answers);
            let thread = std::thread::Builder::new().name(format!("batch {number}"));
            let started = thread.spawn_scoped(scope, move || line.work(desk, answers, &parts));
            if let Err(error) = started {
                line.stop();
                return Err(BatchError::Output(error));
            }
        }
        drop(parts);
        let mut early = BTreeMap::new();
        let mut next = 0;
        let mut wrote = Ok(());
        for (number, part) in finished {
            early.insert(number, part);
            while wrote.is_ok()
                && let Some(part) = early.remove(&next)
            {
                wrote = part.and_then(&mut put);
                next += 1;
                line.wrote(next);
            }
            if wrote.is_err() {
                // Nobody reads on; those who are at work come to an end.
                line.stop();
            }
        }
        wrote
    })
}

/// Where the threads take their pieces, one after the other.
struct Line<'s> {
    /// The requests, and the number of the next piece; `None` once there is no more. Who holds it
    /// may wait for a stream.
    requests: Mutex<Option<(Requests<'s>, u64)>>,
    /// How many parts were written; [`STOPPED`] once nothing is worked on any more.
    written: Mutex<u64>,
    more: Condvar,
    /// So many pieces may be read and not written.
    ahead: u64,
}

/// What a thread that panicked left behind is whole: the panic ends everything.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'s> Line<'s> {
    fn new(requests: Requests<'s>, ahead: u64) -> Self {
        Self {
            requests: Mutex::new(Some((requests, 0))),
            written: Mutex::new(0),
            more: Condvar::new(),
            ahead,
        }
    }

    fn wrote(&self, count: u64) {
        let mut written = held(&self.written);
        *written = (*written).max(count);
        self.more.notify_all();
    }

    /// Lets nobody wait any more, nor read. Who reads just now comes to an end when it has read.
    fn stop(&self) {
        self.wrote(STOPPED);
    }

    /// Waits until a piece may be read; whether there is still something to be done then.
    fn wait_for(&self, number: u64) -> bool {
        let mut written = held(&self.written);
        while number >= written.saturating_add(self.ahead) {
            written = self.more.wait(written).unwrap_or_else(PoisonError::into_inner);
        }
        *written != STOPPED
    }

    /// Answers pieces until there is no more.
    fn work<'e, A: Clerk>(
        &self,
        desk: &impl Fn() -> Desk<'e>,
        answers: &impl Fn() -> A,
        parts: &Sender<(u64, Result<A::Part, BatchError>)>,
    ) {
        let _whole = StopsInPanic(self);
        let (mut desk, mut answers) = (desk(), answers());
        loop {
            let (number, read) = {
                let mut line = held(&self.requests);
                let Some((requests, next)) = line.as_mut() else { return };
                let number = *next;
                *next += 1;
                if !self.wait_for(number) {
                    return;
                }
                let read = requests.next();
                if !matches!(read, Ok(Some(_))) {
                    *line = None;
                }
                (number, read)
            };
            let part = match read {
                Ok(None) => return,
                Ok(Some(piece)) => {
                    piece.answer(&mut desk, &mut answers);
                    Ok(answers.part())
                }
                Err(error) => Err(error),
            };
            if parts.send((number, part)).is_err() {
                return;
            }
        }
    }
}

/// Stops everybody where a thread panics: the others would wait for its part for ever.
struct StopsInPanic<'l, 's>(&'l Line<'s>);

impl Drop for StopsInPanic<'_, '_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::{Asked, BatchFormat, RequestId, Unanswered};
    use crate::engine::Engine;
    use crate::model::{Deployment, Rules};
    use std::panic::{AssertUnwindSafe, catch_unwind};

    /// Panics at a line.
    struct Panicking(u64);

    impl Clerk for Panicking {
        type Part = ();

        fn answer(&mut self, _: RequestId<'_>, _: u64, _: Asked) {}

        fn refuse(&mut self, _: RequestId<'_>, place: u64, _: Unanswered<'_>) {
            assert!(place < self.0, "at line {place}");
        }

        fn part(&mut self) {}
    }

    /// Runs over pieces of many lines, of which each is refused.
    fn run_to(panic_at: u64, put: impl FnMut(()) -> Result<(), BatchError>) -> bool {
        let rules = Rules::embedded();
        let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
        let engine = Engine::new(&rules, loaded.valid().unwrap()).unwrap();
        let lines = "none\n".repeat(1 << 20);
        let stream = Box::new(lines.as_bytes());
        let requests = Requests::stream("-", BatchFormat::Jsonl, stream).unwrap();
        let jobs = NonZeroUsize::new(3).unwrap();
        let desk = || Desk::new(&engine);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            run(desk, requests, jobs, || Panicking(panic_at), put)
        }));
        ended.is_ok_and(|ended| ended.is_ok())
    }

    #[test]
    fn a_thread_that_panics_leaves_nobody_waiting() {
        assert!(run_to(u64::MAX, |()| Ok(())));
        assert!(!run_to(1, |()| Ok(())));
        assert!(!run_to(400_000, |()| Ok(())));
    }

    #[test]
    fn what_cannot_be_written_ends_it() {
        let mut written = 0;
        let fails = |()| {
            written += 1;
            Err(BatchError::NoRequests("nowhere to write".to_owned()))
        };
        assert!(!run_to(u64::MAX, fails));
        assert_eq!(written, 1);
    }
}
