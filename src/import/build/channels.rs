//! Stores, online channels and call centers, with what their registers and databases say of them.

use super::belongings::Books;
use super::databases::Database;
use super::ids::Ids;
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::Cell;
use crate::import::values;
use crate::import::write::quoted;
use crate::model::format::Kind;
use crate::model::name::fold;
use std::collections::{BTreeSet, HashMap, HashSet};

/// So many different things that registers say are known again.
const MAX_HEARD: usize = 10_000;

/// A channel, and the row that says most of it.
#[derive(Clone, Copy, Debug)]
struct Channel<'a> {
    cell: Cell<'a>,
    /// The column that its id stands in.
    from: &'static str,
    id: &'a str,
    kind: &'static str,
    /// Its channel id, which stores have beside their number.
    number: Option<&'a str>,
}

/// What the registers of one store say.
#[derive(Clone, Debug, Default)]
struct Registers {
    yes: Option<Fact>,
    is_unknown: bool,
    groups: Vec<Fact>,
    /// Whether the database of one can't be told.
    is_any_lost: bool,
}

/// What the rows of channels are joined with.
struct Joins<'a> {
    offline_profiles: Ids<'a>,
    online_profiles: Ids<'a>,
    databases: HashMap<String, Database<'a>>,
    /// The databases that a channel uses, by its folded id.
    used: HashMap<String, Vec<&'a str>>,
    /// The one that it works with.
    live: HashMap<String, (Cell<'a>, &'a str)>,
    /// Its customer address books, where they are all there.
    books: Option<Books<'a>>,
    /// By the store's folded number; `None` where registers are missing.
    registers: Option<HashMap<String, Registers>>,
    /// Whether every register is there, and its store known.
    are_all: bool,
}

/// How rows of other tables refer to channels.
#[derive(Default)]
struct ChannelIds<'a> {
    by_recid: Ids<'a>,
    numbers: Ids<'a>,
    /// By folded number the id; `None` where two channels have the number.
    by_number: HashMap<String, Option<&'a str>>,
}

