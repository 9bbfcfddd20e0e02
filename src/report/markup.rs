//! What documents of markup share. `maud` writes the elements of pages and pictures and escapes all
//! that is put between them, in one place for both.

use maud::Markup;
use quick_junit::Report;

/// The text of a document. `maud` makes text of what would be markup; characters that neither HTML
/// nor XML can hold, which names may have, become the replacement character here.
pub(super) fn document_text(markup: Markup) -> String {
    markup.into_string().replace(is_unfit, "\u{fffd}")
}

/// A report of JUnit as text, without the two characters that names may have and XML may not.
#[expect(clippy::expect_used, reason = "an empty report would be read as one of nothing")]
pub(super) fn junit_text(report: &Report) -> String {
    let text = report.to_string().expect("a report is text");
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Whether a document can't hold a character.
pub(super) fn is_unfit(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::html;

    #[test]
    fn no_character_of_a_text_is_markup() {
        let hostile = "<script>\"'&\u{0}\u{ffff}";
        let text = document_text(html! { p title=(hostile) { (hostile) } });
        let escaped = "&lt;script&gt;&quot;'&amp;\u{fffd}\u{fffd}";
        assert_eq!(text, format!("<p title=\"{escaped}\">{escaped}</p>"));
    }
}
