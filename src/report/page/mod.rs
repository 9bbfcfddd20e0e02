//! A report for people who meet: one HTML page that holds everything, reads without a script, and
//! asks the network for nothing.
//!
//! All of it but the explorer is written here, by templates that are checked when they are
//! compiled: every element ends, every attribute is quoted, and what is put in is text, whatever
//! users chose. Only this program's own style, script and JSON are written as they are. The policy
//! in the page's head allows no script or style but the page's own two, by their digests.

mod address;
mod affected;
mod exceptions;
mod explorer;
mod findings;
mod head;
mod history;
mod operations;
mod overview;
mod parts;
mod pending;
mod portfolio;
mod provenance;
mod sign_off;
#[cfg(feature = "store")]
mod simulation;

pub use history::{StoreView, WaitingCustomer};

use super::markup::document_text;
#[cfg(feature = "store")]
use super::simulation::SimulationView;
use super::text::counted;
use crate::check::Checked;
use crate::engine::Engine;
use crate::model::{Deployment, Rules};
use crate::whatif::Matrix;
use affected::Affected;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use parts::{in_words, name, section};

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
    /// A load that was played, if one is given.
    #[cfg(feature = "store")]
    pub simulation: Option<SimulationView<'a>>,
}

impl Reported<'_> {
    /// Whether there are decisions to show: they need the version.
    fn decides(self) -> bool {
        self.engine.deployment().given_version().is_some()
    }

    /// The section of a load that was played.
    #[cfg(feature = "store")]
    fn simulation(self) -> Option<Markup> {
        self.simulation.map(simulation::write)
    }

    #[cfg(not(feature = "store"))]
    #[expect(clippy::unused_self, reason = "with a store the page may have a load")]
    fn simulation(self) -> Option<Markup> {
        None
    }

    /// Whether the page has a section.
    fn has(self, section: &str) -> bool {
        match section {
            "store" => self.store.is_some(),
            "simulation" => self.simulation().is_some(),
            "explorer" | "operations" | "features" => self.decides(),
            _ => true,
        }
    }
}

/// `report`: the page. The same input gives the same bytes.
pub fn report_html(reported: Reported<'_>) -> String {
    let head_title = format!("{}: {} – syncgate", reported.checked.verdict, title(reported));
    document_text(html! {
        (DOCTYPE) "\n"
        html lang="en" {
            (head::write(&head_title))
            (body(reported))
        }
        "\n"
    })
}

/// The pages of several deployments by the same rules.
#[derive(Debug)]
pub struct Portfolio<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// The pages, in the order that they were asked for.
    pub pages: Vec<PortfolioPage<'a>>,
}

/// One of several pages.
#[derive(Debug)]
pub struct PortfolioPage<'a> {
    /// The name of its file, beside the others.
    pub file: String,
    /// The deployment that it tells of.
    pub deployment: &'a Deployment,
    /// What the checks found.
    pub checked: &'a Checked,
}

/// The file that leads to the pages of several deployments.
pub const INDEX: &str = "index.html";

/// The names of the files of pages, one for each deployment, by where those lie: plain on every
/// system and in every address, and no two alike.
pub fn page_files<'p>(paths: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let mut taken = vec![INDEX.to_owned()];
    for path in paths {
        let stem = plain_name(path);
        let numbers = std::iter::successors(Some(1_u64), |number| number.checked_add(1));
        let named = numbers.map(|number| match number {
            1 => format!("{stem}.html"),
            more => format!("{stem}-{more}.html"),
        });
        let free = named.filter(|name| !taken.contains(name)).take(1).collect::<Vec<_>>();
        taken.extend(free);
    }
    taken.split_off(1)
}

/// The last part of a path without its ending, in small letters of ASCII, digits and hyphens.
fn plain_name(path: &str) -> String {
    let last = path.rsplit(['/', '\\']).find(|part| !["", ".", ".."].contains(part));
    let last = last.map(|last| last.rsplit_once('.').map_or(last, |(stem, _)| stem));
    let words = last.into_iter().flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric()));
    let words: Vec<String> =
        words.filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect();
    match words.join("-") {
        name if name.is_empty() => "deployment".to_owned(),
        name => name.chars().take(80).collect(),
    }
}

