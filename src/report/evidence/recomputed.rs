//! `evidence --verify`: what recomputing a pack came to.

use crate::check::Verdict;
use crate::report::document::VERSION;
use crate::report::text::{Style, TextTable, counted};

/// What recomputing a pack came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recomputed {
    /// The version of syncgate that made it.
    pub made_by: String,
    /// The digest that it has.
    pub digest: String,
    /// What the deployment in it comes to; `None` where it can't be checked.
    pub verdict: Option<Verdict>,
    /// What is not as it would be made, by path.
    pub differences: Vec<PackDifference>,
}

/// A file that is not as it would be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackDifference {
    /// Its path in the pack.
    pub path: String,
    /// What is the matter with it.
    pub what: String,
}

/// `identical`, or each file that is not as it would be made; then what the pack is.
pub fn recomputed_human(pack: &str, recomputed: &Recomputed, style: Style) -> String {
    let differences = &recomputed.differences;
    let mut text = if differences.is_empty() {
        format!("{}  `{pack}` is what follows from what is in it\n", style.good("identical"))
    } else {
        let files = counted(differences.len() as u64, "difference");
        let mut table = TextTable::new(["file", "what"]);
        for difference in differences {
            table.row([difference.path.clone(), difference.what.clone()]);
        }
        format!("{} in `{pack}`\n\n{}\n", style.bad(&files), table.render(style))
    };
    let verdict = recomputed.verdict.map_or("not known".to_owned(), |it| it.to_string());
    for (what, value) in [
        ("verdict", verdict.as_str()),
        ("digest", recomputed.digest.as_str()),
        ("made by", &format!("syncgate {}", recomputed.made_by)),
    ] {
        text.push_str(&format!("{}  {value}\n", style.dim(&format!("{what:<9}"))));
    }
    if recomputed.made_by != VERSION {
        text.push_str(&format!(
            "Another version made it: this is {VERSION}. Digests are compared as always; what \
             versions write otherwise is a difference here too.\n",
        ));
    }
    text
}
