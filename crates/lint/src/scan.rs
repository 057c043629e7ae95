//! Judges a text chunk by chunk. What cannot carry a pod template is recognised by its outline, which costs
//! a fraction of a tree; whatever an outline cannot tell for certain is read as a whole.

use kube_yaml::yaml::{self, Chunk, Node, Parsed, Segment};

use crate::elsewhere::Elsewhere;
use crate::facts::Bench;
use crate::finding::{Finding, Object, Place, Problem};
use crate::judge::Judge;
use crate::objects::{Item, in_document, in_documents};
use crate::outcome::{Counts, FileReport, Workload};
use crate::partial::{self, KUSTOMIZE_PATCH, Shape};
use crate::unreadable::{self, Examined};

/// The result for some chunks of a text.
#[derive(Debug, Default)]
pub(crate) struct Part {
    /// In the order of their objects.
    pub(crate) findings: Vec<Finding>,
    /// Objects that could not be judged.
    pub(crate) problems: Vec<Problem>,
    /// Notes on objects that were left alone.
    pub(crate) notes: Vec<Problem>,
    pub(crate) counts: Counts,
    /// The workloads.
    pub(crate) workloads: Vec<Workload>,
    /// Chunks that could not be read.
    errors: Vec<Problem>,
    /// There was a document or an error.
    seen: bool,
    /// A kustomization patches with the text.
    pub(crate) is_patch: bool,
}

impl Part {
    /// Judges these chunks one by one, so that no more than the tree of one is held.
    pub(crate) fn of_chunks<'a, 'j>(bench: impl Into<Bench<'j>>, chunks: impl IntoIterator<Item = Chunk<'a>>) -> Part {
        let [part] = Part::of_each([bench.into()], chunks);
        part
    }

    /// Judges these chunks on each of the benches, which share the trees.
    fn of_each<'a, const N: usize>(benches: [Bench<'_>; N], chunks: impl IntoIterator<Item = Chunk<'a>>) -> [Part; N] {
        let mut parts = [(); N].map(|()| Part::default());
        for chunk in chunks {
            let mut parsed = None;
            for (part, bench) in parts.iter_mut().zip(benches) {
                match pass_over(bench.judge, &chunk) {
                    Some(counts) => {
                        part.seen = true;
                        part.counts.add(counts);
                    }
                    None => part.add(bench, parsed.get_or_insert_with(|| yaml::parse_chunk(&chunk))),
                }
            }
        }
        parts
    }

    /// Judges what is parsed already. `is_patch`: a kustomization patches with the text, which is judged as far as it is
    /// more than patches.
    pub(crate) fn of_parsed<'j>(bench: impl Into<Bench<'j>>, parsed: &Parsed<'_>, is_patch: bool) -> Part {
        let mut part = Part { is_patch, ..Part::default() };
        part.add(bench.into(), parsed);
        if is_patch && part.counts.partial > 0 {
            part.notes.push(Problem::new(KUSTOMIZE_PATCH));
        }
        part
    }

    fn add(&mut self, bench: Bench<'_>, parsed: &Parsed<'_>) {
        self.seen |= !parsed.documents.is_empty() || !parsed.errors.is_empty();
        self.errors.extend(parsed.errors.iter().map(Problem::of_yaml));
        judge_documents(bench, parsed, self);
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

/// Judges every object of `text`; `path` is for the report.
pub fn judge_text(judge: &Judge, path: String, text: String) -> FileReport {
    let part = Part::of_chunks(judge, yaml::chunks(&text));
    FileReport { path, text, rules: judge.rules(), is_read: true, ..part.finish() }
}

/// Judges every object of a text with each of the judges; `is_patch`: a kustomization patches with it. The reports have
/// neither a path nor the text.
pub fn judge_each<const N: usize>(judges: [&Judge; N], text: &str, is_patch: bool) -> [FileReport; N] {
    if is_patch {
        let parsed = yaml::parse(text);
        return judges.map(|judge| Part::of_parsed(judge, &parsed, true).finish());
    }
    Part::of_each(judges.map(Bench::from), yaml::chunks(text)).map(Part::finish)
}

/// Adds what comes of every object of these documents to `part`.
fn judge_documents(bench: Bench<'_>, parsed: &Parsed<'_>, part: &mut Part) {
    let judge = bench.judge;
    for item in in_documents(parsed) {
        let (document, path, node, object) = match item {
            Item::Empty => {
                part.counts.empty += 1;
                continue;
            }
            Item::NotKubernetes => {
                part.counts.not_kubernetes += usize::from(!part.is_patch);
                part.counts.partial += usize::from(part.is_patch);
                continue;
            }
            Item::Unclear { .. } if part.is_patch => {
                part.counts.partial += 1;
                continue;
            }
            Item::Unclear { node, message } => {
                part.problems.push(Problem { place: Some(Place::find(node, "")), message });
                continue;
            }
            Item::Object { document, path, node, object } => (document, path, node, object),
        };
        let shape = if part.is_patch || judge.wants(node, &object) {
            partial::shape(node, &object, part.is_patch)
        } else {
            Shape::Whole
        };
        match shape {
            Shape::Whole => {}
            Shape::Part(message) => {
                part.counts.partial += 1;
                // One note is enough for a whole file of patches.
                if !part.is_patch {
                    part.notes.push(Problem { place: Some(Place::find(node, "")), message });
                }
                continue;
            }
            Shape::Broken(problem) => {
                part.problems.push(*problem);
                continue;
            }
        }
        let Elsewhere { note, problems, .. } = judge.elsewhere(node, &object);
        let is_elsewhere = note.is_some() || !problems.is_empty();
        // The policies refuse what a pointer misses by one level, too; it is said once, with its place.
        let is_refused = !problems.is_empty();
        part.notes.extend(note);
        part.problems.extend(problems);
        if is_refused || !judge.wants(node, &object) {
            part.counts.elsewhere += usize::from(is_elsewhere);
            part.counts.without_template += usize::from(!is_elsewhere);
            continue;
        }
        let Examined { mut findings, problems, is_judged } = unreadable::examine(judge, node, &object);
        part.counts.judged += usize::from(is_judged);
        let ask = |judge: &Judge| unreadable::examine(judge, node, &object).findings;
        part.findings.extend(judge.exempted(&ask, &findings));
        bench.add(node, &object, &mut findings, &mut part.problems);
        part.findings.extend(findings);
        part.problems.extend(problems);
        part.workloads.push(Workload { is_judged, ..workload(parsed, document, path, node, object) });
    }
}

/// An object that is judged, and where it stands.
fn workload(parsed: &Parsed<'_>, document: usize, path: Vec<Segment>, node: &Node<'_>, object: Object) -> Workload {
    let chunk = parsed.documents[document].chunk.clone();
    let first = parsed.documents.partition_point(|other| other.chunk.start < chunk.start);
    let (place, extent) = (Place::find(node, ""), node.span.range());
    Workload { object, place, extent, chunk, document: document - first, path, source: None, is_judged: false }
}

/// Counts a chunk with nothing to judge; `None` if that takes a closer look.
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
mod tests;

#[cfg(test)]
mod adversary;
