//! `harden fix`: writes what the policies would fill in into the author's files.
//!
//! The built-in rules list the edits that repair what they find, and another policy's answer becomes edits, too. They
//! are made in the text, which is otherwise left byte for byte as it is, and the policies judge again.

mod diff;
mod file;
mod interactive;
mod leftovers;
mod report;
mod sources;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use self::file::NotWritten;
use self::interactive::Asker;
use self::report::{Detail, Totals};
use crate::args::{InputArgs, PolicyArgs};
use crate::console::Console;
use crate::error::Error;
use crate::known::{self, Known};
use crate::policies;
use lint::baseline::Baseline;
use lint::config::FailOn;
use lint::dockerfile::{self, Mapping};
use lint::escape::write_error;
use lint::finding::Finding;
use lint::fix::{Choose, Fixed, Fixer};
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

    /// Ask about each change before it is made, as `git add -p` does; files only
    #[arg(short, long, conflicts_with_all = ["diff", "quiet"])]
    pub interactive: bool,

    /// Known findings, which do not fail if they are left
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Say nothing but what could not be read, judged or written
    #[arg(short, long)]
    pub quiet: bool,

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
    /// Findings that are known.
    known: Vec<(Baseline, Known)>,
    /// Whether a diff is for eyes.
    colours: bool,
}

/// Fixes what `args` name, gives the exit code.
///
/// 0: nothing is left; 1: violations are left (with `--diff`: there is something to change); 2: something
/// could not be read, judged or written. Fixed text of standard input and diffs go to `out`, the report
/// goes there too unless one of them does.
///
/// # Errors
/// A configuration or policies that cannot be used; an output that cannot be written.
pub fn fix(args: &FixArgs, console: Console, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    if args.interactive && args.input.paths().iter().any(|path| path == Path::new("-")) {
        return Err(Error::InteractiveStdin);
    }
    let (paths, links) = sources::without_links(&args.input.paths());
    let (fixing, sources) = Fixing::open(args, console, &paths)?;
    let mut totals = Totals::default();
    // The report must not end up in the text that a filter passes on.
    let text_on_out = args.diff || sources.iter().any(Source::is_stdin);
    for link in &links {
        (totals.files, totals.problems) = (totals.files + 1, totals.problems + 1);
        let sink: &mut dyn Write = if text_on_out { err } else { out };
        write_error(sink, link)?;
    }
    if !args.diff {
        leftovers::remove_when_interrupted();
        leftovers::sweep(sources.iter().filter_map(Source::file));
    }
    if args.interactive {
        return fixing.ask(&sources, totals, out);
    }
    parallel::in_order(
        parallel::threads(sources.len()),
        &sources,
        |source| fixing.fix(source, None),
        |done| {
            totals.files += 1;
            totals.add(&done.fixed, done.fail_on);
            out.write_all(&done.out)?;
            let sink: &mut dyn Write = if text_on_out { err } else { out };
            sink.write_all(done.report.as_bytes())
        },
    )?;
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    fixing.end(totals, sink)
}

impl<'a> Fixing<'a> {
    /// Finds the sources and loads what judges and fixes them.
    fn open(args: &'a FixArgs, console: Console, paths: &[PathBuf]) -> Result<(Self, Vec<Source>), Error> {
        let mut configs = args.policy.configs()?;
        let main = configs.of_all(&args.input.places())?;
        let sources = args.input.search().find(paths, &mut configs)?.sources;
        let threads = parallel::threads(sources.len());
        let today = args.today.unwrap_or_else(Date::today);
        let session = policies::session(&args.policy, configs, main, &sources, threads, today)?;
        let session = session.with_dockerfiles(&args.dockerfiles);
        let known = known::all(args.baseline.as_deref(), &session)?;
        let read = |known: Known| Ok::<_, lint::Error>((Baseline::read(&known.path)?, known));
        let known = known.into_iter().map(read).collect::<Result<_, _>>()?;
        let mut listings = BTreeMap::new();
        for source in &sources {
            let judge = session.judge_of(source);
            if !listings.contains_key(judge.settings()) {
                listings.insert(judge.settings().to_owned(), judge.listing(args.overwrite)?);
            }
        }
        Ok((Fixing { args, session, listings, known, colours: console.style.colours }, sources))
    }

