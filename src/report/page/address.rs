//! Addresses within the page.

use super::explorer::usual;
use crate::model::{Situation, SituationFact};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a value of an address has as `%XX`: all but the plainest characters.
const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The address that shows one cell in the explorer.
pub(super) fn cell_address(channel: &str, operation: &str, situation: Situation) -> String {
    let (channel, operation) = (encoded(channel), encoded(operation));
    let unusual = SituationFact::ALL.iter().filter_map(|fact| unusual(*fact, situation));
    format!("#explorer?channel={channel}&operation={operation}{}", unusual.collect::<String>())
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, NOT_PLAIN).to_string()
}

/// What an address says of a fact; nothing where it is as usual.
fn unusual(fact: SituationFact, situation: Situation) -> Option<String> {
    let value = situation.value(fact);
    let word = fact.words().get(value).filter(|_| value != usual().value(fact))?;
    Some(format!("&{}={word}", fact.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_any_name() {
        assert_eq!(encoded("a b&c=\u{e4}-._~"), "a%20b%26c%3D%C3%A4-._~");
    }
}
