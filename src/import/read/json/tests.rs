//! What is read of JSON beside what `serde_json` reads.

use super::*;
use crate::import::read::Row;
use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Cursor;

/// The cells of a row by heading.
type Cells = Vec<(String, String)>;

/// The rows of each table: their cells by heading.
#[derive(Default)]
struct All {
    headings: Vec<Vec<String>>,
    rows: Vec<(usize, u32, Option<Cells>)>,
}

impl Taker for All {
    fn wants(&mut self, table: usize, _: usize, heading: &str) -> bool {
        self.headings.resize((table + 1).max(self.headings.len()), Vec::new());
        self.headings[table].push(heading.to_owned());
        true
    }

    fn take(&mut self, table: usize, line: u32, row: Option<Row<'_>>) -> bool {
        let cells = row.map(|row| {
            let cell = |column: usize| {
                Some((self.headings[table][column].clone(), row.get(column)?.to_owned()))
            };
            (0..row.len()).filter_map(cell).collect()
        });
        self.rows.push((table, line, cells));
        true
    }
}

fn read(text: &str, piece: usize) -> Result<(Document, All), Problem> {
    let mut bytes = Cursor::new(text.as_bytes().to_vec());
    let mut text = Text::in_pieces(&mut bytes, piece)?;
    let mut all = All::default();
    document(&mut text, &mut all).map(|document| (document, all))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\\u00e4\"\\\\\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = "[abc]|value|\u{e4}|\"";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn record() -> impl Strategy<Value = BTreeMap<String, Value>> {
    prop::collection::btree_map("[abc\u{e4}\"]{1,2}", value(), 0..5)
}

proptest! {
    #[test]
    fn what_is_json_is_what_serde_takes(
        text in "[{}\\[\\]\"\\\\:, a-c0-2tfnulrse.\\-+E\u{e4}\u{1}\n]{0,24}",
        piece in 4..16_usize,
    ) {
        let values = serde_json::Deserializer::from_str(&text).into_iter::<IgnoredAny>();
        let expected = values.collect::<Result<Vec<_>, _>>();
        let found = read(&text, piece);
        prop_assert_eq!(found.is_ok(), expected.is_ok(), "{:?} {:?}", found.err(), expected.err());
    }

    #[test]
    fn every_json_is_taken_and_none_that_is_cut(
        value in value(),
        piece in 4..16_usize,
        pretty: bool,
    ) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            serde_json::to_string(&value).unwrap()
        };
        prop_assert!(read(&text, piece).is_ok());
        if value.is_array() || value.is_object() {
            let end = text.char_indices().next_back().unwrap().0;
            prop_assert!(read(&text[..end], piece).is_err());
        }
    }

    #[test]
    fn records_have_the_cells_that_serde_has(
        records in prop::collection::vec(record(), 0..6),
        piece in 4..40_usize,
    ) {
        let text = serde_json::to_string(&records).unwrap();
        let (document, all) = read(&text, piece).unwrap();
        let rows: Vec<_> = all.rows.iter().filter(|(table, ..)| *table == LISTED).collect();
        prop_assert_eq!(rows.len(), records.len());
        prop_assert_eq!(document.tables[LISTED].rows, records.len() as u64);
        for ((_, _, row), record) in rows.into_iter().zip(&records) {
            let plain = |value: &Value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
                _ => None,
            };
            let cells = record.iter().filter_map(|(key, value)| Some((key.clone(), plain(value)?)));
            let mut found = row.clone().unwrap();
            found.sort();
            prop_assert_eq!(found, cells.collect::<Vec<_>>());
        }
    }
}

#[test]
fn a_name_twice_or_half_a_character_makes_a_record_none() {
    for (text, usable) in [
        (r#"[{"a":1,"a":1}]"#, true),
        (r#"[{"a":1,"a":2}]"#, false),
        (r#"[{"a":"\ud83d\ude00"}]"#, true),
        (r#"[{"a":"\ud83d"}]"#, false),
        (r#"{"a":"\ud83dx"}"#, false),
        (r#"[{"a":{"b":"\ude00"}}]"#, false),
    ] {
        let (_, all) = read(text, 5).unwrap();
        assert_eq!(all.rows.last().unwrap().2.is_some(), usable, "{text}");
    }
}

#[test]
fn envelopes_say_what_is_in_them() {
    for (text, names, goes_on, total) in [
        (
            r#"{"@odata.context":"x/$metadata#RetailStores","value":[{"a":1}]}"#,
            &["RetailStores"][..],
            false,
            None,
        ),
        (
            r#"{"value":[{"a":1}],"@odata.nextLink":"x","@odata.context":"x#S/$entity"}"#,
            &["S"][..],
            true,
            None,
        ),
        (
            r#"{"statusCode":200,"body":{"value":[{"a":1}],"@odata.count":7}}"#,
            &[][..],
            false,
            Some(7),
        ),
        (
            r#"{"entity":"E","collection":"C","recordCount":1,"truncated":false,
                "records":[{"a":1}]}"#,
            &["C", "E"][..],
            false,
            None,
        ),
        (r#"{"recordCount":3,"records":[{"a":1},{"a":2}]}"#, &[][..], true, None),
        (r#"{"@odata.context":"x#S/$entity","a":1}"#, &["S"][..], false, None),
    ] {
        let (document, _) = read(text, 8).unwrap();
        assert_eq!(document.names, names, "{text}");
        assert_eq!((document.goes_on, document.total), (goes_on, total), "{text}");
    }
    let (document, all) =
        read(r#"{"pulledAt":"2026-11-20T08:00:00Z","d":{"results":[{"a":1}]}}"#, 9).unwrap();
    assert_eq!(document.taken.as_deref(), Some("2026-11-20T08:00:00Z"));
    assert_eq!(all.rows.len(), 1);
}

#[test]
fn records_in_records_are_tables_of_their_own() {
    let text = r#"[{"Store":"A",
"Tills":[{"T":1},
{"T":2,"Drawers":[{"D":3}]}],"Profile":{"P":4}}]"#;
    let (document, all) = read(text, 6).unwrap();
    let names: Vec<_> = document.tables.iter().skip(2).map(|table| table.name.as_deref()).collect();
    assert_eq!(names, [Some("Tills"), Some("Drawers"), Some("Profile")]);
    let lines: Vec<(usize, u32)> =
        all.rows.iter().map(|(table, line, _)| (*table, *line)).collect();
    assert_eq!(lines, [(2, 2), (3, 3), (2, 3), (4, 3), (0, 1)]);
    let store = vec![("Store".to_owned(), "A".to_owned())];
    assert_eq!(all.rows[4].2, Some(store));
}
