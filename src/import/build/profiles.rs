//! Functionality profiles and offline profiles.

use super::{Build, Record, Section, fact};

impl Build<'_> {
    pub(super) fn profiles(&mut self) -> Section {
        const KEYS: [&str; 3] = [
            "create-customer-in-async-mode",
            "create-customer-order-in-async-mode",
            "real-time-order-creation-with-async-backup",
        ];
        let mut records = Vec::new();
        if self.is_there("functionality-profile", &["pos-profile", "online-profile"]) {
            for (kind, word) in [("pos-profile", "\"pos\""), ("online-profile", "\"online\"")] {
                for (cell, id) in self.identified(kind) {
                    let mut record = Record::identified(cell, "id", id);
                    record.facts.push(fact(cell, "", "kind", word.to_owned()));
                    record
                        .facts
                        .extend(KEYS.into_iter().filter_map(|key| self.boolean_fact(cell, key)));
                    records.push(record);
                }
            }
        }
        self.merged("functionality-profile", records)
    }

    pub(super) fn offline_profiles(&mut self) -> Section {
        const KEYS: [&str; 2] =
            ["enable-advanced-offline-switching", "pause-offline-synchronization"];
        let mut records = Vec::new();
        if self.is_there("offline-profile", &["offline-profile"]) {
            for (cell, id) in self.identified("offline-profile") {
                let mut record = Record::identified(cell, "name", id);
                record
                    .facts
                    .extend(KEYS.into_iter().filter_map(|key| self.boolean_fact(cell, key)));
                records.push(record);
            }
        }
        self.merged("offline-profile", records)
    }
}
