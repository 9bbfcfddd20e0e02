//! What holds for any input: nothing panics, what is printed is read back, graphs are ordered.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

use proptest::prelude::*;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use syncgate::check::check;
use syncgate::engine::{Engine, verify};
use syncgate::features::{Own, Prerequisites};
use syncgate::load::{InputFile, Scenario};
use syncgate::model::format::{Form, Key, Kind, Section};
use syncgate::model::{Deployment, Edge, EdgeKind, FeatureId, Node, Record, Rules, Value};
use syncgate::wire::{parse_event, parse_request};

/// A value of a kind: how TOML writes it, and what it is.
type Written = (String, Value);

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(control));
            }
            plain => quoted.push(plain),
        }
    }
    quoted + "\""
}

fn text() -> impl Strategy<Value = String> {
    "\\PC{1,12}".prop_filter("not blank", |text| !text.trim().is_empty())
}

fn moment() -> impl Strategy<Value = Written> {
    (0_i64..4_000_000_000, -14_i64..15).prop_map(|(seconds, hours)| {
        let moment = jiff::Timestamp::from_second(seconds).unwrap();
        let offset = jiff::tz::Offset::from_hours(i8::try_from(hours).unwrap()).unwrap();
        let local = offset.to_datetime(moment);
        let sign = if hours < 0 { '-' } else { '+' };
        (format!("{local}{sign}{:02}:00", hours.abs()), Value::DateTime(moment))
    })
}

/// Names that a kind may have in the changed, and the id that each means.
fn names(rules: &Rules, kind: &Kind) -> Vec<(String, String)> {
    let of_jobs = |batch: bool| {
        let jobs = rules
            .jobs
            .iter()
            .filter(move |job| (job.kind == syncgate::model::JobKind::Batch) == batch);
        jobs.flat_map(|job| {
            let names = job.names.iter().flat_map(|(_, names)| names);
            std::iter::once(&job.id)
                .chain(names)
                .map(|name| (name.clone(), job.id.clone()))
                .collect::<Vec<_>>()
        })
        .collect()
    };
    match kind {
        Kind::DistributionJob => of_jobs(false),
        Kind::BatchJob => of_jobs(true),
        Kind::ChannelTable => {
            rules.channel_tables.iter().map(|table| (table.id.clone(), table.id.clone())).collect()
        }
        _ => Vec::new(),
    }
}

/// Any value of a kind; references are to a record that will be there.
fn value(rules: &Rules, kind: &Kind) -> BoxedStrategy<Written> {
    match kind {
        Kind::Boolean => {
            any::<bool>().prop_map(|value| (value.to_string(), Value::Boolean(value))).boxed()
        }
        Kind::Integer { least, most } => (*least..=(*most).min(least.saturating_add(1000)))
            .prop_map(|n| (n.to_string(), Value::Integer(n)))
            .boxed(),
        Kind::Text => text().prop_map(|text| (quoted(&text), Value::Text(text))).boxed(),
        Kind::Word(words) => proptest::sample::select(words.clone())
            .prop_map(|word| (quoted(&word), Value::Text(word)))
            .boxed(),
        Kind::Version => (0..100_u32, 0..100_u32, 0..100_u32)
            .prop_map(|(a, b, c)| {
                (
                    format!("\"{a}.{b}.{c}\""),
                    Value::Version(format!("{a}.{b}.{c}").parse().unwrap()),
                )
            })
            .boxed(),
        Kind::Duration | Kind::Recurrence => (1..1_000_000_u64)
            .prop_map(|seconds| {
                let duration = syncgate::model::Duration::from_seconds(seconds).unwrap();
                (format!("\"{duration}\""), Value::Duration(duration))
            })
            .boxed(),
        Kind::DateTime => moment().boxed(),
        Kind::Date => (1_i16..=12, 1_i16..=28)
            .prop_map(|(month, day)| {
                let date = jiff::civil::Date::new(
                    2026,
                    i8::try_from(month).unwrap(),
                    i8::try_from(day).unwrap(),
                )
                .unwrap();
                (date.to_string(), Value::Date(date))
            })
            .boxed(),
        Kind::Code => Just(("\"SG110\"".to_owned(), Value::Code("SG110".parse().unwrap()))).boxed(),
        Kind::Reference(to) => {
            let id = format!("{to} 0");
            Just((quoted(&id), Value::Reference { id, target: Some(0) })).boxed()
        }
        Kind::List(inner) => proptest::collection::vec(value(rules, inner), 0..3)
            .prop_map(|values| {
                let written: Vec<&str> =
                    values.iter().map(|(written, _)| written.as_str()).collect();
                let text = format!("[{}]", written.join(", "));
                (text, Value::Map(Vec::new()))
            })
            .boxed(),
        kind => {
            let names = names(rules, kind);
            proptest::sample::select(names)
                .prop_map(|(name, id)| (quoted(&name), Value::Name(id)))
                .boxed()
        }
    }
}

