//! Suppressions in comments: `# harden: ignore[rule] reason`.

use super::clause::Clause;
use crate::finding::{MARK, Place};
use crate::yaml::{Node, Parsed};

/// A comment that suppresses.
#[derive(Debug)]
pub(super) struct Comment {
    /// What it says.
    pub(super) clause: Result<Clause, String>,
    /// Where it stands.
    pub(super) place: Place,
    /// The line it is for: its own, or, if it stands alone, the next one with content.
    pub(super) anchor: usize,
}

/// The suppressing comments of a text.
pub(super) fn all(text: &str, parsed: &Parsed<'_>) -> Vec<Comment> {
    let mut found = Vec::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let here = start;
        start += line.len();
        let Some((at, words)) = suppression(line) else { continue };
        if is_content(parsed, here + at) {
            continue;
        }
        let number = index + 1;
        let alone = line[..at].trim().trim_start_matches("---").trim().is_empty();
        let end = here + line.trim_end().len();
        let column = line[..at].chars().count() + 1;
        found.push(Comment {
            clause: Clause::with_rules(words),
            place: Place { line: number, column, start: here + at, end, exact: true },
            anchor: if alone { number + lines_to_content(&text[start..]) } else { number },
        });
    }
    found
}

/// The byte of the `#` and the words behind the mark, if the line has such a comment.
fn suppression(line: &str) -> Option<(usize, &str)> {
    let mark = line.find(MARK)?;
    let before = line[..mark].trim_end();
    let at = before.len().checked_sub(1).filter(|_| before.ends_with('#'))?;
    let opens = at == 0 || line[..at].ends_with([' ', '\t']);
    opens.then(|| (at, line[mark + MARK.len()..].trim()))
}

/// How many lines until one that holds more than a comment.
fn lines_to_content(rest: &str) -> usize {
    let empty = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line == "---"
    };
    rest.lines().take_while(empty).count() + 1
}

/// Whether the byte at `offset` belongs to a value: a `#` in a string is no comment.
fn is_content(parsed: &Parsed<'_>, offset: usize) -> bool {
    fn within(node: &Node<'_>, offset: usize) -> bool {
        // What came through an alias was written elsewhere, where it is seen, too.
        if node.aliased || !node.span.range().contains(&offset) {
            return false;
        }
        match (node.as_mapping(), node.as_sequence()) {
            (Some(pairs), _) => pairs.iter().any(|(key, value)| within(key, offset) || within(value, offset)),
            (_, Some(items)) => items.iter().any(|item| within(item, offset)),
            _ => true,
        }
    }
    parsed.documents.iter().any(|document| within(&document.root, offset))
}