impl<'a> ChannelIds<'a> {
    fn of(channels: &[Channel<'a>]) -> Self {
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

impl<'a> Build<'a> {
    pub(super) fn channels(&mut self) -> Section {
        let is_there = self.are_there();
        let mut records = Vec::new();
        if is_there {
            let channels = self.channel_rows();
            let joins = self.joins(&channels);
            for channel in channels {
                records.push(self.channel(channel, &joins));
            }
        }
        self.merged("channel", records, is_there)
    }

    /// Whether there are channels; what lists only some of them leaves the section incomplete.
    fn are_there(&mut self) -> bool {
        let is_there = |kind| self.tables.presence(self.rules, kind).is_there;
        let has = |key| self.tables.has_column(self.rules, "channel", key);
        let stores = is_there("store") || has("store");
        let online = is_there("online-channel") || has("type");
        if !stores && !online {
            return false;
        }
        for kind in ["store", "online-channel", "channel"] {
            if self.tables.presence(self.rules, kind).is_there {
                self.is_there("channel", &[kind]);
            }
        }
        if !stores {
            self.without("channel", &["store"]);
        }
        if !online {
            self.without("channel", &["online-channel"]);
        }
        true
    }

    fn channel_rows(&mut self) -> Vec<Channel<'a>> {
        let mut numbers = Ids::default();
        for cell in self.rows("channel") {
            cell.text("id").into_iter().for_each(|id| numbers.add(cell.recid("recid"), id));
        }
        let mut channels = Vec::new();
        for (cell, id) in self.identified("channel", "store") {
            let by_recid = || numbers.by_recid(cell.recid("recid")?);
            let number = cell.text("channel").or_else(by_recid);
            channels.push(Channel { cell, from: "id", id, kind: "store", number });
        }
        for cell in self.rows("online-channel") {
            let by_recid = || numbers.by_recid(cell.recid("recid")?);
            match cell.text("id").or_else(by_recid) {
                Some(id) => channels.push(Channel {
                    cell,
                    from: "id",
                    id,
                    kind: "online",
                    number: Some(id),
                }),
                None => self.lacks_channel(cell, "the row names no channel"),
            }
        }
        for cell in self.rows("channel") {
            channels.extend(self.channel_of_any_type(cell));
        }
        channels
    }

    fn lacks_channel(&mut self, cell: Cell<'a>, message: &str) {
        self.lacking.insert("channel");
        self.unusable(cell, message);
    }

    /// The channel that a row of the table of all channels is, by its type.
    fn channel_of_any_type(&mut self, cell: Cell<'a>) -> Option<Channel<'a>> {
        let kind = match cell.text("type") {
            Some(word) => values::word(self.rules, "channel-type", word).flatten(),
            None if cell.is_lost("type") => None,
            None if cell.text("store").is_some() => Some("store"),
            None if !cell.has("type") => return None,
            None => None,
        };
        let number = cell.text("id");
        let (from, id, kind) = match kind {
            // The stores themselves are in a table of their own then.
            Some("store") if !cell.has("store") => return None,
            Some("store") => ("store", cell.text("store"), "store"),
            Some("online") => ("id", number, "online"),
            Some("call-center") if !self.knows_call_centers() => {
                let message = "call centers are no channels of a deployment, and left out";
                self.leave_out(cell, message.to_owned(), false);
                return None;
            }
            Some("call-center") => ("id", number, "call-center"),
            _ => {
                let heading = cell.declared("type");
                self.lacks_channel(
                    cell,
                    &format!("the rules do not know the type under {heading}"),
                );
                return None;
            }
        };
        let Some(id) = id.filter(|id| !values::is_damaged(id)) else {
            self.lacks_channel(cell, &format!("the row has no id under {}", cell.declared(from)));
            return None;
        };
        Some(Channel { cell, from, id, kind, number })
    }

    fn knows_call_centers(&self) -> bool {
        let section = self.rules.format.section("channel");
        let key = section.and_then(|(_, section)| section.key("kind"));
        key.is_some_and(|(_, key)| match &key.kind {
            Kind::Word(words) => words.iter().any(|word| word == "call-center"),
            _ => false,
        })
    }

    fn joins(&mut self, channels: &[Channel<'a>]) -> Joins<'a> {
        let databases = self.database_index();
        let names = self.ids("database");
        let ids = ChannelIds::of(channels);
        let used = self.used(&ids, &names);
        let live = self.live(&ids, &names);
        let books = self.address_books(&ids.by_number, &ids.numbers, &ids.by_recid);
        let mut stores = Ids::default();
        for channel in channels.iter().filter(|channel| channel.kind == "store") {
            stores.add(channel.cell.recid("recid"), channel.id);
        }
        let (registers, are_all) = self.registers(&stores, &databases, &names);
        let offline_profiles = self.ids("offline-profile");
        let online_profiles = self.ids("online-profile");
        Joins {
            offline_profiles,
            online_profiles,
            databases,
            used,
            live,
            books,
            registers,
            are_all,
        }
    }

    /// Whether a row says nothing of the channel that it is of, which is told: it may be any.
    fn names_no_channel(&mut self, cell: Cell<'a>) -> bool {
        let names_none = cell.text("channel").is_none() && cell.text("channel-recid").is_none();
        if names_none {
            let message = "the row names no channel, so the groups that only its table tells are \
                left out of [[channel]]";
            self.leave_out(cell, message.to_owned(), true);
        }
        names_none
    }

    /// The databases that each channel uses.
    fn used(&mut self, ids: &ChannelIds<'a>, names: &Ids<'a>) -> HashMap<String, Vec<&'a str>> {
        let mut used: HashMap<String, Vec<&'a str>> = HashMap::new();
        let presence = self.tables.presence(self.rules, "database-channel");
        if presence.is_there && !presence.is_whole() {
            let message = "not every database of each channel is known, so the groups that only \
                this tells are left out of [[channel]]";
            self.note(presence.partial.map(str::to_owned), message.to_owned());
            return used;
        }
        for cell in self.rows("database-channel") {
            if self.names_no_channel(cell) {
                return HashMap::new();
            }
            let channel = match cell.text("channel") {
                Some(_) => self
                    .reference(cell, "channel", &ids.numbers)
                    .and_then(|(number, _)| ids.by_number.get(&*fold(number)).copied().flatten()),
                None => self.reference(cell, "channel", &ids.by_recid).map(|(id, _)| id),
            };
            let database = self.reference(cell, "database", names);
            if let (Some(channel), Some((database, _))) = (channel, database) {
                used.entry(fold(channel).into_owned()).or_default().push(database);
            }
        }
        used
    }

    /// The database that each channel works with.
    fn live(
        &mut self,
        ids: &ChannelIds<'a>,
        names: &Ids<'a>,
    ) -> HashMap<String, (Cell<'a>, &'a str)> {
        let mut live = HashMap::new();
        for cell in self.rows("live-database") {
            if self.names_no_channel(cell) {
                continue;
            }
            let channel = self.reference(cell, "channel", &ids.by_recid).map(|(id, _)| id);
            let database = self.reference(cell, "database", names);
            if let (Some(channel), Some((database, _))) = (channel, database) {
                live.insert(fold(channel).into_owned(), (cell, database));
            }
        }
        live
    }

    fn channel(&mut self, channel: Channel<'a>, joins: &Joins<'a>) -> Record {
        let Channel { cell, from, id, kind, .. } = channel;
        let mut record = Record::new(cell, id);
        record.facts.push(Fact { is_identity: true, ..fact(cell, from, "id", quoted(id)) });
        record.facts.push(fact(cell, "", "kind", format!("\"{kind}\"")));
        let profile = match kind {
            "store" => self.reference_fact(cell, "functionality-profile", &Ids::default()),
            "online" => self.online_profile(cell, &joins.online_profiles),
            _ => None,
        };
        record.facts.extend(profile);
        let own = cell.text("database").map(|name| (cell, "database", name));
        let live = own.or_else(|| {
            let (cell, name) = joins.live.get(&*fold(id)).copied()?;
            Some((cell, "database-recid", name))
        });
        let live = live.and_then(|(cell, from, name)| {
            let group = joins.databases.get(&*fold(name))?.group?;
            Some(fact(cell, from, "channel-database-group", quoted(group)))
        });
        let group = live.or_else(|| self.group_used(channel, joins, "channel-database-group"));
        record.facts.extend(group);
        record.facts.extend(joins.books.as_ref().and_then(|books| books.of(id, cell)));
        if kind == "store" {
            self.store(channel, joins, &mut record);
        }
        record
    }

    fn online_profile(&mut self, cell: Cell<'a>, profiles: &Ids<'a>) -> Option<Fact> {
        let (name, heading) = self.reference(cell, "online-functionality-profile", profiles)?;
        let toml = quoted(name);
        Some(Fact { heading: heading.to_owned(), ..fact(cell, "", "functionality-profile", toml) })
    }

    /// What only stores have: registers, offline databases and an offline profile.
    fn store(&mut self, channel: Channel<'a>, joins: &Joins<'a>, record: &mut Record) {
        let Channel { cell, id, .. } = channel;
        let registers = joins.registers.as_ref();
        let of_store = registers.and_then(|registers| registers.get(&*fold(id)));
        // A store without registers has no group that one of them names.
        let groups = of_store.map(|registers| registers.groups.as_slice()).unwrap_or_default();
        let key = "offline-database-group";
        let different: BTreeSet<&str> = groups.iter().map(|fact| fact.toml.as_str()).collect();
        let offline = match groups.first() {
            // A register that can't be told may be of this store, and of another group.
            _ if registers.is_some() && !joins.are_all => None,
            _ if of_store.is_some_and(|registers| registers.is_any_lost) => None,
            Some(group) if different.len() == 1 => Some(group.clone()),
            Some(_) => {
                self.several(cell, key);
                None
            }
            None => self.group_used(channel, joins, key),
        };
        record.facts.extend(offline);
        let profile = self.reference_fact(cell, "offline-profile", &joins.offline_profiles);
        record.facts.extend(profile);
        let Some(registers) = registers else { return };
        let none = Registers::default();
        let of_store = registers.get(&*fold(id)).unwrap_or(&none);
        record.facts.extend(match of_store {
            Registers { yes: Some(yes), .. } => Some(yes.clone()),
            Registers { is_unknown: true, .. } => None,
            Registers { .. } if !joins.are_all => None,
            Registers { .. } => Some(fact(cell, "", "supports-offline", "false".to_owned())),
        });
    }

    fn several(&mut self, cell: Cell<'a>, key: &str) {
        let message = format!("its databases are of several groups, so {key} is left out");
        self.leave_out(cell, message, false);
    }

    /// What registers say of each store: one that supports offline is enough. Where one's store
    /// can't be told, it may be of any.
    fn registers(
        &mut self,
        stores: &Ids<'a>,
        databases: &HashMap<String, Database<'a>>,
        names: &Ids<'a>,
    ) -> (Option<HashMap<String, Registers>>, bool) {
        let presence = self.tables.presence(self.rules, "register");
        let mut are_all = !presence.has_unusable;
        if !presence.has_all_pages() {
            let message = "registers are missing or not all there, so supports-offline is left \
                out of [[channel]]";
            self.note(presence.partial.map(str::to_owned), message.to_owned());
            return (None, false);
        }
        let mut registers: HashMap<String, Registers> = HashMap::new();
        // The folded ids of stores, by their names or record ids as registers give them.
        let mut met: HashMap<(bool, &str), String> = HashMap::new();
        // What was said before without a complaint: most registers of a store say the same.
        let mut heard = HashSet::new();
        for cell in self.rows("register") {
            let by_recid = || Some((false, cell.recid("store-recid")?));
            let said = cell.text("store").map(|name| (true, name)).or_else(by_recid);
            if let Some(said) = said.filter(|said| !met.contains_key(said))
                && let Some((store, _)) = self.reference(cell, "store", stores)
                && stores.has(store)
            {
                let store = fold(store).into_owned();
                registers.entry(store.clone()).or_default();
                met.insert(said, store);
            }
            let says = |key| (cell.text(key), cell.is_lost(key));
            let all_said = (said, ["supports-offline", "database", "database-recid"].map(says));
            if heard.contains(&all_said) {
                continue;
            }
            let store = said.and_then(|said| met.get(&said));
            let Some(of) = store.and_then(|store| registers.get_mut(store)) else {
                are_all = false;
                let message = "the register is of no store that the exports have, so \
                    supports-offline is unknown where no register is known to support it";
                self.leave_out(cell, message.to_owned(), true);
                continue;
            };
            let supports = self.boolean(cell, "supports-offline");
            let database = self.reference(cell, "database", names);
            of.is_unknown |= supports.is_none();
            of.is_any_lost |= cell.is_lost("database") || cell.is_lost("database-recid");
            if supports == Some(true) && of.yes.is_none() {
                of.yes =
                    Some(fact(cell, "supports-offline", "supports-offline", "true".to_owned()));
            }
            if let Some((name, heading)) = database
                && let Some(group) = databases.get(&*fold(name)).and_then(|one| one.group)
            {
                let toml = quoted(group);
                if of.groups.iter().all(|known| known.toml != toml) {
                    let heading = heading.to_owned();
                    let fact = fact(cell, "", "offline-database-group", toml);
                    of.groups.push(Fact { heading, ..fact });
                }
            }
            // What may have been told is told of every row.
            let names_one =
                cell.text("database").is_some() || cell.recid("database-recid").is_some();
            let is_understood = cell.text("supports-offline").is_some() == supports.is_some()
                && names_one == database.is_some();
            if is_understood && heard.len() < MAX_HEARD {
                heard.insert(all_said);
            }
        }
        (Some(registers), are_all)
    }

    /// The group of the databases that a channel uses, of the kind that the key asks for.
    fn group_used(&mut self, channel: Channel<'a>, joins: &Joins<'a>, key: &str) -> Option<Fact> {
        let kind = if key == "channel-database-group" { "channel" } else { "offline" };
        let used = joins.used.get(&*fold(channel.id))?;
        let used: Vec<&Database<'_>> =
            used.iter().filter_map(|name| joins.databases.get(&*fold(name))).collect();
        let groups = |of: Option<&str>| -> BTreeSet<&str> {
            used.iter().filter(|one| one.kind == of).filter_map(|one| one.group).collect()
        };
        let mut found = groups(Some(kind));
        if found.is_empty() && kind == "channel" {
            // A database of which nothing is known is the one that the channel works with.
            found = groups(None);
        }
        match found.first() {
            Some(group) if found.len() == 1 => Some(fact(channel.cell, "", key, quoted(group))),
            Some(_) => {
                self.several(channel.cell, key);
                None
            }
            None => None,
        }
    }
}
