//! Decisions as tables and scripts: what the joins say is what the engine decides, names come
//! through as they are, and nothing in a name ends a literal.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "common/process.rs"]
mod process;

use process::run;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use syncgate::model::{Deployment, Situation, SituationFact};
use syncgate::report::{DataTable, Datum, Dialect, Exported, Presence, RequestColumns};
use syncgate::report::{data_readme, dmn, document, jdm, rego, sql, tables};
use syncgate::whatif::Behaviours;
use syncgate::wire::Spellings;
use syncgate::{Engine, Rules};

/// Names that do something to somebody.
const HOSTILE: [&str; 24] = [
    "O'Hara",
    "''",
    "it\\'s",
    "trailing\\",
    "\"quoted\"",
    "`ticked`",
    "${x}",
    "$(x)",
    "'; DROP TABLE syncgate_rule; --",
    "-- comment",
    "GO",
    "a;\nb",
    "return\rhere",
    "tab\tstop",
    "bell\u{7}",
    "NULL",
    "=1+1",
    "Straße",
    "İstanbul",
    "Zoe\u{308}",
    "a + 'b' || 'c'",
    "\\u0024{x}",
    "blank at the end ",
    "{name:String}",
];

fn deployment_with(names: impl IntoIterator<Item = impl AsRef<str>>) -> Engine {
    let mut text =
        String::from("[deployment]\nname = \"n ${x}\"\ncommerce-version = \"10.0.40\"\n");
    for name in names {
        let name = serde_json::to_string(name.as_ref()).unwrap();
        writeln!(text, "[[channel]]\nid = {name}\nkind = \"store\"").unwrap();
    }
    engine(&text)
}

fn engine(text: &str) -> Engine {
    let rules = Rules::embedded();
    let loaded = Deployment::from_text(&rules, "deployment.toml", text);
    Engine::new(&rules, loaded.valid().unwrap()).unwrap()
}

fn fixtures() -> Vec<Engine> {
    let rules: Arc<Rules> = Rules::embedded();
    let load = |name: &String| {
        let path = process::path(&format!("fixtures/deployments/{name}"));
        let (deployment, _) = Deployment::load_by(&rules, &path).unwrap().as_read();
        Engine::new(&rules, &deployment).unwrap()
    };
    process::entries("fixtures/deployments").iter().map(load).collect()
}

fn exported(behaviours: &Behaviours<'_>, use_of: impl FnOnce(&Exported<'_>)) {
    use_of(&Exported { behaviours, old: None, spellings: &Spellings::default() });
}

fn table<'t>(tables: &'t [DataTable], name: &str) -> &'t DataTable {
    tables.iter().find(|table| table.name == format!("syncgate_{name}")).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "what the program has written is read")]
fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// The first column of a table with the second.
fn by_key(table: &DataTable) -> BTreeMap<Datum, Datum> {
    table.rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

fn number(datum: &Datum) -> i32 {
    if let Datum::Number(number) = datum { *number } else { panic!("{datum:?}") }
}

#[test]
fn the_joins_decide_as_the_engine_does() {
    for engine in fixtures() {
        let behaviours = Behaviours::of(&engine);
        exported(&behaviours, |exported| {
            let tables = tables(exported);
            let [classes, operations, of_pair, cells] =
                ["channel_name", "operation_name", "behaviour", "cell"]
                    .map(|name| by_key(table(&tables, name)));
            let rules = by_key(table(&tables, "rule"));
            let count = i32::try_from(engine.rules().operations.len()).unwrap();
            for channel in engine.channels() {
                let class = number(&classes[&Datum::Text(channel.id().to_owned())]);
                for (id, operation) in
                    engine.rules().operation_ids().zip(&engine.rules().operations)
                {
                    let operation = number(&operations[&Datum::Text(operation.id.clone())]);
                    let behaviour = number(&of_pair[&Datum::Number(class * count + operation)]);
                    for situation in Situation::all() {
                        let k = behaviour * 216 + i32::try_from(situation.index()).unwrap();
                        let rule = match &cells[&Datum::Number(k)] {
                            Datum::Null => None,
                            rule => Some(&rules[rule]),
                        };
                        let decided = channel.decide(id, situation).ok();
                        let decided = decided.map(|it| Datum::Text(it.rule().to_owned()));
                        assert_eq!(rule, decided.as_ref(), "{} {situation:?}", channel.id());
                    }
                }
            }
        });
    }
}

#[test]
fn the_rows_for_people_say_the_same_in_every_situation() {
    for engine in fixtures() {
        let behaviours = Behaviours::of(&engine);
        exported(&behaviours, |exported| {
            let tables = tables(exported);
            let mut rows: BTreeMap<i32, Vec<&Vec<Datum>>> = BTreeMap::new();
            for row in &table(&tables, "decision").rows {
                rows.entry(number(&row[0])).or_default().push(row);
            }
            for (place, behaviour) in behaviours.all().iter().enumerate() {
                let rows = &rows[&i32::try_from(place).unwrap()];
                for situation in Situation::all() {
                    let fits = |row: &&&Vec<Datum>| {
                        SituationFact::ALL.iter().zip(&row[2..8]).all(|(fact, word)| {
                            *word == Datum::Text("any".to_owned())
                                || *word == Datum::Text(situation.word(*fact).to_owned())
                        })
                    };
                    let fitting: Vec<_> = rows.iter().filter(fits).collect();
                    let rule = behaviour.rule(situation);
                    let rule = rule.map(|id| Datum::Text(engine.rules().rule(id).id.clone()));
                    assert!(fitting.len() <= 1);
                    assert_eq!(fitting.first().map(|row| &row[10]), rule.as_ref());
                }
            }
        });
    }
}

#[test]
fn tables_keep_what_their_columns_say() {
    for engine in fixtures().into_iter().chain([deployment_with(HOSTILE)]) {
        let behaviours = Behaviours::of(&engine);
        exported(&behaviours, |exported| {
            let tables = tables(exported);
            let readme = data_readme(&tables, "csv");
            for table in &tables {
                assert!(readme.contains(&format!("\n## {}.csv\n", table.name)));
                let mut seen = BTreeSet::new();
                for row in &table.rows {
                    assert_eq!(row.len(), table.columns.len(), "{}", table.name);
                    for (column, value) in table.columns.iter().zip(row) {
                        let is_null = *value == Datum::Null;
                        assert!(!is_null || column.presence == Presence::Sometimes);
                        if column.presence == Presence::Unique {
                            assert!(seen.insert(value.clone()), "{}: {value:?}", table.name);
                        }
                    }
                }
                for column in table.columns {
                    assert!(readme.contains(&format!("| `{}` | ", column.name)));
                }
            }
        });
    }
}

/// The texts that literals of a dialect are, read by what its makers say of them.
fn texts(dialect: Dialect, mut literal: &str) -> String {
    let mut text = String::new();
    loop {
        if let Some(rest) =
            ["chr(", "char(", "NCHAR("].iter().find_map(|it| literal.strip_prefix(it))
        {
            let (code, rest) = rest.split_once(')').unwrap();
            text.push(char::from(code.parse::<u8>().unwrap()));
            literal = rest;
        } else {
            let is_escaped =
                matches!(dialect, Dialect::Spark | Dialect::Clickhouse) || literal.starts_with('E');
            let quoted = literal.trim_start_matches(['E', 'N']).strip_prefix('\'').unwrap();
            let mut rest = quoted.chars();
            while let Some(character) = rest.next() {
                match character {
                    '\'' if rest.as_str().starts_with('\'') && dialect != Dialect::Spark => {
                        text.extend(rest.next());
                    }
                    '\'' => break,
                    '\\' if is_escaped => match rest.next().unwrap() {
                        escape @ ('x' | 'u') => {
                            let digits = if escape == 'x' { 2 } else { 4 };
                            let code: String = rest.by_ref().take(digits).collect();
                            text.extend(char::from_u32(u32::from_str_radix(&code, 16).unwrap()));
                        }
                        other => text.push(other),
                    },
                    other => text.push(other),
                }
            }
            literal = rest.as_str();
        }
        let Some(next) = [" || ", " + "].iter().find_map(|it| literal.strip_prefix(it)) else {
            assert_eq!(literal, "");
            return text;
        };
        literal = next;
    }
}

#[test]
fn every_name_comes_through_every_dialect() {
    let engine = deployment_with(HOSTILE);
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        for dialect in Dialect::ALL {
            let script = sql(exported, *dialect, &RequestColumns::default());
            assert!(!script.contains("${") && !script.contains("$(") || *dialect != Dialect::Spark);
            assert!(!script.contains("$(") || *dialect != Dialect::Tsql, "{dialect}");
            let (_, names) = script.split_once("INSERT INTO syncgate_channel_name").unwrap();
            let (names, _) = names.split_once(";\n").unwrap();
            let names = names.lines().skip(1).map(|line| {
                let row = line.trim_end_matches(',');
                let (literal, class) = row.rsplit_once(',').unwrap();
                assert_eq!(class, "0)", "{dialect}: {row}");
                texts(*dialect, literal.strip_prefix('(').unwrap())
            });
            let names: BTreeSet<String> = names.collect();
            let known: BTreeSet<String> = HOSTILE.iter().map(|it| (*it).to_owned()).collect();
            assert_eq!(names, known, "{dialect}");
        }
    });
}

