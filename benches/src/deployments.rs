//! Deployments of as many channels as one likes.

use std::fmt::Write as _;
use syncgate::model::Rules;

/// How many functionality profiles they have.
pub const PROFILES: usize = 50;

/// Features that a clean deployment has on.
const ON: [&str; 4] = [
    "async-address-creation",
    "enhanced-async-customer-creation",
    "edit-customers-async",
    "multiple-contacts",
];

/// What every deployment says beside channels, profiles and features: enough for every check to be
/// decided.
const CLEAN: &str = r#"custom-table = []
affiliation = []
commerce-scale-unit = []

[deployment]
name = "Many"
commerce-version = "10.0.40"
as-of = 2026-11-20T08:00:00Z
last-update = 2026-10-01T00:00:00Z
last-initialize-commerce-scheduler = 2026-10-02T00:00:00Z

[targets]
pending-customer = "2h"

[parameters]
try-count = 3
full-dataset-generation-interval-days = 0
CDX_ENABLE_ROLLBACK_ON_FAILURE = 0
CDX_DISABLE_DISPLAY_UPLOAD_SESSION_WARNING_MESSAGE_V2 = 0
post-earned-points-in-batches = true

[[service-account]]
name = "RetailServiceAccount"
security-policies = []

[[email-notification]]
event = "customer-created"
active = false
email-id = "welcome"

[[button-grid]]
id = "Tills"
operations = ["100", "600", "602", "612", "620"]

[[offline-profile]]
name = "Tills"
enable-advanced-offline-switching = false
pause-offline-synchronization = false

[[scheduler-job]]
id = "1010"
exclude-from-offline-databases = false

[[scheduler-subjob]]
table = "DIRPARTYTABLE"
exclude-from-offline-databases = false

"#;

/// A deployment of stores with their databases. Of `variant` 0 a check finds nothing; in `variant`
/// 1 profiles, schemas and features differ.
pub fn deployment(channels: usize, variant: usize) -> String {
    let mut text = String::from(CLEAN);
    for job in ["P-0001", "1010", "1070", "1110"] {
        let _ = writeln!(
            text,
            "[[distribution-schedule]]\njob = \"{job}\"\nactive = true\nchannel-database-groups = \
                [\"Channels\", \
             \"Tills\"]\nstatus = \"waiting\"\nrecurrence = \"15m\"\nlast-run = \
             2026-11-20T07:45:00Z\n"
        );
    }
    for job in ["synchronize-customers", "synchronize-orders", "post-earned-loyalty-points"] {
        let _ = writeln!(
            text,
            "[[batch-job]]\nname = \"{job}\"\nstatus = \"waiting\"\nrecurrence = \"15m\"\n\
             last-run = 2026-11-20T07:45:00Z\n"
        );
    }
    for feature in &Rules::embedded().features {
        let enabled = ON.contains(&feature.id.as_str())
            && (variant == 0 || feature.id != "edit-customers-async");
        let at = if enabled { "enabled-at = 2026-10-10T09:00:00Z\n" } else { "" };
        let _ = writeln!(text, "[features.{}]\nenabled = {enabled}\n{at}", feature.id);
    }
    for group in ["Channels", "Tills"] {
        let filtered = variant == 1 && group == "Tills";
        let _ = writeln!(
            text,
            "[[channel-schema]]\nname = \"{group}\"\nfilter-shared-customer-data-tables = \
                {filtered}\n\n\
             [[channel-database-group]]\nname = \"{group}\"\nchannel-schema = \"{group}\"\n\n\
             [[channel-database]]\nname = \"{group}\"\ngroup = \
             \"{group}\"\npause-data-synchronization = false\n"
        );
    }
    for profile in 0..PROFILES {
        let is_async = |bit: usize| variant == 0 || (profile >> bit & 1) == 1;
        let _ = writeln!(
            text,
            "[[functionality-profile]]\nid = \"P{profile}\"\nkind = \
                \"pos\"\ncreate-customer-in-async-mode = {}\n\
             create-customer-order-in-async-mode = {}\nreal-time-order-creation-with-async-backup \
             = false\n\
             offline-customer-creation = {}\noffline-order-creation = \
             {}\ndefault-customer-search-mode = false\n",
            is_async(0),
            is_async(1),
            is_async(2),
            is_async(3),
        );
    }
    for channel in 0..channels {
        let profile = channel % PROFILES;
        let _ = writeln!(
            text,
            "[[channel]]\nid = \"store {channel}\"\nkind = \"store\"\nfunctionality-profile = \
                \"P{profile}\"\n\
             channel-database-group = \"Channels\"\noffline-database-group = \
             \"Tills\"\noffline-profile = \"Tills\"\n\
             supports-offline = true\nbutton-grids = [\"Tills\"]\nloyalty-schemes = [\"Gold\"]\n\
             commerce-scale-unit = \"\"\nstore-commerce-version = \"10.0.40\"\n\
             customer-address-books = []\ndefault-customer = \"\"\n\
             needs = [\"customer-orders\", \"offline-customer-creation\"]\n",
        );
    }
    text
}
