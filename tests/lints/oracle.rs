//! What is wrong with a deployment, lint by lint, in three values: `None` is not known.
#![expect(
    clippy::option_option,
    clippy::unnecessary_wraps,
    reason = "everything is in three values"
)]

use super::{BatchJob, Channel, Feature, Profile, Schedule, World};
use std::collections::{BTreeMap, BTreeSet};

type Truth = Option<bool>;

fn and(parts: &[Truth]) -> Truth {
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    if parts.contains(&None) { None } else { Some(true) }
}

fn or(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let negated: Vec<Truth> = parts.into_iter().map(not).collect();
    not(and(&negated))
}

fn not(part: Truth) -> Truth {
    part.map(|part| !part)
}

/// Whether a lint speaks of a subject.
#[derive(Clone, Copy)]
struct Given {
    truth: Truth,
    /// Whether a section that is absent would tell.
    is_open: bool,
}

/// It speaks of every one.
const EVERY: Given = Given { truth: Some(true), is_open: false };
/// Nothing counts that concerns no record.
const ALWAYS: (Given, Truth) = (EVERY, Some(true));

/// Whether a lint speaks of a subject, by values that the subject may lack.
fn given(parts: &[Truth]) -> Given {
    Given { truth: and(parts), is_open: false }
}

/// As [`given`], by what a section says that may be absent.
fn by_section(truth: Truth, is_absent: bool) -> Given {
    Given { truth, is_open: is_absent && truth.is_none() }
}

impl Given {
    fn and(self, other: Self) -> Self {
        let truth = and(&[self.truth, other.truth]);
        Self { truth, is_open: self.is_open || other.is_open }
    }
}

/// What a lint finds: who is wrong, and whether something could not be told.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub wrong: BTreeSet<String>,
    pub unknown: bool,
    /// Whether it has looked at a subject.
    pub looked: bool,
    /// Whether it would look at more, and find them right, if an absent section said so.
    pub open: bool,
}

/// How often a job comes to a channel.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unknown,
    Never,
    Minutes(u64),
}

/// How long a customer stays pending at worst.
#[derive(Debug, PartialEq, Eq)]
pub struct Pending {
    /// A stage never comes.
    pub endless: bool,
    /// A stage is not known.
    pub unknown: bool,
    /// The sum of those that are known and come.
    pub minutes: u64,
}

pub struct Oracle<'a> {
    world: &'a World,
    verdicts: BTreeMap<u16, Verdict>,
}

/// Every lint that the oracle knows, by number.
pub fn lints(world: &World) -> BTreeMap<u16, Verdict> {
    let mut oracle = Oracle { world, verdicts: BTreeMap::new() };
    oracle.jobs();
    oracle.groups();
    oracle.features();
    oracle.profiles();
    oracle.schemas();
    oracle.channels();
    oracle.web_shops();
    oracle.offline();
    oracle.searches();
    oracle.versions();
    oracle.parameters();
    oracle.lists();
    oracle.verdicts
}

/// How long a customer waits until it is usable in the channel that created it.
pub fn pending(world: &World, channel: &Channel) -> Pending {
    let (upload, download) = intervals(world, channel);
    let mut stages = until_headquarters(world, channel, upload);
    stages.extend(back(world, channel, download));
    sum(&stages)
}

/// How long until it is in headquarters.
pub fn in_headquarters(world: &World, channel: &Channel) -> Pending {
    sum(&until_headquarters(world, channel, intervals(world, channel).0))
}

/// How long until cloud search finds it, where there is such a search.
pub fn found_by_search(world: &World, channel: &Channel) -> Pending {
    let mut stages = until_headquarters(world, channel, intervals(world, channel).0);
    stages.push(upload(world, channel, &["1010_CustomerSearch", "9999"]));
    sum(&stages)
}

/// How long until it is found in every other channel; none where there is no other.
pub fn found_elsewhere(world: &World, number: usize) -> Option<Pending> {
    let channels: Vec<&Channel> = world.channels.iter().flatten().collect();
    let own = channels[number];
    let others = channels.iter().enumerate().filter(|(other, _)| *other != number);
    let slowest = others
        .map(|(_, other)| back(world, other, intervals(world, other).1))
        .max_by_key(|stages| {
            let Pending { endless, unknown, minutes } = sum(stages);
            (endless, unknown, minutes)
        })?;
    let mut stages = until_headquarters(world, own, intervals(world, own).0);
    stages.extend(slowest);
    Some(sum(&stages))
}

fn until_headquarters(world: &World, channel: &Channel, upload_interval: Stage) -> Vec<Stage> {
    vec![upload_interval, upload(world, channel, &["P-0001"]), synchronization(world)]
}

fn back(world: &World, channel: &Channel, download_interval: Stage) -> Vec<Stage> {
    vec![upload(world, channel, &["1010", "9999"]), download_interval]
}

