//! `syncgate explain`

use super::{Common, Exit, Failure};
use crate::diagnostic::Code;
use crate::report::document::pretty;
use crate::report::explain::{explain, overview};
use crate::report::{explained_json, overview_json};
use clap::ValueEnum;

/// Say what anything means: a code, reason, rule, statement, feature, job, operation, error id
#[derive(Debug, clap::Args)]
pub(super) struct Explain {
    /// The name; several words make one
    #[arg(value_name = "WORD")]
    words: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl Explain {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let rules = common.rules()?;
        let output = common.output()?;
        if self.words.is_empty() {
            let text = match self.format {
                Format::Human => overview(output.style()),
                Format::Json => pretty(&overview_json(&rules)),
            };
            output.whole(&text)?;
            return Ok(Exit::Fine);
        }
        let name = self.words.join(" ");
        if name.trim().is_empty() {
            return Err(Failure::unusable(
                "the name is empty; `syncgate explain` alone says what can be explained",
            ));
        }
        let said = match self.format {
            Format::Human => explain(&rules, &name, output.style()),
            Format::Json => explained_json(&rules, &name).map(|document| pretty(&document)),
        };
        match said {
            Ok(text) => {
                output.whole(&text)?;
                Ok(Exit::Fine)
            }
            Err(_) if name.parse().is_ok_and(Code::is_custom) => Err(Failure::unusable(format!(
                "nothing is called `{name}`; checks of your own are known with `--checks DIR`"
            ))),
            Err(near) => {
                let near = match near.as_slice() {
                    [] => String::new(),
                    near => format!("; did you mean one of these?\n  {}", near.join("\n  ")),
                };
                Err(Failure::unusable(format!("nothing is called `{name}`{near}")))
            }
        }
    }
}
