//! A report for people who meet: one HTML page that holds everything, reads without a script, and
//! asks the network for nothing.
//!
//! All of it but the explorer is written here. What users chose goes through one escape; the policy
//! in the page's head allows no script or style but the page's own two, by their digests.

mod affected;
mod explorer;
mod findings;
mod first;
mod history;
mod markup;
mod operations;
mod pending;
mod provenance;

pub use history::{StoreView, WaitingCustomer};
pub(super) use markup::escape_into;

use super::picture;
use crate::check::Checked;
use crate::engine::Engine;
use crate::whatif::Matrix;
use affected::Affected;
use markup::{Html, policy_hash, script_json};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What a page tells of.
#[derive(Clone, Copy, Debug)]
pub struct Reported<'a> {
    /// The deployment, ready to decide.
    pub engine: &'a Engine,
    /// What the checks found.
    pub checked: &'a Checked,
    /// What a store has seen, if one is given.
    pub store: Option<&'a StoreView>,
}

impl Reported<'_> {
    /// Whether there are decisions to show: they need the version.
    fn decides(&self) -> bool {
        self.engine.deployment().given_version().is_some()
    }

    /// Whether the page has a section.
    fn has(&self, section: &str) -> bool {
        match section {
            "store" => self.store.is_some(),
            "explorer" | "operations" | "features" => self.decides(),
            _ => true,
        }
    }
}

/// `report`: the page. The same input gives the same bytes.
pub fn report_html(reported: Reported<'_>) -> String {
    let mut html = Html::default();
    html.trusted("<!doctype html>\n");
    html.within("html", &[("lang", "en")], |html| {
        html.within("head", &[], |html| head(html, reported));
        html.line();
        html.within("body", &[], |html| body(html, reported));
    });
    html.line();
    html.finish()
}

fn title(reported: Reported<'_>) -> &str {
    let deployment = reported.engine.deployment();
    deployment.name().unwrap_or("Deployment without a name")
}

fn head(html: &mut Html, reported: Reported<'_>) {
    let style = format!("{STYLE}{}", picture::STYLE);
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; \
            form-action 'none'",
        policy_hash(&style),
        policy_hash(SCRIPT)
    );
    html.void("meta", &[("charset", "utf-8")]);
    html.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
    html.void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]);
    html.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
    html.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
    html.void("link", &[("rel", "icon"), ("href", "data:,")]);
    html.leaf(
        "title",
        &[],
        &format!("{}: {} – syncgate", reported.checked.verdict, title(reported)),
    );
    html.within("style", &[], |html| html.trusted(&style));
}

/// The sections: address and name.
const SECTIONS: [(&str, &str); 7] = [
    ("overview", "Overview"),
    ("findings", "Findings"),
    ("explorer", "Explorer"),
    ("operations", "Operations"),
    ("features", "Features"),
    ("store", "Store"),
    ("provenance", "Provenance"),
];

fn body(html: &mut Html, reported: Reported<'_>) {
    let engine = reported.engine;
    let decides = reported.decides();
    let channels = engine.channels().filter(|_| decides);
    let (matrix, affected) =
        (Matrix::of_channels(engine, channels), Affected::of(engine.deployment()));
    html.leaf("a", &[("class", "skip"), ("href", "#main")], "Skip to the report");
    header(html, reported);
    html.within("main", &[("id", "main"), ("tabindex", "-1")], |html| {
        first::write(html, reported, &matrix, &affected);
        findings::write(html, reported, &affected);
        pending::write(html, reported, &affected);
        if decides {
            explorer_shell(html);
            operations::write(html, &matrix);
            operations::write_features(html, engine);
        }
        if let Some(store) = reported.store {
            history::write(html, store);
        }
        provenance::write_sources(html, reported);
        provenance::write(html, reported);
    });
    if !decides {
        return;
    }
    html.within("script", &[("type", "application/json"), ("id", "model")], |html| {
        html.trusted(&script_json(&explorer::model(engine)));
    });
    html.line();
    html.within("script", &[], |html| html.trusted(SCRIPT));
}

/// The head of the page: of what it tells, of when, and by which rules.
fn header(html: &mut Html, reported: Reported<'_>) {
    let deployment = reported.engine.deployment();
    html.within("header", &[], |html| {
        html.within("div", &[("class", "title")], |html| {
            html.within("h1", &[], |html| html.name(title(reported)));
            html.within("p", &[], |html| {
                let as_of = match deployment.as_of() {
                    Some(moment) => format!("as of {moment}"),
                    None => "as of no stated moment".to_owned(),
                };
                let channels =
                    crate::report::text::counted(reported.engine.channels().count(), "channel");
                let version = match deployment.given_version() {
                    Some(version) => format!("Commerce {version}"),
                    None => "Commerce of no stated version, so no decision is shown".to_owned(),
                };
                let own = env!("CARGO_PKG_VERSION");
                html.text(&format!("{as_of} · {version} · {channels} · syncgate {own}"));
            });
        });
        html.within("nav", &[("aria-label", "Sections")], |html| {
            for (id, name) in SECTIONS.iter().filter(|(id, _)| reported.has(id)) {
                html.leaf("a", &[("href", &format!("#{id}"))], name);
            }
        });
    });
    html.line();
}

/// Where the script puts the explorer.
fn explorer_shell(html: &mut Html) {
    html.within("section", &[("id", "explorer"), ("aria-labelledby", "explorer-title")], |html| {
        html.leaf("h2", &[("id", "explorer-title")], "Explorer");
        let text = "Pick a channel and an operation, change what is going on or what is \
            configured, and see what follows. The address of the page holds what you picked: send \
            it, and others see the same.";
        html.leaf("p", &[("class", "quiet scripted")], text);
        html.within("noscript", &[], |html| {
            html.leaf(
                "p",
                &[],
                "The explorer needs JavaScript. The tables of every operation \
                below do not.",
            );
        });
        html.within("div", &[("id", "explorer-root"), ("class", "explorer")], |_| {});
    });
    html.line();
}
