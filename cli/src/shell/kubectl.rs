//! Completions of `kubectl harden`: `kubectl` runs `kubectl_complete-harden` with the words of the command line and shows
//! what it prints.

use std::io::{self, Write};

use clap::{Arg, Command};

use super::revisions;

/// The last line says what the shell adds: the names of files, or nothing (cobra's `ShellCompDirectiveNoFileComp`).
const FILES: &str = ":0";
const NOTHING: &str = ":4";

/// A word with its description, if it has one.
type Candidate = (String, String);

/// Writes what can take the place of the last of `words`, one a line, as `kubectl` reads it.
///
/// # Errors
/// Fails if `out` cannot be written.
pub fn complete(mut root: Command, words: &[String], out: &mut dyn Write) -> io::Result<()> {
    root.build();
    let (current, before) = words.split_last().map_or(("", words), |(last, before)| (last.as_str(), before));
    let candidates = candidates(&root, before, current);
    for (word, about) in candidates.iter().flatten().filter(|(word, _)| word.starts_with(current)) {
        writeln!(out, "{word}{}{about}", if about.is_empty() { "" } else { "\t" })?;
    }
    writeln!(out, "{}", if candidates.is_some() { NOTHING } else { FILES })
}

/// Everything that may stand behind the words `before`; `None` is for files.
fn candidates(root: &Command, before: &[String], current: &str) -> Option<Vec<Candidate>> {
    let mut command = root;
    let mut options_end = false;
    let mut awaits: Option<&Arg> = None;
    let mut positionals = 0;
    for word in before {
        if awaits.take().is_some() {
        } else if options_end || !word.starts_with('-') || word == "-" {
            match command.find_subcommand(word) {
                Some(found) => command = found,
                None => positionals += 1,
            }
        } else if word == "--" {
            options_end = true;
        } else {
            awaits = option(command, word).filter(|arg| arg.get_action().takes_values());
        }
    }
    if let Some(arg) = awaits {
        return values(arg, "");
    }
    if let Some((name, _)) = current.split_once('=').filter(|_| !options_end && current.starts_with("--")) {
        return values(option(command, name)?, &format!("{name}="));
    }
    if current.starts_with('-') && current != "-" && !options_end {
        return Some(options(command));
    }
    if command.has_subcommands() {
        let about = |command: &Command| command.get_about().map(ToString::to_string).unwrap_or_default();
        let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
        return Some(visible.map(|command| (command.get_name().to_owned(), about(command))).collect());
    }
    let places: Vec<&Arg> = command.get_positionals().collect();
    match places.get(positionals).or_else(|| places.last().filter(|arg| takes_many(arg))) {
        Some(arg) => values(arg, ""),
        None => Some(Vec::new()),
    }
}

/// Whether a positional argument takes any number of words.
fn takes_many(arg: &Arg) -> bool {
    arg.get_num_args().is_some_and(|count| count.max_values() > 1)
}

/// The option that a word names.
fn option<'c>(command: &'c Command, word: &str) -> Option<&'c Arg> {
    let mut args = command.get_arguments();
    match word.strip_prefix("--") {
        Some(long) => args.find(|arg| arg.get_long() == Some(long)),
        None => {
            args.find(|arg| arg.get_short().is_some_and(|short| word.strip_prefix('-') == Some(&short.to_string())))
        }
    }
}

/// The options of a command.
fn options(command: &Command) -> Vec<Candidate> {
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let about = |arg: &Arg| arg.get_help().map(ToString::to_string).unwrap_or_default();
    visible.filter_map(|arg| Some((format!("--{}", arg.get_long()?), about(arg)))).collect()
}

/// The words that an argument takes, each behind `prefix`; `None` if it names a file.
fn values(arg: &Arg, prefix: &str) -> Option<Vec<Candidate>> {
    if revisions::takes(arg) {
        return Some(revisions::names().into_iter().map(|name| (format!("{prefix}{name}"), String::new())).collect());
    }
    let values = arg.get_possible_values();
    let about = |help: Option<&clap::builder::StyledStr>| help.map(ToString::to_string).unwrap_or_default();
    let named = values.iter().map(|value| (format!("{prefix}{}", value.get_name()), about(value.get_help())));
    if values.is_empty() { None } else { Some(named.collect()) }
}