/// `report A B …`: the page that leads to the others.
pub fn portfolio_html(portfolio: &Portfolio<'_>) -> String {
    document_text(portfolio::write(portfolio))
}

fn title(reported: Reported<'_>) -> &str {
    reported.engine.deployment().name().unwrap_or("Deployment without a name")
}

fn body(reported: Reported<'_>) -> Markup {
    html! {
        body {
            a.skip href="#main" { "Skip to the report" }
            (header(reported))
            main #main tabindex="-1" { (sections(reported)) }
            @if reported.decides() {
                script type="application/json" id="model" {
                    (PreEscaped(explorer::script_json(&explorer::model(reported.engine))))
                }
                "\n"
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn sections(reported: Reported<'_>) -> Markup {
    let engine = reported.engine;
    let decides = reported.decides();
    let channels = engine.channels().filter(|_| decides);
    let (matrix, affected) =
        (Matrix::of_channels(engine, channels), Affected::of(engine.deployment()));
    html! {
        (overview::write(reported, &matrix, &affected))
        (findings::write(reported, &affected))
        (exceptions::write(reported))
        (pending::write(reported))
        @if decides {
            (explorer_shell())
            (operations::write(&matrix))
            (operations::write_features(engine))
        }
        @if let Some(simulation) = reported.simulation() { (simulation) }
        @if let Some(store) = reported.store { (history::write(store)) }
        (provenance::write_sources(reported))
        (provenance::write(reported))
        (sign_off::write(reported))
    }
}

/// The sections that the page's head leads to: address and name.
const SECTIONS: [(&str, &str); 9] = [
    ("overview", "Overview"),
    ("findings", "Findings"),
    ("explorer", "Explorer"),
    ("operations", "Operations"),
    ("features", "Features"),
    ("simulation", "Simulation"),
    ("store", "Store"),
    ("provenance", "Provenance"),
    ("sign-off", "Sign-off"),
];

/// What stands above all sections: of what the page tells, of when, and by which rules.
fn header(reported: Reported<'_>) -> Markup {
    let is_there = |id: &str| reported.has(id);
    html! {
        header {
            div.title {
                h1 { (name(title(reported))) }
                p { (subtitle(reported)) }
                (provenance::printed(reported))
            }
            nav aria-label="Sections" {
                @for (id, name) in SECTIONS.iter().filter(|(id, _)| is_there(id)) {
                    a href={ "#" (id) } { (name) }
                }
            }
        }
        "\n"
    }
}

fn subtitle(reported: Reported<'_>) -> String {
    let deployment = reported.engine.deployment();
    let as_of = match deployment.as_of() {
        Some(moment) => format!("as of {}", in_words(moment)),
        None => "as of no stated moment".to_owned(),
    };
    let channels = counted(reported.engine.channels().count(), "channel");
    let version = match deployment.given_version() {
        Some(version) => format!("Commerce {version}"),
        None => "Commerce of no stated version, so no decision is shown".to_owned(),
    };
    format!("{as_of} · {version} · {channels} · syncgate {}", env!("CARGO_PKG_VERSION"))
}

/// Where the script puts the explorer.
fn explorer_shell() -> Markup {
    let content = html! {
        p.quiet.scripted {
            "Pick a channel and an operation, change what is going on or what is configured, and \
             see what follows. The address of the page holds what you picked: send it, and others \
             see the same."
        }
        noscript {
            p {
                "The explorer needs JavaScript. The tables of every operation below do not."
            }
        }
        div id="explorer-root" class="explorer" {}
    };
    section("explorer", "explorer-title", "Explorer", &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pages_have_one_file() {
        let paths =
            ["a/Contoso", "b/contoso.toml", "index", "c/contoso/", "x/小売", "-", "a b/../.."];
        let files = page_files(paths);
        let expected = [
            "contoso.html",
            "contoso-2.html",
            "index-2.html",
            "contoso-3.html",
            "deployment.html",
            "deployment-2.html",
            "a-b.html",
        ];
        assert_eq!(files, expected);
    }
}
