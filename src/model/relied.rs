//! What the code itself reads of a deployment: sections, keys and words of `rules/deployment.toml`.
//!
//! The format of a deployment is data, but some of it has a meaning that no rule spells out: which
//! record is a channel, when a job last ran. [`RELIED`] is the one list of that. It is resolved to
//! numbers when rules are bound, where what is missing or of another type is a finding, and code
//! names a section or key by what stands here, never by a text.

use super::format::{Form, Format, Kind, Section};
use super::words::words;

words! {
    /// A section that the code reads.
    SectionName {
        /// What the configuration is of.
        Deployment = "deployment",
        /// The features of Feature management.
        Features = "features",
        /// Functionality profiles.
        FunctionalityProfile = "functionality-profile",
        /// Channel schemas.
        ChannelSchema = "channel-schema",
        /// Channel database groups.
        ChannelDatabaseGroup = "channel-database-group",
        /// Channel databases.
        ChannelDatabase = "channel-database",
        /// Channels.
        Channel = "channel",
        /// Distribution schedules.
        DistributionSchedule = "distribution-schedule",
        /// Batch jobs.
        BatchJob = "batch-job",
        /// What a company aims at.
        Targets = "targets",
        /// Who answers for what no export shows.
        Attestation = "attestation",
        /// Levels of checks.
        Levels = "levels",
        /// Waivers.
        Waiver = "waiver",
    }
}

words! {
    /// A key that the code reads, in whichever sections have it.
    KeyName {
        /// Whether it is active.
        Active = "active",
        /// The moment a deployment was taken.
        AsOf = "as-of",
        /// Who attests.
        By = "by",
        /// The channel database group of a channel.
        ChannelDatabaseGroup = "channel-database-group",
        /// The channel database groups of a schedule.
        ChannelDatabaseGroups = "channel-database-groups",
        /// The channel schema of a group.
        ChannelSchema = "channel-schema",
        /// The code that a waiver waives.
        Code = "code",
        /// The version of headquarters.
        CommerceVersion = "commerce-version",
        /// Whether a feature is on.
        Enabled = "enabled",
        /// When a feature was turned on.
        EnabledAt = "enabled-at",
        /// Where an attestation can be looked up.
        Evidence = "evidence",
        /// The last day of a waiver.
        Expires = "expires",
        /// The group of a database.
        Group = "group",
        /// The job of a schedule.
        Job = "job",
        /// What sort of channel or database it is.
        Kind = "kind",
        /// When it last ran.
        LastRun = "last-run",
        /// The level of a check.
        Level = "level",
        /// A name; of a batch job, which it is.
        Name = "name",
        /// The offline database group of a channel.
        OfflineDatabaseGroup = "offline-database-group",
        /// The day something was attested.
        On = "on",
        /// Who answers for a waiver.
        Owner = "owner",
        /// How long a customer may stay pending.
        PendingCustomer = "pending-customer",
        /// Which sections do not list everything.
        Incomplete = "incomplete",
        /// Why there is a waiver.
        Reason = "reason",
        /// How often it runs.
        Recurrence = "recurrence",
        /// What state a job is in.
        Status = "status",
        /// What a waiver is about.
        Subject = "subject",
        /// How often a group's databases get what jobs bring.
        DownloadInterval = "download-interval",
        /// How often rows are taken from a group's databases.
        UploadInterval = "upload-interval",
        /// Whether a channel has tills that work offline.
        SupportsOffline = "supports-offline",
    }
}

/// What a key must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// `true` or `false`.
    Boolean,
    /// Text.
    Text,
    /// A word; the code knows these.
    Word(&'static [&'static str]),
    /// A word; the code knows these and takes no others.
    WordOf(&'static [&'static str]),
    /// Words, whichever they are.
    Words,
    /// A version.
    Version,
    /// A duration.
    Duration,
    /// A duration, or none.
    Recurrence,
    /// A moment.
    DateTime,
    /// A date.
    Date,
    /// The code of a check.
    Code,
    /// A record of a section.
    Reference(SectionName),
    /// Records of a section.
    References(SectionName),
    /// A job of a distribution schedule.
    DistributionJob,
    /// A batch job.
    BatchJob,
}

