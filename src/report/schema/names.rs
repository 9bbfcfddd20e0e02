//! Schemas of the names that the rules know: as they are spelled there, for editors to offer, and
//! in every other spelling that means the same.

use crate::model::name::decomposed;
use crate::model::{JobKind, Names, Operation, Rules};
use serde_json::{Value, json};
use std::collections::HashSet;

/// Where a schema has those of names.
const DEFINITIONS: &str = "$defs";

/// A kind of name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    Feature,
    DistributionJob,
    BatchJob,
    ChannelTable,
    Operation,
}

impl NameKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Feature => "feature",
            Self::DistributionJob => "job",
            Self::BatchJob => "batch-job",
            Self::ChannelTable => "table",
            Self::Operation => "operation",
        }
    }
}

/// A reference to the definition of names.
pub(super) fn named(kind: NameKind) -> Value {
    json!({ "$ref": format!("#/{DEFINITIONS}/{}", kind.as_str()) })
}

/// A schema with the definitions that it refers to.
pub(super) fn with_names(mut schema: Value, kinds: &[NameKind], rules: &Rules) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(DEFINITIONS.to_owned(), definitions(kinds, rules));
    }
    schema
}

fn definitions(kinds: &[NameKind], rules: &Rules) -> Value {
    let definitions = kinds.iter().map(|kind| (kind.as_str().to_owned(), definition(*kind, rules)));
    Value::Object(definitions.collect())
}

fn definition(kind: NameKind, rules: &Rules) -> Value {
    let jobs = |batch: bool| {
        let of_kind = rules.jobs.iter().filter(move |job| (job.kind == JobKind::Batch) == batch);
        of_kind.flat_map(|job| all_names(&job.id, &job.names)).collect()
    };
    let known = &rules.names;
    let (mut spelled, folded): (Vec<&str>, Vec<&str>) = match kind {
        NameKind::Feature => {
            let features = rules.features.iter().flat_map(|feature| {
                let classes = feature.classes.iter().map(String::as_str);
                all_names(&feature.id, &feature.names).chain(classes)
            });
            (features.collect(), known.features.keys().map(String::as_str).collect())
        }
        NameKind::DistributionJob => {
            (jobs(false), known.distribution_jobs.keys().map(String::as_str).collect())
        }
        NameKind::BatchJob => (jobs(true), known.batch_jobs.keys().map(String::as_str).collect()),
        NameKind::ChannelTable => {
            let tables: Vec<&str> = rules.channel_tables.iter().map(|it| it.id.as_str()).collect();
            (tables.clone(), tables)
        }
        NameKind::Operation => {
            let names = rules.operations.iter().flat_map(Operation::names);
            let names: Vec<&str> = names.collect();
            (names.clone(), names)
        }
    };
    let mut seen = HashSet::new();
    spelled.retain(|name| seen.insert(*name));
    let before = if kind == NameKind::Feature { CLASS } else { "" };
    let folded: Vec<String> = folded.iter().map(|name| any_spelling(name)).collect();
    let pattern = format!("^\\s*{before}(?:{})\\s*$", folded.join("|"));
    json!({ "anyOf": [{ "enum": spelled }, { "type": "string", "pattern": pattern }] })
}

/// What may stand before the name of a feature's class.
const CLASS: &str = "(?:[dD][yY][nN][aA][mM][iI][cC][sS]\\.[aA][xX]\\.\
    [aA][pP][pP][lL][iI][cC][aA][tT][iI][oO][nN]\\.)?";

fn all_names<'a>(id: &'a str, names: &'a Names) -> impl Iterator<Item = &'a str> {
    std::iter::once(id).chain(names.iter().flat_map(|(_, names)| names).map(String::as_str))
}

/// A pattern for a name, whatever its case and however wide its spaces, which every engine of
/// regular expressions has, those that never go back among them.
fn any_spelling(name: &str) -> String {
    let mut pattern = String::new();
    for character in name.chars() {
        let lower: Vec<char> = character.to_lowercase().collect();
        let upper: Vec<char> = character.to_uppercase().collect();
        match (lower.as_slice(), upper.as_slice()) {
            _ if character.is_whitespace() => pattern.push_str("\\s+"),
            ([lower], [upper]) if lower != upper => {
                let class = format!("[{lower}{upper}]");
                // The same letter may be written as a letter and its mark.
                let apart = decomposed(character);
                pattern.push_str(&match apart.chars().count() {
                    1 => class,
                    _ => format!("(?:{class}|{})", any_spelling(&apart)),
                });
            }
            _ if "^$\\.*+?()[]{}|/".contains(character) => {
                pattern.push('\\');
                pattern.push(character);
            }
            _ => pattern.push(character),
        }
    }
    // Folding makes two letters of one.
    pattern.replace("[sS][sS]", "(?:[sS][sS]|ß|ẞ)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_whatever_folds_to_the_name() {
        assert_eq!(any_spelling("p-0001 (x.y)"), "[pP]-0001\\s+\\([xX]\\.[yY]\\)");
        assert_eq!(any_spelling("ä"), "(?:[äÄ]|[aA]\u{308})");
        assert_eq!(any_spelling("strasse"), "[sS][tT][rR][aA](?:[sS][sS]|ß|ẞ)[eE]");
    }
}
