//! Stores, online channels and call centers, with what their registers and databases say of them.

use super::belongings::Books;
use super::channel::{Channel, ChannelIds};
use super::databases::Database;
use super::ids::{Ids, Referred};
use super::uses::{Told, Uses};
use super::{Build, Fact, OFFLINE, Record, Section, fact};
use crate::import::rows::Cell;
use crate::import::values;
use crate::import::write::quoted;
use crate::model::format::Kind;
use crate::model::name::fold;
use std::collections::{BTreeSet, HashMap, HashSet};

/// So many different things that registers say are known again.
const MAX_HEARD: usize = 10_000;

/// What the registers of one store say.
#[derive(Clone, Debug, Default)]
struct Registers {
    yes: Option<Fact>,
    is_unknown: bool,
    groups: Vec<Fact>,
    /// Whether the group of a database that one names can't be told.
    is_any_lost: bool,
}

/// The registers of all stores.
#[derive(Debug, Default)]
struct OfStores {
    /// By the store's folded number; `None` where registers are missing.
    by_store: Option<HashMap<String, Registers>>,
    /// Whether every register is there, and its store known.
    are_all: bool,
    /// Whether one that is not there, or whose store is not known, may name a database.
    is_any_lost: bool,
}

/// What the rows of channels are joined with.
struct Joins<'a> {
    profiles: Ids<'a>,
    offline_profiles: Ids<'a>,
    online_profiles: Ids<'a>,
    databases: HashMap<String, Database<'a>>,
    uses: Uses<'a>,
    /// The database that a channel works with, by its folded id.
    live: HashMap<String, (Cell<'a>, Option<&'a str>)>,
    /// Its customer address books, where they are all there.
    books: Option<Books<'a>>,
    registers: OfStores,
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
        let uses = self.uses(&ids, &names);
        let live = self.live(&ids, &names);
        let books = self.address_books(&ids.by_number, &ids.numbers, &ids.by_recid);
        let mut stores = Ids::default();
        for channel in channels.iter().filter(|channel| channel.kind == "store") {
            stores.add(channel.cell.recid("recid"), channel.id);
        }
        let registers = self.registers(&stores, &databases, &names);
        let offline_profiles = self.ids("offline-profile");
        let online_profiles = self.ids("online-profile");
        Joins {
            profiles: self.ids("pos-profile"),
            offline_profiles,
            online_profiles,
            databases,
            uses,
            live,
            books,
            registers,
        }
    }

    fn channel(&mut self, channel: Channel<'a>, joins: &Joins<'a>) -> Record {
        let Channel { cell, from, id, kind, .. } = channel;
        let mut record = Record::new(cell, id);
        record.facts.push(Fact { is_identity: true, ..fact(cell, from, "id", quoted(id)) });
        record.facts.push(fact(cell, "", "kind", format!("\"{kind}\"")));
        let profile = match kind {
            "store" => self.reference_fact(cell, "functionality-profile", &joins.profiles),
            "online" => self.online_profile(cell, &joins.online_profiles),
            _ => None,
        };
        record.facts.extend(profile);
        record.facts.extend(self.group_of(channel, joins));
        record.facts.extend(joins.books.as_ref().and_then(|books| books.of(id, cell)));
        if kind == "store" {
            self.store(channel, joins, &mut record);
        }
        record
    }

    /// The group of the database that a channel works with, where exports say which that is, else
    /// of those that it uses.
    fn group_of(&mut self, channel: Channel<'a>, joins: &Joins<'a>) -> Option<Fact> {
        let Channel { cell, id, .. } = channel;
        let key = "channel-database-group";
        let own = cell.text("database").map(|name| (cell, "database", Some(name)));
        let live = own.or_else(|| {
            let (cell, name) = joins.live.get(&*fold(id)).copied()?;
            Some((cell, "database-recid", name))
        });
        let Some((cell, from, name)) = live else {
            return self.group_used(channel, &joins.uses, &joins.databases, key).group();
        };
        let group = joins.databases.get(&*fold(name?))?.group?;
        Some(fact(cell, from, key, quoted(group)))
    }

    fn online_profile(&mut self, cell: Cell<'a>, profiles: &Ids<'a>) -> Option<Fact> {
        let (name, heading) = self.reference(cell, "online-functionality-profile", profiles)?;
        let toml = quoted(name);
        Some(Fact { heading: heading.to_owned(), ..fact(cell, "", "functionality-profile", toml) })
    }

    /// What only stores have: registers, offline databases and an offline profile.
    fn store(&mut self, channel: Channel<'a>, joins: &Joins<'a>, record: &mut Record) {
        let Channel { cell, id, .. } = channel;
        match self.offline_group(channel, joins) {
            Told::Group(group) => record.facts.push(group),
            Told::Nothing => {}
            // Where nothing is said, the other group would count.
            Told::Lost => drop(self.lacking.insert(OFFLINE)),
        }
        let profile = self.reference_fact(cell, "offline-profile", &joins.offline_profiles);
        record.facts.extend(profile);
        let OfStores { by_store: Some(registers), are_all, .. } = &joins.registers else { return };
        let none = Registers::default();
        let of_store = registers.get(&*fold(id)).unwrap_or(&none);
        record.facts.extend(match of_store {
            Registers { yes: Some(yes), .. } => Some(yes.clone()),
            Registers { is_unknown: true, .. } => None,
            Registers { .. } if !are_all => None,
            Registers { .. } => Some(fact(cell, "", "supports-offline", "false".to_owned())),
        });
    }

    /// The group of the offline databases of a store: that of those which its registers name, else
    /// of those which it uses.
    fn offline_group(&mut self, channel: Channel<'a>, joins: &Joins<'a>) -> Told {
        let key = "offline-database-group";
        let OfStores { by_store, is_any_lost: may_be_another, .. } = &joins.registers;
        let of_store = by_store.as_ref().and_then(|stores| stores.get(&*fold(channel.id)));
        // A store without registers has no group that one of them names.
        let groups = of_store.map(|registers| registers.groups.as_slice()).unwrap_or_default();
        let different: BTreeSet<&str> = groups.iter().map(|fact| fact.toml.as_str()).collect();
        if *may_be_another || of_store.is_some_and(|of| of.is_any_lost) {
            return Told::Lost;
        }
        match groups.first() {
            Some(group) if different.len() == 1 => Told::Group(group.clone()),
            Some(_) => {
                self.several(channel.cell, key);
                Told::Lost
            }
            None => self.group_used(channel, &joins.uses, &joins.databases, key),
        }
    }

    /// What registers say of each store: one that supports offline is enough. Where one's store
    /// can't be told, it may be of any.
    fn registers(
        &mut self,
        stores: &Ids<'a>,
        databases: &HashMap<String, Database<'a>>,
        names: &Ids<'a>,
    ) -> OfStores {
        const NAMES: [&str; 2] = ["database", "database-recid"];
        let presence = self.tables.presence(self.rules, "register");
        let mut are_all = presence.is_whole();
        let name_some = NAMES.iter().any(|key| self.tables.has_column(self.rules, "register", key));
        let mut is_any_lost = name_some && presence.is_there && !are_all;
        if !presence.has_all_pages() {
            let message = "registers are missing or not all there, so supports-offline is left \
                out of [[channel]]";
            self.note(presence.partial.map(str::to_owned), message.to_owned());
            return OfStores { is_any_lost, ..OfStores::default() };
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
                is_any_lost |= cell.text("database").is_some()
                    || cell.recid("database-recid").is_some()
                    || NAMES.iter().any(|key| cell.is_lost(key));
                let message = "the register is of no store that the exports have, so \
                    supports-offline is unknown where no register is known to support it";
                self.leave_out(cell, message.to_owned(), true);
                continue;
            };
            let supports = self.boolean(cell, "supports-offline");
            of.is_unknown |= supports.is_none();
            if supports == Some(true) && of.yes.is_none() {
                of.yes =
                    Some(fact(cell, "supports-offline", "supports-offline", "true".to_owned()));
            }
            let database = self.referred(cell, "database", names);
            match group_named(cell, database, databases) {
                Told::Nothing => {}
                Told::Lost => of.is_any_lost = true,
                Told::Group(group) => {
                    if of.groups.iter().all(|known| known.toml != group.toml) {
                        of.groups.push(group);
                    }
                }
            }
            // What may have been told is told of every row.
            let is_understood = cell.text("supports-offline").is_some() == supports.is_some()
                && !matches!(database, Referred::Lost(_));
            if is_understood && heard.len() < MAX_HEARD {
                heard.insert(all_said);
            }
        }
        OfStores { by_store: Some(registers), are_all, is_any_lost }
    }
}

/// The group of the database that a register names.
fn group_named<'a>(
    cell: Cell<'a>,
    database: Referred<'a>,
    databases: &HashMap<String, Database<'a>>,
) -> Told {
    let (name, heading) = match database {
        Referred::Nothing => return Told::Nothing,
        Referred::Lost(_) => return Told::Lost,
        Referred::To(name, heading) => (name, heading),
    };
    let group = databases.get(&*fold(name)).and_then(|one| one.group);
    group.map_or(Told::Lost, |group| {
        let heading = heading.to_owned();
        Told::Group(Fact { heading, ..fact(cell, "", "offline-database-group", quoted(group)) })
    })
}
