//! Every operation in the situations that people ask about, for each group of channels that behave
//! alike; and the features with what they need.

use super::first::{chip, header, names};
use super::markup::{Html, cell_address, offering};
use crate::engine::Engine;
use crate::features::{FeatureState, Standing};
use crate::model::FeatureId;
use crate::report::features::{FeatureView, id_of, name_of, obstacles};
use crate::report::matrix::{difference_human, operation_ids};
use crate::report::picture::{features_picture, mark};
use crate::report::text::counted;
use crate::whatif::{Group, Matrix, typical_situations};

/// Writes the table of each group; the first is open.
pub(super) fn write(html: &mut Html, matrix: &Matrix<'_>) {
    html.within("section", &[("id", "operations"), ("aria-labelledby", "matrix-title")], |html| {
        html.leaf("h2", &[("id", "matrix-title")], "Every operation");
        let text = "Stores that behave alike stand together. A cell opens in the explorer, which \
            says why; a dash is what can't be.";
        html.leaf("p", &[("class", "quiet")], text);
        if matrix.groups().is_empty() {
            html.leaf("p", &[], "The deployment has no channel.");
        }
        for (number, group) in matrix.groups().iter().enumerate() {
            html.line();
            let open: &[(&str, &str)] = if number == 0 {
                &[("class", "group"), ("open", "")]
            } else {
                &[("class", "group")]
            };
            html.within("details", open, |html| {
                html.within("summary", &[], |html| summary(html, group));
                for difference in group.differences() {
                    html.leaf("p", &[("class", "difference")], &difference_human(difference));
                }
                table(html, matrix, group);
            });
        }
    });
    html.line();
}

fn summary(html: &mut Html, group: &Group<'_>) {
    let ids: Vec<&str> = group.channels().iter().map(|channel| channel.id()).collect();
    html.leaf("b", &[], &counted(ids.len(), "channel"));
    let shown = ids.get(..ids.len().min(8)).unwrap_or_default();
    names(html, shown, ids.len() - shown.len());
}

fn table(html: &mut Html, matrix: &Matrix<'_>, group: &Group<'_>) {
    let engine = matrix.engine();
    let label = "Outcomes by operation and situation";
    html.within(
        "div",
        &[("class", "wide"), ("tabindex", "0"), ("role", "group"), ("aria-label", label)],
        |html| {
            html.within("table", &[("class", "matrix")], |html| {
                columns(html);
                html.within("tbody", &[], |html| {
                    for (id, operation) in operation_ids(&engine.rules().operations) {
                        let offered = offering(group, operation);
                        let Some(channel) = offered.first() else { continue };
                        html.within("tr", &[], |html| {
                            html.leaf(
                                "th",
                                &[("scope", "row"), ("title", &operation.text)],
                                &operation.id.replace('-', " "),
                            );
                            for column in typical_situations() {
                                html.within("td", &[], |html| {
                                    match group.decide(engine, id, column.situation) {
                                        Some(decision) => {
                                            let address = cell_address(
                                                channel.id(),
                                                &operation.id,
                                                column.situation,
                                            );
                                            chip(html, decision.outcome(), &address);
                                        }
                                        None => html.text("–"),
                                    }
                                });
                            }
                        });
                    }
                });
            });
        },
    );
}

/// Two rows of headers: whom a column is about, and what goes on.
fn columns(html: &mut Html) {
    let columns = typical_situations();
    html.within("thead", &[], |html| {
        html.within("tr", &[], |html| {
            html.leaf("th", &[("scope", "col"), ("rowspan", "2")], "Operation");
            for same in columns.chunk_by(|one, next| one.whom == next.whom) {
                let whom = same.first().map_or("", |column| column.whom);
                html.leaf(
                    "th",
                    &[("scope", "colgroup"), ("colspan", &same.len().to_string())],
                    whom,
                );
            }
        });
        html.within("tr", &[], |html| {
            for column in columns {
                html.leaf("th", &[("scope", "col")], column.what);
            }
        });
    });
}

/// Writes the prerequisite graph as a picture, and in words the features that are on.
pub(super) fn write_features(html: &mut Html, engine: &Engine) {
    html.within("section", &[("id", "features"), ("aria-labelledby", "features-title")], |html| {
        html.leaf("h2", &[("id", "features-title")], "Features and what they need");
        let text = "An arrow leads from a feature to what it requires. Dashed arrows lead to \
            settings, dotted ones to what is switched on with it; red dotted lines join what \
            excludes each other. Features without any arrow are left out.";
        html.leaf("p", &[("class", "quiet")], text);
        legend(html);
        html.within(
            "div",
            &[
                ("class", "wide drawing"),
                ("tabindex", "0"),
                ("role", "group"),
                ("aria-labelledby", "features-title"),
            ],
            |html| {
                html.trusted(&features_picture(engine));
            },
        );
        html.within("details", &[], |html| {
            html.leaf("summary", &[], "The same in words");
            states(html, engine);
        });
    });
    html.line();
}

fn legend(html: &mut Html) {
    html.within("ul", &[("class", "legend")], |html| {
        for standing in Standing::ALL {
            html.within("li", &[("class", standing.as_str())], |html| {
                html.leaf("span", &[("aria-hidden", "true")], mark(*standing));
                html.text(&format!(" {}", standing.as_str().replace('-', " ")));
            });
        }
    });
}

fn states(html: &mut Html, engine: &Engine) {
    let (catalogue, states) = (engine.rules(), engine.states());
    html.within("table", &[], |html| {
        header(html, &["Feature", "State", "Why it is not effective"]);
        html.within("tbody", &[], |html| {
            let mut all: Vec<FeatureId> = FeatureView::All.features(states, catalogue);
            all.sort_by_key(|id| {
                states.get(*id).map_or(Standing::Off, FeatureState::standing) as u8
            });
            for id in all {
                let standing = states.get(id).map_or(Standing::Off, FeatureState::standing);
                html.within("tr", &[], |html| {
                    html.within("th", &[("scope", "row")], |html| {
                        html.text(name_of(catalogue, id));
                        html.leaf("small", &[], id_of(catalogue, id));
                    });
                    html.leaf(
                        "td",
                        &[("class", &format!("standing {standing}"))],
                        &format!("{} {standing}", mark(standing)),
                    );
                    html.leaf("td", &[], &obstacles(engine.deployment(), states, id).join("; "));
                });
            }
        });
    });
}
