//! `harden suppress`: writes a suppression beside every finding, so that `check` accepts them with a reason.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use lint::dockerfile::Mapping;
use lint::escape::{one_line, write_error, write_line};
use lint::finding::{Finding, Problem};
use lint::outcome::FileReport;
use lint::search::Source;
use lint::session::Session;
use lint::suppress::{self, Date, Form, Words};
use thiserror::Error;

use crate::args::{InputArgs, PolicyArgs};
use crate::console;
use crate::error::Error;
use crate::fix::file::{self, NotWritten};
use crate::fix::paths::Paths;
use crate::fix::{diff, leftovers, sources};
use crate::known::Baselines;
use crate::lock::{self, LockOptions};
use crate::policies::{self, Images};
use crate::report::plural;

/// Arguments of `harden suppress`.
#[derive(Debug, Clone, Args)]
pub struct SuppressArgs {
    /// The input to judge.
    #[command(flatten)]
    pub input: InputArgs,

    /// Which policy judges, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Why these findings are accepted; stands in each suppression
    #[arg(long, value_name = "TEXT", conflicts_with = "no_suppressions")]
    pub reason: String,

    /// The last day on which the suppressions hold, such as 2027-01-31; without end if left out
    #[arg(long, value_name = "DATE")]
    pub until: Option<Date>,

    /// Print what would change as a unified diff and change nothing; exit 1 if there is something
    #[arg(long)]
    pub diff: bool,

    /// Known findings, which are not suppressed: they do not fail
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Dockerfile of an image, whose USER must agree with the manifests; IMAGE is a glob on its name
    #[arg(long = "dockerfile", value_name = "IMAGE=PATH")]
    pub dockerfiles: Vec<Mapping>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,
}

impl SuppressArgs {
    /// Whether standard output gets a diff or changed text, and the report goes to standard error.
    pub fn puts_text_out(&self) -> bool {
        self.diff || self.input.names_stdin()
    }
}

/// A suppression that would not hold.
#[derive(Debug, Error)]
#[error("--until: {0} is over, and the suppressions would not hold")]
struct Over(Date);

/// Suppresses what `args` name, gives the exit code.
///
/// 0: every finding is suppressed; 1: some are left (with `--diff`: there is something to change); 2: something could
/// not be read, judged or written. Changed text of standard input and diffs go to `out`, and the report then to `err`.
///
/// # Errors
/// A reason, a configuration or policies that cannot be used; an output that cannot be written.
pub fn suppress(args: &SuppressArgs, out: &mut dyn Write, err: &mut dyn Write) -> Result<u8, Error> {
    let words = Words::new(&args.reason, args.until).map_err(Error::of)?;
    let today = args.today.unwrap_or_else(Date::today);
    if let Some(until) = args.until.filter(|until| *until < today) {
        return Err(Error::of(Over(until)));
    }
    let (paths, links) = sources::without_links(&args.input.paths());
    let mut configs = args.policy.configs()?;
    let main = configs.of_all(&args.input.places())?;
    let sources = args.input.search().find(&paths, &mut configs)?.sources;
    console::announce_stdin(&sources, err)?;
    let lock = lock::index(&LockOptions::default(), &args.policy, configs.get(main))?;
    let images = Images { lock, dockerfiles: &args.dockerfiles };
    let session = policies::session(&args.policy, configs, main, &sources, 1, today, images)?;
    let known = Baselines::read(args.baseline.as_deref(), &session)?;
    let work = Work { session, known, words };

    let text_on_out = args.puts_text_out();
    let mut totals = Totals { problems: links.len(), ..Totals::default() };
    for link in &links {
        write_error(if text_on_out { &mut *err } else { &mut *out }, link)?;
    }
    let paths = Paths::of(sources.iter());
    if !args.diff {
        leftovers::remove_when_interrupted();
    } else if let Some(note) = paths.note() {
        write_line(err, note)?;
    }
    for source in &sources {
        let mut done = source.read().map_or_else(|why| Done::unreadable(why.to_string()), |text| work.of(source, text));
        if let Err(why) = deliver(source, &done, args.diff.then_some(&paths), out) {
            done = Done { new: done.old.clone(), suppressed: 0, ..done };
            done.problems.push(Problem::new(why.to_string()));
        }
        totals.add(&done);
        done.report(&source.name, args.diff, if text_on_out { &mut *err } else { &mut *out })?;
    }
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    writeln!(sink, "{}", totals.sentence(args.diff))?;
    Ok(totals.exit_code(args.diff))
}

