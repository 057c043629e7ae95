//! Suppressions in comments: `# harden: ignore[rule] reason`.

use super::clause::{Clause, Invalid};
use crate::finding::{MARK, Place};
use kube_yaml::yaml::{Node, Parsed};

/// A comment that suppresses.
#[derive(Debug)]
pub(super) struct Comment {
    /// Its clauses.
    pub(super) clause: Result<Clause, Invalid>,
    /// Where it stands.
    pub(super) place: Place,
    /// The line it is for: its own, or, if it stands alone, the next one with content.
    pub(super) anchor: usize,
}

/// The suppressing comments of a text.
pub(super) fn all(text: &str, parsed: &Parsed<'_>) -> Vec<Comment> {
    let mut found: Vec<Comment> = Vec::new();
    // From here on they stand alone and the line that they are for has not been seen.
    let mut open = 0;
    let mut start = 0;
    let mut lines = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let here = start;
        start += line.len();
        let number = index + 1;
        lines = number;
        if has_content(line) {
            found[open..].iter_mut().for_each(|comment| comment.anchor = number);
            open = found.len();
        }
        let Some((at, words)) = suppression(line) else { continue };
        if is_content(parsed, here + at) {
            continue;
        }
        let alone = line[..at].trim().trim_start_matches("---").trim().is_empty();
        let end = here + line.trim_end().len();
        let column = line[..at].chars().count() + 1;
        found.push(Comment {
            clause: Clause::with_rules(words),
            place: Place { line: number, column, start: here + at, end, exact: true },
            anchor: number,
        });
        if !alone {
            open = found.len();
        }
    }
    found[open..].iter_mut().for_each(|comment| comment.anchor = lines + 1);
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

/// Whether a line holds more than a comment.
fn has_content(line: &str) -> bool {
    let line = line.trim();
    !(line.is_empty() || line.starts_with('#') || line == "---")
}

/// Whether the byte at `offset` belongs to a value: a `#` in a string does not begin a comment.
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
    let behind = parsed.documents.partition_point(|document| document.root.span.start as usize <= offset);
    behind.checked_sub(1).is_some_and(|document| within(&parsed.documents[document].root, offset))
}
