//! Checks of the Pod Security Standards: each stands beside the rule whose fields it judges.
//!
//! A check is not the rule of the same id: the standard looks at what is written anywhere, a rule at what is in
//! force. A cluster pinned to a version keeps that version's behaviour, so a change is a new function and a new
//! line of [`standard!`], never an edit of the old one.

#[cfg(test)]
pub(crate) mod cases;

use super::{Rule, RuleMeta};
use crate::view::View;
use crate::violation::Report;

crate::setting_words! {
    /// A level of the standard; each has all checks of the one before, or stricter ones in their place.
    #[derive(PartialOrd, Ord)]
    pub enum Level {
        /// No check.
        Privileged = "privileged",
        /// Keeps out known ways to more privileges.
        Baseline = "baseline",
        /// Follows what is known of hardening pods.
        Restricted = "restricted",
    }
}

/// Reports every place of the template that the standard does not accept.
pub type CheckFn = fn(&View<'_>, &mut Report);

/// A check of the standard with its history.
#[derive(Clone, Copy)]
pub struct Check {
    /// Id: that of the rule with the same meaning, where there is one.
    pub id: &'static str,
    /// The lowest level that has the check.
    pub level: Level,
    /// The baseline check in whose place it stands.
    pub overrides: Option<&'static str>,
    /// Its behaviour and the minor version of Kubernetes since which it is so, oldest first.
    pub versions: &'static [(u8, CheckFn)],
}

impl Check {
    /// The behaviour in Kubernetes 1.`minor`, with the minor version it began with; `None` before there was the check.
    pub(crate) fn at(&self, minor: u8) -> Option<(u8, CheckFn)> {
        self.versions.iter().rfind(|(since, _)| *since <= minor).copied()
    }
}

/// A check in words. They stand apart from [`Check`], so that they never become part of a policy's wasm.
#[derive(Clone, Copy)]
pub(crate) struct Sentence {
    /// The check's name in Pod Security Admission.
    pub(crate) upstream: &'static str,
    /// The fields it looks at, in Markdown, line by line.
    pub(crate) fields: &'static [&'static str],
    /// The demand of each of its behaviours, oldest first.
    pub(crate) demands: &'static [&'static str],
}

/// The standard's checks of a rule's fields: none, unless [`standard!`] declares it.
pub(crate) trait Standard: RuleMeta {
    /// The checks, sorted by level.
    const CHECKS: &'static [Check] = &[];
    /// The same checks in words.
    const SENTENCES: &'static [Sentence] = &[];
}

/// Judges by the rule `rule` as a check of the standard: where both mean the same, they say and repair the same.
///
/// The standard also judges Windows pods by fields that are forbidden there; the API server would refuse the repair.
pub(super) fn by_rule<R: RuleMeta>(rule: &R, view: &View<'_>, report: &mut Report) {
    rule.check(view, report);
    if view.is_windows() && !R::ON_WINDOWS {
        report.violations.iter_mut().for_each(|violation| violation.fix = None);
    }
}

/// A check in the place of a rule.
impl Rule for CheckFn {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        self(view, report);
    }
}

/// Declares the checks of the standard that judge a rule's fields.
///
/// The doc comment of a check says which fields those are. Each line below it is a behaviour: the minor version of
/// Kubernetes since which it is so, what it demands, and what judges: `rule` with settings where the standard means
/// what the rule means, else a function (`check`).
macro_rules! standard {
    ($rule:ty { $(
        $(#[doc = $fields:literal])+
        $level:ident $id:literal $(instead of $overridden:literal)?, upstream $upstream:literal {
            $($since:literal => $demand:literal, $kind:ident $judge:expr;)+
        }
    )+ }) => {
        impl $crate::rules::check::Standard for $rule {
            const CHECKS: &'static [$crate::rules::check::Check] = &[$($crate::rules::check::Check {
                id: $id,
                level: $crate::rules::check::Level::$level,
                overrides: $crate::rules::check::standard!(@overrides $($overridden)?),
                versions: &[$(($since, $crate::rules::check::standard!(@$kind $judge))),+],
            }),+];
            const SENTENCES: &'static [$crate::rules::check::Sentence] = &[$($crate::rules::check::Sentence {
                upstream: $upstream,
                fields: &[$($fields),+],
                demands: &[$($demand),+],
            }),+];
        }
    };
    (@overrides) => { None };
    (@overrides $id:literal) => { Some($id) };
    (@rule $settings:expr) => { |view, report| $crate::rules::check::by_rule(&$settings, view, report) };
    (@check $function:expr) => { $function };
}
pub(crate) use standard;
