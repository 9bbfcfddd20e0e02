//! A small deployment as plain values, made from a tape of bytes, and written as TOML. `oracle`
//! says what is wrong with it.
#![expect(
    clippy::option_option,
    reason = "a value that is not given and one that is given as none differ"
)]
#![expect(clippy::indexing_slicing, reason = "tests fail by panicking")]
#![expect(unreachable_pub, reason = "the module belongs to a test")]

pub mod oracle;

use oracle::Verdict;
use std::fmt::{Display, Write as _};
use syncgate::check::CheckResult;

/// The moment everything is about, in seconds since 1970: 2026-11-20T08:00:00Z.
const NOW: i64 = 1_795_161_600;

pub const STATUSES: [&str; 6] = ["waiting", "executing", "withhold", "ended", "canceled", "error"];

pub const FEATURES: [&str; 14] = [
    "order-performance",
    "async-address-creation",
    "enhanced-async-customer-creation",
    "edit-customers-async",
    "multiple-contacts",
    "seamless-offline",
    "automatic-scheduler-initialization",
    "trickle-feed",
    "offline-monitoring",
    "offline-database-compression",
    "multiple-catalogs",
    "cancel-async-orders",
    "async-cancellation-contact-prompt",
    "cloud-powered-customer-search",
];

const VERSIONS: [(u32, u32, u32); 19] = [
    (10, 0, 40),
    (10, 0, 17),
    (10, 0, 18),
    (10, 0, 19),
    (10, 0, 21),
    (10, 0, 22),
    (10, 0, 23),
    (10, 0, 24),
    (10, 0, 27),
    (10, 0, 28),
    (10, 0, 29),
    (10, 0, 30),
    (10, 0, 31),
    (10, 0, 32),
    (10, 0, 33),
    (10, 0, 35),
    (10, 0, 38),
    (10, 0, 39),
    (11, 0, 0),
];

/// How a check ends of which the oracle says this.
pub fn wanted(verdict: &Verdict) -> CheckResult {
    match verdict {
        Verdict { wrong, .. } if !wrong.is_empty() => CheckResult::Fail,
        Verdict { unknown: true, .. } => CheckResult::Undecided,
        Verdict { looked: true, .. } => CheckResult::Pass,
        // Whether there is something to look at is not known.
        Verdict { open: true, .. } => CheckResult::Undecided,
        Verdict { .. } => CheckResult::NotApplicable,
    }
}

/// Tapes of bytes that look random, the same for the same seed.
pub fn tapes(seed: u64) -> impl Iterator<Item = Vec<u8>> {
    let mut state = seed;
    let mut byte = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::from_fn(move || Some((0..640).map(|_| byte()).collect()))
}

/// Bytes that a deployment is made from: the end of the tape is all zeros, and zero is the plainest
/// choice.
pub struct Tape<'a> {
    bytes: std::slice::Iter<'a, u8>,
    /// How many of 256 values are left out.
    unknown: u8,
    /// How many of 256 sections are.
    absent: u8,
}

impl<'a> Tape<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut tape = Self { bytes: bytes.iter(), unknown: 0, absent: 0 };
        tape.unknown = tape.choose(&[0, 0, 4, 12, 40]);
        tape.absent = tape.choose(&[0, 0, 8, 60]);
        tape
    }

    fn next(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or_default()
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.next()) % limit
    }

    fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn flip(&mut self) -> bool {
        self.next() % 2 == 1
    }

    /// Whether something happens that happens rarely.
    fn rarely(&mut self) -> bool {
        self.next() >= 224
    }

    /// A value, unless it is left out.
    fn known<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.next() >= self.unknown).then(|| value(self))
    }

    fn boolean(&mut self) -> Option<bool> {
        self.known(Self::flip)
    }

    /// A reference: left out, said to be none, or to one of so many records.
    fn reference(&mut self, targets: usize) -> Reference {
        self.known(|tape| (!tape.rarely()).then(|| tape.below(targets)))
    }

    /// Some of these.
    fn some<T: Copy>(&mut self, from: &[T]) -> Vec<T> {
        let bits = self.next();
        from.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, it)| *it).collect()
    }

    /// The records of a section, unless it is absent.
    fn section<T>(
        &mut self,
        counts: std::ops::RangeInclusive<usize>,
        mut record: impl FnMut(&mut Self, usize) -> T,
    ) -> Section<T> {
        if self.next() < self.absent {
            return None;
        }
        let count = counts.start() + self.below(counts.end() - counts.start() + 1);
        Some((0..count).map(|number| record(self, number)).collect())
    }

    /// A moment, some time before or after now.
    fn moment(&mut self) -> i64 {
        NOW + 60 * self.choose(&[-31, -5, 0, -30, -60, -61, -120, -121, -500, 10])
    }

    /// How often something runs, in minutes; `None`: it does not run again.
    fn recurrence(&mut self) -> Option<u64> {
        self.choose(&[Some(15), Some(30), Some(60), Some(61), Some(15), Some(10), Some(240), None])
    }

    fn status(&mut self) -> &'static str {
        if self.flip() { self.choose(&STATUSES) } else { "waiting" }
    }
}

