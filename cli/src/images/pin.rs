//! `harden images pin`: writes the digests of the lock into the texts, or takes them out.

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;
use hardening::violation::Edit;
use images::pin::{Left, pin as pinned, unpin};
use images::{Image, Lock};
use kube_yaml::patch::{self, Group};
use lint::escape::{one_line, write_error, write_line};
use lint::finding::Problem;
use lint::images::{Named, named};
use lint::search::Source;
use lint::{parallel, text::Text};

use super::ProjectArgs;
use super::survey::at;
use crate::error::Error;
use crate::fix::file::{self, NotWritten};
use crate::fix::paths::Paths;
use crate::fix::{diff, sources};
use crate::render::RenderArgs;
use crate::report::plural;

pub(super) const CODES: &str = "\
Exit codes:
  0  every reference that can be pinned is; with --diff: there is nothing to change
  1  a reference is not in the lock or cannot be edited; with --diff: or there is something to change
  2  something could not be read or written, or the arguments are wrong";

/// Arguments of `harden images pin`.
#[derive(Debug, Clone, Args)]
pub(super) struct PinArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Print what would change as a unified diff and change nothing; exit 1 if there is something
    #[arg(long)]
    diff: bool,

    /// Take the digests out again, where a tag stands before them
    #[arg(long)]
    unpin: bool,
}

impl PinArgs {
    /// Whether standard output gets a diff or changed text, and the report goes to standard error.
    pub(super) fn puts_text_out(&self) -> bool {
        self.diff || self.project.input.names_stdin()
    }
}

/// The result for one text.
#[derive(Default)]
struct Done {
    /// References that were changed.
    changed: usize,
    /// References that should have been changed.
    left: usize,
    /// Everything that could not be read or written.
    problems: usize,
    /// Lines about them.
    report: String,
    /// Text or a diff.
    out: Vec<u8>,
}

/// Pins or unpins references; gives the exit code.
///
/// # Errors
/// A configuration or a lock that cannot be used; an output that cannot be written.
pub(super) fn pin(args: &PinArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let (paths, links) = sources::without_links(&args.project.input.paths());
    let project = args.project.open(&paths, &RenderArgs::default())?;
    let lock = if args.unpin { Lock::default() } else { args.project.lock_of(&project)?.existing()?.lock };
    let found = &project.sources;
    let mut totals = Done { problems: links.len(), ..Done::default() };
    let text_on_out = args.puts_text_out();
    links.iter().try_for_each(|link| write_error(err, link))?;
    let paths = Paths::of(found.iter());
    if let Some(note) = paths.note().filter(|_| args.diff) {
        write_line(err, note)?;
    }
    parallel::in_order(
        parallel::threads(found.len()),
        found,
        |source| {
            let failed = |panic: parallel::Panicked| Done::failed(source, &Problem::new(panic.to_string()));
            parallel::caught(|| Pinning { args, lock: &lock, paths: &paths }.source(source)).unwrap_or_else(failed)
        },
        |done| {
            totals.changed += done.changed;
            totals.left += done.left;
            totals.problems += done.problems;
            out.write_all(&done.out)?;
            let sink: &mut dyn Write = if text_on_out { err } else { out };
            sink.write_all(done.report.as_bytes())
        },
    )?;
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    writeln!(sink, "{}", totals.sentence(args))?;
    Ok(totals.exit_code(args))
}

struct Pinning<'p> {
    args: &'p PinArgs,
    lock: &'p Lock,
    paths: &'p Paths,
}

