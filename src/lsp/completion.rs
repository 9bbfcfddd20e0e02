//! Completion: every word that may stand at a place, whatever has been typed there.

use super::names::{Offer, codes, features, names_of, operations};
use super::outline::{Block, Entry, Node, What, Word, is_bare, quoted};
use super::role::{OF_CHECKS, Role};
use super::shape::{Meaning, Place, Spot, place, records};
use super::view::View;
use crate::model::format::{Form, Key, Kind, Section};
use crate::model::name::fold;
use gen_lsp_types::{CompletionItem, CompletionItemKind, CompletionList, TextEdit};
use std::collections::BTreeSet;
use std::ops::Range;

/// What may stand at a byte.
pub(super) fn complete(view: &View<'_>, byte: usize) -> CompletionList {
    let text = view.file.text.as_str();
    let outline = view.file.text.outline();
    let place = place(outline, view.format, text, byte).filter(|_| !is_comment(text, byte));
    let items = place.map(|place| Offered { view, byte, items: Vec::new() }.at(&place));
    // Where nothing may stand, nothing is offered.
    CompletionList { items: items.unwrap_or_default(), ..CompletionList::default() }
}

/// Whether a byte stands on a line that begins as a comment.
fn is_comment(text: &str, byte: usize) -> bool {
    let before = text.get(..byte).and_then(|before| before.rsplit('\n').next());
    before.is_some_and(|line| line.trim_start().starts_with('#'))
}

