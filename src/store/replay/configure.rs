//! Which configuration a store goes on with.

use super::asked::ReplayOptions;
use crate::engine::Engine;
use crate::model::Rules;
use crate::store::error::StoreError;
use crate::store::file::configuration::{ConfigurationDigest, ConfigurationRecord};
use crate::store::file::meta::read_configuration;
use crate::store::file::store_file::StoreFile;

/// Gives the store its configuration, or checks that it has this one; the note for the journal
/// where it was replaced.
pub(crate) fn configure(
    file: &mut StoreFile,
    engine: &Engine,
    options: ReplayOptions,
) -> Result<Option<String>, StoreError> {
    let record = ConfigurationRecord::of(engine.deployment());
    let digest = record.digest(&record.to_bytes(), options.id_seed);
    let differs = match file.header.configurations.last() {
        None => None,
        Some(known) => match difference(known, &digest) {
            None => return Ok(None),
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
    Ok(differs.map(|what| format!("replaced: {what}")))
}

/// Rows of the queue have their table by its number, so that other rules must have the same tables
/// there.
fn keep_tables(file: &mut StoreFile, rules: &Rules) -> Result<(), StoreError> {
    let last = file.header.configurations.len().saturating_sub(1);
    let known = read_configuration(file.reading()?, last)?.load();
    let Some(known) = known else { return Ok(()) };
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
fn difference(known: &ConfigurationDigest, given: &ConfigurationDigest) -> Option<&'static str> {
    if known.rules != given.rules {
        return Some("other rules");
    }
    if known.deployment != given.deployment {
        return Some("another deployment");
    }
    (known.id_seed != given.id_seed).then_some("another id seed")
}
