//! The structure of a TOML text that somebody is writing: headers, keys and values with their
//! places, also where a quote, a bracket or a value is still missing.
//!
//! `load` reads whole files and tells what is wrong with them. Here nothing is told: a line that
//! makes no sense costs what stands on it, and what is open ends where something else begins.

use std::ops::Range;
use toml_parser::Source;
use toml_parser::lexer::{Token, TokenKind};

/// Values may nest no deeper; what does is passed over.
const MAX_DEPTH: usize = 32;

/// A text as its headers divide it.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// What stands before the first header, then what each header begins.
    pub(super) blocks: Vec<Block>,
}

/// A header and the entries below it.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The names in the header; none before the first one.
    pub(super) path: Vec<Word>,
    /// The header, from its first bracket to its last.
    pub(super) header: Range<usize>,
    /// Whether its brackets are closed.
    pub(super) is_closed: bool,
    /// The entries below it.
    pub(super) entries: Vec<Entry>,
    /// Where the next block begins.
    pub(super) end: usize,
}

/// A name in a header or a key, or a text among the values.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// What it says.
    pub(super) text: String,
    /// Where it stands, quotes included.
    pub(super) span: Range<usize>,
    /// Where it stands between its quotes.
    pub(super) inner: Range<usize>,
    /// Its quotes.
    pub(super) quotes: Quotes,
    /// Whether its last quote is there.
    pub(super) is_closed: bool,
}

/// How a word is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quotes {
    /// Not at all.
    None,
    /// `"…"`
    Basic,
    /// In another way: by `'`, or over several lines.
    Other,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    /// The names of the key, between its dots.
    pub(super) path: Vec<Word>,
    /// The byte behind its equals sign.
    pub(super) equals: Option<usize>,
    /// Its value.
    pub(super) value: Option<Node>,
    /// All of it.
    pub(super) span: Range<usize>,
}

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it stands.
    pub(super) span: Range<usize>,
    /// What it is.
    pub(super) what: What,
    /// Whether what ends it is there.
    pub(super) is_closed: bool,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum What {
    /// Text in quotes.
    Text(Word),
    /// A number, a date, true or false, or what may become one of these.
    Bare,
    /// A list.
    List(Vec<Node>),
    /// An inline table.
    Inline(Vec<Entry>),
}

impl Node {
    /// The text that it is.
    pub(super) fn word(&self) -> Option<&Word> {
        match &self.what {
            What::Text(word) => Some(word),
            _ => None,
        }
    }

    /// The texts of a list; of a text itself.
    pub(super) fn words(&self) -> Vec<&Word> {
        match &self.what {
            What::List(items) => items.iter().filter_map(Node::word).collect(),
            _ => self.word().into_iter().collect(),
        }
    }
}

impl Outline {
    /// The outline of a text.
    pub(super) fn of(text: &str) -> Self {
        let source = Source::new(text);
        let mut walk = Walk { source, tokens: source.lex().into_vec(), at: 0 };
        let mut blocks = vec![Block::default()];
        while let Some(kind) = walk.next_meaning() {
            if kind == TokenKind::LeftSquareBracket {
                blocks.push(walk.header());
            } else if let (Some(entry), Some(block)) = (walk.entry(0), blocks.last_mut()) {
                block.entries.push(entry);
            }
            walk.rest_of_line();
        }
        let mut end = text.len();
        for block in blocks.iter_mut().rev() {
            block.end = end;
            end = block.header.start;
        }
        Self { blocks }
    }

    /// The block that a byte stands in.
    pub(super) fn block_at(&self, byte: usize) -> Option<&Block> {
        self.blocks.iter().rev().find(|block| block.header.start <= byte)
    }
}

/// The way through the tokens of a text.
struct Walk<'t> {
    source: Source<'t>,
    tokens: Vec<Token>,
    at: usize,
}

/// The bytes of a token.
fn bytes(token: Token) -> Range<usize> {
    token.span().start()..token.span().end()
}

fn is_blank(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Whitespace | TokenKind::Comment | TokenKind::Newline)
}

fn is_word(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Atom) || is_text(kind)
}

fn is_text(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::BasicString
            | TokenKind::LiteralString
            | TokenKind::MlBasicString
            | TokenKind::MlLiteralString
    )
}

