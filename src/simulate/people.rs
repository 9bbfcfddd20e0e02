//! Whom operations are about: the customers and orders that each channel has had, by number.

use super::chance::chosen;
use super::day::Takes;

/// The customers and orders of all channels.
#[derive(Debug, Default)]
pub(super) struct People {
    channels: Vec<Known>,
    customers: u64,
    orders: u64,
    /// Room for names, used again and again.
    room: Named,
}

/// What a channel has had.
#[derive(Clone, Debug, Default)]
struct Known {
    customers: Vec<u64>,
    /// Each with its customer.
    orders: Vec<(u64, u64)>,
}

/// The names of an operation.
#[derive(Debug, Default)]
pub(super) struct Named {
    customer: Option<u64>,
    order: Option<u64>,
    customer_name: String,
    order_name: String,
}

/// The number of a customer and of an order that nobody has.
const NOBODY: u64 = 0;

impl Named {
    pub(super) fn customer(&self) -> Option<&str> {
        self.customer.map(|_| self.customer_name.as_str())
    }

    pub(super) fn order(&self) -> Option<&str> {
        self.order.map(|_| self.order_name.as_str())
    }
}

impl People {
    pub(super) fn new(channels: usize) -> Self {
        Self { channels: vec![Known::default(); channels], ..Self::default() }
    }

    /// The names of an operation at a channel.
    pub(super) fn take(&mut self, takes: Takes, channel: usize, choice: u64) -> Named {
        let mut named = std::mem::take(&mut self.room);
        let known = self.channels.get(channel);
        let customer = || {
            let customers = known.map_or(&[][..], |known| &known.customers);
            customers.get(chosen(choice, customers.len())).copied().unwrap_or(NOBODY)
        };
        (named.customer, named.order) = match takes {
            Takes::Nothing => (None, None),
            Takes::Customer => (Some(customer()), None),
            Takes::Order => {
                let orders = known.map_or(&[][..], |known| &known.orders);
                let order = orders.get(chosen(choice, orders.len())).copied();
                let (order, of) = order.unwrap_or_else(|| (NOBODY, customer()));
                (Some(of), Some(order))
            }
            Takes::NewCustomer => {
                self.customers += 1;
                (Some(self.customers), None)
            }
            Takes::NewOrder => {
                self.orders += 1;
                (Some(customer()), Some(self.orders))
            }
        };
        write_name(&mut named.customer_name, 'c', named.customer);
        write_name(&mut named.order_name, 'o', named.order);
        named
    }

    /// An operation took effect: the channel has had what it brought.
    pub(super) fn accepted(&mut self, takes: Takes, channel: usize, named: &Named) {
        let Some(known) = self.channels.get_mut(channel) else { return };
        match (takes, named.customer, named.order) {
            (Takes::NewCustomer, Some(customer), _) => known.customers.push(customer),
            (Takes::NewOrder, Some(customer), Some(order)) => known.orders.push((order, customer)),
            _ => {}
        }
    }

    pub(super) fn give_back(&mut self, named: Named) {
        self.room = named;
    }
}

fn write_name(name: &mut String, kind: char, number: Option<u64>) {
    name.clear();
    if let Some(number) = number {
        name.push(kind);
        name.push_str(&number.to_string());
    }
}
