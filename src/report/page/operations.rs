//! Every operation in the situations that people ask about, for each group of channels that behave
//! alike; and the features with what they need.

use super::address::cell_address;
use super::parts::{chip, names, section, table};
use crate::engine::{Channel, Engine};
use crate::features::Standing;
use crate::model::{FeatureId, KeyName, Operation, OperationId};
use crate::report::features::{FeatureView, id_of, name_of, obstacles};
use crate::report::matrix::{difference_human, operation_ids};
use crate::report::picture::{features_picture, mark};
use crate::report::text::counted;
use crate::whatif::{Group, Matrix, typical_situations};
use maud::{Markup, html};

/// So many channels of a group are named.
const NAMED: usize = 8;

/// Writes the table of each group; the first is open.
pub(super) fn write(matrix: &Matrix<'_>) -> Markup {
    let content = html! {
        p.quiet {
            "Stores that behave alike stand together. A cell opens in the explorer, which says \
             why; a dash is what can't be."
        }
        @if matrix.groups().is_empty() { p { "The deployment has no channel." } }
        @for (number, group) in matrix.groups().iter().enumerate() {
            "\n"
            details.group open=[(number == 0).then_some("")] { (of_group(matrix, group)) }
        }
    };
    section("operations", "matrix-title", "Every operation", &content)
}

/// Which of a group's channels offer an operation.
pub(super) fn offering<'e>(group: &Group<'e>, operation: &Operation) -> Vec<Channel<'e>> {
    let kind = |channel: &Channel<'e>| channel.record().text(KeyName::Kind);
    let offers = |channel: &&Channel<'e>| {
        operation.channels.is_empty()
            || operation.channels.iter().any(|offered| kind(channel) == Some(offered))
    };
    group.channels().iter().filter(offers).copied().collect()
}

fn of_group(matrix: &Matrix<'_>, group: &Group<'_>) -> Markup {
    let ids: Vec<&str> = group.channels().iter().map(|channel| channel.id()).collect();
    html! {
        summary { b { (counted(ids.len(), "channel")) } (names(&ids, NAMED)) }
        @for difference in group.differences() {
            p.difference { (difference_human(difference)) }
        }
        div.wide tabindex="0" role="group" aria-label="Outcomes by operation and situation" {
            table.matrix { (columns()) tbody { (rows(matrix, group)) } }
        }
    }
}

/// Two rows of headers: whom a column is about, and what goes on.
fn columns() -> Markup {
    let columns = typical_situations();
    let mut whom: Vec<(&str, usize)> = Vec::new();
    for column in columns {
        match whom.last_mut().filter(|(whom, _)| *whom == column.whom) {
            Some((_, count)) => *count += 1,
            None => whom.push((column.whom, 1)),
        }
    }
    html! {
        thead {
            tr {
                th scope="col" rowspan="2" { "Operation" }
                @for (whom, count) in whom { th scope="colgroup" colspan=(count) { (whom) } }
            }
            tr { @for column in columns { th scope="col" { (column.what) } } }
        }
    }
}

/// A row for each operation that a channel of the group offers.
fn rows(matrix: &Matrix<'_>, group: &Group<'_>) -> Markup {
    html! {
        @for (id, operation) in operation_ids(matrix.engine().rules()) {
            @if let Some(channel) = offering(group, operation).first() {
                tr {
                    th scope="row" title=(operation.text) { (operation.id.replace('-', " ")) }
                    (cells(matrix, group, (id, operation), channel))
                }
            }
        }
    }
}

fn cells(
    matrix: &Matrix<'_>,
    group: &Group<'_>,
    (id, operation): (OperationId, &Operation),
    channel: &Channel<'_>,
) -> Markup {
    html! {
        @for situation in typical_situations().map(|column| column.situation) {
            td {
                @match group.decide(matrix.engine(), id, situation) {
                    Some(decision) => {
                        @let address = cell_address(channel.id(), &operation.id, situation);
                        (chip(decision.outcome(), &address))
                    }
                    None => "–",
                }
            }
        }
    }
}

/// Writes the prerequisite graph as a picture, and in words the features that are on.
pub(super) fn write_features(engine: &Engine) -> Markup {
    let content = html! {
        p.quiet {
            "An arrow leads from a feature to what it requires. Dashed arrows lead to settings, \
             dotted ones to what is switched on with it; red dotted lines join what excludes each \
             other. Features that are off, and that nothing needs which is on, are left out."
        }
        (legend())
        (zoom())
        div.wide.drawing tabindex="0" role="group" aria-labelledby="features-title" {
            (features_picture(engine, false))
        }
        details.every {
            summary { "Those too that are off" }
            div.wide.drawing tabindex="0" role="group" aria-labelledby="features-title" {
                (features_picture(engine, true))
            }
        }
        details { summary { "The same in words" } (states(engine)) }
    };
    section("features", "features-title", "Features and what they need", &content)
}

/// How large the graph is drawn: this needs no script.
fn zoom() -> Markup {
    html! {
        fieldset.zoom {
            legend.hidden { "How large the graph is" }
            div.segments {
                @for (value, word) in [("fits", "Fits"), ("whole", "100 %"), ("twice", "200 %")] {
                    label {
                        input type="radio" name="zoom" value=(value)
                            checked=[(value == "fits").then_some("")];
                        (word)
                    }
                }
            }
        }
    }
}

fn legend() -> Markup {
    html! {
        ul.legend {
            @for standing in Standing::ALL {
                li.(standing.as_str()) {
                    span aria-hidden="true" { (mark(*standing)) }
                    " " (standing.as_str().replace('-', " "))
                }
            }
        }
    }
}

/// Every feature, those first that are effective.
fn states(engine: &Engine) -> Markup {
    let mut features = FeatureView::All.features(engine.states(), engine.rules());
    features.sort_by_key(|id| standing(engine, *id) as u8);
    let rows = html! { @for id in features { (state(engine, id)) } };
    table(Some("states"), &["Feature", "State", "Why it is not effective"], &rows)
}

fn standing(engine: &Engine, id: FeatureId) -> Standing {
    engine.states().get(id).standing()
}

fn state(engine: &Engine, id: FeatureId) -> Markup {
    let (rules, standing) = (engine.rules(), standing(engine, id));
    html! {
        tr.(standing.as_str()) {
            th scope="row" { (name_of(rules, id)) small { (id_of(rules, id)) } }
            td.standing.(standing.as_str()) { (mark(standing)) " " (standing.as_str()) }
            td { (obstacles(engine.deployment(), engine.states(), id).join("; ")) }
        }
    }
}
