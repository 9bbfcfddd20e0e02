//! How names and ids are compared, and which known name is nearest to one that is not known.

use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The form in which names are equal: trimmed, runs of white space as one space, Unicode NFC, case
/// folded.
///
/// ```
/// use syncgate::model::name::fold;
/// assert_eq!(fold("  Contoso   HOUSTON "), fold("contoso houston"));
/// assert_eq!(fold("Ä"), fold("a\u{308}"));
/// ```
pub fn fold(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    let mut spaced = String::with_capacity(name.len());
    for word in name.split_whitespace() {
        if !spaced.is_empty() {
            spaced.push(' ');
        }
        spaced.push_str(word);
    }
    if spaced.is_ascii() {
        spaced.make_ascii_lowercase();
        return Cow::Owned(spaced);
    }
    let composed = if is_nfc(&spaced) { spaced } else { spaced.nfc().collect() };
    Cow::Owned(unicase::UniCase::unicode(composed).to_folded_case().nfc().collect())
}

/// A character as a letter and its marks, where it is put together of such.
pub fn decomposed(character: char) -> String {
    character.nfd().collect()
}

/// The known name most like `name`, if one is like it at all.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = fold(name);
    let likeness = |candidate: &str| {
        let candidate = fold(candidate);
        if name.len() >= 4
            && (candidate.contains(&*name) || name.contains(&*candidate) && candidate.len() >= 4)
        {
            return 0.8;
        }
        strsim::normalized_damerau_levenshtein(&name, &candidate)
    };
    known
        .into_iter()
        .map(|candidate| (likeness(candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.55)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_equal_after_folding() {
        for (one, other) in [
            ("STORE", "store"),
            (" a \t b\n", "A B"),
            ("Straße", "STRASSE"),
            ("Ünlü", "u\u{308}nlu\u{308}"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("Luo\u{a0}asiakas", "luo asiakas"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold("a b"), fold("ab"));
    }

    #[test]
    fn the_nearest_name_is_named_only_when_it_is_near() {
        let known = ["edit-customer", "edit-address", "create-customer"];
        assert_eq!(nearest("edit-custmer", known), Some("edit-customer"));
        assert_eq!(nearest("Create-Customers", known), Some("create-customer"));
        assert_eq!(nearest("zzz", known), None);
        assert_eq!(nearest("", known), None);
    }
}
