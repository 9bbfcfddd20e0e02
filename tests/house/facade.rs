//! The façade: what a user of the library is shown.

use super::read;
use std::collections::BTreeSet;

/// What the crate's root offers, and the modules among it that are not hidden.
#[derive(Default)]
struct Root {
    names: BTreeSet<String>,
    shown: BTreeSet<String>,
}

impl Root {
    fn of(text: &str) -> Self {
        let mut root = Self::default();
        for item in syn::parse_file(text).expect("it is Rust").items {
            match item {
                syn::Item::Use(item) if matches!(item.vis, syn::Visibility::Public(_)) => {
                    root.leaves(&item.tree);
                }
                syn::Item::Mod(item) if !item.attrs.iter().any(is_hidden) => {
                    root.shown.insert(item.ident.to_string());
                }
                _ => {}
            }
        }
        root
    }

    fn leaves(&mut self, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => self.leaves(&path.tree),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.leaves(tree)),
            syn::UseTree::Name(leaf) => drop(self.names.insert(leaf.ident.to_string())),
            syn::UseTree::Rename(leaf) => drop(self.names.insert(leaf.rename.to_string())),
            syn::UseTree::Glob(_) => drop(self.names.insert("*".to_owned())),
        }
    }
}

fn is_hidden(attribute: &syn::Attribute) -> bool {
    attribute.path().is_ident("doc")
        && attribute.parse_args::<syn::Ident>().is_ok_and(|what| what == "hidden")
}

/// What a user needs: to load, to decide, to explain, to check, to read a store.
const NAMES: [&str; 19] = [
    "Basis",
    "Channel",
    "Checked",
    "Connection",
    "Customer",
    "Decision",
    "Deployment",
    "Engine",
    "Finding",
    "Loaded",
    "Order",
    "Outcome",
    "RealTimeService",
    "Rules",
    "Severity",
    "Situation",
    "Store",
    "Trace",
    "Verdict",
];

#[test]
fn the_root_offers_what_a_user_needs_and_nothing_else() {
    let root = Root::of(&read("src/lib.rs"));
    assert_eq!(root.names, NAMES.map(str::to_owned).into());
    assert!(root.shown.is_empty(), "shown to users: {:?}", root.shown);
    let of = |text: &str| {
        let root = Root::of(text);
        root.names.into_iter().chain(root.shown).collect::<Vec<_>>()
    };
    assert_eq!(of("#[doc(hidden)] pub mod a; use b::C; pub(crate) use b::D;"), [""; 0]);
    assert_eq!(of("#[doc = \"hidden\"] pub mod a;"), ["a"]);
    assert_eq!(of("pub use a::{B, c::{D as E, F}}; pub use g::*;"), ["*", "B", "E", "F"]);
}

#[test]
fn the_readme_has_the_program_that_the_crate_docs_try() {
    let docs = read("src/lib.rs");
    let docs: String = docs
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .fold(String::new(), |text, line| text + line.strip_prefix(' ').unwrap_or(line) + "\n");
    let program = |text: &str, from: &str| {
        let (_, rest) = text.split_once(from).expect("there is a program");
        rest.split_once("```\n").expect("which ends").0.to_owned()
    };
    let tried = program(&docs, "```\n");
    assert!(tried.contains("fn main()"), "{tried}");
    assert_eq!(program(&read("README.md"), "```rust\n"), tried);
}
