//! Repairs beside what is suppressed: a rule that would write a field of the pod for all its containers writes it for the
//! others alone where one is to stay as it is.

use std::cell::LazyCell;

use crate::finding::Finding;
use crate::judge::Judge;
use crate::outcome::FileReport;
use crate::text::Text;
use crate::unreadable;

/// Gives findings whose edits would reach a suppressed one the edits that `harden fix` makes instead.
pub(super) fn relist(judge: &Judge, text: &Text<'_>, report: &mut FileReport) {
    if !judge.is_built_in() || !report.findings.iter().any(Finding::is_suppressed) {
        return;
    }
    let listing = LazyCell::new(|| judge.listing(false));
    let owners: Vec<Option<usize>> = report.findings.iter().map(|finding| report.workload_of(finding)).collect();
    for (at, workload) in report.workloads.iter().enumerate() {
        let own: Vec<usize> = (0..owners.len()).filter(|finding| owners[*finding] == Some(at)).collect();
        let suppressed: Vec<Finding> =
            own.iter().map(|at| &report.findings[*at]).filter(|finding| finding.is_suppressed()).cloned().collect();
        let reaches = |finding: &Finding| {
            let is_reached = |other: &Finding| {
                other.violation.rule == finding.violation.rule
                    && other.violation.fix.iter().any(|edit| finding.violation.fix.contains(edit))
            };
            finding.muted.is_none() && finding.is_fixable() && suppressed.iter().any(is_reached)
        };
        let Some(node) = workload.node(text.parsed()) else { continue };
        for at in own.into_iter().filter(|at| reaches(&report.findings[*at])).collect::<Vec<_>>() {
            let violation = &mut report.findings[at].violation;
            let of_rule = suppressed.iter().filter(|finding| finding.violation.rule == violation.rule);
            let containers = of_rule.filter_map(|finding| finding.violation.container.as_deref());
            let spared: Vec<(&str, &str)> = containers.map(|container| (violation.rule.as_str(), container)).collect();
            // What the policy does not take was said when it judged.
            let Ok(Ok(listing)) = listing.as_ref().map(|listing| listing.sparing(&spared)) else { continue };
            let listed = unreadable::examine(&listing, node, &workload.object).findings;
            let is_same =
                |other: &&Finding| (&other.violation.rule, &other.violation.path) == (&violation.rule, &violation.path);
            if let Some(other) = listed.iter().find(is_same) {
                violation.fix.clone_from(&other.violation.fix);
                violation.fixable = other.violation.fixable;
            }
        }
    }
}
