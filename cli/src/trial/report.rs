//! Reports the results, for people and for programs.

mod html;
mod json;
mod markdown;
mod text;
mod words;

use std::collections::BTreeMap;
use std::io::{self, Write};

use lint::finding::{Object, Place, Problem};
use lint::outcome::FileReport;
use lint::summary::Summary;
use serde::Serialize;
use trial::answer::Verdict;
use trial::search::Found;

use super::args::TrialFormat;
use super::flow::{Ending, Tried};
use crate::report::About;

/// A workload with its result.
pub(super) struct Row<'r> {
    /// Its file.
    pub(super) file: &'r str,
    /// Where its object stands.
    pub(super) place: Place,
    /// Its object.
    pub(super) object: &'r Object,
    /// The path of its template in the object; empty of a Pod.
    pub(super) template: String,
    /// The result.
    pub(super) tried: &'r Tried,
    /// The verdicts of the trials on each rule.
    pub(super) rules: BTreeMap<String, Verdict>,
    /// Whether the file has it as it was proven.
    pub(super) written: State,
}

/// Whether a file has what was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It has.
    Written,
    /// `--write` would write it.
    Open,
    /// It cannot be written, and why.
    Refused(String),
}

/// The result of a workload in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// It runs hardened.
    Proven,
    /// It runs with needs.
    Needs,
    /// It may or may not.
    NotProvable,
    /// It does not run as it is written.
    NotReady,
    /// It could not be run.
    NotTried,
}

impl Row<'_> {
    /// The result in a word.
    pub(super) fn word(&self) -> Word {
        match &self.tried.ending {
            Ending::NotTried(_) => Word::NotTried,
            Ending::NotReady(_) => Word::NotReady,
            Ending::Hardened(hardened) => match hardened.found {
                Found::Proven => Word::Proven,
                Found::Needs(_) => Word::Needs,
                Found::NotProvable(_) => Word::NotProvable,
            },
        }
    }
}

impl Row<'_> {
    /// The verdicts that say more than the one on the whole workload.
    fn telling(&self) -> impl Iterator<Item = (&String, &Verdict)> {
        self.rules.iter().filter(|_| self.word() != Word::NotProvable)
    }
}

/// Everything that is reported.
pub(super) struct TrialReport<'r> {
    pub(super) rows: Vec<Row<'r>>,
    /// Everything that could not be read or written, each with its file.
    pub(super) problems: &'r [(String, Problem)],
    /// The files as they would be with what was proven, judged.
    pub(super) judged: &'r [FileReport],
    pub(super) about: &'r About,
}

/// How many workloads ended how.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Counts {
    workloads: usize,
    proven: usize,
    needs: usize,
    not_provable: usize,
    not_ready: usize,
    not_tried: usize,
    runs: usize,
    seconds: u64,
}

impl TrialReport<'_> {
    fn counts(&self) -> Counts {
        let mut counts = Counts { workloads: self.rows.len(), ..Counts::default() };
        for row in &self.rows {
            counts.runs += row.tried.runs;
            counts.seconds += row.tried.seconds;
            let count = match row.word() {
                Word::Proven => &mut counts.proven,
                Word::Needs => &mut counts.needs,
                Word::NotProvable => &mut counts.not_provable,
                Word::NotReady => &mut counts.not_ready,
                Word::NotTried => &mut counts.not_tried,
            };
            *count += 1;
        }
        counts
    }

    /// 0: every workload runs hardened, and what it needs is written; 1: one does not, or needs what is not written; 2:
    /// something could not be read, run or written.
    pub(super) fn exit_code(&self) -> u8 {
        let is_open = |row: &Row<'_>| match row.word() {
            Word::Proven => false,
            Word::Needs => row.written != State::Written,
            Word::NotProvable | Word::NotReady | Word::NotTried => true,
        };
        let is_undone = |row: &Row<'_>| row.word() == Word::NotTried || matches!(row.written, State::Refused(_));
        if !self.problems.is_empty() || self.rows.iter().any(is_undone) {
            2
        } else {
            u8::from(self.rows.iter().any(is_open))
        }
    }

    /// The counts over the judged files.
    fn summary(&self) -> Summary {
        Summary::of(self.judged)
    }

    /// Writes it.
    ///
    /// # Errors
    /// Fails if `out` cannot be written.
    pub(super) fn write(&self, format: TrialFormat, out: &mut dyn Write) -> io::Result<()> {
        match format {
            TrialFormat::Text => text::write(self, out),
            TrialFormat::Json => json::write(self, out),
            TrialFormat::Markdown => markdown::write(self, out),
            TrialFormat::Html => html::write(self, out),
        }
    }
}
