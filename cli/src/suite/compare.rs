//! Compares outcomes with expectations, as lines of a diff.

mod assign;

use self::assign::assign;
use super::expect::{Expected, ExpectedLevel, Matcher, Verdict};
use super::mutation;
use super::outcome::Outcome;
use lint::finding::{Finding, Level, Object};

/// Something that is not as expected.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mismatch {
    /// The object it is about; empty of settings.
    pub(super) object: String,
    /// `verdict`, `violations`, `message` or `mutation`.
    pub(super) what: &'static str,
    pub(super) lines: Vec<Line>,
}

/// A line of a diff.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) sign: Sign,
    pub(super) text: String,
}

/// The meaning of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// It is there, as expected.
    Same,
    /// It was expected and is not there.
    Expected,
    /// It is there and was not expected.
    Got,
    /// A remark.
    Note,
}

impl Sign {
    /// The first character of the line.
    pub(super) fn symbol(self) -> char {
        match self {
            Sign::Same => ' ',
            Sign::Expected => '-',
            Sign::Got => '+',
            Sign::Note => '·',
        }
    }
}

impl Line {
    pub(super) fn new(sign: Sign, text: impl Into<String>) -> Line {
        Line { sign, text: text.into() }
    }
}

/// Everything about an outcome that is not as expected.
pub(super) fn compare(expected: &Expected, outcome: &Outcome) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut differs = |what: &'static str, lines: Vec<Line>| {
        found.push(Mismatch { object: name(&outcome.object), what, lines });
    };
    let is_judged = matches!(outcome.verdict, Verdict::Allowed | Verdict::Denied);
    let is_expected = expected.verdict.is_none_or(|verdict| verdict == outcome.verdict);
    if !is_expected || (expected.verdict.is_none() && !is_judged) {
        let wanted = expected.verdict.map_or("allowed or denied", Verdict::word);
        differs("verdict", verdict_lines(wanted, outcome));
    }
    if is_judged {
        let (matchers, exact) = match &expected.violations {
            Some(all) => (all, true),
            None => (&expected.contains, false),
        };
        differs_if_any(violations(matchers, &outcome.findings, exact), |lines| differs("violations", lines));
    }
    let says = |is: &dyn Fn(&str) -> bool| outcome.messages.iter().any(|message| is(message));
    let got = || outcome.messages.iter().map(|message| Line::new(Sign::Got, message.clone()));
    if let Some(text) = expected.message.as_ref().filter(|text| !says(&|message| message.contains(text.as_str()))) {
        differs("message", [Line::new(Sign::Expected, format!("…{text}…"))].into_iter().chain(got()).collect());
    }
    if let Some(pattern) = expected.message_matches.as_ref().filter(|pattern| !says(&|m| pattern.0.is_match(m))) {
        let wanted = Line::new(Sign::Expected, format!("/{}/", pattern.0.as_str()));
        differs("message", [wanted].into_iter().chain(got()).collect());
    }
    if let Some(wanted) = expected.mutation.as_ref().filter(|_| is_judged) {
        let lines = mutation::compare(wanted, &outcome.before, outcome.after.as_deref());
        differs_if_any(lines, |lines| differs("mutation", lines));
    }
    found
}

fn differs_if_any(lines: Vec<Line>, differs: impl FnOnce(Vec<Line>)) {
    if lines.iter().any(|line| line.sign != Sign::Same) {
        differs(lines);
    }
}

/// Another verdict than the expected one, whose reason is `why`.
pub(super) fn verdict(object: &Object, expected: Verdict, why: &str) -> Mismatch {
    let lines = vec![Line::new(Sign::Expected, expected.word()), Line::new(Sign::Got, why)];
    Mismatch { object: name(object), what: "verdict", lines }
}

/// A verdict that nobody asked for.
pub(super) fn unexpected(outcome: &Outcome) -> Vec<Mismatch> {
    vec![Mismatch {
        object: name(&outcome.object),
        what: "verdict",
        lines: verdict_lines("allowed or denied", outcome),
    }]
}

fn verdict_lines(wanted: &str, outcome: &Outcome) -> Vec<Line> {
    let mut lines = vec![Line::new(Sign::Expected, wanted), Line::new(Sign::Got, outcome.verdict.word())];
    // A refusal's message holds all that was found in one line.
    let why: Vec<String> = match outcome.verdict {
        Verdict::Allowed => Vec::new(),
        Verdict::Denied if !outcome.findings.is_empty() => outcome.findings.iter().map(finding_line).collect(),
        _ => outcome.messages.clone(),
    };
    lines.extend(why.into_iter().map(|why| Line::new(Sign::Note, why)));
    lines
}

fn name(object: &Object) -> String {
    object.to_string().trim().to_owned()
}

