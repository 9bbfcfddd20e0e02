//! Where references between records lead, and where they may lead that are not given.

use super::deployment::Deployment;
use super::format::{Key, Kind, Section};
use super::record::Fields;
use super::relied::SectionName;
use super::rules::Rules;

/// What may refer to a record beside the references that are given.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MayRefer<'a> {
    /// Records that a section does not list.
    Unlisted(&'a Section),
    /// A record by a key that it does not give.
    By(Fields<'a>, &'a Key),
}

impl Deployment {
    /// Follows a channel's references to the record of `section` that its facts are read from.
    pub fn reach<'a>(&'a self, channel: Fields<'a>, section: &str) -> Option<Fields<'a>> {
        if section == SectionName::Channel.as_str() {
            return Some(channel);
        }
        let path = self.rules().reach.get(section)?;
        path.iter().try_fold(channel, |record, alternatives| self.follow(record, alternatives))
    }

    /// Whether a channel leads nowhere else than where [`Deployment::reach`] goes.
    pub(crate) fn is_reach_known(&self, channel: Fields<'_>, section: &str) -> bool {
        let mut record = channel;
        for alternatives in self.rules().reach.get(section).into_iter().flatten() {
            if self.lost_before(record, alternatives).is_some() {
                return false;
            }
            let Some(next) = self.follow(record, alternatives) else { return true };
            record = next;
        }
        true
    }

    /// The first of these keys that may refer to a record, where it is not given, and stands before
    /// the one that does.
    pub(crate) fn lost_before<'k>(
        &self,
        record: Fields<'_>,
        alternatives: &'k [String],
    ) -> Option<&'k String> {
        let before = alternatives.iter().take_while(|key| !refers(record, key));
        before.into_iter().find(|key| self.may_refer_by(record, key))
    }

    /// The record that the first of these keys refers to which refers to any.
    fn follow<'a>(&'a self, record: Fields<'a>, alternatives: &[String]) -> Option<Fields<'a>> {
        let key = alternatives.iter().find(|key| refers(record, key))?;
        let target = record.target(key)?;
        let (_, declared) = record.section.key(key)?;
        let Kind::Reference(next) = &declared.kind else { return None };
        self.record(next, target)
    }

    /// Whether a record may refer to another by a key that it does not give. Where another key
    /// counts instead, and nothing says that this one is incomplete, it refers to none by it.
    pub(crate) fn may_refer_by(&self, record: Fields<'_>, key: &str) -> bool {
        let section = record.section;
        record.value(key).is_none()
            && self.rules().may_have(&section.id, record.kind(), key)
            && (self.is_key_said_incomplete(section, key)
                || !self.rules().has_stand_in(section, key))
    }

    /// What may refer to records of a section beside the references that are given.
    /// A section that is absent altogether adds nothing, as for what `SG009` tells.
    pub(crate) fn may_refer_to(&self, to: &str) -> Vec<MayRefer<'_>> {
        let mut found = Vec::new();
        for section in &self.rules().format.sections {
            let refers = |key: &&Key| key.kind.refers_to() == Some(to);
            let keys: Vec<&Key> = section.keys.iter().filter(refers).collect();
            if !keys.is_empty() && self.is_said_incomplete(&section.id) {
                found.push(MayRefer::Unlisted(section));
            }
            for record in self.records(&section.id) {
                let silent = keys.iter().filter(|key| {
                    !has_no_profile(record, key) && self.may_refer_by(record, &key.id)
                });
                found.extend(silent.map(|key| MayRefer::By(record, key)));
            }
        }
        found
    }
}

impl Rules {
    /// Whether a record of a kind may have a key: what works offline only stores and their profiles
    /// have.
    pub fn may_have(&self, section: &str, kind: Option<&str>, key: &str) -> bool {
        let of_stores = self.export_values.iter().find(|values| values.id == "of-stores");
        let mut of_stores = of_stores.into_iter().flat_map(|values| &values.values);
        matches!(kind, None | Some("store" | "pos"))
            || !of_stores.any(|(id, keys)| id == section && keys.iter().any(|of| of == key))
    }

    /// Whether another key counts where a record does not give this one.
    fn has_stand_in(&self, section: &Section, key: &str) -> bool {
        let stands_in = |alternatives: &Vec<String>| {
            let last = alternatives.last();
            alternatives.iter().any(|it| it == key)
                && last.is_some_and(|last| last != key && section.key(last).is_some())
        };
        self.reach.values().flatten().any(stands_in)
    }
}

/// Whether a record refers to one by a key.
fn refers(record: Fields<'_>, key: &str) -> bool {
    record.text(key).is_some_and(|id| !id.is_empty())
}

/// Whether a key is that of a functionality profile which a call center, that works in headquarters
/// itself, does not have.
fn has_no_profile(record: Fields<'_>, key: &Key) -> bool {
    record.kind() == Some("call-center")
        && key.kind.refers_to() == Some(SectionName::FunctionalityProfile.as_str())
}
