//! How the house stands: the drawing in the crate docs is the law, and the sources keep it.
//!
//! The sources are parsed, so that it makes no difference how a room or a crate is named: in a
//! group of imports, in a path, in a macro. A canary of each kind shows that a breach is found.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking, and report"
)]

mod facade;
mod losses;
mod nesting;
mod plan;
mod reads;
mod source;
mod words;

use super::{files, read};
use losses::losses;
use nesting::unnamed;
use plan::{House, Use};
use reads::reads;
use source::{Function, Source};
use std::collections::{BTreeMap, BTreeSet};

/// What the crate docs say of the house.
#[derive(Clone, Debug, Default)]
struct Law {
    /// The rooms from the top, each with the rooms it uses and the crates it knows.
    rooms: Vec<(String, BTreeSet<String>, BTreeSet<String>)>,
    /// Files that may use each other in a circle.
    circles: BTreeSet<Vec<String>>,
}

impl Law {
    /// The law in crate docs: lines `room ─▶ rooms · crates` in the first block of text, and list
    /// items `` `file`, `file`: reason `` below the heading of circles.
    fn of(text: &str) -> Self {
        let docs: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim_end).collect();
        let mut drawing = docs.iter().skip_while(|line| line.trim() != "```text").skip(1);
        let mut rows: Vec<String> = Vec::new();
        for line in drawing.by_ref().take_while(|line| line.trim() != "```") {
            match rows.last_mut() {
                Some(row) if !line.contains("─▶") => *row += line,
                _ => rows.push((*line).to_owned()),
            }
        }
        let names = |text: &str| {
            text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        let rooms = rows.iter().map(|row| {
            let (room, rest) = row.split_once("─▶").unwrap();
            let (uses, crates) = rest.split_once('·').unwrap_or((rest, ""));
            (room.trim().to_owned(), names(uses), names(crates))
        });
        Self { rooms: rooms.collect(), circles: circles(&docs) }
    }

    fn room(&self, name: &str) -> Option<&(String, BTreeSet<String>, BTreeSet<String>)> {
        self.rooms.iter().find(|(room, ..)| room == name)
    }
}

fn circles(docs: &[&str]) -> BTreeSet<Vec<String>> {
    let section = docs.iter().skip_while(|line| !line.contains("# Files that use each other"));
    let section = section.skip(1).take_while(|line| !line.starts_with(" # "));
    let text = section.map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let items = text.split("- `").skip(1).map(|item| {
        let (files, reason) = item.split_once("`: ").expect("files, a colon and the reason");
        assert!(reason.split(' ').count() >= 5, "a circle needs a reason: {item}");
        files.split("`, `").map(str::to_owned).collect()
    });
    items.collect()
}