/// What ends otherwise has a cause among the tables, and nothing else has.
#[test]
fn every_other_end_has_its_cause() {
    let profile = |setting: bool, offline: bool| {
        engine(&format!(
            "[deployment]\ncommerce-version = \"10.0.40\"\n[[functionality-profile]]\n\
                id = \"P\"\nkind = \"pos\"\ncreate-customer-in-async-mode = {setting}\n\
                offline-customer-creation = {setting}\n[[channel]]\nid = \"a\"\n\
                kind = \"store\"\nfunctionality-profile = \"P\"\n\
                supports-offline = {offline}\n[[channel]]\nid = \"{offline}\"\n\
                kind = \"store\"\n"
        ))
    };
    let (before, after) = (profile(false, false), profile(true, true));
    let (old, new) = (Behaviours::of(&before), Behaviours::of(&after));
    let spellings = Spellings { channels: [" A".to_owned()].into(), ..Spellings::default() };
    let tables = tables(&Exported { behaviours: &new, old: Some(&old), spellings: &spellings });
    let changes = by_key(table(&tables, "channel_change"));
    let names: Vec<&Datum> = changes.keys().collect();
    assert_eq!(names, [&Datum::Text(" A".to_owned()), &Datum::Text("a".to_owned())]);
    let change = number(&changes[&Datum::Text("a".to_owned())]);
    let (cells, causes) = (by_key(table(&tables, "change")), by_key(table(&tables, "cause")));
    let (was, is) = (before.channel("a").unwrap(), after.channel("a").unwrap());
    let mut told = BTreeSet::new();
    for operation in after.rules().operation_ids() {
        for situation in Situation::all() {
            let ends = |decision: Result<syncgate::Decision<'_>, _>| {
                decision.ok().map(syncgate::Decision::outcome)
            };
            let is_other =
                ends(was.decide(operation, situation)) != ends(is.decide(operation, situation));
            let pair = usize::try_from(change).unwrap() * after.rules().operations.len();
            let k = (pair + operation.index()) * Situation::COUNT + situation.index();
            let cause = cells.get(&Datum::Number(i32::try_from(k).unwrap()));
            assert_eq!(cause.is_some(), is_other, "{situation:?}");
            told.extend(cause.map(|cause| causes[cause].clone()));
        }
    }
    let texts: Vec<String> = told.iter().map(|cause| format!("{cause:?}")).collect();
    for cause in ["create-customer-in-async-mode = true", "supports-offline = true"] {
        assert!(texts.iter().any(|it| it.contains(cause)), "{texts:?}");
    }
}

