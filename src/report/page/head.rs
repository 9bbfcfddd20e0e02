//! The head of the document, which allows the page's own script and style and nothing else.

use super::{SCRIPT, STYLE};
use crate::digest::sha256_bytes;
use crate::report::picture;
use data_encoding::BASE64;
use maud::{Markup, PreEscaped, html};

/// Writes the head.
pub(super) fn write(title: &str) -> Markup {
    let style = format!("{STYLE}{}", picture::STYLE);
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy(&style));
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            link rel="icon" href="data:,";
            title { (title) }
            style { (PreEscaped(&style)) }
        }
        "\n"
    }
}

/// What the page may do: run its script and use its style, by their digests, and ask the network
/// for nothing.
fn policy(style: &str) -> String {
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; \
            form-action 'none'",
        policy_hash(style),
        policy_hash(SCRIPT)
    )
}

/// What a content security policy calls a script or style by: its SHA-256 in base 64.
fn policy_hash(content: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(&sha256_bytes(content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_a_policy() {
        // printf '' | openssl dgst -sha256 -binary | base64
        assert_eq!(policy_hash(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}