/// The upload and the download interval of a channel's group, 15 minutes where none is given.
fn intervals(world: &World, channel: &Channel) -> (Stage, Stage) {
    let given = match (&world.groups, channel.group) {
        (_, Some(None)) => (None, None),
        (Some(_), Some(Some(group))) => world.intervals[group],
        _ => return (Stage::Unknown, Stage::Unknown),
    };
    (Stage::Minutes(given.0.unwrap_or(15)), Stage::Minutes(given.1.unwrap_or(15)))
}

fn sum(stages: &[Stage]) -> Pending {
    let minutes =
        stages.iter().map(|stage| if let Stage::Minutes(minutes) = stage { *minutes } else { 0 });
    Pending {
        endless: stages.contains(&Stage::Never),
        unknown: stages.contains(&Stage::Unknown),
        minutes: minutes.sum::<u64>(),
    }
}

fn upload(world: &World, channel: &Channel, jobs: &[&str]) -> Stage {
    let (Some(schedules), Some(group)) = (&world.schedules, channel.group) else {
        return Stage::Unknown;
    };
    let Some(group) = group else { return Stage::Never };
    let mut shortest = Stage::Never;
    for schedule in schedules.iter().filter(|schedule| jobs.contains(&schedule.job)) {
        let runs = recurs(schedule.status, schedule.recurrence);
        match (and(&[serves(schedule, group), runs]), schedule.recurrence) {
            (Some(false), _) => {}
            (Some(true), Some(Some(minutes))) => {
                shortest = Stage::Minutes(match shortest {
                    Stage::Minutes(known) => known.min(minutes),
                    _ => minutes,
                });
            }
            _ => return Stage::Unknown,
        }
    }
    shortest
}

fn synchronization(world: &World) -> Stage {
    let Some(jobs) = &world.batch_jobs else { return Stage::Unknown };
    let Some(job) = jobs.iter().find(|job| job.name == "synchronize-customers") else {
        return Stage::Never;
    };
    match (recurs(job.status, job.recurrence), job.recurrence) {
        (Some(false), _) => Stage::Never,
        (Some(true), Some(Some(minutes))) => Stage::Minutes(minutes),
        _ => Stage::Unknown,
    }
}

/// Whether an active schedule serves a group.
fn serves(schedule: &Schedule, group: usize) -> Truth {
    and(&[schedule.active, schedule.groups.as_ref().map(|groups| groups.contains(&group))])
}

/// Whether something runs again and again.
fn recurs(status: Option<&str>, recurrence: Option<Option<u64>>) -> Truth {
    let status = status.map(|status| status == "waiting" || status == "executing");
    and(&[status, recurrence.map(|it| it.is_some())])
}

fn since(feature: &str) -> (u32, u32, u32) {
    let minor = match feature {
        "async-address-creation" => 22,
        "enhanced-async-customer-creation" | "automatic-scheduler-initialization" => 24,
        "multiple-catalogs" => 26,
        "edit-customers-async" | "offline-database-compression" => 29,
        "cancel-async-orders" => 35,
        "async-cancellation-contact-prompt" => 36,
        "multiple-contacts" => 14,
        "cloud-powered-customer-search" => 18,
        "trickle-feed" => 5,
        "clienteling" => 7,
        _ => 20,
    };
    (10, 0, minor)
}

