//! Integration with shells and systems: completions, manual pages, and being called as a plugin of kubectl.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;
use lint::suggest;

use crate::error::Error;

/// The name that `kubectl` finds a plugin by.
pub const PLUGIN: &str = "kubectl-harden";

/// Whether the program was called by `kubectl`, or as it does.
pub fn is_plugin(program: Option<&OsStr>) -> bool {
    let name = program.and_then(|program| Path::new(program).file_stem());
    name.is_some_and(|name| name == PLUGIN || name == "kubectl_harden")
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
pub fn completions(mut command: Command, shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "harden", &mut script);
    out.write_all(&script)
}

/// Writes the manual page of the program, or of one of its commands.
///
/// # Errors
/// An unknown command; an output that cannot be written.
pub fn man(mut command: Command, of: Option<&str>, out: &mut dyn Write) -> Result<(), Error> {
    command.build();
    let Some(name) = of else {
        return Ok(Man::new(command).render(out)?);
    };
    let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    match command.get_subcommands().find(|command| command.get_name() == name) {
        Some(found) => Ok(Man::new(found.clone()).render(out)?),
        None => Err(Error::Unknown { what: "command", name: name.to_owned(), hint: suggest::among(name, &known) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_known_by_its_name() {
        for (program, expected) in [
            (Some("/usr/local/bin/kubectl-harden"), true),
            (Some("kubectl-harden.exe"), true),
            (Some("harden"), false),
            (Some("/opt/kubectl-harden/harden"), false),
            (None, false),
        ] {
            assert_eq!(is_plugin(program.map(OsStr::new)), expected, "{program:?}");
        }
    }
}
