//! What the fixes of findings make of the text.

mod part;

use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use self::part::{Part, Replacement, difference, edited, edits_of, is_shared};
use kube_yaml::patch::{Target, patch};
use kube_yaml::yaml::{self, Node, Parsed};
use lint::finding::Finding;
use lint::outcome::{FileReport, Workload};

/// Works out what repairs single findings of a file. The file is read once; for each finding only the container or
/// object is read again that its edits stay in, so that the work grows with the text, not with its square.
pub(super) struct Repairs<'f> {
    file: &'f FileReport,
    parsed: Parsed<'f>,
    /// For each document, whether anchors share parts of it: these are edited as a whole or not at all.
    shared: Vec<bool>,
    /// What is known, by workload and edits: a field of the pod is missed by each of its containers.
    known: BTreeMap<(usize, String), Rc<[Replacement]>>,
    /// Bytes that were read again.
    read: usize,
}

impl<'f> Repairs<'f> {
    pub(super) fn of(file: &'f FileReport) -> Repairs<'f> {
        let parsed = yaml::parse(&file.text);
        let shared = parsed.documents.iter().map(|document| is_shared(&document.root)).collect();
        Repairs { file, parsed, shared, known: BTreeMap::new(), read: 0 }
    }

    /// What repairs one finding, as replacements of whole lines: nothing if it cannot be done safely, `None` if more
    /// than `budget` bytes would have to be read for it.
    pub(super) fn replacements(&mut self, finding: &Finding, budget: usize) -> Option<Rc<[Replacement]>> {
        let nothing = || Some(Rc::from(Vec::new()));
        let Some(at) = self.file.workload_of(finding) else { return nothing() };
        let workload = &self.file.workloads[at];
        let Ok(edits) = serde_json::to_string(&finding.violation.fix) else { return nothing() };
        if let Some(known) = self.known.get(&(at, edits.clone())) {
            return Some(Rc::clone(known));
        }
        let Some(document) = document_of(&self.parsed, workload) else { return nothing() };
        let Some(object) = self.parsed.documents[document].root.at(&workload.path) else { return nothing() };
        let part = Part::of(finding, object)
            .filter(|_| !self.shared[document])
            .and_then(|part| part.text(&self.file.text).map(|text| (part, text)));
        let cost = part.as_ref().map_or(workload.chunk.len(), |(_, text)| text.text.len());
        if cost > budget {
            return None;
        }
        self.read += cost;
        let replacements = match part {
            Some((part, text)) => text.edited(part.node, &part.edits),
            None => whole(self.file, workload, object, finding),
        };
        let replacements: Rc<[Replacement]> = replacements.into();
        self.known.insert((at, edits), Rc::clone(&replacements));
        Some(replacements)
    }

    /// Bytes that were read again so far.
    pub(super) fn read(&self) -> usize {
        self.read
    }
}

/// What repairs a finding, from its whole chunk.
fn whole(file: &FileReport, workload: &Workload, object: &Node<'_>, finding: &Finding) -> Vec<Replacement> {
    let Some(old) = file.text.get(workload.chunk.clone()) else { return Vec::new() };
    let Some(wanted) = edits_of(&[finding]).and_then(|edits| edited(object, &edits)) else { return Vec::new() };
    let target = Target { document: workload.document, path: workload.path.clone(), wanted: &wanted };
    let outcome = patch(old, &[target]);
    if !outcome.refused.is_empty() {
        return Vec::new();
    }
    difference(old, &outcome.text, workload.chunk.start)
}

/// For every finding of a file, in their order, whether `harden fix` repairs it.
pub(super) fn repaired(file: &FileReport) -> Vec<bool> {
    let mut repaired = vec![false; file.findings.len()];
    if !file.findings.iter().any(|finding| finding.violation.fixable) {
        return repaired;
    }
    let parsed = yaml::parse(&file.text);
    let owners: Vec<Option<usize>> = file.findings.iter().map(|finding| file.workload_of(finding)).collect();
    let mut fixable: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for (finding, owner) in file.findings.iter().zip(&owners).filter(|(finding, _)| finding.violation.fixable) {
        fixable.entry(owner.unwrap_or(usize::MAX)).or_default().push(finding);
    }
    let mut wanted: Vec<(usize, usize, Value)> = Vec::new();
    for (index, own) in fixable {
        let Some(workload) = file.workloads.get(index) else { continue };
        let Some(document) = document_of(&parsed, workload) else { continue };
        let node = parsed.documents[document].root.at(&workload.path);
        let value = node.and_then(|node| edited(node, &edits_of(&own)?));
        wanted.extend(value.map(|value| (index, document, value)));
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
        let position = owners[at].and_then(|owner| wanted.binary_search_by_key(&owner, |(index, ..)| *index).ok());
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
    let first = parsed.documents.partition_point(|document| document.chunk.start < workload.chunk.start);
    let at = first + workload.document;
    parsed.documents.get(at).filter(|document| document.chunk == workload.chunk).map(|_| at)
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
        let mut repairs = Repairs::of(&report);
        for (finding, expected) in report.findings.iter().zip(super::repaired(&report)) {
            let replacements = repairs.replacements(finding, usize::MAX).unwrap();
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

    /// A `List` of Deployments, and a pod with many containers.
    fn crowds(count: usize) -> [String; 3] {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  selector: {}\n  template:\n    \
            metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - {name: a, image: 'x:1'}\n      - name: b\n        \
            # why\n        image: x:1\n";
        let item = "- ".to_owned() + &deployment.trim_end().replace('\n', "\n  ") + "\n";
        let list = "apiVersion: v1\nkind: List\nitems:\n".to_owned() + &item.repeat(count);
        let block = POD.to_owned() + &"    - name: app\n      image: x:1\n".repeat(count);
        let containers = vec![r#"{"name": "a", "image": "x:1"}"#; count].join(", ");
        let json = format!(
            r#"{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p"}}, "spec": {{"containers": [{containers}]}}}}"#
        );
        [list, block, json]
    }

    #[test]
    fn s14_the_work_grows_with_the_text() {
        let read = |text: &str| {
            let report = judged("crowd.yaml", text);
            let mut repairs = Repairs::of(&report);
            let fixable = report.findings.iter().filter(|finding| finding.violation.fixable);
            let made = fixable.filter(|f| !repairs.replacements(f, usize::MAX).unwrap().is_empty()).count();
            assert!(made > 20, "{made}");
            repairs.read()
        };
        for (small, large) in crowds(300).iter().zip(crowds(1_200)) {
            let (few, many) = (read(small), read(&large));
            assert!(many < 5 * few, "4 times the text, but {few} and {many} bytes read: {small}");
        }
    }

    #[test]
    fn s14_a_part_is_repaired_as_the_whole_is() {
        for (text, every) in crowds(3).into_iter().map(|text| (text, 1)).chain(crowds(300).map(|text| (text, 397))) {
            let report = judged("crowd.yaml", &text);
            let mut repairs = Repairs::of(&report);
            let fixable = report.findings.iter().filter(|finding| finding.violation.fixable);
            for finding in fixable.step_by(every) {
                let of_part = repairs.replacements(finding, usize::MAX).unwrap();
                let workload = &report.workloads[report.workload_of(finding).unwrap()];
                let object = repairs.parsed.documents[0].root.at(&workload.path).unwrap();
                let of_whole = whole(&report, workload, object, finding);
                let new = |replacements: &[Replacement]| {
                    let mut new = text.clone();
                    for replacement in replacements.iter().rev() {
                        new.replace_range(replacement.range.clone(), &replacement.text);
                    }
                    new
                };
                let meaning = |text: &str| yaml::parse(text).documents[0].root.to_json();
                let (of_part, of_whole) = (new(&of_part), new(&of_whole));
                assert_eq!(meaning(&of_part), meaning(&of_whole), "{:?}", finding.violation);
                assert!(every > 1 || of_part == of_whole, "{of_part}\n{of_whole}");
                assert_ne!(of_part, text);
            }
        }
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
