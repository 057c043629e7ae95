//! The text of a suppression: `[privileged, capabilities] until=2027-01-31 the reason`.

use thiserror::Error;

use super::Date;
use super::date::DateError;

/// A suppression's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    /// Ids of the rules that are ignored.
    pub(super) rules: Vec<String>,
    /// The last day on which it holds.
    pub(super) until: Option<Date>,
    /// Why.
    pub(super) reason: String,
}

/// Longest name of an annotation, behind the `/`, that the API server takes.
pub(super) const LONGEST_NAME: usize = 63;

/// Why a suppression cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Invalid {
    /// It names no rules.
    #[error("name the rules: `# harden: ignore[rule, rule] reason`")]
    NoRules,
    /// Its date is not one.
    #[error(transparent)]
    Date(#[from] DateError),
    /// No cluster takes an annotation with so long a name.
    #[error(
        "the annotation's name has {0} characters behind the `/`, Kubernetes takes {LONGEST_NAME}: suppress in a \
         comment, or in the annotation of the rule without a container"
    )]
    LongName(usize),
}

const UNTIL: &str = "until=";

impl Clause {
    /// Reads `[rule, …] until=… reason`.
    ///
    /// # Errors
    /// No list of rules, or a date that is none.
    pub(super) fn with_rules(text: &str) -> Result<Clause, Invalid> {
        let (list, rest) =
            text.trim_start().strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or(Invalid::NoRules)?;
        let rules: Vec<String> = list.split(',').map(|rule| rule.trim().to_owned()).collect();
        if rules.iter().any(String::is_empty) {
            return Err(Invalid::NoRules);
        }
        Clause::of(rules, rest)
    }

    /// Reads `until=… reason`.
    ///
    /// # Errors
    /// A date that is none.
    pub(super) fn of(rules: Vec<String>, text: &str) -> Result<Clause, Invalid> {
        let mut until = None;
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            match word.strip_prefix(UNTIL) {
                Some(date) if until.is_none() => until = Some(date.parse()?),
                _ => words.push(word),
            }
        }
        Ok(Clause { rules, until, reason: words.join(" ") })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn clauses() {
        let clause = |rules: &[&str], until: Option<&str>, reason: &str| Clause {
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            until: until.map(|date| date.parse().unwrap()),
            reason: reason.to_owned(),
        };
        for (text, expected) in [
            ("[privileged] needs raw  sockets", clause(&["privileged"], None, "needs raw sockets")),
            (" [a, b]until=2027-01-31 x", clause(&["a", "b"], Some("2027-01-31"), "x")),
            ("[a] ticket 12 until=2027-01-31", clause(&["a"], Some("2027-01-31"), "ticket 12")),
            ("[a]", clause(&["a"], None, "")),
        ] {
            assert_eq!(Clause::with_rules(text).unwrap(), expected, "{text}");
        }
        for wrong in ["privileged because", "[] x", "[a,] x", "[a x", "[a] until=tomorrow x", ""] {
            assert!(Clause::with_rules(wrong).is_err(), "{wrong}");
        }
    }
}
