//! Loads: the traffic of a day, what fails in it, and how much jobs manage.

use super::assembly::Assembly;
use super::declare::{key, records, required, word};
use super::files::{InputFile, ReadError};
use super::reader::{RawSections, Reader, add_file};
use crate::diagnostic::{self, Finding, Severity, Sources};
use crate::model::format::{Form, Format, Kind, Section};
use crate::model::{Fields, RealTimeService, Record};

/// The format of a load.
pub(super) fn format() -> Format {
    let period = |id: &str, text: &str, keys: Vec<_>| {
        let times = [
            required("begin", Kind::DateTime, "when it begins"),
            required("duration", Kind::Duration, "how long it takes"),
        ];
        records(id, text, keys.into_iter().chain(times).collect())
    };
    let load = period("load", "which time is played", Vec::new());
    let upto = |least: i64, most: i64| Kind::Integer { least, most };
    Format {
        root: Vec::new(),
        sections: vec![
            Section { form: Form::Single, ..load },
            records(
                "traffic",
                "operations that arrive at random",
                vec![
                    required("channel", Kind::Text, "where; `*` is each store and online channel"),
                    required("operation", Kind::Text, "which, by any of its names"),
                    required(
                        "per-hour",
                        upto(0, MOST_PER_HOUR),
                        "how many an hour, on the average",
                    ),
                    key("from", Kind::Text, "from this time of the day on, UTC"),
                    key("to", Kind::Text, "until this time of the day, UTC"),
                ],
            ),
            period(
                "pos-offline",
                "the POS of a channel is offline",
                vec![required("channel", Kind::Text, "the channel")],
            ),
            period(
                "real-time-service",
                "calls of the Real-time Service meet this",
                vec![required("state", word(RealTimeService::WORDS), "what they meet")],
            ),
            records(
                "capacity",
                "how much a job manages; unlimited where it is not given",
                vec![
                    required("job", Kind::Text, "the job, or `real-time-service`"),
                    key(
                        "rows-per-minute",
                        upto(1, i64::MAX),
                        "how many rows it takes in a minute; of the Real-time Service, calls",
                    ),
                    key("takes", Kind::Duration, "how long it takes from start to effect"),
                ],
            ),
            period(
                "servicing",
                "headquarters is down: no job runs, the Real-time Service answers other-failure",
                Vec::new(),
            ),
        ],
        relied: Vec::new(),
    }
}

/// No line of traffic may have more operations an hour: some 10,000 a second.
const MOST_PER_HOUR: i64 = 36_000_000;

/// A load as it was read: values of the right kind; names are not looked up.
#[derive(Clone, Debug)]
pub struct Load {
    format: Format,
    sections: Vec<Option<Vec<Record>>>,
    /// The file.
    pub files: Sources,
}

/// A load with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct LoadedLoad {
    /// The load as far as it could be read.
    pub load: Load,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl LoadedLoad {
    /// Whether an error was found.
    pub fn is_valid(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity != Severity::Error)
    }
}

impl Load {
    /// Reads a load.
    ///
    /// # Errors
    ///
    /// The file can't be read at all.
    pub fn load(path: &str) -> Result<LoadedLoad, ReadError> {
        let mut read = super::files::read(path)?;
        let file = read.pop().ok_or_else(|| ReadError::Empty { path: path.to_owned() })?;
        Ok(Self::from_file(file))
    }

    /// Reads a load from a file that was read already.
    pub fn from_file(input: InputFile) -> LoadedLoad {
        let format = format();
        let (mut findings, mut files) = (Vec::new(), Sources::default());
        let mut raw = RawSections::new(&format);
        let (file, readable) = add_file(&mut files, input, &mut findings);
        raw.incomplete |= !readable;
        Reader::new(&format, None, &mut findings).read(file, files.text(file), &mut raw, |_| true);
        let whole = !raw.incomplete;
        let assembly = Assembly { format: &format, files: &files, findings: &mut findings, whole };
        let sections = assembly.assemble(raw).sections;
        diagnostic::sort(&mut findings, &files);
        LoadedLoad { load: Self { format, sections, files }, findings }
    }

    /// The records of a section, in order.
    pub fn records(&self, section: &str) -> impl Iterator<Item = Fields<'_>> {
        let found = self.format.section(section);
        let records = found.and_then(|(number, _)| self.sections.get(number)?.as_deref());
        let section = found.map(|(_, section)| section);
        let records = records.into_iter().flatten();
        records.filter_map(move |record| section.map(|section| record.fields(section)))
    }
}