/// A record: for each key how it is written and what it is, or nothing.
type WrittenRecord = Vec<Option<Written>>;

fn record(rules: &Rules, section: &Section, number: usize) -> BoxedStrategy<WrittenRecord> {
    let keys = section.keys.iter().enumerate().map(|(index, key)| {
        let is_identity = section.identity == Some(index);
        if is_identity && key.kind == Kind::Text {
            let id = format!("{} {number}", section.id);
            return Just(Some((quoted(&id), Value::Text(id)))).boxed();
        }
        let given = value(rules, &key.kind).prop_map(Some).boxed();
        if key.required {
            given
        } else {
            proptest::option::weighted(0.7, value(rules, &key.kind)).boxed()
        }
    });
    keys.collect::<Vec<_>>().boxed()
}

/// A deployment: its text, and for each section the records that it says.
fn deployment() -> impl Strategy<Value = (String, Vec<(String, Vec<WrittenRecord>)>)> {
    let rules = Rules::embedded();
    let sections: Vec<_> = rules
        .format
        .sections
        .iter()
        .filter(|section| {
            matches!(section.form, Form::Single | Form::Records) && section.id != "waiver"
        })
        .map(|section| {
            // Jobs and tables name themselves, so that two records might be the same; one of each
            // is enough here.
            let named =
                section.identity.is_some_and(|index| section.keys[index].kind != Kind::Text);
            let count = if section.form == Form::Single || named { 1 } else { 3 };
            let records: Vec<_> =
                (0..count).map(|number| record(&rules, section, number)).collect();
            let id = section.id.clone();
            records.prop_map(move |records| (id.clone(), records)).boxed()
        })
        .collect();
    sections.prop_map(|sections| {
        let rules = Rules::embedded();
        let mut text = String::new();
        for (id, records) in &sections {
            let (_, section) = rules.format.section(id).unwrap();
            let header =
                if section.form == Form::Single { format!("[{id}]") } else { format!("[[{id}]]") };
            for record in records {
                let _ = writeln!(text, "{header}");
                for (key, written) in section.keys.iter().zip(record) {
                    if let Some((written, _)) = written {
                        let _ = writeln!(text, "{} = {written}", key.id);
                    }
                }
            }
        }
        (text, sections)
    })
}