/// Everything in which the sources and the law differ.
fn breaches(house: &House, law: &Law, dependencies: &[String]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut told = |breach: String| breaches.push(breach);
    let rooms: BTreeSet<String> = house.sources.iter().map(Source::room).collect();
    for room in rooms.iter().filter(|room| *room != "lib" && law.room(room).is_none()) {
        told(format!("`{room}` is not in the drawing"));
    }
    for (room, uses, _) in law.rooms.iter().filter(|(room, ..)| !rooms.contains(room)) {
        told(format!("`{room}` is drawn, with {} arrows, and is no room", uses.len()));
    }
    let names: Vec<&str> = dependencies.iter().map(String::as_str).collect();
    let arrows = house.arrows(false);
    let crates: BTreeSet<Use> = house
        .crates(&names)
        .into_iter()
        .map(|known| Use { from: room_of(&known.from), ..known })
        .collect();
    for (place, (room, uses, knows)) in law.rooms.iter().enumerate() {
        for (drawn, found, what) in [(uses, &arrows, "uses"), (knows, &crates, "knows")] {
            let found: BTreeMap<&String, &String> = found
                .iter()
                .filter(|found| found.from == *room)
                .map(|f| (&f.to, &f.place))
                .collect();
            for (to, at) in found.iter().filter(|(to, _)| !drawn.contains(**to)) {
                told(format!("`{room}` {what} `{to}` at {at}, which is not drawn"));
            }
            for to in drawn.iter().filter(|to| !found.contains_key(to)) {
                told(format!("`{room}` {what} `{to}` in the drawing alone"));
            }
        }
        for above in law.rooms[..=place].iter().filter(|(above, ..)| uses.contains(above)) {
            told(format!("`{room}` points back to `{}`", above.0));
        }
    }
    for test in house.arrows(true).difference(&arrows) {
        if law.room(&test.from).is_some_and(|(_, uses, _)| !uses.contains(&test.to)) {
            told(format!("a test of `{}` uses `{}` at {}", test.from, test.to, test.place));
        }
    }
    let is_known = |name: &String| crates.iter().any(|used| used.to == *name);
    for unused in dependencies.iter().filter(|name| !is_known(name)) {
        told(format!("no room knows `{unused}`, which is a dependency"));
    }
    let found = house.cycles();
    for circle in found.difference(&law.circles) {
        told(format!("these files use each other: `{}`", circle.join("`, `")));
    }
    for circle in law.circles.difference(&found) {
        told(format!("these files no longer use each other: `{}`", circle.join("`, `")));
    }
    breaches
}

/// The drawing that the sources would have, for whoever changes it.
fn drawing(house: &House, law: &Law, dependencies: &[String]) -> String {
    let names: Vec<&str> = dependencies.iter().map(String::as_str).collect();
    let (arrows, crates) = (house.arrows(false), house.crates(&names));
    let rooms: BTreeSet<String> = house.sources.iter().map(Source::room).collect();
    let drawn = law.rooms.iter().map(|(room, ..)| room).filter(|room| rooms.contains(*room));
    let new = rooms.iter().filter(|room| *room != "lib" && law.room(room).is_none());
    let mut lines = Vec::new();
    for room in new.chain(drawn) {
        let is_room = |path: &str| room_of(path) == *room;
        let uses: BTreeSet<&str> =
            arrows.iter().filter(|used| used.from == *room).map(|used| used.to.as_str()).collect();
        let knows: BTreeSet<&str> =
            crates.iter().filter(|used| is_room(&used.from)).map(|used| used.to.as_str()).collect();
        let mut line = format!("//! {room:<10} ─▶");
        let dot = (!knows.is_empty()).then_some("·");
        for word in uses.into_iter().chain(dot).chain(knows) {
            if line.chars().count() + word.len() >= 100 {
                lines.push(std::mem::replace(&mut line, format!("//! {:13}", "")));
            }
            line = format!("{line} {word}");
        }
        lines.push(line);
    }
    lines.join("\n")
}

/// The room of a file.
fn room_of(path: &str) -> String {
    Source { path: path.to_owned(), ..Source::default() }.room()
}

/// The names of the package's dependencies, as Rust has them.
fn dependencies() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let section = manifest.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    section
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.replace('-', "_"))
        .collect()
}

fn sources() -> Vec<Source> {
    files("src", &[".rs"]).iter().map(|path| Source::parse(path, &read(path))).collect()
}

#[test]
fn the_house_stands_as_it_is_drawn() {
    let (house, law) = (House::of(sources()), Law::of(&read("src/lib.rs")));
    let dependencies = dependencies();
    let breaches = breaches(&house, &law, &dependencies);
    assert!(
        breaches.is_empty(),
        "{}\n\nThe sources draw (src/lib.rs; is it what you want?):\n{}",
        breaches.join("\n"),
        drawing(&house, &law, &dependencies)
    );
}

/// Crates that one file alone may know.
const ONE_FILE: [(&str, &str); 1] = [("annotate_snippets", "src/report/findings.rs")];

#[test]
fn some_crates_are_known_to_one_file() {
    let names = dependencies();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    for used in House::of(sources()).crates(&known) {
        let home = ONE_FILE.iter().find(|(name, _)| *name == used.to);
        assert!(home.is_none_or(|(_, file)| *file == used.from), "{} at {}", used.to, used.place);
    }
}