impl Oracle<'_> {
    fn tell(&mut self, lint: u16, subject: impl Into<String>, given: Given, wrong: Truth) {
        let verdict = self.verdicts.entry(lint).or_default();
        match (given.truth, wrong) {
            (Some(false), _) => {}
            (None, Some(false)) if given.is_open => verdict.open = true,
            (_, Some(false)) => verdict.looked = true,
            (Some(true), Some(true)) => {
                verdict.looked = true;
                verdict.wrong.insert(subject.into());
            }
            (None, _) | (_, None) => verdict.unknown = true,
        }
    }

    /// A lint over the records of a section, of which it says whether it speaks of one, and whether
    /// that is wrong; of a section that is absent nothing is known, unless what concerns no record
    /// says enough.
    fn each<T>(
        &mut self,
        lint: u16,
        section: Option<&Vec<T>>,
        regardless: (Given, Truth),
        wrong: impl Fn(usize, &T) -> (String, Given, Truth),
    ) {
        self.verdicts.entry(lint).or_default();
        match section {
            None => {
                let given = by_section(and(&[None, regardless.0.truth]), true);
                self.tell(lint, "", given, and(&[None, regardless.1]));
            }
            Some(records) => {
                for (number, record) in records.iter().enumerate() {
                    let (subject, given, wrong) = wrong(number, record);
                    let (given, wrong) = (given.and(regardless.0), and(&[wrong, regardless.1]));
                    self.tell(lint, subject, given, wrong);
                }
            }
        }
    }

    fn each_channel(
        &mut self,
        lint: u16,
        regardless: (Given, Truth),
        wrong: impl Fn(&Channel) -> (Given, Truth),
    ) {
        let world = self.world;
        self.each(lint, world.channels.as_ref(), regardless, |number, channel| {
            let (given, wrong) = wrong(channel);
            (format!("channel {number}"), given, wrong)
        });
    }

    fn each_profile(
        &mut self,
        lint: u16,
        regardless: (Given, Truth),
        wrong: impl Fn(&Profile) -> (Given, Truth),
    ) {
        let world = self.world;
        self.each(lint, world.profiles.as_ref(), regardless, |number, profile| {
            let (given, wrong) = wrong(profile);
            (format!("profile {number}"), given, wrong)
        });
    }

    fn is_older_than(&self, minor: u32) -> Truth {
        Some(self.world.version < (10, 0, minor))
    }

    /// Whether headquarters has a feature on.
    fn on(&self, id: &str) -> Truth {
        if id == "order-performance" && self.world.version >= (10, 0, 28) {
            return Some(true);
        }
        let features = self.world.features.as_ref()?;
        features
            .iter()
            .find(|feature| feature.id == id)
            .map_or(Some(false), |feature| feature.enabled)
    }

    fn off(&self, id: &str) -> Truth {
        not(self.on(id))
    }

    /// Of what is so while a feature is on, or off.
    fn while_it_is(&self, on: bool, id: &str) -> Given {
        let truth = if on { self.on(id) } else { self.off(id) };
        by_section(truth, self.world.features.is_none())
    }

    /// Whether some profile creates orders asynchronously.
    fn orders_somewhere(&self) -> Truth {
        or(self.world.profiles.as_ref()?.iter().map(|profile| profile.async_orders))
    }

    fn batch_job(&self, name: &str) -> Option<Option<&BatchJob>> {
        Some(self.world.batch_jobs.as_ref()?.iter().find(|job| job.name == name))
    }

    /// Whether a batch job is not scheduled.
    fn unscheduled(&self, name: &str) -> Truth {
        match self.batch_job(name)? {
            None => Some(true),
            Some(job) => not(recurs(job.status, job.recurrence)),
        }
    }

    /// How often a batch job runs: `None` is not known, `Some(None)` never.
    fn minutes(&self, name: &str) -> Option<Option<u64>> {
        match self.batch_job(name)? {
            None => Some(None),
            Some(job) => job.recurrence,
        }
    }

    fn schedules(&self, jobs: &'static [&'static str]) -> Option<impl Iterator<Item = &Schedule>> {
        let schedules = self.world.schedules.as_ref()?;
        Some(schedules.iter().filter(|schedule| jobs.contains(&schedule.job)))
    }

    /// Whether one of several jobs serves a group.
    fn covered(&self, jobs: &'static [&'static str], group: usize) -> Truth {
        or(self.schedules(jobs)?.map(|schedule| serves(schedule, group)))
    }

    /// L01 to L03, L26, L27: the jobs.
    fn jobs(&mut self) {
        let uploads = self.schedules(&["P-0001"]);
        let upload =
            uploads.and_then(|mut all| or(all.by_ref().map(|it| recurs(it.status, it.recurrence))));
        self.tell(1, "P-0001", EVERY, not(upload));
        let unscheduled = self.unscheduled("synchronize-customers");
        self.tell(2, "synchronize-customers", EVERY, unscheduled);
        let downloads = self.schedules(&["1010", "9999"]);
        let download = downloads.and_then(|mut all| {
            or(all.by_ref().map(|it| and(&[it.active, recurs(it.status, it.recurrence)])))
        });
        self.tell(3, "1010", EVERY, not(download));
        let less_often =
            match (self.minutes("synchronize-customers"), self.minutes("synchronize-orders")) {
                // What never runs has no recurrence to compare; L02 and L28 tell of it.
                (Some(None), _) | (_, Some(None)) => Some(false),
                (Some(Some(customers)), Some(Some(orders))) => Some(customers > orders),
                _ => None,
            };
        self.tell(26, "synchronize-customers", EVERY, less_often);
        self.tell(27, "P-0001", EVERY, self.uploads_slowly());
        let orders = self.minutes("synchronize-orders");
        let is_slow = orders.map(|it| it.is_some_and(|it| it > 60));
        self.tell(27, "synchronize-orders", EVERY, is_slow);
    }

    /// Whether the shortest recurrence of the active schedules of P-0001 is more than an hour.
    fn uploads_slowly(&self) -> Truth {
        let schedules: Vec<&Schedule> = self
            .schedules(&["P-0001"])?
            .filter(|schedule| schedule.active != Some(false))
            .collect();
        let active = schedules.iter().filter(|schedule| schedule.active == Some(true));
        let shortest = active.filter_map(|schedule| schedule.recurrence.flatten()).min();
        if shortest.is_some_and(|shortest| shortest <= 60) {
            return Some(false);
        }
        // Another may be shorter.
        let may_be_shorter = |schedule: &&Schedule| match schedule.recurrence {
            None => true,
            Some(None) => false,
            Some(Some(minutes)) => {
                schedule.active.is_none() && shortest.is_none_or(|known| minutes < known)
            }
        };
        if schedules.iter().any(may_be_shorter) { None } else { Some(shortest.is_some()) }
    }

    /// L05 to L07, L63: groups and databases.
    fn groups(&mut self) {
        let world = self.world;
        let mut covers: Vec<(u16, usize, Given, Truth)> = Vec::new();
        let groups = world.groups.as_ref().map_or(0, Vec::len);
        for group in 0..groups {
            covers.push((5, group, EVERY, not(self.covered(&["P-0001"], group))));
            covers.push((7, group, EVERY, self.uploaded_twice(group)));
            for jobs in [&["1010", "9999"], &["1070", "9999"], &["1110", "9999"]] {
                let used = by_section(self.used(group), world.channels.is_none());
                covers.push((63, group, used, not(self.covered(jobs, group))));
            }
        }
        for lint in [5, 7, 63] {
            if world.groups.is_none() {
                self.tell(lint, "", by_section(None, true), None);
            }
            self.verdicts.entry(lint).or_default();
        }
        for (lint, group, given, wrong) in covers {
            self.tell(lint, format!("group {group}"), given, wrong);
        }
        let executing = self.schedules(&["P-0001"]).and_then(|schedules| {
            more_than_one(schedules.map(|it| it.status.map(|status| status == "executing")))
        });
        self.tell(7, "P-0001", EVERY, executing);
        self.each(6, world.databases.as_ref(), ALWAYS, |number, database| {
            (format!("database {number}"), EVERY, database.paused)
        });
    }

    fn uploaded_twice(&self, group: usize) -> Truth {
        more_than_one(self.schedules(&["P-0001"])?.map(|schedule| serves(schedule, group)))
    }

    /// Whether a channel uses a group.
    fn used(&self, group: usize) -> Truth {
        or(self.world.channels.as_ref()?.iter().map(|channel| {
            let direct = channel.group.map(|of| of == Some(group));
            // Without support for offline, a group that is not named is not used.
            let offline = match channel.offline_group {
                Some(of) => Some(of == Some(group)),
                None if channel.online || channel.supports_offline == Some(false) => Some(false),
                None => None,
            };
            or([direct, offline])
        }))
    }

    /// L08 to L10, L29, L41, L42, L52, L53: features.
    fn features(&mut self) {
        let world = self.world;
        for lint in [8, 9, 10, 29, 41, 42, 52, 53] {
            self.verdicts.entry(lint).or_default();
        }
        let unvalidated = self.unscheduled("validate-store-transactions");
        let Some(features) = &world.features else {
            let absent = by_section(None, true);
            for lint in [8, 9, 10, 41, 52, 53] {
                self.tell(lint, "", absent, None);
            }
            self.tell(29, "", absent, and(&[None, unvalidated]));
            self.tell(42, "", absent, and(&[None, not(self.switches_easily())]));
            return;
        };
        for feature in features {
            let enabled = given(&[feature.enabled]);
            self.tell(10, feature.id, enabled, Some(world.version < since(feature.id)));
            match feature.id {
                "edit-customers-async" => {
                    let prerequisites = [
                        self.on("order-performance"),
                        self.on("enhanced-async-customer-creation"),
                        self.on("async-address-creation"),
                    ];
                    self.tell(8, feature.id, enabled, not(and(&prerequisites)));
                    let late = self.undistributed(feature, &["1110", "1010", "1070"]);
                    self.tell(9, feature.id, enabled, late);
                }
                "offline-monitoring" | "multiple-catalogs" => {
                    self.tell(53, feature.id, enabled, self.undistributed(feature, &["1110"]));
                }
                "offline-database-compression" => {
                    self.tell(53, feature.id, enabled, self.undistributed(feature, &["1070"]));
                }
                "trickle-feed" => self.tell(29, feature.id, enabled, unvalidated),
                "seamless-offline" => {
                    self.tell(41, feature.id, EVERY, feature.enabled);
                    self.tell(42, feature.id, enabled, not(self.switches_easily()));
                }
                "cancel-async-orders" => {
                    self.tell(52, feature.id, enabled, not(self.orders_somewhere()));
                }
                "async-cancellation-contact-prompt" => {
                    self.tell(52, feature.id, enabled, self.off("cancel-async-orders"));
                }
                _ => {}
            }
        }
    }

    /// Whether some offline profile has advanced offline switching.
    fn switches_easily(&self) -> Truth {
        or(self.world.offline_profiles.as_ref()?.iter().map(|profile| profile.advanced))
    }

    /// Whether one of the jobs has not run since a feature was enabled.
    fn undistributed(&self, feature: &Feature, jobs: &[&str]) -> Truth {
        or(jobs.iter().map(|job| not(self.has_run(job, feature.enabled_at))))
    }

    fn has_run(&self, job: &str, since: Option<i64>) -> Truth {
        let records = self.world.schedules.as_ref()?.iter();
        let runs: Vec<Truth> = records
            .filter(|schedule| schedule.job == job || schedule.job == "9999")
            .map(|schedule| Some(schedule.last_run? >= since?))
            .collect();
        // That no record names it does not say that it never ran.
        if runs.is_empty() { None } else { or(runs) }
    }

    /// L10, L11, L18 to L20, L23, L33, L43: functionality profiles.
    fn profiles(&mut self) {
        let too_early = given(&[self.is_older_than(33)]);
        self.each_profile(10, (too_early, Some(true)), |profile| (EVERY, profile.backup));
        self.each_profile(11, ALWAYS, |profile| {
            (given(&[profile.backup]), not(profile.async_orders))
        });
        for (lint, feature) in [
            (18, "async-address-creation"),
            (19, "enhanced-async-customer-creation"),
            (20, "edit-customers-async"),
        ] {
            self.each_profile(lint, (EVERY, self.off(feature)), |profile| {
                (given(&[profile.async_customers]), Some(true))
            });
        }
        self.each_profile(33, ALWAYS, |profile| (EVERY, profile.async_customers));
        self.each_profile(43, ALWAYS, |profile| (EVERY, profile.search_mode));
        let profiles = self.world.profiles.as_ref();
        let somewhere =
            profiles.and_then(|all| or(all.iter().map(|profile| profile.async_customers)));
        let somewhere = by_section(somewhere, profiles.is_none());
        self.tell(23, "", somewhere, self.is_older_than(31));
    }

    /// L15 to L17: what is kept out of offline databases.
    fn schemas(&mut self) {
        let world = self.world;
        // What `[[scheduler-job]]` does not list is not excluded.
        let excluded = world.scheduler_jobs.as_ref().and_then(|jobs| {
            jobs.iter()
                .find(|(job, _)| *job == "1010")
                .map_or(Some(false), |(_, excluded)| *excluded)
        });
        let schemas = world.schemas.as_ref();
        let is_open =
            world.channels.is_none() || world.databases.is_none() || names_unlisted_groups(world);
        let offline = |number| by_section(not(is_for_channels_only(world, number)), is_open);
        self.each(15, schemas, (EVERY, not(excluded)), |number, filter| {
            (format!("schema {number}"), given(&[*filter]).and(offline(number)), Some(true))
        });
        let excluded = by_section(excluded, world.scheduler_jobs.is_none());
        self.each(16, schemas, (excluded, Some(true)), |number, filter| {
            (format!("schema {number}"), offline(number), not(*filter))
        });
        self.each(17, world.subjobs.as_ref(), ALWAYS, |_, (table, excluded)| {
            ((*table).to_owned(), given(&[Some(*table == "DIRPARTYTABLE")]), *excluded)
        });
    }

    /// A value of a channel's functionality profile; none where it has no profile.
    fn of_profile(&self, channel: &Channel, value: impl Fn(&Profile) -> Truth) -> Option<Truth> {
        match channel.profile {
            None => Some(None),
            Some(None) => None,
            Some(Some(number)) => {
                Some(self.world.profiles.as_ref().and_then(|all| value(&all[number])))
            }
        }
    }

    /// Whether a channel's profile has it as asked; it has not where there is none.
    fn profile_is(
        &self,
        channel: &Channel,
        wanted: bool,
        value: impl Fn(&Profile) -> Truth,
    ) -> Truth {
        self.of_profile(channel, value)
            .map_or(Some(false), |value| value.map(|value| value == wanted))
    }

    /// As [`Oracle::profile_is`], of what a lint speaks.
    fn where_profile_is(
        &self,
        channel: &Channel,
        wanted: bool,
        value: impl Fn(&Profile) -> Truth,
    ) -> Given {
        let truth = self.profile_is(channel, wanted, value);
        let refers = channel.profile.is_some();
        by_section(truth, refers && self.world.profiles.is_none())
    }

    /// L12 to L14, L21, L25, L28, L50, L51, L61: channels.
    fn channels(&mut self) {
        let world = self.world;
        let oracle = Self { world, verdicts: BTreeMap::new() };
        let store = |channel: &Channel| Some(!channel.online);
        self.each_channel(12, ALWAYS, |channel| {
            let creates = oracle.where_profile_is(channel, true, |profile| profile.async_customers);
            let orders = oracle.profile_is(channel, false, |profile| profile.async_orders);
            (given(&[store(channel), needs(channel, "customer-orders")]).and(creates), orders)
        });
        self.each_channel(13, ALWAYS, |channel| {
            let creates = oracle.profile_is(channel, true, |profile| profile.async_customers);
            (given(&[needs(channel, "loyalty")]), creates)
        });
        self.each_channel(14, ALWAYS, |channel| {
            let needs = needs(channel, "offline-customer-creation");
            let speaks = given(&[store(channel), needs, channel.supports_offline]);
            (speaks, filtered(world, channel))
        });
        let contacts = (
            self.while_it_is(true, "enhanced-async-customer-creation"),
            self.off("multiple-contacts"),
        );
        self.each_channel(21, contacts, |channel| (given(&[store(channel)]), Some(true)));
        self.each_channel(25, ALWAYS, |channel| (EVERY, is_late(world, channel)));
        // One lint for the upload, one for the download.
        for upload in [true, false] {
            self.each_channel(70, ALWAYS, |channel| {
                let gives = match (&world.groups, channel.group) {
                    (_, Some(None)) => Some(false),
                    (Some(_), Some(Some(group))) => {
                        let (up, down) = world.intervals[group];
                        Some(if upload { up.is_some() } else { down.is_some() })
                    }
                    _ => None,
                };
                let refers = channel.group.is_some();
                let gives = by_section(gives, refers && world.groups.is_none());
                (gives, is_late(world, channel))
            });
        }
        let unscheduled = self.unscheduled("synchronize-orders");
        self.each_channel(28, (EVERY, unscheduled), |channel| {
            let orders = oracle.where_profile_is(channel, true, |profile| profile.async_orders);
            (if channel.online { EVERY } else { orders }, Some(true))
        });
        let too_early = given(&[self.is_older_than(39)]);
        self.each_channel(50, (too_early, Some(true)), |channel| {
            (given(&[needs(channel, "loyalty")]), channel.schemes.as_ref().map(Vec::is_empty))
        });
        let batches = world.parameters.as_ref().and_then(|parameters| parameters.post_in_batches);
        let unscheduled = self.unscheduled("post-earned-loyalty-points");
        let earns = |channel: &Channel| {
            let parts = [store(channel), needs(channel, "loyalty"), channel.supports_offline];
            (given(&parts), Some(true))
        };
        self.each_channel(51, (EVERY, not(batches)), earns);
        self.each_channel(51, (given(&[batches]), unscheduled), earns);
        let offline = |channel: &Channel| {
            given(&[store(channel), needs(channel, "offline-customer-creation")])
        };
        self.each_channel(61, ALWAYS, |it| (offline(it), not(it.supports_offline)));
        self.each_channel(61, ALWAYS, |channel| {
            let lacks = oracle.profile_is(channel, false, |profile| profile.offline_customers);
            (offline(channel), lacks)
        });
    }

    /// L65, L66: the index of customers.
    fn searches(&mut self) {
        let indexed = self.while_it_is(true, "cloud-powered-customer-search");
        self.each_profile(65, (indexed, Some(true)), |profile| {
            (given(&[not(profile.online)]), profile.async_customers)
        });
        let downloads = self.schedules(&["1010_CustomerSearch", "9999"]);
        let download = downloads.and_then(|mut all| {
            or(all.by_ref().map(|it| and(&[it.active, recurs(it.status, it.recurrence)])))
        });
        self.tell(66, "1010_CustomerSearch", indexed, not(download));
    }

    fn versions(&mut self) {
        let world = self.world;
        let version_of = |channel: &Channel| match channel.unit {
            None => None,
            Some(None) => Some(None),
            Some(Some(number)) => world.units.as_ref().and_then(|all| all[number]).map(Some),
        };
        self.each(67, world.units.as_ref(), ALWAYS, |number, version| {
            (format!("unit {number}"), EVERY, version.map(|version| version > world.version))
        });
        self.each_channel(68, ALWAYS, |channel| {
            let older = |unit: Option<_>| Some(unit? < channel.store_version?);
            let is_newer = match (version_of(channel), channel.store_version) {
                (Some(None), _) => Some(false),
                (Some(unit), Some(_)) => older(unit),
                _ => None,
            };
            (given(&[Some(!channel.online)]), is_newer)
        });
        let indexed = self.while_it_is(true, "cloud-powered-customer-search");
        self.each_channel(69, (indexed, Some(true)), |channel| {
            let unit = version_of(channel);
            (EVERY, unit.map(|unit| unit.is_some_and(|unit| unit < (10, 0, 18))))
        });
        self.each_channel(71, ALWAYS, |channel| {
            let headless = channel.needs.as_ref().map(|all| all.contains(&"headless-clients"));
            (given(&[Some(channel.online)]), headless)
        });
    }

    /// L22, L31, L34 to L36, L39: online channels.
    fn web_shops(&mut self) {
        let world = self.world;
        let oracle = Self { world, verdicts: BTreeMap::new() };
        let online = |channel: &Channel| given(&[Some(channel.online)]);
        let editing = self.while_it_is(true, "edit-customers-async");
        self.each_channel(22, (editing, Some(true)), |it| (online(it), not(it.unmodifiable)));
        self.each_channel(31, ALWAYS, |channel| {
            let real_time = oracle.profile_is(channel, false, |profile| profile.async_customers);
            (online(channel), real_time)
        });
        self.each_channel(34, ALWAYS, |channel| {
            let email = match channel.default_customer {
                None => None,
                Some(None) => Some(false),
                Some(Some(number)) => {
                    world.default_customers.as_ref().and_then(|all| all[number].0)
                }
            };
            (online(channel), email)
        });
        self.each_channel(35, ALWAYS, |channel| {
            (online(channel), channel.profile.map(|profile| profile.is_none()))
        });
        let anonymous =
            world.anonymous.as_ref().and_then(|all| all.first().map_or(Some(false), |it| *it));
        self.each_channel(36, (EVERY, not(anonymous)), |it| (online(it), Some(true)));
        let manual =
            world.manual.as_ref().and_then(|all| all.first().map_or(Some(false), |it| *it));
        self.each_channel(36, (EVERY, manual), |it| (online(it), Some(true)));
        self.each_channel(39, ALWAYS, |channel| {
            let shared = match channel.default_customer {
                None => shares_book(None, channel.books.as_deref()),
                // Without a default customer there is none to share with.
                Some(None) => Some(true),
                Some(Some(number)) => {
                    let books =
                        world.default_customers.as_ref().and_then(|all| all[number].1.as_deref());
                    shares_book(books, channel.books.as_deref())
                }
            };
            // Whether it has a default customer at all.
            let has = channel.default_customer.map(|customer| customer.is_some());
            (given(&[has]), not(shared))
        });
    }

    /// L41, L57, L62: what happens offline.
    fn offline(&mut self) {
        let world = self.world;
        self.each(41, world.offline_profiles.as_ref(), ALWAYS, |number, profile| {
            (format!("offline {number}"), EVERY, profile.advanced)
        });
        self.each_channel(57, ALWAYS, |channel| {
            let failing = channel.grids.as_ref().and_then(|grids| {
                or(grids.iter().map(|grid| {
                    let operations = world.grids.as_ref()?[*grid].as_ref()?;
                    Some(operations.iter().any(|operation| {
                        ["623", "625", "712", "713", "714", "715", "716"].contains(operation)
                    }))
                }))
            });
            (given(&[Some(!channel.online), channel.supports_offline]), failing)
        });
        self.each_channel(62, ALWAYS, |channel| {
            let paused = match channel.offline_profile {
                None => None,
                Some(None) => Some(false),
                Some(Some(number)) => {
                    world.offline_profiles.as_ref().and_then(|all| all[number].paused)
                }
            };
            (given(&[Some(!channel.online), channel.supports_offline]), paused)
        });
    }

    /// L44 to L46, L48: parameters.
    fn parameters(&mut self) {
        let given = |value: &dyn Fn(&super::Parameters) -> Option<u8>| {
            self.world.parameters.as_ref().and_then(value)
        };
        let rollback = given(&|parameters| parameters.rollback).map(|value| value != 0);
        let tries = given(&|parameters| parameters.try_count).map(|value| value != 3);
        let interval = given(&|parameters| parameters.full_interval).map(|value| value != 0);
        let hidden = given(&|parameters| parameters.hide_warnings).map(|value| value == 1);
        // A table that is absent has no record to look at.
        self.tell(44, "", EVERY, rollback);
        self.tell(45, "", EVERY, tries);
        self.tell(45, "", EVERY, interval);
        self.tell(48, "", EVERY, hidden);
        let initialized = self
            .world
            .last_initialize
            .zip(self.world.last_update)
            .map(|(ran, updated)| ran >= updated);
        let by_hand = self.while_it_is(false, "automatic-scheduler-initialization");
        self.tell(46, "", by_hand, not(initialized));
    }

    /// L37, L38, L47, L49, L58, L60, L64: what looks at one record at a time.
    fn lists(&mut self) {
        let world = self.world;
        let several = world.channels.as_ref().map(|channels| channels.len() > 1);
        self.each(37, world.emails.as_ref(), ALWAYS, |_, (_, template)| {
            let is_it = template.map(|id| id.eq_ignore_ascii_case("newcust"));
            ("customer-created".to_owned(), EVERY, is_it)
        });
        self.each(38, world.emails.as_ref(), (EVERY, several), |_, (active, _)| {
            ("customer-created".to_owned(), given(&[*active]), Some(true))
        });
        self.each(47, world.accounts.as_ref(), ALWAYS, |number, policies| {
            let has_some = policies.as_ref().map(|policies| !policies.is_empty());
            (format!("account {number}"), EVERY, has_some)
        });
        self.each(49, world.tables.as_ref(), ALWAYS, |number, (transactional, indexed)| {
            (format!("table {number}"), given(&[*transactional]), not(*indexed))
        });
        self.each(58, world.grids.as_ref(), ALWAYS, |number, operations| {
            let unsupported =
                operations.as_ref().map(|all| all.iter().any(|it| is_unsupported(it)));
            (format!("grid {number}"), EVERY, unsupported)
        });
        self.each(60, world.affiliations.as_ref(), ALWAYS, |number, (purpose, hidden)| {
            let marks = purpose.map(|purpose| purpose != "other");
            (format!("affiliation {number}"), given(&[marks]), not(*hidden))
        });
        self.each(64, world.schedules.as_ref(), ALWAYS, |_, schedule| {
            let overdue = overdue(world, schedule.recurrence, schedule.last_run);
            // What is switched off is not meant to run.
            let overdue = and(&[schedule.active, overdue]);
            (schedule.job.to_owned(), EVERY, overdue)
        });
        self.each(64, world.batch_jobs.as_ref(), ALWAYS, |_, job| {
            (job.name.to_owned(), EVERY, overdue(world, job.recurrence, job.last_run))
        });
    }
}

