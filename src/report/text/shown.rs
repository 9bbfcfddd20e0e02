//! Names as people may see them: on one line, with nothing that a terminal would obey.

use std::borrow::Cow;

/// Text on one line, with an escape such as `\n` or `\u{1b}` for each character that would end the
/// line, control a terminal or turn the direction of what is read.
pub(in crate::report) fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

/// Whether a character shows nothing and does something.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// As [`shown`], with the colours that texts for people have themselves.
pub(in crate::report) fn shown_in_colour(text: &str) -> Cow<'_, str> {
    const ESCAPE: char = '\u{1b}';
    if !text.contains(ESCAPE) {
        return shown(text);
    }
    let mut pieces = text.split(ESCAPE);
    let mut all: String = pieces.next().map(shown).into_iter().collect();
    for piece in pieces {
        match COLOURS.iter().find_map(|colour| Some((colour, piece.strip_prefix(colour)?))) {
            Some((colour, rest)) => {
                all.push(ESCAPE);
                all.push_str(colour);
                all.push_str(&shown(rest));
            }
            None => all.push_str(&shown(&format!("{ESCAPE}{piece}"))),
        }
    }
    all.into()
}

/// What follows an escape in the colours of texts for people.
const COLOURS: [&str; 6] = ["[0m", "[1m", "[2m", "[31m", "[32m", "[33m"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::Style;

    #[test]
    fn nothing_is_hidden_but_our_own_colours() {
        let name = "a\r\n\u{1b}]0;x\u{7}\u{202e}b\u{1b}[2Jé";
        assert_eq!(shown(name), r"a\r\n\u{1b}]0;x\u{7}\u{202e}b\u{1b}[2Jé");
        assert_eq!(shown_in_colour(name), shown(name));
        for colour in [Style::good, Style::bad, Style::doubtful, Style::bold, Style::dim] {
            let coloured = colour(Style::Coloured, "sync");
            assert_eq!(shown_in_colour(&coloured), coloured);
        }
    }
}
