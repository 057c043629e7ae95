//! Judges a text chunk by chunk. What cannot carry a pod template is recognised by its outline, which costs
//! a fraction of a tree; whatever an outline cannot tell for certain is read as a whole.

use super::judge::{Judge, judge_documents};
use super::objects::{Item, in_document};
use super::session::KUSTOMIZE_PATCH;
use super::{Counts, FileReport, Workload};
use crate::finding::{Finding, Problem};
use kube_yaml::yaml::{self, Chunk, Parsed};

/// What came of some chunks of a text.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// In the order of their objects.
    pub(super) findings: Vec<Finding>,
    /// Objects that could not be judged.
    pub(super) problems: Vec<Problem>,
    /// What was left alone.
    pub(super) notes: Vec<Problem>,
    pub(super) counts: Counts,
    /// What was to be judged.
    pub(super) workloads: Vec<Workload>,
    /// Chunks that could not be read.
    errors: Vec<Problem>,
    /// There was a document or an error.
    seen: bool,
    /// A kustomization patches with the text.
    pub(super) is_patch: bool,
}

impl Part {
    /// Judges these chunks.
    pub(crate) fn of_chunks<'a>(judge: &Judge, chunks: impl IntoIterator<Item = Chunk<'a>>) -> Part {
        let mut part = Part::default();
        for chunk in chunks {
            match pass_over(judge, &chunk) {
                Some(counts) => {
                    part.seen = true;
                    part.counts.add(counts);
                }
                None => part.add(judge, &yaml::parse_chunk(&chunk)),
            }
        }
        part
    }

    /// Judges these chunks of a text that a kustomization patches with, as far as they are more than patches.
    pub(crate) fn of_patch<'a>(judge: &Judge, chunks: impl IntoIterator<Item = Chunk<'a>>) -> Part {
        let mut part = Part { is_patch: true, ..Part::default() };
        chunks.into_iter().for_each(|chunk| part.add(judge, &yaml::parse_chunk(&chunk)));
        if part.counts.partial > 0 {
            part.notes.push(Problem::new(KUSTOMIZE_PATCH));
        }
        part
    }

    /// Judges what is parsed already; `is_patch` as [`of_patch`](Self::of_patch).
    pub(crate) fn of_parsed(judge: &Judge, parsed: &Parsed<'_>, is_patch: bool) -> Part {
        let mut part = Part { is_patch, ..Part::default() };
        part.add(judge, parsed);
        part
    }

    fn add(&mut self, judge: &Judge, parsed: &Parsed<'_>) {
        self.seen |= !parsed.documents.is_empty() || !parsed.errors.is_empty();
        self.errors.extend(parsed.errors.iter().map(Problem::of_yaml));
        judge_documents(judge, parsed, self);
    }

    /// Puts the part of later chunks behind this one.
    pub(crate) fn append(&mut self, mut later: Part) {
        self.findings.append(&mut later.findings);
        self.problems.append(&mut later.problems);
        self.notes.append(&mut later.notes);
        self.errors.append(&mut later.errors);
        self.workloads.append(&mut later.workloads);
        self.counts.add(later.counts);
        self.seen |= later.seen;
    }

    /// The report of the whole text, which has no name yet: findings in the order of their places.
    pub(crate) fn finish(mut self) -> FileReport {
        // A text of nothing but comments holds no document.
        self.counts.empty += usize::from(!self.seen);
        self.problems.append(&mut self.errors);
        self.findings.sort_by_key(|finding| finding.place);
        let Part { findings, problems, notes, counts, workloads, .. } = self;
        let mut report = FileReport { findings, problems, notes, counts, workloads, ..FileReport::default() };
        report.recount();
        report
    }
}

/// What to count for a chunk with nothing to judge; `None` if that takes a closer look.
fn pass_over(judge: &Judge, chunk: &Chunk<'_>) -> Option<Counts> {
    if judge.wants_every_object() {
        return None;
    }
    // An outline leaves out the items of a list.
    let outline = yaml::outline(chunk).filter(|outline| outline.root.get("items").is_none())?;
    match in_document(0, &outline.root).as_slice() {
        [Item::NotKubernetes] => Some(Counts { not_kubernetes: 1, ..Counts::default() }),
        [Item::Object { node, object, .. }] if !judge.may_want(node, object, chunk.text) => {
            Some(Counts { without_template: 1, ..Counts::default() })
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "adversary_tests.rs"]
mod adversary;
