//! Fixes one source after the other.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use super::args::FixArgs;
use super::file::{self, NotWritten};
use super::paths::Paths;
use super::report::{self, Detail, Totals};
use super::{diff, sources};
use crate::console::Console;
use crate::error::Error;
use crate::known::Baselines;
use crate::lock::{self, LockOptions};
use crate::policies::{self, Images};
use lint::config::{Configs, FailOn};
use lint::dockerfile;
use lint::finding::Finding;
use lint::fix::{Choose, Fixed, Fixer};
use lint::judge::Judge;
use lint::parallel;
use lint::search::Source;
use lint::session::Session;
use lint::suppress::Date;
use lint::text::Text;

/// The result for one file.
pub(super) struct Done {
    pub(super) fixed: Fixed,
    /// The severity that fails the run in it.
    pub(super) fail_on: FailOn,
    /// Fixed text or a diff.
    pub(super) out: Vec<u8>,
    pub(super) report: String,
}

/// Everything that fixes.
pub(super) struct Fixing<'a> {
    args: &'a FixArgs,
    session: Session,
    /// Builds the judge that lists the repairs, by the settings of the one that judges.
    listings: BTreeMap<String, Judge>,
    /// Findings that are known.
    known: Baselines,
    /// The names of files in a diff.
    pub(super) paths: Paths,
    /// Whether a diff is for eyes.
    pub(super) colours: bool,
}

impl<'a> Fixing<'a> {
    /// Finds the sources, `paths` among them, and loads what judges and fixes them.
    ///
    /// # Errors
    /// A configuration or policies that cannot be used.
    pub(super) fn open(
        args: &'a FixArgs,
        console: Console,
        paths: &[PathBuf],
    ) -> Result<(Fixing<'a>, Vec<Source>), Error> {
        let mut configs = args.policy.configs()?;
        let main = configs.of_all(&args.render.places(&args.input))?;
        let mut sources = args.input.search().find(paths, &mut configs)?.sources;
        sources.extend(args.render.render(sources.len(), &mut configs)?);
        Ok((Fixing::of(args, console, configs, main, &sources)?, sources))
    }

    /// Loads what judges and fixes `sources`; `main` is the number of the configuration for all of them together.
    ///
    /// # Errors
    /// As [`Fixing::open`].
    pub(super) fn of(
        args: &'a FixArgs,
        console: Console,
        configs: Configs,
        main: Option<usize>,
        sources: &[Source],
    ) -> Result<Fixing<'a>, Error> {
        let threads = parallel::threads(sources.len());
        let today = args.today.unwrap_or_else(Date::today);
        let lock = LockOptions { lock: args.lock.clone(), locked: false };
        let lock = lock::index(&lock, &args.policy, configs.get(main))?;
        let images = Images { lock, dockerfiles: &args.dockerfiles };
        let session = policies::session(&args.policy, configs, main, sources, threads, today, images)?;
        let known = Baselines::read(args.baseline.as_deref(), &session)?;
        let mut listings = BTreeMap::new();
        for source in sources {
            let judge = session.judge_of(source);
            if !listings.contains_key(judge.settings()) {
                listings.insert(judge.settings().to_owned(), judge.listing(args.overwrite)?);
            }
        }
        Ok(Fixing { args, session, listings, known, paths: Paths::of(sources.iter()), colours: console.style.colours })
    }

    /// Reports images whose Dockerfiles say nothing and the sums of the run; gives the exit code.
    pub(super) fn end(&self, mut totals: Totals, sink: &mut dyn Write) -> Result<u8, Error> {
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
    pub(super) fn fix(&self, source: &Source, choose: Option<&Choose<'_>>) -> Done {
        let (mut fixed, out) = parallel::caught(|| self.fixed(source, choose))
            .unwrap_or_else(|panic| (Fixed::unreadable(panic.to_string()), Vec::new()));
        for baseline in self.known.of(source) {
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
                let fixer = Fixer::new(judge, listing, extras, &mute);
                let fixer = fixer.with_facts(self.session.image_judge_of(source), self.args.overwrite).choosing(choose);
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
        Ok(write(&self.paths.name(source), &fixed.old, &fixed.new, out)?)
    }
}
