//! One word, one thing: the names of types, and the glossary in the crate docs.

use super::source::is_for_tests;
use super::{files, read};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use syn::visit::{self, Visit};

/// Words that meant several things here once: alone, they name no type.
const AMBIGUOUS: [&str; 5] = ["Catalogue", "Step", "Steps", "Table", "Tables"];

/// The types that some files declare, tests left out.
#[derive(Default)]
struct Types {
    file: String,
    /// Every one of them, and where.
    all: Vec<(String, String)>,
    /// Those that the whole crate or its users see.
    wide: Vec<(String, String)>,
}

impl Types {
    fn of(sources: &[(&str, &str)]) -> Self {
        let mut types = Self::default();
        for (path, text) in sources {
            (*path).clone_into(&mut types.file);
            types.visit_file(&syn::parse_file(text).expect("it is Rust"));
        }
        types
    }

    fn add(&mut self, name: &syn::Ident, visible: &syn::Visibility) {
        let named = (name.to_string(), format!("{}:{}", self.file, name.span().start().line));
        let is_wide = match visible {
            syn::Visibility::Public(_) => true,
            syn::Visibility::Restricted(within) => within.path.is_ident("crate"),
            syn::Visibility::Inherited => false,
        };
        self.wide.extend(is_wide.then(|| named.clone()));
        self.all.push(named);
    }
}

/// The name that `words! { … }` declares: the first that stands before braces.
fn declared(tokens: TokenStream) -> Option<syn::Ident> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    tokens.windows(2).find_map(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(_)] => Some(name.clone()),
        _ => None,
    })
}

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) if is_for_tests(&module.attrs) => return,
            syn::Item::Struct(item) => self.add(&item.ident, &item.vis),
            syn::Item::Enum(item) => self.add(&item.ident, &item.vis),
            syn::Item::Union(item) => self.add(&item.ident, &item.vis),
            syn::Item::Type(item) => self.add(&item.ident, &item.vis),
            syn::Item::Trait(item) => self.add(&item.ident, &item.vis),
            syn::Item::Macro(item) if item.mac.path.is_ident("words") => {
                if let Some(name) = declared(item.mac.tokens.clone()) {
                    self.add(&name, &syn::parse_quote!(pub));
                }
            }
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

/// The words of the glossary in crate docs, list items ``- *word*, `Type`: meaning``.
fn glossary(text: &str) -> Vec<(String, String)> {
    let docs = text.lines().filter_map(|line| line.strip_prefix("//!"));
    let section = docs.skip_while(|line| line.trim() != "# Words").skip(1);
    let section: Vec<&str> = section.take_while(|line| !line.starts_with(" # ")).collect();
    let items = section.iter().filter_map(|line| line.trim().strip_prefix("- *"));
    let words = items.map(|item| {
        let (word, rest) = item.split_once("*, `").expect("a word, then its type");
        let (name, _) = rest.split_once("`: ").expect("a type, then what it means");
        (word.to_owned(), name.to_owned())
    });
    words.collect()
}

/// Everything that is called by a word of another thing.
fn breaches(types: &Types, glossary: &[(String, String)]) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut wide: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, place) in &types.wide {
        wide.entry(name).or_default().push(place);
    }
    for (name, places) in wide.iter().filter(|(_, places)| places.len() > 1) {
        breaches.push(format!("`{name}` is declared at {}", places.join(" and ")));
    }
    for (name, place) in types.all.iter().filter(|(name, _)| AMBIGUOUS.contains(&name.as_str())) {
        breaches.push(format!("`{name}` alone says too little at {place}"));
    }
    let mut seen = BTreeSet::new();
    for (word, name) in glossary {
        if !wide.contains_key(name.as_str()) {
            breaches.push(format!("*{word}* is said to be `{name}`, which is no type"));
        }
        if !seen.insert(word) || !seen.insert(name) {
            breaches.push(format!("*{word}*, `{name}` stands twice in the glossary"));
        }
        let spoken: String = name.chars().filter(char::is_ascii_alphabetic).collect();
        if !word.replace(' ', "").eq_ignore_ascii_case(&spoken) {
            breaches.push(format!("*{word}* is called `{name}`"));
        }
    }
    breaches
}

#[test]
fn one_word_is_one_thing() {
    let paths: Vec<String> =
        files("src", &[".rs"]).into_iter().filter(|path| !path.contains("/tests/")).collect();
    let texts: Vec<String> = paths.iter().map(|path| read(path)).collect();
    let sources: Vec<(&str, &str)> =
        paths.iter().zip(&texts).map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let glossary = glossary(&read("src/lib.rs"));
    assert!(glossary.len() >= 30, "{glossary:?}");
    let breaches = breaches(&Types::of(&sources), &glossary);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn a_word_of_two_things_is_found() {
    let docs =
        "//! # Words\n//! - *rule set*, `RuleSet`: all rules\n//!   of one kind\n//! # Else\n";
    let found = |file: &str| {
        let sources = [("a.rs", "pub struct RuleSet;"), ("b.rs", file)];
        breaches(&Types::of(&sources), &glossary(docs))
    };
    assert_eq!(found("struct RuleSet; #[cfg(test)] mod tests { pub struct RuleSet; }"), [""; 0]);
    for twice in [
        "pub enum RuleSet {}",
        "pub(crate) type RuleSet = u8;",
        "mod inner { pub trait RuleSet {} }",
        "words! { #[doc = \"all\"] RuleSet { One = \"one\" } }",
    ] {
        assert_eq!(found(twice), ["`RuleSet` is declared at a.rs:1 and b.rs:1"], "{twice}");
    }
    assert_eq!(found("struct Table;"), ["`Table` alone says too little at b.rs:1"]);
    let told = |docs: &str| breaches(&Types::of(&[("a.rs", "pub struct Rules;")]), &glossary(docs));
    assert_eq!(told("//! # Words\n//! - *rules*, `Rules`: all"), [""; 0]);
    assert_eq!(
        told("//! # Words\n//! - *rule set*, `Rules`: all\n//! - *fact*, `Fact`: one"),
        ["*rule set* is called `Rules`", "*fact* is said to be `Fact`, which is no type"]
    );
    assert_eq!(
        told("//! # Words\n//! - *rules*, `Rules`: all\n//! - *rules*, `Rules`: some"),
        ["*rules*, `Rules` stands twice in the glossary"]
    );
}
