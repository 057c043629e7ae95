//! Breaks lines at the width of a terminal.

use lint::escape::one_line;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The narrowest text that is broken: in less, every word would stand alone.
const NARROWEST: usize = 24;
/// The margin of a text that does not fit behind its start.
const INDENT: &str = "      ";

/// The text in lines of at most `width` columns less the `indent` that whoever prints it puts before each of them. A
/// line is longer only where a single word is.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> Vec<String> {
    let options = Options::new(width.saturating_sub(indent).max(NARROWEST))
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    // What was harmless within a line may be a command of a CI service at the start of one.
    textwrap::wrap(text, options).iter().map(|line| one_line(line)).collect()
}

/// A line of `first` and `text`; where a terminal is too narrow for it, the text goes on below its own start.
pub(crate) fn hanging(first: &str, text: &str, terminal: Option<usize>) -> String {
    let start = first.chars().count();
    let longest = text.split(' ').map(|word| word.chars().count()).max().unwrap_or_default();
    match terminal {
        Some(width) if start + longest.max(NARROWEST) > width && start + text.chars().count() > width => {
            let lines = wrapped(text, width, INDENT.len());
            format!("{}\n{INDENT}{}", first.trim_end(), lines.join(&format!("\n{INDENT}")))
        }
        Some(width) => {
            let margin = format!("\n{:start$}", "");
            format!("{first}{}", wrapped(text, width, start).join(&margin))
        }
        None => format!("{first}{text}"),
    }
}

#[cfg(test)]
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
    fn text_goes_on_below_its_start() {
        for (width, expected) in [
            (None, "id  Containers of a pod are not privileged"),
            (Some(36), "id  Containers of a pod are not\n    privileged"),
            (Some(27), "id\n      Containers of a pod are\n      not privileged"),
        ] {
            assert_eq!(hanging("id  ", "Containers of a pod are not privileged", width), expected);
        }
    }

    #[test]
    fn a_broken_line_starts_no_command() {
        let text = format!("{} ::error::x", "x".repeat(30));
        assert!(wrapped(&text, 30, 0)[1].starts_with("\\u{3a}:error::x"));
    }
}
