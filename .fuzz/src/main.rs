//! Feeds one of the targets below with what libFuzzer makes up. Each holds what it is told against
//! a law: the same bytes give the same, in whatever pieces they come; what is written is read back;
//! two ways to one end meet there. `SYNCGATE_FUZZ` names the target.
#![no_main]

mod deployment;
mod given;
mod import;
mod lines;
mod lsp;
mod pack;
mod requests;
mod rules;
mod scenario;
mod store;
mod tables;

use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

/// What is done with an input.
type Target = fn(&[u8]);

/// The targets by their names.
const TARGETS: &[(&str, Target)] = &[
    ("deployment", deployment::deployment),
    ("rules", rules::rules),
    ("scenario", scenario::scenario),
    ("request-line", lines::request),
    ("event-line", lines::event),
    ("requests", requests::requests),
    ("events", store::events),
    ("parquet", tables::parquet),
    ("table", tables::table),
    ("import", import::files),
    ("import-zip", import::archive),
    ("store", store::damaged),
    ("lsp", lsp::messages),
    ("lsp-text", lsp::text),
    ("pack", pack::pack),
];

static TARGET: OnceLock<Target> = OnceLock::new();

fn begin() {
    let name = std::env::var("SYNCGATE_FUZZ").unwrap_or_default();
    let found = TARGETS.iter().find(|(known, _)| *known == name);
    let Some((_, target)) = found else {
        let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("SYNCGATE_FUZZ names none of: {}", known.join(" "));
        std::process::exit(2);
    };
    TARGET.get_or_init(|| *target);
    // What a library panics over in a damaged file is told as damage, and is no find.
    let found = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !syncgate::foreign::is_within() {
            found(panic);
        }
    }));
}

fuzz_target!(init: begin(), |bytes: &[u8]| {
    if let Some(target) = TARGET.get() {
        target(bytes);
    }
});