    /// Asks about each change of the files, one after the other; gives the exit code.
    fn ask(&self, sources: &[Source], mut totals: Totals, out: &mut dyn Write) -> Result<u8, Error> {
        let mut answers = io::stdin().lock();
        let asker = Asker::new(&mut answers, out, self.colours);
        for source in sources {
            if !asker.begin(&source.name) {
                totals.unasked += 1;
                continue;
            }
            let done = self.fix(source, Some(&|hunk| asker.choose(hunk)));
            totals.files += 1;
            totals.add(&done.fixed, done.fail_on);
            asker.say(&done.report)?;
        }
        self.end(totals, out)
    }

    /// Reports images whose Dockerfiles say nothing and the sums of the run; gives the exit code.
    fn end(&self, mut totals: Totals, sink: &mut dyn Write) -> Result<u8, Error> {
        for (_, image) in self.session.images() {
            let problem = image.problem().map(|problem| problem.message);
            for message in problem.into_iter().chain(dockerfile::unmet(image)) {
                totals.problems += 1;
                writeln!(sink, "error: {}: {message}", image.path.display())?;
            }
        }
        if !self.args.quiet {
            writeln!(sink, "{}", totals.sentence(self.args.diff))?;
        }
        Ok(totals.exit_code(self.args.diff))
    }

    /// Fixes a source and writes it, unless it is standard input; only what `choose` wants, if somebody chooses.
    fn fix(&self, source: &Source, choose: Option<&Choose<'_>>) -> Done {
        let (mut fixed, out) = parallel::caught(|| self.fixed(source, choose))
            .unwrap_or_else(|panic| (Fixed::unreadable(panic.to_string()), Vec::new()));
        for (baseline, _) in self.known.iter().filter(|(_, known)| known.is_for(source.config())) {
            baseline.mute_file(&source.name, fixed.left.iter_mut().map(|left| &mut left.finding));
        }
        let detail = match (self.args.quiet, self.args.diff) {
            (true, _) => Detail::Errors,
            (false, true) => Detail::Notes,
            (false, false) => Detail::All,
        };
        let report = report::of_file(&source.name, &fixed, detail);
        Done { fixed, fail_on: self.session.fail_on(source), out, report }
    }

    /// Fixes a source and writes it; gives the text for standard output, too.
    fn fixed(&self, source: &Source, choose: Option<&Choose<'_>>) -> (Fixed, Vec<u8>) {
        let mut out = Vec::new();
        let fixed = match source.read() {
            Err(why) => Fixed::unreadable(why.to_string()),
            Ok(text) => {
                let judge = self.session.judge_of(source);
                let listing = self.listings.get(judge.settings()).unwrap_or(judge);
                let mute = |text: &Text<'_>, findings: &mut Vec<Finding>| self.session.mute(source, text, findings);
                let extras = self.session.extras(source);
                let images = self.session.images_of(source);
                let fixer = Fixer::new(judge, listing, extras, &mute).with_images(images).choosing(choose);
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
                None => self.show(source, fixed, out),
            },
            Some(path) if is_changed => file::replace(path, &fixed.old, &fixed.new),
            Some(_) => Ok(()),
            None if self.args.diff => self.show(source, fixed, out),
            None => {
                out.extend_from_slice(fixed.new.as_bytes());
                Ok(())
            }
        }
    }
    /// Writes what would change.
    fn show(&self, source: &Source, fixed: &Fixed, out: &mut Vec<u8>) -> Result<(), NotWritten> {
        let write = if self.colours { diff::write_coloured } else { diff::write };
        Ok(write(&source.name, &fixed.old, &fixed.new, out)?)
    }
}
