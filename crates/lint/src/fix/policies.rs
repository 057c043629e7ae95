//! The policies that a fix asks.

use crate::facts::{Bench, ImageJudge};
use crate::finding::{Finding, Object, Problem};
use crate::judge::Judge;
use crate::unreadable;
use kube_yaml::yaml::Node;

/// The policies that judge a text and those that fix it.
pub(super) struct Policies<'s> {
    pub(super) judges: Vec<&'s Judge>,
    /// Lists what the built-in rules would repair, with the edits.
    pub(super) listing: &'s Judge,
    /// The rule about images, where something is known about any.
    pub(super) facts: Option<&'s ImageJudge>,
    /// Whether what the author wrote may be replaced.
    pub(super) overwrite: bool,
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
        if let Some(judge) = self.judges.first().filter(|judge| judge.wants(node, object)) {
            Bench { judge, images: self.facts }.add(node, object, &mut findings, &mut problems);
        }
        (findings, problems)
    }
}