/// A house of two rooms in which this file is added or replaced.
fn house_with(path: &str, text: &str) -> Vec<String> {
    let mut texts = BTreeMap::from([
        ("src/lib.rs", "pub mod low; pub mod high;"),
        ("src/low/mod.rs", "mod one; mod two; pub use one::One; use std::fmt; impl One {}"),
        ("src/low/one.rs", "pub struct One; use redb::Database;"),
        ("src/low/two.rs", "use super::One; macro_rules! m { () => { One } }"),
        ("src/high.rs", "use crate::low::One; use csv as table;"),
    ]);
    texts.insert(path, text);
    let sources = texts.iter().map(|(path, text)| Source::parse(path, text)).collect();
    let law = Law::of(
        "//! ```text\n//! high ─▶ low · csv\n//! low ─▶\n//!      · redb\n//! ```\n\
         //! # Files that use each other\n\
         //! - `low/mod.rs`, `low/one.rs`: a reason of some words\n",
    );
    breaches(&House::of(sources), &law, &["csv".to_owned(), "redb".to_owned()])
}

#[test]
fn a_breach_of_each_kind_is_found() {
    let circle = "these files no longer use each other: `low/mod.rs`, `low/one.rs`";
    assert_eq!(house_with("src/low/three.rs", ""), [circle], "the house itself");
    let one = |text: &str| format!("use redb::Database; pub struct One; {text}");
    let pointing_back = [
        "use crate::{high::{self, x}, low};",
        "use super::super::high::y as z;",
        "fn f() -> <crate::high::T as Clone>::R { todo!() }",
        "fn f() { println!(\"{}\", crate::high::X) }",
        "macro_rules! m { () => { $crate::high::f() } }",
        "macro_rules! m { () => { use crate::{low, high::f}; } }",
        "fn f() { use crate::high as other; other::f() }",
        "#[derive(crate::high::D)] struct S;",
        "mod inner { fn f(x: super::super::super::high::T) {} }",
        "#[cfg(test)] mod tests { use crate::high::x; }",
    ];
    let crates_elsewhere = [
        "use {csv::Reader, std::fmt};",
        "use csv;",
        "use csv as words;",
        "extern crate csv;",
        "fn f() -> <csv::Reader as Clone>::R { todo!() }",
        "fn f() { matches!(x, ::csv::Reader { .. }) }",
        "macro_rules! m { () => { csv::Reader::new() } }",
        "#[derive(csv::D)] struct S;",
        "fn f(x: &dyn csv::T) {}",
    ];
    let told = |path: &str, text: &str, breach: &str| {
        let found = house_with(path, text);
        assert!(found.iter().any(|told| told.starts_with(breach)), "{text}: {found:?}");
    };
    for text in pointing_back {
        let is_test = text.contains("cfg(test)");
        let breach = if is_test { "a test of `low` uses `high`" } else { "`low` uses `high`" };
        told("src/low/one.rs", &one(text), breach);
    }
    for text in crates_elsewhere {
        told("src/low/one.rs", &one(text), "`low` knows `csv`");
    }
    told(
        "src/high.rs",
        "use csv::R; mod a { use crate::low::One; use serde::S; }",
        "`high` knows `serde`",
    );
    told(
        "src/high.rs",
        "use crate::low::One; mod csv {} use csv::R;",
        "`high` knows `csv` in the drawing alone",
    );
    told("src/new/mod.rs", "", "`new` is not in the drawing");
    told("src/high.rs", "", "`high` uses `low` in the drawing alone");
    told("src/low/one.rs", "pub struct One;", "no room knows `redb`");
    let circles = [
        "use super::two::m;",
        "fn f() { super::two::f() }",
        "fn f() { g!(crate::low::two::f) }",
        "use super::*; use two::x;",
    ];
    let both = "these files use each other: `low/one.rs`, `low/two.rs`";
    for text in circles {
        told("src/low/one.rs", &one(text), both);
    }
    // This one the law allows.
    assert_eq!(house_with("src/low/one.rs", &one("use super::fmt;")), [""; 0]);
}

