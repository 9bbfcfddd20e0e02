//! The decision table in full, as CSV: what every channel does in every situation.

use crate::engine::Channel;
use crate::model::SituationFact;
use crate::report::matrix::{answer, operation_ids, words};
use crate::report::text::csv_text;
use crate::whatif::{Group, Matrix, MatrixRow};
use crate::wire::fact_name;
use std::borrow::Cow;
use std::io::{self, Write};

/// The columns of a decision.
const DECISION: [&str; 6] = ["outcome", "reason", "rule", "basis", "sources", "error_id"];

/// Writes a line for each channel, in the order of the deployment, each operation and each
/// combination of the facts that the operation depends on; `any` where it does not depend on one.
/// A decision is blank where it needs a version that the deployment does not give.
///
/// # Errors
///
/// As `to`.
pub fn write_decisions(matrix: &Matrix<'_>, to: &mut dyn Write) -> io::Result<()> {
    let facts = SituationFact::ALL.iter().map(|fact| fact_name(fact.as_str()).into());
    let columns = ["channel", "operation"].map(Cow::from).into_iter();
    let columns = columns.chain(facts).chain(DECISION.map(Cow::from));
    to.write_all(csv_text(|lines| lines.row(columns)).as_bytes())?;
    // What stands after the channel is the same for all that behave alike, of which there are few.
    let endings: Vec<Vec<String>> =
        matrix.groups().iter().map(|group| endings(matrix, group)).collect();
    let groups = matrix.groups().iter().zip(&endings);
    let mut channels: Vec<(&Channel<'_>, &Vec<String>)> = groups
        .flat_map(|(group, endings)| group.channels().iter().map(move |it| (it, endings)))
        .collect();
    channels.sort_by_key(|(channel, _)| channel.number());
    let mut lines = Vec::new();
    for (channel, endings) in channels {
        let row = csv_text(|lines| lines.row([channel.id()]));
        let cell = row.trim_end_matches("\r\n").as_bytes();
        // All lines of a channel at once: there are many, and they are short.
        lines.clear();
        for ending in endings {
            lines.extend_from_slice(cell);
            lines.extend_from_slice(ending.as_bytes());
        }
        to.write_all(&lines)?;
    }
    Ok(())
}

/// The lines of a group behind the channel, commas before them.
fn endings(matrix: &Matrix<'_>, group: &Group<'_>) -> Vec<String> {
    let operations = operation_ids(matrix.engine().rules());
    let lines = operations.flat_map(|(id, operation)| {
        let rows = matrix.rows(group, id).into_iter();
        rows.map(|row| ending(&operation.id, &row))
    });
    lines.collect()
}

fn ending(operation: &str, row: &MatrixRow<'_>) -> String {
    let start = std::iter::once(Cow::from(operation));
    ",".to_owned() + &csv_text(|lines| lines.row(start.chain(words(row)).chain(answer(row))))
}
