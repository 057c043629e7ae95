//! `harden fix`: writes what the policies would fill in into the author's files.
//!
//! The built-in rules list the edits that repair what they find, and another policy's answer becomes edits, too. They
//! are made in the text, which is otherwise left byte for byte as it is, and the policies judge again.

mod diff;
mod file;
mod leftovers;
mod report;
mod sources;

use std::collections::BTreeMap;
use std::io::Write;

use clap::Args;

use self::file::NotWritten;
use self::report::Totals;
use crate::args::{InputArgs, PolicyArgs};
use crate::error::Error;
use crate::policies;
use lint::config::FailOn;
use lint::dockerfile::{self, Image, Mapping};
use lint::escape::write_error;
use lint::finding::Finding;
use lint::fix::{Fixed, Fixer};
use lint::judge::Judge;
use lint::parallel;
use lint::search::Source;
use lint::session::Session;
use lint::suppress::Date;
use lint::text::Text;

/// Arguments of `harden fix`.
#[derive(Debug, Clone, Args)]
pub struct FixArgs {
    /// The input to fix.
    #[command(flatten)]
    pub input: InputArgs,

    /// Which policy fixes, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Print what would change as a unified diff and change nothing; exit 1 if there is something
    #[arg(long)]
    pub diff: bool,

    /// Also replace values that the author wrote, as `privileged: true`
    #[arg(long = "unsafe")]
    pub overwrite: bool,

    /// Dockerfile of an image, whose USER gives the ids that its containers lack; IMAGE is a glob on its name
    #[arg(long = "dockerfile", value_name = "IMAGE=PATH")]
    pub dockerfiles: Vec<Mapping>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}

/// The result for one file.
struct Done {
    fixed: Fixed,
    /// The severity that fails the run in it.
    fail_on: FailOn,
    /// Fixed text or a diff.
    out: Vec<u8>,
    report: String,
}

/// Everything that fixes.
struct Fixing<'a> {
    args: &'a FixArgs,
    session: Session,
    /// Builds the judge that lists the repairs, by the settings of the one that judges.
    listings: BTreeMap<String, Judge>,
    /// Images that are built here.
    images: Vec<Image>,
}

/// Fixes what `args` name, gives the exit code.
///
/// 0: nothing is left; 1: violations are left (with `--diff`: there is something to change); 2: something
/// could not be read, judged or written. Fixed text of standard input and diffs go to `out`, the report
/// goes there too unless one of them does.
///
/// # Errors
/// A configuration or policies that cannot be used; an output that cannot be written.
pub fn fix(args: &FixArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let (paths, links) = sources::without_links(&args.input.paths());
    let (fixing, sources) = Fixing::open(args, &paths)?;
    let mut totals = Totals::default();
    // The report must not end up in the text that a filter passes on.
    let text_on_out = args.diff || sources.iter().any(Source::is_stdin);
    for link in &links {
        (totals.files, totals.problems) = (totals.files + 1, totals.problems + 1);
        let sink: &mut dyn Write = if text_on_out { err } else { out };
        write_error(sink, link)?;
    }
    if !args.diff {
        leftovers::sweep(sources.iter().filter_map(Source::file));
    }
    parallel::in_order(
        parallel::threads(sources.len()),
        &sources,
        |source| fixing.fix(source),
        |done| {
            totals.files += 1;
            totals.add(&done.fixed, done.fail_on);
            out.write_all(&done.out)?;
            let sink: &mut dyn Write = if text_on_out { err } else { out };
            sink.write_all(done.report.as_bytes())
        },
    )?;
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    for image in &fixing.images {
        let problem = image.problem().map(|problem| problem.message);
        for message in problem.into_iter().chain(dockerfile::unmet(image)) {
            totals.problems += 1;
            writeln!(sink, "error: {}: {message}", image.path.display())?;
        }
    }
    writeln!(sink, "{}", totals.sentence(args.diff))?;
    Ok(totals.exit_code(args.diff))
}

impl<'a> Fixing<'a> {
    /// Finds the sources and loads what judges and fixes them.
    fn open(args: &'a FixArgs, paths: &[std::path::PathBuf]) -> Result<(Self, Vec<Source>), Error> {
        let config = args.policy.config(&args.input.places())?;
        let images = dockerfile::load(&args.dockerfiles, config.as_ref());
        let sources = args.input.search(config.as_ref()).find(paths).sources;
        let threads = parallel::threads(sources.len());
        let today = args.today.unwrap_or_else(Date::today);
        let session = policies::session(&args.policy, config, &sources, threads, today)?;
        let mut listings = BTreeMap::new();
        for source in &sources {
            let judge = session.judge_of(source);
            if !listings.contains_key(judge.settings()) {
                listings.insert(judge.settings().to_owned(), judge.listing(args.overwrite)?);
            }
        }
        Ok((Fixing { args, session, listings, images }, sources))
    }

    /// Fixes a source and writes it, unless it is standard input.
    fn fix(&self, source: &Source) -> Done {
        let (fixed, out) = parallel::caught(|| self.fixed(source))
            .unwrap_or_else(|panic| (Fixed::unreadable(panic.to_string()), Vec::new()));
        let report = report::of_file(&source.name, &fixed, self.args.diff);
        Done { fixed, fail_on: self.session.fail_on(source), out, report }
    }

    /// Fixes a source and writes it; gives the text for standard output, too.
    fn fixed(&self, source: &Source) -> (Fixed, Vec<u8>) {
        let mut out = Vec::new();
        let fixed = match source.read() {
            Err(why) => Fixed::unreadable(why.to_string()),
            Ok(text) => {
                let judge = self.session.judge_of(source);
                let listing = self.listings.get(judge.settings()).unwrap_or(judge);
                let mute = |text: &Text<'_>, findings: &mut Vec<Finding>| self.session.mute(text, findings);
                let fixer = Fixer::new(judge, listing, self.session.extras(), &mute).with_images(&self.images);
                let fixed = fixer.fix_as(text, !self.args.diff, source.is_patch());
                match self.deliver(source, &fixed, &mut out) {
                    Ok(()) => fixed,
                    Err(why) => fixed.undone(why.to_string()),
                }
            }
        };
        (fixed, out)
    }

    /// Writes the new text, or the difference, where it belongs.
    fn deliver(&self, source: &Source, fixed: &Fixed, out: &mut Vec<u8>) -> Result<(), NotWritten> {
        let is_changed = fixed.new != fixed.old;
        match source.file() {
            Some(path) if is_changed && self.args.diff => match sources::link(path) {
                Some(link) => Err(link.into()),
                None => Ok(diff::write(&source.name, &fixed.old, &fixed.new, out)?),
            },
            Some(path) if is_changed => file::replace(path, &fixed.old, &fixed.new),
            Some(_) => Ok(()),
            None if self.args.diff => Ok(diff::write(&source.name, &fixed.old, &fixed.new, out)?),
            None => {
                out.extend_from_slice(fixed.new.as_bytes());
                Ok(())
            }
        }
    }
}