#[test]
fn what_cannot_happen_says_why_it_cannot() {
    for source in sources().iter().filter(|source| !source.path.contains("/tests/")) {
        for (line, said) in &source.expectations {
            let why = said.as_deref().unwrap_or_default();
            assert!(why.split(' ').count() >= 3, "{}:{line} expects {why:?}", source.path);
        }
    }
    let of = |text: &str| Source::parse("src/a.rs", text).expectations;
    let text = "fn f() { a.expect(\"x\"); m!(b.expect(\"y\")); c.expect(w); d.expect(b'x') }
                #[cfg(test)] mod tests { fn g() { e.expect(\"z\") } }";
    let said = |text: &str| Some(text.to_owned());
    assert_eq!(of(text), [(1, said("x")), (1, said("y")), (1, None)]);
}

#[test]
fn nothing_is_lost_without_a_reason() {
    let mut lost = Vec::new();
    let is_test = |path: &String| path.contains("/tests/") || path.ends_with("/tests.rs");
    for path in files("src", &[".rs"]).iter().filter(|path| !is_test(path)) {
        let found = losses(&read(path)).into_iter();
        lost.extend(found.map(|(line, what)| format!("{path}:{line}: {what}")));
    }
    assert!(lost.is_empty(), "a comment there must say why it is right:\n{}", lost.join("\n"));
}

#[test]
fn a_loss_of_each_kind_is_found() {
    let kinds = [
        "a.unwrap_or_default()",
        "a.b().unwrap_or(0)",
        "a.unwrap_or(u16::MAX)",
        "a.unwrap_or(\"\")",
        "a.map_or(0, |it| it.len())",
        "a.map_or(\"\", |it| it.text)",
        "a.map_or(String::new(), f)",
        "a.unwrap_or_else(|_| other())",
        "a.filter_map(Result::ok).count()",
        "a.flat_map(Result::ok).count()",
        "html! { p { (a.unwrap_or_default()) } }",
        "if let Ok(a) = b { c(a); }",
        "{ a.ok(); }",
        "{ let _ = a.send(b); }",
    ];
    for kind in kinds {
        let lines = |text: &str| losses(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines(&format!("fn f() {{\n    let x = {kind};\n}}")), [2], "{kind}");
        let arm = format!("fn f() {{\n    match y {{\n        A => {kind},\n    }}\n}}");
        assert_eq!(lines(&arm), [3], "{kind}");
        let short = format!("fn f() {{\n    // Nothing else.\n    let x = {kind};\n}}");
        assert_eq!(lines(&short), [3], "{kind}: that is no reason");
        let why = "// What is not there has no length.";
        let told = format!("fn f() {{\n    {why}\n    let x = {kind};\n}}");
        assert_eq!(lines(&told), [0; 0], "{kind} with a reason");
        let test = format!("#[cfg(test)]\nmod tests {{ fn f() {{ let x = {kind}; }} }}");
        assert_eq!(lines(&test), [0; 0], "{kind} in a test");
        let named = format!("/// What is not there has no length.\nfn f() {{\n    {kind}\n}}");
        assert_eq!(lines(&named), [0; 0], "{kind} by a name");
    }
}

/// Rooms that read a deployment by handles alone.
const BY_HANDLES: [&str; 6] = ["engine", "check", "features", "lifecycle", "whatif", "ledger"];