/// Whether a customer may stay pending longer than the business allows.
fn is_late(world: &World, channel: &Channel) -> Truth {
    let time = pending(world, channel);
    match (world.target, time.endless, time.unknown) {
        (None, ..) => None,
        (_, true, _) => Some(true),
        (_, _, true) => None,
        (Some(target), ..) => Some(time.minutes > target),
    }
}

fn overdue(world: &World, recurrence: Option<Option<u64>>, last_run: Option<i64>) -> Truth {
    let Some(minutes) = recurrence? else { return Some(false) };
    Some(world.as_of? - last_run? > 2 * 60 * i64::try_from(minutes).ok()?)
}

fn more_than_one(parts: impl Iterator<Item = Truth>) -> Truth {
    let parts: Vec<Truth> = parts.collect();
    let known = parts.iter().filter(|part| **part == Some(true)).count();
    let possible = parts.iter().filter(|part| **part != Some(false)).count();
    match (known, possible) {
        (2.., _) => Some(true),
        (_, ..=1) => Some(false),
        _ => None,
    }
}

fn needs(channel: &Channel, word: &str) -> Truth {
    channel.needs.as_ref().map(|needs| needs.contains(&word))
}

fn shares_book(one: Option<&[&str]>, other: Option<&[&str]>) -> Truth {
    match (one, other) {
        (Some([]), _) | (_, Some([])) => Some(false),
        (Some(one), Some(other)) => Some(one.iter().any(|book| other.contains(book))),
        _ => None,
    }
}

