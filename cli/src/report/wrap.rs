//! Breaks lines at the width of a terminal: all of them in [`Folding`], and before it those that a frame surrounds.

use std::io::{self, Write};
use std::mem;

use lint::escape::one_line;
use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The narrowest text that is broken: in less, every word would stand alone.
const NARROWEST: usize = 24;
/// Blanks before what continues a line, beside those that the line itself has.
const HANGING: usize = 4;

/// How lines are broken: only between words.
fn options(width: usize) -> Options<'static> {
    Options::new(width.max(NARROWEST))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

/// The text in lines of at most `width` columns less the `indent` that whoever prints it puts before each of them. A
/// line is longer only where a single word is.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    // What was harmless within a line may be a command of a CI service at the start of one.
    textwrap::wrap(text, options(width.saturating_sub(indent))).iter().map(|line| one_line(line)).collect()
}

/// Passes text for people on, its lines broken at the width of the terminal; without a terminal as it is.
#[derive(Debug)]
pub struct Folding<W> {
    out: W,
    /// Columns of the terminal, if it is one.
    terminal: Option<usize>,
    /// The start of a line whose end is not written yet.
    line: Vec<u8>,
}

impl<W: Write> Folding<W> {
    /// Passes text on to `out`.
    pub fn new(out: W, terminal: Option<usize>) -> Folding<W> {
        Folding { out, terminal, line: Vec::new() }
    }
}

impl<W: Write> Write for Folding<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(width) = self.terminal else { return self.out.write(bytes) };
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = mem::take(&mut self.line);
                match str::from_utf8(&line) {
                    Ok(line) => self.out.write_all(folded(line, width).as_bytes())?,
                    Err(_) => self.out.write_all(&line)?,
                }
            }
        }
        Ok(bytes.len())
    }

    /// Passes on what was written; a line that has no end yet, such as a question, as it is.
    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&mem::take(&mut self.line))?;
        self.out.flush()
    }
}

/// The line, with its break, as lines of at most `width` columns. The last column of a table goes on below its start where
/// there is room for it, everything else a little to the right of the line's own start.
fn folded(line: &str, width: usize) -> String {
    let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
    if display_width(line) <= width {
        return format!("{line}{end}");
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    let column = line[indent..].rfind("  ").map(|at| line.split_at(indent + at + 2));
    let Some((first, text)) = column.filter(|(_, text)| !text.is_empty()) else {
        let marker = ["- ", "* ", "+ ", "| "].into_iter().any(|marker| line[indent..].starts_with(marker));
        let hanging = if marker { indent + 2 } else { indent + HANGING };
        return hung(&line[..indent], &line[indent..], hanging, width) + end;
    };
    let start = display_width(first);
    let longest = text.split(' ').map(display_width).max().unwrap_or_default();
    if start + longest.max(NARROWEST.min(display_width(text))) <= width {
        return hung(first, text, start, width) + end;
    }
    let below = " ".repeat(indent + HANGING);
    folded(&format!("{}\n", first.trim_end()), width) + &hung(&below, text, below.len(), width) + end
}

/// Lines of `first` and `text`, which goes on `hanging` columns from the left.
fn hung(first: &str, text: &str, hanging: usize, width: usize) -> String {
    let margin = " ".repeat(hanging);
    let options = options(width).initial_indent(first).subsequent_indent(&margin);
    let lines = textwrap::wrap(text, options).into_iter().map(|line| {
        let (blanks, words) = line.split_at(line.len() - line.trim_start_matches(' ').len());
        // Within the line it was no command of a CI service; what is one anywhere was escaped before.
        if words.starts_with("::") { format!("{blanks}{}", one_line(words)) } else { line.into_owned() }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        let text = "read-only-root-filesystem of a container must be true";
        assert_eq!(wrapped(text, 34, 4), ["read-only-root-filesystem of a", "container must be true"]);
        assert_eq!(wrapped(&"x".repeat(50), 30, 0), ["x".repeat(50)]);
        assert_eq!(wrapped(text, 0, 9).len(), 3);
    }

    #[test]
    fn what_does_not_fit_goes_on_below() {
        let table = "  id  Containers of a pod are not privileged";
        for (line, width, expected) in [
            (table, 80, table),
            (table, 38, "  id  Containers of a pod are not\n      privileged"),
            (table, 29, "  id\n      Containers of a pod are\n      not privileged"),
            ("a.yaml: two fixed, and one of them is left", 30, "a.yaml: two fixed, and one of\n    them is left"),
            ("  - `key`: what it is there for, in words", 30, "  - `key`: what it is there\n    for, in words"),
            (
                "\u{1b}[1;31mexactly thirty columns wide..\u{1b}[0m",
                29,
                "\u{1b}[1;31mexactly thirty columns wide..\u{1b}[0m",
            ),
        ] {
            assert_eq!(folded(line, width), expected);
            assert_eq!(folded(&format!("{line}\n"), width), format!("{expected}\n"));
        }
    }

    #[test]
    fn only_whole_lines_are_folded_and_only_on_a_terminal() {
        let write = |terminal| {
            let mut out = Vec::new();
            let mut folding = Folding::new(&mut out, terminal);
            folding.write_all(b"one line of words, in").unwrap();
            folding.write_all(b" two parts\nFix this? [y").unwrap();
            folding.flush().unwrap();
            folding.write_all(b"]\n").unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(write(None), "one line of words, in two parts\nFix this? [y]\n");
        assert_eq!(write(Some(26)), "one line of words, in two\n    parts\nFix this? [y]\n");
    }

    #[test]
    fn a_broken_line_starts_no_command() {
        let text = format!("{} ::error::x", "x".repeat(30));
        assert!(wrapped(&text, 30, 0)[1].starts_with("\\u{3a}:error::x"));
        assert!(folded(&text, 30).ends_with("\n    \\u{3a}:error::x"), "{}", folded(&text, 30));
    }
}