/// Writes the new text where it belongs, or the difference with these paths.
fn deliver(source: &Source, done: &Done, diff: Option<&Paths>, out: &mut dyn Write) -> Result<(), NotWritten> {
    let is_changed = done.new != done.old;
    match (diff, source.file()) {
        (Some(paths), _) => Ok(diff::write(&paths.name(source), &done.old, &done.new, out)?),
        (None, Some(path)) if is_changed => file::replace(path, &done.old, &done.new),
        (None, Some(_)) => Ok(()),
        (None, None) => Ok(out.write_all(done.new.as_bytes())?),
    }
}

/// Everything that suppresses.
struct Work {
    session: Session,
    /// Findings that are known.
    known: Baselines,
    words: Words,
}

impl Work {
    /// Judges a text; what is in the baseline is muted.
    fn judge(&self, source: &Source, text: &str) -> FileReport {
        let mut report = self.session.judge_text(source, text);
        for baseline in self.known.of(source) {
            baseline.mute_file(&source.name, report.findings.iter_mut());
        }
        report
    }

    /// Whether a finding can be suppressed: it counts, and is not about a suppression itself.
    fn is_wanted(&self, finding: &Finding) -> bool {
        finding.muted.is_none() && self.session.rule_names().contains(&finding.violation.rule.as_str())
    }

    /// Suppresses the findings of a text; whatever does not do what it should is not written.
    fn of(&self, source: &Source, old: String) -> Done {
        let mut report = self.judge(source, &old);
        let wanted = |finding: &Finding| self.is_wanted(finding);
        let count = |report: &FileReport| report.findings.iter().filter(|finding| wanted(finding)).count();
        let others = |report: &FileReport| report.open().count() - count(report) + report.problems.len();
        let found = count(&report);
        let mut new = old.clone();
        for form in [Form::Any, Form::Annotation] {
            if count(&report) == 0 {
                break;
            }
            let text = suppress::write(&report, &wanted, &self.words, form);
            let judged = self.judge(source, &text);
            if count(&judged) < count(&report) && others(&judged) <= others(&report) {
                (new, report) = (text, judged);
            }
        }
        let suppressed = found - count(&report);
        let left = report.findings.iter().filter(|finding| wanted(finding)).cloned().collect();
        Done { old, new, suppressed, left, problems: report.problems }
    }
}

/// The result for one file.
#[derive(Debug, Default)]
struct Done {
    old: String,
    new: String,
    suppressed: usize,
    /// The findings that no suppression can be written for.
    left: Vec<Finding>,
    problems: Vec<Problem>,
}

impl Done {
    fn unreadable(why: String) -> Done {
        Done { problems: vec![Problem::new(why)], ..Done::default() }
    }

    /// Says what was suppressed and what was not; nothing if there is nothing to say.
    fn report(&self, name: &str, only_diff: bool, out: &mut dyn Write) -> Result<(), Error> {
        let mut line = |text: String| writeln!(out, "{}", one_line(&text));
        if self.suppressed > 0 {
            line(format!("{name}: {} {}", plural(self.suppressed, "finding"), verb(only_diff)))?;
        }
        for Finding { place, violation, .. } in &self.left {
            let (rule, message) = (&violation.rule, &violation.message);
            let why = "no suppression can stand here; exempt it in harden.yaml";
            line(format!("{name}:{}:{}: [{rule}] {message} ({why})", place.line, place.column))?;
        }
        for problem in &self.problems {
            line(format!("error: {}: {}", problem.place_in(name), problem.message))?;
        }
        Ok(())
    }
}

fn verb(only_diff: bool) -> &'static str {
    if only_diff { "would be suppressed" } else { "suppressed" }
}

/// Sums of a run.
#[derive(Debug, Default)]
struct Totals {
    files: usize,
    changed: usize,
    suppressed: usize,
    left: usize,
    problems: usize,
}

impl Totals {
    fn add(&mut self, done: &Done) {
        self.files += 1;
        self.changed += usize::from(done.new != done.old);
        self.suppressed += done.suppressed;
        self.left += done.left.len();
        self.problems += done.problems.len();
    }

    fn sentence(&self, only_diff: bool) -> String {
        let problems = match self.problems {
            0 => String::new(),
            problems => format!(", {problems} could not be judged or written"),
        };
        let (findings, files) = (plural(self.suppressed, "finding"), plural(self.files, "file"));
        format!("{findings} {} in {} of {files}, {} left{problems}", verb(only_diff), self.changed, self.left)
    }

    fn exit_code(&self, only_diff: bool) -> u8 {
        let is_open = self.left > 0 || only_diff && self.changed > 0;
        if self.problems > 0 { 2 } else { u8::from(is_open) }
    }
}