/// The filter of the schema of a channel's offline database group if it names one, else of its
/// channel database group.
fn filtered(world: &World, channel: &Channel) -> Truth {
    let group = match (channel.offline_group, channel.group) {
        (Some(Some(group)), _) | (_, Some(Some(group))) => group,
        (Some(None), Some(None)) => return Some(false),
        _ => return None,
    };
    match world.groups.as_ref()?[group]? {
        None => Some(false),
        Some(schema) => world.schemas.as_ref()?[schema],
    }
}

/// Whether a schema is that of channel databases and of no offline ones: what it filters makes no
/// difference offline. Offline tills of a channel that names no offline group have the schema of
/// its other group.
fn is_for_channels_only(world: &World, schema: usize) -> Truth {
    let of_schema = |group: usize| Some(world.groups.as_ref()?[group]? == Some(schema));
    let leads = |group: super::Reference| group?.map_or(Some(false), of_schema);
    let channels = || world.channels.iter().flatten();
    let databases = || world.databases.iter().flatten();
    let tills = channels().map(|channel| match channel.offline_group.flatten() {
        Some(own) => of_schema(own),
        None if channel.online => Some(false),
        None => and(&[channel.supports_offline, leads(channel.group)]),
    });
    let offline = databases().map(|database| and(&[leads(database.group), database.offline]));
    let serving = channels().map(|channel| channel.group);
    let serving = serving.chain(databases().map(|database| database.group)).map(leads);
    // Those of a section that is not there may have any schema.
    let sections = [world.channels.is_none(), world.databases.is_none()];
    let unlisted = || sections.into_iter().filter(|is_absent| *is_absent).map(|_| None);
    // Of a world that says nothing of any, schema and job alone count.
    if world.groups.is_none() && sections == [true; 2] {
        return Some(false);
    }
    and(&[or(serving.chain(unlisted())), not(or(tills.chain(offline).chain(unlisted())))])
}

/// Whether a channel or a database names a group where no group is listed.
fn names_unlisted_groups(world: &World) -> bool {
    let channels = world.channels.iter().flatten();
    let named = channels.flat_map(|channel| [channel.group, channel.offline_group]);
    let named = named.chain(world.databases.iter().flatten().map(|database| database.group));
    world.groups.is_none() && named.flatten().flatten().next().is_some()
}

/// Whether the POS does not support an operation that can be put on a button (2.4).
fn is_unsupported(operation: &str) -> bool {
    let Ok(number) = operation.parse::<u32>() else { return false };
    matches!(number, 110 | 112 | 113 | 116 | 118..=120 | 124..=126 | 208 | 210 | 212 | 216..=220)
        || matches!(number, 304 | 400 | 505..=510 | 550..=556 | 604 | 609..=611 | 613 | 702)
        || matches!(number, 704..=706 | 900 | 906..=914 | 916 | 923..=927)
}