/// Whether what was read is what was written; lists are compared by their text alone.
fn same(key: &Key, written: Option<&Written>, read: &Record, number: usize) -> bool {
    let read = read.values[number].as_ref().map(|placed| &placed.value);
    match (&key.kind, written, read) {
        (Kind::List(_), Some(_), Some(Value::List(_))) => true,
        (_, written, read) => written.map(|(_, value)| value) == read,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_a_generated_deployment_prints_is_read_back((text, sections) in deployment()) {
        let rules = Rules::embedded();
        let loaded = Deployment::from_text(&rules, "deployment.toml", &text);
        let deployment = loaded
            .valid()
            .map_err(|invalid| TestCaseError::fail(format!("{invalid}\n{text}")))?;
        for (id, records) in sections {
            let (section, read) = deployment.section(&id).unwrap();
            prop_assert_eq!(read.len(), records.len());
            for (written, read) in records.iter().zip(read) {
                for (number, key) in section.keys.iter().enumerate() {
                    prop_assert!(
                        same(key, written[number].as_ref(), read, number),
                        "{} {}\n{}",
                        id,
                        key.id,
                        text
                    );
                }
            }
        }
    }

    #[test]
    fn a_random_text_never_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        toml in "[\\[\\]{}=\"'#.,a-e0-9T:Z \n-]{0,120}",
    ) {
        let rules = Rules::embedded();
        for bytes in [bytes, toml.into_bytes()] {
            let file = || vec![InputFile { path: "a.toml".into(), bytes: Ok(bytes.clone()) }];
            let loaded = Deployment::from_files(&rules, "a.toml", file());
            let whole = loaded.is_whole();
            let (deployment, findings) = loaded.as_read();
            check(&deployment, findings, whole);
            let loaded = Rules::from_files("a.toml", file(), Vec::new());
            let _ = loaded.valid().map(|rules| verify(rules));
            let _ = Scenario::from_file(file().remove(0));
        }
    }

    #[test]
    fn a_random_change_of_a_deployment_never_panics(
        cut in any::<prop::sample::Index>(),
        insert in "[\\[\\]{}=\"#.a-z0-9\n]{0,6}",
    ) {
        let rules = Rules::embedded();
        let text = include_str!("../fixtures/deployments/contoso/channels.toml");
        let at = cut.index(text.len());
        let changed = format!("{}{insert}{}", &text[..at], &text[(at + 1).min(text.len())..]);
        let loaded = Deployment::from_text(&rules, "channels.toml", &changed);
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        // A finding always points into the file.
        for finding in &checked.findings {
            let span = finding.span.unwrap();
            prop_assert!(deployment.files().text(span.file).len() >= span.end as usize);
        }
    }

    #[test]
    fn a_random_line_never_panics(line in "\\PC{0,60}", json in "[{}\\[\\]\":,a-e0-9 \
        tfn\\\\]{0,60}") {
        for line in [line, json] {
            let _ = parse_request(&line);
            let _ = parse_event(&line);
        }
    }
}

