//! Reading ahead: the lines of a bulk replay are split, checked and parsed by a thread of their
//! own, while the events before them are applied. What is unusual in any way is left to the one
//! that applies.

use super::moment::moment;
use crate::lifecycle::{Directory, Event, EventName, OperationEvent};
use crate::model::OperationId;
use crate::wire::{LineProblem, Lines, parse_event};
use jiff::Timestamp;
use std::borrow::Cow;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::mpsc::SyncSender;

/// How many bytes of lines make a page, about.
const PAGE_BYTES: usize = 128 << 10;
/// How many pages may wait.
pub(crate) const PAGES: usize = 8;

/// Some lines of the stream, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
    lines: Vec<AheadLine>,
}

/// A line of a page.
#[derive(Debug)]
pub(crate) struct AheadLine {
    /// Its number in the stream.
    pub(crate) number: u64,
    /// Where in the page's text it stands; or why it can't be taken, and its bytes.
    place: Result<Range<usize>, (LineProblem, Vec<u8>)>,
    /// What it means, where that is an operation event that can be applied as it is.
    operation: Option<AheadOperation>,
}

/// An operation event whose names are looked up; the caller's names are ranges of the page's text.
#[derive(Debug)]
struct AheadOperation {
    operation: OperationId,
    channel: usize,
    customer: Option<Range<usize>>,
    order: Option<Range<usize>>,
    loyalty_enrollment_blocked: bool,
    affiliation_hidden_in_channels: bool,
    at: Option<Timestamp>,
}

impl Page {
    /// Its lines.
    pub(crate) fn lines(&self) -> &[AheadLine] {
        &self.lines
    }

    #[expect(clippy::expect_used, reason = "an empty text would be applied as an event")]
    fn text(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).expect("the ranges of a page are of its own text")
    }

    /// The text of a line, or why it has none, and its bytes.
    pub(crate) fn line<'p>(
        &'p self,
        line: &'p AheadLine,
    ) -> (Result<&'p str, LineProblem>, &'p [u8]) {
        match &line.place {
            Ok(range) => (Ok(self.text(range)), self.text(range).as_bytes()),
            Err((problem, bytes)) => (Err(problem.clone()), bytes),
        }
    }

    fn name(&self, range: &Range<usize>) -> EventName<'_> {
        EventName::Written(self.text(range))
    }

    /// The operation event that a line means, and the moment that it gives.
    pub(crate) fn operation(
        &self,
        line: &AheadLine,
    ) -> Option<(OperationEvent<'_>, Option<Timestamp>)> {
        let ahead = line.operation.as_ref()?;
        let event = OperationEvent {
            operation: ahead.operation,
            channel: ahead.channel,
            customer: ahead.customer.as_ref().map(|range| self.name(range)),
            order: ahead.order.as_ref().map(|range| self.name(range)),
            loyalty_enrollment_blocked: ahead.loyalty_enrollment_blocked,
            affiliation_hidden_in_channels: ahead.affiliation_hidden_in_channels,
        };
        Some((event, ahead.at))
    }

    fn add(&mut self, number: u64, text: &str, directory: &Directory) {
        let start = self.text.len();
        self.text.push_str(text);
        let operation = AheadOperation::of(text, start, directory);
        self.lines.push(AheadLine { number, place: Ok(start..self.text.len()), operation });
    }
}

impl AheadOperation {
    /// What a line means that stands at `start`; `None` where it is no valid operation event, or
    /// its names have escapes.
    fn of(line: &str, start: usize, directory: &Directory) -> Option<Self> {
        let parsed = parse_event(line).ok()?;
        let at = parsed.at.as_deref().map(moment).transpose().ok()?;
        let Event::Operation(event) = directory.event(&parsed).ok()? else { return None };
        let place = |name: &Option<Cow<'_, str>>| match name {
            None => Some(None),
            Some(Cow::Owned(_)) => None,
            Some(Cow::Borrowed(name)) => {
                let offset = start + name.as_ptr().addr().checked_sub(line.as_ptr().addr())?;
                Some(Some(offset..offset + name.len()))
            }
        };
        Some(Self {
            operation: event.operation,
            channel: event.channel,
            customer: place(&parsed.customer)?,
            order: place(&parsed.order)?,
            loyalty_enrollment_blocked: event.loyalty_enrollment_blocked,
            affiliation_hidden_in_channels: event.affiliation_hidden_in_channels,
            at,
        })
    }
}

/// Reads the stream to its end, page by page, as long as somebody takes them; an error comes last.
pub(crate) fn read(
    lines: &mut Lines<impl Read>,
    directory: &Directory,
    pages: &SyncSender<io::Result<Page>>,
) {
    let mut page = Page::default();
    loop {
        let read = match lines.next_line(|| Ok::<(), io::Error>(())) {
            Ok(Some(line)) => {
                match line.text {
                    Ok(text) => page.add(line.number, text, directory),
                    Err(problem) => page.lines.push(AheadLine {
                        number: line.number,
                        place: Err((problem, line.bytes.to_vec())),
                        operation: None,
                    }),
                }
                if page.text.len() < PAGE_BYTES {
                    continue;
                }
                true
            }
            Ok(None) => false,
            Err(error) => {
                // Whoever does not wait for the page does not wait for the error either.
                let _ =
                    pages.send(Ok(std::mem::take(&mut page))).and_then(|()| pages.send(Err(error)));
                return;
            }
        };
        if pages.send(Ok(std::mem::take(&mut page))).is_err() || !read {
            return;
        }
    }
}
