//! What Dynamics 365 exports, turned into a deployment: OData, data packages, dumps of tables, the
//! grid of Feature management. Pure: bytes in, facts with the file and row of each out.
//!
//! What is exported under which name, and which column says what, is data: `rules/exports.toml`.
//! Here are the readers of the formats and the joins between tables. A column that the rules do not
//! name is not looked at, so that no credential, user or customer passes through; no message quotes
//! what an export holds.

mod answers;
mod archive;
mod batch;
mod build;
mod cells;
mod columns;
mod digests;
mod moments;
mod needs;
mod presence;
mod read;
mod recognise;
mod refusal;
mod rows;
mod taking;
mod telling;
mod values;
mod worksheet;
mod write;

pub use answers::taken_at;
pub use columns::NoColumn;
pub use read::{BeginDigest, Bytes};
pub use refusal::{Problem, Refusal};
pub use worksheet::{missing, select, worksheet};

use crate::digest::Sum;
use crate::load::{InputFile, OfExports};
use crate::model::Rules;
use archive::Archive;
pub(crate) use archive::doubles;
use batch::Referred;
use columns::lacking_columns;
use jiff::Timestamp;
use presence::Extent;
use read::{Document, Grid, Manifest, Reading, Text, Top};
use recognise::Known;
use rows::{Adding, ExportTables, File};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Cursor;
use std::sync::Arc;
use taking::{LOOK, Look, Taken, Taking};

pub use crate::load::{ANSWERS, IMPORTED};

/// What a data package says of its parts.
const MANIFEST: &str = "Manifest.xml";

/// Something that people should know of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What it is about: a file, with the line where there is one.
    pub place: Option<String>,
    /// What there is to know.
    pub message: String,
    /// Whether it is a complaint: a file not recognised, a row that can't be used.
    pub complaint: bool,
}

/// Whether a file is left for later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Waits {
    Never,
    Perhaps,
    Now,
}

/// Reads exports, one file after the other.
#[derive(Debug)]
pub struct Importer<'r> {
    rules: &'r Arc<Rules>,
    known: Known<'r>,
    tables: ExportTables,
    notes: Vec<Note>,
    answers: Option<InputFile>,
    /// Whether a file may be left for later, and whether one was.
    waits: Waits,
    /// What is needed of batch jobs, where that is known.
    referred: Option<Arc<Referred>>,
    /// By folder what the manifest of a package that was unpacked there says of its parts.
    unpacked: HashMap<String, HashMap<String, Manifest>>,
    begin_digest: BeginDigest,
}

/// What exports hold.
#[derive(Debug)]
pub struct Imported {
    /// What to write to `imported.toml`, and where each line of it comes from.
    pub made: OfExports,
    /// What there is to know.
    pub notes: Vec<Note>,
    /// How many tables were recognised.
    pub recognised: usize,
    /// The tables that were, by name, with the number of their rows.
    pub found: Vec<(String, u64)>,
    /// What `answers.toml` is at first.
    pub skeleton: String,
    /// The `answers.toml` that lay among the exports.
    pub answers: Option<InputFile>,
    /// Ids of the exports that were there, whole.
    pub whole: BTreeSet<String>,
    /// What the tables that were there should give, and have no column for.
    pub no_columns: Vec<NoColumn>,
}

/// A file, or a member of an archive.
struct Source<'s> {
    path: &'s str,
    /// What the manifest of its package says of it.
    part: Option<&'s Manifest>,
    /// Whether another member of its archive has its name.
    has_double: bool,
}

impl Source<'_> {
    /// The file, of which the digest and the size are known.
    fn file(&self, Sum { sha256, bytes }: Sum) -> File {
        File { path: self.path.to_owned(), sha256, size: bytes }
    }

    /// What a table in it may be called: by the package that it came in, then by its file.
    fn names(&self) -> Vec<String> {
        let package =
            self.part.into_iter().flat_map(|part| [part.target.clone(), part.label.clone()]);
        let file = recognise::stem(self.path).to_owned();
        package.filter(|name| !name.is_empty()).chain([file]).collect()
    }
}

impl<'r> Importer<'r> {
    /// An importer by these rules.
    pub fn new(rules: &'r Arc<Rules>) -> Self {
        Self {
            rules,
            known: Known::new(rules),
            tables: ExportTables::default(),
            notes: Vec::new(),
            answers: None,
            waits: Waits::Never,
            referred: None,
            unpacked: HashMap::new(),
            begin_digest: read::digest_here,
        }
    }

