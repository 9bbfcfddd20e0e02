//! Stores and online channels, with what their registers and databases say of them.

use super::databases::Database;
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::{Cell, Presence};
use crate::import::write::quoted;
use crate::model::name::fold;
use std::collections::HashMap;

/// What the registers of one store say.
#[derive(Clone, Debug, Default)]
struct Registers {
    yes: Option<Fact>,
    is_unknown: bool,
    group: Option<Fact>,
}

/// What the rows of stores are joined with.
struct Joins<'a> {
    offline_profiles: HashMap<&'a str, &'a str>,
    channel_numbers: HashMap<&'a str, &'a str>,
    databases: HashMap<String, Database<'a>>,
    /// The databases that a channel uses, by its folded number.
    used: HashMap<String, Vec<&'a str>>,
    /// By the store's folded number; `None` where registers are missing or not all there.
    registers: Option<HashMap<String, Registers>>,
}

impl<'a> Build<'a> {
    pub(super) fn channels(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("channel", &["store", "online-channel"]) {
            let joins = self.joins();
            for (cell, id) in self.identified("store") {
                records.push(Self::store(cell, id, &joins));
            }
            for (cell, id) in self.identified("online-channel") {
                let mut record = Record::identified(cell, "id", id);
                record.facts.push(fact(cell, "", "kind", "\"online\"".to_owned()));
                record.facts.extend(group_used(
                    cell,
                    id,
                    &joins,
                    "channel-database-group",
                    Some("channel"),
                ));
                records.push(record);
            }
        }
        self.merged("channel", records)
    }

    fn joins(&mut self) -> Joins<'a> {
        let channel_numbers = self.recids("channel-number");
        let databases = self.database_index();
        let database_recids = self.recids("database");
        let mut used: HashMap<String, Vec<&'a str>> = HashMap::new();
        for cell in self.rows("database-channel") {
            let channel = Self::reference(cell, "channel", &channel_numbers);
            let database = Self::reference(cell, "database", &database_recids);
            if let (Some((channel, _)), Some((database, _))) = (channel, database) {
                used.entry(fold(channel).into_owned()).or_default().push(database);
            }
        }
        let registers = self.registers(&databases, &database_recids);
        let offline_profiles = self.recids("offline-profile");
        Joins { offline_profiles, channel_numbers, databases, used, registers }
    }

    fn store(cell: Cell<'a>, id: &str, joins: &Joins<'a>) -> Record {
        let mut record = Record::identified(cell, "id", id);
        record.facts.push(fact(cell, "", "kind", "\"store\"".to_owned()));
        record.facts.extend(Self::reference_fact(cell, "functionality-profile", &HashMap::new()));
        let number = cell
            .text("channel")
            .or_else(|| joins.channel_numbers.get(cell.recid("recid")?).copied());
        let live = cell
            .text("database")
            .and_then(|name| joins.databases.get(&*fold(name)))
            .and_then(|database| {
                Some(fact(cell, "database", "channel-database-group", quoted(database.group?)))
            });
        let used = |key, kind| group_used(cell, number?, joins, key, kind);
        record.facts.extend(live.or_else(|| used("channel-database-group", Some("channel"))));
        let registers = joins
            .registers
            .as_ref()
            .map(|registers| registers.get(&*fold(id)).cloned().unwrap_or_default());
        let offline = registers.as_ref().and_then(|registers| registers.group.clone());
        record.facts.extend(offline.or_else(|| used("offline-database-group", Some("offline"))));
        record.facts.extend(Self::reference_fact(cell, "offline-profile", &joins.offline_profiles));
        record.facts.extend(registers.and_then(|registers| match registers {
            Registers { yes: Some(yes), .. } => Some(yes),
            Registers { is_unknown: true, .. } => None,
            Registers { .. } => Some(fact(cell, "", "supports-offline", "false".to_owned())),
        }));
        record
    }

    /// What registers say of each store: one that supports offline is enough.
    fn registers(
        &mut self,
        databases: &HashMap<String, Database<'a>>,
        recids: &HashMap<&'a str, &'a str>,
    ) -> Option<HashMap<String, Registers>> {
        let (presence, path) = self.tables.presence(self.rules, "register");
        if presence != Presence::There {
            let message = "registers are missing or not all there, so supports-offline is left \
                out of [[channel]]";
            self.note(path.map(str::to_owned), message.to_owned());
            return None;
        }
        let stores = self.recids("store");
        let mut registers: HashMap<String, Registers> = HashMap::new();
        for cell in self.rows("register") {
            let Some((store, _)) = Self::reference(cell, "store", &stores) else {
                self.unusable(cell, "the row names no store");
                continue;
            };
            let supports = self.boolean(cell, "supports-offline");
            let database = Self::reference(cell, "database", recids);
            let of = registers.entry(fold(store).into_owned()).or_default();
            of.is_unknown |= supports.is_none();
            if supports == Some(true) && of.yes.is_none() {
                of.yes =
                    Some(fact(cell, "supports-offline", "supports-offline", "true".to_owned()));
            }
            let group = database.and_then(|(name, heading)| {
                let toml = quoted(databases.get(&*fold(name))?.group?);
                Some(Fact { heading, ..fact(cell, "", "offline-database-group", toml) })
            });
            of.group = of.group.take().or(group);
        }
        Some(registers)
    }
}

/// The group of a database that a channel uses, of the kind that is asked for.
fn group_used(
    cell: Cell<'_>,
    number: &str,
    joins: &Joins<'_>,
    key: &'static str,
    kind: Option<&str>,
) -> Option<Fact> {
    let used =
        joins.used.get(&*fold(number))?.iter().filter_map(|name| joins.databases.get(&*fold(name)));
    let of_kind = |database: &&Database<'_>| database.kind == kind;
    let group = used.clone().find(of_kind).or_else(|| {
        // A database of which nothing is known is the one that the channel works with.
        used.clone().find(|database| key == "channel-database-group" && database.kind.is_none())
    })?;
    Some(fact(cell, "", key, quoted(group.group?)))
}
