//! The logical content of a store as JSON Lines: what batches, resumptions and the clock leave no
//! trace in, so that two stores that went through the same events export the same bytes.

use super::audit::{AuditReader, AuditRecord};
use super::queue::{QueueLine, QueueReader};
use super::store::Store;
use crate::ledger::{BlockKind, NameKind, TextKind};
use crate::lifecycle::{account_id, guid_text};
use crate::store::error::StoreError;
use crate::store::file::configuration::{ConfigurationRecord, KeptFile};
use crate::store::file::meta::read_configuration;
use serde::Serialize;
use serde_json::Value;
use std::io::Write;

/// A line of an export.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum ExportLine<'a> {
    Configuration(ConfigurationLine<'a>),
    HeadquartersCustomer(HeadquartersLine),
    ChannelCustomer(ChannelLine),
    Order(OrderLine),
    QueueRow(QueueLine),
    Journal(AuditRecord),
}

#[derive(Serialize)]
struct ConfigurationLine<'a> {
    configuration: usize,
    rules: FilesLine<'a>,
    deployment: FilesLine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_seed: Option<u64>,
}

#[derive(Serialize)]
struct FilesLine<'a> {
    digest: &'a str,
    files: Vec<FileLine<'a>>,
}

#[derive(Serialize)]
struct FileLine<'a> {
    path: &'a str,
    sha256: &'a str,
    /// Left out of the rules that come with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Serialize)]
struct HeadquartersLine {
    account_id: String,
    customer: String,
    channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
}

