//! Which databases a channel schema serves.

use super::{Facts, Gap, SubjectFact, is_name, unlisted};
use crate::model::{Fields, KeyName, SectionName, indexed, indexed_mut};

/// Whether something is so, or what would have to be given for that to be known.
type Known = Result<bool, Vec<Gap>>;

/// Whether one of several things is so.
fn any(parts: impl IntoIterator<Item = Known>) -> Known {
    let mut gaps = Vec::new();
    for part in parts {
        match part {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(missing) => gaps.extend(missing),
        }
    }
    if gaps.is_empty() { Ok(false) } else { Err(gaps) }
}

fn not(part: Known) -> Known {
    part.map(|is_so| !is_so)
}

fn both(one: Known, other: Known) -> Known {
    not(any([not(one), not(other)]))
}

impl<'a> Facts<'a> {
    /// Whether a channel schema serves databases of channels and no offline ones. Of a deployment
    /// that tells nothing at all of who uses schemas it is not asked: what filters and jobs say has
    /// to agree (S-092, S-093), and this would excuse it only.
    pub(super) fn serves_channels_only(&self, schema: &str) -> SubjectFact {
        let sections =
            [SectionName::ChannelDatabaseGroup, SectionName::Channel, SectionName::ChannelDatabase];
        if sections.into_iter().all(|id| self.deployment.is_silent_of(id)) {
            return SubjectFact::boolean(false);
        }
        let only = both(self.serves(schema), not(self.serves_offline(schema)));
        only.map_or_else(SubjectFact::unknown, SubjectFact::boolean)
    }

    /// Whether a channel or a database leads to a schema.
    fn serves(&self, schema: &str) -> Known {
        let databases = self.deployment.records(SectionName::ChannelDatabase);
        let leads = |channel| self.leads(channel, KeyName::ChannelDatabaseGroup, schema);
        let channels = self.of_channels(leads);
        let databases = databases.map(|it| self.leads(it, KeyName::Group, schema));
        any(channels.chain(databases).chain(self.unlisted()))
    }

    /// Whether tills or an offline database lead to a schema.
    fn serves_offline(&self, schema: &str) -> Known {
        let databases = self.deployment.records(SectionName::ChannelDatabase);
        let channels = self.of_channels(|channel| self.tills_lead(channel, schema));
        let databases = databases.map(|database| {
            both(self.leads(database, KeyName::Group, schema), is_for_tills(database))
        });
        any(channels.chain(databases).chain(self.unlisted()))
    }

    /// What is known of the channels, once for each sort of which it is known; of others each
    /// lacks a value of its own.
    fn of_channels(&self, is_so: impl Fn(Fields<'a>) -> Known) -> impl Iterator<Item = Known> {
        let sorts = self.sorts(SectionName::Channel);
        let mut known = vec![false; sorts.count];
        let channels = self.deployment.records(SectionName::Channel).enumerate();
        channels.filter_map(move |(number, channel)| {
            let known = indexed_mut(&mut known, *indexed(&sorts.of, number));
            if *known {
                return None;
            }
            let said = is_so(channel);
            *known = said.is_ok();
            Some(said)
        })
    }

    /// Whether the offline tills of a channel lead to a schema. Those of a channel that names no
    /// offline database group have the schema of its channel database group.
    fn tills_lead(&self, channel: Fields<'a>, schema: &str) -> Known {
        let own = KeyName::OfflineDatabaseGroup;
        if channel.text(own).is_some_and(|group| !group.is_empty())
            || self.deployment.may_refer_by(channel, own.as_str())
        {
            return self.leads(channel, own, schema);
        }
        both(has_tills(channel), self.leads(channel, KeyName::ChannelDatabaseGroup, schema))
    }

    /// Whether a record names, by a key, a channel database group of a schema.
    fn leads(&self, record: Fields<'a>, by: KeyName, schema: &str) -> Known {
        match record.text(by) {
            None => return Err(vec![Gap::in_record(record, by)]),
            Some("") => return Ok(false),
            Some(_) => {}
        }
        let target = record.target(by);
        let group = target
            .and_then(|number| self.deployment.record(SectionName::ChannelDatabaseGroup, number));
        let unlisted = || vec![Gap::new(SectionName::ChannelDatabaseGroup.as_str())];
        let group = group.ok_or_else(unlisted)?;
        let named = group.text(KeyName::ChannelSchema);
        let named = named.ok_or_else(|| vec![Gap::in_record(group, KeyName::ChannelSchema)])?;
        Ok(is_name(named, schema))
    }

    /// What is not listed may lead to any schema.
    fn unlisted(&self) -> impl Iterator<Item = Known> {
        let sections = [SectionName::Channel, SectionName::ChannelDatabase];
        let gaps = sections.into_iter().filter_map(|id| unlisted(self.deployment, id));
        gaps.map(|gap| Err(vec![gap]))
    }
}

/// Whether a channel has tills that work offline.
fn has_tills(channel: Fields<'_>) -> Known {
    // Others than stores are never offline.
    if channel.text(KeyName::Kind).is_some_and(|kind| kind != "store") {
        return Ok(false);
    }
    let supports = channel.boolean(KeyName::SupportsOffline);
    supports.ok_or_else(|| vec![Gap::in_record(channel, KeyName::SupportsOffline)])
}

/// Whether a database is an offline one.
fn is_for_tills(database: Fields<'_>) -> Known {
    let kind = database.text(KeyName::Kind);
    let kind = kind.ok_or_else(|| vec![Gap::in_record(database, KeyName::Kind)])?;
    Ok(kind == "offline")
}
