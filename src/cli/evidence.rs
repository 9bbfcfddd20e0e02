//! `syncgate evidence`

use super::report::same_configuration;
use super::{Common, Exit, Failure, Given, error_style, exports, note};
use crate::evidence::{Beside, Material, NoPack, Unfit, pack, recompute};
use crate::load::files;
use crate::model::Deployment;
use crate::report::document::pretty;
use crate::report::{findings_human, recomputed_human, status_json};
use crate::store::Store;
use std::io::{Read as _, Write as _};

/// Write a pack that anyone can recompute: the deployment, the rules, every finding and decision,
/// the page, who answers for what
#[derive(Debug, clap::Args)]
pub(super) struct Evidence {
    #[command(flatten)]
    deployment: Given,
    /// The exports that the deployment was made of: files or folders, of which the pack gets names,
    /// sizes and digests
    #[arg(long, value_name = "PATH", num_args = 1..)]
    exports: Vec<String>,
    /// A store of the deployment, whose state the pack gets
    #[arg(long, value_name = "FILE")]
    store: Option<String>,
    /// Recompute this pack instead, and compare everything in it
    #[arg(long, value_name = "PACK", conflicts_with_all = ["deployment", "exports", "store"])]
    verify: Option<String>,
}

impl Evidence {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        if let Some(path) = &self.verify {
            return verify(path, common);
        }
        if common.output.is_none() {
            let why = "name the pack: `evidence --output PACK.zip`, or `-` for standard output";
            return Err(Failure::unusable(why));
        }
        let material = self.material(common)?;
        let bound = material.bind().map_err(refused)?;
        let beside = self.beside(bound.deployment())?;
        let packed = pack(&material, &bound, &beside).map_err(refused)?;
        let mut output = common.output()?;
        output.write_all(&packed.bytes)?;
        output.finish()?;
        note(&format!("the verdict is {}; digest {}", packed.verdict, packed.digest));
        Ok(Exit::Fine)
    }

    /// The files that the pack is made of.
    fn material(&self, common: &Common) -> Result<Material, Failure> {
        let path = common.deployment(self.deployment.path())?;
        if exports::are_exports(path) {
            return Err(Failure::unusable(format!(
                "`{path}` holds exports, whose content no pack has: `import` them first, and name \
                 the deployment that this makes, with `--exports {path}`"
            )));
        }
        let deployment = files::read_deployment(&files::standing_for(path))?;
        let rules = common.rules.as_deref().map(files::read).transpose()?;
        let checks = common.added_checks()?.map(files::read).transpose()?;
        // Without checks of one's own there are none to add.
        let checks = checks.unwrap_or_default();
        let read = deployment.iter().chain(rules.iter().flatten()).chain(&checks);
        let read = read.map(|file| &file.path).chain(&self.exports).chain(&self.store);
        common.spares(&read.map(String::as_str).collect::<Vec<_>>())?;
        Ok(Material::new(deployment, rules, checks, common.commerce_version))
    }

    fn beside(&self, deployment: &Deployment) -> Result<Beside, Failure> {
        let exports = exports::listed(&self.exports)?;
        let Some(path) = self.store.as_deref() else { return Ok(Beside { exports, store: None }) };
        let status = Store::open(path)?.status();
        same_configuration(path, &status, deployment)?;
        Ok(Beside { exports, store: Some(pretty(&status_json(deployment.rules(), &status))) })
    }
}

fn refused(unfit: Unfit) -> Failure {
    match unfit {
        Unfit::Findings { findings, files } => {
            Failure::Findings(findings_human(&files, &findings, error_style()), Exit::Unusable)
        }
        Unfit::Other(why) => Failure::unusable(why),
    }
}

/// Recomputes a pack, and tells what is not as it would be made.
fn verify(path: &str, common: &Common) -> Result<Exit, Failure> {
    if common.rules.is_some() || common.checks.is_some() || common.commerce_version.is_some() {
        let why = "a pack brings its rules, checks and version: `--verify` takes none";
        return Err(Failure::unusable(why));
    }
    common.spares(&[path])?;
    let bytes = read(path)?;
    let recomputed = recompute(&bytes)
        .map_err(|no_pack: NoPack| Failure::unusable(format!("`{path}` is no pack: {no_pack}")))?;
    let output = common.output()?;
    let text = recomputed_human(path, &recomputed, output.style());
    output.whole(&text)?;
    Ok(if recomputed.differences.is_empty() { Exit::Fine } else { Exit::Complaints })
}

/// The bytes of a pack.
#[expect(clippy::disallowed_methods, reason = "packs are read here")]
fn read(path: &str) -> Result<Vec<u8>, Failure> {
    let bytes = match path {
        "-" => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        }
        path => std::fs::read(path),
    };
    bytes.map_err(|error| Failure::unusable(format!("can't read `{path}`: {error}")))
}
