//! Known findings that are gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::GONE;
use super::entry::Entry;
use crate::finding::{Finding, Level, Object, Place, Violation};
use kube_yaml::yaml;

/// How many lost files a message names.
const NAMED: usize = 3;

/// The known findings that a run could have found and did not.
#[derive(Default)]
pub(super) struct Gone<'b> {
    /// Each entry with how often it is gone.
    pub(super) entries: BTreeMap<&'b Entry, usize>,
    /// How many are of a file that is no longer there.
    lost: BTreeMap<&'b str, usize>,
}

impl<'b> Gone<'b> {
    /// Takes from what is `left` over the findings in files that were judged, and in files that are no longer in `folder`.
    pub(super) fn of(left: BTreeMap<&'b Entry, usize>, judged: &BTreeSet<String>, folder: &Path) -> Gone<'b> {
        let mut gone = Gone::default();
        for (entry, times) in left {
            if !judged.contains(&entry.file) {
                if folder.join(&entry.file).exists() {
                    continue;
                }
                *gone.lost.entry(&entry.file).or_default() += times;
            }
            gone.entries.insert(entry, times);
        }
        gone
    }

    pub(super) fn count(&self) -> usize {
        self.entries.values().sum()
    }

    /// A finding at the first of them in the baseline; `None` if there is none.
    pub(super) fn finding(&self, text: &str, known: &[Entry]) -> Option<Finding> {
        let (first, message) = (self.entries.keys().next()?, self.message());
        let parsed = yaml::parse(text);
        let nodes = parsed.documents.first().and_then(|document| document.root.get("findings")?.as_sequence());
        let place = || {
            let at = known.iter().position(|other| other == *first)?;
            let (key, value) = nodes?.get(at)?.entry("file")?;
            Some(Place::of(value, Some(key), true))
        };
        let start = Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        Some(Finding {
            violation: Violation::whole(GONE, message, false),
            level: Level::Warning,
            object: Object::default(),
            place: place().unwrap_or(start),
            policy: None,
            muted: None,
        })
    }

    /// `22 known findings are gone (11 of pod.yaml, which is no longer there): …`
    fn message(&self) -> String {
        let what = match (self.count(), self.entries.keys().next()) {
            (1, Some(entry)) if self.lost.is_empty() => format!("1 known finding is gone, {entry}"),
            (1, _) => "1 known finding is gone".to_owned(),
            (count, _) => format!("{count} known findings are gone"),
        };
        let named = self.lost.iter().take(NAMED).map(|(file, count)| format!("{count} of {file}"));
        let more = self.lost.len().saturating_sub(NAMED);
        let mut parts: Vec<String> = named.collect();
        if more > 0 {
            parts.push(format!("others of {more} more files"));
        }
        let lost = match self.lost.len() {
            0 => String::new(),
            1 => format!(" ({}, which is no longer there)", parts.concat()),
            _ => format!(" ({}, which are no longer there)", parts.join(", ")),
        };
        format!("{what}{lost}: run `harden baseline prune`")
    }
}
