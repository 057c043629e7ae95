//! Judges an object in spite of fields that a policy cannot read: each is reported at its place, with what was found
//! there, and the policy is asked again without it. In the cluster one such field is an error for the whole object.

use hardening::violation::Edit;
use serde_json::Value;

use crate::finding::{Finding, Object, Place, Problem, segments};
use crate::judge::Judge;
use crate::said;
use kube_yaml::yaml::{self, Node, Segment, to_text};
use sandbox::{ErrorKind, SandboxError};

/// Most fields of one object that are left out; each takes another call of the policy.
const MOST: usize = 20;

/// The result for one object.
#[derive(Default)]
pub(crate) struct Examined {
    pub(crate) findings: Vec<Finding>,
    /// Everything that could not be judged.
    pub(crate) problems: Vec<Problem>,
    /// Whether the policy answered about the object, or what is left of it.
    pub(crate) is_judged: bool,
}

/// Asks a policy about an object.
pub(crate) fn examine(judge: &Judge, node: &Node<'_>, object: &Object) -> Examined {
    let json = object.to_json(node);
    let error = match judge.ask_json(&json, object) {
        Ok(response) => {
            return Examined {
                findings: judge.findings(node, object, response),
                is_judged: true,
                ..Examined::default()
            };
        }
        Err(error) => error,
    };
    let mut rest = Rest { removed: Vec::new(), paths: Vec::new() };
    rest.examine(judge, node, object, &json, &error).unwrap_or_else(|| {
        let problem = Problem { place: Some(Place::find(node, "")), message: format!("{object}: {error}") };
        Examined { problems: vec![problem], ..Examined::default() }
    })
}

/// An object without the fields that could not be read.
struct Rest {
    /// The fields that were removed, one after the other, each as a path in what was there then.
    removed: Vec<Vec<Segment>>,
    /// The same as paths of the whole object.
    paths: Vec<String>,
}

impl Rest {
    /// Leaves out the field of `first` and whatever else cannot be read; `None` if `first` is not about a field.
    fn examine(
        &mut self,
        judge: &Judge,
        node: &Node<'_>,
        object: &Object,
        json: &str,
        first: &SandboxError,
    ) -> Option<Examined> {
        let mut examined = Examined { problems: vec![self.leave_out(first, node, object)?], ..Examined::default() };
        // A number that is too large for any type is JSON all the same.
        let Ok(mut value) = serde_json::from_str(json) else { return Some(examined) };
        while self.removed.last().is_some_and(|field| take(&mut value, field)) {
            match judge.ask_json(&value.to_string(), object) {
                Ok(response) => {
                    examined.findings = judge.findings(node, object, response);
                    self.relocate(node, &mut examined.findings);
                    examined.is_judged = true;
                    break;
                }
                Err(_) if examined.problems.len() == MOST => {
                    let message = format!("{object}: further fields cannot be read");
                    examined.problems.push(Problem { place: Some(Place::find(node, "")), message });
                    break;
                }
                // What is no longer about a field follows from what is missing.
                Err(error) => match self.leave_out(&error, node, object) {
                    Some(problem) => examined.problems.push(problem),
                    None => break,
                },
            }
        }
        Some(examined)
    }

    /// Takes the field out that an error is about; returns the problem to report about it.
    fn leave_out(&mut self, error: &SandboxError, root: &Node<'_>, object: &Object) -> Option<Problem> {
        let ErrorKind::Guest(message) = &error.kind else { return None };
        // "cannot read this Pod: spec.containers[0].name must be a string"
        let (_, said) = message.split_once(": ")?;
        let candidates = said.match_indices(" must be ").map(|(at, _)| (&said[..at], &said[at + 1..]));
        let (field, found, wanted) =
            candidates.filter(|(field, _)| !field.is_empty()).find_map(|(field, wanted)| {
                let steps = segments(field);
                root.at(&self.original(&steps)).filter(|_| !steps.is_empty()).map(|found| (steps, found, wanted))
            })?;
        let path = to_text(&self.original(&field));
        let place = Some(Place::find(root, &path));
        self.removed.push(field);
        let message = format!("{object}: {path} {}, {wanted}{}", described(found, wanted), advice(found, wanted));
        self.paths.push(path);
        Some(Problem { place, message })
    }

