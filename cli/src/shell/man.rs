//! Manual pages.

use std::io::Write;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use lint::suggest;

use crate::error::Error;

/// How the parts of the text below a command's help begin, and the sections of the page that they become.
const SECTIONS: [(&str, &str); 2] = [("Examples", "EXAMPLES"), ("Exit codes", "EXIT STATUS")];

/// Writes the manual page of the program, or of one of its commands.
///
/// # Errors
/// An unknown command; an output that cannot be written.
pub fn man(mut command: Command, of: Option<&str>, out: &mut dyn Write) -> Result<(), Error> {
    command.build();
    let Some(name) = of else {
        return page(command, out);
    };
    let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    match command.get_subcommands().find(|command| command.get_name() == name) {
        Some(found) => page(found.clone(), out),
        None => Err(Error::Unknown { what: "command", name: name.to_owned(), hint: suggest::among(name, &known) }),
    }
}

fn page(command: Command, out: &mut dyn Write) -> Result<(), Error> {
    let below = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (has_commands, has_version) = (command.has_subcommands(), command.get_version().is_some());
    let page = Man::new(command);
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    if has_commands {
        page.render_subcommands_section(out)?;
    }
    for part in below.split("\n\n") {
        section(part, out)?;
    }
    if has_version {
        page.render_version_section(out)?;
    }
    Ok(())
}

/// Writes a part of the text below the help, whose first line names it, as a section. Lines stay as they are.
fn section(part: &str, out: &mut dyn Write) -> Result<(), Error> {
    let Some((head, text)) = part.split_once(':') else { return Ok(()) };
    let known = SECTIONS.iter().find(|(start, _)| head.starts_with(start));
    let title = known.map_or_else(|| head.to_uppercase(), |(_, title)| (*title).to_owned());
    let mut roff = Roff::new();
    roff.control("SH", [title.as_str()]);
    roff.control("nf", []);
    for line in text.trim_matches('\n').lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    Ok(roff.to_writer(out)?)
}
