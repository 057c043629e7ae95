//! The baseline: findings that are known, so that only new ones fail.
//!
//! A finding is recognised by file, object, container, rule, field and value, never by its line; each known
//! one mutes one finding.

mod entry;
mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::finding::{Finding, Level, Muted, Object, Place, Violation};
use crate::named::NamedPath;
use crate::outcome::FileReport;
use kube_yaml::yaml;

use entry::Entry;

/// Rule id of findings about known findings that are gone.
pub const GONE: &str = "gone-from-baseline";

/// Version of the file's shape.
const VERSION: u32 = 1;

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
    pub fn apply(&self, reports: &mut [FileReport], judged_rule: impl Fn(&str) -> bool) -> Option<FileReport> {
        let mut known: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in self.findings.iter().filter(|entry| judged_rule(&entry.rule)) {
            *known.entry(entry).or_default() += 1;
        }
        let (mut judged, mut tried) = (BTreeSet::new(), BTreeSet::new());
        for report in reports.iter_mut() {
            let file = self.relative(&report.path);
            for finding in report.findings.iter_mut().filter(|finding| finding.muted.is_none()) {
                let entry = Entry::of(&file, finding);
                if let Some(left) = known.get_mut(&entry).filter(|left| **left > 0) {
                    *left -= 1;
                    finding.muted = Some(Muted::Baseline);
                }
            }
            report.recount();
            // What could not be judged may still hold what is known of it.
            let files = if report.problems.is_empty() { &mut judged } else { &mut tried };
            files.insert(file);
        }
        known.retain(|entry, left| *left > 0 && !tried.contains(&entry.file));
        let findings = self.gone(&known, &judged);
        if findings.is_empty() {
            return None;
        }
        let path = self.path.display().to_string();
        Some(FileReport { path, text: self.text.clone(), findings, ..FileReport::default() })
    }

    /// Findings about known ones that are gone: each in a file that was judged, one for all of a file that is no
    /// longer there.
    fn gone(&self, left: &BTreeMap<&Entry, usize>, judged: &BTreeSet<String>) -> Vec<Finding> {
        let mut gone: Vec<(&Entry, String)> = Vec::new();
        let mut lost: BTreeMap<&str, (&Entry, usize)> = BTreeMap::new();
        for (entry, times) in left {
            if judged.contains(&entry.file) {
                let times = if *times == 1 { String::new() } else { format!(" ({times} times)") };
                gone.push((entry, format!("{entry} is gone{times}")));
            } else if !self.folder().join(&entry.file).exists() {
                lost.entry(&entry.file).or_insert((entry, 0)).1 += times;
            }
        }
        gone.extend(lost.into_iter().map(|(file, (entry, times))| {
            let what = if times == 1 { "known finding is" } else { "known findings are" };
            (entry, format!("{times} {what} gone with {file}, which is no longer there"))
        }));
        if gone.is_empty() {
            return Vec::new();
        }
        let parsed = yaml::parse(&self.text);
        let nodes = parsed.documents.first().and_then(|document| document.root.get("findings")?.as_sequence());
        let place = |entry: &Entry| {
            let at = self.findings.iter().position(|other| other == entry)?;
            let (key, value) = nodes?.get(at)?.entry("file")?;
            Some(Place::of(value, Some(key), true))
        };
        let start = Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        let finding = |(entry, what): (&Entry, String)| finding(place(entry).unwrap_or(start), what);
        let mut findings: Vec<Finding> = gone.into_iter().map(finding).collect();
        findings.sort_by_key(|finding| finding.place);
        findings
    }

    /// Writes the findings of `reports` that count as the new baseline at `path`; gives how many they are.
    ///
    /// # Errors
    /// A file that cannot be written; the message names it.
    pub fn write(path: &NamedPath, reports: &[FileReport]) -> Result<usize, Error> {
        let empty = Baseline { path: path.path().to_owned(), text: String::new(), findings: Vec::new() };
        let of = |report: &FileReport| {
            let file = empty.relative(&report.path);
            report.open().map(|finding| Entry::of(&file, finding)).collect::<Vec<_>>()
        };
        let mut findings: Vec<Entry> = reports.iter().flat_map(of).collect();
        findings.sort();
        let count = findings.len();
        let text = serde_json::to_string_pretty(&Shape { version: VERSION, findings })?;
        let failed = |source| Error::WriteBaseline { path: path.to_string(), source };
        path.write((text + "\n").as_bytes()).map_err(failed)?;
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

/// A finding about known ones that are gone.
fn finding(place: Place, what: String) -> Finding {
    Finding {
        violation: Violation::whole(GONE, format!("{what}: write the baseline anew with --write-baseline"), false),
        level: Level::Warning,
        object: Object::default(),
        place,
        muted: None,
    }
}
