//! The objects of a text that is fixed.

use std::collections::BTreeSet;

use super::policies::Policies;
use crate::error::Error;
use crate::finding::{Finding, Object, Place, Problem};
use crate::objects::{Item, items};
use crate::partial::KUSTOMIZE_PATCH;
use crate::partial::{self, Shape};
use kube_yaml::yaml::{Node, Parsed, Segment};

/// An object, what was found in it and what became of it.
pub(super) struct Subject {
    /// Index of its document.
    pub(super) document: usize,
    /// From the document to the object.
    pub(super) path: Vec<Segment>,
    pub(super) object: Object,
    /// The findings in it before any fix.
    pub(super) before: Vec<Finding>,
    /// The problems that kept parts of it from being judged.
    pub(super) problems: Vec<Problem>,
    /// Where it was changed.
    pub(super) changed: BTreeSet<String>,
}

impl Subject {
    /// Every object of a text that can be fixed; adds why the others cannot to `problems`, and what is only a part of
    /// an object to `notes`. `is_patch`: a kustomization patches with the text.
    pub(super) fn all(
        policies: &Policies<'_>,
        parsed: &Parsed<'_>,
        is_patch: bool,
        problems: &mut Vec<Problem>,
        notes: &mut Vec<Problem>,
    ) -> Vec<Subject> {
        let mut all = Vec::new();
        let mut is_part = false;
        for item in items(parsed) {
            let (document, path, node, object) = match item {
                Item::Object { document, path, node, object } => (document, path, node, object),
                Item::Unclear { node, message } if !is_patch => {
                    problems.push(Problem { place: Some(Place::find(node, "")), message });
                    continue;
                }
                Item::NotKubernetes | Item::Unclear { .. } => {
                    is_part = true;
                    continue;
                }
                Item::Empty => continue,
            };
            let is_wanted = is_patch || policies.judges.iter().any(|judge| judge.wants(node, &object));
            let place = Some(Place::find(node, ""));
            match partial::shape(node, &object, is_patch) {
                _ if !is_wanted => {}
                Shape::Part(_) if is_patch => is_part = true,
                Shape::Part(message) => notes.push(Problem { place, message }),
                Shape::Broken(problem) => problems.push(*problem),
                Shape::Whole => match policies.facts.and_then(|facts| facts.unknown(node, &object)) {
                    Some(problem) => problems.push(problem),
                    None => {
                        let (before, own) = policies.judge(node, &object);
                        all.push(Subject { document, path, object, before, problems: own, changed: BTreeSet::new() });
                    }
                },
            }
        }
        if is_patch && is_part {
            notes.push(Problem::new(KUSTOMIZE_PATCH));
        }
        all
    }

    /// Its content in a text.
    pub(super) fn node<'n, 'a>(&self, parsed: &'n Parsed<'a>) -> Option<&'n Node<'a>> {
        parsed.documents.get(self.document)?.root.at(&self.path)
    }

    /// The rules that a suppression silences, and those that it silences for a container.
    pub(super) fn muted(&self) -> (Vec<&str>, Vec<(&str, &str)>) {
        let (mut rules, mut containers) = (Vec::new(), Vec::new());
        for Finding { violation, .. } in self.before.iter().filter(|finding| finding.muted.is_some()) {
            match violation.container.as_deref() {
                Some(container) => containers.push((violation.rule.as_str(), container)),
                None => rules.push(violation.rule.as_str()),
            }
        }
        (rules, containers)
    }

    /// Adds a problem, unless it is known: a policy that failed on the object as it was is likely to say so again.
    pub(super) fn add_problem(&mut self, node: &Node<'_>, error: &Error) {
        let message = format!("{}: {error}", self.object);
        if self.problems.iter().all(|known| known.message != message) {
            self.problems.push(Problem { place: Some(Place::find(node, "")), message });
        }
    }

    /// The fixes that were made, when this is left: the rule of each finding that is gone, or the path of each change
    /// if none is.
    pub(super) fn fixed(&self, left: &[Finding]) -> Vec<String> {
        let count = |found: &[Finding], rule: &str| found.iter().filter(|f| f.violation.rule == rule).count();
        let mut rules: Vec<&str> = self.before.iter().map(|finding| finding.violation.rule.as_str()).collect();
        rules.sort_unstable();
        rules.dedup();
        let mut fixed = Vec::new();
        for rule in rules {
            let gone = count(&self.before, rule).saturating_sub(count(left, rule));
            fixed.extend(std::iter::repeat_n(rule.to_owned(), gone));
        }
        if fixed.is_empty() { self.changed.iter().cloned().collect() } else { fixed }
    }
}
