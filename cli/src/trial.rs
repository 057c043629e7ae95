//! `harden try`: runs workloads hardened with the user's own container engine, and says what they need.
//!
//! ```text
//! as written ─ ready? ─▶ what `fix` would write, completed by what was seen ─ ready? ─▶ proven
//!                                      └─ no ─▶ the smallest set of relaxations with which it is
//! ```

mod args;
mod deliver;
mod flow;
mod progress;
mod report;
mod subjects;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use engine::{Engine, EngineError};
use lint::escape::write_line;
use lint::named::NamedPath;
use lint::parallel;
use lint::search::Source;
use lint::session::Session;
use lint::suppress::Date;
use thiserror::Error;
use trial::Workload;

pub use self::args::{EngineWord, RunningArgs, TrialArgs, TrialFormat};
use self::deliver::{deliver, file_facts, rows, rules_of};
use self::flow::{Flow, Runner, Tried};
use self::progress::Progress;
use self::report::TrialReport;
use self::subjects::{Subject, Subjects};
use crate::console::{self, Console};
use crate::lock::{self, LockFile, LockOptions};
use crate::policies::{self, Images};
use crate::report::About;

/// Why nothing is tried.
#[derive(Debug, Error)]
enum TrialError {
    #[error("--workload {name}: there is no such workload; there are {there}")]
    NoWorkload { name: String, there: String },
    #[error("--write changes files, and standard input is none: print the change with --diff")]
    Stdin,
    #[error("cannot write report `{0}`: {1}")]
    Output(String, std::io::Error),
}

/// An engine that is connected, and how much of killed runs was removed.
type Connected = Result<(Box<dyn Runner>, usize), EngineError>;

