//! Reads `rules/*.toml` when the library is built, by the same code that reads a user's rules, so
//! that a program has them bound. A mistake in them fails the build, with its place.

#![expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    clippy::struct_field_names,
    clippy::unused_self,
    clippy::wrong_self_convention,
    reason = "the build uses of these rooms what reads rules, and nothing uses the build"
)]

mod diagnostic;
mod digest;
mod features;
mod load;
mod model;

use load::Located;
use load::files::{self, InputFile};
use model::Rules;
use std::error::Error;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "the build finds its way by the environment")]
fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    let inputs = files::read("rules")?.into_iter().map(named_alike).collect();
    let loaded = Rules::from_files("embedded", inputs, Vec::new());
    let (rules, findings) = loaded.as_read();
    for finding in &findings {
        let told = Located { finding, files: &rules.files };
        let help = finding.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        println!("cargo::error={told}{help}");
    }
    let directory = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&directory).join("rules.bin"), postcard::to_allocvec(&*rules)?)?;
    Ok(())
}

/// The file under the name that it has in findings, the same on every system.
fn named_alike(file: InputFile) -> InputFile {
    let path = file.path.replace('\\', "/");
    InputFile { path, ..file }
}
