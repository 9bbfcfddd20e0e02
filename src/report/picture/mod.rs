//! A graph as SVG: a picture that needs no program to lay it out, fits light and dark, and says in
//! words what its colours say.

mod features;
mod layout;

pub use features::features_svg;
pub(super) use features::{features_picture, mark};

use layout::{Edge, Node, Place, Sizes, at, lay_out};
use maud::{Markup, PreEscaped, html};

/// How the picture looks, for a file of its own; the page has it among its styles.
pub(super) const STYLE: &str = include_str!("picture.css");

const SIZES: Sizes =
    Sizes { width: 232, between_layers: 44, between_nodes: 10, between_parts: 24, most: 1340 };
/// So many characters of a name fit in a line.
const LINE: usize = 31;
const LINE_HEIGHT: i32 = 16;

/// A box of the picture.
pub(super) struct PictureBox {
    /// What it is called.
    pub(super) label: String,
    /// What is said below, in smaller letters, line by line.
    pub(super) notes: Vec<String>,
    /// What is told of it when pointed at.
    pub(super) hint: String,
    /// Its classes.
    pub(super) class: String,
    /// The lower, the further up.
    pub(super) rank: u8,
}

/// An arrow of the picture.
pub(super) struct PictureArrow {
    /// The box where it begins.
    pub(super) from: usize,
    /// The box where it ends.
    pub(super) to: usize,
    /// Its kind: its class, and what is told of it.
    pub(super) kind: &'static str,
}

/// Draws boxes and arrows. `title` says what is seen, for those who can't see it; `id` tells this
/// picture from others beside it; `styled` puts the
/// styles in.
pub(super) fn draw(
    boxes: &[PictureBox],
    arrows: &[PictureArrow],
    title: &str,
    id: &str,
    styled: bool,
) -> Markup {
    let lines: Vec<Vec<Line>> = boxes.iter().map(lines_of).collect();
    let node = |(one, lines): (&PictureBox, &Vec<Line>)| Node {
        height: lines.iter().map(|_| LINE_HEIGHT).sum::<i32>() + 16,
        rank: one.rank,
    };
    let nodes: Vec<Node> = boxes.iter().zip(&lines).map(node).collect();
    let edges: Vec<Edge> = arrows.iter().map(|arrow| (arrow.from, arrow.to)).collect();
    let layout = lay_out(&nodes, &edges, SIZES);
    let (width, height) = (layout.width.max(1) + 16, layout.height.max(1) + 16);
    let heights = nodes.iter().map(|node| node.height);
    let lying: Vec<Lying> = layout.places.into_iter().zip(heights).collect();
    html! {
        svg xmlns="http://www.w3.org/2000/svg" class="picture" role="img"
            viewBox={ "-8 -8 " (width) " " (height) } width=(width) height=(height)
            aria-labelledby={ (id) "-title" } {
            title id={ (id) "-title" } { (title) }
            @if styled { style { (PreEscaped(STYLE)) } }
            defs { (tip(id)) }
            "\n"
            @for PictureArrow { from, to, kind } in arrows {
                (draw_arrow(id, kind, *at(&lying, *from), *at(&lying, *to)))
            }
            @for ((one, lines), lying) in boxes.iter().zip(&lines).zip(lying) {
                (draw_box(one, lines, lying))
            }
        }
        "\n"
    }
}

/// The tip of an arrow.
fn tip(id: &str) -> Markup {
    html! {
        marker id={ (id) "-tip" } viewBox="0 0 8 8" refX="7" refY="4"
            markerWidth="7" markerHeight="7" orient="auto-start-reverse" {
            path class="tip" d="M0 0.5 8 4 0 7.5z" {}
        }
    }
}

/// A box as it lies: its corner and its height.
type Lying = (Place, i32);

fn draw_arrow(id: &str, kind: &str, ((from_x, from_y), from_height): Lying, to: Lying) -> Markup {
    let ((to_x, to_y), to_height) = to;
    let (start_x, start_y) = (from_x + SIZES.width, from_y + from_height / 2);
    let (end_x, end_y) = (to_x - 2, to_y + to_height / 2);
    let bend = ((end_x - start_x) / 2).max(SIZES.between_layers / 2);
    let (first, second) = (start_x + bend, end_x - bend);
    let path = format!("M{start_x} {start_y}C{first} {start_y} {second} {end_y} {end_x} {end_y}");
    let tip = (kind != "conflicts").then(|| format!("url(#{id}-tip)"));
    html! {
        path.arrow.(kind) d=(path) marker-end=[tip] { title { (kind) } }
        "\n"
    }
}

/// The class of a line, and its text.
type Line = (&'static str, String);

/// The lines of a box: its name, then what is said below.
fn lines_of(one: &PictureBox) -> Vec<Line> {
    let name = wrapped(&one.label, LINE).into_iter().map(|line| ("name", line));
    // Smaller letters: more of them.
    let notes =
        one.notes.iter().flat_map(|note| wrapped(note, LINE + 3)).map(|line| ("note", line));
    name.chain(notes).collect()
}

fn draw_box(one: &PictureBox, lines: &[Line], ((x, y), height): Lying) -> Markup {
    html! {
        g.box.(one.class) {
            title { (one.hint) }
            rect x=(x) y=(y) width=(SIZES.width) height=(height) rx="6" {}
            rect.edge x=(x) y=(y) width="5" height=(height) rx="2" {}
            @for ((class, line), number) in lines.iter().zip(1..) {
                text.(*class) x=(x + 14) y=(y + number * LINE_HEIGHT + 4) { (line) }
            }
        }
        "\n"
    }
}

/// A text in lines of at most so many characters, three lines at most.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= most;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(shortened(word, most)),
        }
    }
    if lines.len() > 3 {
        lines.truncate(3);
        if let Some(last) = lines.last_mut() {
            *last = shortened(&format!("{last} …"), most);
        }
    }
    lines
}

/// A word that fits in a line.
fn shortened(word: &str, most: usize) -> String {
    if word.chars().count() <= most {
        return word.to_owned();
    }
    word.chars().take(most - 1).chain(['…']).collect()
}