/// Tries what `args` name, writes the report to `out`, gives the exit code.
///
/// 0: every workload runs hardened, and what it needs is written; 1: one does not, or needs what is not written; 2:
/// something could not be read, run or written.
///
/// # Errors
/// Arguments, a configuration, policies or an engine that cannot be used; an output that cannot be written.
pub fn attempt(
    args: &TrialArgs,
    console: Console,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, crate::Error> {
    let connect = || {
        let engine = Engine::connect(args.running.choice())?;
        let removed = engine.clean()?;
        Ok((Box::new(engine) as Box<dyn Runner>, removed))
    };
    with(args, console, &connect, out, err)
}

/// The same with what `connect` gives.
fn with(
    args: &TrialArgs,
    console: Console,
    connect: &dyn Fn() -> Connected,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, crate::Error> {
    let mut configs = args.policy.configs()?;
    let main = configs.of_all(&args.render.places(&args.input))?;
    let mut sources = args.input.search().find(&args.render.paths(&args.input), &mut configs)?.sources;
    sources.extend(args.render.render(sources.len(), &mut configs)?);
    if args.write && sources.iter().any(Source::is_stdin) {
        return Err(crate::Error::of(TrialError::Stdin));
    }
    let today = args.today.unwrap_or_else(Date::today);
    let threads = parallel::threads(sources.len());
    let known = match &args.lock {
        Some(path) if args.write && !path.exists() => None,
        lock => {
            let lock = LockOptions { lock: lock.clone(), locked: false };
            lock::index(&lock, &args.policy, configs.get(main))?
        }
    };
    let images = Images { lock: known, dockerfiles: &[] };
    let session = policies::session(&args.policy, configs, main, &sources, threads, today, images)?;
    let open_lock = || LockFile::open(args.lock.as_deref(), session.config(main), &args.policy.trust);
    let mut lock = args.write.then(open_lock).transpose()?;
    console::announce_stdin(&sources, err)?;
    let subjects = Subjects::read(&session, &sources, args.overwrite)?;
    let chosen = chosen(&args.workloads, &subjects).map_err(crate::Error::of)?;
    let tried = if chosen.is_empty() {
        Vec::new()
    } else {
        let (runner, removed) = connect().map_err(crate::Error::of)?;
        if removed > 0 {
            write_line(err, format_args!("note: removed {removed} leftovers of runs that were killed"))?;
        }
        run(args, &session, &subjects, &chosen, &*runner, Progress::new(err, console.progress))?
    };
    let mut done = deliver(args, &session, &subjects, &tried)?;
    if let Some(lock) = &mut lock {
        file_facts(&tried, lock, err)?;
    }
    let about = About::here(args.policy.project_settings(session.config(main)).as_ref());
    let rows = rows(&subjects, &tried, &done);
    done.problems.splice(0..0, subjects.problems.iter().cloned());
    let report = TrialReport { rows, problems: &done.problems, judged: &done.judged, about: &about };
    let code = report.exit_code();
    match &args.output {
        _ if args.diff => {
            out.write_all(&done.diffs)?;
            done.note.iter().try_for_each(|note| write_line(err, note))?;
            report.write(TrialFormat::Text, err)?;
        }
        None => report.write(args.format(), out)?,
        Some(path) => {
            let path = NamedPath::given(path);
            let mut bytes = Vec::new();
            report.write(args.format(), &mut bytes)?;
            let written = path.write(&bytes);
            written.map_err(|error| crate::Error::of(TrialError::Output(path.to_string(), error)))?;
        }
    }
    Ok(code)
}

/// The workloads that are named, or all: indices of a subject and of a workload in it.
fn chosen(names: &[String], subjects: &Subjects<'_>) -> Result<BTreeSet<(usize, usize)>, TrialError> {
    let all = || {
        let of = |(at, subject): (usize, &Subject)| (0..subject.workloads.len()).map(move |own| (at, own));
        subjects.all.iter().enumerate().flat_map(of).collect::<BTreeSet<_>>()
    };
    if names.is_empty() {
        return Ok(all());
    }
    let mut chosen = BTreeSet::new();
    for name in names {
        let (kind, bare) = name.rsplit_once('/').map_or((None, name.as_str()), |(kind, bare)| (Some(kind), bare));
        let is_it = |workload: &Workload| {
            workload.name == bare && kind.is_none_or(|kind| kind.eq_ignore_ascii_case(&workload.kind))
        };
        let before = chosen.len();
        chosen.extend(all().into_iter().filter(|(at, own)| is_it(&subjects.all[*at].workloads[*own].0)));
        if chosen.len() == before {
            let there: BTreeSet<String> = subjects
                .workloads()
                .map(|workload| format!("{}/{}", workload.kind.to_lowercase(), workload.name))
                .collect();
            let there =
                if there.is_empty() { "none".to_owned() } else { there.into_iter().collect::<Vec<_>>().join(", ") };
            return Err(TrialError::NoWorkload { name: name.clone(), there });
        }
    }
    Ok(chosen)
}

/// Runs the chosen workloads, one after the other; gives the result of each workload of each subject.
fn run(
    args: &TrialArgs,
    session: &Session,
    subjects: &Subjects<'_>,
    chosen: &BTreeSet<(usize, usize)>,
    runner: &dyn Runner,
    mut progress: Progress<'_>,
) -> Result<Vec<Vec<Option<Tried>>>, crate::Error> {
    let flow = Flow {
        runner,
        objects: &subjects.objects,
        others: subjects.workloads().collect(),
        pull: args.running.pull,
        watched: args.running.how(true),
        how: args.running.how(false),
        max_runs: args.running.max_runs,
        head_room: args.running.head_room,
        overwrite: args.overwrite,
    };
    let mut tried = Vec::new();
    let mut rules_of_texts = BTreeMap::new();
    for (at, subject) in subjects.all.iter().enumerate() {
        let text = &subjects.texts[subject.source];
        let judged = || rules_of(&session.judge_text(text.source, &text.text));
        let rules = rules_of_texts.entry(subject.source).or_insert_with(judged);
        let mut of_subject = Vec::new();
        for (own, (written, fixed)) in subject.workloads.iter().enumerate() {
            let is_chosen = chosen.contains(&(at, own));
            progress.workload(&written.label());
            let came = is_chosen.then(|| flow.attempt(written, fixed, rules, &mut progress)).transpose();
            of_subject.push(came.map_err(crate::Error::of)?);
        }
        tried.push(of_subject);
    }
    Ok(tried)
}

#[cfg(test)]
mod tests;
