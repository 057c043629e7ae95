//! Completion of revisions: the branches and tags of the repository that the user is in when they press the key.

use std::path::Path;

use clap::{Arg, Command};
use clap_complete::Shell;

use crate::git;

/// The arguments whose values are revisions.
const ARGS: [&str; 1] = ["since"];

/// Stands in a script where the names belong.
const PLACEHOLDER: &str = "HARDEN_REVISIONS";

/// Whether the values of an argument are revisions.
pub(super) fn takes(arg: &Arg) -> bool {
    ARGS.contains(&arg.get_id().as_str())
}

/// The names of the branches and tags here.
pub(super) fn names() -> Vec<String> {
    git::names(Path::new("."))
}

/// The command whose revisions are placeholders, for the generator of a script.
pub(super) fn marked(command: Command) -> Command {
    let command = command.mut_args(|arg| if takes(&arg) { arg.value_parser([PLACEHOLDER]) } else { arg });
    command.mut_subcommands(marked)
}

/// The script that asks git where the placeholders are. Shells whose scripts complete no values have none.
pub(super) fn filled(script: &str, shell: Shell) -> String {
    let asked = format!("git {} 2>/dev/null", git::NAMES.join(" "));
    match shell {
        Shell::Bash => script.replace(&format!("\"{PLACEHOLDER}\""), &format!("\"$({asked})\"")),
        Shell::Zsh => script.replace(&format!("({PLACEHOLDER})"), &format!("{{compadd -- $({asked})}}")),
        Shell::Fish => script.replace(&format!("\"{PLACEHOLDER}\\t''\""), &format!("\"({asked})\"")),
        _ => script.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_script_offers_the_placeholder() {
        let check = Command::new("check").arg(Arg::new("since").long("since"));
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            let command = Command::new("harden").subcommand(check.clone());
            clap_complete::generate(shell, &mut marked(command), "harden", &mut script);
            let script = filled(&String::from_utf8_lossy(&script), shell);
            assert!(!script.contains(PLACEHOLDER), "{script}");
            let asks = matches!(shell, Shell::Bash | Shell::Zsh | Shell::Fish);
            assert_eq!(script.contains("git rev-parse"), asks, "{shell}: {script}");
        }
    }
}
