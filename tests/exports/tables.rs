//! The tables of small deployments, as the database holds them: what refers to what, and how.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A table of an export: its name, its headings and rows.
#[derive(Clone, Debug)]
pub(crate) struct ExportTable {
    pub(crate) name: &'static str,
    pub(crate) headings: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// How many tables a deployment has.
pub(crate) const COUNT: usize = 19;

const FEATURES: [&str; 5] = [
    "Performance improvements for customer orders and customer transactions",
    "Enable asynchronous creation for customer addresses",
    "Enable enhanced async customer creation",
    "Enable editing customers in asynchronous mode",
    "Something that the rules do not know",
];
const SCHEDULES: [&str; 6] = ["P-0001", "1010", "1070", "1110", "1010-NORTH", "NIGHTLY"];
const BATCH: [&str; 4] = [
    "Synchronize customers and channel requests",
    "Synchronize orders",
    "Post statements of the north",
    "Product availability",
];
/// The groups: one of channel databases, those of tills after it.
const GROUPS: [&str; 3] = ["Default", "Offline", "Offline south"];
const SCHEMAS: [&str; 2] = ["AX7", "Lean"];
/// The databases, with the kind of each: the first is that which channels work with.
const DATABASES: [(&str, &str); 4] =
    [("Head", "0"), ("Till database", "1"), ("Till database south", "1"), ("Second head", "0")];

/// A moment, by which every spelling of its column tells day and month apart.
fn moment() -> impl Strategy<Value = String> {
    (1..=11_u8, 13..=28_u8, 0..24_u8, 0..60_u8).prop_map(|(month, day, hour, minute)| {
        format!("2026-{month:02}-{day:02} {hour:02}:{minute:02}")
    })
}

pub(crate) fn recid(kind: u64, number: usize) -> String {
    (5_637_144_576 + kind * 1000 + number as u64).to_string()
}

fn yes(value: bool) -> String {
    if value { "1" } else { "0" }.to_owned()
}

/// A store: its profile, its offline profile, and what its registers say.
type Store = (Index, Index, Vec<Register>);
/// A register: whether it supports offline, and its database, where it has one.
type Register = (Option<bool>, Option<Index>);
/// A database: whether it is paused, its group, and its interval, where it has one.
type Database = (bool, Index, Option<Index>);

fn stores() -> impl Strategy<Value = Vec<Store>> {
    let database = prop_oneof![3 => any::<Index>().prop_map(Some), 1 => Just(None)];
    let register = (prop::option::of(any::<bool>()), database);
    let registers = prop::collection::vec(register, 0..3);
    prop::collection::vec((any::<Index>(), any::<Index>(), registers), 1..5)
}

fn table(
    name: &'static str,
    headings: &[&'static str],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> ExportTable {
    ExportTable { name, headings: headings.to_vec(), rows: rows.into_iter().collect() }
}

fn name(kind: &str, number: usize) -> String {
    format!("{kind} {number}")
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// The record id of a channel.
fn channel(number: usize) -> String {
    recid(1, number)
}

/// The databases of tills and their groups.
fn of_tills(of: Index) -> usize {
    1 + of.index(2)
}

fn profile_tables(profiles: &[(bool, bool)], online: bool) -> Vec<ExportTable> {
    let pos = profiles
        .iter()
        .enumerate()
        .map(|(n, (customers, orders))| vec![name("Profile", n), yes(*customers), yes(*orders)]);
    vec![
        table(
            "RETAILFUNCTIONALITYPROFILE",
            &["PROFILEID", "CREATEASYNCCUSTOMERS", "CREATEOFFLINECUSTOMERORDERS"],
            pos,
        ),
        table(
            "RETAILONLINECHANNELFUNCTIONALITYPROFILETABLE",
            &["RECID", "PROFILEID", "CREATEASYNCCUSTOMERS", "RETAILCHECKOUTALLOWNOPAYMENT"],
            [vec![recid(8, 0), text("Web"), yes(online), yes(false)]],
        ),
    ]
}

/// Stores, with an online channel behind them, their registers and offline profiles.
fn channel_tables(stores: &[Store], profiles: usize, offline: &[(bool, bool)]) -> Vec<ExportTable> {
    let mut channels: Vec<Vec<String>> = Vec::new();
    let mut registers = Vec::new();
    for (n, (profile, tills, of_store)) in stores.iter().enumerate() {
        channels.push(vec![
            channel(n),
            format!("0000{n}"),
            text("0"),
            format!("S{n}"),
            name("Profile", profile.index(profiles)),
            recid(2, tills.index(offline.len())),
            text("0"),
        ]);
        for (supports, database) in of_store {
            let database = database.map_or_else(|| text("0"), |of| recid(3, of_tills(of)));
            let supports = supports.map(yes).unwrap_or_default();
            registers.push(vec![name("Till", registers.len()), channel(n), supports, database]);
        }
    }
    if registers.is_empty() {
        registers.push(vec![name("Till", 0), channel(0), yes(false), text("0")]);
    }
    let web = stores.len();
    channels.push(vec![
        channel(web),
        format!("0000{web}"),
        text("1"),
        String::new(),
        String::new(),
        text("0"),
        recid(8, 0),
    ]);
    let offline = offline.iter().enumerate().map(|(n, (paused, advanced))| {
        vec![recid(2, n), name("Tills", n), yes(*paused), yes(*advanced)]
    });
    vec![
        table(
            "RETAILCHANNELTABLE",
            &[
                "RECID",
                "RETAILCHANNELID",
                "CHANNELTYPE",
                "STORENUMBER",
                "FUNCTIONALITYPROFILE",
                "OFFLINEPROFILE",
                "ONLINEFUNCTIONALITYPROFILE",
            ],
            channels,
        ),
        table(
            "RETAILTERMINALTABLE",
            &["TERMINALID", "STORERECID", "SUPPORTOFFLINE", "OFFLINEDATABASEPROFILE"],
            registers,
        ),
        table(
            "RETAILOFFLINEPROFILE",
            &["RECID", "NAME", "PAUSEOFFLINESYNC", "ENABLEADVANCEDOFFLINESWITCHING"],
            offline,
        ),
    ]
}

/// Databases, and which channels use them: each its head and those of its registers, and some a
/// second one and another of a till.
fn database_tables(
    databases: &[Database],
    intervals: &[u32],
    stores: &[Store],
    used: &[(bool, Option<Index>, bool)],
) -> Vec<ExportTable> {
    let rows = databases.iter().zip(DATABASES).enumerate().map(|(n, (database, known))| {
        let (paused, group, interval) = database;
        let (name, kind) = known;
        // Those that channels work with are of the first group, or sometimes of the last.
        let group = if kind == "1" { of_tills(*group) } else { [0, 0, 0, 2][group.index(4)] };
        let interval = interval.map_or_else(|| text("0"), |of| recid(13, of.index(2)));
        vec![recid(3, n), text(name), recid(4, group), text(kind), yes(*paused), interval]
    });
    let mut links = Vec::new();
    for (n, (second, till, _)) in used.iter().enumerate() {
        let registers = stores.get(n).into_iter().flat_map(|(.., registers)| registers);
        let tills = registers.filter_map(|(_, database)| *database).chain(*till);
        links.push(vec![channel(n), recid(3, 0)]);
        links.extend(second.then(|| vec![channel(n), recid(3, 3)]));
        links.extend(tills.map(|of| vec![channel(n), recid(3, of_tills(of))]));
    }
    let live = used.iter().enumerate().filter(|(n, (.., is_told))| *is_told || *n == 0);
    let intervals = intervals.iter().enumerate().map(|(n, minutes)| {
        vec![recid(13, n), name("Every", n), minutes.to_string(), (minutes * 2).to_string()]
    });
    vec![
        table(
            "RETAILCONNDATABASEPROFILE",
            &["RECID", "NAME", "DATAGROUP", "DATASTORETYPE", "PAUSEDATASYNC", "SCHEDULERINTERVAL"],
            rows,
        ),
        table("RETAILCDXDATASTORECHANNEL", &["CHANNEL", "DATABASEPROFILE"], links),
        table(
            "RETAILCHANNELTABLEEXT",
            &["CHANNEL", "LIVECHANNELDATABASE"],
            live.map(|(n, _)| vec![channel(n), recid(3, 0)]),
        ),
        table(
            "RETAILCDXSCHEDULERINTERVAL",
            &["RECID", "NAME", "UPLOADINTERVAL", "DOWNLOADINTERVAL"],
            intervals,
        ),
    ]
}

fn group_tables(schemas: [Index; 3], filters: (bool, bool)) -> Vec<ExportTable> {
    let groups = GROUPS.iter().zip(schemas).enumerate().map(|(n, (group, schema))| {
        vec![recid(4, n), text(group), recid(5, schema.index(2)), String::new()]
    });
    let names =
        SCHEMAS.iter().enumerate().map(|(n, schema)| vec![recid(5, n), text(schema), text("1")]);
    let filters = SCHEMAS
        .iter()
        .zip([filters.0, filters.1])
        .map(|(schema, filter)| vec![text(schema), text("1"), yes(filter)]);
    vec![
        table("RETAILCDXDATAGROUP", &["RECID", "NAME", "CHANNELSCHEMA", "FORCELOCALE"], groups),
        table("RETAILCONNCHANNELSCHEMA", &["RECID", "SCHEMANAME", "SCHEMATYPE"], names),
        table(
            "RETAILCONNCHANNELSCHEMASKIPDATASYNCCONFIG",
            &["SCHEMANAME", "ENTITYTYPE", "ALLOWSKIPDATASYNC"],
            filters,
        ),
    ]
}

fn feature_tables(features: &[(bool, String)]) -> Vec<ExportTable> {
    let states = features
        .iter()
        .enumerate()
        .map(|(n, (enabled, _))| vec![recid(6, n), text(FEATURES[n]), yes(*enabled)]);
    let labels = features.iter().enumerate().map(|(n, (enabled, since))| {
        let since = if *enabled { since.clone() } else { String::new() };
        vec![recid(7, n), recid(6, n), text(FEATURES[n]), since]
    });
    vec![
        table("FEATUREMANAGEMENTSTATE", &["RECID", "NAME", "ISENABLED"], states),
        table(
            "FEATUREMANAGEMENTMETADATA",
            &["RECID", "FEATURESTATE", "DISPLAYNAME", "ENABLEDATE"],
            labels,
        ),
    ]
}

fn job_tables(
    schedules: &[(bool, Index, Index)],
    batch: &[(&str, String)],
    excluded: bool,
) -> Vec<ExportTable> {
    let jobs = ["P-1000", "1010", "1070", "1110"];
    let jobs = jobs.iter().enumerate();
    let jobs = jobs.map(|(n, job)| vec![recid(10, n), text(job), yes(excluded)]);
    let rows = schedules.iter().zip(SCHEDULES).enumerate().map(|(n, (schedule, name))| {
        let batch = recid(12, schedule.1.index(batch.len()));
        vec![recid(9, n), text(name), yes(schedule.0), batch]
    });
    let mapped = schedules.iter().enumerate().map(|(n, schedule)| {
        // Those whose names are known run the job that they are called by.
        let job = if n < 4 { n } else { schedule.2.index(4) };
        vec![recid(11, n), yes(true), recid(9, n), recid(10, job)]
    });
    let groups = (0..schedules.len()).flat_map(|n| {
        let of = [n % 2, 2].into_iter().take(1 + n % 3);
        of.map(move |group| vec![recid(9, n), recid(4, group)])
    });
    let batch = batch.iter().zip(BATCH).enumerate().map(|(n, ((status, ended), name))| {
        vec![recid(12, n), text(name), text(status), ended.clone()]
    });
    vec![
        table("RETAILCONNSCHEDULERJOBTABLE", &["RECID", "JOBID", "ALLOWSKIPDATASYNC"], jobs),
        table("RETAILCONNSCHEDULE", &["RECID", "NAME", "ACTIVE", "BATCHJOBID"], rows),
        table(
            "RETAILCONNSCHEDULEJOBMAPPING",
            &["RECID", "ENABLED", "SCHEDULERECID", "SCHEDULERJOBID"],
            mapped,
        ),
        table("RETAILCDXSCHEDULEDATAGROUP", &["SCHEDULE", "DATAGROUP"], groups),
        table("BATCHJOB", &["RECID", "CAPTION", "STATUS", "ENDDATETIME"], batch),
    ]
}

prop_compose! {
    /// The tables of a small deployment, all of which refer to each other by record ids.
    pub(crate) fn tables()(
        profiles in prop::collection::vec(any::<(bool, bool)>(), 1..4),
        stores in stores(),
        offline in prop::collection::vec(any::<(bool, bool)>(), 1..3),
        databases in prop::collection::vec(
            (any::<bool>(), any::<Index>(), prop::option::of(any::<Index>())),
            4,
        ),
        intervals in prop::collection::vec(select(vec![15, 60, 300]), 2),
        used in prop::collection::vec(
            (any::<bool>(), prop::option::of(any::<Index>()), any::<bool>()),
            6,
        ),
        features in prop::collection::vec((any::<bool>(), moment()), 4..=5),
        schedules in prop::collection::vec((any::<bool>(), any::<Index>(), any::<Index>()), 6),
        batch in prop::collection::vec(
            (select(vec!["0", "1", "2", "3", "4", "8"]), moment()),
            2..=4,
        ),
        schemas: [Index; 3],
        switches in any::<(bool, bool, bool, bool)>(),
    ) -> Vec<ExportTable> {
        let (filter, other_filter, excluded, online) = switches;
        let channels = stores.len() + 1;
        let tables = [
            profile_tables(&profiles, online),
            channel_tables(&stores, profiles.len(), &offline),
            database_tables(&databases, &intervals, &stores, &used[..channels]),
            group_tables(schemas, (filter, other_filter)),
            feature_tables(&features),
            job_tables(&schedules, &batch, excluded),
        ]
        .concat();
        assert_eq!(tables.len(), COUNT);
        tables
    }
}
