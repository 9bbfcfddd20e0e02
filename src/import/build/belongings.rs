//! What channels have beside databases: address books, button grids, affiliations.

use super::ids::Ids;
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::Cell;
use crate::import::values;
use crate::import::write::quoted;
use crate::model::name::fold;
use std::collections::HashMap;

/// The customer address books of channels, by their folded ids.
pub(super) struct Books<'a> {
    by_channel: HashMap<String, (Cell<'a>, Vec<&'a str>)>,
    /// The channels of which one can't be told.
    lost: Vec<String>,
}

impl<'a> Books<'a> {
    /// The books of a channel, where all are known; one that no row names has none.
    pub(super) fn of(&self, id: &str, cell: Cell<'a>) -> Option<Fact> {
        let id = fold(id);
        if self.lost.iter().any(|lost| *lost == id) {
            return None;
        }
        let known = self.by_channel.get(&*id);
        let (cell, books) = known.map_or((cell, &[][..]), |(cell, books)| (*cell, books));
        let books: Vec<String> = books.iter().map(|book| quoted(book)).collect();
        Some(fact(cell, "", "customer-address-books", format!("[{}]", books.join(", "))))
    }
}

impl<'a> Build<'a> {
    /// The customer address books of each channel: by its number or its record id. `None` where
    /// they are not all there.
    pub(super) fn address_books(
        &mut self,
        by_number: &HashMap<String, Option<&'a str>>,
        numbers: &Ids<'a>,
        by_recid: &Ids<'a>,
    ) -> Option<Books<'a>> {
        let presence = self.tables.presence(self.rules, "channel-address-book");
        if !presence.is_whole() {
            return None;
        }
        let names = self.ids("address-book");
        let mut books = Books { by_channel: HashMap::new(), lost: Vec::new() };
        for cell in self.rows("channel-address-book") {
            if cell.has("type") && !self.is_of_customers(cell)? {
                continue;
            }
            let channel = match cell.text("channel") {
                Some(_) => self
                    .reference(cell, "channel", numbers)
                    .and_then(|(number, _)| by_number.get(&*fold(number)).copied().flatten()),
                None => self.reference(cell, "channel", by_recid).map(|(id, _)| id),
            };
            let Some(channel) = channel else {
                let message = "the row is of no channel that is there, so customer-address-books \
                    is left out of [[channel]]";
                self.leave_out(cell, message.to_owned(), true);
                return None;
            };
            let channel = fold(channel).into_owned();
            let Some((book, _)) = self.reference(cell, "book", &names) else {
                books.lost.push(channel);
                continue;
            };
            let (_, of) = books.by_channel.entry(channel).or_insert((cell, Vec::new()));
            if !of.contains(&book) {
                of.push(book);
            }
        }
        Some(books)
    }

    /// Whether an address book is one of customers; `None` where that can't be told.
    fn is_of_customers(&mut self, cell: Cell<'a>) -> Option<bool> {
        let kind = cell.text("type");
        let kind = kind.and_then(|kind| values::word(self.rules, "address-book-type", kind));
        if kind.is_none() {
            let message = format!(
                "the value under {} is no type of address book, so customer-address-books is left \
                    out of [[channel]]",
                cell.declared("type")
            );
            self.leave_out(cell, message, true);
        }
        kind.map(|kind| kind == Some("customer"))
    }

    /// Button grids, with the operations that their buttons start.
    pub(super) fn button_grids(&mut self) -> Section {
        let section = "button-grid";
        let mut records: Vec<Record> = Vec::new();
        let mut grids: Vec<(Cell<'a>, &'a str, Option<Vec<&'a str>>)> = Vec::new();
        let is_there = self.is_there(section, &["button"]);
        if is_there {
            let mut seen: HashMap<String, usize> = HashMap::new();
            for (cell, id) in self.identified(section, "button") {
                let number = *seen.entry(fold(id).into_owned()).or_insert(grids.len());
                if number == grids.len() {
                    grids.push((cell, id, Some(Vec::new())));
                }
                let Some((_, _, operations)) = grids.get_mut(number) else { continue };
                match cell.text("operation") {
                    None if cell.is_lost("operation") => *operations = None,
                    None | Some("0") => {}
                    Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                        if let Some(known) = operations.as_mut().filter(|all| !all.contains(&text))
                        {
                            known.push(text);
                        }
                    }
                    Some(_) => {
                        *operations = None;
                        let heading = cell.heading("operation");
                        let message = format!(
                            "the value under {heading} is no number of an operation, so operations \
                                of its grid are left out"
                        );
                        self.leave_out(cell, message, true);
                    }
                }
            }
        }
        let is_whole = self.tables.presence(self.rules, "button").is_whole();
        if is_there && self.tables.presence(self.rules, "button-grid").is_whole() {
            // A grid without buttons is in none of their rows.
            for (cell, id) in self.identified(section, "button-grid") {
                if grids.iter().all(|(_, known, _)| fold(known) != fold(id)) {
                    grids.push((cell, id, Some(Vec::new())));
                }
            }
        } else if is_there {
            self.without(section, &["button-grid"]);
        }
        for (cell, id, operations) in grids {
            let mut record = Record::identified(cell, "id", id);
            if let Some(operations) = operations.filter(|_| is_whole) {
                let operations: Vec<String> = operations.into_iter().map(quoted).collect();
                let toml = format!("[{}]", operations.join(", "));
                record.facts.push(fact(cell, "operation", "operations", toml));
            }
            records.push(record);
        }
        self.section(section, records, is_there)
    }

    /// Affiliations: whether the POS hides them. Whom one marks no export says.
    pub(super) fn affiliations(&mut self) -> Section {
        let section = "affiliation";
        let mut records = Vec::new();
        let is_there = self.is_there(section, &["affiliation"]);
        if is_there {
            for (cell, id) in self.identified(section, "affiliation") {
                let mut record = Record::identified(cell, "name", id);
                record.facts.extend(self.boolean_fact(cell, "hide-in-channels"));
                records.push(record);
            }
        }
        self.merged(section, records, is_there)
    }
}
