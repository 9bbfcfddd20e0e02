//! Many requests at once: whatever the format, each is decided as it is alone, in order, and the
//! bytes do not depend on how many threads work on it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{run, run_with_input, temporary};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use syncgate::columnar::{
    TableColumn, TableError, TableReader, TableText, TableValues, TableWriter,
};

const CONTOSO: &str = "fixtures/deployments/contoso";
const FACTS: [(&str, &[&str]); 6] = [
    ("connection", &["online", "offline"]),
    ("real_time_service", &["available", "communication-failure", "other-failure"]),
    ("customer", &["none", "pending", "synced"]),
    ("order", &["none", "pending", "in-headquarters"]),
    ("loyalty_enrollment_blocked", &["false", "true"]),
    ("affiliation_hidden_in_channels", &["false", "true"]),
];

#[expect(clippy::disallowed_methods, reason = "a test writes what it reads")]
fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = temporary(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[expect(clippy::disallowed_methods, reason = "a test reads what was written")]
fn content(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// A value of a request, also one that is not right.
fn cell(key: &'static str, words: &'static [&'static str]) -> BoxedStrategy<String> {
    let _ = key;
    prop_oneof![
        8 => proptest::sample::select(words).prop_map(str::to_owned),
        3 => Just(String::new()),
        1 => "[a-zé\"; ,\n-]{1,6}",
    ]
    .boxed()
}

/// A request by its keys; a value that is empty is not given.
fn request() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let ids = prop_oneof![
        (0_u32..1000).prop_map(|id| id.to_string()),
        Just("-7".to_owned()),
        Just("007".to_owned()),
        "[a-z=+\", ]{0,5}"
    ];
    let operations = prop_oneof![
        8 => proptest::sample::select(vec!["create-customer", "edit-customer", "612",
            "Edit-Customer", "recall-customer-order", "issue-loyalty-card"]),
        1 => proptest::sample::select(vec!["edit-custmer", "", "zzz"]),
    ];
    let channels = prop_oneof![
        8 => proptest::sample::select(vec!["houston", "seattle", " HOUSTON ", "web"]),
        1 => proptest::sample::select(vec!["hoston", "", "\"x\"", "two\nlines"]),
    ];
    let facts: Vec<_> = FACTS.iter().map(|(key, words)| cell(key, words)).collect();
    (ids, operations, channels, facts).prop_map(|(id, operation, channel, facts)| {
        let names = [("id", id), ("operation", operation.into()), ("channel", channel.into())];
        let facts = FACTS.iter().zip(facts).map(|((key, _), value)| (*key, value));
        names.into_iter().chain(facts).collect()
    })
}

/// A request as JSON Lines have it: what a cell of CSV stands for.
fn json_line(request: &[(&str, String)], nulls: bool) -> String {
    let mut object = Map::new();
    for (key, value) in request {
        let value = value.trim();
        let is_boolean = key.ends_with("blocked") || key.ends_with("channels");
        let is_number = value.parse::<i64>().is_ok_and(|it| it.to_string() == value);
        let value = match value {
            "" if nulls => Value::Null,
            "" => continue,
            "true" | "false" if is_boolean => json!(value == "true"),
            _ if *key == "id" && is_number => json!(value.parse::<i64>().unwrap()),
            _ => json!(value),
        };
        object.insert((*key).to_owned(), value);
    }
    Value::Object(object).to_string()
}

fn csv_line(cells: impl IntoIterator<Item = String>, quotes: bool) -> String {
    let written = |cell: String| {
        if quotes || cell.contains(['"', ',', '\n', ';', '\t']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell
        }
    };
    cells.into_iter().map(written).collect::<Vec<_>>().join(",") + "\r\n"
}

fn csv(requests: &[Vec<(&'static str, String)>], order: &[usize], quotes: bool) -> String {
    let keys: Vec<&str> = requests[0].iter().map(|(key, _)| *key).collect();
    let mut text = csv_line(order.iter().map(|place| keys[*place].to_owned()), false);
    for request in requests {
        let mut cells: Vec<String> = order.iter().map(|it| request[*it].1.clone()).collect();
        // A line without anything is blank, and skipped.
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            cells[0].push('0');
        }
        text += &csv_line(cells, quotes);
    }
    text
}

/// Answers without what says where the request stood, and what is said of words that are none.
fn comparable(line: &str) -> Value {
    let mut answer: Value = serde_json::from_str(line).unwrap();
    if let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) {
        error.remove("line");
        let message = error["message"].as_str().unwrap();
        let is_fact = message.contains("is no value of") || message.starts_with("column ");
        if is_fact {
            error.insert("message".to_owned(), json!("a value that is none"));
        }
    }
    answer
}

#[test]
fn csv_is_answered_as_json_lines_whatever_the_order_of_columns() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(40));
    let in_order = Just((0..9).collect::<Vec<usize>>());
    let order = prop_oneof![in_order.clone(), in_order.prop_shuffle()];
    // All of them twice: a line means the same wherever it stands.
    let requests = proptest::collection::vec(request(), 1..20).prop_map(|it| [&*it, &*it].concat());
    let cases = (requests, order, any::<bool>(), any::<bool>());
    runner
        .run(&cases, |(requests, order, quotes, nulls)| {
            let lines: Vec<String> = requests.iter().map(|it| json_line(it, nulls)).collect();
            let jsonl = file("batch.jsonl", lines.join("\n"));
            let table = file("batch.csv", csv(&requests, &order, quotes));
            let [one, other] =
                [&jsonl, &table].map(|it| run(&format!("decide {CONTOSO} --input {it}")));
            prop_assert_eq!(one.status, other.status, "{}", other.err);
            prop_assert!(one.status < 2, "{}", one.err);
            let [one, other] =
                [&one, &other].map(|it| it.out.lines().map(comparable).collect::<Vec<_>>());
            let (first, second) = one.split_at(one.len() / 2);
            prop_assert_eq!(first, second);
            prop_assert_eq!(one, other);
            Ok(())
        })
        .unwrap();
}

