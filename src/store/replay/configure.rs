//! Which configuration a store goes on with.

use super::asked::ReplayOptions;
use crate::engine::Engine;
use crate::ledger::BlockKind;
use crate::model::Rules;
use crate::store::error::StoreError;
use crate::store::file::configuration::{ConfigurationDigest, ConfigurationRecord};
use crate::store::file::meta::read_configuration;
use crate::store::file::store_file::StoreFile;

/// The configuration that a store goes on with.
pub(crate) struct Configured {
    /// Its number in the store.
    pub(crate) number: u16,
    /// The note for the journal, where it was replaced.
    pub(crate) replaced: Option<String>,
}

/// Gives the store its configuration, or checks that it has this one.
pub(crate) fn configure(
    file: &mut StoreFile,
    engine: &Engine,
    options: ReplayOptions,
) -> Result<Configured, StoreError> {
    let record = ConfigurationRecord::of(engine.deployment());
    let differs = match file.header.configurations.last() {
        None => None,
        Some(known) => match difference(known, &record, options.id_seed) {
            None => return Ok(Configured { number: last_number(file)?, replaced: None }),
            different => different,
        },
    };
    if let Some(what) = &differs
        && !options.reconfigure
    {
        return Err(StoreError::OtherConfiguration {
            path: file.path().to_owned(),
            what: (*what).to_owned(),
        });
    }
    if differs.is_some() {
        keep_tables(file, engine.rules())?;
    }
    let mut channels = file.channels()?;
    for channel in engine.channels().map(crate::engine::Channel::id) {
        if !channels.iter().any(|known| known == channel) {
            channels.push(channel.to_owned());
        }
    }
    file.add_configuration(&record, options.id_seed, channels);
    let replaced = differs.map(|what| format!("replaced: {what}"));
    Ok(Configured { number: last_number(file)?, replaced })
}

/// The number of the configuration that a store has, as rows of its journal write it.
fn last_number(file: &StoreFile) -> Result<u16, StoreError> {
    let last = file.header.configurations.len().checked_sub(1);
    let number = last.and_then(|last| u16::try_from(last).ok());
    number.ok_or_else(|| StoreError::TooManyConfigurations { path: file.path().to_owned() })
}

/// Rows of the queue have their table by its number, so that other rules must have the same tables
/// there.
fn keep_tables(file: &mut StoreFile, rules: &Rules) -> Result<(), StoreError> {
    let last = usize::from(last_number(file)?);
    let Some(known) = read_configuration(file.reading()?, last)?.load() else {
        let has_rows = file.header.counters().of(BlockKind::Queue) > 0;
        let unknown = || StoreError::UnknownTables { path: file.path().to_owned() };
        return if has_rows { Err(unknown()) } else { Ok(()) };
    };
    let mut tables = known.rules().channel_tables.iter().enumerate();
    match tables.find(|(number, table)| {
        rules.channel_tables.get(*number).is_none_or(|it| it.id != table.id)
    }) {
        Some((_, table)) => {
            Err(StoreError::OtherTables { path: file.path().to_owned(), table: table.id.clone() })
        }
        None => Ok(()),
    }
}

/// In what a configuration differs from the one that the store was made with.
fn difference(
    known: &ConfigurationDigest,
    given: &ConfigurationRecord,
    id_seed: Option<u64>,
) -> Option<&'static str> {
    if known.rules != given.rules_digest() {
        return Some("other rules");
    }
    if known.deployment != given.deployment_digest() {
        return Some("another deployment");
    }
    (known.id_seed != id_seed).then_some("another id seed")
}