#[test]
fn decisions_read_by_handles_alone() {
    for path in files("src", &[".rs"]) {
        let is_meant = BY_HANDLES.contains(&room_of(&path).as_str()) && !path.contains("/tests/");
        let found = if is_meant { reads(&read(&path)) } else { Vec::new() };
        assert_eq!(found, [0; 0], "{path} reads by a text; see src/model/relied.rs");
    }
    for text in [
        "record.text(\"name\")",
        "deployment.records(\"channel\").count()",
        "deployment.section(&\"channel\")",
        "record.section.id == \"features\"",
        "\"functionality-profile\" != section",
        "record.boolean(\"active\")",
    ] {
        assert_eq!(reads(&format!("fn f() {{\n let x = {text};\n}}")), [2], "{text}");
    }
    for text in ["record.text(KeyName::Name)", "word == \"online\"", "deployment.records(id)"] {
        assert_eq!(reads(&format!("fn f() {{ let x = {text}; }}")), [0; 0], "{text}");
    }
}

#[test]
fn every_lint_is_turned_off_with_a_reason() {
    let mut all = files("src", &[".rs"]);
    all.extend(files("tests", &[".rs"]));
    let parsed = all.iter().map(|path| Source::parse(path, &read(path)));
    for source in parsed {
        for (line, has_reason) in &source.lints {
            assert!(has_reason, "{}:{line} turns a lint off without a reason", source.path);
        }
    }
    let of = |text: &str| Source::parse("src/a.rs", text).lints;
    assert_eq!(
        of("#![expect(dead_code)]\n#[allow(x, reason = \"y\")]\nfn f() {}"),
        [(1, false), (2, true)]
    );
}

#[test]
fn steps_have_names() {
    for path in files("src", &[".rs"]) {
        let is_meant = !path.contains("/tests/") && !path.ends_with("/tests.rs");
        let found = if is_meant { unnamed(&read(&path)) } else { Vec::new() };
        assert!(found.is_empty(), "{path} has closures in closures that want names: {found:?}");
    }
    for (body, found) in [
        ("a.map(|b| b.map(|c| {\nc.d()\n}))", vec![1]),
        ("a.map(|b| {\nb.map(|c| {\nc.d()\n})\n})", vec![2]),
        ("a.map(|b| b.map(|c| c.map(|d| d)))", vec![1]),
        ("{ let e = |b| {\nb.map(|c| c.d())\n}; a.map(|b| e(b)) }", Vec::new()),
        ("a.map(|b| {\nfn e(b: B) { b.map(|c| c.map(|d| d)); }\ne(b)\n})", Vec::new()),
        ("a.map(|b| {\nb.c()\n}).map(|b| {\nb.c()\n})", Vec::new()),
    ] {
        assert_eq!(unnamed(&format!("fn f() {{ {body}; }}")), found, "{body}");
        let test = format!("#[cfg(test)]\nmod tests {{ fn f() {{ {body}; }} }}");
        assert_eq!(unnamed(&test), [0; 0], "{body} in a test");
    }
}

/// The length that at most this part of a hundred of the functions exceeds.
fn percentile(functions: &[Function], percent: usize) -> usize {
    functions[(functions.len() - 1) * percent / 100].lines
}

#[test]
fn functions_are_short() {
    let mut all: Vec<Function> = Vec::new();
    let mut rooms: BTreeMap<String, Vec<Function>> = BTreeMap::new();
    for source in sources() {
        all.extend(source.functions.clone());
        rooms.entry(source.room()).or_default().extend(source.functions);
    }
    all.sort_by_key(|function| function.lines);
    for (room, functions) in rooms.iter_mut().filter(|(_, functions)| !functions.is_empty()) {
        functions.sort_by_key(|function| function.lines);
        let [half, most] = [50, 95].map(|percent| percentile(functions, percent));
        println!("{room:10} {:5} functions, median {half:2}, p95 {most:2}", functions.len());
    }
    let long = all.iter().filter(|function| function.lines > 70);
    let long: Vec<&str> = long.map(|function| function.name.as_str()).collect();
    let [half, most] = [50, 95].map(|percent| percentile(&all, percent));
    println!("all {:5}, median {half}, p95 {most}, above 70: {long:?}", all.len());
    assert!(half <= 8 && most <= 40 && long.len() <= all.len() / 100, "see what is printed above");
}
