//! Integration with shells and systems: completions, manual pages, slips of the hand, and being called by kubectl.

mod kubectl;
mod man;
mod revisions;
mod slip;

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::Shell;

pub use kubectl::complete;
pub use man::man;
pub use slip::explain;

/// The name that `kubectl` finds a plugin by.
pub const PLUGIN: &str = "kubectl-harden";

/// The name by which `kubectl` asks what may stand behind `kubectl harden`.
pub const PLUGIN_COMPLETION: &str = "kubectl_complete-harden";

/// The variable by which the script of a package says what name it was called by.
pub const CALLED_AS: &str = "HARDEN_CALLED_AS";

/// Whom the program was called by, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A shell or another program.
    Shell,
    /// `kubectl`, or somebody who does as it does.
    Kubectl,
    /// `kubectl`, to complete a command line.
    KubectlCompletion,
}

impl Caller {
    /// Reads it from the program's name.
    pub fn of(program: Option<&OsStr>) -> Caller {
        match program.and_then(|program| Path::new(program).file_stem()?.to_str()) {
            Some(PLUGIN | "kubectl_harden") => Caller::Kubectl,
            Some(PLUGIN_COMPLETION) => Caller::KubectlCompletion,
            _ => Caller::Shell,
        }
    }
}

/// The command as a plugin of `kubectl` shows it: usage and examples begin with `kubectl harden`.
pub fn as_plugin(command: Command, examples: &str) -> Command {
    let lines: Vec<String> = examples.lines().map(|line| line.replacen("harden ", "kubectl harden ", 1)).collect();
    command.bin_name("kubectl harden").after_help(lines.join("\n"))
}

/// Writes the completions of a shell.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn completions(command: Command, shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut revisions::marked(command), "harden", &mut script);
    out.write_all(revisions::filled(&String::from_utf8_lossy(&script), shell).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_known_by_its_name() {
        for (program, expected) in [
            (Some("/usr/local/bin/kubectl-harden"), Caller::Kubectl),
            (Some("kubectl-harden.exe"), Caller::Kubectl),
            (Some("bin/kubectl_complete-harden"), Caller::KubectlCompletion),
            (Some("harden"), Caller::Shell),
            (Some("/opt/kubectl-harden/harden"), Caller::Shell),
            (None, Caller::Shell),
        ] {
            assert_eq!(Caller::of(program.map(OsStr::new)), expected, "{program:?}");
        }
    }
}
