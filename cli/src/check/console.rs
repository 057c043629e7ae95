//! What the terminal can show.

use std::env;
use std::io::{self, IsTerminal};

use crate::report::Style;

/// How `harden check` writes to its terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    /// How a report on standard output looks.
    pub style: Style,
    /// Whether standard error is a terminal, for the progress bar.
    pub progress: bool,
}

impl Console {
    /// What this process has: colours unless `NO_COLOR` is set, links where the terminal is known to take them.
    pub fn detect() -> Console {
        let progress = io::stderr().is_terminal();
        if !io::stdout().is_terminal() {
            return Console { progress, ..Console::default() };
        }
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let style = Style { colours: colours(&variable), hyperlinks: hyperlinks(&variable), width, ..Style::default() };
        Console { style, progress }
    }
}

/// See <https://no-color.org>.
fn colours(variable: &dyn Fn(&str) -> Option<String>) -> bool {
    variable("NO_COLOR").is_none() && variable("TERM").is_none_or(|term| term != "dumb")
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
    fn no_color_and_dumb_terminals_get_none() {
        assert!(colours(&|_| None));
        assert!(!colours(&|name| (name == "NO_COLOR").then(|| "1".to_owned())));
        assert!(!colours(&|name| (name == "TERM").then(|| "dumb".to_owned())));
    }
}
