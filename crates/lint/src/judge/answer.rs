//! The violations in a policy's answer.

use sandbox::{First, ValidationResponse, shorten};

use super::Judge;
use crate::finding::Violation;

/// The violations of a list and how many more there are: of another's policy only the first are kept.
fn listed(judge: &Judge, list: &str) -> Option<(Vec<Violation>, usize)> {
    if judge.policy.is_built_in() {
        return Some((serde_json::from_str(list).ok()?, 0));
    }
    let First { entries, more } = serde_json::from_str(list).ok()?;
    Some((entries, more))
}

/// The violations that a response lists; a policy without such a list gives one for the object.
pub(super) fn read_violations(judge: &Judge, response: ValidationResponse) -> Vec<Violation> {
    let whole = |message: String, rejects: bool| Violation::whole(judge.name(), shorten(message), rejects);
    if let Some(list) = response.audit_annotations.get("violations")
        && let Some((mut violations, more)) = listed(judge, list)
    {
        for violation in &mut violations {
            violation.message = shorten(std::mem::take(&mut violation.message));
        }
        if more > 0 {
            violations.push(whole(format!("and {more} more violations"), !response.accepted));
        }
        return violations;
    }
    let mut violations = Vec::new();
    if !response.accepted {
        violations.push(whole(response.message.unwrap_or_else(|| "refused without a reason".to_owned()), true));
    }
    violations.extend(response.warnings.into_iter().map(|warning| whole(warning, false)));
    violations
}