pub type Section<T> = Option<Vec<T>>;
/// `None`: left out; `Some(None)`: said to be none.
pub type Reference = Option<Option<usize>>;

#[derive(Debug)]
pub struct Feature {
    pub id: &'static str,
    pub enabled: Option<bool>,
    pub enabled_at: Option<i64>,
}

#[derive(Debug)]
pub struct Profile {
    /// Whether online channels use it, not stores.
    pub online: Option<bool>,
    pub async_customers: Option<bool>,
    pub async_orders: Option<bool>,
    pub backup: Option<bool>,
    pub offline_customers: Option<bool>,
    pub search_mode: Option<bool>,
}

#[derive(Debug)]
pub struct Database {
    pub group: Reference,
    pub offline: Option<bool>,
    pub paused: Option<bool>,
}

#[derive(Debug)]
pub struct OfflineProfile {
    pub advanced: Option<bool>,
    pub paused: Option<bool>,
}

#[derive(Debug)]
pub struct Channel {
    pub online: bool,
    pub profile: Reference,
    /// Its Commerce Scale Unit, and the version of Store Commerce.
    pub unit: Reference,
    pub store_version: Option<(u32, u32, u32)>,
    pub group: Reference,
    pub offline_group: Reference,
    pub offline_profile: Reference,
    pub supports_offline: Option<bool>,
    pub needs: Option<Vec<&'static str>>,
    pub unmodifiable: Option<bool>,
    pub default_customer: Reference,
    pub books: Option<Vec<&'static str>>,
    pub schemes: Option<Vec<&'static str>>,
    pub grids: Option<Vec<usize>>,
}

#[derive(Debug)]
pub struct Schedule {
    pub job: &'static str,
    pub active: Option<bool>,
    pub groups: Option<Vec<usize>>,
    pub status: Option<&'static str>,
    pub recurrence: Option<Option<u64>>,
    pub last_run: Option<i64>,
    /// Whether names are written otherwise than where they are declared.
    pub shouted: bool,
}

#[derive(Debug)]
pub struct BatchJob {
    pub name: &'static str,
    pub status: Option<&'static str>,
    pub recurrence: Option<Option<u64>>,
    pub last_run: Option<i64>,
}

#[derive(Debug)]
pub struct Parameters {
    pub try_count: Option<u8>,
    pub full_interval: Option<u8>,
    pub rollback: Option<u8>,
    pub hide_warnings: Option<u8>,
    pub post_in_batches: Option<bool>,
}