impl Needed {
    /// Whether a value of this kind is what the code reads.
    pub fn is_met_by(self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::Word(known), Kind::Word(words)) => {
                known.iter().all(|known| words.iter().any(|word| word == known))
            }
            (Self::WordOf(known), Kind::Word(words)) => {
                Self::Word(known).is_met_by(kind) && words.len() == known.len()
            }
            (Self::Words, Kind::List(inner)) => matches!(**inner, Kind::Word(_)),
            (Self::References(to), Kind::List(inner)) => Self::Reference(to).is_met_by(inner),
            (Self::Reference(to), Kind::Reference(section)) => to.as_str() == section,
            (Self::Boolean, Kind::Boolean)
            | (Self::Text, Kind::Text)
            | (Self::Version, Kind::Version)
            | (Self::Duration, Kind::Duration)
            | (Self::Recurrence, Kind::Recurrence)
            | (Self::DateTime, Kind::DateTime)
            | (Self::Date, Kind::Date)
            | (Self::Code, Kind::Code)
            | (Self::DistributionJob, Kind::DistributionJob)
            | (Self::BatchJob, Kind::BatchJob) => true,
            _ => false,
        }
    }
}

/// How a section must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeededForm {
    /// One table.
    Single,
    /// Any number of records.
    Records,
    /// Tables by the name of a feature.
    Features,
    /// Words by the code of a check.
    Codes,
}

impl NeededForm {
    /// Whether a section of this form is what the code reads.
    pub fn is_met_by(self, form: &Form) -> bool {
        matches!(
            (self, form),
            (Self::Single, Form::Single)
                | (Self::Records, Form::Records)
                | (Self::Features, Form::Features)
                | (Self::Codes, Form::Codes)
        )
    }
}

/// A section that the code reads, and the keys it reads there.
#[derive(Clone, Copy, Debug)]
pub struct Relied {
    /// The section.
    pub section: SectionName,
    /// How it must be written.
    pub form: NeededForm,
    /// The keys, and what each must hold.
    pub keys: &'static [(KeyName, Needed)],
}

/// The statuses of a job that is to run again, or runs.
pub const RUNS: [&str; 2] = ["waiting", "executing"];

/// The level that hides what a check finds.
pub const ALLOW: &str = "allow";

/// The levels of a check: hidden, or a severity.
pub const LEVELS: [&str; 4] = [ALLOW, "info", "warning", "error"];

/// All that the code reads of a deployment.
pub const RELIED: &[Relied] = &[
    Relied {
        section: SectionName::Deployment,
        form: NeededForm::Single,
        keys: &[
            (KeyName::Name, Needed::Text),
            (KeyName::CommerceVersion, Needed::Version),
            (KeyName::AsOf, Needed::DateTime),
            (KeyName::Incomplete, Needed::Words),
        ],
    },
    Relied {
        section: SectionName::Features,
        form: NeededForm::Features,
        keys: &[(KeyName::Enabled, Needed::Boolean), (KeyName::EnabledAt, Needed::DateTime)],
    },
    Relied { section: SectionName::FunctionalityProfile, form: NeededForm::Records, keys: &[] },
    Relied { section: SectionName::ChannelSchema, form: NeededForm::Records, keys: &[] },
    Relied {
        section: SectionName::ChannelDatabaseGroup,
        form: NeededForm::Records,
        keys: &[
            (KeyName::ChannelSchema, Needed::Reference(SectionName::ChannelSchema)),
            (KeyName::UploadInterval, Needed::Duration),
            (KeyName::DownloadInterval, Needed::Duration),
        ],
    },
    Relied {
        section: SectionName::ChannelDatabase,
        form: NeededForm::Records,
        keys: &[
            (KeyName::Group, Needed::Reference(SectionName::ChannelDatabaseGroup)),
            (KeyName::Kind, Needed::Word(&["channel"])),
        ],
    },
    Relied {
        section: SectionName::Channel,
        form: NeededForm::Records,
        keys: &[
            (KeyName::Kind, Needed::Word(&["online", "call-center"])),
            (KeyName::ChannelDatabaseGroup, Needed::Reference(SectionName::ChannelDatabaseGroup)),
            (KeyName::OfflineDatabaseGroup, Needed::Reference(SectionName::ChannelDatabaseGroup)),
            (KeyName::SupportsOffline, Needed::Boolean),
        ],
    },
    Relied {
        section: SectionName::DistributionSchedule,
        form: NeededForm::Records,
        keys: &[
            (KeyName::Job, Needed::DistributionJob),
            (KeyName::Active, Needed::Boolean),
            (KeyName::ChannelDatabaseGroups, Needed::References(SectionName::ChannelDatabaseGroup)),
            (KeyName::Status, Needed::Word(&RUNS)),
            (KeyName::Recurrence, Needed::Recurrence),
            (KeyName::LastRun, Needed::DateTime),
        ],
    },
    Relied {
        section: SectionName::BatchJob,
        form: NeededForm::Records,
        keys: &[
            (KeyName::Name, Needed::BatchJob),
            (KeyName::Status, Needed::Word(&RUNS)),
            (KeyName::Recurrence, Needed::Recurrence),
            (KeyName::LastRun, Needed::DateTime),
        ],
    },
    Relied {
        section: SectionName::Targets,
        form: NeededForm::Single,
        keys: &[(KeyName::PendingCustomer, Needed::Duration)],
    },
    Relied {
        section: SectionName::Levels,
        form: NeededForm::Codes,
        keys: &[
            (KeyName::Level, Needed::WordOf(&LEVELS)),
            (KeyName::Reason, Needed::Text),
            (KeyName::Owner, Needed::Text),
        ],
    },
    Relied {
        section: SectionName::Attestation,
        form: NeededForm::Single,
        keys: &[
            (KeyName::By, Needed::Text),
            (KeyName::On, Needed::Date),
            (KeyName::Expires, Needed::Date),
            (KeyName::Evidence, Needed::Text),
        ],
    },
    Relied {
        section: SectionName::Waiver,
        form: NeededForm::Records,
        keys: &[
            (KeyName::Code, Needed::Code),
            (KeyName::Subject, Needed::Text),
            (KeyName::Reason, Needed::Text),
            (KeyName::Owner, Needed::Text),
            (KeyName::Expires, Needed::Date),
        ],
    },
];