impl<'t> Walk<'t> {
    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied().filter(|token| token.kind() != TokenKind::Eof)
    }

    fn kind(&self) -> Option<TokenKind> {
        self.token(self.at).map(|token| token.kind())
    }

    /// The byte that the next token begins with.
    fn here(&self) -> usize {
        let end = self.source.input().len();
        self.tokens.get(self.at).map_or(end, |token| token.span().start())
    }

    fn text_of(&self, token: Token) -> &'t str {
        let text = self.source.input().get(bytes(token));
        // The lexer cuts texts where characters begin.
        text.unwrap_or("")
    }

    fn take(&mut self, kind: TokenKind) -> Option<Token> {
        let token = self.token(self.at).filter(|token| token.kind() == kind)?;
        self.at += 1;
        Some(token)
    }

    fn blanks(&mut self) {
        while self.take(TokenKind::Whitespace).is_some() {}
    }

    /// The kind of the next token that is neither white space nor a comment nor the end of a line.
    fn next_meaning(&mut self) -> Option<TokenKind> {
        while self.kind().is_some_and(is_blank) {
            self.at += 1;
        }
        self.kind()
    }

    fn rest_of_line(&mut self) {
        while self.kind().is_some_and(|kind| kind != TokenKind::Newline) {
            self.at += 1;
        }
    }

    fn word(&mut self) -> Option<Word> {
        let token = self.token(self.at).filter(|token| is_word(token.kind()))?;
        self.at += 1;
        let written = self.text_of(token);
        // The lexer gives the first half of a line's end to a text that is not closed.
        let written = written.strip_suffix('\r').unwrap_or(written);
        let start = token.span().start();
        let span = start..start + written.len();
        let mark = match token.kind() {
            TokenKind::Atom => "",
            TokenKind::BasicString => "\"",
            TokenKind::LiteralString => "'",
            TokenKind::MlBasicString => "\"\"\"",
            _ => "'''",
        };
        let quotes = match token.kind() {
            TokenKind::Atom => Quotes::None,
            TokenKind::BasicString => Quotes::Basic,
            _ => Quotes::Other,
        };
        let body = written.get(mark.len()..).filter(|_| quotes != Quotes::None);
        let is_closed = body.is_none_or(|body| is_ended(body, mark));
        let last = if is_closed { mark.len() } else { 0 };
        let inner = start + mark.len()..span.end - last;
        let mut text = String::new();
        if is_text(token.kind()) {
            if let Some(raw) = self.source.get(token) {
                // What is wrong with an escape is told where the file is read.
                let _ = raw.decode_scalar(&mut text, &mut ());
            }
        } else {
            text.push_str(written);
        }
        Some(Word { text, span, inner, quotes, is_closed })
    }

    /// Names between dots.
    fn path(&mut self) -> Vec<Word> {
        let mut path = Vec::new();
        loop {
            self.blanks();
            match self.word() {
                Some(word) => path.push(word),
                None if self.kind() != Some(TokenKind::Dot) => return path,
                None => {}
            }
            self.blanks();
            if self.take(TokenKind::Dot).is_none() {
                return path;
            }
        }
    }

    fn header(&mut self) -> Block {
        let start = self.here();
        self.at += 1;
        let is_list = self.take(TokenKind::LeftSquareBracket).is_some();
        let path = self.path();
        let ends = 1 + usize::from(is_list);
        let closed = (0..ends).take_while(|_| {
            self.blanks();
            self.take(TokenKind::RightSquareBracket).is_some()
        });
        let is_closed = closed.count() == ends;
        let header = start..self.end_behind(start);
        Block { path, header, is_closed, ..Block::default() }
    }

    /// Where what has been read ends, white space behind it left out.
    fn end_behind(&self, start: usize) -> usize {
        let written = self.source.input().get(start..self.here());
        start + written.map_or(1, |text| text.trim_end().len())
    }

    fn entry(&mut self, depth: usize) -> Option<Entry> {
        let start = self.here();
        let before = self.at;
        let path = self.path();
        self.blanks();
        let equals = self.take(TokenKind::Equals).map(|token| token.span().end());
        let value = if equals.is_some() { self.value(depth) } else { None };
        if self.at == before {
            self.at += 1;
            return None;
        }
        let span = start..self.end_behind(start);
        Some(Entry { path, equals, value, span })
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.blanks();
        let start = self.here();
        let kind = self.kind()?;
        match kind {
            _ if is_text(kind) => {
                let word = self.word()?;
                let is_closed = word.is_closed;
                Some(Node { span: word.span.clone(), what: What::Text(word), is_closed })
            }
            TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket if depth < MAX_DEPTH => {
                self.at += 1;
                let (what, is_closed) = if kind == TokenKind::LeftSquareBracket {
                    self.list(depth + 1)
                } else {
                    self.inline(depth + 1)
                };
                Some(Node { span: start..self.end_behind(start), what, is_closed })
            }
            TokenKind::Atom | TokenKind::Dot => {
                while matches!(self.kind(), Some(TokenKind::Atom | TokenKind::Dot)) {
                    self.at += 1;
                }
                let span = start..self.end_behind(start);
                Some(Node { span, what: What::Bare, is_closed: true })
            }
            _ => None,
        }
    }

    fn list(&mut self, depth: usize) -> (What, bool) {
        let mut items = Vec::new();
        loop {
            let before = self.at;
            if self.next_meaning().is_none() || self.begins_anew(before, false) {
                self.at = before;
                return (What::List(items), false);
            }
            if self.take(TokenKind::RightSquareBracket).is_some() {
                return (What::List(items), true);
            }
            match self.value(depth) {
                Some(item) => items.push(item),
                None => self.at += 1,
            }
        }
    }

    fn inline(&mut self, depth: usize) -> (What, bool) {
        let mut entries = Vec::new();
        // Behind a comma, or at the beginning, a key on a line of its own belongs to the table.
        let mut goes_on = true;
        loop {
            let before = self.at;
            if self.next_meaning().is_none() || self.begins_anew(before, goes_on) {
                self.at = before;
                return (What::Inline(entries), false);
            }
            if self.take(TokenKind::RightCurlyBracket).is_some() {
                return (What::Inline(entries), true);
            }
            goes_on = self.take(TokenKind::Comma).is_some();
            if !goes_on {
                entries.extend(self.entry(depth));
            }
        }
    }

    /// Whether, on a line that began behind `before`, something begins that is no part of a value:
    /// a header, or a key with its equals sign.
    fn begins_anew(&self, before: usize, may_be_key: bool) -> bool {
        let passed = self.tokens.get(before..self.at);
        let is_new_line =
            passed.is_some_and(|passed| passed.iter().any(|it| it.kind() == TokenKind::Newline));
        is_new_line && (self.is_header() || (!may_be_key && self.is_key()))
    }

    fn is_key(&self) -> bool {
        let mut rest = self.rest();
        let is_key = rest.next().is_some_and(|token| is_word(token.kind()));
        let mut rest = rest.filter(|token| token.kind() != TokenKind::Whitespace);
        is_key && rest.next().is_some_and(|token| token.kind() == TokenKind::Equals)
    }

    /// Whether names in brackets are all that stands on the line, and no values.
    fn is_header(&self) -> bool {
        let line: Vec<Token> = self
            .rest()
            .take_while(|it| !matches!(it.kind(), TokenKind::Newline | TokenKind::Comment))
            .filter(|token| token.kind() != TokenKind::Whitespace)
            .collect();
        let opening = line.iter().take_while(|it| it.kind() == TokenKind::LeftSquareBracket);
        let opening = opening.count();
        let is_name = line.get(opening).is_some_and(|token| {
            let text = self.text_of(*token);
            let is_value = matches!(text, "true" | "false" | "inf" | "nan");
            token.kind() == TokenKind::Atom
                && !is_value
                && text.starts_with(|first: char| first.is_alphabetic() || first == '_')
        });
        let has_ended = |token: &Token| token.kind() == TokenKind::RightSquareBracket;
        (1..=2).contains(&opening) && is_name && line.last().is_some_and(has_ended)
    }

    fn rest(&self) -> impl Iterator<Item = Token> {
        (self.at..).map_while(|at| self.token(at))
    }
}

