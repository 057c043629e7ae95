//! Which finding each expectation describes.

use super::super::expect::{ExpectedLevel, Matcher};
use lint::finding::{Finding, Level};

/// Assigns to each matcher a finding of its own, to as many as possible.
///
/// Greedily, the narrowest matcher first, is not enough: of `{rule: a, path: p}` and `{rule: a, container: x}`, which say
/// equally much, the first would take the only finding that the second describes, and the test would fail.
pub(super) fn assign(expected: &[&Matcher], got: &[Finding]) -> Vec<Option<usize>> {
    let mut owner: Vec<Option<usize>> = vec![None; got.len()];
    let mut without: Option<&Matcher> = None;
    for (at, matcher) in expected.iter().enumerate() {
        // If one copy of a matcher found no finding, neither will its duplicate.
        let is_hopeless = without.is_some_and(|without| std::ptr::eq(without, *matcher));
        if !is_hopeless && !place(at, expected, got, &mut owner, &mut vec![false; got.len()]) {
            without = Some(matcher);
        }
    }
    (0..expected.len()).map(|matcher| owner.iter().position(|owner| *owner == Some(matcher))).collect()
}

/// Finds a finding for a matcher, moving others to findings that suit them as well (augmenting paths).
fn place(
    matcher: usize,
    expected: &[&Matcher],
    got: &[Finding],
    owner: &mut [Option<usize>],
    tried: &mut Vec<bool>,
) -> bool {
    let suits = |at: &usize| matches(expected[matcher], &got[*at]);
    if let Some(free) = (0..got.len()).find(|at| owner[*at].is_none() && suits(at)) {
        owner[free] = Some(matcher);
        return true;
    }
    for at in 0..got.len() {
        if tried[at] || !suits(&at) {
            continue;
        }
        tried[at] = true;
        if owner[at].is_some_and(|other| place(other, expected, got, owner, tried)) {
            owner[at] = Some(matcher);
            return true;
        }
    }
    false
}

fn matches(matcher: &Matcher, finding: &Finding) -> bool {
    let violation = &finding.violation;
    let is = |wanted: &Option<String>, value: Option<&str>| wanted.is_none() || wanted.as_deref() == value;
    let level = matcher.level.is_none_or(|level| match level {
        ExpectedLevel::Error => finding.level == Level::Error,
        ExpectedLevel::Warning => finding.level == Level::Warning,
    });
    level
        && is(&matcher.rule, Some(&violation.rule))
        && is(&matcher.path, Some(&violation.path))
        && is(&matcher.container, violation.container.as_deref())
        && is(&matcher.container_type, violation.container_type.as_deref())
        && matcher.message.as_ref().is_none_or(|text| violation.message.contains(text.as_str()))
}