    /// Takes a file: an export, an archive of them, or the answers that people added. The manifest
    /// of a package that was unpacked comes before its parts.
    ///
    /// # Errors
    ///
    /// The file must not be imported, nor anything with it.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) -> Result<(), Refusal> {
        self.add_from(path, &mut Cursor::new(bytes))
    }

    /// As [`Importer::add`], from where the bytes are: of text only a window is in memory at once.
    ///
    /// # Errors
    ///
    /// The file can't be read, or must not be imported, nor anything with it.
    pub fn add_from(&mut self, path: &str, bytes: &mut dyn Bytes) -> Result<(), Refusal> {
        if recognise::is_beside(path) {
            return Ok(());
        }
        let is_last = self.tables.is_expected(path);
        self.referred = is_last.then(|| Arc::new(self.tables.referred(self.rules)));
        let refuse = |problem: Problem| problem.of(path);
        if is_named(path, MANIFEST) && self.manifest(path, bytes)? {
            return Ok(());
        }
        let parts = self.unpacked.get(folder(path));
        let part = parts.and_then(|parts| part_names(path).iter().find_map(|name| parts.get(name)));
        let part = part.cloned();
        let part = part.filter(|part| self.is_one_part(path, part));
        let source = Source { path, part: part.as_ref(), has_double: false };
        let mut beginning = [0; 4];
        let read = bytes.rewind().and_then(|()| read::fill(bytes, &mut beginning));
        let read = read.map_err(|error| refuse(Problem::Unreadable(error.to_string())))?;
        if archive::is_archive(beginning.split_at(read).0) {
            return self.packed(&source, bytes, false);
        }
        self.plain(&source, bytes)
    }

    /// As [`Importer::add_from`], unless what other files say tells what is needed of this one:
    /// then `false`, and it is to be added when all others were.
    ///
    /// # Errors
    ///
    /// As those of [`Importer::add_from`].
    pub fn add_or_wait(&mut self, path: &str, bytes: &mut dyn Bytes) -> Result<bool, Refusal> {
        self.waits = Waits::Perhaps;
        let added = self.add_from(path, bytes);
        let waits = std::mem::replace(&mut self.waits, Waits::Never);
        added.map(|()| waits != Waits::Now)
    }

    /// Whether a file of these tables waits, and keeps its place: databases have millions of batch
    /// jobs that no schedule runs.
    fn waits<'t>(&mut self, path: &str, tables: impl IntoIterator<Item = &'t Taken<'r>>) -> bool
    where
        'r: 't,
    {
        let is_of_jobs = |taken: &Taken<'_>| {
            let export = taken.found().and_then(|found| self.rules.exports.get(found.export));
            export.is_some_and(|export| export.kind == "batch-job")
        };
        if self.waits != Waits::Perhaps || !tables.into_iter().any(is_of_jobs) {
            return false;
        }
        self.waits = Waits::Now;
        self.tables.keep_place(path);
        true
    }

    /// Keeps what the manifest of an unpacked package says; `false` where it is none.
    fn manifest(&mut self, path: &str, bytes: &mut dyn Bytes) -> Result<bool, Refusal> {
        let parts = manifest_parts(path, bytes)?;
        let is_manifest = !parts.is_empty();
        self.unpacked.entry(folder(path).to_owned()).or_default().extend(parts);
        Ok(is_manifest)
    }

    /// What all the files hold together; `as_of` is the moment they were taken, where it is known
    /// otherwise.
    pub fn finish(self, as_of: Option<Timestamp>) -> Imported {
        let Self { rules, tables, notes, answers, .. } = self;
        let as_of = as_of.or_else(|| taken_at(rules, answers.as_ref()?.bytes.as_ref().ok()?));
        let whole = tables.whole(rules);
        let recognised = tables.recognised();
        let found = tables.all(rules);
        let mut build = build::Build::new(rules, &tables, notes, as_of);
        let sections = build.sections();
        let lacking = build.lacking();
        let (unlisted, unknown) = (build.unlisted(), std::mem::take(&mut build.unknown));
        let notes = build.notes();
        let made = write::write(rules, &tables, &sections, &lacking, &unknown, unlisted);
        let skeleton = answers::skeleton(rules, &sections);
        let no_columns = lacking_columns(rules, &tables);
        Imported { made, notes, recognised, found, skeleton, answers, whole, no_columns }
    }

    /// Takes an archive, which may be a member of another; archives inside archives are not opened,
    /// workbooks are.
    fn packed(
        &mut self,
        source: &Source<'_>,
        bytes: &mut dyn Bytes,
        is_member: bool,
    ) -> Result<(), Refusal> {
        // What is in an archive is small, and read at once.
        self.waits = Waits::Never;
        let archive = Archive::open(bytes).map_err(|problem| problem.of(source.path))?;
        if archive.is_workbook() {
            return self.workbook(source, archive).map_err(|problem| problem.of(source.path));
        }
        if is_member {
            self.complain(
                source.path,
                "an archive inside an archive is not opened; unpack it first",
            );
            return Ok(());
        }
        self.members(source.path, archive)
    }

    fn members(&mut self, path: &str, mut archive: Archive<'_>) -> Result<(), Refusal> {
        let names = archive.names().to_vec();
        let parts = manifests(path, &mut archive, &names)?;
        let there: HashSet<String> = names.iter().flat_map(|name| part_names(name)).collect();
        if parts.keys().any(|part| !there.contains(part)) {
            self.complain(
                path,
                "its manifest lists a part that is not in the archive; export it again",
            );
        }
        for (number, name) in names.iter().enumerate() {
            if name.ends_with('/') || is_named(name, MANIFEST) || recognise::is_beside(name) {
                continue;
            }
            let at = format!("{path}/{name}");
            let bytes = archive.read(number).map_err(|problem| problem.of(&at))?;
            let part = part_names(name).iter().find_map(|name| parts.get(name));
            let part = part.filter(|part| self.is_one_part(&at, part));
            let source = Source { path: &at, part, has_double: archive.has_double(name) };
            if source.has_double {
                self.complain(&at, "another member of the archive has this name; export it again");
            }
            if archive::is_archive(&bytes) {
                self.packed(&source, &mut Cursor::new(bytes), true)?;
            } else {
                self.plain(&source, &mut Cursor::new(bytes))?;
            }
        }
        Ok(())
    }

    /// Whether a manifest says one thing of a part; where it says several, none counts.
    fn is_one_part(&mut self, path: &str, part: &Manifest) -> bool {
        if part.has_double {
            self.complain(
                path,
                "its manifest lists this part more than once, so what it says of it does not \
                    count; export it again",
            );
        }
        !part.has_double
    }

    fn workbook(&mut self, source: &Source<'_>, mut archive: Archive<'_>) -> Result<(), Problem> {
        for number in 0..archive.names().len() {
            read::refuse_document_type(&archive.read(number)?)?;
        }
        let mut recognised = false;
        let bytes = archive.into_bytes();
        let digest = read::digest(bytes)?;
        for (name, sheet) in read::sheets(bytes)? {
            let mut names = source.names();
            names.push(name);
            let taken = self.table(source, &names, &mut Grid::Sheet(sheet))?;
            recognised |= taken.is_some();
            self.keep(source, taken.into_iter().collect(), Extent::WHOLE, &digest)?;
        }
        if !recognised {
            self.unrecognised(source.path);
        }
        Ok(())
    }

    /// A file of text.
    fn plain(&mut self, source: &Source<'_>, bytes: &mut dyn Bytes) -> Result<(), Refusal> {
        let path = source.path;
        let refuse = |problem: Problem| problem.of(path);
        if is_named(path, ANSWERS) {
            let bytes = whole(bytes).map_err(refuse)?;
            self.answers = Some(InputFile { path: path.to_owned(), bytes: Ok(bytes) });
            return Ok(());
        }
        if !recognise::may_be_export(path) {
            self.unrecognised(path);
            return Ok(());
        }
        if !self
            .text(source, &mut Text::new(bytes, self.begin_digest).map_err(refuse)?)
            .map_err(refuse)?
        {
            self.unrecognised(path);
        }
        Ok(())
    }

    /// A text; `false` where it is no export.
    fn text(&mut self, source: &Source<'_>, text: &mut Text<'_>) -> Result<bool, Problem> {
        let taken: Vec<Taken<'_>> = match text.begins()? {
            None => return Ok(false),
            Some(b'{' | b'[') => return self.document(source, text, read::json),
            Some(b'<') => return self.document(source, text, read::xml),
            Some(_) => {
                let mut grid = Grid::delimited(text)?;
                let begun = self.begin(source, &source.names(), &mut grid)?;
                if self.waits(source.path, begun.iter().map(|(taken, _)| taken)) {
                    return Ok(true);
                }
                let read = |begun| Self::read(begun, &mut grid);
                begun.map(read).transpose()?.into_iter().collect()
            }
        };
        let recognised = !taken.is_empty();
        self.keep(source, taken, Extent::WHOLE, &text.digest()?)?;
        Ok(recognised)
    }

    /// A document of records; `false` where none is of an export.
    fn document(
        &mut self,
        source: &Source<'_>,
        text: &mut Text<'_>,
        read: Reading,
    ) -> Result<bool, Problem> {
        // What the first records show of their tables is what all of them show, or they are read
        // again: the names of what is in a document may stand behind it.
        let mut seen = read(text, &mut Look(LOOK))?;
        let mut tables = self.tables_of(source, &seen, (text, read))?;
        let (document, taken) = loop {
            if self.waits(source.path, tables.iter().flatten()) {
                return Ok(true);
            }
            let mut taking = Taking { known: &self.known, part: source.part, tables };
            let document = read(text, &mut taking)?;
            let is_seen = document.has_same_tables(&seen);
            tables =
                if is_seen { Vec::new() } else { self.tables_of(source, &document, (text, read))? };
            let found =
                |taken: &Option<Taken<'_>>| taken.as_ref().map(|taken| taken.found().cloned());
            if is_seen || taking.tables.iter().map(found).eq(tables.iter().map(found)) {
                break (document, taking.tables);
            }
            seen = document;
        };
        let digest = text.digest()?;
        if let Some(moment) = &document.taken
            && !self.tables.taken(moment, source.file(digest.clone()))
        {
            self.complain(source.path, "the moment under pulledAt can't be read");
        }
        let extent = Extent { complete: !document.goes_on, total: document.total };
        let taken: Vec<Taken<'_>> = taken.into_iter().flatten().collect();
        let recognised = !taken.is_empty();
        self.keep(source, taken, extent, &digest)?;
        Ok(recognised)
    }

    /// What the tables of a document are, as far as it is known.
    fn tables_of(
        &self,
        source: &Source<'_>,
        document: &Document,
        (text, read): (&mut Text<'_>, Reading),
    ) -> Result<Vec<Option<Taken<'r>>>, Problem> {
        let mut tables = Vec::new();
        for (number, records) in document.tables.iter().enumerate() {
            let names = match &records.name {
                Some(name) if document.named_by_file == Some(number) => {
                    source.names().into_iter().chain([name.clone()]).collect()
                }
                Some(name) => vec![name.clone()],
                None => document.names.iter().cloned().chain(source.names()).collect(),
            };
            let is_there = records.rows > 0 || records.is_list && records.name.is_none();
            let mut grid = Grid::listed(text, read, records, number);
            let taken = if is_there { self.begin(source, &names, &mut grid)? } else { None };
            tables.push(taken.map(|(taken, _)| taken));
        }
        Ok(tables)
    }

    /// Reads what the rules name of a table; `None` where it is none that they know.
    fn table(
        &self,
        source: &Source<'_>,
        names: &[String],
        grid: &mut Grid<'_, '_>,
    ) -> Result<Option<Taken<'r>>, Problem> {
        let begun = self.begin(source, names, grid)?;
        begun.map(|begun| Self::read(begun, grid)).transpose()
    }

    /// Reads a table whose headings were found.
    fn read(
        (mut taken, head): (Taken<'r>, read::Head),
        grid: &mut Grid<'_, '_>,
    ) -> Result<Taken<'r>, Problem> {
        grid.each(head, &mut |line, row| taken.row(line, row))?;
        Ok(taken)
    }

    /// What is to be read of a table, and where its headings stand; `None` where it is none that
    /// the rules know.
    fn begin(
        &self,
        source: &Source<'_>,
        names: &[String],
        grid: &mut Grid<'_, '_>,
    ) -> Result<Option<(Taken<'r>, read::Head)>, Problem> {
        let tops = grid.tops()?;
        if tops.iter().flat_map(Top::rows).any(|row| row.len() > read::MAX_COLUMNS) {
            return Err(Problem::Columns);
        }
        if recognise::holds_customers(names, &tops) {
            let head = tops.iter().flat_map(Top::heads).map(|(head, _)| head).next();
            return Ok(head.map(|head| (Taken::Customers(0), head)));
        }
        let found = recognise::recognise(&self.known, names, grid, &tops, source.part)?;
        Ok(found.and_then(|found| {
            let head = found.head;
            let adding = Adding::new(self.rules, found, self.referred.clone())?;
            Some((Taken::Table(Box::new(adding)), head))
        }))
    }

    /// Keeps the tables of a file that were read.
    fn keep(
        &mut self,
        source: &Source<'_>,
        tables: Vec<Taken<'_>>,
        extent: Extent,
        digest: &Sum,
    ) -> Result<(), Problem> {
        for taken in tables {
            match taken {
                Taken::Customers(rows) => {
                    self.tables.counted();
                    let message = format!("asynchronous customers: {rows} rows counted, none read");
                    self.note(source.path, message);
                }
                Taken::Table(adding) => {
                    let complete = extent.complete && !source.has_double;
                    let extent = Extent { complete, ..extent };
                    let found = adding.found.clone();
                    let added = self.tables.add(*adding, source.file(digest.clone()), extent)?;
                    self.tell_headings(source.path, &found);
                    self.tell_rows(source.path, &added, &found);
                }
            }
        }
        Ok(())
    }

    fn note(&mut self, place: &str, message: String) {
        self.notes.push(Note { place: Some(place.to_owned()), message, complaint: false });
    }

    fn complain(&mut self, place: &str, message: &str) {
        let (place, message) = (Some(place.to_owned()), message.to_owned());
        self.notes.push(Note { place, message, complaint: true });
    }

    fn unrecognised(&mut self, path: &str) {
        self.complain(
            path,
            "not recognised as an export; `import --worksheet` lists those that are",
        );
    }
}

