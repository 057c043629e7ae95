//! `harden fix`: writes what the policies would fill in into the author's files.
//!
//! The policy runs in mutate mode in the sandbox; the difference between the object and its mutation is
//! applied to the text, which is otherwise left byte for byte as it is.

mod file;
mod settings;

use std::io::{self, Write};

use clap::Args;
use serde_json::Value;
use similar::TextDiff;

use crate::check::input::{self, Source};
use crate::check::judge::{Item, items, judge_parsed};
use crate::check::{InputArgs, Judge, PolicyArgs, Session};
use crate::finding::{Finding, Level, Problem};
use crate::patch::{Refusal, Target, patch};
use crate::suppress::Date;
use crate::yaml;

/// Arguments of `harden fix`.
#[derive(Debug, Clone, Args)]
pub struct FixArgs {
    /// What to fix.
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
}

/// What came of one file.
struct Fixed {
    before: usize,
    text: String,
    new_text: String,
    left: Vec<Finding>,
    refused: Vec<Refusal>,
    problems: Vec<Problem>,
}

/// Sums of a run.
#[derive(Default)]
struct Totals {
    files: usize,
    changed: usize,
    fixed: usize,
    left: usize,
    problems: usize,
}

/// Fixes what `args` name, gives the exit code.
///
/// 0: nothing is left; 1: violations are left (with `--diff`: there is something to change); 2: something
/// could not be read, judged or written. Fixed text of standard input and diffs go to `out`, the report
/// goes there too unless one of them does.
///
/// # Errors
/// An output that cannot be written.
pub fn fix(args: &FixArgs, out: &mut dyn Write, err: &mut dyn Write) -> io::Result<u8> {
    let opened = args.policy.config(&args.input.paths).and_then(|config| {
        let sources = input::find(&args.input.paths, config.as_ref());
        Ok((Session::load(&args.policy, config, &sources, 0, Date::today())?, sources))
    });
    let (session, sources) = match opened {
        Ok(opened) => opened,
        Err(message) => {
            writeln!(err, "error: {message}")?;
            return Ok(2);
        }
    };
    let mut totals = Totals::default();
    let mut report = Vec::new();
    // The report must not end up in the text that a filter passes on.
    let text_on_out = args.diff || sources.iter().any(Source::is_stdin);
    for source in &sources {
        totals.files += 1;
        match source.read() {
            Err(message) => {
                totals.problems += 1;
                writeln!(report, "error: {}: {message}", source.name)?;
            }
            Ok(text) => {
                let judge = session.judge_of(source);
                let mutating = match settings::mutating(judge, args.overwrite) {
                    Ok(mutating) => mutating,
                    Err(message) => {
                        writeln!(err, "error: {message}")?;
                        return Ok(2);
                    }
                };
                let mut fixed = fix_text(judge, &mutating, text);
                let written = deliver(args, source, &fixed, out)?;
                if let Err(message) = written {
                    totals.problems += 1;
                    writeln!(report, "error: {}: {message}", source.name)?;
                    fixed.new_text.clone_from(&fixed.text);
                    fixed.left = judge_parsed(judge, &yaml::parse(&fixed.text)).0;
                }
                write_outcome(args, source, &fixed, &mut totals, &mut report)?;
            }
        }
        let sink: &mut dyn Write = if text_on_out { err } else { out };
        sink.write_all(&report)?;
        report.clear();
    }
    let sink: &mut dyn Write = if text_on_out { err } else { out };
    writeln!(sink, "{}", totals.sentence(args.diff))?;
    Ok(totals.exit_code(args.diff))
}

