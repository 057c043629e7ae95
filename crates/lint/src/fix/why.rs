//! The reasons for which findings are left.

use std::sync::Arc;

use hardening::catalogue;
use thiserror::Error;

use super::choice::Declined;
use super::rounds::Reasons;
use crate::finding::Finding;
use kube_yaml::patch::Reason;

/// Why a finding is still there after a fix; the text follows the finding in brackets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Why {
    /// The text does not allow the edit.
    #[error("not edited: `{path}` {reason}")]
    NotEdited {
        /// Field path in the object.
        path: String,
        /// Why not.
        reason: Reason,
    },
    /// The author chose the value.
    #[error("it was written so; --unsafe replaces it")]
    Written,
    /// Another policy knows a repair, which it makes itself if its settings say so.
    #[error("policy `{policy}` repairs it with `action: mutate`{} in its settings", if *.overwrites { " and `overwrite: true`" } else { "" })]
    Settings {
        /// The name of the policy.
        policy: Arc<str>,
        /// Whether the repair replaces what the author wrote.
        overwrites: bool,
    },
    /// The repair would reach a suppressed finding, too.
    #[error("a suppression covers what the repair would change, too")]
    Spared,
    /// No repair is known: what the rule leaves to a person.
    #[error("{0}")]
    ByHand(&'static str),
    /// Another policy found it, which changed nothing about it.
    #[error("this policy offers no fix")]
    NoFix,
    /// Somebody was asked and declined.
    #[error("you left it")]
    Declined,
    /// It was fixed in a text that could not be written.
    #[error("the file was not changed")]
    NotWritten,
}

impl Why {
    /// Says why a finding in the object `subject` is left.
    pub(super) fn of(finding: &Finding, subject: usize, reasons: &Reasons, declined: &Declined) -> Why {
        let violation = &finding.violation;
        if declined.has(subject, finding) {
            return Why::Declined;
        }
        let reason = |path: &str| reasons.get(&(subject, violation.rule.clone(), path.to_owned()));
        // Of a policy that names no fixes every finding may have been meant.
        if let Some(refusal) = reason(&violation.path).or_else(|| reason("")) {
            return Why::NotEdited { path: refusal.path.clone(), reason: refusal.reason };
        }
        match &finding.policy {
            _ if violation.fix.is_empty() => catalogue::by_hand(&violation.rule).map_or(Why::NoFix, Why::ByHand),
            Some(policy) => Why::Settings { policy: Arc::clone(policy), overwrites: !violation.fixable },
            None if violation.fixable => Why::Spared,
            None => Why::Written,
        }
    }
}

#[cfg(test)]
mod tests {
    use hardening::catalogue::by_hand;

    use crate::config::known_ids;

    #[test]
    fn every_rule_and_check_says_what_a_person_must_do() {
        let silent: Vec<&str> = known_ids().into_iter().filter(|id| by_hand(id).is_none()).collect();
        assert!(silent.is_empty(), "{silent:?}");
        assert_eq!((by_hand("run-as-non-root"), by_hand("nosuch")), (Some("choose an id"), None));
    }
}
