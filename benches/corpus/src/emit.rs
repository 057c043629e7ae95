//! Trees as YAML text.

use crate::random::Random;
use crate::style::{Prose, Style};
use crate::tree::Tree;

/// Writes a document, its last line break included.
pub(crate) fn yaml(tree: &Tree, style: &Style, random: &mut Random) -> String {
    let mut emit = Emit { out: String::new(), style, random };
    match tree {
        Tree::Map(entries) => emit.map(entries, 0, false),
        Tree::List(items) => emit.list(items, 0),
        scalar => {
            emit.scalar(scalar);
            emit.out.push('\n');
        }
    }
    if style.crlf { emit.out.replace('\n', "\r\n") } else { emit.out }
}

/// Where prose is wrapped.
const WIDTH: usize = 80;

struct Emit<'s, 'r> {
    out: String,
    style: &'s Style,
    random: &'r mut Random,
}

impl Emit<'_, '_> {
    fn pad(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    fn map(&mut self, entries: &[(String, Tree)], indent: usize, on_dash: bool) {
        for (index, (key, value)) in entries.iter().enumerate() {
            if index > 0 || !on_dash {
                if self.random.chance(self.style.comments) {
                    self.pad(indent);
                    self.out.push_str("# kind: Deployment, as everybody knows\n");
                }
                self.pad(indent);
            }
            self.key(key);
            self.out.push(':');
            self.value(value, indent);
        }
    }

    fn key(&mut self, key: &str) {
        if self.random.chance(self.style.quoted_keys) && key != "<<" {
            let quote = if self.random.chance(70) { '"' } else { '\'' };
            self.out.push(quote);
            self.out.push_str(key);
            self.out.push(quote);
        } else if needs_quotes(key) && key != "<<" {
            self.double(key);
        } else {
            self.out.push_str(key);
        }
    }

    fn list(&mut self, items: &[Tree], indent: usize) {
        for item in items {
            self.pad(indent);
            self.out.push('-');
            match item {
                Tree::Map(entries) if !entries.is_empty() && !self.goes_in_brackets(item) => {
                    self.out.push(' ');
                    self.map(entries, indent + 2, true);
                }
                _ => self.value(item, indent),
            }
        }
    }

    /// Writes the value after a colon or dash, up to the end of its last line.
    fn value(&mut self, tree: &Tree, indent: usize) {
        match tree {
            Tree::Anchor(name, inner) => {
                self.out.push_str(" &");
                self.out.push_str(name);
                self.value(inner, indent);
            }
            Tree::Lines(text) => self.literal(text, indent),
            Tree::Prose(text) => self.prose(text, indent),
            Tree::Map(entries) if !entries.is_empty() && !self.goes_in_brackets(tree) => {
                self.out.push('\n');
                self.map(entries, indent + self.style.indent, false);
            }
            Tree::List(items) if !items.is_empty() && !self.goes_in_brackets(tree) => {
                self.out.push('\n');
                self.list(items, indent + if self.style.lists_indented { self.style.indent } else { 0 });
            }
            _ => {
                self.out.push(' ');
                self.scalar(tree);
                if self.random.chance(self.style.comments) {
                    self.out.push_str("  # see containers: below");
                }
                self.out.push('\n');
            }
        }
    }

    fn goes_in_brackets(&mut self, tree: &Tree) -> bool {
        let short = match tree {
            Tree::Map(entries) => entries.len() <= 4 && entries.iter().all(|(_, value)| value.is_scalar()),
            Tree::List(items) => items.len() <= 6 && items.iter().all(Tree::is_scalar),
            _ => false,
        };
        short && self.random.chance(self.style.brackets)
    }

    /// A value on one line, collections in brackets.
    fn scalar(&mut self, tree: &Tree) {
        match tree {
            Tree::Word(word) => self.out.push_str(word),
            Tree::Number(number) => self.out.push_str(&number.to_string()),
            Tree::Alias(name) => {
                self.out.push('*');
                self.out.push_str(name);
            }
            Tree::Text(text) | Tree::Lines(text) | Tree::Prose(text) => self.text(text),
            Tree::Anchor(_, inner) => self.scalar(inner),
            Tree::List(items) => {
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    self.scalar(item);
                }
                self.out.push(']');
            }
            Tree::Map(entries) if entries.is_empty() => self.out.push_str("{}"),
            Tree::Map(entries) => {
                self.out.push_str("{ ");
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { "" });
                    self.key(key);
                    self.out.push_str(": ");
                    self.scalar(value);
                }
                self.out.push_str(" }");
            }
        }
    }

    fn text(&mut self, text: &str) {
        if !needs_quotes(text) && !self.random.chance(self.style.quotes) {
            self.out.push_str(text);
        } else if text.contains('\n') || self.random.chance(70) {
            self.double(text);
        } else {
            self.out.push('\'');
            self.out.push_str(&text.replace('\'', "''"));
            self.out.push('\'');
        }
    }

    fn double(&mut self, text: &str) {
        self.out.push('"');
        self.out.push_str(&text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t"));
        self.out.push('"');
    }

    fn literal(&mut self, text: &str, indent: usize) {
        self.out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
        for line in text.lines() {
            if !line.is_empty() {
                self.pad(indent + self.style.indent);
                self.out.push_str(line);
            }
            self.out.push('\n');
        }
    }

    fn prose(&mut self, text: &str, indent: usize) {
        let deeper = indent + self.style.indent;
        match self.style.prose {
            Prose::OneLine => {
                self.out.push(' ');
                self.text(text);
            }
            Prose::Literal | Prose::Folded => {
                self.out.push_str(if self.style.prose == Prose::Literal { " |-\n" } else { " >-\n" });
                self.pad(deeper);
                self.wrapped(text, deeper);
            }
            Prose::Wrapped if !needs_quotes(text) => {
                self.out.push(' ');
                self.wrapped(text, deeper);
            }
            Prose::Wrapped => {
                self.out.push_str(" '");
                self.wrapped(&text.replace('\'', "''"), deeper);
                self.out.push('\'');
            }
            Prose::Double => {
                self.out.push_str(" \"");
                self.wrapped(&text.replace('\\', "\\\\").replace('"', "\\\""), deeper);
                self.out.push('"');
            }
        }
        self.out.push('\n');
    }

    /// Words, the lines behind the first indented.
    fn wrapped(&mut self, text: &str, indent: usize) {
        let mut column = indent;
        for (index, word) in text.split(' ').enumerate() {
            if index > 0 && column + word.len() >= WIDTH {
                self.out.push('\n');
                self.pad(indent);
                column = indent;
            } else if index > 0 {
                self.out.push(' ');
                column += 1;
            }
            self.out.push_str(word);
            column += word.len();
        }
    }
}

/// Whether a string means something else, or nothing, without quotes.
fn needs_quotes(text: &str) -> bool {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "<<"];
    let first = text.chars().next().unwrap_or('#');
    !(first.is_ascii_alphabetic() || first == '/')
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.contains(": ")
        || text.contains(" #")
        || text.contains(['\n', '\t', '{', '}', '[', ']', ','])
        || text.ends_with([':', ' '])
}
