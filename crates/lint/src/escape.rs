//! Keeps text of manifests, paths, policies and configurations in its place.
//!
//! Every line that is printed for people and holds what somebody else wrote goes through [`one_line`]; the reports'
//! own escapes are in `report::escape`.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

/// One line for a terminal or a log. Control characters, invisible ones and line breaks, which could move the cursor,
/// hide text or begin a line of their own, are spelled out; what a CI service would take for a command is broken.
pub fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let indent = text.len() - text.trim_start().len();
    for (at, c) in text.char_indices() {
        // GitHub reads `::command::` at the start of a line, whatever blanks are before it.
        let starts_command = at == indent && text[at..].starts_with("::") || is_command(&text[at..]);
        if is_hidden(c) || starts_command {
            spell(c, &mut out);
        } else {
            out.push(c);
        }
    }
    out
}

/// Whether a command that Azure Pipelines, TeamCity or GitHub's older syntax finds anywhere in a line begins here.
pub fn is_command(text: &str) -> bool {
    text.starts_with("##") && ["##[", "##vso[", "##teamcity["].iter().any(|command| text.starts_with(command))
}

/// Writes a character as its escape, `\n` or `\u{1b}`.
pub fn spell(c: char, out: &mut String) {
    if c.is_ascii() && !c.is_ascii_control() {
        // Writing to a string does not fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.extend(c.escape_default());
    }
}

/// Control characters, line separators, and characters without a shape, such as those that turn the direction of the
/// text round.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes `error: message` as one line to standard error.
///
/// # Errors
/// What writing to `err` says.
pub fn write_error(err: &mut dyn Write, message: impl Display) -> io::Result<()> {
    write_line(err, format_args!("error: {message}"))
}

/// Writes one line, whatever `text` holds.
///
/// # Errors
/// What writing to `out` says.
pub fn write_line(out: &mut dyn Write, text: impl Display) -> io::Result<()> {
    writeln!(out, "{}", one_line(&text.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_spelled_out() {
        assert_eq!(one_line("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
        assert_eq!(one_line("a\u{9b}\u{2028}\u{feff}é"), "a\\u{9b}\\u{2028}\\u{feff}é");
    }

    #[test]
    fn s9_nothing_is_a_command_of_a_ci_service() {
        for (text, expected) in [
            ("::error::x", "\\u{3a}:error::x"),
            (" \u{a0}::stop-commands::x", " \u{a0}\\u{3a}:stop-commands::x"),
            ("a ::error::x", "a ::error::x"),
            ("a ##[add-mask]x", "a \\u{23}#[add-mask]x"),
            ("###[x", "#\\u{23}#[x"),
            ("##vso[task.complete]", "\\u{23}#vso[task.complete]"),
            ("## heading", "## heading"),
            ("a::b", "a::b"),
        ] {
            assert_eq!(one_line(text), expected);
        }
    }
}
