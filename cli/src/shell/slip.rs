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
            if is_path(word) {
                let tip = StyledStr::from(format!("did you mean `harden check {word}`?"));
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
                error.remove(ContextKind::SuggestedSubcommand);
            }
        }
        ErrorKind::UnknownArgument => {
            error.remove(ContextKind::Suggested);
        }
        _ => {}
    }
    error
}

/// Whether a word was meant as a file or folder, or as standard input.
fn is_path(word: &str) -> bool {
    word == "-" || word.contains('/') || word.ends_with(".yaml") || word.ends_with(".yml") || Path::new(word).exists()
}
