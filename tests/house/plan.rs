//! The house as its sources build it: which room uses which, which file which, which crate where.

use super::source::{Reference, Source};
use std::collections::{BTreeMap, BTreeSet};

/// Names to the paths that `use` binds them to.
type Bound = BTreeMap<String, Vec<String>>;

/// What a module offers to paths.
#[derive(Clone, Debug, Default)]
struct Module {
    file: usize,
    children: BTreeSet<String>,
    bound: Bound,
    globs: Vec<Vec<String>>,
}

/// What a reference leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    /// A path of our own, from the crate's root.
    Ours(Vec<String>),
    /// A crate of others.
    Crate(String),
    /// Something of the module itself, or of the language.
    Here,
}

/// All sources of the package, and what they refer to.
#[derive(Clone, Debug)]
pub(super) struct House {
    pub sources: Vec<Source>,
    modules: BTreeMap<Vec<String>, Module>,
}

/// A use of something, for whoever asks where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub from: String,
    pub to: String,
    /// The file and the line.
    pub place: String,
}

impl House {
    /// The house of these sources.
    pub(super) fn of(sources: Vec<Source>) -> Self {
        let mut house = Self { sources, modules: BTreeMap::new() };
        for (number, source) in house.sources.iter().enumerate() {
            let module = source.module();
            if !source.is_program() {
                house.modules.entry(module.clone()).or_default().file = number;
                for (inside, name) in &source.modules {
                    let parent = [module.clone(), inside.clone()].concat();
                    let child = [parent.clone(), vec![name.clone()]].concat();
                    house.modules.entry(parent).or_default().children.insert(name.clone());
                    // A file of its own says so itself.
                    house
                        .modules
                        .entry(child)
                        .or_insert_with(|| Module { file: number, ..Module::default() });
                }
            }
        }
        house.bind();
        house
    }

    fn bind(&mut self) {
        for number in 0..self.sources.len() {
            let source = &self.sources[number];
            for reference in source.references.clone() {
                let Some(import) = &reference.import else { continue };
                let module = [source.module(), reference.inside.clone()].concat();
                let Target::Ours(path) = self.target(source, &reference, &[]) else { continue };
                let Some(module) = self.modules.get_mut(&module) else { continue };
                match &import.name {
                    Some(name) => drop(module.bound.insert(name.clone(), path)),
                    None => module.globs.push(path),
                }
            }
        }
    }

    /// Where a reference leads; `crates` are the names that are crates wherever they stand.
    fn target(&self, source: &Source, reference: &Reference, crates: &[&str]) -> Target {
        let module = [source.module(), reference.inside.clone()].concat();
        let [first, rest @ ..] = reference.segments.as_slice() else { return Target::Here };
        let ours = |from: &[String], rest: &[String]| Target::Ours([from, rest].concat());
        match first.as_str() {
            _ if reference.is_global => Target::Crate(first.clone()),
            "crate" => ours(&[], rest),
            "syncgate" if source.is_program() => ours(&[], rest),
            "self" => ours(&module, rest),
            "super" => {
                let up = reference.segments.iter().take_while(|part| *part == "super").count();
                ours(&module[..module.len() - up], &reference.segments[up..])
            }
            name if rest.is_empty() && source.macros.contains(name) => Target::Here,
            "Self" | "std" | "core" | "alloc" => Target::Here,
            name => {
                let scope = self.modules.get(&module);
                if scope.is_some_and(|scope| scope.children.contains(name)) {
                    ours(&module, &reference.segments)
                } else if let Some(path) = scope.and_then(|scope| scope.bound.get(name)) {
                    ours(path, rest)
                } else if let Some(glob) = scope.and_then(|scope| self.glob(scope, name)) {
                    ours(glob, &reference.segments)
                } else if crates.contains(&name) || reference.import.is_some() && is_crate(name) {
                    Target::Crate(first.clone())
                } else {
                    Target::Here
                }
            }
        }
    }