/// All bytes of an input.
fn whole(bytes: &mut dyn Bytes) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    let read = bytes.rewind().and_then(|()| bytes.read_to_end(&mut whole));
    read.map(|_| whole).map_err(|error| Problem::Unreadable(error.to_string()))
}

/// The parts that the manifests of an archive list, by the names of their files.
fn manifests(
    path: &str,
    archive: &mut Archive<'_>,
    names: &[String],
) -> Result<HashMap<String, Manifest>, Refusal> {
    let mut parts = HashMap::new();
    let is_manifest = |name: &String| is_named(name, MANIFEST) && !recognise::is_beside(name);
    for (number, name) in names.iter().enumerate().filter(|(_, name)| is_manifest(name)) {
        let at = format!("{path}/{name}");
        let bytes = archive.read(number).map_err(|problem| problem.of(&at))?;
        for (file, part) in manifest_parts(&at, &mut Cursor::new(bytes))? {
            parts.entry(file).or_insert(part);
        }
    }
    Ok(parts)
}

/// The parts that a manifest lists, by the names of their files; of several for one the first,
/// which knows of the others.
fn manifest_parts(path: &str, bytes: &mut dyn Bytes) -> Result<HashMap<String, Manifest>, Refusal> {
    let refuse = |problem: Problem| problem.of(path);
    let mut text = Text::new(bytes, read::digest_here).map_err(refuse)?;
    let mut parts = HashMap::new();
    for part in read::manifest(&mut text).map_err(refuse)? {
        let [name, _] = part_names(&part.file);
        match parts.entry(name) {
            Entry::Occupied(mut known) => {
                let known: &mut Manifest = known.get_mut();
                known.has_double |= known.file.eq_ignore_ascii_case(&part.file);
            }
            Entry::Vacant(place) if !place.key().is_empty() => {
                place.insert(part);
            }
            Entry::Vacant(_) => {}
        }
    }
    Ok(parts)
}

/// The folder that a path lies in; a path without one lies here, which has no name.
fn folder(path: &str) -> &str {
    path.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder)
}

/// Whether the last part of a path is `name`.
fn is_named(path: &str, name: &str) -> bool {
    path.rsplit(['/', '\\']).next().is_some_and(|last| last.eq_ignore_ascii_case(name))
}

/// What a manifest may call a member: its name, or that of the file which it was split from.
fn part_names(member: &str) -> [String; 2] {
    let name = recognise::stem(member).to_lowercase();
    let whole = recognise::without_number(&name).to_owned();
    [name, whole]
}
