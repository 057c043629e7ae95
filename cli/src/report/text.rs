//! The report for people: within an object the worst findings first, with the lines in question.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::frame::Frames;
use super::rules::RuleDocs;
use super::words::sentence;
use super::{Report, concise, statistics};
use lint::escape::one_line;
use lint::finding::Finding;
use lint::outcome::FileReport;
use lint::parallel;

/// Writes the findings and problems of every file, then the summary.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.style.quiet {
        return concise::write(report, out);
    }
    let docs = report.style.hyperlinks.then(RuleDocs::read);
    let frames = Frames::new(report.style, docs.as_ref());
    let reported = |(file, _): &(&FileReport, &Vec<bool>)| {
        file.open().next().is_some() || !file.problems.is_empty() || !file.notes.is_empty()
    };
    let reported: Vec<(&FileReport, &Vec<bool>)> = report.files.iter().zip(report.repairs()).filter(reported).collect();
    let render = |(file, repaired): &(&FileReport, &Vec<bool>)| of_file(&frames, file, repaired);
    parallel::in_order(report.threads, &reported, render, |text| out.write_all(text.as_bytes()))?;
    statistics::write(report, out)?;
    writeln!(out, "{}", sentence(report))
}

/// An open finding, and whether `harden fix` repairs it.
#[derive(Clone, Copy)]
pub(super) struct Shown<'r> {
    pub(super) finding: &'r Finding,
    pub(super) repaired: bool,
}

/// The frames of a file, and what could not be judged in it.
fn of_file(frames: &Frames<'_>, file: &FileReport, repaired: &[bool]) -> String {
    let mut text = String::new();
    for mut groups in objects(file, repaired) {
        // Of equally bad ones, what somebody wrote is worse than what nobody did.
        groups.sort_by_key(|group| group.first().map(|worst| (worst.finding.badness(), !worst.finding.place.exact)));
        for group in groups {
            text += &frames.of(file, &group);
            text += "\n\n";
        }
    }
    let notes = file.notes.iter().map(|note| ("note", "not judged: ", note));
    for (word, what, problem) in notes.chain(file.problems.iter().map(|problem| ("error", "", problem))) {
        let line = one_line(&format!("{word}: {}: {what}{}", problem.place_in(&file.path), problem.message));
        let _ = write!(text, "{line}\n\n");
    }
    text
}

/// The open findings of each object in the order of the text, in groups of one place, the worst of a group first.
fn objects<'r>(file: &'r FileReport, repaired: &[bool]) -> Vec<Vec<Vec<Shown<'r>>>> {
    let shown = |(finding, repaired): (&'r Finding, &bool)| Shown { finding, repaired: *repaired };
    let open = |shown: &Shown<'_>| shown.finding.muted.is_none();
    let mut all: Vec<Shown<'r>> = file.findings.iter().zip(repaired).map(shown).filter(open).collect();
    let owner = |shown: &Shown<'_>| file.workload_of(shown.finding).unwrap_or(usize::MAX);
    // The sort is stable: they stay in the order of their places.
    all.sort_by_cached_key(owner);
    let groups = |shown: &[Shown<'r>]| -> Vec<Vec<Shown<'r>>> {
        let is_one = |a: &Shown<'_>, b: &Shown<'_>| a.finding.place == b.finding.place;
        shown.chunk_by(is_one).map(<[_]>::to_vec).flat_map(split).collect()
    };
    let is_one = |a: &Shown<'_>, b: &Shown<'_>| a.finding.object == b.finding.object && owner(a) == owner(b);
    all.chunk_by(is_one).map(groups).collect()
}

/// Separates fields that are not set, which share lines, from what is wrong at a place.
fn split(mut group: Vec<Shown<'_>>) -> impl Iterator<Item = Vec<Shown<'_>>> {
    group.sort_by_key(|shown| shown.finding.badness());
    let (lacking, wrong): (Vec<_>, Vec<_>) =
        group.into_iter().partition(|shown| !shown.finding.place.exact && shown.finding.said().lacking().is_some());
    [wrong, lacking].into_iter().filter(|group| !group.is_empty())
}