/// Whether the body of a text ends with its mark, which no backslash takes for the text.
fn is_ended(body: &str, mark: &str) -> bool {
    let Some(before) = body.strip_suffix(mark) else { return false };
    let backslashes = before.bytes().rev().take_while(|byte| *byte == b'\\').count();
    !mark.starts_with('"') || backslashes % 2 == 0
}

impl Word {
    /// Whether a byte stands in it, or at one of its ends; of a text, between its quotes.
    pub(super) fn holds(&self, byte: usize) -> bool {
        self.inner.start <= byte && byte <= self.inner.end
    }

    /// What is written in its place for it to say something else.
    pub(super) fn instead(&self, text: &str) -> (Range<usize>, String) {
        match self.quotes {
            Quotes::Basic => (self.inner.clone(), escaped(text)),
            Quotes::None if is_bare(text) => (self.span.clone(), text.to_owned()),
            Quotes::None | Quotes::Other => (self.span.clone(), quoted(text)),
        }
    }
}

/// Whether a name needs no quotes as a key.
pub(super) fn is_bare(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    !name.is_empty() && name.bytes().all(is_plain)
}

/// A text as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text as TOML writes it between quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => escaped.extend(['\\', character]),
            '\n' => escaped.push_str("\\n"),
            '\t' => escaped.push_str("\\t"),
            control if control.is_control() => {
                escaped.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        fn path(path: &[Word]) -> String {
            path.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(".")
        }
        fn node(it: &Node) -> String {
            let open = if it.is_closed { "" } else { "…" };
            match &it.what {
                What::Text(word) => format!("{:?}{open}", word.text),
                What::Bare => "bare".to_owned(),
                What::List(items) => {
                    format!("[{}{open}]", items.iter().map(node).collect::<Vec<_>>().join(" "))
                }
                What::Inline(entries) => format!("{{{}{open}}}", all(entries)),
            }
        }
        fn all(entries: &[Entry]) -> String {
            let one = |it: &Entry| {
                let value = it.value.as_ref().map_or("?".to_owned(), node);
                format!("{}={value}", path(&it.path))
            };
            entries.iter().map(one).collect::<Vec<_>>().join(" ")
        }
        let block = |it: &Block| {
            let open = if it.is_closed { "" } else { "…" };
            format!("[{}{open} {}", path(&it.path), all(&it.entries))
        };
        let outline = Outline::of(text);
        let shown: Vec<String> = outline.blocks.iter().skip(1).map(block).collect();
        format!("{}; {}", all(&outline.blocks[0].entries), shown.join("; ")).trim().to_owned()
    }

    #[test]
    fn what_is_open_ends_where_something_else_begins() {
        for (text, expected) in [
            ("a = 1\n[b]\nc.d = \"x\"", "a=bare; [b c.d=\"x\""),
            ("[[b]]\nc = \"x\n[[d]]\ne = 1", "; [b c=\"x\"…; [d e=bare"),
            ("[b]\nc = [\"x\", \"\n[[d]]\ne = 1", "; [b c=[\"x\" \"\"……]; [d e=bare"),
            ("[b]\nc = [\"x\"\nd = 1", "; [b c=[\"x\"…] d=bare"),
            ("[b]\nc = [[1, 2],\n[3]]\nd = 2", "; [b c=[[bare bare] [bare]] d=bare"),
            ("[b]\nc = { d = \"x\", e = \nf = 1", "; [b c={d=\"x\" e=?…} f=bare"),
            ("[b]\nc = {\n d = 1,\n e = 2 }\nf = 1", "; [b c={d=bare e=bare} f=bare"),
            ("[b", "; [b…"),
            ("[[b]\nx", "; [b… x=?"),
            ("[features.\"a b\"]\nx =", "; [features.a b x=?"),
            ("= = =\n]]\n}\nk = 1", "=? ]=?"),
            ("a = \"\"\"x\n[b]", "a=\"x\\n[b]\"…;"),
        ] {
            if text.starts_with('=') {
                assert!(shown(text).contains("k=bare"), "{}", shown(text));
            } else {
                assert_eq!(shown(text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn every_beginning_of_a_text_has_an_outline() {
        let text = "a = '''x'''\r\n[[channel]]\r\nid = \"ä\\\"€\" # c\nn = [\"l\", { o = {p=1}}]\n";
        for (end, _) in text.char_indices() {
            Outline::of(&text[..end]);
            Outline::of(&text[end..]);
        }
    }

    #[test]
    fn deep_nesting_is_passed_over() {
        Outline::of(&format!("a = {}", "[".repeat(100_000)));
        Outline::of(&format!("a = {}", "{ a = ".repeat(100_000)));
    }
}
