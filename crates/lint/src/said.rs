//! A finding in words for people: whom it is about, the field, and what is wrong with it.

use std::cmp::Reverse;
use std::fmt;

use hardening::rules::Severity;

use crate::config::severity;
use crate::finding::{Finding, Level, Violation};

/// The parts of the sentence about a finding; it reads `Pod web, container "app": image is "nginx", must …`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<'f> {
    /// The object and the container; empty if the finding is about neither.
    pub subject: String,
    /// The field, from its container on; empty if the message does not name it in the usual way.
    pub field: &'f str,
    /// The sentence about the field, or the whole message if no field is named.
    pub rest: &'f str,
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.subject.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}{}", self.subject, self.field, self.rest)
    }
}

impl<'f> Said<'f> {
    /// The demand on a field that is not set, such as `must be false`, without its reason.
    pub fn lacking(&self) -> Option<&'f str> {
        let demand = self.rest.strip_prefix(" is not set")?;
        if self.field.is_empty() {
            return None;
        }
        match demand.strip_prefix(", ") {
            // Where else the field may be set, and why, is said by other formats and by `harden explain`.
            Some(demand) => {
                [": ", ", here or "].iter().find_map(|end| Some(demand.split_once(end)?.0)).or(Some(demand))
            }
            None => Some("must be set"),
        }
    }
}

impl Finding {
    /// Puts the finding into words.
    pub fn said(&self) -> Said<'_> {
        let violation = &self.violation;
        let object = self.object.to_string().trim().to_owned();
        // `container "app": spec.containers[0].image is …`, or without a container.
        let named = violation.message.split_once(violation.path.as_str()).filter(|_| !violation.path.is_empty());
        let (container, rest) = match named {
            Some(("", rest)) => ("", rest),
            Some((container, rest)) if container.ends_with(": ") => (&container[..container.len() - 2], rest),
            _ => return Said { subject: object, field: "", rest: &violation.message },
        };
        let separator = if object.is_empty() || container.is_empty() { "" } else { ", " };
        let field = below_container(&violation.path);
        Said { subject: format!("{object}{separator}{container}"), field, rest }
    }

    /// A key that sorts the worst findings first: errors before warnings, then by the severity of their rules.
    pub fn badness(&self) -> (Level, Reverse<Option<Severity>>) {
        (self.level, Reverse(severity(&self.violation.rule)))
    }
}

/// A field path from its container on: `securityContext.privileged` of `spec.containers[0].securityContext.privileged`.
/// Other paths stay whole.
pub fn below_container(path: &str) -> &str {
    let Some((before, behind)) = path.split_once("ontainers[") else { return path };
    match behind.split_once("].") {
        // A key in quotes may look like a list of containers.
        Some((index, field)) if !before.contains('"') && index.bytes().all(|byte| byte.is_ascii_digit()) => field,
        _ => path,
    }
}

/// Lets the message name a container without a name, or with one that is not text, by its place: `containers[1]`.
pub(crate) fn name_by_place(violation: &mut Violation) {
    if violation.container.as_deref() != Some("") {
        return;
    }
    let list = violation.path.find("ontainers[").map(|at| violation.path[..at].rfind('.').map_or(0, |dot| dot + 1));
    let place = list.and_then(|start| Some(&violation.path[start..=start + violation.path[start..].find(']')?]));
    if let (Some(place), Some((_, rest))) = (place, violation.message.split_once(": ")) {
        violation.message = format!("{place}: {rest}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Object, Place};

    fn finding(path: &str, message: &str) -> Finding {
        let object = Object { kind: "Pod".to_owned(), name: "web".to_owned(), ..Object::default() };
        let violation = Violation { path: path.to_owned(), ..Violation::whole("r", message.to_owned(), true) };
        let place = Place { line: 1, column: 1, start: 0, end: 0, exact: true };
        Finding { violation, level: Level::Error, object, place, policy: None, muted: None }
    }

    #[test]
    fn a_finding_names_object_container_and_field() {
        for (path, message, said, lacking) in [
            (
                "spec.containers[0].a.b",
                r#"container "x: y": spec.containers[0].a.b is not set, must be false: it opens doors"#,
                r#"Pod web, container "x: y": a.b is not set, must be false: it opens doors"#,
                Some("must be false"),
            ),
            (
                "spec.a",
                "spec.a is not set: nothing works",
                "Pod web: spec.a is not set: nothing works",
                Some("must be set"),
            ),
            ("spec.a", "spec.a is true, must be false", "Pod web: spec.a is true, must be false", None),
            ("spec.a", "the field spec.a is bad", "Pod web: the field spec.a is bad", None),
            ("", "is bad", "Pod web: is bad", None),
        ] {
            let finding = finding(path, message);
            assert_eq!((finding.said().to_string().as_str(), finding.said().lacking()), (said, lacking));
        }
    }

    #[test]
    fn a_container_without_a_name_is_named_by_its_place() {
        for (path, message, said) in [
            (
                "spec.template.spec.initContainers[1].image",
                "init container \"\": {} is bad",
                "Pod web, initContainers[1]: image is bad",
            ),
            ("spec.containers[12]", "container \"\": {} is bad", "Pod web, containers[12]: spec.containers[12] is bad"),
            ("spec.hostPID", "{} is bad", "Pod web: spec.hostPID is bad"),
        ] {
            let mut finding = finding(path, &message.replace("{}", path));
            finding.violation.container = Some(String::new());
            for _ in 0..2 {
                name_by_place(&mut finding.violation);
                assert_eq!(finding.said().to_string(), said);
            }
        }
        let mut named = finding("spec.containers[0].a", r#"container "x": spec.containers[0].a is bad"#).violation;
        named.container = Some("x".to_owned());
        let before = named.message.clone();
        name_by_place(&mut named);
        assert_eq!(named.message, before);
    }

    #[test]
    fn paths_start_below_the_container() {
        for (path, below) in [
            ("spec.template.spec.initContainers[12].ports[0].hostPort", "ports[0].hostPort"),
            ("spec.containers[0]", "spec.containers[0]"),
            ("spec.hostPID", "spec.hostPID"),
            (r#"metadata.annotations["containers[0].x"]"#, r#"metadata.annotations["containers[0].x"]"#),
        ] {
            assert_eq!(below_container(path), below);
        }
    }

    #[test]
    fn the_worst_sorts_first() {
        let of = |rule: &str, level: Level| {
            let mut finding = finding("", "");
            (finding.violation.rule, finding.level) = (rule.to_owned(), level);
            finding.badness()
        };
        let sorted = [
            of("privileged", Level::Error),
            of("resources", Level::Error),
            of("foreign", Level::Error),
            of("privileged", Level::Warning),
        ];
        assert!(sorted.is_sorted() && sorted[0] < sorted[1], "{sorted:?}");
    }
}
