//! The expected answer to a request, with the paths of its object.

use hardening::catalogue::IDS;
use hardening::standard::docs::ONLY_CHECKS;
use serde_json::{Map, Value};

use crate::case::{Case, Verdict};

/// A place that a rule reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Id of the rule.
    pub rule: String,
    /// Field path in the object.
    pub path: String,
}

/// The expected answer.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The policy's verdict.
    pub verdict: Verdict,
    /// Violations that reject, in order.
    pub violations: Vec<Place>,
    /// Violations that warn, in order.
    pub warnings: Vec<Place>,
    /// Texts of the message, the warnings or the error.
    pub contains: Vec<String>,
    /// Changed paths with their new values.
    pub mutated: Map<String, Value>,
}

impl Expected {
    /// Returns the expectation of `case` for the policy `id`; `whole` makes the object's path of a case's.
    pub fn of(case: &Case, id: &str, verdict: Verdict, whole: impl Fn(&str) -> String) -> Expected {
        let place = |text: &String| {
            // The bundle's cases say the rule: `privileged spec.containers[0]…`.
            let (rule, path) = match text.split_once(' ') {
                Some((rule, path)) if is_known(rule) => (rule, path),
                _ => (id, text.as_str()),
            };
            Place { rule: rule.to_owned(), path: whole(path) }
        };
        let mutated = case.mutated.iter().flatten();
        Expected {
            verdict,
            violations: case.violations.iter().map(place).collect(),
            warnings: case.warnings.iter().map(place).collect(),
            contains: case.message_contains.0.clone(),
            mutated: mutated.map(|(path, value)| (whole(path), value.clone())).collect(),
        }
    }
}

/// Whether a rule, or a check of the Pod Security Standards that no rule stands for, has this id.
fn is_known(id: &str) -> bool {
    IDS.contains(&id) || ONLY_CHECKS.iter().any(|check| check.id == id)
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.rule, self.path)
    }
}