    /// The module of which all names are taken into this one, and this name among them.
    fn glob<'a>(&self, module: &'a Module, name: &str) -> Option<&'a [String]> {
        let knows = |glob: &&Vec<String>| {
            self.modules.get(*glob).is_some_and(|inner| {
                inner.children.contains(name) || inner.bound.contains_key(name)
            })
        };
        module.globs.iter().find(knows).map(Vec::as_slice)
    }

    /// The file that says what stands at a path, through the `use` of those that pass it on.
    fn file_of(&self, path: &[String], depth: usize) -> Option<usize> {
        let mut at = Vec::new();
        for (number, part) in path.iter().enumerate() {
            let module = self.modules.get(&at)?;
            if module.children.contains(part) {
                at.push(part.clone());
                continue;
            }
            if depth > 8 {
                return Some(module.file);
            }
            let rest = &path[number + 1..];
            if let Some(target) = module.bound.get(part) {
                return self.file_of(&[target, rest].concat(), depth + 1);
            }
            return match self.glob(module, part) {
                Some(glob) => self.file_of(&[glob, &path[number..]].concat(), depth + 1),
                None => Some(module.file),
            };
        }
        Some(self.modules.get(&at)?.file)
    }

    /// Whether a file is built for tests alone.
    fn is_test(&self, source: &Source) -> bool {
        let module = source.module();
        self.sources.iter().any(|other| {
            let rest = module.strip_prefix(other.module().as_slice());
            rest.and_then(|rest| rest.first()).is_some_and(|name| other.test_modules.contains(name))
        })
    }

    /// Every use of one room by another; with those of tests, or without.
    pub(super) fn arrows(&self, with_tests: bool) -> BTreeSet<Use> {
        let mut arrows = BTreeSet::new();
        for source in &self.sources {
            let is_test = self.is_test(source);
            for reference in &source.references {
                let Target::Ours(path) = self.target(source, reference, &[]) else { continue };
                let from = source.room();
                let to = path.first().cloned().unwrap_or_else(|| "lib".to_owned());
                let is_root = source.path == "src/lib.rs";
                if from != to && !is_root && (with_tests || !(is_test || reference.is_test)) {
                    let place = format!("{}:{}", source.path, reference.line);
                    arrows.insert(Use { from, to, place });
                }
            }
        }
        arrows
    }

    /// Every use of a crate, by file: `crates` are the dependencies' names.
    pub(super) fn crates(&self, crates: &[&str]) -> BTreeSet<Use> {
        let mut uses = BTreeSet::new();
        for source in &self.sources {
            let is_test = self.is_test(source);
            for reference in source.references.iter().filter(|known| !is_test && !known.is_test) {
                if let Target::Crate(to) = self.target(source, reference, crates) {
                    let place = format!("{}:{}", source.path, reference.line);
                    uses.insert(Use { from: source.path.clone(), to, place });
                }
            }
        }
        uses
    }

    /// Which files of the same room each file uses, tests left out.
    fn files(&self) -> Vec<BTreeSet<usize>> {
        let uses = |source: &Source| {
            let own = self.sources.iter().position(|other| other.path == source.path);
            let references = source.references.iter().filter(|known| !known.is_test);
            let files = references.filter_map(|reference| {
                // What is passed on and not used is no use.
                if let Some(import) = &reference.import
                    && import.is_public
                    && import.name.as_ref().is_none_or(|name| !source.identifiers.contains(name))
                {
                    return None;
                }
                let Target::Ours(path) = self.target(source, reference, &[]) else { return None };
                self.file_of(&path, 0)
            });
            files
                .filter(|file| Some(*file) != own)
                .filter(|file| self.sources[*file].room() == source.room())
                .collect()
        };
        let empty = |source: &Source| self.is_test(source) || source.module().is_empty();
        self.sources
            .iter()
            .map(|source| if empty(source) { BTreeSet::new() } else { uses(source) })
            .collect()
    }

    /// The files of a room that use each other in a circle, each circle once, sorted.
    pub(super) fn cycles(&self) -> BTreeSet<Vec<String>> {
        let uses = self.files();
        let reached: Vec<BTreeSet<usize>> = (0..uses.len())
            .map(|start| {
                let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
                while let Some(file) = open.pop() {
                    open.extend(uses[file].iter().copied().filter(|next| reached.insert(*next)));
                }
                reached
            })
            .collect();
        let together = |file: usize| -> Vec<String> {
            (0..uses.len())
                .filter(|other| reached[file].contains(other) && reached[*other].contains(&file))
                .map(|other| self.sources[other].path.trim_start_matches("src/").to_owned())
                .collect()
        };
        (0..uses.len()).map(together).filter(|circle| !circle.is_empty()).collect()
    }
}

/// Whether a name at the start of a `use` that nothing in the module binds is a crate's: items
/// begin with a capital.
fn is_crate(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}
