//! Text within Markdown.

/// Text without markup.
pub(in crate::report) fn escaped_markdown(text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    ['|', '*', '_', '[', ']', '#', '~', '`']
        .iter()
        .fold(text, |text, character| text.replace(*character, &format!("\\{character}")))
}

/// Text of which what stands between backticks is code, and nothing else is markup.
#[cfg(feature = "lsp")]
pub fn text_markdown(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) || parts.iter().skip(1).step_by(2).any(|code| code.is_empty())
    {
        return escaped_markdown(text);
    }
    let parts = parts.into_iter().enumerate().map(|(number, part)| match number % 2 {
        // Only at the beginning of a line does it mean anything.
        0 => escaped_markdown(part).replace("&gt;", ">"),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

#[cfg(all(test, feature = "lsp"))]
mod tests {
    use super::*;

    #[test]
    fn only_code_stays_as_it_is() {
        for (text, expected) in [
            ("write `a_b` or <b>", "write `a_b` or &lt;b>"),
            ("one ` alone_", r"one \` alone\_"),
            ("``a``", r"\`\`a\`\`"),
        ] {
            assert_eq!(text_markdown(text), expected);
        }
    }
}
