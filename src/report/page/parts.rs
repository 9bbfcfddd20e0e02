//! The small parts that the sections of the page are made of.

use crate::model::{Outcome, Rules};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

/// A name that a user chose: whichever way it is written, it leaves what surrounds it alone.
pub(super) fn name(name: &str) -> Markup {
    html! { bdi { (name) } }
}

/// Where a file or directory lies: broken between its parts where lines end, rather than within
/// one.
pub(super) fn path(path: &str) -> Markup {
    let parts = path.split_inclusive(['/', '\\']).enumerate();
    html! { @for (number, part) in parts { @if number > 0 { wbr; } (part) } }
}

/// A moment in words; pointed at, as files write it.
pub(super) fn moment(moment: Timestamp) -> Markup {
    let exact = moment.to_string();
    html! { time datetime=(exact) title=(exact) { (in_words(moment)) } }
}

/// A day in words; pointed at, as files write it.
pub(super) fn day(day: Date) -> Markup {
    let exact = day.to_string();
    html! { time datetime=(exact) title=(exact) { (day.strftime("%-d %b %Y").to_string()) } }
}

/// `20 Nov 2026, 08:14 UTC`.
pub(super) fn in_words(moment: Timestamp) -> String {
    moment.strftime("%-d %b %Y, %H:%M UTC").to_string()
}

/// A message: what stands in backticks is set as code, and moments are told in words.
pub(super) fn prose(text: &str) -> Markup {
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (timed(part)) }
        }
    }
}

/// A text with each moment in it in words.
fn timed(text: &str) -> Markup {
    html! {
        @for word in text.split_inclusive(' ') {
            @let bare = word.trim_matches([' ', ',', ';', '(', ')']);
            @match bare.parse::<Timestamp>() {
                Ok(at) if !bare.is_empty() => {
                    @let (before, after) = word.split_once(bare).unwrap_or((word, ""));
                    (before) (moment(at)) (after)
                }
                _ => (word),
            }
        }
    }
}

/// Items one after the other, with `separator` between them.
pub(super) fn joined<T>(
    items: impl IntoIterator<Item = T>,
    separator: &str,
    each: impl Fn(T) -> Markup,
) -> Markup {
    html! {
        @for (number, item) in items.into_iter().enumerate() {
            @if number > 0 { (separator) }
            (each(item))
        }
    }
}

/// A term with what there is to say.
pub(super) fn entry(term: &str, content: &Markup) -> Markup {
    html! { div { dt { (term) } dd { (content) } } }
}

/// A section of the page, and what it is called.
pub(super) fn section(id: &str, title_id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        section id=(id) aria-labelledby=(title_id) {
            h2 id=(title_id) { (title) }
            (content)
        }
        "\n"
    }
}

/// A part of the first screen; its classes say which, and how it stands.
pub(super) fn panel(classes: &str, title_id: &str, title: &str, content: &Markup) -> Markup {
    html! {
        section.{ "panel " (classes) } aria-labelledby=(title_id) {
            h2 id=(title_id) { (title) }
            (content)
        }
    }
}

/// What may be wider than the window, and then scrolls by itself, by keyboard too.
pub(super) fn wide(title_id: &str, content: &Markup) -> Markup {
    html! { div.wide tabindex="0" role="group" aria-labelledby=(title_id) { (content) } }
}

/// A table with a row of column headers.
pub(super) fn table(class: Option<&str>, columns: &[&str], rows: &Markup) -> Markup {
    html! {
        table class=[class] {
            thead { tr { @for column in columns { th scope="col" { (column) } } } }
            tbody { (rows) }
        }
    }
}

/// The first names, and how many more there are, in smaller letters.
pub(super) fn names(named: &[&str], most: usize) -> Markup {
    let more = named.len().saturating_sub(most);
    html! {
        @if !named.is_empty() {
            small.clamp {
                (joined(named.iter().take(most), ", ", |one| name(one)))
                @if more > 0 { " and " (more) " more" }
            }
        }
    }
}

/// An outcome that leads into the explorer.
pub(super) fn chip(outcome: Outcome, address: &str) -> Markup {
    html! { a.chip.(outcome.as_str()) href=(address) { (outcome.as_str()) } }
}

/// Where to read on.
pub(super) fn more(address: &str, text: &str) -> Markup {
    html! { p.more { a href=(address) { (text) } } }
}

/// Statements' numbers and documents' keys as links to what they are, further down.
pub(super) fn source_links(rules: &Rules, sources: &[String]) -> Markup {
    joined(sources, ", ", |source| match said_by(rules, source) {
        Some(says) => html! { a href={ "#" (source) } title=(says) class="source" { (source) } },
        None => html! { (source) },
    })
}

/// What a statement says, or what a document is called.
fn said_by<'a>(rules: &'a Rules, source: &str) -> Option<&'a str> {
    let statement = rules.evidence.statement(source).map(|it| it.text.as_str());
    statement.or_else(|| rules.evidence.document(source).map(|it| it.title.as_str()))
}
