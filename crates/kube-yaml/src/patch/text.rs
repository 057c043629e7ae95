//! Lines, white space and comments of a text.

/// The beginning of a comment for harden, which belongs to the line below.
const MARK: &str = "harden: ignore";

/// The first byte of the line that `at` is on.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(['\n', '\r']).map_or(0, |found| found + 1)
}

/// The end of the line that `at` is on, before its line break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find(['\n', '\r']).map_or(text.len(), |found| at + found)
}

/// The byte behind the line break at `at`, which is the end of a line.
pub(super) fn after_break(text: &str, at: usize) -> usize {
    at + line_break(text, at).len()
}

/// The line break at the end of a line; empty at the end of the text.
fn line_break(text: &str, at: usize) -> &str {
    let rest = &text[at..];
    let len = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with(['\n', '\r'])) };
    &rest[..len]
}

/// The end of the line before the one that starts at `start`; `None` for the first line.
pub(super) fn previous_line_end(text: &str, start: usize) -> Option<usize> {
    let before = &text[..start];
    let len = if before.ends_with("\r\n") { 2 } else { usize::from(before.ends_with(['\n', '\r'])) };
    (len > 0).then(|| start - len)
}

/// The line break to write near `at`: that of its line, or else of the line before.
pub(super) fn break_near(text: &str, at: usize) -> &str {
    let own = line_break(text, line_end(text, at));
    if !own.is_empty() {
        return own;
    }
    match previous_line_end(text, line_start(text, at)) {
        Some(end) => line_break(text, end),
        None => "\n",
    }
}

/// The white space a line starts with.
pub(super) fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether only white space stands before `at` on its line.
pub(super) fn is_first_on_line(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].bytes().all(|byte| matches!(byte, b' ' | b'\t'))
}

/// The first byte that is neither a space nor a tab.
pub(super) fn skip_blanks(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches([' ', '\t']).len()
}

/// Where white space that ends at `at` begins, on the same line and not before `from`.
pub(super) fn trim_blanks_back(text: &str, from: usize, at: usize) -> usize {
    from + text[from..at].trim_end_matches([' ', '\t']).len()
}

/// The first byte that is neither white space nor comment.
pub(super) fn skip_trivia(text: &str, mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        if !text[at..].starts_with('#') {
            return at;
        }
        at = line_end(text, at);
    }
}

/// The first byte of the next line that is not blank: of content or of a comment.
pub(super) fn next_written(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    at + rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len()
}

/// The comment on the rest of a line, `None` when something else stands there.
pub(super) fn rest_of_line(text: &str, at: usize) -> Option<&str> {
    let rest = text[at..line_end(text, at)].trim_matches([' ', '\t']);
    (rest.is_empty() || rest.starts_with('#')).then_some(rest)
}

/// The end of the last of the comments behind `end` that belong, by their indentation, to a mapping whose keys
/// stand at `indent`; `end` without any. What follows a document at its margin is about nothing in it, and a
/// suppression is about the line below it.
pub(super) fn behind_own_comments(text: &str, mut end: usize, indent: usize) -> usize {
    loop {
        let at = next_written(text, end);
        let line = &text[at..line_end(text, at)];
        let is_own = line.starts_with('#') && indentation(text, at).len() >= indent.max(1) && !line.contains(MARK);
        if !is_own {
            return end;
        }
        end = at + line.len();
    }
}

/// The line of a byte, from 1.
pub(super) fn line_number(text: &str, at: usize) -> usize {
    let before = &text[..at];
    let returns = before.matches('\r').count() - before.matches("\r\n").count();
    before.matches('\n').count() + returns + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_of_all_kinds() {
        for (text, end, after) in [("ab\ncd", 2, 3), ("ab\r\ncd", 2, 4), ("ab\rcd", 2, 3), ("abcd", 4, 4)] {
            assert_eq!((line_end(text, 1), after_break(text, end)), (end, after), "{text:?}");
        }
        assert_eq!(break_near("a\r\nb", 3), "\r\n");
        assert_eq!(break_near("ab", 1), "\n");
        assert_eq!(previous_line_end("a\r\nb", 3), Some(1));
        assert_eq!(previous_line_end("a", 0), None);
        assert_eq!(line_number("a\r\nb\rc\nd", 7), 4);
    }

    #[test]
    fn trivia() {
        assert_eq!(skip_trivia("a # b\n\n  # c\n d", 1), 14);
        assert_eq!(next_written("a\n\n  # c", 1), 5);
        assert_eq!(rest_of_line("a # b\nc", 1), Some("# b"));
        assert_eq!(rest_of_line("a b", 1), None);
        assert_eq!(rest_of_line("a  ", 1), Some(""));
        let text = "  a: b\n\n    # b\n  # a\n # c\n# d\n";
        for (indent, end) in [(2, 21), (3, 15), (5, 6), (1, 26), (0, 26)] {
            assert_eq!(behind_own_comments(text, 6, indent), end, "{indent}");
        }
    }
}