    /// The path in the whole object of a path in what is left of it.
    fn original(&self, path: &[Segment]) -> Vec<Segment> {
        let mut path = path.to_vec();
        for removed in self.removed.iter().rev() {
            let [parent @ .., Segment::Index(gap)] = removed.as_slice() else { continue };
            if path.starts_with(parent)
                && let Some(Segment::Index(index)) = path.get_mut(parent.len())
                && *index >= *gap
            {
                *index += 1;
            }
        }
        path
    }

    /// Gives findings about what is left their paths and places in the whole object. A finding about a field that was
    /// taken out does not hold.
    fn relocate(&self, root: &Node<'_>, findings: &mut Vec<Finding>) {
        for finding in findings.iter_mut() {
            let violation = &mut finding.violation;
            let path = to_text(&self.original(&segments(&violation.path)));
            if path != violation.path {
                violation.message = violation.message.replace(&violation.path, &path);
            }
            violation.path = path;
            said::name_by_place(violation);
            for edit in &mut violation.fix {
                let (Edit::Set { path, .. } | Edit::Append { path, .. } | Edit::Remove { path }) = edit;
                *path = to_text(&self.original(&segments(path)));
            }
            // What was written there stays, whatever its type.
            let is_written = |edit: &Edit| {
                let (Edit::Set { path, .. } | Edit::Append { path, .. } | Edit::Remove { path }) = edit;
                self.paths.iter().any(|gone| gone.starts_with(path.as_str()) || path.starts_with(gone.as_str()))
            };
            if violation.fix.iter().any(is_written) {
                violation.fix.clear();
                violation.fixable = false;
            }
            finding.place = Place::find(root, &finding.violation.path);
        }
        findings.retain(|finding| !self.paths.contains(&finding.violation.path));
    }
}

/// Removes what is at a path; gives whether there was something.
fn take(value: &mut Value, path: &[Segment]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let parent = parents.iter().try_fold(value, |value, step| match step {
        Segment::Key(key) => value.get_mut(key),
        Segment::Index(index) => value.get_mut(index),
    });
    match (parent, last) {
        (Some(Value::Object(fields)), Segment::Key(key)) => fields.remove(key).is_some(),
        (Some(Value::Array(items)), Segment::Index(index)) if *index < items.len() => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

/// Describes the value; quotes a text only if it looks like what is wanted, for it may be a secret.
fn described(node: &Node<'_>, wanted: &str) -> String {
    match &node.value {
        yaml::Value::Null => "is null".to_owned(),
        yaml::Value::Bool(value) => {
            let word = match (value, node.span.range().len()) {
                (true, 1) => "y",
                (true, 2) => "on",
                (true, 3) => "yes",
                (false, 1) => "n",
                (false, 2) => "no",
                (false, 3) => "off",
                _ => return format!("is the boolean {value}"),
            };
            format!("is the boolean {value} (YAML reads `{word}` so)")
        }
        yaml::Value::Number(text) if text.len() <= 20 => format!("is the number {text}"),
        yaml::Value::Number(_) => "is a number".to_owned(),
        yaml::Value::String(text) if is_plain(text, wanted) => format!("is the string {text:?}"),
        yaml::Value::String(_) => "is a string".to_owned(),
        yaml::Value::Sequence(_) => "is a list".to_owned(),
        yaml::Value::Mapping(_) => "is a mapping".to_owned(),
    }
}

/// How to write what was meant, if that is plain.
fn advice(node: &Node<'_>, wanted: &str) -> &'static str {
    match &node.value {
        yaml::Value::Bool(_) | yaml::Value::Number(_) if wanted == "must be a string" => ": quote it",
        yaml::Value::String(text) if is_plain(text, wanted) => ": write it without quotes",
        _ => "",
    }
}

/// Whether a text in quotes would be what is wanted without them.
fn is_plain(text: &str, wanted: &str) -> bool {
    match wanted {
        "must be true or false" => matches!(text, "true" | "false" | "yes" | "no" | "on" | "off"),
        "must be a whole number" => text.parse::<i64>().is_ok(),
        _ => false,
    }
}
