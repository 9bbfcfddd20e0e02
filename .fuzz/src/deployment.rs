//! Deployments: whatever stands in the files, the same is found twice, every finding has its place,
//! and what is valid decides alike by looking up and by walking.

use crate::given::{files, rules};
use syncgate::report::{Style, check_human, findings_human};
use syncgate::{Deployment, Engine, Loaded, Situation};

pub fn deployment(bytes: &[u8]) {
    let load = || Deployment::from_files(rules(), "fuzz", files("fuzz/deployment.toml", bytes));
    let (loaded, again) = (load(), load());
    assert_eq!(told(&loaded), told(&again), "the same bytes, and other findings");
    let checked = loaded.check();
    let (deployment, findings) = again.as_read();
    findings_human(deployment.files(), &findings, Style::Plain);
    check_human(&deployment, &checked, None, None, Style::Plain);
    if let Ok(valid) = loaded.valid()
        && let Ok(engine) = Engine::new(rules(), valid)
    {
        decides_alike(&engine);
    }
}

pub fn told(loaded: &Loaded) -> Vec<String> {
    loaded.findings().map(|finding| finding.to_string()).collect()
}

fn decides_alike(engine: &Engine) {
    let now = Situation::default();
    for channel in engine.channels() {
        for operation in engine.rules().operation_ids() {
            let looked_up = channel.decide(operation, now);
            let walked = channel.trace(operation, now);
            match (looked_up, walked) {
                (Ok(one), Ok(other)) => assert_eq!(one.rule_id(), other.decision().rule_id()),
                (one, other) => assert_eq!(one.is_err(), other.is_err()),
            }
        }
    }
}
