//! A sheet that people fill in and sign.

use crate::check::Checked;
use crate::diagnostic::Severity;
use crate::model::Deployment;
use crate::report::check::cell;
use crate::report::text::counted;

/// Of what deployment and verdict, with blanks for name, role, date and decision.
pub fn sign_off_markdown(deployment: &Deployment, checked: &Checked) -> String {
    let name = deployment.name().unwrap_or("a deployment without a name");
    let counts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .map(|severity| counted(checked.count(*severity) as u64, severity.as_str()))
        .collect();
    let taken = deployment.as_of().map_or("not given".to_owned(), |moment| moment.to_string());
    format!(
        "# Sign-off\n\n\
         | | |\n|---|---|\n\
         | Deployment | {name} |\n\
         | Taken at | {taken} |\n\
         | Digest of its files | `{digest}` |\n\
         | Digest of the rules | `{rules}` |\n\
         | Verdict | **{}** |\n\
         | Findings | {counts} |\n\n\
         Everything beside this sheet can be recomputed: `syncgate evidence --verify` with this \
         pack.\n\n\
         | Name | Role | Date | Decision |\n|---|---|---|---|\n\
         | | | | |\n| | | | |\n| | | | |\n",
        checked.verdict,
        name = cell(name),
        digest = deployment.digest(),
        rules = deployment.rules().digest(),
        counts = counts.join(", "),
    )
}
