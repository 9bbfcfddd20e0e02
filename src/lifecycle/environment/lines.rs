//! An environment as lines of text, for a store to keep: what differs from the deployment, and no
//! more, since that is written with every event.

use super::{ChannelView, Environment, Settings, View};
use crate::model::{JobId, RealTimeService, Rules, SectionName};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Environment {
    /// What differs from the deployment, for a store to keep.
    ///
    /// First what headquarters has; then each view that a channel has of it, the first being the
    /// deployment's, which is not told; then which views most channels have, and which the others.
    pub fn to_lines(&self) -> String {
        let mut lines = format!("real-time-service {}", self.real_time_service);
        let rules = self.deployment.rules();
        let (given_headquarters, given) = &self.given;
        let states = self.headquarters.features.iter().zip(&given_headquarters.features);
        for (feature, (enabled, given)) in rules.features.iter().zip(states) {
            if enabled != given {
                lines.push_str(&format!("\nheadquarters feature {} {enabled}", feature.id));
            }
        }
        for ((profile, key), value) in &self.headquarters.settings {
            // The profile's id may hold spaces, so it comes last.
            lines.push_str(&format!("\nheadquarters profile {key} {value} {profile}"));
        }
        let mut views: Vec<&View> = vec![given];
        let mut pairs: Vec<[usize; 2]> = Vec::new();
        for channel in &self.views {
            pairs.push([&channel.brought, &channel.decides].map(|view| number(&mut views, view)));
        }
        for told in views.iter().skip(1) {
            told.write(&mut lines, given, rules);
        }
        write_channels(&mut lines, &pairs, self.channel_ids());
        lines
    }

    fn channel_ids(&self) -> impl Iterator<Item = &str> {
        self.deployment.records(SectionName::Channel).map(|channel| channel.record.id.as_str())
    }

    /// Takes over what [`Environment::to_lines`] gave; `None` where a line is not understood.
    #[must_use]
    pub fn with_lines<'l>(mut self, lines: impl Iterator<Item = &'l str>) -> Option<Self> {
        let rules = self.deployment.rules().clone();
        let mut views = vec![View::clone(&self.given.1)];
        let mut pairs = vec![[0, 0]; self.views.len()];
        for line in lines {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            match kind {
                "real-time-service" => self.real_time_service = RealTimeService::from_word(rest)?,
                "headquarters" => self.take_headquarters(rest, &rules)?,
                "view" => views.push(View::clone(&self.given.1)),
                "feature" => views.last_mut()?.take_feature(rest, &rules)?,
                "profile" => take_setting(&mut views.last_mut()?.settings, rest)?,
                "channels" => pairs.fill(pair(rest)?),
                "channel" => {
                    let (numbers, id) = rest.rsplit_once('\t')?;
                    let place = self.channel_ids().position(|channel| channel == id)?;
                    *pairs.get_mut(place)? = pair(numbers)?;
                }
                _ => return None,
            }
        }
        let views: Vec<Arc<View>> = views.into_iter().map(Arc::new).collect();
        let view = |number: usize| views.get(number).cloned();
        let channels = pairs.into_iter().map(|[brought, decides]| {
            Some(ChannelView { brought: view(brought)?, decides: view(decides)? })
        });
        self.views = channels.collect::<Option<_>>()?;
        self.refresh();
        Some(self)
    }

    fn take_headquarters(&mut self, line: &str, rules: &Rules) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "feature" => {
                let (id, enabled) = rest.split_once(' ')?;
                let place = self.headquarters.features.get_mut(feature_number(rules, id))?;
                *place = enabled.parse().ok()?;
                Some(())
            }
            "profile" => take_setting(&mut self.headquarters.settings, rest),
            _ => None,
        }
    }
}

/// The number of a view among those told, where it is added if it is new.
fn number<'v>(views: &mut Vec<&'v View>, view: &'v View) -> usize {
    let known = views.iter().position(|known| std::ptr::eq(*known, view) || *known == view);
    known.unwrap_or_else(|| {
        views.push(view);
        views.len() - 1
    })
}

/// Which views channels have: most of them the same, which are told once.
fn write_channels<'i>(
    lines: &mut String,
    pairs: &[[usize; 2]],
    ids: impl Iterator<Item = &'i str>,
) {
    let mut counts: BTreeMap<[usize; 2], usize> = BTreeMap::new();
    for pair in pairs {
        *counts.entry(*pair).or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, count)| **count).map_or([0, 0], |(pair, _)| *pair);
    if let [brought, decides] = most
        && most != [0, 0]
    {
        lines.push_str(&format!("\nchannels {brought} {decides}"));
    }
    for ([brought, decides], id) in pairs.iter().zip(ids) {
        if [*brought, *decides] != most {
            lines.push_str(&format!("\nchannel {brought} {decides}\t{id}"));
        }
    }
}

fn pair(numbers: &str) -> Option<[usize; 2]> {
    let (brought, decides) = numbers.split_once(' ')?;
    Some([brought.parse().ok()?, decides.parse().ok()?])
}

/// The number of a feature; that of none where there is none of this id.
fn feature_number(rules: &Rules, id: &str) -> usize {
    let features = &rules.features;
    features.iter().position(|feature| feature.id == id).unwrap_or(features.len())
}

fn take_setting(settings: &mut Settings, line: &str) -> Option<()> {
    let mut words = line.splitn(3, ' ');
    let key = words.next()?.to_owned();
    let value = words.next()?.parse().ok()?;
    settings.insert((words.next()?.to_owned(), key), value);
    Some(())
}

impl View {
    /// In what it differs from the deployment's.
    fn write(&self, lines: &mut String, given: &Self, rules: &Rules) {
        lines.push_str("\nview");
        let states = self.features.iter().zip(&self.outstanding);
        let given = given.features.iter().zip(&given.outstanding);
        for (feature, (state, given)) in rules.features.iter().zip(states.zip(given)) {
            if state == given {
                continue;
            }
            let (known, jobs) = state;
            let jobs: Vec<&str> = jobs.iter().map(|job| rules.job(*job).id.as_str()).collect();
            lines.push_str(&format!("\nfeature {} {known} {}", feature.id, jobs.join(",")));
        }
        for ((profile, key), value) in &self.settings {
            lines.push_str(&format!("\nprofile {key} {value} {profile}"));
        }
    }

    fn take_feature(&mut self, line: &str, rules: &Rules) -> Option<()> {
        let mut words = line.splitn(3, ' ');
        let index = feature_number(rules, words.next()?);
        let known = words.next()?.parse().ok()?;
        let jobs = words.next()?.split(',').filter(|id| !id.is_empty());
        let job = |id: &str| rules.job_ids().find(|job| rules.job(*job).id == id);
        let outstanding: Option<Vec<JobId>> = jobs.map(job).collect();
        *self.features.get_mut(index)? = known;
        *self.outstanding.get_mut(index)? = outstanding?;
        Some(())
    }
}
