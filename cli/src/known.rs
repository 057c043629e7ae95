//! The baselines of a run: each belongs to the files of the configurations that name it.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;

use lint::baseline::{Baseline, Pruned};
use lint::config::ConfigFile;
use lint::escape::{write_error, write_line};
use lint::named::NamedPath;
use lint::outcome::FileReport;
use lint::search::Source;
use lint::session::Session;
use lint::trust;

use crate::error::Error;
use crate::report::plural;

/// A baseline, and whose findings are in it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) path: NamedPath,
    /// The configurations that name it; `None` if the command line does, for every file.
    configs: Option<BTreeSet<usize>>,
}

/// The baseline that the command line names, else those of the configurations.
pub(crate) fn all(given: Option<&Path>, session: &Session) -> Result<Vec<Known>, lint::Error> {
    if let Some(path) = given {
        return Ok(vec![Known { path: NamedPath::given(path), configs: None }]);
    }
    let mut all: Vec<Known> = Vec::new();
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for (config, file) in session.configs() {
        let Some(path) = ConfigFile::baseline(file)? else { continue };
        match all.iter_mut().find(|known| real(known.path.path()) == real(path.path())) {
            Some(Known { configs: Some(configs), .. }) => drop(configs.insert(config)),
            _ => all.push(Known { path, configs: Some(BTreeSet::from([config])) }),
        }
    }
    Ok(all)
}

impl Known {
    /// Whether the findings of a file that this configuration governs belong to it.
    pub(crate) fn is_for(&self, config: Option<usize>) -> bool {
        let Some(configs) = &self.configs else { return true };
        config.is_some_and(|config| configs.contains(&config))
    }

    /// The number of the configuration that names it.
    fn config(&self) -> Option<usize> {
        self.configs.as_ref().and_then(|configs| configs.first().copied())
    }
}

/// The baselines of a run, read: for commands that change files, to which what is known is nothing to report.
pub(crate) struct Baselines(Vec<(Baseline, Known)>);

impl Baselines {
    /// Reads the baseline that the command line names, else those of the configurations.
    pub(crate) fn read(given: Option<&Path>, session: &Session) -> Result<Baselines, lint::Error> {
        let read = |known: Known| Ok((Baseline::read(&known.path)?, known));
        all(given, session)?.into_iter().map(read).collect::<Result<_, _>>().map(Baselines)
    }

    /// The baselines that the findings of a source may be in.
    pub(crate) fn of(&self, source: &Source) -> impl Iterator<Item = &Baseline> {
        self.0.iter().filter(|(_, known)| known.is_for(source.config())).map(|(baseline, _)| baseline)
    }
}

/// Mutes what is known; adds a report about each baseline with findings that are gone.
pub(crate) fn mute(known: &[Known], session: &Session, reports: &mut Vec<FileReport>) -> Result<(), Error> {
    for one in known {
        let baseline = Baseline::read(&one.path)?;
        let own = reports.iter_mut().filter(|report| one.is_for(report.config));
        let gone = baseline.apply(own, |rule| session.judges_rule(rule));
        reports.extend(gone.map(|report| FileReport { config: one.config(), ..report }));
    }
    Ok(())
}

/// Writes each baseline; what could not be judged is reported and leaves the old ones.
pub(crate) fn write(known: &[Known], reports: &[FileReport], err: &mut dyn Write) -> Result<u8, Error> {
    if write_problems(reports, err)? {
        return Err(Error::Unjudged);
    }
    for one in known {
        let count = Baseline::write(&one.path, reports.iter().filter(|report| one.is_for(report.config)))?;
        write_line(err, format_args!("wrote {} to {}", plural(count, "finding"), one.path))?;
    }
    let others = reports.iter().filter(|report| !known.iter().any(|one| one.is_for(report.config)));
    let count: usize = others.map(|report| report.open().count()).sum();
    if count > 0 {
        let what = plural(count, "finding");
        let why = "their configurations name no baseline, or they have none";
        write_line(err, format_args!("note: {what} in other files belong to no baseline: {why}"))?;
    }
    Ok(0)
}

/// Writes the new baseline at `path` of the files that belong to it. Baselines of other files stay as they are.
pub(crate) fn write_new(
    path: &Path,
    known: Vec<Known>,
    mut reports: Vec<FileReport>,
    err: &mut dyn Write,
) -> Result<u8, Error> {
    let nobodys = || Known { path: NamedPath::given(path), configs: Some(BTreeSet::new()) };
    let is_it = |known: &Known| trust::real(known.path.path()) == trust::real(path);
    let own = known.into_iter().find(is_it).unwrap_or_else(nobodys);
    reports.retain(|report| own.is_for(report.config));
    write(&[own], &reports, err)
}

/// Takes what is gone out of each baseline.
pub(crate) fn prune(
    known: &[Known],
    session: &Session,
    reports: &mut [FileReport],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Error> {
    if known.is_empty() {
        return Err(Error::NothingToPrune);
    }
    let has_problems = write_problems(reports, err)?;
    for one in known {
        let baseline = Baseline::read(&one.path)?;
        let own = reports.iter_mut().filter(|report| one.is_for(report.config));
        let Pruned { gone, left } = baseline.prune(&one.path, own, |rule| session.judges_rule(rule))?;
        write_line(out, format_args!("{}: {} removed, {left} left", one.path, plural(gone, "known finding")))?;
    }
    Ok(if has_problems { 2 } else { 0 })
}

/// Writes what could not be judged, each with its file; gives whether there was something.
fn write_problems(reports: &[FileReport], err: &mut dyn Write) -> Result<bool, Error> {
    let mut has_problems = false;
    for report in reports {
        for problem in &report.problems {
            has_problems = true;
            let place = problem.place.map(|place| format!(":{}:{}", place.line, place.column)).unwrap_or_default();
            write_error(err, format_args!("{}{place}: {}", report.path, problem.message))?;
        }
    }
    Ok(has_problems)
}
