//! Looks at what a folder holds: workloads and the levels they reach, charts, kustomizations, Dockerfiles.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use hardening::standard::Version;
use lint::config::{ConfigFile, Configs};
use lint::named::from_here;
use lint::parallel;
use lint::search::{KUSTOMIZATIONS, Search, Source};

use crate::error::Error;
use crate::level::{LevelJudges, PodLevel};

/// Everything there is; paths are relative to the folder.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many workloads reach each level, the lowest first.
    pub(super) counts: [usize; PodLevel::ALL.len()],
    /// The workloads below the level baseline, with their places.
    pub(super) privileged: Vec<String>,
    /// Charts of Helm that lie in no other chart.
    pub(super) charts: Vec<Chart>,
    /// The folders of kustomizations.
    pub(super) kustomizations: Vec<String>,
    /// Files and why they cannot be judged.
    pub(super) unreadable: Vec<(String, String)>,
    /// Dockerfiles.
    pub(super) dockerfiles: Vec<String>,
    /// A configuration in a folder below, which governs what is there.
    pub(super) nearer: Option<PathBuf>,
}

/// A chart of Helm.
#[derive(Debug)]
pub(super) struct Chart {
    /// Its folder; `.` is the folder itself.
    pub(super) path: String,
    /// Whether it comes with charts of others.
    pub(super) has_charts: bool,
}

impl Found {
    /// Looks at everything below `folder` that a check would look at.
    ///
    /// # Errors
    /// A sandbox that does not work on this machine.
    pub(super) fn in_folder(folder: &Path) -> Result<Found, Error> {
        let mut configs = Configs::nearest(false);
        let mut sources = Search::default().find(&[folder.to_owned()], &mut configs)?.sources;
        let root = folder.canonicalize()?;
        // What has a configuration of its own is not for this one to describe.
        let is_below = |file: &ConfigFile| file.folder != root && file.folder.starts_with(&root);
        let mut found = Found::default();
        sources.retain(|source| {
            let nearer = configs.get(source.config()).filter(|file| is_below(file));
            found.nearer = found.nearer.take().or_else(|| nearer.map(|file| from_here(&file.path)));
            nearer.is_none()
        });
        let charts = charts(folder, &sources);
        found.charts = charts.iter().map(|chart| Chart::of(folder, chart)).collect();
        let judges = LevelJudges::new(Version::LATEST, &[])?;
        let mut kustomizations = BTreeSet::new();
        for source in &sources {
            let Some(path) = source.file() else { continue };
            let is_named =
                |names: &[&str]| path.file_name().is_some_and(|name| names.iter().any(|known| name == *known));
            if is_named(&KUSTOMIZATIONS) {
                kustomizations.insert(below(folder, path.parent().unwrap_or(folder)));
            }
            let in_chart =
                |chart: &PathBuf| ["templates", "charts"].iter().any(|part| path.starts_with(chart.join(part)));
            if !charts.iter().any(in_chart) {
                found.judge(&judges, source, below(folder, path));
            }
        }
        found.kustomizations = kustomizations.into_iter().collect();
        found.look_for_dockerfiles(folder, folder, 0);
        found.dockerfiles.sort();
        Ok(found)
    }

    /// The lowest level of a workload.
    pub(super) fn lowest(&self) -> Option<PodLevel> {
        PodLevel::ALL.into_iter().zip(self.counts).find(|(_, count)| *count > 0).map(|(level, _)| level)
    }

    /// Counts the workloads of a file by their levels.
    fn judge(&mut self, judges: &LevelJudges, source: &Source, path: String) {
        let text = match source.read() {
            Ok(text) => text,
            Err(why) => return self.unreadable.push((path, why.to_string())),
        };
        let levels = match parallel::caught(|| judges.judge(path.clone(), source, &text)) {
            Ok(levels) => levels,
            Err(panic) => return self.unreadable.push((path, panic.to_string())),
        };
        for standing in levels.standings {
            if let Some(at) = PodLevel::ALL.iter().position(|level| *level == standing.level) {
                self.counts[at] += 1;
            }
            if standing.level == PodLevel::Privileged {
                self.privileged.push(format!("{path}:{}: {}", standing.line, standing.object));
            }
        }
        if let Some(problem) = levels.problems.into_iter().next() {
            self.unreadable.push((path, problem));
        }
    }

    /// Adds the Dockerfiles below `at`, but for those in hidden folders and below what is installed or built.
    fn look_for_dockerfiles(&mut self, folder: &Path, at: &Path, depth: usize) {
        const DEEPEST: usize = 6;
        const NOT_OURS: [&str; 4] = ["node_modules", "vendor", "target", "dist"];
        let Ok(entries) = fs::read_dir(at) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(kind) = entry.file_type() else { continue };
            let is_dockerfile = name == "Dockerfile" || name == "Containerfile" || name.ends_with(".Dockerfile");
            if kind.is_file() && is_dockerfile {
                self.dockerfiles.push(below(folder, &entry.path()));
            } else if kind.is_dir() && depth < DEEPEST && !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
                self.look_for_dockerfiles(folder, &entry.path(), depth + 1);
            }
        }
    }
}

impl Chart {
    fn of(folder: &Path, chart: &Path) -> Chart {
        Chart { path: below(folder, chart), has_charts: chart.join("charts").is_dir() }
    }
}

/// The folders of charts that lie in no other chart.
fn charts(folder: &Path, sources: &[Source]) -> Vec<PathBuf> {
    let of_chart = |path: &&Path| path.file_name().is_some_and(|name| name == "Chart.yaml");
    let all: BTreeSet<PathBuf> = sources
        .iter()
        .filter_map(Source::file)
        .filter(of_chart)
        .map(|path| path.parent().unwrap_or(folder).to_owned())
        .collect();
    let is_top = |chart: &&PathBuf| !all.iter().any(|other| other != *chart && chart.starts_with(other.join("charts")));
    all.iter().filter(is_top).cloned().collect()
}

/// A path from the folder, as a configuration writes it.
fn below(folder: &Path, path: &Path) -> String {
    let path = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
    if path.is_empty() { ".".to_owned() } else { path }
}
