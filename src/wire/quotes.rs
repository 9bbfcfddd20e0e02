//! Where records of CSV end, and whether a quote is open.

/// Looks for the ends of records, piece by piece.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotes {
    separator: u8,
    end: u8,
    within: Within,
}

/// Where a reader of records stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// A cell begins, where a quote would open it.
    Begin,
    /// A cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// After a quote between quotes: the end, or the first half of one that is written twice.
    Quote,
}

impl Quotes {
    /// What is told of a record in which a quote is open at the end of all.
    pub(crate) const NOT_CLOSED: &'static str = "a quote is not closed";

    /// At the beginning of a record; cells are separated by one byte, records ended by the other.
    pub(crate) const fn new(separator: u8, end: u8) -> Self {
        Self { separator, end, within: Within::Begin }
    }

    /// Whether a quote is open behind what was read.
    pub(crate) fn is_open(self) -> bool {
        self.within == Within::Quoted
    }

    /// Reads on; says behind which of these bytes the last record ends, if one does.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Option<usize> {
        let (separator, end) = (self.separator, self.end);
        let may_open = self.within != Within::Quoted && self.within != Within::Quote;
        if may_open && memchr::memchr(b'"', bytes).is_none() {
            // Nothing opens: every end is one.
            self.within = match bytes.last() {
                None => self.within,
                Some(last) if *last == end || *last == separator => Within::Begin,
                Some(_) => Within::Plain,
            };
            return memchr::memrchr(end, bytes).map(|found| found + 1);
        }
        let mut last = None;
        for (place, byte) in bytes.iter().enumerate() {
            self.within = match (self.within, *byte) {
                (Within::Quoted, b'"') => Within::Quote,
                (Within::Begin | Within::Quote, b'"') | (Within::Quoted, _) => Within::Quoted,
                (_, byte) if byte == end => {
                    last = Some(place + 1);
                    Within::Begin
                }
                (_, byte) if byte == separator => Within::Begin,
                _ => Within::Plain,
            };
        }
        last
    }
}
