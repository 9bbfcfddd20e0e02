//! The journal: a row for every event, each followed by its note.

use super::rows::{Decoder, Encoder, Row, Slot, put_slot, put_version, take_slot};
use crate::model::{Customer, OperationId, RuleId, Situation, or_blank, words};
use jiff::Timestamp;

words! {
    /// What a journal row records.
    JournalKind {
        /// A decision.
        Decision = "decision",
        /// An operation event that was not valid; the note says why.
        InvalidOperation = "invalid-operation",
        /// Another event, which the note repeats.
        Event = "event",
        /// Another event that was not valid; the note says why.
        InvalidEvent = "invalid-event",
        /// The configuration was replaced.
        Reconfiguration = "reconfiguration",
    }
}

/// A row of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// What it records.
    pub kind: JournalKind,
    /// The number of the event; for a reconfiguration, of the last event before it.
    pub sequence: u64,
    /// The line of the event in its stream.
    pub line: u64,
    /// The moment that the event gives.
    pub at: Option<Timestamp>,
    /// The configuration that decided, by its number in the store.
    pub configuration: u16,
    /// The channel, by its number in the store.
    pub channel: u32,
    /// The operation.
    pub operation: OperationId,
    /// The situation in which it was tried.
    pub situation: Situation,
    /// The rule that decided.
    pub rule: RuleId,
    /// The customer, where one of that name existed afterwards.
    pub customer: Option<Slot>,
    /// The order, where one of that name existed afterwards.
    pub order: Option<Slot>,
    /// How the channel saw the customer afterwards.
    pub customer_after: Customer,
    /// How many bytes of note follow it.
    pub note_bytes: u32,
}

impl JournalRow {
    /// The channel of what no channel decided.
    const NO_CHANNEL: u32 = u32::MAX;

    /// The row of what is no decision: what only a decision has is as good as not there.
    pub(crate) fn undecided(kind: JournalKind, sequence: u64, configuration: u16) -> Self {
        Self {
            kind,
            sequence,
            line: 0,
            at: None,
            configuration,
            channel: Self::NO_CHANNEL,
            operation: OperationId::from_number(0),
            situation: Situation::default(),
            rule: RuleId::from_number(0),
            customer: None,
            order: None,
            customer_after: Customer::None,
            note_bytes: 0,
        }
    }

    /// The first entry of `entries`, each a row and its note: the row, the note, and the rest;
    /// `None` at the end, or where there is no whole entry.
    pub fn split_first(entries: &[u8]) -> Option<(Self, &str, &[u8])> {
        let (row, rest) = entries.split_at_checked(Self::WIDTH)?;
        let row = Self::decode(&mut Decoder::new(row))?;
        let (note, rest) = rest.split_at_checked(row.note_bytes as usize)?;
        Some((row, std::str::from_utf8(note).ok()?, rest))
    }
}

impl Row for JournalRow {
    const WIDTH: usize = 64;

    fn encode(&self, to: &mut Encoder<'_>) {
        put_version(to);
        to.u8(self.kind as u8);
        to.u8(super::rows::flags([self.at.is_some()]));
        to.u8(self.customer_after as u8);
        to.u16(self.configuration);
        to.u16(in_two_bytes(self.operation.index()));
        to.u64(self.sequence);
        to.u64(self.line);
        // The flag above tells no moment from that of 1970.
        let at = self.at.unwrap_or_default();
        let (seconds, nanoseconds) = parts(at);
        to.i64(seconds);
        to.u32(nanoseconds);
        to.u32(self.channel);
        to.u16(in_two_bytes(self.rule.index()));
        to.u16(in_two_bytes(self.situation.index()));
        put_slot(to, self.customer);
        put_slot(to, self.order);
        to.u32(self.note_bytes);
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        from.version()?;
        let kind = JournalKind::ALL.get(usize::from(from.u8())).copied()?;
        let flags = from.u8();
        let customer_after = Customer::ALL.get(usize::from(from.u8())).copied()?;
        let configuration = from.u16();
        let operation = OperationId::from_number(from.u16());
        let (sequence, line) = (from.u64(), from.u64());
        let at = (from.i64(), from.u32());
        let channel = from.u32();
        let rule = RuleId::from_number(from.u16());
        let situation = Situation::from_index(usize::from(from.u16()))?;
        Some(Self {
            kind,
            sequence,
            line,
            at: if super::rows::flag(flags, 0) { Some(of_parts(at)?) } else { None },
            configuration,
            channel,
            operation,
            situation,
            rule,
            customer: take_slot(from),
            order: take_slot(from),
            customer_after,
            note_bytes: from.u32(),
        })
    }
}

/// A moment in seconds since 1970 and nanoseconds, which count forwards before 1970 too.
#[expect(clippy::expect_used, reason = "another moment would be kept in silence")]
fn parts(at: Timestamp) -> (i64, u32) {
    let (seconds, nanoseconds) = (at.as_second(), at.subsec_nanosecond());
    let (seconds, nanoseconds) = match nanoseconds {
        0.. => (seconds, nanoseconds),
        _ => (seconds - 1, nanoseconds + 1_000_000_000),
    };
    (seconds, u32::try_from(nanoseconds).expect("they count forwards"))
}

