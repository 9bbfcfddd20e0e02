//! The records of which a store has only one, each under its name.

use super::configuration::ConfigurationRecord;
use super::header::Header;
use super::reading::Reading;
use crate::store::error::StoreError;

pub(crate) const HEADER: &str = "header";
pub(crate) const ENVIRONMENT: &str = "environment";
pub(crate) const CHANNELS: &str = "channels";

pub(crate) fn configuration_name(number: usize) -> String {
    format!("configuration-{number:05}")
}

/// The header.
pub(crate) fn read_header(reading: &Reading) -> Result<Header, StoreError> {
    let header = reading.meta(HEADER)?.ok_or_else(|| reading.damaged("the header is missing"))?;
    let header: Header = serde_json::from_slice(&header)
        .map_err(|error| reading.damaged(format!("the header can't be read: {error}")))?;
    match header.impossible(reading.tables().room()) {
        None => Ok(header),
        Some(what) => Err(reading.damaged(format!("the header can't be: {what}"))),
    }
}

/// A record that comes with the first configuration; `None` where there is none of that yet.
fn with_configuration(
    reading: &Reading,
    header: &Header,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    match reading.meta(name)? {
        None if !header.configurations.is_empty() => {
            Err(reading.damaged(format!("the record `{name}` of meta is missing")))
        }
        found => Ok(found),
    }
}

/// The environment; of a store that knows no configuration yet, nothing.
pub(crate) fn read_environment(reading: &Reading, header: &Header) -> Result<Vec<u8>, StoreError> {
    Ok(with_configuration(reading, header, ENVIRONMENT)?.unwrap_or_else(Vec::new))
}

/// The ids of the channels, by their number in the store.
pub(crate) fn read_channels(reading: &Reading, header: &Header) -> Result<Vec<String>, StoreError> {
    let Some(record) = with_configuration(reading, header, CHANNELS)? else {
        return Ok(Vec::new());
    };
    serde_json::from_slice(&record).map_err(|_| reading.damaged("the channels can't be read"))
}

/// A configuration.
pub(crate) fn read_configuration(
    reading: &Reading,
    number: usize,
) -> Result<ConfigurationRecord, StoreError> {
    let name = configuration_name(number);
    let record =
        reading.meta(&name)?.ok_or_else(|| reading.damaged(format!("`{name}` is missing")))?;
    serde_json::from_slice(&record)
        .map_err(|error| reading.damaged(format!("`{name}` can't be read: {error}")))
}
