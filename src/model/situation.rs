//! The moment in which an operation is tried: what a deployment does not fix.

use super::words::words;

words! {
    /// Whether the POS reaches the Commerce Scale Unit (S-079).
    Connection {
        /// It does.
        Online = "online",
        /// It does not, and works on its offline database.
        Offline = "offline",
    }
}

words! {
    /// What a call of the Real-time Service would meet (S-012, S-013).
    RealTimeService {
        /// Headquarters answers.
        Available = "available",
        /// The call fails with a communication exception.
        CommunicationFailure = "communication-failure",
        /// The call fails in any other way.
        OtherFailure = "other-failure",
    }
}

words! {
    /// The customer as the channel sees it.
    Customer {
        /// The channel does not know the customer.
        None = "none",
        /// Created asynchronously; job 1010 has not yet brought the account ID back (S-023, S-031).
        Pending = "pending",
        /// The customer has an account in headquarters that the channel knows.
        Synced = "synced",
    }
}

words! {
    /// The customer order or quotation as the channel sees it (S-112).
    Order {
        /// The channel does not know the order.
        None = "none",
        /// Created asynchronously and not yet in headquarters.
        Pending = "pending",
        /// In headquarters.
        InHeadquarters = "in-headquarters",
    }
}

words! {
    /// The facts that a situation fixes, in the order in which they make up its index.
    SituationFact {
        /// [`Connection`].
        Connection = "connection",
        /// [`RealTimeService`].
        RealTimeService = "real-time-service",
        /// [`Customer`].
        Customer = "customer",
        /// [`Order`].
        Order = "order",
        /// The customer's option Block customer for loyalty enrollment (S-135).
        LoyaltyEnrollmentBlocked = "loyalty-enrollment-blocked",
        /// The affiliation's option Hide in channels (S-136).
        AffiliationHiddenInChannels = "affiliation-hidden-in-channels",
    }
}

impl SituationFact {
    /// The words of its values, in the order of their numbers.
    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Connection => Connection::WORDS,
            Self::RealTimeService => RealTimeService::WORDS,
            Self::Customer => Customer::WORDS,
            Self::Order => Order::WORDS,
            Self::LoyaltyEnrollmentBlocked | Self::AffiliationHiddenInChannels => {
                &["false", "true"]
            }
        }
    }

    /// Whether it is true or false.
    pub fn is_truth(self) -> bool {
        self.words() == ["false", "true"]
    }

    /// The ways in which a table may spell one of its words. Where there are no truth values they
    /// are numbers, and not everybody writes them in small letters.
    pub fn spellings(word: &'static str) -> impl Iterator<Item = &'static str> {
        let others: &[&str] = match word {
            "false" => &["0", "False", "FALSE"],
            "true" => &["1", "True", "TRUE"],
            _ => &[],
        };
        std::iter::once(word).chain(others.iter().copied())
    }

    /// How many values it has, and by how much one step of its value moves the situation's number.
    const fn radix(self) -> (u8, u8) {
        match self {
            Self::Connection => (2, 108),
            Self::RealTimeService => (3, 36),
            Self::Customer => (3, 12),
            Self::Order => (3, 4),
            Self::LoyaltyEnrollmentBlocked => (2, 2),
            Self::AffiliationHiddenInChannels => (2, 1),
        }
    }
}

/// One moment: all facts that do not come from the deployment. It is no more than a number, the
/// column of a decision table.
///
/// ```
/// use syncgate::model::{Connection, Customer, Situation};
/// let now = Situation::default().connection(Connection::Offline).customer(Customer::Pending);
/// assert_eq!(now, Situation::from_index(now.index()).unwrap());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Situation(u8);

impl Default for Situation {
    /// Online, the Real-time Service available, no customer and no order.
    fn default() -> Self {
        Self(0)
    }
}

impl Situation {
    /// How many situations there are.
    pub const COUNT: usize = 2 * 3 * 3 * 3 * 2 * 2;

    /// The same with another connection.
    #[must_use]
    pub fn connection(self, connection: Connection) -> Self {
        self.with(SituationFact::Connection, connection as u8)
    }

    /// The same with the Real-time Service in another state.
    #[must_use]
    pub fn real_time_service(self, state: RealTimeService) -> Self {
        self.with(SituationFact::RealTimeService, state as u8)
    }

    /// The same with the customer in another state.
    #[must_use]
    pub fn customer(self, customer: Customer) -> Self {
        self.with(SituationFact::Customer, customer as u8)
    }

    /// The same with the order in another state.
    #[must_use]
    pub fn order(self, order: Order) -> Self {
        self.with(SituationFact::Order, order as u8)
    }

    /// The same with the customer blocked for loyalty enrollment, or not.
    #[must_use]
    pub fn loyalty_enrollment_blocked(self, blocked: bool) -> Self {
        self.with(SituationFact::LoyaltyEnrollmentBlocked, u8::from(blocked))
    }

    /// The same with the affiliation hidden in channels, or not.
    #[must_use]
    pub fn affiliation_hidden_in_channels(self, hidden: bool) -> Self {
        self.with(SituationFact::AffiliationHiddenInChannels, u8::from(hidden))
    }

    /// The number of the value that `fact` has.
    pub fn value(self, fact: SituationFact) -> usize {
        let (size, step) = fact.radix();
        usize::from(self.0 / step % size)
    }

    /// The word of the value that `fact` has.
    #[expect(clippy::indexing_slicing, reason = "a value is below the number of words")]
    pub fn word(self, fact: SituationFact) -> &'static str {
        fact.words()[self.value(fact)]
    }

    /// The same with another value of `fact`, by number; a number out of range changes nothing.
    #[must_use]
    pub fn with(self, fact: SituationFact, value: u8) -> Self {
        let (size, step) = fact.radix();
        if value < size { Self(self.0 - self.0 / step % size * step + value * step) } else { self }
    }

    /// Its number below [`Situation::COUNT`].
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The situation with this number; `None` at or above [`Situation::COUNT`].
    pub fn from_index(index: usize) -> Option<Self> {
        u8::try_from(index).ok().filter(|_| index < Self::COUNT).map(Self)
    }

    /// Every situation, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..Self::COUNT).filter_map(Self::from_index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn situations_are_numbered_without_gaps() {
        for (index, situation) in Situation::all().enumerate() {
            assert_eq!(situation.index(), index);
            let rebuilt = SituationFact::ALL.iter().fold(Situation::default(), |rebuilt, fact| {
                rebuilt.with(*fact, u8::try_from(situation.value(*fact)).unwrap())
            });
            assert_eq!(rebuilt, situation);
        }
        assert_eq!(Situation::all().count(), Situation::COUNT);
        assert_eq!(
            SituationFact::ALL.iter().map(|fact| fact.words().len()).product::<usize>(),
            Situation::COUNT
        );
        assert_eq!(Situation::from_index(Situation::COUNT), None);
    }

    #[test]
    fn words_of_facts_are_those_of_their_types() {
        fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().map(|value| word(*value)).collect()
        }
        assert_eq!(SituationFact::Connection.words(), words(Connection::ALL, Connection::as_str));
        assert_eq!(
            SituationFact::RealTimeService.words(),
            words(RealTimeService::ALL, RealTimeService::as_str)
        );
        assert_eq!(SituationFact::Customer.words(), words(Customer::ALL, Customer::as_str));
        assert_eq!(SituationFact::Order.words(), words(Order::ALL, Order::as_str));
    }
}
