//! How much a rule matters, and what fails a run.

use std::sync::LazyLock;

use hardening::catalogue;
use hardening::rules::Severity;

hardening::setting_words! {
    /// The severity that fails a run.
    #[derive(PartialOrd, Ord)]
    pub enum FailOn {
        /// Every finding, warnings too.
        Warning = "warning",
        /// Every violation.
        Low = "low",
        /// Violations of rules of medium severity and above; those below are warnings.
        Medium = "medium",
        /// Violations of rules of high severity and above.
        High = "high",
        /// Violations of rules of critical severity.
        Critical = "critical",
        /// Nothing.
        Never = "never",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro takes no attribute on a variant")]
impl Default for FailOn {
    fn default() -> FailOn {
        FailOn::Low
    }
}

impl FailOn {
    /// Whether violations of a rule of this severity are errors.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            FailOn::Warning | FailOn::Low => true,
            FailOn::Medium => severity >= Severity::Medium,
            FailOn::High => severity >= Severity::High,
            FailOn::Critical => severity >= Severity::Critical,
            FailOn::Never => false,
        }
    }
}

/// Severity of a rule, or of a check of the Pod Security Standards; `None` for an unknown id.
pub fn severity(id: &str) -> Option<Severity> {
    // The one check that no rule is named after is a part of this rule.
    let id = if id == "run-as-non-root" { "run-as-user" } else { id };
    // A description of all rules is dear, and this is asked for every rule of every file with overrides.
    static SEVERITIES: LazyLock<Vec<(&str, Severity)>> =
        LazyLock::new(|| catalogue::every().iter().map(|doc| (doc.id, doc.severity)).collect());
    SEVERITIES.iter().find(|(known, _)| *known == id).map(|(_, severity)| *severity)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_and_check_has_a_severity() {
        let checks = hardening::standard::CHECKS.iter().map(|check| check.id);
        for id in hardening::catalogue::IDS.iter().copied().chain(checks) {
            assert!(severity(id).is_some(), "{id}");
        }
        assert_eq!(severity("nonsense"), None);
    }

    #[test]
    fn the_threshold_counts_itself() {
        assert!(FailOn::High.fails(Severity::High) && FailOn::High.fails(Severity::Critical));
        assert!(!FailOn::High.fails(Severity::Medium));
        assert!(FailOn::Warning.fails(Severity::Low) && !FailOn::Never.fails(Severity::Critical));
    }
}