#[test]
fn answers_in_csv_say_what_answers_in_json_say() {
    let input = "fixtures/requests/contoso.jsonl";
    let lines = run(&format!("decide {CONTOSO} --input {input}"));
    let table = run(&format!("decide {CONTOSO} --input {input} --output-format csv"));
    assert_eq!((lines.status, table.status), (0, 0), "{}", table.err);
    let mut reader = csv::Reader::from_reader(table.out.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), lines.out.lines().count());
    for (row, line) in rows.iter().zip(lines.out.lines()) {
        let answer: Value = serde_json::from_str(line).unwrap();
        for (heading, cell) in headings.iter().zip(row) {
            let expected = match &answer[heading] {
                Value::Null => String::new(),
                Value::Array(list) if heading == "assumed" => {
                    let said =
                        |it: &Value| format!("{}={}", it["fact"].as_str().unwrap(), it["value"]);
                    list.iter().map(said).collect::<Vec<_>>().join(" ")
                }
                Value::Array(list) => {
                    list.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                }
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, expected, "{heading} of {line}");
        }
    }
}

#[test]
fn the_same_bytes_come_out_whatever_the_number_of_threads() {
    let mut lines = String::new();
    for number in 0..40_000 {
        let channel = ["houston", "seattle", "hoston", "web"][number % 4];
        let name = if number % 7 == 0 { format!("{channel}{number}") } else { channel.to_owned() };
        lines += &format!(
            "{{\"id\":{number},\"operation\":\"edit-customer\",\"channel\":\"{name}\",\
             \"customer\":\"pending\",\"order\":null}}\n"
        );
    }
    let input = file("jobs.jsonl", lines);
    for format in ["jsonl", "csv"] {
        let asked = format!("decide {CONTOSO} --input {input} --output-format {format}");
        let alone = run(&asked);
        assert_eq!(alone.status, 1, "{}", alone.err);
        assert_eq!(alone.out.lines().count(), 40_000 + usize::from(format == "csv"));
        for jobs in [2, 3, 8] {
            let together = run(&format!("{asked} --jobs {jobs}"));
            assert!(alone.out == together.out, "{format} by {jobs}");
        }
    }
}

#[test]
fn headings_that_are_none_are_told_with_their_place() {
    for (table, message) in [
        (
            "id,operation,channel,custmer\n",
            ":1: column 4: unknown column `custmer`; did you mean `customer`?",
        ),
        (
            "\n\noperation,channel,zzz\n",
            ":3: column 3: unknown column `zzz`; leave it out, or name one of: id,",
        ),
        ("operation;channel;operation\n", ":1: column 3: the column `operation` is there twice"),
        ("operation,customer\n1,2\n", ":1: column 3: there is no column `channel`"),
        ("operation,channel,\n", ":1: column 3: a column without a name"),
        ("", " is empty; its first line names its columns"),
    ] {
        let input = file("headings.csv", table);
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        assert_eq!((told.status, told.out.as_str()), (2, ""), "{table}");
        assert!(told.err.contains(message), "{table}: {}", told.err);
    }
}