#[test]
fn what_init_writes_is_read_without_an_error() {
    let rules = Rules::embedded();
    let text = include_str!("../src/cli/init.toml");
    let loaded = Deployment::from_text(&rules, "deployment.toml", text);
    let deployment = loaded.valid().unwrap();
    assert_eq!(loaded.findings().count(), 0);
    Engine::new(&rules, deployment).unwrap();
    // With every line that is commented out for a value to be filled in, it still is one.
    let whole: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let loaded = Deployment::from_text(&rules, "deployment.toml", &whole);
    let told: Vec<String> = loaded.findings().map(|finding| finding.to_string()).collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// A changed of a few features with these `requires` edges.
fn graph(count: usize, edges: &[(usize, usize)]) -> Rules {
    let rules = Rules::embedded();
    let mut changed = (*rules).clone();
    changed.features.truncate(count);
    let edge = |(from, to): &(usize, usize)| Edge {
        id: "E".into(),
        from: vec![node(&rules, *from)],
        kind: EdgeKind::Requires,
        to: vec![node(&rules, *to)],
        versions: None,
        text: None,
        basis: syncgate::model::Basis::Inferred,
        documents: Vec::new(),
        span: rules.features[0].span,
    };
    changed.edges = edges.iter().map(edge).collect();
    changed
}

fn id(rules: &Rules, index: usize) -> FeatureId {
    rules.feature_named(&rules.features[index].id).unwrap()
}

fn node(rules: &Rules, index: usize) -> Node {
    Node::Feature(id(rules, index))
}

/// Edges that lead from a higher to a lower number, so that none closes a circle.
fn acyclic() -> impl Strategy<Value = (usize, Vec<(usize, usize)>)> {
    (2..12_usize).prop_flat_map(|count| {
        let edge = (1..count).prop_flat_map(|from| (Just(from), 0..from));
        (Just(count), proptest::collection::vec(edge, 0..24))
    })
}

proptest! {
    #[test]
    fn enabling_orders_are_valid_and_closures_closed(
        (count, edges) in acyclic(),
        wanted in any::<prop::sample::Index>(),
    ) {
        let rules = Rules::embedded();
        let changed = graph(count, &edges);
        let prerequisites = Prerequisites::of(&changed);
        let wanted = id(&rules, wanted.index(count));
        let order = prerequisites.enabling_order([wanted]);
        let closure = prerequisites.closure(wanted);
        // Everything needed and nothing else, each after what it requires, the wanted one last.
        prop_assert_eq!(
            order.iter().copied().collect::<BTreeSet<_>>(),
            closure.iter().copied().chain([wanted]).collect()
        );
        prop_assert_eq!(order.last(), Some(&wanted));
        for (place, feature) in order.iter().enumerate() {
            for needed in prerequisites.direct(*feature) {
                prop_assert!(order.iter().position(|known| *known == needed).unwrap() < place);
            }
        }
        for other in (0..count).map(|index| id(&rules, index)) {
            let dependents = prerequisites.dependents(other);
            prop_assert_eq!(closure.contains(&other), dependents.contains(&wanted));
        }
    }

    #[test]
    fn effective_features_are_closed(
        (count, edges) in acyclic(),
        on in any::<u16>(),
        mandatory in any::<u16>(),
    ) {
        let rules = Rules::embedded();
        let changed = graph(count, &edges);
        let prerequisites = Prerequisites::of(&changed);
        let own = |id: FeatureId| match (mandatory >> id.index() & 1, on >> id.index() & 1) {
            (1, _) => Own::Mandatory,
            (_, 1) => Own::On,
            _ => Own::Off,
        };
        let effective = prerequisites.effective(own);
        for index in 0..count {
            let feature = id(&rules, index);
            let all = prerequisites.direct(feature).iter().all(|needed| effective[needed.index()]);
            let expected = match own(feature) {
                Own::Mandatory => true,
                Own::On => all,
                Own::Off => false,
            };
            prop_assert_eq!(effective[index], expected);
        }
    }

    #[test]
    fn cycles_are_found_where_there_are_any(
        edges in proptest::collection::vec((0..6_usize, 0..6_usize), 0..10),
    ) {
        // Naively: a node that can be reached from itself is on a cycle.
        let mut reach = [[false; 6]; 6];
        for (from, to) in &edges {
            reach[*from][*to] = true;
        }
        for middle in 0..6 {
            for from in 0..6 {
                for to in 0..6 {
                    reach[from][to] |= reach[from][middle] && reach[middle][to];
                }
            }
        }
        let changed = graph(6, &edges);
        let prerequisites = Prerequisites::of(&changed);
        let rules = Rules::embedded();
        // Every feature is in the order once, whether there is a cycle or not.
        let order = prerequisites.enabling_order((0..6).map(|index| id(&rules, index)));
        prop_assert_eq!(order.iter().copied().collect::<BTreeSet<_>>().len(), 6);
        let own = |_| Own::On;
        let effective = prerequisites.effective(own);
        for index in 0..6 {
            let stuck = (0..6).any(|on_cycle| {
                reach[on_cycle][on_cycle] && (index == on_cycle || reach[index][on_cycle])
            });
            prop_assert_eq!(effective[index], !stuck, "{:?}", edges);
        }
    }
}