/// The moment that [`parts`] made these of; `None` where there is no such moment.
fn of_parts((seconds, nanoseconds): (i64, u32)) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(nanoseconds).ok().filter(|it| *it < 1_000_000_000)?;
    Timestamp::new(seconds, nanoseconds).ok()
}

/// What a row has two bytes for.
#[expect(clippy::expect_used, reason = "another operation or rule would be kept in silence")]
fn in_two_bytes(index: usize) -> u16 {
    u16::try_from(index).expect("ids have 16 bits, and situations are some hundred")
}

/// The note of a decision whose request names what is in no row, such as a customer whose creation
/// was rejected: the length of the customer's name, then both names. Names may hold anything.
pub(crate) fn join_names(customer: Option<&str>, order: Option<&str>) -> Option<String> {
    let (customer, order) = match (customer, order) {
        (None, None) => return None,
        (customer, order) => (or_blank(customer), or_blank(order)),
    };
    Some(format!("{} {customer}{order}", customer.len()))
}

/// The names of a customer and of an order that [`join_names`] made a note of.
pub(crate) fn split_names(note: &str) -> (Option<&str>, Option<&str>) {
    let names = note
        .split_once(' ')
        .and_then(|(length, names)| names.split_at_checked(length.parse().ok()?));
    let given = |name: &str| !name.is_empty();
    match names {
        Some((customer, order)) => {
            (Some(customer).filter(|it| given(it)), Some(order).filter(|it| given(it)))
        }
        None => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::{decode, encode};
    use super::*;

    #[test]
    fn names_in_notes_may_hold_anything() {
        for customer in [None, Some("alice"), Some("3 \u{1f}"), Some("Åsa\n")] {
            for order in [None, Some("SO-1"), Some("12 a")] {
                let note = join_names(customer, order).unwrap_or_default();
                assert_eq!(split_names(&note), (customer, order), "{note}");
            }
        }
        assert_eq!(split_names("99 alice"), (None, None));
    }

    #[test]
    fn moments_are_kept_as_they_are_and_no_others_are_read() {
        for text in ["-009999-01-02T01:59:59Z", "1969-12-31T23:59:59.5Z", "9999-12-30T22:00:00Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(of_parts(parts(at)), Some(at), "{text}");
        }
        assert_eq!(of_parts((0, 1_000_000_000)), None);
        assert_eq!(of_parts((0, u32::MAX)), None);
        assert_eq!(of_parts((i64::MAX, 0)), None);
    }

    #[test]
    fn a_row_of_an_impossible_moment_is_not_read() {
        let mut row = JournalRow::undecided(JournalKind::Event, 1, 0);
        row.at = Some("1970-01-01T00:00:05.000000007Z".parse().unwrap());
        let mut bytes = [0; JournalRow::WIDTH];
        encode(&row, &mut bytes);
        let (seconds, nanoseconds) = (24..32, 32..36);
        assert_eq!(bytes[seconds.clone()], 5_i64.to_le_bytes());
        assert_eq!(bytes[nanoseconds.clone()], 7_u32.to_le_bytes());
        assert_eq!(decode(&bytes), Some(row));
        let mut wrong = bytes;
        wrong[nanoseconds].copy_from_slice(&1_000_000_000_u32.to_le_bytes());
        assert_eq!(decode::<JournalRow>(&wrong), None);
        let mut wrong = bytes;
        wrong[seconds].copy_from_slice(&i64::MIN.to_le_bytes());
        assert_eq!(decode::<JournalRow>(&wrong), None);
    }

    #[test]
    fn rows_are_read_as_written_and_fit() {
        let row = JournalRow {
            kind: JournalKind::Decision,
            sequence: u64::MAX,
            line: 3,
            at: Some("0001-01-01T00:00:00.999999999Z".parse().unwrap()),
            configuration: 2,
            channel: 7,
            operation: OperationId::from_number(21),
            situation: Situation::from_index(215).unwrap(),
            rule: RuleId::from_number(156),
            customer: Some(0),
            order: Some(u64::MAX - 1),
            customer_after: Customer::Synced,
            note_bytes: 5,
        };
        let mut bytes = [0; JournalRow::WIDTH + 8];
        encode(&row, &mut bytes[..JournalRow::WIDTH]);
        assert_eq!(decode(&bytes[..JournalRow::WIDTH]), Some(row));
        assert_eq!(bytes[JournalRow::WIDTH..], [0; 8]);
        let entry = [&bytes[..JournalRow::WIDTH], b"alice", b"rest"].concat();
        assert_eq!(JournalRow::split_first(&entry), Some((row, "alice", &b"rest"[..])));
        assert_eq!(JournalRow::split_first(&entry[..JournalRow::WIDTH + 4]), None);
    }
}