#[test]
fn what_is_assumed_is_told() {
    let engine = deployment_with(["a", "b"]);
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        let script = sql(exported, Dialect::Duckdb, &RequestColumns::default());
        let told = "--   assumed, as no value is given at 2 channels: ";
        assert!(script.contains(told), "{}", &script[..2000]);
        let tables = tables(exported);
        let provenance = by_key(table(&tables, "provenance"));
        let key = "deployment.assumed.";
        let is_assumed = |it: &&Datum| matches!(it, Datum::Text(it) if it.starts_with(key));
        assert_eq!(provenance.keys().filter(is_assumed).count(), script.matches(told).count());
    });
}

#[test]
fn statements_end_where_a_line_does_and_names_stand_once() {
    for (number, dialect) in Dialect::ALL.iter().enumerate() {
        let engine = deployment_with(HOSTILE);
        let behaviours = Behaviours::of(&engine);
        let spellings = Spellings {
            channels: ["o'hara", "nowhere", "O'Hara", "Straße ", "Straße"]
                .map(str::to_owned)
                .into(),
            operations: ["EDIT-CUSTOMER", "nothing"].map(str::to_owned).into(),
            digest: None,
        };
        let exported =
            Exported { behaviours: &behaviours, old: Some(&behaviours), spellings: &spellings };
        let script = sql(&exported, *dialect, &RequestColumns::default());
        assert_eq!(script, sql(&exported, *dialect, &RequestColumns::default()));
        let starts =
            ["DO ", "BEGIN", "COMMIT", "DROP ", "CREATE ", "DELETE ", "INSERT ", "SELECT ", "--"];
        for statement in script.split(dialect_end(*dialect)).filter(|it| !it.is_empty()) {
            let statement = statement.trim_start();
            assert!(starts.iter().any(|it| statement.starts_with(it)), "{dialect}: {statement}");
            let rows = statement.lines().filter(|line| line.starts_with('(')).count();
            assert!(rows <= 1000 || *dialect != Dialect::Tsql, "{rows}");
        }
        for view in ["syncgate_decided", "syncgate_changed"] {
            let made = if *dialect == Dialect::Postgres { 2 } else { 1 };
            assert_eq!(script.matches(&format!("VIEW {view} AS")).count(), made, "{dialect}");
        }
        let told = "never executed by its makers";
        assert_eq!(script.contains(told), *dialect == Dialect::Tsql, "{number}");
        assert!(script.contains(&engine.deployment().digest()));
        assert!(script.contains(&engine.rules().digest()));
        // Unknown in both deployments, and one name for blanks at the end where they do not count.
        assert_eq!(script.matches("'nowhere',-1)").count(), 2);
        let eszett = script.matches("'Straße").count();
        assert_eq!(eszett, if *dialect == Dialect::Tsql { 2 } else { 4 }, "{dialect}");
    }
}

fn dialect_end(dialect: Dialect) -> &'static str {
    if dialect == Dialect::Tsql { ";\nGO\n" } else { ";\n" }
}

