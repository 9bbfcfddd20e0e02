//! What to export next: where each table or entity is found, and which checks it decides; then what
//! to type by hand.

use super::columns::NoColumn;
use super::needs::{Needs, is_exported, missing_in, needs};
use crate::diagnostic::Code;
use crate::model::{Deployment, Export, ExportForm, Rules, or_blank};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

const BEGINNING: &str = "\
What to export next, what decides most first; one of the ways below each is enough. Put all files \
in one folder, then:
syncgate import FOLDER --output DIR
";
const COMPLETE: &str = "Nothing is missing that could be exported.\n";

/// Where to find what is not yet among the exports, of which `whole` are there, and what each
/// decides; `given` is the deployment that they make, where there are any, and `no_columns` what
/// they lack.
pub fn worksheet(
    rules: &Arc<Rules>,
    whole: &BTreeSet<String>,
    no_columns: &[NoColumn],
    given: Option<&Deployment>,
) -> String {
    let needs = needs(rules);
    let asked = asked(rules, whole, &needs);
    let columns = needed_columns(no_columns, &needs);
    let is_all_there = asked.is_empty() && columns.is_empty();
    let mut text = if is_all_there { COMPLETE } else { BEGINNING }.to_owned();
    for (lacking, codes) in columns {
        text.push_str(&format!("\n{}: export it with that column\n", without(lacking)));
        tell_codes(&mut text, codes);
    }
    for (exports, codes) in &asked {
        text.push_str(&format!(
            "\n{}\n",
            or_blank(exports.first().map(|export| export.text.as_str()))
        ));
        for export in exports {
            describe(&mut text, export);
        }
        if let Some(page) = exports.first().and_then(|export| shown(rules, export)) {
            text.push_str(&format!("  shown    {page}\n"));
        }
        tell_codes(&mut text, codes);
    }
    let needs = given.map_or(needs, missing_in);
    by_hand(&mut text, rules, &needs, is_all_there);
    text
}

/// The exports of each kind that is missing and decides something, what decides most first.
fn asked<'r>(
    rules: &'r Rules,
    whole: &BTreeSet<String>,
    needs: &Needs,
) -> Vec<(Vec<&'r Export>, BTreeSet<Code>)> {
    let mut asked: Vec<(Vec<&Export>, BTreeSet<Code>)> = missing_kinds(rules, whole)
        .into_iter()
        .map(|exports| (decides(needs, &exports, rules), exports))
        .map(|(codes, exports)| (exports, codes))
        .filter(|(_, codes)| !codes.is_empty())
        .collect();
    asked.sort_by_key(|(_, codes)| std::cmp::Reverse(codes.len()));
    asked
}

/// What is not among the exports, of which `whole` are there, nor has a column there, and how many
/// checks need it.
pub fn missing(
    rules: &Arc<Rules>,
    whole: &BTreeSet<String>,
    no_columns: &[NoColumn],
) -> Vec<String> {
    let needs = needs(rules);
    let checks = |codes: &BTreeSet<Code>, them: &str| match codes.len() {
        1 => format!("1 check needs {them}"),
        many => format!("{many} checks need {them}"),
    };
    let line = |(exports, codes): (Vec<&Export>, BTreeSet<Code>)| {
        let text = or_blank(exports.first().map(|export| export.text.as_str()));
        let names: Vec<&str> = exports.iter().map(|export| export.id.as_str()).collect();
        let checks = checks(&codes, "them");
        format!("{text} ({}): not exported in whole; {checks}", names.join(" or "))
    };
    let column = |(lacking, codes): (&NoColumn, &BTreeSet<Code>)| {
        format!("{}; {}", without(lacking), checks(codes, "it"))
    };
    let columns = needed_columns(no_columns, &needs);
    let tables = asked(rules, whole, &needs);
    columns.into_iter().map(column).chain(tables.into_iter().map(line)).collect()
}

/// The columns without which checks can't be decided, and those checks.
fn needed_columns<'c>(
    no_columns: &'c [NoColumn],
    needs: &'c Needs,
) -> Vec<(&'c NoColumn, &'c BTreeSet<Code>)> {
    let needed = |lacking: &'c NoColumn| Some((lacking, needs.get(&lacking.key)?));
    no_columns.iter().filter_map(needed).collect()
}

/// Which column is lacking, and what it would give.
fn without(lacking: &NoColumn) -> String {
    let NoColumn { key, export, heading } = lacking;
    format!("{key}: {export} has no column {heading}")
}

/// The exports of each kind that is missing.
fn missing_kinds<'r>(rules: &'r Rules, whole: &BTreeSet<String>) -> Vec<Vec<&'r Export>> {
    let mut kinds: Vec<Vec<&Export>> = Vec::new();
    for export in &rules.exports {
        match kinds.iter_mut().find(|exports| exports.iter().any(|known| known.kind == export.kind))
        {
            Some(exports) => exports.push(export),
            None => kinds.push(vec![export]),
        }
    }
    let is_there = |exports: &Vec<&Export>| exports.iter().any(|export| whole.contains(&export.id));
    kinds.retain(|exports| {
        !is_there(exports) && exports.iter().all(|export| !is_covered(&export.kind, whole))
    });
    kinds
}

