//! What the terminal can show.

use std::env;
use std::io::{self, IsTerminal};

use clap::ValueEnum;

use crate::report::Style;

/// How `harden check` writes to its terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    /// How a report on standard output looks.
    pub style: Style,
    /// Whether standard error is a terminal, for the progress bar.
    pub progress: bool,
}

/// When something is shown that not every terminal takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal that takes it
    #[default]
    Auto,
    /// Even in a file
    Always,
    /// Not at all
    Never,
}

impl When {
    /// Whether it is shown, if `auto` is what the terminal says.
    fn or(self, auto: bool) -> bool {
        match self {
            When::Auto => auto,
            When::Always => true,
            When::Never => false,
        }
    }
}

impl Console {
    /// What this process has, and what its user wants.
    pub fn detect(color: When, links: When) -> Console {
        let is_terminal = io::stdout().is_terminal();
        let size = if is_terminal { terminal_size::terminal_size() } else { None };
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let style = Style {
            colours: color.or(colours(&variable, is_terminal)),
            hyperlinks: links.or(is_terminal && hyperlinks(&variable)),
            width: size.map(|(width, _)| usize::from(width.0)),
            ..Style::default()
        };
        Console { style, progress: io::stderr().is_terminal() }
    }
}

/// See <https://no-color.org> and <https://bixense.com/clicolors>.
fn colours(variable: &dyn Fn(&str) -> Option<String>, is_terminal: bool) -> bool {
    let is_forced = || variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let is_able = || variable("TERM").is_none_or(|term| term != "dumb");
    variable("NO_COLOR").is_none() && (is_forced() || (is_terminal && is_able()))
}

/// Terminals that say who they are and are known to take OSC 8; others might print it.
fn hyperlinks(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    const PROGRAMS: [&str; 5] = ["iTerm.app", "WezTerm", "ghostty", "vscode", "Hyper"];
    const TERMS: [&str; 6] = ["xterm-kitty", "alacritty", "foot", "wezterm", "xterm-ghostty", "contour"];
    const MARKS: [&str; 3] = ["WT_SESSION", "KONSOLE_VERSION", "DOMTERM"];
    /// GNOME's terminal widget takes links since 0.50.
    const VTE: u32 = 5000;
    if let Some(forced) = variable("FORCE_HYPERLINK") {
        return forced != "0";
    }
    let term = variable("TERM").unwrap_or_default();
    if term == "dumb" || term.starts_with("screen") || term.starts_with("tmux") || variable("CI").is_some() {
        return false;
    }
    TERMS.iter().any(|known| term.starts_with(known))
        || variable("TERM_PROGRAM").is_some_and(|program| PROGRAMS.contains(&program.as_str()))
        || MARKS.iter().any(|mark| variable(mark).is_some())
        || variable("VTE_VERSION").and_then(|version| version.parse().ok()).is_some_and(|version: u32| version >= VTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_only_where_they_are_known_to_work() {
        for (variables, expected) in [
            (&[][..], false),
            (&[("TERM", "xterm-256color")], false),
            (&[("TERM", "xterm-kitty")], true),
            (&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")], true),
            (&[("VTE_VERSION", "4500")], false),
            (&[("TERM_PROGRAM", "WezTerm")], true),
            (&[("TERM_PROGRAM", "WezTerm"), ("TERM", "tmux-256color")], false),
            (&[("TERM_PROGRAM", "vscode"), ("CI", "true")], false),
            (&[("FORCE_HYPERLINK", "1")], true),
            (&[("TERM", "xterm-kitty"), ("FORCE_HYPERLINK", "0")], false),
        ] {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(hyperlinks(&variable), expected, "{variables:?}");
        }
    }

    #[test]
    fn colours_are_for_terminals_unless_somebody_says_otherwise() {
        for (variables, terminal, expected) in [
            (&[][..], true, true),
            (&[], false, false),
            (&[("NO_COLOR", "1")], true, false),
            (&[("TERM", "dumb")], true, false),
            (&[("CLICOLOR_FORCE", "1")], false, true),
            (&[("CLICOLOR_FORCE", "0")], false, false),
            (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, false),
        ] {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(colours(&variable, terminal), expected, "{variables:?} {terminal}");
        }
    }
}
