//! Colours of text for people.

use anstyle::{AnsiColor, Style as Ansi};

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For files and pipes.
    Plain,
    /// For terminals.
    Coloured,
}

impl Style {
    fn paint(self, text: &str, ansi: Ansi) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("{ansi}{text}{ansi:#}"),
        }
    }

    /// What matters most.
    pub fn bold(self, text: &str) -> String {
        self.paint(text, Ansi::new().bold())
    }

    /// What matters least.
    pub fn dim(self, text: &str) -> String {
        self.paint(text, Ansi::new().dimmed())
    }

    /// What is well.
    pub fn good(self, text: &str) -> String {
        self.paint(text, AnsiColor::Green.on_default().bold())
    }

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint(text, AnsiColor::Red.on_default().bold())
    }

    /// What is in doubt.
    pub fn doubtful(self, text: &str) -> String {
        self.paint(text, AnsiColor::Yellow.on_default().bold())
    }
}
