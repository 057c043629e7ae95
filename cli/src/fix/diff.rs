//! Unified diffs, as `git apply` and `patch` take them.

use std::io::{self, Write};

use similar::TextDiff;

/// Writes what changes in the file `name`.
///
/// # Errors
/// An output that cannot be written.
pub(super) fn write(name: &str, old: &str, new: &str, out: &mut dyn Write) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    // Those programs know one line break. A lone carriage return is a character to them.
    let (old_lines, new_lines): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let name = name.trim_start_matches("./").trim_start_matches('/');
    // What is behind a tab is no part of the name.
    let end = if name.contains(char::is_whitespace) { "\t" } else { "" };
    let (from, to) = (format!("a/{name}{end}"), format!("b/{name}{end}"));
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old_lines, &new_lines);
    diff.unified_diff().header(&from, &to).to_writer(out)
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