#[derive(Debug)]
pub struct World {
    pub version: (u32, u32, u32),
    pub as_of: Option<i64>,
    pub last_update: Option<i64>,
    pub last_initialize: Option<i64>,
    pub features: Section<Feature>,
    pub profiles: Section<Profile>,
    /// Their filters.
    pub schemas: Section<Option<bool>>,
    /// Their schemas.
    pub groups: Section<Reference>,
    pub databases: Section<Database>,
    pub offline_profiles: Section<OfflineProfile>,
    /// The versions of Commerce Scale Units.
    pub units: Section<Option<(u32, u32, u32)>>,
    pub channels: Section<Channel>,
    /// Jobs and whether they are excluded from offline databases.
    pub scheduler_jobs: Section<(&'static str, Option<bool>)>,
    pub subjobs: Section<(&'static str, Option<bool>)>,
    pub schedules: Section<Schedule>,
    pub batch_jobs: Section<BatchJob>,
    pub parameters: Option<Parameters>,
    /// How long a customer may stay pending, in minutes.
    pub target: Option<u64>,
    /// Whether a default customer has a receipt email, and its address books.
    pub default_customers: Section<(Option<bool>, Option<Vec<&'static str>>)>,
    pub grids: Section<Option<Vec<&'static str>>>,
    /// Whether 612 allows anonymous access, where it is listed.
    pub anonymous: Section<Option<bool>>,
    /// Whether the number sequence is manual, where it is listed.
    pub manual: Section<Option<bool>>,
    /// Whether the email is sent, and its template, where it is listed.
    pub emails: Section<(Option<bool>, Option<&'static str>)>,
    pub affiliations: Section<(Option<&'static str>, Option<bool>)>,
    pub accounts: Section<Option<Vec<&'static str>>>,
    pub tables: Section<(Option<bool>, Option<bool>)>,
    /// The upload and the download interval of each group, in minutes.
    pub intervals: [(Option<u64>, Option<u64>); 3],
}

impl World {
    pub fn of(tape: &mut Tape<'_>) -> Self {
        Self {
            version: tape.choose(&VERSIONS),
            as_of: tape.known(|_| NOW),
            last_update: tape.known(Tape::moment),
            last_initialize: tape.known(Tape::moment),
            features: features(tape),
            profiles: tape.section(3..=3, |tape, _| Profile {
                async_customers: tape.boolean(),
                async_orders: tape.boolean(),
                backup: tape.boolean(),
                offline_customers: tape.boolean(),
                search_mode: tape.boolean(),
                online: tape.known(|tape| tape.below(3) == 2),
            }),
            schemas: tape.section(2..=2, |tape, _| tape.boolean()),
            groups: tape.section(3..=3, |tape, _| tape.reference(2)),
            databases: tape.section(1..=3, |tape, _| Database {
                group: tape.reference(3),
                offline: tape.boolean(),
                paused: tape.boolean(),
            }),
            offline_profiles: tape.section(2..=2, |tape, _| OfflineProfile {
                advanced: tape.boolean(),
                paused: tape.boolean(),
            }),
            units: tape.section(2..=2, |tape, _| tape.known(|tape| tape.choose(&VERSIONS))),
            channels: tape.section(1..=3, |tape, _| channel(tape)),
            scheduler_jobs: tape.section(1..=2, |tape, number| {
                (["1010", "1070"][(number + 1) % 2], tape.boolean())
            }),
            subjobs: tape.section(1..=2, |tape, number| {
                (["RETAILASYNCCUSTOMERV2", "DIRPARTYTABLE"][number], tape.boolean())
            }),
            schedules: tape.section(1..=8, |tape, _| schedule(tape)),
            batch_jobs: batch_jobs(tape),
            parameters: tape.known(|tape| Parameters {
                try_count: tape.known(|tape| tape.choose(&[3, 5])),
                full_interval: tape.known(|tape| tape.choose(&[0, 7])),
                rollback: tape.known(|tape| tape.choose(&[0, 1])),
                hide_warnings: tape.known(|tape| tape.choose(&[0, 1])),
                post_in_batches: tape.boolean(),
            }),
            target: tape.known(|tape| tape.choose(&[60, 10, 45, 75, 90, 300])),
            default_customers: tape.section(2..=2, |tape, _| {
                (tape.boolean(), tape.known(|tape| tape.some(&["A", "B", "C"])))
            }),
            grids: tape.section(2..=2, |tape, _| {
                tape.known(|tape| {
                    let usual = tape.some(&["100", "623", "625", "612", "716"]);
                    let odd =
                        ["604", "208", "217", "510", "927", "711", "712", "511", "614", "915"];
                    let odd = if tape.flip() { vec![tape.choose(&odd)] } else { Vec::new() };
                    [usual, odd].concat()
                })
            }),
            anonymous: tape.section(0..=1, |tape, _| tape.boolean()),
            manual: tape.section(0..=1, |tape, _| tape.boolean()),
            emails: tape.section(0..=1, |tape, _| {
                (
                    tape.boolean(),
                    tape.known(|tape| tape.choose(&["newCust", "NewCustomer", "newcust"])),
                )
            }),
            affiliations: tape.section(0..=3, |tape, _| {
                (tape.known(|tape| tape.choose(&["staff", "vip", "other"])), tape.boolean())
            }),
            accounts: tape
                .section(0..=2, |tape, _| tape.known(|tape| tape.some(&["Stores", "Sales"]))),
            tables: tape.section(0..=2, |tape, _| (tape.boolean(), tape.boolean())),
            intervals: [(); 3].map(|()| {
                let interval = |tape: &mut Tape<'_>| tape.choose(&[None, None, Some(3), Some(40)]);
                (interval(tape), interval(tape))
            }),
        }
    }
}

fn features(tape: &mut Tape<'_>) -> Section<Feature> {
    let mut all = tape.section(FEATURES.len()..=FEATURES.len(), |tape, number| {
        let feature = Feature {
            id: FEATURES[number],
            enabled: tape.known(|tape| tape.below(4) > 0),
            enabled_at: tape.known(Tape::moment),
        };
        (tape.below(4) > 0).then_some(feature)
    })?;
    // A section has a record.
    let is_empty = all.iter().all(Option::is_none);
    all.push(is_empty.then_some(Feature {
        id: "clienteling",
        enabled: Some(false),
        enabled_at: None,
    }));
    Some(all.into_iter().flatten().collect())
}

fn channel(tape: &mut Tape<'_>) -> Channel {
    let online = tape.below(3) == 2;
    Channel {
        online,
        profile: tape.reference(3),
        unit: tape.reference(2),
        store_version: tape.known(|tape| tape.choose(&VERSIONS)),
        group: tape.reference(3),
        offline_group: tape.choose(&[true, false]).then(|| tape.reference(3)).flatten(),
        offline_profile: tape.reference(2),
        supports_offline: tape.known(|tape| !online && tape.below(3) > 0),
        needs: tape.known(|tape| {
            tape.some(&[
                "loyalty",
                "customer-orders",
                "offline-customer-creation",
                "headless-clients",
            ])
        }),
        unmodifiable: tape.boolean(),
        default_customer: tape.reference(2),
        books: tape.known(|tape| tape.some(&["A", "B", "D"])),
        schemes: tape.known(|tape| tape.some(&["Gold"])),
        grids: tape.known(|tape| tape.some(&[0, 1])),
    }
}

fn schedule(tape: &mut Tape<'_>) -> Schedule {
    Schedule {
        job: tape.choose(&[
            "P-0001",
            "1010",
            "9999",
            "1070",
            "1110",
            "P-0001",
            "1010",
            "1010_CustomerSearch",
        ]),
        active: tape.known(|tape| !tape.rarely()),
        groups: tape.known(|tape| {
            let bits = tape.next();
            (0..3).filter(|group| bits >> group & 1 == 0 || bits >> (group + 3) & 1 == 1).collect()
        }),
        status: tape.known(Tape::status),
        recurrence: tape.known(Tape::recurrence),
        last_run: tape.known(Tape::moment),
        shouted: tape.rarely(),
    }
}

fn batch_jobs(tape: &mut Tape<'_>) -> Section<BatchJob> {
    let names = [
        "synchronize-customers",
        "synchronize-orders",
        "validate-store-transactions",
        "post-earned-loyalty-points",
        "post-statement",
    ];
    let all = tape.section(names.len()..=names.len(), |tape, number| {
        let job = BatchJob {
            name: names[number],
            status: tape.known(Tape::status),
            recurrence: tape.known(Tape::recurrence),
            last_run: tape.known(Tape::moment),
        };
        // The last is always there: a section has a record.
        (number == 4 || !tape.rarely()).then_some(job)
    })?;
    Some(all.into_iter().flatten().collect())
}

/// The deployment as TOML.
pub fn toml(world: &World) -> String {
    let mut text = Text(String::new());
    text.none("default-customer", world.default_customers.as_deref());
    text.none("button-grid", world.grids.as_deref());
    text.none("pos-operation", world.anonymous.as_deref());
    text.none("number-sequence", world.manual.as_deref());
    text.none("email-notification", world.emails.as_deref());
    text.none("affiliation", world.affiliations.as_deref());
    text.none("service-account", world.accounts.as_deref());
    text.none("custom-table", world.tables.as_deref());
    text.header("[deployment]");
    let (major, minor, patch) = world.version;
    text.quoted("commerce-version", Some(format!("{major}.{minor}.{patch}")));
    text.key("as-of", world.as_of.map(moment));
    text.key("last-update", world.last_update.map(moment));
    text.key("last-initialize-commerce-scheduler", world.last_initialize.map(moment));
    settings(&mut text, world);
    channels(&mut text, world);
    jobs(&mut text, world);
    others(&mut text, world);
    text.0
}

fn settings(text: &mut Text, world: &World) {
    for feature in world.features.iter().flatten() {
        text.header(&format!("[features.{}]", feature.id));
        text.key("enabled", feature.enabled);
        text.key("enabled-at", feature.enabled_at.map(moment));
    }
    if let Some(parameters) = &world.parameters {
        text.header("[parameters]");
        text.key("try-count", parameters.try_count);
        text.key("full-dataset-generation-interval-days", parameters.full_interval);
        text.key("CDX_ENABLE_ROLLBACK_ON_FAILURE", parameters.rollback);
        text.key("CDX_DISABLE_DISPLAY_UPLOAD_SESSION_WARNING_MESSAGE_V2", parameters.hide_warnings);
        text.key("post-earned-points-in-batches", parameters.post_in_batches);
    }
    if let Some(target) = world.target {
        text.header("[targets]");
        text.quoted("pending-customer", Some(minutes(target)));
    }
    for (number, profile) in world.profiles.iter().flatten().enumerate() {
        text.record("functionality-profile", "id", &format!("profile {number}"));
        text.quoted("kind", profile.online.map(|online| if online { "online" } else { "pos" }));
        text.key("create-customer-in-async-mode", profile.async_customers);
        text.key("create-customer-order-in-async-mode", profile.async_orders);
        text.key("real-time-order-creation-with-async-backup", profile.backup);
        text.key("offline-customer-creation", profile.offline_customers);
        text.key("default-customer-search-mode", profile.search_mode);
    }
}

fn channels(text: &mut Text, world: &World) {
    for (number, filter) in world.schemas.iter().flatten().enumerate() {
        text.record("channel-schema", "name", &format!("schema {number}"));
        text.key("filter-shared-customer-data-tables", *filter);
    }
    for (number, schema) in world.groups.iter().flatten().enumerate() {
        text.record("channel-database-group", "name", &format!("group {number}"));
        text.reference("channel-schema", "schema", *schema);
        let (upload, download) = world.intervals[number];
        text.quoted("upload-interval", upload.map(minutes));
        text.quoted("download-interval", download.map(minutes));
    }
    for (number, database) in world.databases.iter().flatten().enumerate() {
        text.record("channel-database", "name", &format!("database {number}"));
        text.reference("group", "group", database.group);
        text.quoted(
            "kind",
            database.offline.map(|offline| if offline { "offline" } else { "channel" }),
        );
        text.key("pause-data-synchronization", database.paused);
    }
    for (number, profile) in world.offline_profiles.iter().flatten().enumerate() {
        text.record("offline-profile", "name", &format!("offline {number}"));
        text.key("enable-advanced-offline-switching", profile.advanced);
        text.key("pause-offline-synchronization", profile.paused);
    }
    for (number, version) in world.units.iter().flatten().enumerate() {
        text.record("commerce-scale-unit", "name", &format!("unit {number}"));
        text.quoted("version", version.map(three));
    }
    for (number, channel) in world.channels.iter().flatten().enumerate() {
        text.record("channel", "id", &format!("channel {number}"));
        text.quoted("kind", Some(if channel.online { "online" } else { "store" }));
        text.reference("functionality-profile", "profile", channel.profile);
        text.reference("commerce-scale-unit", "unit", channel.unit);
        text.quoted("store-commerce-version", channel.store_version.map(three));
        text.reference("channel-database-group", "group", channel.group);
        text.reference("offline-database-group", "group", channel.offline_group);
        text.reference("offline-profile", "offline", channel.offline_profile);
        text.key("supports-offline", channel.supports_offline);
        text.list("needs", channel.needs.as_deref());
        text.key("unmodifiable-ui-elements", channel.unmodifiable);
        text.reference("default-customer", "customer", channel.default_customer);
        text.list("customer-address-books", channel.books.as_deref());
        text.list("loyalty-schemes", channel.schemes.as_deref());
        text.list("button-grids", named(channel.grids.as_deref(), "grid").as_deref());
    }
}

fn jobs(text: &mut Text, world: &World) {
    for (job, excluded) in world.scheduler_jobs.iter().flatten() {
        text.record("scheduler-job", "id", job);
        text.key("exclude-from-offline-databases", *excluded);
    }
    for (table, excluded) in world.subjobs.iter().flatten() {
        text.record("scheduler-subjob", "table", table);
        text.key("exclude-from-offline-databases", *excluded);
    }
    for schedule in world.schedules.iter().flatten() {
        let job = match (schedule.shouted, schedule.job) {
            (true, "P-0001") => "P-job",
            (true, "1010") => "CUSTOMERS",
            (_, job) => job,
        };
        text.record("distribution-schedule", "job", job);
        text.key("active", schedule.active);
        let group = if schedule.shouted { "GROUP" } else { "group" };
        text.list("channel-database-groups", named(schedule.groups.as_deref(), group).as_deref());
        text.runs(schedule.status, schedule.recurrence, schedule.last_run);
    }
    for job in world.batch_jobs.iter().flatten() {
        text.record("batch-job", "name", job.name);
        text.runs(job.status, job.recurrence, job.last_run);
    }
}

fn others(text: &mut Text, world: &World) {
    for (number, (email, books)) in world.default_customers.iter().flatten().enumerate() {
        text.record("default-customer", "account", &format!("customer {number}"));
        text.key("has-receipt-email", *email);
        text.list("address-books", books.as_deref());
    }
    for (number, operations) in world.grids.iter().flatten().enumerate() {
        text.record("button-grid", "id", &format!("grid {number}"));
        text.list("operations", operations.as_deref());
    }
    for anonymous in world.anonymous.iter().flatten() {
        text.record("pos-operation", "id", "612");
        text.key("allow-anonymous-access", *anonymous);
    }
    for manual in world.manual.iter().flatten() {
        text.record("number-sequence", "reference", "customer-account");
        text.key("manual", *manual);
    }
    for (active, template) in world.emails.iter().flatten() {
        text.record("email-notification", "event", "customer-created");
        text.key("active", *active);
        text.quoted("email-id", *template);
    }
    for (number, (purpose, hidden)) in world.affiliations.iter().flatten().enumerate() {
        text.record("affiliation", "name", &format!("affiliation {number}"));
        text.quoted("purpose", *purpose);
        text.key("hide-in-channels", *hidden);
    }
    for (number, policies) in world.accounts.iter().flatten().enumerate() {
        text.record("service-account", "name", &format!("account {number}"));
        text.list("security-policies", policies.as_deref());
    }
    for (number, (transactional, indexed)) in world.tables.iter().flatten().enumerate() {
        text.record("custom-table", "name", &format!("table {number}"));
        text.key("transactional", *transactional);
        text.key("has-replication-counter-index", *indexed);
    }
}

/// TOML as it is written.
struct Text(String);

impl Text {
    fn none<T>(&mut self, section: &str, records: Option<&[T]>) {
        if records.is_some_and(<[T]>::is_empty) {
            let _ = writeln!(self.0, "{section} = []");
        }
    }

    fn header(&mut self, header: &str) {
        let _ = writeln!(self.0, "\n{header}");
    }

    fn record(&mut self, section: &str, key: &str, id: &str) {
        self.header(&format!("[[{section}]]"));
        self.quoted(key, Some(id));
    }

    fn key(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            let _ = writeln!(self.0, "{key} = {value}");
        }
    }

    fn quoted(&mut self, key: &str, value: Option<impl Display>) {
        self.key(key, value.map(|value| format!("\"{value}\"")));
    }

    fn list(&mut self, key: &str, values: Option<&[impl std::fmt::Debug]>) {
        self.key(key, values.map(|values| format!("{values:?}")));
    }

    fn reference(&mut self, key: &str, name: &str, to: Reference) {
        self.quoted(
            key,
            to.map(|to| to.map_or_else(String::new, |number| format!("{name} {number}"))),
        );
    }

    fn runs(
        &mut self,
        status: Option<&str>,
        recurrence: Option<Option<u64>>,
        last_run: Option<i64>,
    ) {
        self.quoted("status", status);
        self.quoted(
            "recurrence",
            recurrence.map(|it| it.map_or_else(|| "none".to_owned(), minutes)),
        );
        self.key("last-run", last_run.map(moment));
    }
}

fn three((major, minor, patch): (u32, u32, u32)) -> String {
    format!("{major}.{minor}.{patch}")
}

fn named(numbers: Option<&[usize]>, name: &str) -> Option<Vec<String>> {
    numbers.map(|numbers| numbers.iter().map(|number| format!("{name} {number}")).collect())
}

fn minutes(minutes: u64) -> String {
    format!("{minutes}m")
}

fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map(|moment| moment.to_string()).unwrap_or_default()
}
