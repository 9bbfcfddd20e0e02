//! How names and ids are compared, and which known name is nearest to one that is not known.

use super::blank::said;
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
    if is_spaced_ascii(name) {
        let is_folded = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        return if is_folded { name.into() } else { name.to_ascii_lowercase().into() };
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

/// Whether a name is of letters, digits and signs of ASCII, with single spaces between them: most
/// are, and of these only the case is left to fold.
fn is_spaced_ascii(name: &str) -> bool {
    let mut before = b' ';
    let is_plain = name.bytes().all(|byte| {
        let is_lone = byte == b' ' && before != b' ';
        before = byte;
        byte.is_ascii_graphic() || is_lone
    });
    is_plain && (before != b' ' || name.is_empty())
}

/// A character as a letter and its marks, where it is put together of such.
pub fn decomposed(character: char) -> String {
    character.nfd().collect()
}

/// The known name most like `name`, if one is like it at all.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = Folded::new(name)?;
    let mut best: Option<(f64, &str)> = None;
    for candidate in known {
        if let Some(folded) = Folded::new(candidate) {
            name.improve(&mut best, &folded, candidate);
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Known names among which the nearest one is looked for again and again: they are folded once.
#[derive(Clone, Debug)]
pub struct KnownNames<'a>(Vec<(Folded<'a>, &'a str)>);

impl<'a> KnownNames<'a> {
    /// A longer name is like none: what is compared with every known name is bounded.
    pub const MOST_BYTES: usize = 256;

    /// These names.
    pub fn new(known: impl IntoIterator<Item = &'a str>) -> Self {
        let known = known.into_iter();
        Self(known.filter_map(|name| Some((Folded::new(name)?, name))).collect())
    }

    /// How many they are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, as it is spelled.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(_, name)| *name)
    }

    /// The one most like `name`, as [`nearest`] finds it.
    pub fn nearest(&self, name: &str) -> Option<&'a str> {
        let name = Folded::new(name)?;
        let mut best = None;
        for (folded, candidate) in &self.0 {
            name.improve(&mut best, folded, candidate);
        }
        best.map(|(_, candidate)| candidate)
    }
}

/// Names that are less alike are not alike.
const LEAST: f64 = 0.55;

/// A folded name, with what says at once that another one is unlike it.
#[derive(Clone, Debug)]
struct Folded<'a> {
    text: Cow<'a, str>,
    characters: usize,
    /// A bit for each character that it has, by the character's last six bits.
    has: u64,
}

impl<'a> Folded<'a> {
    fn new(name: &'a str) -> Option<Self> {
        if name.len() > KnownNames::MOST_BYTES {
            return None;
        }
        let text = fold(name);
        let has = text.chars().fold(0, |has, character| has | 1 << (u32::from(character) & 63));
        Some(Self { characters: text.chars().count(), has, text })
    }

    /// Takes a candidate as the best where it is liker than the best one so far, or as like and
    /// earlier in the alphabet.
    #[expect(clippy::cast_precision_loss, reason = "names have few characters")]
    fn improve<'n>(
        &self,
        best: &mut Option<(f64, &'n str)>,
        candidate: &Folded<'_>,
        name: &'n str,
    ) {
        let least = best.map_or(LEAST, |(likeness, _)| likeness);
        let (text, other) = (&*self.text, &*candidate.text);
        let holds = |whole: &Folded<'_>, part: &Folded<'_>| {
            part.text.len() >= 4 && part.has & !whole.has == 0 && whole.text.contains(&*part.text)
        };
        let likeness = if holds(candidate, self) || holds(self, candidate) {
            0.8
        } else {
            // So many characters are at least to be put in, taken out or replaced.
            let lacking = |one: u64, other: u64| (one & !other).count_ones() as usize;
            let edits = self.characters.abs_diff(candidate.characters);
            let edits = edits.max(lacking(self.has, candidate.has));
            let edits = edits.max(lacking(candidate.has, self.has));
            let longer = self.characters.max(candidate.characters).max(1);
            let most = 1.0 - edits as f64 / (longer as f64);
            let is_later = best.is_some_and(|(known, named)| most <= known && name >= named);
            if most < least || is_later {
                return;
            }
            strsim::normalized_damerau_levenshtein(text, other)
        };
        let is_better = match best {
            None => likeness >= LEAST,
            Some((known, named)) => likeness > *known || likeness >= *known && name < *named,
        };
        if is_better {
            *best = Some((likeness, name));
        }
    }
}

/// That a name is not known, with the one that may be meant.
pub fn unknown<'k>(what: &str, name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let near = said(nearest(name, known), |near| format!("; did you mean `{near}`?"));
    format!("unknown {what} `{name}`{near}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_fold_as_all_others_do() {
        const LETTERS: [&str; 9] = ["a", "Z", "-", " ", "\t", "\u{b}", "\u{1c}", "\u{7f}", "ß"];
        let mut names = vec![String::new()];
        for _ in 0..4 {
            let longer =
                names.iter().flat_map(|name| LETTERS.map(|letter| format!("{name}{letter}")));
            names = std::iter::once(String::new()).chain(longer).collect();
        }
        for name in names {
            let words: Vec<&str> = name.split_whitespace().collect();
            let folded = words.join(" ").to_lowercase().replace('ß', "ss");
            assert_eq!(fold(&name), folded, "{name:?}");
        }
    }

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

    /// The same by comparing with every name.
    fn nearest_of_all<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
        let name = fold(name);
        let likeness = |candidate: &str| {
            let candidate = fold(candidate);
            let holds = |whole: &str, part: &str| part.len() >= 4 && whole.contains(part);
            if holds(&candidate, &name) || holds(&name, &candidate) {
                return 0.8;
            }
            strsim::normalized_damerau_levenshtein(&name, &candidate)
        };
        let known = known.iter().map(|candidate| (likeness(candidate), *candidate));
        let near = known.filter(|(likeness, _)| *likeness >= LEAST);
        near.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1))).map(|(_, near)| near)
    }

    proptest::proptest! {
        #[test]
        fn what_is_left_out_of_the_search_would_not_be_found(
            name in "[ab1-3 -]{0,8}|[a-d]{3,12}|[äAb]{0,5}",
            known in proptest::collection::vec("[ab1-3 -]{0,8}|[a-d]{3,12}|[äAb]{0,5}", 0..12)
        ) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let expected = nearest_of_all(&name, &known);
            proptest::prop_assert_eq!(nearest(&name, known.iter().copied()), expected);
            proptest::prop_assert_eq!(KnownNames::new(known).nearest(&name), expected);
        }
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
