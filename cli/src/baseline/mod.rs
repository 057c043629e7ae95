//! The baseline: findings that are known, so that only new ones fail.
//!
//! A finding is recognised by file, object, container, rule, field and value, never by its line; each known
//! one mutes one finding.

mod entry;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::bounded;
use crate::check::FileReport;
use crate::finding::{Finding, Level, Muted, Object, Place, Violation};

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
    /// A file that cannot be read or is no baseline; the message names it.
    pub fn read(path: &Path) -> Result<Baseline, String> {
        let name = path.display();
        let text = bounded::read_to_string(path)
            .map_err(|error| format!("cannot read baseline `{name}`: {error}; --write-baseline makes one"))?;
        let shape: Shape = serde_json::from_str(&text).map_err(|error| format!("{name} is no baseline: {error}"))?;
        if shape.version != VERSION {
            return Err(format!("{name} is a baseline of version {}, not {VERSION}; write it anew", shape.version));
        }
        Ok(Baseline { path: path.to_owned(), text, findings: shape.findings })
    }

    /// Mutes the findings that are known; gives a report about those that are gone, if any are.
    ///
    /// Known findings in files that were not judged are left out, unless the file is no longer there.
    pub fn apply(&self, reports: &mut [FileReport]) -> Option<FileReport> {
        let mut known: BTreeMap<&Entry, usize> = BTreeMap::new();
        for entry in &self.findings {
            *known.entry(entry).or_default() += 1;
        }
        let mut judged = Vec::new();
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
            judged.push(file);
        }
        let folder = self.folder();
        let is_gone = |entry: &&&Entry| judged.contains(&entry.file) || !folder.join(&entry.file).exists();
        let gone = known.iter().filter(|(_, left)| **left > 0).map(|(entry, left)| (entry, *left));
        let gone: Vec<Finding> =
            gone.filter(|(entry, _)| is_gone(entry)).map(|(entry, left)| self.gone(entry, left)).collect();
        if gone.is_empty() {
            return None;
        }
        let path = self.path.display().to_string();
        Some(FileReport { path, text: self.text.clone(), findings: gone, ..FileReport::default() })
    }

    /// Writes the findings of `reports` that count as the new baseline at `path`; gives how many they are.
    ///
    /// # Errors
    /// A file that cannot be written; the message names it.
    pub fn write(path: &Path, reports: &[FileReport]) -> Result<usize, String> {
        let empty = Baseline { path: path.to_owned(), text: String::new(), findings: Vec::new() };
        let of = |report: &FileReport| {
            let file = empty.relative(&report.path);
            report.open().map(|finding| Entry::of(&file, finding)).collect::<Vec<_>>()
        };
        let mut findings: Vec<Entry> = reports.iter().flat_map(of).collect();
        findings.sort();
        let count = findings.len();
        let failed = |why: String| format!("cannot write baseline `{}`: {why}", path.display());
        let text =
            serde_json::to_string_pretty(&Shape { version: VERSION, findings }).map_err(|e| failed(e.to_string()))?;
        fs::write(path, text + "\n").map_err(|error| failed(error.to_string()))?;
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

    fn gone(&self, entry: &Entry, times: usize) -> Finding {
        let at = self.text.find(&entry.file).unwrap_or(0);
        let line_start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let line = self.text[..at].matches('\n').count() + 1;
        let times = if times == 1 { String::new() } else { format!(" ({times} times)") };
        Finding {
            violation: Violation {
                rule: GONE.to_owned(),
                path: String::new(),
                container: None,
                container_type: None,
                found: None,
                message: format!("{entry} is gone{times}: write the baseline anew with --write-baseline"),
                fixable: false,
                rejects: false,
                fix: Vec::new(),
            },
            level: Level::Warning,
            object: Object::default(),
            place: Place {
                line,
                column: self.text[line_start..at].chars().count() + 1,
                start: at,
                end: at + entry.file.len(),
                exact: true,
            },
            muted: None,
        }
    }
}