#[test]
fn lines_that_are_wrong_are_told_in_their_place() {
    let table = "id,operation,channel,customer,order\r\n\
        1,edit-customer,houston,pending,\r\n\
        \r\n\
        2,edit-customer,houston\r\n\
        3,edit-customer,houston,new,\r\n\
        \"4\",\"edit-customer\",\"hous\r\nton\",,\r\n\
        5,,houston,,\r\n\
        6,edit-customer,houston,,,more\r\n\
        =7,edit-customer,houston,synced,none,\r\n";
    let told = run_with_input(
        &format!("decide {CONTOSO} --input - --input-format csv --output-format csv"),
        table.as_bytes(),
    );
    assert_eq!(told.status, 1);
    let mut reader = csv::Reader::from_reader(told.out.as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let errors: Vec<(&str, &str)> = rows.iter().map(|row| (&row[0], &row[10])).collect();
    let expected = [
        ("1", ""),
        ("2", "line 4: the line ends after cell 3 of 5"),
        ("3", "line 5: `new` is no value of `customer`; expected one of: none, pending, synced"),
        ("4", "line 6: unknown channel `hous\r\nton`; did you mean `houston`?"),
        ("5", "line 8: missing key `operation`"),
        ("6", "line 9: cell 6 has no heading"),
        ("'=7", ""),
    ];
    assert_eq!(errors, expected);
}

#[test]
fn a_quote_that_nothing_closes_is_told() {
    let table = "id,operation,channel\n\
        1,edit-customer,houston\n\
        2,edit-customer,\"houston\n\
        3,edit-customer,houston\n";
    let input = file("open.csv", table);
    let told = run(&format!("decide {CONTOSO} --input {input}"));
    assert_eq!((told.status, told.out.lines().count()), (1, 2), "{}", told.out);
    let last: Value = serde_json::from_str(told.out.lines().last().unwrap()).unwrap();
    let error = json!({"line": 3, "message": "a quote is not closed"});
    assert_eq!((&last["id"], &last["error"]), (&json!(2), &error));
    let told = run(&format!("diff {CONTOSO} {CONTOSO} --requests {input}"));
    assert_eq!(told.status, 1, "{}", told.err);
    for closed in ["\"houston\"", "\"houston\n\"", "houston\"", "\"hou\"\"ston\""] {
        let input = file("closed.csv", format!("operation,channel\nedit-customer,{closed}"));
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        assert!(!told.out.contains("not closed"), "{closed}: {}", told.out);
    }
    for wrong in ["\"", "\n\"\n", "edit-customer,\"houston\n", "edit-customer,houston\n\"\n\n"] {
        let input = file("wrong-open.csv", format!("operation,channel\n{wrong}"));
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        assert!(told.status == 1 && told.out.contains("not closed"), "{wrong}: {}", told.out);
    }
    let input = file("headings-open.csv", "operation,\"channel\nedit-customer,houston\n");
    let told = run(&format!("decide {CONTOSO} --input {input}"));
    let message = ":1: column 2: a quote is not closed";
    assert!(told.status == 2 && told.err.contains(message), "{}", told.err);

    let events = "operation,channel,customer,rows\n\
        create-customer,houston,\"two\nlines\",\n\
        ,,,many\n\
        create-customer,houston,\"bob\n\
        create-customer,houston,eve\n";
    let events = file("open-events.csv", events);
    let told = run(&format!("replay {CONTOSO} --events {events} --store :memory: --id-seed 1"));
    assert_eq!(told.status, 1, "{}", told.err);
    let message = r#"{"line":5,"message":"a quote is not closed"}"#;
    assert!(told.out.contains(message), "{}", told.out);
    // A line whose cell `operation` is blank is no operation.
    assert_eq!(told.out.matches("error").count(), 1, "{}", told.out);
    let events = file("open-keys.csv", "operation,\"channel\nedit-customer,houston\n");
    let told = run(&format!("replay {CONTOSO} --events {events} --store :memory: --id-seed 1"));
    let message = "open-keys.csv:1: a quote is not closed";
    assert!(told.status == 2 && told.err.contains(message), "{}", told.err);

    let observed = "operation,channel,observed_outcome\n\
        create-customer,houston,async\n\
        edit-customer,houston,\"async\n\
        create-customer,houston,async\n";
    let observed = file("open-observed.csv", observed);
    let told = run(&format!("compare {CONTOSO} --observed {observed}"));
    let message = "line 3: a quote is not closed";
    assert!(told.status == 1 && told.err.contains(message), "{}{}", told.out, told.err);
}

#[test]
fn explanations_are_lines_of_json() {
    let input = "fixtures/requests/contoso.jsonl";
    let told = run(&format!("decide {CONTOSO} --input {input} --explain --output-format csv"));
    assert_eq!(told.status, 2);
    assert!(told.err.contains("`--explain` is written as JSON Lines, not as csv"), "{}", told.err);
}

#[test]
fn what_is_written_has_the_format_of_its_ending() {
    let path = temporary("answers.csv");
    let input = "fixtures/requests/contoso.jsonl";
    assert_eq!(run(&format!("decide {CONTOSO} --input {input} --output {path}")).status, 0);
    assert!(content(&path).starts_with(b"id,operation,channel,outcome,"));
}

/// The nearest name is looked for once for each name, and so often at most that a file full of
/// unknown ones is bounded, whatever the number of channels.
#[test]
fn unknown_names_cost_little_whatever_the_number_of_channels() {
    const LINES: usize = 5_000;
    for (channels, most) in [(4, 1000), (20_000, 4)] {
        let mut text = "[deployment]\ncommerce-version = \"10.0.40\"\n".to_owned();
        for number in 0..channels {
            text += &format!("[[channel]]\nid = \"store-{number:05}\"\nkind = \"store\"\n");
        }
        let deployment = file(&format!("channels-{channels}.toml"), text);
        let hinted = |names: &dyn Fn(usize) -> String| {
            let line = |number| {
                let channel = names(number);
                json!({"operation": "edit-customer", "channel": channel}).to_string() + "\n"
            };
            let input = file("bad.jsonl", (0..LINES).map(line).collect::<String>());
            let told = run(&format!("decide {deployment} --input {input}"));
            assert_eq!(told.out.lines().count(), LINES, "{}", told.err);
            let is_told = |line: &&str| line.contains("did you mean") || line.contains("too many");
            assert_eq!(told.out.lines().filter(is_told).count(), LINES);
            told.out.lines().filter(|line| line.contains("did you mean")).count()
        };
        assert_eq!(hinted(&|_| "store-x1".to_owned()), LINES, "{channels} channels");
        assert_eq!(hinted(&|number| format!("store-{number:05}x")), most, "{channels} channels");
    }
}

#[test]
fn truth_values_may_be_numbers_in_tables() {
    let rows = ["true", "1", "TRUE", "True", "false", "0", "FALSE", "False", "", "tRUE", "2"];
    let rows = rows.map(|it| format!("issue-loyalty-card,houston,synced,{it}\n")).concat();
    let table = format!("operation,channel,customer,loyalty_enrollment_blocked\n{rows}");
    let told = run(&format!("decide {CONTOSO} --input {}", file("truth.csv", table)));
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!((told.status, lines.len()), (1, 11), "{}", told.err);
    assert!(lines[..4].iter().all(|line| *line == lines[0]), "{}", told.out);
    assert!(lines[4..9].iter().all(|line| *line == lines[4]), "{}", told.out);
    assert!(lines[0].contains("loyalty-enrollment-blocked") && lines[0] != lines[4]);
    assert!(lines[9..].iter().all(|line| line.contains("is no value of")), "{}", told.out);
}

#[test]
fn events_are_taken_from_csv() {
    let lines = [
        json!({"at": "2026-11-20T08:00:00Z", "operation": "create-customer", "channel": "houston",
            "customer": "alice"}),
        json!({"job": "P-0001", "channels": ["houston"], "rows": 7}),
        json!({"functionality_profile": "STORE", "set": {"create_customer_in_async_mode": true}}),
        json!({"operation": "edit-customer", "channel": "houston", "customer": "alice",
            "loyalty_enrollment_blocked": true}),
        json!({"operation": "create-customer", "channel": "houston", "customer": "two\nlines"}),
    ];
    let keys: Vec<String> = [
        "at",
        "operation",
        "channel",
        "customer",
        "job",
        "channels",
        "rows",
        "functionality_profile",
        "set",
        "loyalty_enrollment_blocked",
    ]
    .map(str::to_owned)
    .to_vec();
    let mut table = csv_line(keys.clone(), false);
    for line in &lines {
        let cell = |key: &String| match &line[key] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        table += &csv_line(keys.iter().map(cell), false);
    }
    let jsonl = lines.map(|line| line.to_string()).join("\n");
    let (table, jsonl) = (file("events.csv", table), file("events.jsonl", jsonl));
    let replay = |events: &str| {
        run(&format!(
            "replay {CONTOSO} --events {events} --store :memory: --id-seed 1 --answer all"
        ))
    };
    let [one, other] = [&jsonl, &table].map(|it| replay(it));
    assert_eq!(one.out, other.out, "{}", other.err);
    assert_eq!((one.status, one.out.lines().count()), (0, 5));

    let wrong = "operation,channel,customer,rows,job\r\n\
        create-customer,houston,bob\r\n\
        create-customer,houston,\"bob\r\nby\",,,more\r\n\
        ,,,many,1010\r\n";
    let told = replay(&file("wrong.csv", wrong));
    assert_eq!(told.status, 1);
    assert!(told.out.contains(r#"{"line":3,"message":"cell 6 has no heading"}"#), "{}", told.out);
    let message = "`many` is no value of `rows`; expected a whole number, none or more";
    assert!(
        told.out.contains(&format!("{{\"line\":5,\"message\":\"{message}\"}}")),
        "{}",
        told.out
    );
    let told = replay(&file("headings.csv", "operation,chanel\n"));
    assert_eq!(told.status, 2);
    let message = ":1: column 2: unknown column `chanel`; did you mean `channel`?";
    assert!(told.err.contains(message), "{}", told.err);
}

/// An id, operation, channel, customer and whether the customer is blocked.
type Asked = (i64, &'static str, &'static str, Option<&'static str>, Option<bool>);

/// A table of requests as a program might write it.
fn table(name: &str, rows: &[Asked]) -> String {
    let path = temporary(name);
    let text = |text: &str| Some(TableText::from(text));
    let columns = [
        TableColumn::Text("channel"),
        TableColumn::Number("id"),
        TableColumn::Text("operation"),
        TableColumn::Text("customer"),
        TableColumn::Flag("loyalty_enrollment_blocked"),
    ];
    let mut writer = TableWriter::new(Vec::new(), &columns).unwrap();
    for rows in rows.chunks(5000) {
        let group = writer.group(|column| match column {
            0 => TableValues::Texts(rows.iter().map(|row| text(row.2)).collect()),
            1 => TableValues::Numbers(rows.iter().map(|row| Some(row.0)).collect()),
            2 => TableValues::Texts(rows.iter().map(|row| text(row.1)).collect()),
            3 => TableValues::Texts(rows.iter().map(|row| row.3.and_then(text)).collect()),
            _ => TableValues::Flags(rows.iter().map(|row| row.4).collect()),
        });
        group.unwrap();
    }
    file(name, writer.finish().unwrap());
    path
}

fn rows() -> Vec<Asked> {
    let row = |number: i64| {
        let place = usize::try_from(number).unwrap();
        let customers = [None, Some("pending"), Some("synced"), Some("none"), Some("nobody")];
        (
            number - 3,
            ["edit-customer", "612", "issue-loyalty-card", "issue-loyalty"][place % 4],
            ["houston", "seattle", "Houston", "hoston", "zzzzzzz"][place % 5],
            customers[place % 7 % 5],
            [None, Some(true), Some(false)][place % 3],
        )
    };
    (0..12_000).map(row).collect()
}

#[test]
fn tables_are_decided_as_lines_are() {
    let rows = rows();
    let line = |row: &Asked| {
        json!({"id": row.0, "operation": row.1, "channel": row.2, "customer": row.3,
            "loyalty_enrollment_blocked": row.4})
        .to_string()
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    let (lines, table) = (file("table.jsonl", lines.join("\n")), table("table.parquet", &rows));
    for format in ["jsonl", "csv"] {
        let [one, other] = [&lines, &table].map(|input| {
            run(&format!("decide {CONTOSO} --input {input} --output-format {format} --jobs 2"))
        });
        assert_eq!((one.status, other.status), (1, 1), "{}", other.err);
        assert!(one.out == other.out, "{format}");
    }
    // What is written is a table that can be read, and does not depend on the threads.
    let [one, other] = ["1", "3"].map(|jobs| {
        let path = temporary(&format!("answers-{jobs}.parquet"));
        let told = run(&format!("decide {CONTOSO} --input {table} --output {path} --jobs {jobs}"));
        assert_eq!(told.status, 1, "{}", told.err);
        content(&path)
    });
    assert!(one == other && one.starts_with(b"PAR1") && one.ends_with(b"PAR1"));
}

#[test]
fn tables_that_are_none_of_requests_are_told() {
    let columns = [TableColumn::Text("operation"), TableColumn::Text("chanel")];
    let writer = TableWriter::new(Vec::new(), &columns).unwrap();
    let wrong = file("wrong.parquet", writer.finish().unwrap());
    let columns = [TableColumn::Text("operation"), TableColumn::Text("customer")];
    let writer = TableWriter::new(Vec::new(), &columns).unwrap();
    let lacking = file("lacking.parquet", writer.finish().unwrap());
    let columns = [TableColumn::Text("operation"), TableColumn::Text("channel")];
    let writer = TableWriter::new(Vec::new(), &columns).unwrap();
    let none = file("none.parquet", writer.finish().unwrap());
    let told = run(&format!("decide {CONTOSO} --input {none}"));
    assert_eq!((told.status, told.out.as_str()), (0, ""), "{}", told.err);
    let text = file("text.parquet", "operation,channel\n");
    for (input, message) in [
        (wrong.as_str(), "unknown column `chanel`; did you mean `channel`?"),
        (&lacking, "there is no column `channel`"),
        (&text, "is damaged, or no Parquet file"),
        ("- --input-format parquet", "name a file instead of standard input"),
    ] {
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        assert_eq!((told.status, told.out.as_str()), (2, ""), "{input}");
        assert!(told.err.contains(message), "{input}: {}", told.err);
    }
}

/// A table of one row, whose columns other programs declare so.
fn declared(name: &str, id: &str, value: i64, texts: [&str; 2]) -> String {
    use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
    let schema = format!(
        "message m {{ required {id}; required binary operation (UTF8);
         required binary channel (UTF8); required binary customer (UTF8); }}"
    );
    let schema = parquet::schema::parser::parse_message_type(&schema).unwrap();
    let packed = parquet::basic::Compression::SNAPPY;
    let properties =
        parquet::file::properties::WriterProperties::builder().set_compression(packed).build();
    let mut writer = parquet::file::writer::SerializedFileWriter::new(
        Vec::new(),
        schema.into(),
        properties.into(),
    )
    .unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    if id.starts_with("int32") {
        let bits = value.to_le_bytes();
        let value = i32::from_le_bytes(*bits.first_chunk().unwrap());
        column.typed::<Int32Type>().write_batch(&[value], None, None).unwrap();
    } else {
        column.typed::<Int64Type>().write_batch(&[value], None, None).unwrap();
    }
    column.close().unwrap();
    for text in ["edit-customer", texts[0], texts[1]] {
        let mut column = group.next_column().unwrap().unwrap();
        let text = ByteArray::from(text);
        column.typed::<ByteArrayType>().write_batch(&[text], None, None).unwrap();
        column.close().unwrap();
    }
    group.close().unwrap();
    file(name, writer.into_inner().unwrap())
}

#[test]
fn columns_are_read_as_what_they_are_declared() {
    for (id, read) in [
        ("int32 id (UINT_32)", 4_000_000_000),
        ("int32 id (INTEGER(32,false))", 4_000_000_000),
        ("int32 id", 4_000_000_000_i64 - (1 << 32)),
        ("int64 id (DECIMAL(12,0))", 4_000_000_000),
    ] {
        let input = declared("declared.parquet", id, 4_000_000_000, ["houston", "none"]);
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        let expected = format!("{{\"id\":{read},");
        assert!(told.status == 0 && told.out.starts_with(&expected), "{id}: {}", told.out);
    }
    for (id, found) in [
        ("int64 id (UINT_64)", "UINT_64"),
        ("int64 id (INTEGER(64,false))", "UINT_64"),
        ("int64 id (DECIMAL(12,2))", "DECIMAL"),
        ("int32 id (DATE)", "DATE"),
        ("int32 id (TIME_MILLIS)", "TIME"),
        ("int64 id (TIMESTAMP(MICROS,true))", "TIMESTAMP"),
    ] {
        let input = declared("refused.parquet", id, 1, ["houston", "none"]);
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        let message = format!("{input}: {found} in `id`; expected text, whole numbers up to INT64");
        assert!(told.status == 2 && told.err.contains(&message), "{id}: {}", told.err);
    }
}

#[test]
fn blank_texts_of_tables_are_none() {
    let csv = file("blank.csv", "id,operation,channel,customer\n1,edit-customer, Houston , \n");
    let blank = declared("blank.parquet", "int64 id", 1, [" Houston ", " "]);
    let [one, other] = [&csv, &blank].map(|it| run(&format!("decide {CONTOSO} --input {it}")));
    assert_eq!((one.status, &one.out), (0, &other.out), "{}", other.err);
    let lacking = declared("lacking-text.parquet", "int64 id", 1, ["", " none "]);
    let told = run(&format!("decide {CONTOSO} --input {lacking}"));
    assert!(told.status == 1 && told.out.contains("missing key `channel`"), "{}", told.out);
}

#[test]
fn tables_that_are_packed_otherwise_are_told() {
    let table = declared("packed.parquet", "int64 id", 1, ["houston", "none"]);
    let bytes = content(&table);
    let declared = b"channel\x15\x02";
    let place = bytes.windows(declared.len()).position(|it| it == declared).unwrap();
    let zstd = "ZSTD, which this build does not read; write it with snappy, or build with the \
        feature `zstd`";
    let brotli = "BROTLI, which this build does not read; write it with snappy\n";
    for (codec, told_of) in [(12, zstd), (8, brotli)] {
        if codec == 12 && cfg!(feature = "zstd") {
            continue;
        }
        let mut bytes = bytes.clone();
        bytes[place + declared.len() - 1] = codec;
        let input = file("codec.parquet", bytes);
        let told = run(&format!("decide {CONTOSO} --input {input}"));
        let message = format!("`{input}` is packed by {told_of}");
        assert!(told.status == 2 && told.err.contains(&message), "{}", told.err);
    }
}

/// `PyArrow` has packed the table.
#[test]
fn what_zstd_has_packed_is_read_where_that_is_built() {
    let told = run(&format!("decide {CONTOSO} --input fixtures/requests/contoso.zstd.parquet"));
    if cfg!(feature = "zstd") {
        let lines = run(&format!("decide {CONTOSO} --input fixtures/requests/contoso.jsonl"));
        assert_eq!((told.status, told.out), (0, lines.out), "{}", told.err);
    } else {
        assert_eq!((told.status, &*told.out), (2, ""));
        assert!(told.err.contains("build with the feature `zstd`"), "{}", told.err);
    }
}

/// Whether a table is read to its end, or told to be damaged.
#[expect(clippy::disallowed_methods, reason = "what was damaged is read")]
fn is_whole(path: &str) -> bool {
    let read = || -> Result<u64, TableError> {
        let mut reader = TableReader::open(path, std::fs::File::open(path).unwrap())?;
        let columns = (0..reader.names().len()).collect();
        if reader.ask(columns).is_err() {
            return Ok(0);
        }
        let mut rows = 0;
        while let Some(run) = reader.next_run()? {
            assert!(run.rows > 0 && run.first_row == rows + 1);
            rows += run.rows as u64;
            // Damage that repeats a value again and again is no more than that.
            if rows > 1_000_000 {
                break;
            }
        }
        Ok(rows)
    };
    match read() {
        Ok(_) => true,
        Err(error) => {
            let is_told = matches!(error, TableError::Damaged { .. } | TableError::Packed { .. });
            assert!(is_told, "{error}");
            false
        }
    }
}

#[test]
fn damaged_tables_are_told_and_nothing_panics() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !syncgate::foreign::is_within() {
            told(info);
        }
    }));
    let whole = content(&table("whole.parquet", &rows()[..3000]));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1500));
    // Where things lie stands at the end.
    let place = prop_oneof![0..whole.len(), whole.len() - 1500..whole.len(), 0..600_usize];
    let damage = (place, 1_u8.., any::<bool>());
    let told_of = std::cell::Cell::new(0);
    runner
        .run(&damage, |(place, bits, cut)| {
            let mut bytes = whole.clone();
            bytes[place] ^= bits;
            if cut {
                bytes.truncate(place);
            }
            if !is_whole(&file("flipped.parquet", bytes)) {
                told_of.set(told_of.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    assert!(told_of.get() > 300, "{}", told_of.get());
    for place in (0..whole.len()).step_by(whole.len() / 12) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x55;
        let input = file("program.parquet", bytes);
        let told = run(&format!("decide {CONTOSO} --input {input} --output-format csv"));
        assert!((0..=2).contains(&told.status), "{place}: {}", told.err);
        assert!(!told.err.contains("panicked"), "{}", told.err);
    }
}

#[test]
fn a_history_says_what_would_end_otherwise() {
    let old = "fixtures/deployments/contoso";
    // Keys of the whole file come first.
    let files = ["deployment", "channels", "features", "jobs"];
    let text: String =
        files.iter().map(|name| process::read(&format!("{old}/{name}.toml")) + "\n").collect();
    let text = text.replacen("commerce-scale-unit = []", "", 1);
    let switched = text.replacen(
        "create-customer-in-async-mode = true",
        "create-customer-in-async-mode = false",
        1,
    );
    assert_ne!(switched, text);
    let new = file("switched.toml", switched);
    let mut lines = String::new();
    for number in 0..3000_usize {
        let row = &rows()[number];
        let operation = ["create-customer", "edit-customer"][number % 2];
        let channel = ["houston", "seattle", "zzz"][number % 3];
        let customer = row.3.filter(|it| *it != "nobody");
        let line = json!({"id": row.0, "operation": operation, "channel": channel,
            "customer": customer});
        lines += &line.to_string();
        lines.push('\n');
    }
    let input = file("history.jsonl", &lines);
    // Each is decided by both; what is counted is what differs.
    let [before, after] = [old, &new].map(|deployment| {
        let told = run(&format!("decide {deployment} --input {input}"));
        told.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    });
    let valid = before.iter().filter(|answer| answer["error"].is_null()).count();
    let mut changed = std::collections::BTreeMap::new();
    for (before, after) in before.iter().zip(&after) {
        if before["outcome"] != after["outcome"] {
            *changed.entry(before["channel"].as_str().unwrap()).or_insert(0) += 1;
        }
    }
    let count: i32 = changed.values().sum();
    assert!(count > 0);
    let told = run(&format!("diff {old} {new} --requests {input} --format json"));
    assert_eq!(told.status, 1, "{}", told.err);
    let document: Value = serde_json::from_str(&told.out).unwrap();
    let history = &document["requests"];
    assert_eq!(history["compared"], json!(valid));
    assert_eq!(history["invalid"], json!(3000 - valid));
    assert_eq!(history["changed"], json!(count));
    let counted = history["channels"].as_array().unwrap().iter();
    let counted: std::collections::BTreeMap<_, _> = counted
        .map(|it| (it["channel"].as_str().unwrap(), it["changed"].as_i64().unwrap()))
        .collect();
    let expected: std::collections::BTreeMap<_, _> =
        changed.iter().map(|(channel, count)| (*channel, i64::from(*count))).collect();
    assert_eq!(counted, expected);
    let caused = history["causes"].as_array().unwrap().iter();
    let caused: i64 = caused.map(|cause| cause["changed"].as_i64().unwrap()).sum();
    assert_eq!(caused, i64::from(count));
    assert_eq!(history["causes"][0]["facts"][0]["fact"], "create_customer_in_async_mode");
    let told = run(&format!("diff {old} {new} --requests {input}"));
    assert!(
        told.out.ends_with(&format!("operations end otherwise: {count} of {valid} requests\n")),
        "{}",
        told.out
    );
    let none = file("history-none.jsonl", "");
    assert_eq!(run(&format!("diff {old} {new} --requests {none}")).status, 2);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what was written is read")]
fn a_store_is_written_as_tables() {
    let store = temporary("tables.redb");
    let _ = std::fs::remove_file(&store);
    let events = "fixtures/events/first-day.jsonl";
    let replayed = run(&format!("replay {CONTOSO} --events {events} --store {store} --id-seed 1"));
    assert_eq!(replayed.status, 0, "{}", replayed.err);
    let lines = run(&format!("store export --store {store}")).out;
    let directory = temporary("tables");
    let told = run(&format!("store export --store {store} --to parquet --output {directory}"));
    assert_eq!((told.status, told.out.as_str()), (0, ""), "{}", told.err);
    for (record, name, column) in [
        ("channel-customer", "customers", "customer"),
        ("order", "orders", "order_name"),
        ("queue-row", "queue", "place"),
        ("journal", "journal", "moment"),
    ] {
        let path = format!("{directory}/{name}.parquet");
        let mut table = TableReader::open(&path, std::fs::File::open(&path).unwrap()).unwrap();
        let names = table.names();
        assert!(names.iter().any(|it| it == column), "{names:?}");
        assert!(!names.iter().any(|it| it == "at" || it == "order" || it == "table"), "{names:?}");
        table.ask((0..names.len()).collect()).unwrap();
        let mut rows = 0;
        while let Some(run) = table.next_run().unwrap() {
            rows += run.rows;
        }
        let written =
            lines.lines().filter(|line| line.contains(&format!("{{\"record\":\"{record}\"")));
        assert_eq!(rows, written.count(), "{name}");
    }
    let told = run(&format!("store export --store {store} --to parquet"));
    assert_eq!(told.status, 2);
    assert!(told.err.contains("name a directory"), "{}", told.err);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what was written is read")]
fn exported_tables_are_the_same_in_parquet() {
    let [table, text] = ["parquet", "csv"].map(|form| {
        let directory = temporary(&format!("exported-{form}"));
        let told = run(&format!("export {CONTOSO} --to {form} --output {directory}"));
        assert_eq!(told.status, 0, "{}", told.err);
        directory
    });
    let page = String::from_utf8(content(&format!("{table}/README.md"))).unwrap();
    for name in ["rule", "operation_name", "channel_name", "behaviour", "cell", "decision"] {
        assert!(page.contains(&format!("## syncgate_{name}.parquet")), "{page}");
        let path = format!("{table}/syncgate_{name}.parquet");
        let mut read = TableReader::open(&path, std::fs::File::open(&path).unwrap()).unwrap();
        let mut lines = csv::Reader::from_path(format!("{text}/syncgate_{name}.csv")).unwrap();
        let headings: Vec<&str> = lines.headers().unwrap().iter().collect();
        assert_eq!(read.names(), headings);
        read.ask((0..headings.len()).collect()).unwrap();
        let mut rows = 0;
        while let Some(run) = read.next_run().unwrap() {
            rows += run.rows;
        }
        assert_eq!(rows, lines.records().count(), "{name}");
    }
    let told = run(&format!("export {CONTOSO} --to parquet"));
    assert_eq!(told.status, 2);
    assert!(told.err.contains("name a directory"), "{}", told.err);
}