#[test]
fn five_thousand_channels_fit_into_a_megabyte_but_for_their_names() {
    let mut text = String::from("[deployment]\ncommerce-version = \"10.0.40\"\n");
    for profile in 0..64 {
        writeln!(text, "[[functionality-profile]]\nid = \"P{profile}\"\nkind = \"pos\"").unwrap();
        let settings = [
            "create-customer-in-async-mode",
            "create-customer-order-in-async-mode",
            "real-time-order-creation-with-async-backup",
            "offline-customer-creation",
            "offline-order-creation",
            "default-customer-search-mode",
        ];
        for (bit, setting) in settings.iter().enumerate() {
            writeln!(text, "{setting} = {}", profile >> bit & 1 == 1).unwrap();
        }
    }
    for channel in 0..5000 {
        let kind = ["store", "store", "store", "online", "call-center"][channel / 128 % 5];
        let offline = (kind == "store").then_some(channel / 64 % 2 == 1);
        writeln!(
            text,
            "[[channel]]\nid = \"{channel:05}\"\nkind = \"{kind}\"\nfunctionality-profile = \
                \"P{}\"\n{}",
            channel % 64,
            offline.map_or(String::new(), |it| format!("supports-offline = {it}"))
        )
        .unwrap();
    }
    let engine = engine(&text);
    let behaviours = Behaviours::of(&engine);
    assert!(behaviours.classes().len() > 40, "{}", behaviours.classes().len());
    exported(&behaviours, |exported| {
        for dialect in Dialect::ALL {
            let script = sql(exported, *dialect, &RequestColumns::default());
            let names =
                script.split("INSERT INTO ").filter(|it| it.starts_with("syncgate_channel"));
            let names: usize = names.map(str::len).sum();
            assert!(script.len() - names <= 1_000_000, "{dialect}: {}", script.len() - names);
        }
    });
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let contoso = "fixtures/deployments/contoso";
    for (line, told) in [
        ("--to sql", "--dialect"),
        ("--to sql --dialect oracle", "possible values: duckdb"),
        ("--to csv --dialect duckdb", "`--dialect` says something of SQL alone"),
        (
            "--to sql --dialect duckdb --request-columns operation,chanel",
            "no column `chanel` is looked at; did you mean `channel`?",
        ),
        (
            "--to sql --dialect duckdb --request-columns operation",
            "without a column `channel` nothing can be decided",
        ),
        ("--to sql --dialect duckdb --names Cargo.toml", "does not say how names are spelled"),
        ("--to sql --dialect duckdb --old nowhere", "can't read `nowhere`"),
        ("--to sql --dialect duckdb --old - --names -", "can come from standard input"),
    ] {
        let run = run(&format!("export {contoso} {line}"));
        assert_eq!((run.status, &*run.out), (2, ""), "{line}: {}", run.err);
        assert!(run.err.contains(told), "{line}: {}", run.err);
    }
}

#[test]
fn a_table_may_lack_columns() {
    let line = "export fixtures/deployments/contoso --to sql --dialect sqlite --request-columns \
        channel,operation,customer";
    let run = run(line);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.contains("CAST(NULL AS TEXT) AS id") && run.out.contains("q.customer"));
    assert!(!run.out.contains("q.connection") && !run.out.contains("q.id"));
}

#[test]
fn the_table_in_full_is_that_of_a_pack() {
    let pack = process::temporary("export-pack.zip");
    let contoso = "fixtures/deployments/contoso";
    assert_eq!(run(&format!("evidence {contoso} --output {pack}")).status, 0);
    let file = std::io::Cursor::new(bytes(&pack));
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut packed = String::new();
    let mut entry = archive.by_name("decisions.csv").unwrap();
    std::io::Read::read_to_string(&mut entry, &mut packed).unwrap();
    for more in ["", " --output -"] {
        assert_eq!(run(&format!("export {contoso} --to csv{more}")).out, packed);
    }
}

#[test]
fn csv_files_have_the_cells_that_the_tables_have() {
    let directory = process::temporary("export-csv");
    let run = run(&format!("export fixtures/deployments/contoso --to csv --output {directory}"));
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    let engine =
        fixtures().into_iter().find(|it| it.deployment().name() == Some("Contoso go-live"));
    let engine = engine.unwrap();
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        for table in tables(exported) {
            let bytes = bytes(&format!("{directory}/{}.csv", table.name));
            let mut lines = csv::Reader::from_reader(&*bytes);
            let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(lines.headers().unwrap(), header);
            let lines: Vec<csv::StringRecord> = lines.records().map(Result::unwrap).collect();
            assert_eq!(lines.len(), table.rows.len());
            for (line, row) in lines.iter().zip(&table.rows) {
                let cells = row.iter().map(|value| match value {
                    Datum::Null => String::new(),
                    Datum::Number(number) => number.to_string(),
                    Datum::Text(text) => text.clone(),
                });
                assert!(cells.eq(line.iter().map(str::to_owned)));
            }
        }
    });
}

