//! Unified diffs, as `git apply` and `patch` take them, and in colours for people.

use std::io::{self, Write};

use similar::TextDiff;

use crate::report::paint::{BOLD, painted};
use lint::escape::{is_hidden, spell};

/// Writes what changes in the file `name`.
///
/// # Errors
/// An output that cannot be written.
pub(crate) fn write(name: &str, old: &str, new: &str, out: &mut dyn Write) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let name = name.trim_start_matches("./").trim_start_matches('/');
    let header = |side: &str| {
        let name = quoted(&format!("{side}/{name}"));
        // What is behind a tab is no part of the name.
        let end = if name.contains(char::is_whitespace) { "\t" } else { "" };
        name + end
    };
    write_plain(old, new, Some((header("a"), header("b"))), out)
}

/// Writes a diff; its header names both sides, if they have names.
fn write_plain(old: &str, new: &str, names: Option<(String, String)>, out: &mut dyn Write) -> io::Result<()> {
    // `git apply` and `patch` know one line break. A lone carriage return is a character to them.
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
    let mut unified = diff.unified_diff();
    if let Some((from, to)) = names {
        unified.header(&from, &to);
    }
    unified.to_writer(out)
}

/// Writes what changes without a header, for people.
///
/// # Errors
/// An output that cannot be written.
pub(super) fn write_hunks(old: &str, new: &str, colours: bool, out: &mut dyn Write) -> io::Result<()> {
    let mut plain = Vec::new();
    write_plain(old, new, None, &mut plain)?;
    for line in String::from_utf8_lossy(&plain).lines() {
        writeln!(out, "{}", painted(&visible(line), colour(line), colours))?;
    }
    Ok(())
}

/// Writes what changes in the file `name` in colours. Characters that cannot be seen are spelled out, so what is shown
/// is for eyes and not for `git apply`.
///
/// # Errors
/// An output that cannot be written.
pub(super) fn write_coloured(name: &str, old: &str, new: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut plain = Vec::new();
    write(name, old, new, &mut plain)?;
    for (index, line) in String::from_utf8_lossy(&plain).lines().enumerate() {
        writeln!(out, "{}", painted(&visible(line), if index < 2 { BOLD } else { colour(line) }, true))?;
    }
    Ok(())
}

/// The colour of a line of a hunk.
fn colour(line: &str) -> &'static str {
    match line.bytes().next() {
        Some(b'@') => CYAN,
        Some(b'+') => GREEN,
        Some(b'-') => RED,
        _ => PLAIN,
    }
}

/// The colours of git's diffs.
const PLAIN: &str = "0";
const RED: &str = "31";
const GREEN: &str = "32";
const CYAN: &str = "36";

/// A line for a terminal: what could move the cursor or hide text is spelled out.
fn visible(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if is_hidden(c) && c != '\t' { spell(c, &mut out) } else { out.push(c) }
    }
    out
}

/// A file name as git writes it (`core.quotePath=false`): in quotes and with C's escapes if it holds a quote, a
/// backslash or anything that cannot be seen, which could begin the header of another file.
fn quoted(name: &str) -> String {
    if !name.contains(|c| c == '"' || c == '\\' || is_hidden(c)) {
        return name.to_owned();
    }
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let mut bytes = [0; 4];
                for byte in c.encode_utf8(&mut bytes).bytes() {
                    out.push_str(&format!("\\{byte:03o}"));
                }
            }
            c => out.push(c),
        }
    }
    out + "\""
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn diff(name: &str, old: &str, new: &str) -> String {
        let mut out = Vec::new();
        write(name, old, new, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn s16_names_are_quoted_as_git_does() {
        for (name, expected) in [
            ("a.yaml", "a.yaml"),
            ("é.yaml", "é.yaml"),
            ("a\n--- a/Makefile\n", r#""a\n--- a/Makefile\n""#),
            ("a\u{1b}\"\\\t", r#""a\033\"\\\t""#),
            ("a\u{202e}", r#""a\342\200\256""#),
        ] {
            assert_eq!(quoted(name), expected);
        }
        let out = diff("x\n+++ b/Makefile\n@@ -1 +1 @@\n-a\n+b", "a\n", "b\n");
        assert_eq!(out.lines().count(), 5, "{out}");
    }

    #[test]
    fn in_colours_nothing_moves_the_cursor() {
        let mut out = Vec::new();
        write_coloured("a.yaml", "a: \u{1b}[2J\r\n\tb\r\n", "a: c\r\n\tb\r\n", &mut out).unwrap();
        let lines = "\u{1b}[1m--- a/a.yaml\u{1b}[0m\n\u{1b}[1m+++ b/a.yaml\u{1b}[0m\n\u{1b}[36m@@ -1,2 +1,2 @@\u{1b}[0m\n\
            \u{1b}[31m-a: \\u{1b}[2J\u{1b}[0m\n\u{1b}[32m+a: c\u{1b}[0m\n\u{1b}[0m \tb\u{1b}[0m\n";
        assert_eq!(String::from_utf8(out).unwrap(), lines);
    }

    #[test]
    fn lines_of_a_diff() {
        assert_eq!(diff("a.yaml", "a\n", "a\n"), "");
        assert_eq!(
            diff("./a b.yaml", "a\r\nb\r\n", "a\r\nc\r\nb\r\n"),
            "--- a/a b.yaml\t\n+++ b/a b.yaml\t\n@@ -1,2 +1,3 @@\n a\r\n+c\r\n b\r\n"
        );
        assert_eq!(
            diff("/x/a.yaml", "a", "a\nb"),
            "--- a/x/a.yaml\n+++ b/x/a.yaml\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"
        );
    }
}
