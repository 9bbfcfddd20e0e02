//! The keys of events: one table for the lines of a stream, the steps of a scenario, their schemas
//! and the check of what goes with what.

use super::situation::{Connection, RealTimeService};

/// Hands the table to a macro. A line is a key, how it is held, the values it takes, its part in an
/// event and what it says; a key is added here and nowhere else.
///
/// The order is that in which programs write the keys, which makes reading fast.
macro_rules! event_keys {
    ($give:ident) => {
        $give! {
            at: text, Moment, Always, "when the event happened";
            operation: text, Operation, Starts, "an operation is tried";
            channel: text, Text,
                With(&[(K::operation, NEEDED), (K::sale, NEEDED), (K::connection, NEEDED)]),
                "the channel";
            customer: text, Text, With(&[(K::operation, MAY), (K::sale, NEEDED)]),
                "the caller's name for the customer";
            order: text, Text, With(&[(K::operation, MAY)]), "the caller's name for the order";
            loyalty_enrollment_blocked: boolean, Boolean, With(&[(K::operation, MAY)]),
                "the customer's option, for this operation alone";
            affiliation_hidden_in_channels: boolean, Boolean, With(&[(K::operation, MAY)]),
                "the affiliation's option, for this operation alone";
            sale: text, Text, Starts, "a cash-and-carry transaction";
            connection: text, Word(Connection::WORDS), Starts,
                "the POS goes online or offline";
            real_time_service: text, Word(RealTimeService::WORDS), Starts,
                "what calls of the Real-time Service meet from now on";
            job: text, Text, Starts, "a job runs";
            channels: texts, Texts, With(&[(K::job, MAY)]),
                "the channels that it acts on; all where they are left out";
            rows: count, Count, With(&[(K::job, MAY)]),
                "the most rows it takes, or account IDs for each channel";
            feature: text, Text, Starts, "a feature is switched at headquarters";
            enabled: boolean, Boolean, With(&[(K::feature, NEEDED)]), "on or off";
            functionality_profile: text, Text, Starts, "a profile is changed at headquarters";
            set: settings, Settings, With(&[(K::functionality_profile, NEEDED)]),
                "its new settings";
            fail_synchronization: text, Text, Starts,
                "synchronizing this customer fails from now on";
            error: text, Text, With(&[(K::fail_synchronization, MAY)]), "why";
            correct: text, Text, Starts, "the customer is corrected";
        }
    };
}
#[cfg(feature = "store")]
pub(crate) use event_keys;

/// What a key's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventValue {
    /// A moment, RFC 3339.
    Moment,
    /// An operation, by any of its names.
    Operation,
    /// Text that means what the key says.
    Text,
    /// True or false.
    Boolean,
    /// A whole number, none or more.
    Count,
    /// A list of texts.
    Texts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Settings of a functionality profile, each true or false.
    Settings,
}

/// What a key does in an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPart {
    /// It may stand in every event.
    Always,
    /// It says what happens: an event has exactly one such key.
    Starts,
    /// It goes with these keys, and is needed there or may be left out.
    With(&'static [(EventKey, bool)]),
}

const NEEDED: bool = true;
const MAY: bool = false;

macro_rules! declare {
    ($($key:ident: $held:ident, $value:expr, $part:expr, $text:literal;)*) => {
        /// A key of an event.
        #[expect(non_camel_case_types, reason = "the names are the keys themselves")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKey {
            $( #[doc = $text] $key ),*
        }

        impl EventKey {
            /// Every key, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$key),*];
            /// How they are written in JSON.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($key)),*];
            /// The same as programs write them.
            pub const QUOTED: &'static [&'static str] =
                &[$(concat!("\"", stringify!($key), "\":")),*];

            /// How it is written in JSON; TOML has hyphens for the underscores.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$key => stringify!($key)),* }
            }

            /// What its value is.
            pub const fn value(self) -> EventValue {
                use EventValue::*;
                match self { $(Self::$key => $value),* }
            }

            /// What it does in an event.
            pub const fn part(self) -> EventPart {
                use EventKey as K;
                use EventPart::*;
                match self { $(Self::$key => $part),* }
            }

            /// What it says.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$key => $text),* }
            }
        }
    };
}
event_keys!(declare);

impl EventKey {
    /// How it is written in TOML.
    pub fn hyphenated(self) -> String {
        self.as_str().replace('_', "-")
    }

    /// Its bit among all keys.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The keys that go with one that starts an event, and whether each is needed.
    pub fn beside(self) -> impl Iterator<Item = (Self, bool)> {
        Self::ALL.iter().filter_map(move |key| match key.part() {
            EventPart::With(starts) => {
                let found = starts.iter().find(|(start, _)| *start == self);
                found.map(|(_, needed)| (*key, *needed))
            }
            EventPart::Always | EventPart::Starts => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_a_key_starts_an_event() {
        for key in EventKey::ALL {
            if let EventPart::With(starts) = key.part() {
                assert!(
                    starts.iter().all(|(start, _)| start.part() == EventPart::Starts),
                    "{key:?}"
                );
            }
        }
        let beside: Vec<_> = EventKey::sale.beside().collect();
        assert_eq!(beside, [(EventKey::channel, NEEDED), (EventKey::customer, NEEDED)]);
    }
}
