//! Markup that is safe by construction: every text and every attribute goes through one escape.

use crate::engine::Channel;
use crate::model::{Catalogue, Operation, Situation, SituationFact};
use crate::whatif::Group;
use serde_json::Value;
use std::fmt::Write as _;

/// HTML as it grows.
#[derive(Debug, Default)]
pub(super) struct Html(String);

/// Names and values of an element; a value that is empty is written as one.
pub(super) type Attributes<'a> = &'a [(&'a str, &'a str)];

impl Html {
    /// What was written.
    pub(super) fn finish(self) -> String {
        self.0
    }

    /// An element with what `content` writes into it.
    pub(super) fn within(
        &mut self,
        tag: &str,
        attributes: Attributes<'_>,
        content: impl FnOnce(&mut Self),
    ) {
        self.void(tag, attributes);
        content(self);
        let _ = write!(self.0, "</{tag}>");
    }

    /// An element that holds nothing but text.
    pub(super) fn leaf(&mut self, tag: &str, attributes: Attributes<'_>, text: &str) {
        self.within(tag, attributes, |html| html.text(text));
    }

    /// An element without an end.
    pub(super) fn void(&mut self, tag: &str, attributes: Attributes<'_>) {
        let _ = write!(self.0, "<{tag}");
        for (name, value) in attributes {
            let _ = write!(self.0, " {name}=\"");
            self.text(value);
            self.0.push('"');
        }
        self.0.push('>');
    }

    /// Text.
    pub(super) fn text(&mut self, text: &str) {
        escape_into(&mut self.0, text);
    }

    /// A name that a user chose: whichever way it is written, it leaves what surrounds it alone.
    pub(super) fn name(&mut self, name: &str) {
        self.leaf("bdi", &[], name);
    }

    /// A message: what stands in backticks is set as code.
    pub(super) fn prose(&mut self, text: &str) {
        for (number, part) in text.split('`').enumerate() {
            if number % 2 == 1 {
                self.leaf("code", &[], part);
            } else {
                self.text(part);
            }
        }
    }

    /// A line feed, so that the page can be read by line.
    pub(super) fn line(&mut self) {
        self.0.push('\n');
    }

    /// Markup that was made elsewhere, by code that escapes as this does.
    pub(super) fn trusted(&mut self, markup: &str) {
        self.0.push_str(markup);
    }
}

/// Adds `text` so that no character of it is markup, neither between tags nor in a quoted
/// attribute. Characters that HTML and XML can't hold become the replacement character.
pub(in crate::report) fn escape_into(to: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => to.push_str("&amp;"),
            '<' => to.push_str("&lt;"),
            '>' => to.push_str("&gt;"),
            '"' => to.push_str("&quot;"),
            '\'' => to.push_str("&#39;"),
            '\n' | '\t' => to.push(character),
            control if control.is_control() => to.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => to.push('\u{fffd}'),
            plain => to.push(plain),
        }
    }
}

/// A document that may stand within a script element: nothing in it ends that element or a line of
/// the script.
pub(super) fn script_json(document: &Value) -> String {
    let text = serde_json::to_string(document).unwrap_or_default();
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(safe, "\\u{:04x}", u32::from(character));
            }
            plain => safe.push(plain),
        }
    }
    safe
}

/// What a content security policy calls a script or style by: its SHA-256 in base 64.
pub(super) fn policy_hash(content: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = crate::digest::sha256_bytes(content.as_bytes());
    let mut text = "'sha256-".to_owned();
    for three in digest.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit =
                DIGITS.get((bits >> (18 - 6 * place)) as usize & 63).copied().unwrap_or_default();
            text.push(if place <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text + "'"
}

/// The address within the page that shows one cell in the explorer.
pub(super) fn cell_address(channel: &str, operation: &str, situation: Situation) -> String {
    let mut address = "#explorer?channel=".to_owned();
    query_into(&mut address, channel);
    address.push_str("&operation=");
    query_into(&mut address, operation);
    for fact in SituationFact::ALL {
        let Some(word) = fact.words().get(situation.value(*fact)) else { continue };
        if situation.value(*fact) != super::explorer::usual().value(*fact) {
            let _ = write!(address, "&{}={word}", fact.as_str());
        }
    }
    address
}

/// Adds a value of a query, all but the plainest characters as `%XX`.
fn query_into(to: &mut String, value: &str) {
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                to.push(char::from(byte));
            }
            other => {
                let _ = write!(to, "%{other:02X}");
            }
        }
    }
}

/// Which of a group's channels offer an operation.
pub(super) fn offering<'e>(group: &Group<'e>, operation: &Operation) -> Vec<Channel<'e>> {
    let offers = |channel: &&Channel<'e>| {
        let kind = channel.record().and_then(|record| record.text("kind")).unwrap_or_default();
        operation.channels.is_empty() || operation.channels.iter().any(|offered| offered == kind)
    };
    group.channels().iter().filter(offers).copied().collect()
}

/// A statement's number as a link to what it says, further down.
pub(super) fn source_links(html: &mut Html, catalogue: &Catalogue, sources: &[String]) {
    for (number, source) in sources.iter().enumerate() {
        if number > 0 {
            html.text(", ");
        }
        let statement = catalogue.evidence().statement(source);
        match statement {
            Some(statement) => {
                let (address, says) = (format!("#{}", statement.id), &statement.text);
                html.leaf("a", &[("href", &address), ("title", says), ("class", "source")], source);
            }
            None => html.text(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_a_policy() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(policy_hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }

    #[test]
    fn no_character_of_a_text_is_markup() {
        let mut html = Html::default();
        html.leaf("p", &[("title", "\"'>&")], "<script>\u{0}");
        assert_eq!(html.finish(), "<p title=\"&quot;&#39;&gt;&amp;\">&lt;script&gt;\u{fffd}</p>");
        let document = serde_json::json!("</script><!--\u{2028}&");
        assert_eq!(script_json(&document), "\"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026\"");
    }

    #[test]
    fn an_address_holds_any_name() {
        let mut address = String::new();
        query_into(&mut address, "a b&c=\u{e4}");
        assert_eq!(address, "a%20b%26c%3D%C3%A4");
    }
}
