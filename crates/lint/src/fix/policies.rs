//! The policies that a fix asks.

use std::sync::Arc;

use crate::dockerfile::Image;
use crate::finding::{Finding, Object, Problem};
use crate::judge::Judge;
use crate::unreadable;
use kube_yaml::yaml::Node;

/// The policies that judge a text and those that fix it.
pub(super) struct Policies<'s> {
    pub(super) judges: Vec<&'s Judge>,
    /// Lists what the built-in rules would repair, with the edits.
    pub(super) listing: &'s Judge,
    /// Images whose Dockerfiles say the ids of their containers.
    pub(super) images: &'s [Arc<Image>],
}

impl Policies<'_> {
    /// Collects the findings of the policies about an object, and what they cannot judge in it.
    pub(super) fn judge(&self, node: &Node<'_>, object: &Object) -> (Vec<Finding>, Vec<Problem>) {
        let (mut findings, mut problems) = (Vec::new(), Vec::new());
        for judge in self.judges.iter().filter(|judge| judge.wants(node, object)) {
            let mut examined = unreadable::examine(judge, node, object);
            findings.append(&mut examined.findings);
            problems.append(&mut examined.problems);
        }
        (findings, problems)
    }
}
