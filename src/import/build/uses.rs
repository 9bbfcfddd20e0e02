//! The channel databases that channels use, and the groups that these tell of them.

use super::channel::{Channel, ChannelIds};
use super::databases::{Database, DatabaseKind};
use super::ids::{Ids, Lost, Referred};
use super::{Build, Fact, fact};
use crate::import::rows::Cell;
use crate::import::values;
use crate::import::write::quoted;
use crate::model::name::fold;
use std::collections::{BTreeSet, HashMap};

/// A channel database group of a channel, as the exports tell it.
#[derive(Debug)]
pub(super) enum Told {
    /// None, as far as anything is said.
    Nothing,
    Group(Fact),
    /// One that can't be told, or of which it can't be told whether there is one.
    Lost,
}

impl Told {
    /// The group, where it is known.
    pub(super) fn group(self) -> Option<Fact> {
        match self {
            Self::Group(fact) => Some(fact),
            Self::Nothing | Self::Lost => None,
        }
    }
}

/// The databases of one channel.
#[derive(Debug, Default)]
struct Used<'a> {
    databases: Vec<&'a str>,
    is_any_lost: bool,
}

/// The databases that channels use.
#[derive(Debug, Default)]
pub(super) struct Uses<'a> {
    /// By the folded id of the channel.
    by_channel: HashMap<String, Used<'a>>,
    /// Whether some may be of any channel.
    is_any_lost: bool,
    /// Whether some are of a number, or of a record id, that no channel has.
    is_unjoined: (bool, bool),
}

impl<'a> Uses<'a> {
    /// The databases of a channel, where they are all known.
    fn of(&self, channel: Channel<'a>) -> Option<&[&'a str]> {
        let lacks_number = channel.number.is_none_or(values::is_damaged);
        let recid = channel.cell.recid("recid");
        let lacks_recid = recid.is_none_or(values::is_damaged_recid);
        let (by_number, by_recid) = self.is_unjoined;
        if self.is_any_lost || by_number && lacks_number || by_recid && lacks_recid {
            return None;
        }
        match self.by_channel.get(&*fold(channel.id)) {
            Some(used) => Some(&*used.databases).filter(|_| !used.is_any_lost),
            None => Some(&[]),
        }
    }
}

/// The groups of those databases that are what is asked for; none is known where one is not.
fn groups<'a>(
    databases: &[Option<Database<'a>>],
    is_asked: impl Fn(DatabaseKind<'a>) -> bool,
) -> Option<BTreeSet<&'a str>> {
    let mut groups = BTreeSet::new();
    for database in databases {
        // One that is not known may be of any group.
        let database = database.as_ref()?;
        if is_asked(database.kind) {
            groups.insert(database.group?);
        }
    }
    Some(groups)
}

/// The groups of the databases of a channel that are of a kind, where they are all known.
fn groups_of<'a>(
    databases: &[Option<Database<'a>>],
    kind: &str,
    is_own: bool,
) -> Option<BTreeSet<&'a str>> {
    let found = groups(databases, |is| is == DatabaseKind::Is(kind))?;
    let possible = groups(databases, |is| is == DatabaseKind::Lost)?;
    let untold = groups(databases, |is| is == DatabaseKind::Untold)?;
    let may_be_own = |is| matches!(is, DatabaseKind::Is("channel") | DatabaseKind::Lost);
    let has_own = databases.iter().flatten().any(|database| may_be_own(database.kind));
    // The only one that it can work with is the one that it works with.
    let works_with_untold = untold.len() == 1 && !has_own;
    if works_with_untold && is_own {
        return Some(untold);
    }
    let are_closed = works_with_untold || untold.is_subset(&found);
    (are_closed && possible.is_subset(&found)).then_some(found)
}

impl<'a> Build<'a> {
    /// Whether a row says nothing of the channel that it is of, which is told: it may be any.
    fn names_no_channel(&mut self, cell: Cell<'a>) -> bool {
        let names_none = cell.text("channel").is_none() && cell.recid("channel-recid").is_none();
        if names_none {
            let message = "the row names no channel, so the groups that only its table tells are \
                left out of [[channel]]";
            self.leave_out(cell, message.to_owned(), true);
        }
        names_none
    }

