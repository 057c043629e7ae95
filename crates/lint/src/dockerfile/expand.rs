//! Variables: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`.

use std::collections::BTreeMap;

/// The longest text that variables may make, in bytes: each may hold others several times over.
const LONGEST: usize = 64 << 10;
/// Words within words, as `${A:-${B:-c}}`.
const DEEPEST: usize = 32;

/// Replaces the variables in `text` by what `lookup` finds; an unknown one is empty, as the builder has it.
///
/// # Errors
/// A text that becomes longer than [`LONGEST`] or is nested deeper than [`DEEPEST`].
pub(super) fn expand<'v>(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<&'v str>,
    escape: char,
) -> Result<String, &'static str> {
    let mut expansion = Expansion { text, closing: closing(text), lookup, escape, out: String::new() };
    expansion.range(0, text.len(), 0)?;
    Ok(expansion.out)
}

struct Expansion<'t, 'v> {
    text: &'t str,
    /// For each `{` the place of its `}`.
    closing: BTreeMap<usize, usize>,
    lookup: &'t dyn Fn(&str) -> Option<&'v str>,
    escape: char,
    out: String,
}

impl<'t> Expansion<'t, '_> {
    fn push(&mut self, text: &str) -> Result<(), &'static str> {
        if self.out.len() + text.len() > LONGEST {
            return Err("variables make more than 64 KiB of it");
        }
        self.out.push_str(text);
        Ok(())
    }

    fn slice(&self, at: usize, end: usize) -> &'t str {
        self.text.get(at..end).unwrap_or_default()
    }

    fn range(&mut self, mut at: usize, end: usize, depth: usize) -> Result<(), &'static str> {
        if depth > DEEPEST {
            return Err("its variables are nested more than 32 deep");
        }
        while let Some(before) = self.slice(at, end).find(['$', self.escape]) {
            self.push(self.slice(at, at + before))?;
            at += before;
            let mut behind = self.slice(at, end).chars();
            if behind.next() == Some('$') {
                at = self.variable(at + 1, end, depth)?;
                continue;
            }
            let (escape, escaped) = (self.escape.len_utf8(), behind.next());
            // What needs no escape keeps it.
            let from = if escaped == Some('$') { at + escape } else { at };
            let until = at + escape + escaped.map_or(0, char::len_utf8);
            self.push(self.slice(from, until))?;
            at = until;
        }
        self.push(self.slice(at, end))
    }

    /// Writes the value of the variable behind a `$`; gives the place after it.
    fn variable(&mut self, at: usize, end: usize, depth: usize) -> Result<usize, &'static str> {
        let text = self.slice(at, end);
        if text.starts_with('{') {
            let Some(close) = self.closing.get(&at).copied() else {
                self.push("$")?;
                return Ok(at);
            };
            let inner = self.slice(at + 1, close);
            let (name, operation) = inner.split_at(name_length(inner));
            let value = (self.lookup)(name);
            let is_full = value.is_some_and(|value| !value.is_empty());
            let (word, takes_word, is_value) = if let Some(word) = operation.strip_prefix(":-") {
                (word, !is_full, is_full)
            } else if let Some(word) = operation.strip_prefix(":+") {
                (word, is_full, false)
            } else if let Some(word) = operation.strip_prefix('-') {
                (word, value.is_none(), value.is_some())
            } else if let Some(word) = operation.strip_prefix('+') {
                (word, value.is_some(), false)
            } else {
                ("", false, true)
            };
            if takes_word {
                self.range(close - word.len(), close, depth + 1)?;
            } else if is_value {
                self.push(value.unwrap_or_default())?;
            }
            return Ok(close + 1);
        }
        match name_length(text) {
            0 => self.push("$").map(|()| at),
            length => {
                self.push((self.lookup)(self.slice(at, at + length)).unwrap_or_default())?;
                Ok(at + length)
            }
        }
    }
}

/// For each `{` that is closed, where its `}` stands.
fn closing(text: &str) -> BTreeMap<usize, usize> {
    let (mut open, mut closing) = (Vec::new(), BTreeMap::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open.push(at),
            b'}' => closing.extend(open.pop().map(|start| (start, at))),
            _ => {}
        }
    }
    closing
}

fn name_length(text: &str) -> usize {
    let fits = |(at, c): (usize, char)| c == '_' || c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit());
    text.char_indices().take_while(|pair| fits(*pair)).count()
}
