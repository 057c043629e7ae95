//! What go-yaml reads and the event parser refuses: continuation lines of flow collections and
//! quoted scalars that are not indented, a tab behind a colon, a comment right behind a closing
//! quote or bracket.
//!
//! Such a text is read a second time with spaces put in where they mean nothing, and positions
//! are mapped back.

/// Spaces that were put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Insert {
    /// The first of them, as a character of the repaired text.
    pub(super) character: usize,
    /// How many.
    pub(super) count: usize,
}

/// The text as the event parser takes it, or `None` when there is nothing to repair.
pub(super) fn repair(text: &str) -> Option<(String, Vec<Insert>)> {
    let mut repair = Repair::default();
    let mut changed = false;
    for line in text.split_inclusive(['\n', '\r']) {
        changed |= repair.line(line);
    }
    changed.then_some((repair.out, repair.inserts))
}

#[derive(Default)]
struct Repair {
    out: String,
    /// The characters of `out`.
    characters: usize,
    inserts: Vec<Insert>,
    /// The open quote.
    quote: Option<char>,
    /// Open brackets.
    flow: usize,
    /// The column that continuation lines have to reach.
    indent: usize,
    /// Inside of a block scalar, the indentation of the key or dash it belongs to.
    block: Option<usize>,
}

impl Repair {
    /// Takes over a line, and tells whether it had to be changed.
    fn line(&mut self, line: &str) -> bool {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let blank = line.trim().is_empty();
        if self.block.is_some_and(|opened| blank || indent > opened) {
            self.push_str(line);
            return false;
        }
        self.block = None;
        let continues = self.quote.is_some() || self.flow > 0;
        let mut changed = false;
        if continues && !blank && indent < self.indent {
            self.insert(self.indent - indent);
            changed = true;
        }
        changed | self.scan(line)
    }

    fn scan(&mut self, line: &str) -> bool {
        let mut changed = false;
        let mut previous = ' ';
        // Whether a scalar or collection may start here.
        let mut fresh = true;
        let mut escaped = false;
        // Whether a quote or bracket was closed just before.
        let mut closed = false;
        for (column, (index, character)) in line.char_indices().enumerate() {
            if let Some(quote) = self.quote {
                match character {
                    _ if escaped => escaped = false,
                    '\\' if quote == '"' => escaped = true,
                    // `''` closes and opens again.
                    _ if character == quote => self.quote = None,
                    _ => {}
                }
                closed = self.quote.is_none();
                self.push(character);
                previous = character;
                fresh = false;
                continue;
            }
            match character {
                '#' if previous.is_whitespace() || closed => {
                    if closed {
                        self.insert(1);
                    }
                    self.push_str(&line[index..]);
                    return changed || closed;
                }
                '\'' if closed && previous == '\'' => self.quote = Some(character),
                '"' | '\'' if fresh => {
                    self.quote = Some(character);
                    if self.flow == 0 {
                        self.indent = column + 1;
                    }
                }
                '[' | '{' if fresh || self.flow > 0 => {
                    if self.flow == 0 {
                        self.indent = column + 1;
                    }
                    self.flow += 1;
                }
                ']' | '}' if self.flow > 0 => {
                    self.flow -= 1;
                    self.push(character);
                    (closed, fresh, previous) = (true, false, character);
                    continue;
                }
                '|' | '>' if fresh && self.flow == 0 => self.block = Some(parent(&line[..index])),
                '\t' if previous == ':' => {
                    self.push(' ');
                    changed = true;
                    previous = ' ';
                    fresh = true;
                    continue;
                }
                _ => {}
            }
            let behind_closed = std::mem::take(&mut closed);
            self.push(character);
            fresh = match character {
                ':' => behind_closed && self.flow > 0,
                ' ' | '\t' => fresh || matches!(previous, ':' | '-' | '?' | ','),
                ',' | '[' | '{' => self.flow > 0,
                _ => false,
            };
            previous = character;
        }
        changed
    }

    fn insert(&mut self, count: usize) {
        self.inserts.push(Insert { character: self.characters, count });
        self.push_str(&" ".repeat(count));
    }

    fn push(&mut self, character: char) {
        self.out.push(character);
        self.characters += 1;
    }

    fn push_str(&mut self, text: &str) {
        self.out.push_str(text);
        self.characters += text.chars().count();
    }
}

/// The column of the key, or of the dash without a key, that what follows this on a line belongs to.
fn parent(before: &str) -> usize {
    let mut column = before.len() - before.trim_start_matches(' ').len();
    while let Some(rest) = before[column..].strip_prefix(['-', '?']).filter(|rest| rest.starts_with(' ')) {
        let inner = before.len() - rest.trim_start_matches(' ').len();
        if !before[inner..].contains(':') {
            break;
        }
        column = inner;
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repairs() {
        let table = [
            ("a: [\nb\n]\n", Some("a: [\n    b\n    ]\n")),
            ("a: {\n b: [\n c]\n}\n", Some("a: {\n    b: [\n    c]\n    }\n")),
            ("a: \"b\nc\"\n", Some("a: \"b\n    c\"\n")),
            ("a: 'b''s\nc'\n", Some("a: 'b''s\n    c'\n")),
            ("a: \"\\\"[\nb\"", Some("a: \"\\\"[\n    b\"")),
            ("- 'b\n\n  c'\n", Some("- 'b\n\n   c'\n")),
            ("a:\tb\n", Some("a: b\n")),
            ("a: b # c\rd:\te\r", Some("a: b # c\rd: e\r")),
            ("a: 'b'#c\n", Some("a: 'b' #c\n")),
            ("a: [b]#c\n", Some("a: [b] #c\n")),
            ("a:\tb\nc: {\"d\":\"e #f\"}\ng: h\n", Some("a: b\nc: {\"d\":\"e #f\"}\ng: h\n")),
            ("a: b [\nc: d\n", None),
            ("a: it's\nb: c\n", None),
            ("a: |\n  b: [\n  c\nd: e\n", None),
            ("- - a: |\n     b\n    c:\td\n", Some("- - a: |\n     b\n    c: d\n")),
            ("- - |\n   b:\tc\n", None),
            ("a: # [\nb: c\n", None),
            ("a: [\n     b]\n", None),
            ("a: '#'\n", None),
        ];
        for (text, want) in table {
            assert_eq!(repair(text).map(|(text, _)| text).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn counts_characters() {
        let (_, inserts) = repair("é: [\nb]").unwrap_or_default();
        assert_eq!(inserts, [Insert { character: 5, count: 4 }]);
    }
}
