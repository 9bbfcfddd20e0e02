//! Whom operations are about: the customers and orders that each channel has had, by the numbers of
//! their rows.

use super::chance::chosen;
use super::day::Takes;
use crate::ledger::Slot;
use crate::lifecycle::{Answer, EventName};

/// The customers and orders of all channels.
#[derive(Debug, Default)]
pub(super) struct People {
    channels: Vec<Known>,
    customers: u64,
    orders: u64,
}

/// What a channel has had.
#[derive(Clone, Debug, Default)]
struct Known {
    customers: Vec<Slot>,
    /// Each with its customer.
    orders: Vec<(Slot, Slot)>,
}

/// Whom an operation is about, or which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// Nobody that there is.
    Nobody,
    /// One that is to be, after so many.
    New(u64),
    /// The one whose row this is.
    Known(Slot),
}

impl Whom {
    pub(super) fn name(self) -> EventName<'static> {
        EventName::Slot(match self {
            Self::Known(slot) => Some(slot),
            Self::Nobody | Self::New(_) => None,
        })
    }

    /// A number that each has for itself, from 1; that of nobody is 0.
    pub(super) fn number(self) -> u64 {
        match self {
            Self::Nobody => 0,
            Self::New(before) => before + 1,
            Self::Known(slot) => slot + 1,
        }
    }
}

/// Whom an operation is about, and which order.
pub(super) type Named = (Option<Whom>, Option<Whom>);

impl People {
    pub(super) fn new(channels: usize) -> Self {
        Self { channels: vec![Known::default(); channels], ..Self::default() }
    }

    /// Whom an operation at a channel is about.
    pub(super) fn take(&self, takes: Takes, channel: usize, choice: u64) -> Named {
        let known = self.channels.get(channel);
        let customer = || {
            let customers = known.map_or(&[][..], |known| &known.customers);
            let chosen = customers.get(chosen(choice, customers.len()));
            chosen.map_or(Whom::Nobody, |slot| Whom::Known(*slot))
        };
        match takes {
            Takes::Nothing => (None, None),
            Takes::Customer => (Some(customer()), None),
            Takes::Order => {
                let orders = known.map_or(&[][..], |known| &known.orders);
                match orders.get(chosen(choice, orders.len())) {
                    Some((order, of)) => (Some(Whom::Known(*of)), Some(Whom::Known(*order))),
                    None => (Some(customer()), Some(Whom::Nobody)),
                }
            }
            Takes::NewCustomer => (Some(Whom::New(self.customers)), None),
            Takes::NewOrder => (Some(customer()), Some(Whom::New(self.orders))),
        }
    }

    /// An operation took effect: the channel has had what it brought.
    pub(super) fn accepted(&mut self, takes: Takes, answer: &Answer) {
        let Some(known) = self.channels.get_mut(answer.channel) else { return };
        match (takes, answer.customer, answer.order) {
            (Takes::NewCustomer, Some(customer), _) => {
                self.customers += 1;
                known.customers.push(customer);
            }
            (Takes::NewOrder, Some(customer), Some(order)) => {
                self.orders += 1;
                known.orders.push((order, customer));
            }
            _ => {}
        }
    }
}