/// The violations as lines: those that were expected, those that are missing, those that are too many if
/// `exact`.
fn violations(expected: &[Matcher], got: &[Finding], exact: bool) -> Vec<Line> {
    let expected: Vec<&Matcher> =
        expected.iter().flat_map(|matcher| std::iter::repeat_n(matcher, matcher.count as usize)).collect();
    let pairs = assign(&expected, got);
    let found = got.iter().enumerate().filter_map(|(at, finding)| {
        let is_expected = pairs.contains(&Some(at));
        let sign = if is_expected { Sign::Same } else { Sign::Got };
        (is_expected || exact).then(|| Line::new(sign, finding_line(finding)))
    });
    let mut lines: Vec<Line> = found.collect();
    let missing = expected.iter().zip(&pairs).filter(|(_, pair)| pair.is_none());
    lines.extend(missing.map(|(matcher, _)| Line::new(Sign::Expected, matcher_line(matcher))));
    if !exact && lines.iter().any(|line| line.sign == Sign::Expected) {
        // What is there instead helps to see what was meant.
        let others = got.iter().enumerate().filter(|(at, _)| !pairs.contains(&Some(*at)));
        lines.extend(others.map(|(_, finding)| Line::new(Sign::Note, format!("there is: {}", finding_line(finding)))));
    }
    lines
}

fn finding_line(finding: &Finding) -> String {
    let violation = &finding.violation;
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    format!("{level}[{}] {}", violation.rule, violation.message)
}

fn matcher_line(matcher: &Matcher) -> String {
    let level = matcher.level.map_or("violation", ExpectedLevel::word);
    let mut line = format!("{level}[{}]", matcher.rule.as_deref().unwrap_or("any rule"));
    let parts = [
        ("container", &matcher.container),
        ("containerType", &matcher.container_type),
        ("path", &matcher.path),
        ("message", &matcher.message),
    ];
    for (key, value) in parts {
        if let Some(value) = value {
            line += &format!(" {key}: {value}");
        }
    }
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use hardening::settings::read_group;
    use serde_json::json;

    use super::*;
    use lint::finding::Violation;

    fn finding(rule: &str, container: &str) -> Finding {
        let violation = json!({"rule": rule, "path": "spec", "container": container, "message": "is wrong"});
        let violation: Violation = serde_json::from_value(violation).unwrap();
        let place = lint::finding::Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        Finding { violation, level: Level::Error, object: Object::default(), place, policy: None, muted: None }
    }

    fn matcher(value: serde_json::Value) -> Matcher {
        read_group(&serde_json::value::to_raw_value(&value).unwrap()).unwrap()
    }

    #[test]
    fn a_vague_expectation_leaves_the_finding_to_a_narrow_one() {
        let got = [finding("a", "x"), finding("a", "y")];
        let narrow = matcher(json!({"rule": "a", "container": "x"}));
        let vague = matcher(json!({"rule": "a"}));
        assert_eq!(assign(&[&vague, &narrow], &got), [Some(1), Some(0)]);
        assert_eq!(assign(&[&narrow, &vague, &vague], &got), [Some(0), Some(1), None]);
        let y = matcher(json!({"rule": "a", "container": "y"}));
        assert_eq!(assign(&[&vague, &vague, &y], &got).iter().flatten().count(), 2, "as many as possible");
    }

    #[test]
    fn one_description_can_stand_for_many() {
        let got: Vec<Finding> = (0..1000).map(|_| finding("a", "x")).collect();
        let many = |count: u32| [matcher(json!({"rule": "a", "count": count}))];
        assert!(violations(&many(1000), &got, true).iter().all(|line| line.sign == Sign::Same));
        let signs = |lines: &[Line], sign: Sign| lines.iter().filter(|line| line.sign == sign).count();
        let fewer = violations(&many(998), &got, true);
        assert_eq!((signs(&fewer, Sign::Got), signs(&fewer, Sign::Expected)), (2, 0));
        let more = violations(&many(1000), &got[..990], false);
        assert_eq!(signs(&more, Sign::Expected), 10);
    }

    #[test]
    fn lines_say_what_is_missing_and_what_is_too_much() {
        let got = [finding("a", "x"), finding("b", "y")];
        let expected = [matcher(json!({"rule": "b"})), matcher(json!({"rule": "c", "container": "z"}))];
        let signs = |exact: bool| -> Vec<(char, String)> {
            violations(&expected, &got, exact).into_iter().map(|l| (l.sign.symbol(), l.text)).collect()
        };
        let line = |sign: char, text: &str| (sign, text.to_owned());
        let missing = line('-', "violation[c] container: z");
        let same = line(' ', "error[b] is wrong");
        assert_eq!(signs(true), [line('+', "error[a] is wrong"), same.clone(), missing.clone()]);
        assert_eq!(signs(false), [same, missing, line('·', "there is: error[a] is wrong")]);
        assert!(violations(&[], &got, false).is_empty());
    }
}
