//! Functionality profiles and offline profiles.

use super::{Build, Record, Section, fact};

impl Build<'_> {
    pub(super) fn profiles(&mut self) -> Section {
        const KEYS: [&str; 3] = [
            "create-customer-in-async-mode",
            "create-customer-order-in-async-mode",
            "real-time-order-creation-with-async-backup",
        ];
        let section = "functionality-profile";
        let mut records = Vec::new();
        let kinds = ["pos-profile", "online-profile"];
        // Where there are no online channels, none of their profiles is missing.
        let online = self.tables.presence(self.rules, "online-channel");
        let has_none = online.is_whole() && self.rows("online-channel").next().is_none();
        let is_there = self.is_there(section, if has_none { &kinds[..1] } else { &kinds });
        if is_there {
            for (kind, word) in [("pos-profile", "\"pos\""), ("online-profile", "\"online\"")] {
                for (cell, id) in self.identified(section, kind) {
                    let mut record = Record::identified(cell, "id", id);
                    record.facts.push(fact(cell, "", "kind", word.to_owned()));
                    record
                        .facts
                        .extend(KEYS.into_iter().filter_map(|key| self.boolean_fact(cell, key)));
                    records.push(record);
                }
            }
        }
        self.merged(section, records, is_there)
    }

    pub(super) fn offline_profiles(&mut self) -> Section {
        const KEYS: [&str; 2] =
            ["enable-advanced-offline-switching", "pause-offline-synchronization"];
        let mut records = Vec::new();
        let is_there = self.is_there("offline-profile", &["offline-profile"]);
        if is_there {
            for (cell, id) in self.identified("offline-profile", "offline-profile") {
                let mut record = Record::identified(cell, "name", id);
                record
                    .facts
                    .extend(KEYS.into_iter().filter_map(|key| self.boolean_fact(cell, key)));
                records.push(record);
            }
        }
        self.merged("offline-profile", records, is_there)
    }
}