/// The attributes of every element of a document with this name.
fn elements(xml: &str, name: &str) -> Vec<BTreeMap<String, String>> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return found,
            Event::Start(start) | Event::Empty(start) if start.name().as_ref() == name => {
                let attributes = start.attributes().map(Result::unwrap);
                let text = attributes.map(|it| (it.key.as_ref().to_owned(), it.value.to_string()));
                found.push(text.collect());
            }
            _ => {}
        }
    }
}

#[test]
fn dmn_has_a_table_for_each_operation_with_ids_of_their_own() {
    let engine = deployment_with(HOSTILE);
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        let model = dmn(exported);
        let decisions: BTreeSet<(String, String)> = elements(&model, "decision")
            .iter()
            .map(|it| (it["name"].clone(), it["label"].clone()))
            .collect();
        let operations = engine.rules().operations.iter().map(|it| &it.id);
        let expected = operations.map(|id| (id.replace('-', "_"), id.clone()));
        let channels = ("channel_class".to_owned(), "channel class".to_owned());
        assert_eq!(decisions, expected.chain([channels]).collect());
        for table in elements(&model, "decisionTable") {
            assert_eq!(table["hitPolicy"], "FIRST");
        }
        let ids: Vec<&str> =
            model.split(" id=\"").skip(1).map(|it| it.split('"').next().unwrap()).collect();
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len());
        for required in elements(&model, "requiredDecision") {
            assert_eq!(required["href"], "#channel_class");
        }
        assert!(!model.contains(|it: char| it.is_control() && it != '\n'), "XML has no such text");
    });
}

/// An engine makes null of what is not of the type of its variable, and a null is a default: what
/// is no word of a fact must come to the table as it is. One that serves models looks for a domain.
#[test]
fn dmn_takes_what_is_given_of_a_fact_whatever_it_is() {
    let engine = deployment_with(["store"]);
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        let model = dmn(exported);
        let definitions = &elements(&model, "definitions")[0];
        assert_eq!(definitions["namespace"], "https://syncgate.example/decisions");
        let kinds: BTreeMap<String, String> = elements(&model, "variable")
            .into_iter()
            .map(|it| (it["name"].clone(), it["typeRef"].clone()))
            .collect();
        for fact in SituationFact::ALL {
            assert_eq!(kinds[&fact.as_str().replace('-', "_")], "Any", "{}", fact.as_str());
        }
        for expression in [
            r#"if connection = null then "online" else string(connection)"#,
            "if loyalty_enrollment_blocked = null then \"false\" else \
             if loyalty_enrollment_blocked = true then \"true\" else \
             if loyalty_enrollment_blocked = false then \"false\" else \"\"",
        ] {
            assert!(model.contains(&format!("<text>{expression}</text>")), "{expression}");
        }
    });
}

#[test]
fn rego_and_jdm_have_short_lines_and_whole_graphs() {
    let engine = deployment_with(HOSTILE);
    let behaviours = Behaviours::of(&engine);
    exported(&behaviours, |exported| {
        // regorus takes no line of more than 1024 columns.
        assert!(rego(exported).lines().all(|line| line.chars().count() < 1000));
        let graph: serde_json::Value =
            serde_json::from_str(&document::pretty(&jdm(exported))).unwrap();
        let nodes = graph["nodes"].as_array().unwrap();
        assert_eq!(graph["edges"].as_array().unwrap().len(), nodes.len() - 1);
        for node in nodes.iter().filter(|node| node["type"] == "decisionTableNode") {
            let content = &node["content"];
            let columns = ["inputs", "outputs"].map(|key| content[key].as_array().unwrap().len());
            let columns = columns.iter().sum::<usize>() + 1;
            for rule in content["rules"].as_array().unwrap() {
                assert_eq!(rule.as_object().unwrap().len(), columns, "{}", node["name"]);
            }
            assert_eq!(content["hitPolicy"], "first");
        }
    });
}