/// What names a section of a format: its id, or what the code calls it.
pub trait NamesSection: Copy {
    /// The number of the section; `None` where the format has none.
    fn number_in(self, format: &Format) -> Option<usize>;
}

impl<T: AsRef<str> + ?Sized> NamesSection for &T {
    fn number_in(self, format: &Format) -> Option<usize> {
        format.sections.iter().position(|section| section.id == self.as_ref())
    }
}

impl From<SectionName> for String {
    fn from(name: SectionName) -> Self {
        name.as_str().to_owned()
    }
}

impl NamesSection for SectionName {
    fn number_in(self, format: &Format) -> Option<usize> {
        format.relied.iter().find(|(name, _)| *name == self).map(|(_, number)| *number)
    }
}

/// What names a key of a section: its id, or what the code calls it.
pub trait NamesKey: Copy {
    /// The number of the key; `None` where the section has none.
    fn number_in(self, section: &Section) -> Option<usize>;
}

impl<T: AsRef<str> + ?Sized> NamesKey for &T {
    fn number_in(self, section: &Section) -> Option<usize> {
        section.keys.iter().position(|key| key.id == self.as_ref())
    }
}

impl NamesKey for KeyName {
    fn number_in(self, section: &Section) -> Option<usize> {
        section.relied.iter().find(|(name, _)| *name == self).map(|(_, number)| *number)
    }
}

/// What is not as the code needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// A section is missing.
    Section(SectionName),
    /// A section is written otherwise.
    Form(SectionName),
    /// A key is missing.
    Key(SectionName, KeyName),
    /// Nothing says how often an exchange comes that has its interval in this key.
    Exchange(KeyName),
    /// A key holds something else.
    Kind(SectionName, KeyName),
}

impl Format {
    /// Resolves what the code reads of a deployment; what the format does not have as the code
    /// needs it is returned.
    pub(crate) fn rely(&mut self) -> Vec<Unmet> {
        let (mut unmet, mut relied) = (Vec::new(), Vec::new());
        for Relied { section: name, form, keys } in RELIED {
            let mut sections = self.sections.iter_mut().enumerate();
            let Some((number, section)) = sections.find(|(_, it)| it.id == name.as_str()) else {
                unmet.push(Unmet::Section(*name));
                continue;
            };
            relied.push((*name, number));
            if !form.is_met_by(&section.form) {
                unmet.push(Unmet::Form(*name));
            }
            for (key, needed) in *keys {
                match section.key(key.as_str()) {
                    None => unmet.push(Unmet::Key(*name, *key)),
                    Some((_, declared)) if !needed.is_met_by(&declared.kind) => {
                        unmet.push(Unmet::Kind(*name, *key));
                    }
                    Some((number, _)) => section.relied.push((*key, number)),
                }
            }
        }
        self.relied = relied;
        unmet
    }
}