#[derive(Serialize)]
struct ChannelLine {
    channel: String,
    customer: String,
    state: &'static str,
    account_id: String,
    displayed_account_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    created: u64,
    changed: u64,
    operations: u32,
    failing: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct OrderLine {
    order: String,
    operation: Option<String>,
    customer: String,
    channel: String,
    state: &'static str,
    created: u64,
}

/// Takes the lines, one after the other.
type Take<'t> = &'t mut dyn FnMut(&ExportLine<'_>) -> Result<(), StoreError>;

impl Store {
    /// Writes the logical content as JSON Lines: configurations, customers in headquarters,
    /// customers by channel, orders, queue rows, journal.
    ///
    /// # Errors
    ///
    /// The store can't be read, or the lines not be written.
    pub fn export(&mut self, to: &mut dyn Write) -> Result<(), StoreError> {
        self.each_line(&mut |line| put(to, line))?;
        to.flush().map_err(StoreError::Output)
    }

    /// Gives each line as an object, whose `record` says what it is.
    ///
    /// # Errors
    ///
    /// The store can't be read, or `take` fails.
    pub fn each_record(
        &mut self,
        take: &mut dyn FnMut(Value) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.each_line(&mut |line| {
            take(serde_json::to_value(line).map_err(|error| StoreError::Output(error.into()))?)
        })
    }

    fn each_line(&mut self, take: Take<'_>) -> Result<(), StoreError> {
        self.export_configurations(take)?;
        self.export_headquarters(take)?;
        self.export_channels(take)?;
        self.export_orders(take)?;
        let mut queue = QueueReader::new(self);
        while let Some(row) = queue.next(self)? {
            take(&ExportLine::QueueRow(row))?;
        }
        let mut journal = AuditReader::new(self);
        while let Some(record) = journal.next(self)? {
            take(&ExportLine::Journal(record))?;
        }
        Ok(())
    }

    fn export_configurations(&mut self, take: Take<'_>) -> Result<(), StoreError> {
        let read_only = self.ledger.backing();
        for (number, digests) in read_only.header.configurations.iter().enumerate() {
            let record = read_configuration(&read_only.reading, number)?;
            let rules = record.rules.iter().map(|it| file_line(it, record.has_own_rules()));
            let added = record.added.iter().map(|it| file_line(it, true));
            let line = ConfigurationLine {
                configuration: number,
                rules: FilesLine { digest: &digests.rules, files: rules.chain(added).collect() },
                deployment: FilesLine {
                    digest: &digests.deployment,
                    files: record.deployment.iter().map(|it| file_line(it, true)).collect(),
                },
                id_seed: digests.id_seed,
            };
            take(&ExportLine::Configuration(line))?;
        }
        Ok(())
    }

    /// Every customer with an account, in the order of the account numbers.
    fn export_headquarters(&mut self, take: Take<'_>) -> Result<(), StoreError> {
        for number in 1..=self.ledger.len(BlockKind::Accounts) {
            let Some(slot) = self.ledger.customer_of_account(number)? else { continue };
            let row = self.ledger.customer(slot)?;
            let line = HeadquartersLine {
                account_id: account_id(number),
                customer: self.ledger.name(NameKind::Customer, slot)?,
                channel: self.channel_id(row.channel)?,
                guid: row.guid.map(guid_text),
            };
            self.ledger.forget_beyond(super::store::BLOCK_BUDGET);
            take(&ExportLine::HeadquartersCustomer(line))?;
        }
        Ok(())
    }

    /// Every customer as the channel that created them sees them, channel by channel. Other
    /// channels see those that are synced, and no others.
    fn export_channels(&mut self, take: Take<'_>) -> Result<(), StoreError> {
        for slot in self.customers_by_channel()? {
            let row = self.ledger.customer(slot)?;
            let seen = self.customer(slot)?;
            let line = ChannelLine {
                channel: seen.channel,
                customer: seen.name,
                state: seen.state.as_str(),
                account_id: seen.account_id,
                displayed_account_id: seen.displayed_account_id,
                guid: row.guid.map(guid_text),
                created: row.created,
                changed: row.changed,
                operations: row.operations,
                failing: row.failing,
                error: self.needed_text(TextKind::CustomerError, slot, row.failing)?,
            };
            self.ledger.forget_beyond(super::store::BLOCK_BUDGET);
            take(&ExportLine::ChannelCustomer(line))?;
        }
        Ok(())
    }

    /// All customers, by the id of the channel that created them, then in the order of creation.
    fn customers_by_channel(&mut self) -> Result<Vec<u64>, StoreError> {
        let mut slots = Vec::new();
        for slot in 0..self.customer_count() {
            slots.push((self.ledger.customer(slot)?.channel, slot));
            self.ledger.forget_beyond(super::store::BLOCK_BUDGET);
        }
        let channels = &self.channels;
        slots.sort_by_key(|(channel, slot)| (channels.get(*channel as usize), *slot));
        Ok(slots.into_iter().map(|(_, slot)| slot).collect())
    }

    fn export_orders(&mut self, take: Take<'_>) -> Result<(), StoreError> {
        let mut journal = AuditReader::new(self);
        for slot in 0..self.ledger.len(BlockKind::Orders) {
            let row = self.ledger.document(NameKind::Order, slot)?;
            let line = OrderLine {
                order: self.ledger.name(NameKind::Order, slot)?,
                operation: journal.operation_of(self, row.created)?,
                customer: self.ledger.name(NameKind::Customer, row.customer)?,
                channel: self.channel_id(row.channel)?,
                state: row.state.as_str(),
                created: row.created,
            };
            self.ledger.forget_beyond(super::store::BLOCK_BUDGET);
            take(&ExportLine::Order(line))?;
        }
        Ok(())
    }
}

impl ConfigurationRecord {
    /// Whether the rules are other files than those that came with the program.
    fn has_own_rules(&self) -> bool {
        self.rules_source != "embedded"
    }
}

/// A file by its name: where it lay does not matter.
fn file_line(file: &KeptFile, with_text: bool) -> FileLine<'_> {
    FileLine {
        path: file.path.rsplit(['/', '\\']).next().unwrap_or(&file.path),
        sha256: &file.sha256,
        text: with_text.then_some(&*file.text),
    }
}

fn put(to: &mut dyn Write, line: &ExportLine<'_>) -> Result<(), StoreError> {
    let mut text = serde_json::to_vec(line).map_err(|error| StoreError::Output(error.into()))?;
    text.push(b'\n');
    to.write_all(&text).map_err(StoreError::Output)
}
