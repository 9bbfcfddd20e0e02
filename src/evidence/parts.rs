//! The files of a pack that follow from others in it.

use super::material::Bound;
use crate::report::document::pretty;
use crate::report::{
    Reported, attestations_json, check_json, controls_csv, levels_and_waivers_json, report_html,
    sign_off_markdown, write_decisions,
};
use crate::whatif::Matrix;
use std::io::{self, Write};

/// A file that follows from others.
pub(super) struct Part {
    /// Its path in a pack.
    pub(super) path: &'static str,
    pub(super) write: fn(&Bound, &mut dyn Write) -> io::Result<()>,
}

/// The files that follow from the material and are compared.
pub(super) const PARTS: [Part; 6] = [
    Part { path: "findings.json", write: findings },
    Part { path: "decisions.csv", write: decisions },
    Part { path: "report.html", write: page },
    Part { path: "attestations.json", write: attestations },
    Part { path: "levels-and-waivers.json", write: levels_and_waivers },
    Part { path: "controls.csv", write: controls },
];

/// The sheet that people fill in, which is not compared.
pub(super) const SIGN_OFF: Part = Part { path: "SIGN-OFF.md", write: sign_off };

fn findings(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    let examined = (bound.deployment(), &bound.checked, None);
    to.write_all(pretty(&check_json(vec![examined])).as_bytes())
}

fn decisions(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    write_decisions(&Matrix::of(&bound.engine).at_any_of(&bound.versions), to)
}

fn page(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    let reported = Reported {
        engine: &bound.engine,
        checked: &bound.checked,
        store: None,
        #[cfg(feature = "store")]
        simulation: None,
    };
    to.write_all(report_html(reported).as_bytes())
}

fn attestations(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(pretty(&attestations_json(bound.deployment())).as_bytes())
}

fn levels_and_waivers(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    let document = levels_and_waivers_json(bound.deployment(), &bound.checked);
    to.write_all(pretty(&document).as_bytes())
}

fn controls(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(controls_csv(bound.deployment(), &bound.checked).as_bytes())
}

fn sign_off(bound: &Bound, to: &mut dyn Write) -> io::Result<()> {
    to.write_all(sign_off_markdown(bound.deployment(), &bound.checked).as_bytes())
}
