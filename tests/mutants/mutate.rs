//! Every mutant of a file of rules: one thing in it is left out, set to another value that stands
//! in its place elsewhere in the file, or swapped with what follows.

use crate::document::{Node, Step, parse};
use std::collections::BTreeMap;

/// A file of rules with one thing changed.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The file, such as `facts.toml`.
    pub file: &'static str,
    /// What is changed, such as `drop fact[customer].default`.
    pub name: String,
    path: Vec<Step>,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    Drop,
    Set(Node),
    /// With the next one of its list.
    Swap,
}

impl Mutant {
    /// The document of the file with the change in it.
    pub fn changed(&self, document: &Node) -> Node {
        let mut document = document.clone();
        let (last, above) = self.path.split_last().unwrap();
        let parent = document.at(above);
        match (&self.change, last) {
            (Change::Drop, _) => parent.remove(last),
            (Change::Set(value), _) => *parent.at(std::slice::from_ref(last)) = value.clone(),
            (Change::Swap, Step::At(number)) => {
                let Node::List(values) = parent else { panic!("only lists have an order") };
                values.swap(*number, *number + 1);
            }
            (Change::Swap, Step::Key(_)) => panic!("only lists have an order"),
        }
        document
    }

    /// The id of the record of a section that is changed, which several may share, or its number.
    pub fn record(&self) -> &str {
        let id = self.name.split_once('[').and_then(|(_, rest)| rest.split_once([']', '#']));
        id.map_or("", |(id, _)| id)
    }
}

/// Keys whose values are for people: no decision, check or import reads them.
const PROSE: [&str; 9] =
    ["text", "title", "help", "why", "note", "message", "page", "pages", "name"];
/// Lists in which the order means something: of all others it is the order in which things are
/// shown.
const ORDERED: [&str; 6] = ["rule", "values", "waits", "elsewhere", "through", "to"];

/// Every mutant of a file.
pub fn mutants(file: &'static str, text: &str) -> (Node, Vec<Mutant>) {
    let document = parse(text);
    let mut seen = BTreeMap::new();
    observe(&document, "", &mut seen);
    let mut walk = Walk { file, seen: &seen, mutants: Vec::new() };
    let Node::Table(sections) = &document else { panic!("a document is a table") };
    for (section, value) in sections {
        walk.below(value, &[Step::Key(section.clone())], section, section, &[]);
    }
    let mutants = walk.mutants;
    (document, mutants)
}

/// The values that stand at each path, whichever records they are in.
type Seen = BTreeMap<String, Vec<Node>>;

fn observe(node: &Node, path: &str, seen: &mut Seen) {
    match node {
        Node::Text(_) | Node::Plain(_) => {
            let values = seen.entry(path.to_owned()).or_default();
            if !values.contains(node) {
                values.push(node.clone());
            }
        }
        Node::List(values) => values.iter().for_each(|it| observe(it, &format!("{path}[]"), seen)),
        Node::Table(entries) => {
            for (key, value) in entries {
                observe(value, &format!("{path}.{key}"), seen);
            }
        }
    }
}

struct Walk<'s> {
    file: &'static str,
    seen: &'s Seen,
    mutants: Vec<Mutant>,
}

impl Walk<'_> {
    fn add(&mut self, what: &str, name: &str, path: &[Step], change: Change) {
        let name = format!("{what} {name}");
        self.mutants.push(Mutant { file: self.file, name, path: path.to_vec(), change });
    }

    /// Adds what changes in `node`, which stands at `path`: `shape` is the path without the
    /// records, `beside` the values of the list that it is in.
    fn below(&mut self, node: &Node, path: &[Step], name: &str, shape: &str, beside: &[Node]) {
        match node {
            Node::Text(_) | Node::Plain(_) => self.scalar(node, path, name, shape, beside),
            Node::List(values) => self.list(values, path, name, shape),
            Node::Table(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| !PROSE.contains(&&**key)) {
                    let path = [path, &[Step::Key(key.clone())]].concat();
                    let name = format!("{name}.{key}");
                    if key != "id" {
                        self.add("drop", &name, &path, Change::Drop);
                        self.below(value, &path, &name, &format!("{shape}.{key}"), &[]);
                    }
                }
            }
        }
    }

    fn list(&mut self, values: &[Node], path: &[Step], name: &str, shape: &str) {
        let key = path.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::At(_) => None,
        });
        let is_of_names = shape.contains(".names.") || shape.contains(".columns.");
        let names = element_names(values);
        for (number, value) in values.iter().enumerate() {
            let path = [path, &[Step::At(number)]].concat();
            let name = format!("{name}[{}]", names[number]);
            // The only one of a list is dropped with the list.
            if values.len() > 1 || path.len() == 2 {
                self.add("drop", &name, &path, Change::Drop);
            }
            let is_ordered = key.is_some_and(|key| ORDERED.contains(&key)) && path.len() > 2;
            // Of names the first one is shown.
            let is_first_name = shape.ends_with(".names.en") && number == 0;
            if (is_ordered || is_first_name) && number + 1 < values.len() {
                self.add("swap", &name, &path, Change::Swap);
            }
            if !is_of_names {
                self.below(value, &path, &name, &format!("{shape}[]"), values);
            }
        }
    }

    fn scalar(&mut self, node: &Node, path: &[Step], name: &str, shape: &str, beside: &[Node]) {
        let Some(other) = self.other(node, shape, beside) else { return };
        let (Node::Text(shown) | Node::Plain(shown)) = &other else { return };
        self.add("set", &format!("{name} = {shown}"), path, Change::Set(other));
    }

    /// Another value: of a truth value its contrary, else the next that stands in such a place, or
    /// one more of a number.
    fn other(&self, node: &Node, shape: &str, beside: &[Node]) -> Option<Node> {
        match node {
            Node::Plain(text) if text == "true" => return Some(Node::Plain("false".to_owned())),
            Node::Plain(text) if text == "false" => return Some(Node::Plain("true".to_owned())),
            Node::Plain(text) => {
                return text.parse().ok().map(|it: i64| Node::Plain((it + 1).to_string()));
            }
            _ => {}
        }
        let seen = self.seen.get(&format!(".{shape}"))?;
        let at = seen.iter().position(|it| it == node)?;
        let following = seen[at + 1..].iter().chain(&seen[..at]);
        let mut others = following.filter(|it| !beside.contains(it));
        others.next().cloned().or_else(|| one_more(node))
    }
}

/// A text with its last number one higher.
fn one_more(node: &Node) -> Option<Node> {
    let Node::Text(text) = node else { return None };
    let end = text.rfind(|it: char| it.is_ascii_digit())? + 1;
    let start = text[..end].rfind(|it: char| !it.is_ascii_digit()).map_or(0, |at| at + 1);
    let number: u64 = text[start..end].parse().ok()?;
    Some(Node::Text(format!("{}{}{}", &text[..start], number + 1, &text[end..])))
}

/// What the elements of a list are called: by what tells records apart, else by their value or
/// their number.
fn element_names(values: &[Node]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (number, value) in values.iter().enumerate() {
        let name = match value {
            Node::Text(text) | Node::Plain(text) => text.clone(),
            table => ["id", "code", "use", "section"]
                .iter()
                .find_map(|key| table.text(key))
                .map_or_else(|| number.to_string(), str::to_owned),
        };
        let doubles = names.iter().filter(|it| **it == name || it.starts_with(&format!("{name}#")));
        let doubles = doubles.count();
        names.push(if doubles == 0 { name } else { format!("{name}#{}", doubles + 1) });
    }
    names
}
