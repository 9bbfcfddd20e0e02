//! What the words, numbers and dates of exports mean.

use crate::model::name::fold;
use crate::model::{FeatureId, Rules};

/// The value of a kind that a word stands for: `Some(None)` for one that says nothing, `None` for
/// one that is not known.
#[expect(clippy::option_option, reason = "a word may be known, and say nothing")]
pub(super) fn word<'r>(rules: &'r Rules, of: &str, text: &str) -> Option<Option<&'r str>> {
    let values = rules.export_values.iter().find(|values| values.id == of)?;
    let (value, _) = values.values.get(*values.folded.get(&*fold(text))?)?;
    Some(Some(value.as_str()).filter(|value| *value != "unknown"))
}

/// The words for one value of a kind; none where the rules have none.
pub(super) fn words<'r>(rules: &'r Rules, of: &str, value: &str) -> &'r [String] {
    let values = rules.export_values.iter().find(|values| values.id == of);
    let words = values.and_then(|values| values.values.iter().find(|(id, _)| id == value));
    words.map_or(&[], |(_, words)| words.as_slice())
}

/// The feature that a sheet means by a name: pages put a mark before those in preview, and texts a
/// full stop behind.
pub(super) fn feature(rules: &Rules, name: &str) -> Option<FeatureId> {
    rules.feature_named(name).or_else(|| {
        let marks = words(rules, "feature-mark", "mark");
        let name = name.trim();
        let bare = marks.iter().find_map(|mark| strip_fold(name, mark)).unwrap_or(name);
        rules.feature_named(bare.trim().trim_end_matches('.'))
    })
}

/// The text behind or before a mark, whatever the case of its letters.
fn strip_fold<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let same = |part: &str| part.eq_ignore_ascii_case(mark);
    let behind = text.get(..mark.len()).filter(|part| same(part)).and(text.get(mark.len()..));
    let end = text.len().checked_sub(mark.len())?;
    behind.or_else(|| text.get(end..).filter(|part| same(part)).and(text.get(..end)))
}

/// Whether a spreadsheet damaged an id: it shows the number in powers of ten.
pub(super) fn is_damaged(id: &str) -> bool {
    let Some((number, power)) = id.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, "0"));
    let power = power.strip_prefix('+');
    power.is_some_and(digits) && digits(whole) && digits(part)
}

/// Whether a record id was damaged: as another id, or rounded to the 15 digits that a spreadsheet
/// keeps.
pub(super) fn is_damaged_recid(recid: &str) -> bool {
    let beyond = recid.get(15..).filter(|beyond| !beyond.is_empty());
    !recid.bytes().all(|byte| byte.is_ascii_digit())
        || beyond.is_some_and(|beyond| beyond.bytes().all(|byte| byte == b'0'))
}

/// Yes or no.
#[expect(clippy::option_option, reason = "a word may be known, and say nothing")]
pub(super) fn yes_no(rules: &Rules, text: &str) -> Option<Option<bool>> {
    Some(word(rules, "yes-no", text)?.map(|value| value == "yes"))
}

/// Whether a text is, or holds, what nothing may pass on: a credential, a connection string, the
/// address of a person.
pub(super) fn is_private(rules: &Rules, text: &str) -> bool {
    let Some(private) = rules.export_values.iter().find(|values| values.id == "private") else {
        return false;
    };
    let text: String = fold(text).chars().filter(|c| !c.is_whitespace()).collect();
    private.values.iter().flat_map(|(_, marks)| marks).any(|mark| text.contains(mark.as_str()))
}