/// How a word comes into the text.
enum Written<'o> {
    /// As a value of its own, in quotes where it is text, in the place of what stands there.
    Value(Option<&'o Node>),
    /// As a name in a key or header, in the place of the one that stands there.
    Name(Option<&'o Word>),
}

/// A word on its way to the client.
struct Draft {
    label: String,
    detail: String,
    kind: CompletionItemKind,
    /// What clients look for it by, where that is not its label.
    filter: Option<String>,
    /// Words of a lower order are shown first.
    order: char,
    /// What it is written in the place of.
    range: Range<usize>,
    /// What is written.
    text: String,
}

struct Offered<'v, 'a> {
    view: &'v View<'a>,
    byte: usize,
    items: Vec<CompletionItem>,
}

impl Offered<'_, '_> {
    fn at(mut self, place: &Place<'_, '_>) -> Vec<CompletionItem> {
        match place.spot {
            Spot::Header(block, number) => self.header(place, block, number),
            Spot::Key(at) => {
                let word = at.and_then(|(entry, number)| entry.path.get(number));
                self.keys(place, at.map(|(entry, _)| entry), word);
            }
            Spot::Value(entry, node) => self.values(place, entry, node),
        }
        self.items
    }

    fn header(&mut self, place: &Place<'_, '_>, block: &Block, number: Option<usize>) {
        let word = number.and_then(|number| block.path.get(number));
        match place.meaning {
            // A section's name decides how many brackets it has.
            Some(Meaning::Root(_)) if block.path.len() <= 1 => {
                self.sections(&block.header, '1');
            }
            Some(meaning) => self.names(meaning, word, false),
            None => {}
        }
    }

    /// Sections, each as its header, in the place of what is there.
    fn sections(&mut self, range: &Range<usize>, order: char) {
        let typed = self.view.file.text.as_str().get(range.clone());
        // What is typed of the brackets is typed of what is looked for too.
        let brackets = typed.map(|it| it.chars().take_while(|it| *it == '[').collect::<String>());
        // A file of checks of one's own may not hold all that rules hold.
        let of_checks = self.view.file.role == Role::Checks;
        let may_be = |id: &str| !of_checks || OF_CHECKS.contains(&id);
        let sections = self.view.format.sections.iter().filter(|section| may_be(&section.id));
        let drafts: Vec<Draft> = sections
            .map(|section| Draft {
                label: section.id.clone(),
                detail: section.text.clone(),
                kind: CompletionItemKind::Module,
                filter: brackets.as_ref().map(|brackets| format!("{brackets}{}", section.id)),
                order,
                range: range.clone(),
                text: match section.form {
                    Form::Records => format!("[[{}]]", section.id),
                    Form::Single | Form::Codes => format!("[{}]", section.id),
                    Form::Features => format!("[{}.", section.id),
                },
            })
            .collect();
        for draft in drafts {
            self.add(draft);
        }
    }

    /// What may stand as a key: keys of a record, names, and where a table may end, sections.
    fn keys(&mut self, place: &Place<'_, '_>, entry: Option<&Entry>, word: Option<&Word>) {
        let has_value = entry.is_some_and(|entry| entry.equals.is_some());
        match place.meaning {
            Some(Meaning::Root(_)) => {
                for key in &self.view.format.root {
                    self.key(key, word, has_value, false);
                }
            }
            Some(Meaning::Record(section) | Meaning::Leveled(section)) => {
                for key in &section.keys {
                    let is_other = |it: &&Entry| entry.is_none_or(|at| !std::ptr::eq(*it, at));
                    let mut given = place.beside.iter().filter(is_other);
                    let is_given = |it: &Entry| it.path.first().is_some_and(|it| it.text == key.id);
                    let is_given = given.any(is_given);
                    self.key(key, word, has_value, is_given);
                }
            }
            Some(meaning) => self.names(meaning, word, !has_value),
            None => {}
        }
        let is_alone = std::ptr::eq(place.beside, place.block.entries.as_slice());
        if is_alone && entry.is_none_or(|entry| entry.equals.is_none() && entry.path.len() == 1) {
            // The line may become a header.
            let here = self.byte..self.byte;
            self.sections(&word.map_or(here, |word| word.span.clone()), '3');
        }
    }

    fn key(&mut self, key: &Key, word: Option<&Word>, has_value: bool, is_given: bool) {
        let (range, name) = self.written(&key.id, &Written::Name(word));
        let equals = if has_value { "" } else { " = " };
        self.add(Draft {
            label: key.id.clone(),
            detail: key.text.clone(),
            kind: CompletionItemKind::Property,
            filter: None,
            order: if is_given { '2' } else { '1' },
            range,
            text: format!("{name}{equals}"),
        });
    }

    /// Names that tables have: features, codes.
    fn names(&mut self, meaning: Meaning<'_>, word: Option<&Word>, is_key: bool) {
        let offers = match meaning {
            Meaning::Features(_) => features(self.view.rules),
            Meaning::Codes(_) => codes(self.view.rules),
            Meaning::Record(section) => {
                // In a header: a table within a record.
                let tables = section.keys.iter();
                let tables = tables
                    .filter(|key| matches!(key.kind, Kind::Records(_) | Kind::Nested(_)))
                    .map(|key| Offer::plain(&key.id, &key.text));
                tables.collect()
            }
            _ => Vec::new(),
        };
        let behind = if is_key && matches!(meaning, Meaning::Codes(_)) { " = " } else { "" };
        self.offer(offers, &Written::Name(word), CompletionItemKind::EnumMember, behind);
    }

    fn values(&mut self, place: &Place<'_, '_>, entry: &Entry, node: Option<&Node>) {
        let (key, kind) = match place.meaning {
            Some(Meaning::Value(key, kind)) => (key, kind),
            // `SG106 = "…"`: what the first key of a level says.
            Some(Meaning::Leveled(section)) => match section.keys.first() {
                Some(key) => (key, &key.kind),
                None => return,
            },
            _ => return,
        };
        let offers = self.of_kind(place, entry, key, kind);
        let kind = match kind {
            Kind::Reference(_) | Kind::Text => CompletionItemKind::Reference,
            Kind::Boolean => CompletionItemKind::Keyword,
            _ => CompletionItemKind::EnumMember,
        };
        if kind != CompletionItemKind::Keyword {
            return self.offer(offers, &Written::Value(node), kind, "");
        }
        for offer in offers {
            self.add(Draft {
                label: offer.id.clone(),
                detail: offer.detail,
                kind,
                // Whoever has begun with a quote is to find it all the same.
                filter: self.typed(node),
                order: '1',
                range: node.map_or(self.byte..self.byte, |node| node.span.clone()),
                text: offer.id,
            });
        }
    }

    /// What was typed of a text where a word without quotes belongs.
    fn typed(&self, node: Option<&Node>) -> Option<String> {
        let word = node?.word()?;
        self.view.file.text.as_str().get(word.span.clone()).map(str::to_owned)
    }

    /// The words that a value of a kind may be.
    fn of_kind(&self, place: &Place<'_, '_>, entry: &Entry, key: &Key, kind: &Kind) -> Vec<Offer> {
        let rules = self.view.rules;
        match kind {
            Kind::Boolean => ["true", "false"].map(|it| Offer::plain(it, &key.text)).into(),
            Kind::Word(words) => words.iter().map(|it| Offer::plain(it, &key.text)).collect(),
            Kind::Recurrence => vec![Offer::plain("none", "it runs only once")],
            Kind::Code => codes(rules),
            Kind::Reference(section) => self.ids_of(&[section.as_str()]),
            Kind::DistributionJob | Kind::BatchJob | Kind::ChannelTable | Kind::Feature => {
                names_of(rules, kind)
            }
            Kind::Text if self.view.file.role == Role::Scenario => {
                match entry.path.last().map(|word| word.text.as_str()) {
                    Some("operation") => operations(rules),
                    Some("feature") => features(rules),
                    Some("job") => {
                        let mut all = names_of(rules, &Kind::DistributionJob);
                        all.extend(names_of(rules, &Kind::BatchJob));
                        all
                    }
                    _ => Vec::new(),
                }
            }
            Kind::Text if super::ids::is_subject(place.block, key) => {
                let sections = super::ids::subjects_of(self.view, place.block);
                let sections: Vec<&str> = sections.iter().map(String::as_str).collect();
                let ids = self.ids_of(&sections);
                // Where there is none that it could be about, it may be about anything.
                if ids.is_empty() { self.ids_of(&[]) } else { ids }
            }
            _ => Vec::new(),
        }
    }

    /// The ids of the records of some sections, in all files of the deployment.
    fn ids_of(&self, sections: &[&str]) -> Vec<Offer> {
        let mut seen = BTreeSet::new();
        let mut offers = Vec::new();
        for file in self.view.folder.of_role(Role::Deployment) {
            for record in records(file.text.outline(), &self.view.rules.format) {
                let section: &Section = record.section;
                let is_meant = if sections.is_empty() {
                    super::ids::is_named(section)
                } else {
                    sections.contains(&section.id.as_str())
                };
                let Some(id) = record.title().filter(|_| is_meant) else { continue };
                if !id.text.trim().is_empty() && seen.insert(fold(&id.text).into_owned()) {
                    offers.push(Offer::plain(&id.text, &section.title));
                }
            }
        }
        offers
    }

    fn offer(
        &mut self,
        offers: Vec<Offer>,
        written: &Written<'_>,
        kind: CompletionItemKind,
        behind: &str,
    ) {
        for offer in offers {
            let (range, new_text) = self.written(&offer.id, written);
            // The one that has every name, then one for each name, for clients that look at how
            // a text begins.
            let every =
                std::iter::once(offer.id.as_str()).chain(offer.names.iter().map(|it| &**it));
            let every = every.collect::<Vec<_>>().join(" ");
            let filters = std::iter::once(every).chain(offer.names.iter().cloned());
            for filter in filters {
                self.add(Draft {
                    label: offer.id.clone(),
                    detail: offer.detail.clone(),
                    kind,
                    filter: Some(filter),
                    order: '1',
                    range: range.clone(),
                    text: format!("{new_text}{behind}"),
                });
            }
        }
    }

    /// Where a word comes, and how it is written there.
    fn written(&self, text: &str, written: &Written<'_>) -> (Range<usize>, String) {
        let here = self.byte..self.byte;
        match written {
            Written::Name(Some(word)) if word.is_closed => word.instead(text),
            // What stands behind the cursor may be anything until the name is closed.
            Written::Name(Some(word)) if is_bare(text) => {
                (word.span.start..self.byte, text.to_owned())
            }
            Written::Name(Some(word)) => (word.span.start..self.byte, quoted(text)),
            Written::Name(None) if is_bare(text) => (here, text.to_owned()),
            Written::Name(None) | Written::Value(None) => (here, quoted(text)),
            Written::Value(Some(node)) => match &node.what {
                What::Text(word) if word.is_closed => word.instead(text),
                // What stands behind the cursor may be anything until the text is closed.
                What::Text(word) => (word.span.start..self.byte, quoted(text)),
                _ => (node.span.clone(), quoted(text)),
            },
        }
    }

    fn add(&mut self, draft: Draft) {
        let Draft { label, detail, kind, filter, order, range, text } = draft;
        // Clients compare what is looked for with all that is replaced, a quote included.
        let typed = self.view.file.text.as_str().get(range.start..self.byte);
        let quote = typed.and_then(|typed| typed.chars().next());
        let quote = quote.filter(|first| matches!(first, '"' | '\''));
        let filter = match (filter, quote) {
            (Some(filter), Some(quote)) if !filter.starts_with(quote) => {
                Some(format!("{quote}{filter}"))
            }
            (None, Some(quote)) => Some(format!("{quote}{label}")),
            (filter, _) => filter,
        };
        let range = self.view.file.text.range(range, self.view.units);
        self.items.push(CompletionItem {
            sort_text: Some(format!("{order}{label}")),
            label,
            detail: Some(detail),
            kind: Some(kind),
            filter_text: filter,
            text_edit: Some(TextEdit { range, new_text: text }.into()),
            ..CompletionItem::default()
        });
    }
}
