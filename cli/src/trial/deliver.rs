//! Turns the trials into new texts, differences, verdicts and facts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use lint::escape::write_line;
use lint::finding::Problem;
use lint::outcome::FileReport;
use lint::session::Session;
use trial::answer::{Open, answer};

use super::args::TrialArgs;
use super::flow::{Ending, Tried};
use super::report::{Row, State};
use super::subjects::Subjects;
use super::write::{self, Written};
use crate::fix::paths::Paths;
use crate::fix::{diff, file, leftovers};
use crate::lock::LockFile;

/// The files with what was proven.
#[derive(Default)]
pub(super) struct Delivered {
    /// The files with what was proven, judged: those that hold workloads.
    pub(super) judged: Vec<FileReport>,
    /// The file of each text in them.
    of_text: BTreeMap<usize, usize>,
    pub(super) diffs: Vec<u8>,
    /// Where the diffs can be applied, unless that is here.
    pub(super) note: Option<String>,
    /// Whether each subject is written, by its index.
    states: BTreeMap<usize, State>,
    pub(super) problems: Vec<(String, Problem)>,
}

/// Writes the texts with what was proven, or a difference, where that is asked for, and judges them.
pub(super) fn deliver(
    args: &TrialArgs,
    session: &Session,
    subjects: &Subjects<'_>,
    tried: &[Vec<Option<Tried>>],
) -> Result<Delivered, crate::Error> {
    let mut done = Delivered::default();
    if tried.is_empty() {
        return Ok(done);
    }
    if args.write {
        leftovers::remove_when_interrupted();
    }
    let paths = Paths::of(subjects.texts.iter().map(|given| given.source));
    done.note = paths.note();
    for (at, given) in subjects.texts.iter().enumerate() {
        let own: Vec<usize> = (0..subjects.all.len()).filter(|index| subjects.all[*index].source == at).collect();
        if own.is_empty() {
            continue;
        }
        let Written { text, wanted, refused } = write::text(subjects, at, tried);
        let mut not_written = None;
        if args.diff {
            diff::write(&paths.name(given.source), &given.text, &text, &mut done.diffs)?;
        }
        if let (true, Some(path)) = (args.write && text != given.text, given.source.file()) {
            not_written = file::replace(path, &given.text, &text).err().map(|why| why.to_string());
        }
        for index in own {
            let state = match (refused.get(&index), &not_written) {
                (Some(why), _) | (None, Some(why)) if wanted.contains(&index) => State::Refused(why.clone()),
                _ if args.write || !wanted.contains(&index) => State::Written,
                _ => State::Open,
            };
            done.states.insert(index, state);
        }
        if let Some(why) = not_written {
            done.problems.push((given.source.name.clone(), Problem::new(why)));
        }
        done.of_text.insert(at, done.judged.len());
        done.judged.push(session.judge_text(given.source, &text));
    }
    Ok(done)
}

/// The rules that hold in a file.
pub(super) fn rules_of(report: &FileReport) -> BTreeSet<String> {
    report.rules.iter().flat_map(|rules| rules.iter()).map(|id| (*id).to_owned()).collect()
}

/// Every workload that was tried, with the verdicts.
pub(super) fn rows<'r>(subjects: &'r Subjects<'_>, tried: &'r [Vec<Option<Tried>>], done: &Delivered) -> Vec<Row<'r>> {
    let mut rows = Vec::new();
    for (at, (subject, tried)) in subjects.all.iter().zip(tried).enumerate() {
        let Some(judged) = done.of_text.get(&subject.source).and_then(|at| done.judged.get(*at)) else { continue };
        let rules = rules_of(judged);
        let mut open: BTreeMap<String, Vec<Open>> = BTreeMap::new();
        // Suppressed ones, too: what is not hardened is not proven.
        for finding in judged.findings.iter().filter(|finding| finding.object == subject.object) {
            // The row is about the object.
            let (said, object) = (finding.said().to_string(), format!("{}, ", subject.object));
            let said = said.strip_prefix(&object).unwrap_or(&said).to_owned();
            let found = Open { said, is_written: finding.violation.found.is_some() };
            open.entry(finding.violation.rule.clone()).or_default().push(found);
        }
        for (tried, (workload, _)) in tried.iter().zip(&subject.workloads) {
            let Some(tried) = tried else { continue };
            let rules = match &tried.ending {
                Ending::Hardened(hardened) => answer(&rules, &open, &hardened.found),
                _ => BTreeMap::new(),
            };
            rows.push(Row {
                file: &subjects.texts[subject.source].source.name,
                place: subject.place,
                object: &subject.object,
                template: workload.at.join("."),
                tried,
                rules,
                written: done.states.get(&at).cloned().unwrap_or(State::Open),
            });
        }
    }
    rows
}

/// Files what was seen of the images in the lock.
pub(super) fn file_facts(
    tried: &[Vec<Option<Tried>>],
    lock: &mut LockFile,
    err: &mut dyn Write,
) -> Result<(), crate::Error> {
    let lacking = write::facts(tried.iter().flatten().flatten(), &mut lock.lock);
    if lock.is_there() {
        for reference in lacking {
            let name = lock.name();
            let how = "`harden images lock` adds it, and the next `harden try --write` what was seen of it";
            write_line(err, format_args!("note: {reference} is not in {name}: {how}"))?;
        }
    }
    lock.save().map(drop).map_err(crate::Error::of)
}