/// Whether a kind is not needed: what it would be joined to holds names already, or another kind
/// has the same rows.
fn is_covered(kind: &str, whole: &BTreeSet<String>) -> bool {
    let has = |any: &[&str]| any.iter().any(|id| whole.contains(*id));
    let has_all = has(&["RetailChannels", "RETAILCHANNELTABLE"]);
    match kind {
        "store" | "online-channel" => has_all,
        "channel" => {
            has(&["RetailStores", "RETAILSTORETABLE"])
                && has(&["OnlineChannels", "RETAILONLINECHANNELTABLE"])
        }
        "feature-label" => !whole.contains("FEATUREMANAGEMENTSTATE"),
        "feature-translation" => true,
        // Which databases a channel has tells as much where it has one of each kind.
        "live-database" => {
            has(&["RetailStores", "CDXDataStoreChannels", "RETAILCDXDATASTORECHANNEL"])
        }
        "address-book" => !whole.contains("RETAILSTOREADDRESSBOOK"),
        _ => false,
    }
}

fn describe(text: &mut String, export: &Export) {
    let label = export.names.iter().chain([&export.id]).find(|name| name.contains(' '));
    match export.form {
        ExportForm::Dump => match select(export) {
            Some(select) => {
                text.push_str(&format!("  table    {select};\n"));
            }
            None => {
                text.push_str(&format!("  lake     {}, as a link to a lake has it\n", export.id));
            }
        },
        ExportForm::Entity => {
            if let Some(page) = &export.page {
                text.push_str(&format!("  page     {page}\n"));
            } else {
                text.push_str(&format!(
                    "  OData    /data/{}?cross-company=true&$count=true\n",
                    export.id
                ));
            }
            if let Some(label) = label {
                text.push_str(&format!(
                    "  package  Workspaces > Data management > Export: {label}\n"
                ));
            }
        }
    }
}

/// The page of headquarters that shows what an export holds, where that is not the page that
/// exports it.
fn shown<'r>(rules: &'r Rules, export: &Export) -> Option<Cow<'r, str>> {
    if export.page.is_some() {
        return None;
    }
    let setting = export.fills.first().and_then(|key| rules.setting_of(key, None));
    let section = || rules.format.section(export.section.as_ref()?)?.1.page.as_deref();
    setting.map(|setting| Cow::Owned(setting.page)).or_else(|| section().map(Cow::Borrowed))
}

fn tell_codes(text: &mut String, codes: &BTreeSet<Code>) {
    if !codes.is_empty() {
        let codes: Vec<String> = codes.iter().map(Code::to_string).collect();
        text.push_str(&format!("  decides  {}\n", codes.join(" ")));
    }
}

/// The checks that can't be decided without what these exports give; without its records nothing of
/// a section is given.
fn decides(needs: &Needs, exports: &[&Export], rules: &Rules) -> BTreeSet<Code> {
    let gives = |key: &str| exports.iter().any(|export| export.gives(key));
    let is_given = |key: &str| {
        let section = key.split_once('.').map_or(key, |(section, _)| section);
        gives(key) || gives(section) && is_exported(rules, key)
    };
    needs.iter().filter(|(key, _)| is_given(key)).flat_map(|(_, codes)| codes).copied().collect()
}

/// What checks need and no export gives; where all exports are there, whatever is still missing.
fn by_hand(text: &mut String, rules: &Rules, needs: &Needs, is_all_there: bool) {
    let known = |key: &str| {
        let (section, key) = key.split_once('.')?;
        rules.format.section(section)?.1.key(key).map(|(_, key)| key)
    };
    let asked = needs.iter().filter(|(key, _)| is_all_there || !is_exported(rules, key));
    let asked: Vec<_> = asked.filter_map(|(key, codes)| Some((key, known(key)?, codes))).collect();
    if asked.is_empty() {
        return;
    }
    text.push_str("\nWhat no export holds, for answers.toml:\n");
    for (name, key, codes) in asked {
        text.push_str(&format!("\n{name}: {}\n", key.text));
        if let Some(setting) = rules.setting_of(name, None) {
            text.push_str(&format!("  shown    {}, at {}\n", setting.name, setting.page));
        }
        tell_codes(text, codes);
    }
}

/// The statement that exports a table, reading only what is imported of it; `None` for entities.
pub fn select(export: &Export) -> Option<String> {
    let own = export.columns.iter().filter(|(key, _)| !export.joined.contains(key));
    let columns = own.filter_map(|(_, headings)| headings.first());
    let columns: Vec<&str> = columns.map(String::as_str).collect();
    (export.form == ExportForm::Dump && !export.linked)
        .then(|| format!("SELECT {} FROM {}", columns.join(", "), export.id))
}