/// Runs the policy in mutate mode on every object and patches the text.
fn fix_text(judge: &Judge, mutating: &Judge, text: String) -> Fixed {
    let parsed = yaml::parse(&text);
    let before = judge_parsed(judge, &parsed).0.len();
    let mut wanted: Vec<(usize, Vec<yaml::Segment>, Value)> = Vec::new();
    for item in items(&parsed) {
        if let Item::Object { document, path, node, object } = item
            && let Ok(Some(response)) = mutating.ask(node, &object)
            && let Some(mutated) = response.mutated_object
            && let Ok(value) = serde_json::from_str(mutated.get())
        {
            wanted.push((document, path, value));
        }
    }
    let targets: Vec<Target<'_>> = wanted
        .iter()
        .map(|(document, path, wanted)| Target { document: *document, path: path.clone(), wanted })
        .collect();
    let outcome = patch(&text, &targets);
    // What is left is what a check of the new text says, by the settings the user gave.
    let (left, problems, _) = judge_parsed(judge, &yaml::parse(&outcome.text));
    drop(parsed);
    Fixed { before, text, new_text: outcome.text, left, refused: outcome.refused, problems }
}

/// Writes the new text where it belongs; the inner error is for the report.
fn deliver(args: &FixArgs, source: &Source, fixed: &Fixed, out: &mut dyn Write) -> io::Result<Result<(), String>> {
    if args.diff {
        write_diff(&source.name, fixed, out)?;
        return Ok(Ok(()));
    }
    match source.file() {
        None => out.write_all(fixed.new_text.as_bytes()).map(Ok),
        Some(_) if fixed.new_text == fixed.text => Ok(Ok(())),
        Some(path) => Ok(file::replace(path, &fixed.text, &fixed.new_text)),
    }
}

fn write_diff(name: &str, fixed: &Fixed, out: &mut dyn Write) -> io::Result<()> {
    if fixed.new_text == fixed.text {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&fixed.text, &fixed.new_text);
    let (old, new) = (format!("a/{name}"), format!("b/{name}"));
    diff.unified_diff().header(&old, &new).to_writer(out)
}

/// Says what was fixed in a file and what is left, each with its reason.
fn write_outcome(
    args: &FixArgs,
    source: &Source,
    fixed: &Fixed,
    totals: &mut Totals,
    report: &mut Vec<u8>,
) -> io::Result<()> {
    let changed = fixed.new_text != fixed.text;
    let done = fixed.before.saturating_sub(fixed.left.len());
    totals.changed += usize::from(changed);
    totals.fixed += done;
    totals.left += fixed.left.iter().filter(|finding| finding.level == Level::Error).count();
    totals.problems += fixed.problems.len();
    if changed || !fixed.left.is_empty() {
        let verb = if args.diff { "would be fixed" } else { "fixed" };
        writeln!(report, "{}: {done} {verb}, {} left", source.name, fixed.left.len())?;
    }
    for finding in &fixed.left {
        let violation = &finding.violation;
        let place = format!("{}:{}", finding.place.line, finding.place.column);
        let why = reason(fixed, finding);
        writeln!(report, "  {place}: [{}] {} ({why})", violation.rule, violation.message)?;
    }
    for problem in &fixed.problems {
        let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
        writeln!(report, "error: {}{place}: {}", source.name, problem.message)?;
    }
    Ok(())
}

/// Why a finding is left.
fn reason(fixed: &Fixed, finding: &Finding) -> String {
    let violation = &finding.violation;
    let concerns = |path: &str| {
        path.starts_with(&violation.path)
            || violation.path.starts_with(path)
            || violation.fix.iter().any(|edit| edit.path.starts_with(path) || path.starts_with(&edit.path))
    };
    if let Some(refusal) = fixed.refused.iter().find(|refusal| concerns(&refusal.path)) {
        return format!("not edited: {}", refusal.reason);
    }
    match (violation.fixable, violation.fix.is_empty()) {
        (false, false) => "it was written so; --unsafe replaces it".to_owned(),
        (true, false) => "not fixed by this policy's settings".to_owned(),
        _ => "needs a person".to_owned(),
    }
}

impl Totals {
    fn sentence(&self, diff: bool) -> String {
        let verb = if diff { "would be fixed" } else { "fixed" };
        let problems = match self.problems {
            0 => String::new(),
            problems => format!(", {problems} could not be judged or written"),
        };
        format!("{} {verb} in {} of {} files, {} left{problems}", self.fixed, self.changed, self.files, self.left)
    }

    fn exit_code(&self, diff: bool) -> u8 {
        let something = if diff { self.changed } else { self.left };
        match (self.problems, something) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}
