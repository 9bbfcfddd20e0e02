//! Scenarios: what is valid is played, twice alike, never into a ledger that contradicts itself.

use crate::given::{engine, rules};
use syncgate::load::{InputFile, Scenario};
use syncgate::scenario::play;

pub fn scenario(bytes: &[u8]) {
    let file = InputFile { path: "fuzz.toml".to_owned(), bytes: Ok(bytes.to_vec()) };
    let loaded = Scenario::from_file(file).with_names_of(rules());
    if !loaded.is_valid() {
        return;
    }
    let played = || play(engine(), &loaded.scenario).expect("the ledger contradicts itself");
    assert_eq!(format!("{:?}", played()), format!("{:?}", played()));
}