    /// The databases that each channel uses.
    pub(super) fn uses(&mut self, ids: &ChannelIds<'a>, names: &Ids<'a>) -> Uses<'a> {
        let mut uses = Uses::default();
        let presence = self.tables.presence(self.rules, "database-channel");
        if presence.is_there && !presence.is_whole() {
            let message = "not every database of each channel is known, so the groups that only \
                this tells are left out of [[channel]]";
            self.note(presence.partial.map(str::to_owned), message.to_owned());
            return Uses { is_any_lost: true, ..uses };
        }
        // Without their table no database is known, and so no group that one could tell.
        if !self.tables.presence(self.rules, "database").is_there {
            return uses;
        }
        for cell in self.rows("database-channel") {
            if self.names_no_channel(cell) {
                uses.is_any_lost = true;
                continue;
            }
            let channel = match self.channel_of(cell, ids) {
                Ok(Some(channel)) => channel,
                Ok(None) if cell.text("channel").is_some() => {
                    uses.is_unjoined.0 = true;
                    continue;
                }
                Ok(None) => {
                    uses.is_unjoined.1 = true;
                    continue;
                }
                Err(_) => {
                    uses.is_any_lost = true;
                    continue;
                }
            };
            let of = uses.by_channel.entry(fold(channel).into_owned()).or_default();
            match self.referred(cell, "database", names) {
                Referred::To(database, _) => of.databases.push(database),
                Referred::Nothing | Referred::Lost(_) => of.is_any_lost = true,
            }
        }
        uses
    }

    /// The id of the channel that a row is of, by its number or its record id; `None` where no
    /// channel has that.
    fn channel_of(
        &mut self,
        cell: Cell<'a>,
        ids: &ChannelIds<'a>,
    ) -> Result<Option<&'a str>, Lost> {
        if cell.text("channel").is_some() {
            return match self.referred(cell, "channel", &ids.numbers) {
                Referred::To(number, _) => match ids.by_number.get(&*fold(number)) {
                    Some(None) => Err(Lost::Twice),
                    Some(Some(id)) => Ok(Some(id)),
                    None => Ok(None),
                },
                Referred::Nothing => Ok(None),
                Referred::Lost(lost) => Err(lost),
            };
        }
        match self.referred(cell, "channel", &ids.by_recid) {
            Referred::To(id, _) => Ok(Some(id)),
            Referred::Nothing | Referred::Lost(Lost::NoRow | Lost::NoTable) => Ok(None),
            Referred::Lost(lost) => Err(lost),
        }
    }

    /// The database that each channel works with; `None` where rows say two things.
    pub(super) fn live(
        &mut self,
        ids: &ChannelIds<'a>,
        names: &Ids<'a>,
    ) -> HashMap<String, (Cell<'a>, Option<&'a str>)> {
        let mut live: HashMap<String, (Cell<'a>, Option<&'a str>)> = HashMap::new();
        for cell in self.rows("live-database") {
            if self.names_no_channel(cell) {
                continue;
            }
            let channel = self.reference(cell, "channel", &ids.by_recid).map(|(id, _)| id);
            let database = self.reference(cell, "database", names);
            if let (Some(channel), Some((database, _))) = (channel, database) {
                let known =
                    live.entry(fold(channel).into_owned()).or_insert((cell, Some(database)));
                known.1 = known.1.filter(|known| fold(known) == fold(database));
            }
        }
        live
    }

    /// The group of the databases that a channel uses, of the kind that the key asks for.
    pub(super) fn group_used(
        &mut self,
        channel: Channel<'a>,
        uses: &Uses<'a>,
        databases: &HashMap<String, Database<'a>>,
        key: &str,
    ) -> Told {
        let is_own = key == "channel-database-group";
        let kind = if is_own { "channel" } else { "offline" };
        let Some(names) = uses.of(channel) else { return Told::Lost };
        let own: Vec<_> = names.iter().map(|name| databases.get(&*fold(name)).copied()).collect();
        let Some(found) = groups_of(&own, kind, is_own) else { return Told::Lost };
        match found.first() {
            Some(group) if found.len() == 1 => {
                Told::Group(fact(channel.cell, "", key, quoted(group)))
            }
            Some(_) => {
                self.several(channel.cell, key);
                Told::Lost
            }
            None => Told::Nothing,
        }
    }

    /// Tells that databases of a channel are of several groups.
    pub(super) fn several(&mut self, cell: Cell<'a>, key: &str) {
        let message = format!("its databases are of several groups, so {key} is left out");
        self.leave_out(cell, message, false);
    }
}
