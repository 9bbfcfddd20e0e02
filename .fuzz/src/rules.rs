//! Rules: whatever stands in the files, the same is found twice, and what is valid can be proved or
//! told not to be. Files take the place of those that are called so among the rules of the library,
//! where one is.

use crate::given::{files, rules as embedded};
use syncgate::Rules;
use syncgate::engine::verify;
use syncgate::load::InputFile;
use syncgate::report::{Style, findings_human};

pub fn rules(bytes: &[u8]) {
    let given = with_others(files("alone.toml", bytes));
    let load = || Rules::from_files("fuzz", given.clone(), Vec::new());
    let (loaded, again) = (load(), load());
    let told = |findings: &[_]| format!("{findings:?}");
    assert_eq!(told(loaded.findings()), told(again.findings()));
    if let Ok(valid) = loaded.valid() {
        let proved = verify(valid);
        findings_human(&valid.files, &proved.findings, Style::Plain);
    }
    let (rules, findings) = loaded.as_read();
    findings_human(&rules.files, &findings, Style::Plain);
}

/// The files with those of the library that they do not replace, where they replace one.
fn with_others(given: Vec<InputFile>) -> Vec<InputFile> {
    let name = |file: &InputFile| file.path.rsplit('/').next().unwrap_or_default().to_owned();
    let names: Vec<String> = given.iter().map(name).collect();
    let (replaced, others): (Vec<_>, Vec<_>) =
        embedded().texts().into_iter().partition(|file| names.contains(&name(file)));
    if replaced.is_empty() { given } else { given.into_iter().chain(others).collect() }
}
