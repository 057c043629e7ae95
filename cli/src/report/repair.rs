//! What the fixes of findings make of the text.

use std::collections::BTreeSet;
use std::ops::Range;

use hardening::edit;
use hardening::violation::Edit;
use serde_json::Value;
use similar::TextDiff;

use crate::check::{FileReport, Workload};
use crate::finding::Finding;
use crate::patch::{Target, patch};
use crate::yaml::{self, Node};

/// A part of a text and what takes its place.
pub(super) struct Replacement {
    /// Bytes of the text.
    pub(super) range: Range<usize>,
    /// The new text.
    pub(super) text: String,
}

/// What repairs one finding, as replacements of whole lines; none if it cannot be done safely.
pub(super) fn replacements(file: &FileReport, finding: &Finding) -> Vec<Replacement> {
    let Some(workload) = file.workload_of(finding).map(|at| &file.workloads[at]) else { return Vec::new() };
    let Some(old) = file.text.get(workload.chunk.clone()) else { return Vec::new() };
    let parsed = yaml::parse(old);
    let node = parsed.documents.get(workload.document).and_then(|document| document.root.at(&workload.path));
    let Some(wanted) = node.and_then(|node| edited(node, &[finding])) else { return Vec::new() };
    let target = Target { document: workload.document, path: workload.path.clone(), wanted: &wanted };
    let outcome = patch(old, &[target]);
    if !outcome.refused.is_empty() {
        return Vec::new();
    }
    difference(old, &outcome.text, workload.chunk.start)
}

/// How much of the text has to be read to repair a finding, in bytes.
pub(super) fn cost(file: &FileReport, finding: &Finding) -> usize {
    file.workload_of(finding).map_or(0, |at| file.workloads[at].chunk.len())
}

/// For every finding of a file, in their order, whether `harden fix` repairs it.
pub(super) fn repaired(file: &FileReport) -> Vec<bool> {
    let mut repaired = vec![false; file.findings.len()];
    if !file.findings.iter().any(|finding| finding.violation.fixable) {
        return repaired;
    }
    let parsed = yaml::parse(&file.text);
    let owners: Vec<Option<usize>> = file.findings.iter().map(|finding| file.workload_of(finding)).collect();
    let mut wanted: Vec<(usize, usize, Value)> = Vec::new();
    for (index, workload) in file.workloads.iter().enumerate() {
        let of_workload = file.findings.iter().zip(&owners).filter(|(_, owner)| **owner == Some(index));
        let own: Vec<&Finding> = of_workload.map(|(finding, _)| finding).filter(|f| f.violation.fixable).collect();
        let Some(document) = document_of(&parsed, workload).filter(|_| !own.is_empty()) else { continue };
        let node = parsed.documents[document].root.at(&workload.path);
        wanted.extend(node.and_then(|node| edited(node, &own)).map(|value| (index, document, value)));
    }
    let targets: Vec<Target<'_>> = wanted
        .iter()
        .map(|(index, document, wanted)| Target {
            document: *document,
            path: file.workloads[*index].path.clone(),
            wanted,
        })
        .collect();
    let refused = patch(&file.text, &targets).refused;
    for (at, finding) in file.findings.iter().enumerate() {
        let position = wanted.iter().position(|(index, ..)| Some(*index) == owners[at]);
        let is_refused = |position: usize| {
            let edits = &finding.violation.fix;
            let touches = |path: &str| edits.iter().any(|e| e.path.starts_with(path) || path.starts_with(&e.path));
            refused.iter().any(|refusal| refusal.target == position && touches(&refusal.path))
        };
        repaired[at] = finding.violation.fixable && position.is_some_and(|position| !is_refused(position));
    }
    repaired
}

/// Index of a workload's document in the whole text.
fn document_of(parsed: &yaml::Parsed<'_>, workload: &Workload) -> Option<usize> {
    let first = parsed.documents.iter().position(|document| document.chunk == workload.chunk)?;
    Some(first + workload.document).filter(|at| *at < parsed.documents.len())
}

/// The object with the fixes of findings; `None` if they do not fit.
fn edited(node: &Node<'_>, findings: &[&Finding]) -> Option<Value> {
    let mut seen = BTreeSet::new();
    let edits = findings.iter().flat_map(|finding| &finding.violation.fix).map(|edit| {
        let (path, value) = (edit.path.clone(), edit.value.as_ref().map(|value| value.get().to_owned()));
        match (edit.op.as_str(), value) {
            ("set", Some(value)) => Some(Edit::Set { path, value }),
            ("append", Some(value)) => Some(Edit::Append { path, value }),
            ("remove", None) => Some(Edit::Remove { path }),
            _ => None,
        }
    });
    let edits: Option<Vec<Edit>> = edits.collect();
    // Two containers may ask for the same change of their pod.
    let edits: Vec<Edit> = edits?.into_iter().filter(|edit| seen.insert(edit.clone())).collect();
    if edits.is_empty() {
        return None;
    }
    serde_json::from_str(&edit::apply(&node.to_json(), &edits).ok()?).ok()
}

/// What differs, line by line; `start` is where `old` stands in the whole text.
fn difference(old: &str, new: &str, start: usize) -> Vec<Replacement> {
    let diff = TextDiff::from_lines(old, new);
    let offsets = |lines: Vec<&str>| -> Vec<usize> {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        [0].into_iter().chain(ends).collect()
    };
    let (before, after) = (offsets(diff.iter_old_slices().collect()), offsets(diff.iter_new_slices().collect()));
    let changed = diff.ops().iter().filter(|op| op.tag() != similar::DiffTag::Equal).map(|op| Replacement {
        range: start + before[op.old_range().start]..start + before[op.old_range().end],
        text: new[after[op.new_range().start]..after[op.new_range().end]].to_owned(),
    });
    changed.collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::testing::{POD, judged};
    use super::*;

    #[test]
    fn a_replacement_repairs_its_finding_and_nothing_else() {
        let text = format!("# first\n---\n{POD}---\n{POD}");
        let report = judged("pod.yaml", &text);
        let mut repaired = 0;
        for (finding, expected) in report.findings.iter().zip(super::repaired(&report)) {
            let replacements = replacements(&report, finding);
            if !finding.violation.fixable {
                assert!(!expected);
                continue;
            }
            assert!(expected && !replacements.is_empty(), "{:?}", finding.violation);
            let mut new = text.clone();
            for replacement in replacements.iter().rev() {
                new.replace_range(replacement.range.clone(), &replacement.text);
            }
            let after = judged("pod.yaml", &new);
            assert!(after.problems.is_empty() && after.findings.len() < report.findings.len(), "{new}");
            repaired += 1;
        }
        assert!(repaired > 4, "{repaired}");
    }

    #[test]
    fn what_comes_through_an_alias_is_not_repaired() {
        let text = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
shared: &sc {privileged: false}
spec:
  containers:
    - {name: a, image: 'x:1', securityContext: {privileged: false}}
    - {name: b, image: 'x:1', securityContext: *sc}
";
        let report = judged("pod.yaml", text);
        let repaired = super::repaired(&report);
        let of = |container: &str| {
            let at = report.findings.iter().position(|f| {
                f.violation.rule == "allow-privilege-escalation" && f.violation.container.as_deref() == Some(container)
            });
            repaired[at.unwrap()]
        };
        assert!(of("a") && !of("b"));
    }
}
