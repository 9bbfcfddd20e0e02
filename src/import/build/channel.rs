//! A channel, and how rows of other tables refer to it.

use super::ids::Ids;
use crate::import::rows::Cell;
use crate::model::name::fold;
use std::collections::HashMap;

/// A channel, and the row that says most of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Channel<'a> {
    pub(super) cell: Cell<'a>,
    /// The column that its id stands in.
    pub(super) from: &'static str,
    pub(super) id: &'a str,
    pub(super) kind: &'static str,
    /// Its channel id, which stores have beside their number.
    pub(super) number: Option<&'a str>,
}

/// How rows of other tables refer to channels.
#[derive(Default)]
pub(super) struct ChannelIds<'a> {
    pub(super) by_recid: Ids<'a>,
    pub(super) numbers: Ids<'a>,
    /// By folded number the id; `None` where two channels have the number.
    pub(super) by_number: HashMap<String, Option<&'a str>>,
}

impl<'a> ChannelIds<'a> {
    pub(super) fn of(channels: &[Channel<'a>]) -> Self {
        let mut ids = Self::default();
        for channel in channels {
            ids.by_recid.add(channel.cell.recid("recid"), channel.id);
            let Some(number) = channel.number else { continue };
            ids.numbers.add(None, number);
            let known = ids.by_number.entry(fold(number).into_owned()).or_insert(Some(channel.id));
            if known.is_some_and(|known| fold(known) != fold(channel.id)) {
                *known = None;
            }
        }
        ids
    }
}
