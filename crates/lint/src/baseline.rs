//! The baseline: findings that are known, so that only new ones fail.
//!
//! A finding is recognised by file, object, container, rule, field and value, never by its line; each known
//! one mutes one finding.

mod earlier;
mod entry;
mod file;
mod gone;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::Muted;
use crate::named::NamedPath;
use crate::outcome::FileReport;

pub use earlier::Earlier;
use entry::Entry;
use gone::Gone;

/// Rule id of findings about known findings that are gone.
pub const GONE: &str = "gone-from-baseline";

/// Version of the file's shape.
const VERSION: u32 = 1;

/// The outcome of removing what is gone from a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pruned {
    /// How many findings were gone.
    pub gone: usize,
    /// How many are left.
    pub left: usize,
}

/// A baseline and the file it stands in.
#[derive(Debug)]
pub struct Baseline {
    path: PathBuf,
    text: String,
    findings: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    version: u32,
    findings: Vec<Entry>,
}

impl Baseline {
    /// Reads the baseline at `path`.
    ///
    /// # Errors
    /// A file that cannot be read or is not a baseline; the message names it.
    pub fn read(name: &NamedPath) -> Result<Baseline, Error> {
        let path = || name.to_string();
        let text = name.read_to_string().map_err(|source| Error::ReadBaseline { path: path(), source })?;
        let shape: Shape = serde_json::from_str(&text).map_err(|source| Error::NotBaseline { path: path(), source })?;
        if shape.version != VERSION {
            return Err(Error::BaselineVersion { path: path(), found: shape.version, known: VERSION });
        }
        Ok(Baseline { path: name.path().to_owned(), text, findings: shape.findings })
    }

    /// Mutes the findings that are known; gives a report about those that are gone, if any are.
    ///
    /// Known findings in files that were not judged, or not as a whole, are left out, unless the file is no longer
    /// there and nobody named it; so are those of rules that `judged_rule` denies.
    pub fn apply<'r>(
        &self,
        reports: impl IntoIterator<Item = &'r mut FileReport>,
        judged_rule: impl Fn(&str) -> bool,
    ) -> Option<FileReport> {
        let gone = self.mute(reports, judged_rule).finding(&self.text, &self.findings)?;
        let path = self.path.display().to_string();
        Some(FileReport { path, text: self.text.clone(), findings: vec![gone], ..FileReport::default() })
    }

    /// Mutes the findings that are known; gives those that are gone.
    fn mute<'r>(
        &self,
        reports: impl IntoIterator<Item = &'r mut FileReport>,
        judged_rule: impl Fn(&str) -> bool,
    ) -> Gone<'_> {
        let mut known: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in self.findings.iter().filter(|entry| judged_rule(&entry.rule)) {
            *known.entry(entry).or_default() += 1;
        }
        let (mut judged, mut tried) = (BTreeSet::new(), BTreeSet::new());
        for report in reports {
            let file = self.relative(&report.path);
            entry::mute(&file, report.findings.iter_mut(), &mut known, &Muted::Baseline);
            report.recount();
            // What could not be judged may still hold what is known of it.
            let files = if report.problems.is_empty() { &mut judged } else { &mut tried };
            files.insert(file);
        }
        known.retain(|entry, left| *left > 0 && !tried.contains(&entry.file));
        Gone::of(known, &judged, self.folder())
    }

    /// Writes the baseline, which was read from `path`, without the findings that are gone; leaves the file alone if none
    /// is. Which are gone is decided as by [`Baseline::apply`].
    ///
    /// # Errors
    /// A file that cannot be written; the message names it.
    pub fn prune<'r>(
        &self,
        path: &NamedPath,
        reports: impl IntoIterator<Item = &'r mut FileReport>,
        judged_rule: impl Fn(&str) -> bool,
    ) -> Result<Pruned, Error> {
        let mut gone = self.mute(reports, judged_rule);
        let count = gone.count();
        let mut findings = Vec::new();
        for entry in &self.findings {
            match gone.entries.get_mut(entry) {
                Some(times) if *times > 0 => *times -= 1,
                _ => findings.push(entry.clone()),
            }
        }
        let left = findings.len();
        if count > 0 {
            write(path, findings)?;
        }
        Ok(Pruned { gone: count, left })
    }

    /// Writes the findings of `reports` that count as the new baseline at `path`; gives how many they are. What the old one
    /// knows of files that are there and were not looked at stays.
    ///
    /// # Errors
    /// A file that cannot be written; the message names it.
    pub fn write<'r>(path: &NamedPath, reports: impl IntoIterator<Item = &'r FileReport>) -> Result<usize, Error> {
        // Whatever else stands there is written over: it knows nothing.
        let empty = || Baseline { path: path.path().to_owned(), text: String::new(), findings: Vec::new() };
        let old = Baseline::read(path).unwrap_or_else(|_| empty());
        let (mut findings, mut judged) = (Vec::new(), BTreeSet::new());
        for report in reports {
            let file = old.relative(&report.path);
            findings.extend(report.open().map(|finding| Entry::of(&file, finding)));
            judged.insert(file);
        }
        let count = findings.len();
        let is_elsewhere = |entry: &Entry| !judged.contains(&entry.file) && old.folder().join(&entry.file).exists();
        findings.extend(old.findings.iter().filter(|entry| is_elsewhere(entry)).cloned());
        findings.sort();
        write(path, findings)?;
        Ok(count)
    }

    fn folder(&self) -> &Path {
        self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// A path as the baseline writes it: relative to its folder, so that it holds on every machine.
    fn relative(&self, path: &str) -> String {
        let plain = || path.trim_start_matches("./").replace('\\', "/");
        let (Ok(file), Ok(folder)) = (fs::canonicalize(path), fs::canonicalize(self.folder())) else { return plain() };
        file.strip_prefix(folder).map_or_else(|_| plain(), |below| below.to_string_lossy().replace('\\', "/"))
    }
}

/// Writes a baseline of these findings.
fn write(path: &NamedPath, findings: Vec<Entry>) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(&Shape { version: VERSION, findings })?;
    let failed = |source| Error::WriteBaseline { path: path.to_string(), source };
    path.write((text + "\n").as_bytes()).map_err(failed)
}
