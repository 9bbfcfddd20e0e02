//! `syncgate completions` and `syncgate man`

use super::{Common, Exit, Failure};
use clap_complete::Shell;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, common: &Common, whole: &mut clap::Command) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, whole, "syncgate", &mut script);
        common.output()?.whole(&String::from_utf8_lossy(&script))?;
        Ok(Exit::Fine)
    }
}

/// The manual: the page of the program, then those of its commands.
pub(super) fn man(common: &Common, mut whole: clap::Command) -> Result<Exit, Failure> {
    let mut pages = Vec::new();
    whole.build();
    render(&whole, &mut pages)?;
    common.output()?.whole(&String::from_utf8_lossy(&pages))?;
    Ok(Exit::Fine)
}

fn render(command: &clap::Command, pages: &mut Vec<u8>) -> Result<(), Failure> {
    clap_mangen::Man::new(command.clone()).render(pages)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help")
    {
        render(subcommand, pages)?;
    }
    Ok(())
}