impl Pinning<'_> {
    /// Pins the references of a source and writes it, unless it is standard input.
    fn source(&self, source: &Source) -> Done {
        let old = match source.read() {
            Ok(text) => text,
            Err(why) => return Done::failed(source, &Problem::new(why.to_string())),
        };
        let (mut done, new) = self.text(source, &old);
        if let Err(why) = self.deliver(source, &old, &new, &mut done.out) {
            let failed = Done::failed(source, &Problem::new(why.to_string()));
            let (problems, report) = (done.problems + failed.problems, done.report + &failed.report);
            return Done { problems, report, left: done.left, ..Done::default() };
        }
        if done.changed > 0 {
            let verb = self.verb();
            done.report += &one_line(&format!("{}: {verb} {}", source.name, plural(done.changed, "reference")));
            done.report.push('\n');
        }
        done
    }

    fn verb(&self) -> &'static str {
        match (self.args.diff, self.args.unpin) {
            (false, false) => "pinned",
            (false, true) => "unpinned",
            (true, false) => "would pin",
            (true, true) => "would unpin",
        }
    }

    /// The text with its references pinned.
    fn text(&self, source: &Source, old: &str) -> (Done, String) {
        let mut done = Done::default();
        let text = Text::new(old);
        let (found, problems) = named(text.parsed(), source.place());
        for problem in &problems {
            done.complain(&at(&source.name, problem.place, &problem.message), true);
        }
        let mut edits: Vec<(&Named<'_, '_>, [Edit; 1])> = Vec::new();
        for named in &found {
            match self.edit(named) {
                Ok(edit) => edits.extend(edit.map(|edit| (named, [edit]))),
                Err(why) => done.leave(source, named, &why),
            }
        }
        let groups =
            edits.iter().map(|(named, edits)| Group { document: named.document, path: &named.object_path, edits });
        let groups: Vec<Group<'_>> = groups.collect();
        let applied = patch::apply(old, text.parsed(), &groups);
        let refused: BTreeMap<usize, String> =
            applied.refused.iter().map(|refusal| (refusal.group, refusal.reason.to_string())).collect();
        for (group, reason) in &refused {
            done.leave(source, edits[*group].0, &Why::Refused(reason.clone()));
        }
        done.changed = edits.len() - refused.len();
        (done, applied.text)
    }

    /// The edit of a reference, if it needs one.
    fn edit(&self, named: &Named<'_, '_>) -> Result<Option<Edit>, Why> {
        let mention = &named.mention;
        if self.args.unpin {
            return Ok(unpin(mention)?);
        }
        let written = mention.reference.as_deref().unwrap_or_default();
        let entry = Image::parse(written).ok().and_then(|image| Some((self.lock.get(&image)?, image)));
        match entry {
            Some((entry, _)) => Ok(pinned(mention, &entry.digest)?),
            None => match Image::parse(written) {
                // It is pinned, although nobody keeps facts about it.
                Ok(image) if image.digest().is_some() => Ok(None),
                Ok(image) => Err(Why::NotLocked(image.key())),
                Err(_) if mention.reference.is_none() => Err(Left::Elsewhere.into()),
                Err(_) => Err(Left::NotAnImage.into()),
            },
        }
    }

    /// Writes the new text, or the difference, where it belongs.
    fn deliver(&self, source: &Source, old: &str, new: &str, out: &mut Vec<u8>) -> Result<(), NotWritten> {
        match source.file() {
            _ if self.args.diff => Ok(diff::write(&self.paths.name(source), old, new, out)?),
            Some(path) if old != new => file::replace(path, old, new),
            Some(_) => Ok(()),
            None => {
                out.extend_from_slice(new.as_bytes());
                Ok(())
            }
        }
    }
}

/// Why a reference stays as it is.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Left(#[from] Left),
    #[error("{0} is not in the lock: `harden images lock` adds it")]
    NotLocked(String),
    #[error("cannot be edited: {0}")]
    Refused(String),
}

impl Why {
    /// Whether somebody has to do something about it.
    fn counts(&self) -> bool {
        !matches!(self, Why::Left(Left::Values | Left::NoTag | Left::Elsewhere))
    }
}

impl Done {
    fn failed(source: &Source, problem: &Problem) -> Done {
        let mut done = Done::default();
        done.complain(&at(&source.name, problem.place, &problem.message), true);
        done
    }

    /// Says that a reference stays as it is.
    fn leave(&mut self, source: &Source, named: &Named<'_, '_>, why: &Why) {
        let written = named.mention.reference.as_deref().unwrap_or("the image");
        let message = match why {
            Why::NotLocked(_) => why.to_string(),
            _ => format!("{written} {why}"),
        };
        self.left += usize::from(why.counts());
        self.complain(&at(&source.name, Some(named.place()), &message), false);
    }

    fn complain(&mut self, message: &str, is_problem: bool) {
        self.problems += usize::from(is_problem);
        let error = if is_problem { "error: " } else { "" };
        self.report += &one_line(&format!("{error}{message}"));
        self.report.push('\n');
    }

    fn sentence(&self, args: &PinArgs) -> String {
        let verb = match (args.diff, args.unpin) {
            (false, false) => "pinned",
            (false, true) => "unpinned",
            (true, false) => "to pin",
            (true, true) => "to unpin",
        };
        let left = if self.left > 0 { format!(", {} left", self.left) } else { String::new() };
        let problems = if self.problems > 0 { format!(", {}", plural(self.problems, "error")) } else { String::new() };
        format!("{} {verb}{left}{problems}", plural(self.changed, "reference"))
    }

    fn exit_code(&self, args: &PinArgs) -> u8 {
        if self.problems > 0 { 2 } else { u8::from(self.left > 0 || (args.diff && self.changed > 0)) }
    }
}
