//! Answers as text, in which what is found out once for all requests has its place.

use crate::batch::desk::{Named, Unanswered};
use crate::batch::hints::Hints;
use std::borrow::Cow;
use std::io::{self, Write};

/// The answers to a piece of requests.
#[derive(Debug, Default)]
pub struct TextPart {
    pub(super) bytes: Vec<u8>,
    holes: Vec<Hole>,
    /// How many of the requests were not valid.
    pub refused: u64,
}

/// A place where it will stand what an unknown name may be meant for.
#[derive(Debug)]
struct Hole {
    at: usize,
    named: Named,
    name: String,
    line: u64,
}

impl TextPart {
    /// Says why the request of a line is refused; what an unknown name may be meant for will stand
    /// behind it.
    pub(super) fn message(
        &mut self,
        refusal: Unanswered<'_>,
        line: u64,
        escape: fn(&str) -> Cow<'_, str>,
    ) {
        match refusal {
            Unanswered::Told(message) => {
                self.bytes.extend_from_slice(escape(message).as_bytes());
            }
            Unanswered::Unknown(named, name) => {
                for part in named.unknown(name) {
                    self.bytes.extend_from_slice(escape(part).as_bytes());
                }
                let name = name.to_owned();
                self.holes.push(Hole { at: self.bytes.len(), named, name, line });
            }
        }
    }
}

/// Writes answers in order; `escape` writes a part of a message as the format wants it.
///
/// # Errors
///
/// Writing fails.
pub fn write_text(
    part: &TextPart,
    hints: &mut Hints<'_>,
    escape: fn(&str) -> Cow<'_, str>,
    to: &mut dyn Write,
) -> io::Result<()> {
    let mut written = 0;
    let mut rest = part.bytes.as_slice();
    for hole in &part.holes {
        let (before, behind) = rest.split_at(hole.at - written);
        to.write_all(before)?;
        let hint = hints.behind(hole.named, &hole.name, hole.line);
        to.write_all(escape(hint).as_bytes())?;
        (written, rest) = (hole.at, behind);
    }
    to.write_all(rest)
}
