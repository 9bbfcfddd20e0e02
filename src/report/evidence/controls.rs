//! How each check ended, for those whose controls it is evidence of.

use crate::check::Checked;
use crate::model::{Deployment, said};
use crate::report::text::csv_text;

/// A line for each check: its code, what it looks for, the controls that it is evidence of, how it
/// ended, and the statements it rests on.
pub fn controls_csv(deployment: &Deployment, checked: &Checked) -> String {
    let rules = deployment.rules();
    csv_text(|lines| {
        lines.row(["code", "title", "controls", "result", "sources"])?;
        for report in &checked.checks {
            let check = rules.check(report.code);
            lines.row([
                report.code.to_string(),
                said(check, |check| check.title.clone()),
                rules.controls_of(report.code).join(" "),
                report.result.to_string(),
                said(check, |check| check.sources.join(" ")),
            ])?;
        }
        Ok(())
    })
}
