//! Integration with shells and systems: completions, manual pages, and being called as a plugin of kubectl.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::Path;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

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

/// Writes the manual page of the program, or of one of its commands; gives `false`, with a hint on `err`, if
/// there is none of that name.
///
/// # Errors
/// Fails if `out` or `err` cannot be written.
pub fn man(mut command: Command, of: Option<&str>, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<bool> {
    command.build();
    let Some(name) = of else {
        return Man::new(command).render(out).map(|()| true);
    };
    let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    match command.get_subcommands().find(|command| command.get_name() == name) {
        Some(found) => Man::new(found.clone()).render(out).map(|()| true),
        None => {
            lint::escape::write_error(
                err,
                format_args!("there is no command {name}{}", lint::suggest::among(name, &known)),
            )?;
            Ok(false)
        }
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
