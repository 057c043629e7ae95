//! Command lines that are nearly right.

use std::path::Path;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Says of a wrong command line what was probably meant: `harden check PATH` for `harden PATH`. Advice that leads nowhere
/// is left out: no file is called like an option.
pub fn explain(mut error: clap::Error) -> clap::Error {
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return error };
            let meant = match word.as_str() {
                "lint" | "scan" | "validate" => "check".to_owned(),
                word if is_path(word) => format!("check {word}"),
                _ => return error,
            };
            error.remove(ContextKind::SuggestedSubcommand);
            with_tip(error, &format!("did you mean `harden {meant}`?"))
        }
        ErrorKind::UnknownArgument => {
            error.remove(ContextKind::Suggested);
            let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return error };
            let tip = match option.as_str() {
                "--select" | "--only" | "--rules" => "--rule RULE judges and fixes by that rule only",
                "--ignore" | "--skip" | "--exclude-rule" => {
                    "--exclude GLOB skips files; `rules: {RULE: false}` in harden.yaml switches a rule off"
                }
                _ => return error,
            };
            error.remove(ContextKind::SuggestedArg);
            with_tip(error, tip)
        }
        _ => error,
    }
}

fn with_tip(mut error: clap::Error, tip: &str) -> clap::Error {
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip.to_owned())]));
    error
}

/// Whether a word was meant as a file or folder, or as standard input.
fn is_path(word: &str) -> bool {
    word == "-" || word.contains('/') || word.ends_with(".yaml") || word.ends_with(".yml") || Path::new(word).exists()
}
