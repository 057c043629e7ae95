//! Judges the objects of one text.

use hardening::workload::{self, Pointer};
use serde_json::value::RawValue;

use super::{Counts, FileReport};
use crate::finding::{Finding, Level, Object, Place, Problem, Violation};
use crate::sandbox::request::{Kind, admission_request};
use crate::sandbox::{Policy, ValidationResponse};
use crate::yaml::{self, Node, Value};

/// A policy with its settings.
pub struct Judge {
    policy: Policy,
    settings: String,
    pointers: Vec<Pointer>,
    /// The policy is to see every object, not only those with a pod template.
    every_object: bool,
}

impl Judge {
    /// Checks `settings` (JSON) with the policy.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn new(policy: Policy, settings: String) -> Result<Judge, String> {
        let verdict = policy.validate_settings(&settings).map_err(|e| e.to_string())?;
        if !verdict.valid {
            return Err(format!("Provided settings are not valid: {}", verdict.message.unwrap_or_default()));
        }
        let parsed: serde_json::Value = serde_json::from_str(&settings).map_err(|e| e.to_string())?;
        let pointers = parsed["podTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pointers = pointers.iter().filter_map(|p| Pointer::new(p.as_str()?).ok()).collect();
        let every_object = parsed["unknownKinds"] == "reject" || policy.name() != crate::embedded::BUNDLE;
        Ok(Judge { policy, settings, pointers, every_object })
    }

    fn wants(&self, root: &Node<'_>, object: &Object, json: &str) -> bool {
        let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
        if self.every_object || workload::workload(group, &object.kind).is_some() {
            return true;
        }
        let has_template = |keys: &[&str]| {
            keys.iter().try_fold(root, |node, key| node.get(key)).is_some_and(|list| list.as_sequence().is_some())
        };
        has_template(&["spec", "template", "spec", "containers"])
            || has_template(&["spec", "jobTemplate", "spec", "template", "spec", "containers"])
            || (!self.pointers.is_empty() && {
                let raw: Result<&RawValue, _> = serde_json::from_str(json);
                raw.is_ok_and(|raw| workload::carries_template(group, &object.kind, raw, &self.pointers))
            })
    }
}

/// Judges every object of `text`; `path` is for the report.
pub fn judge_text(judge: &Judge, path: String, text: String) -> FileReport {
    let mut findings = Vec::new();
    let mut problems = Vec::new();
    let mut counts = Counts::default();
    let parsed = yaml::parse(&text);
    if parsed.documents.is_empty() && parsed.errors.is_empty() {
        counts.empty += 1;
    }
    for document in &parsed.documents {
        judge_node(judge, &document.root, &mut findings, &mut problems, &mut counts);
    }
    problems.extend(parsed.errors.iter().map(Problem::of_yaml));
    drop(parsed);
    findings.sort_by_key(|finding: &Finding| finding.place);
    FileReport { path, text, findings, problems, counts }
}

fn judge_node(
    judge: &Judge,
    root: &Node<'_>,
    findings: &mut Vec<Finding>,
    problems: &mut Vec<Problem>,
    counts: &mut Counts,
) {
    if root.is_null() {
        counts.empty += 1;
        return;
    }
    let object = Object::of(root);
    if object.kind.is_empty() || object.api_version.is_empty() || !matches!(root.value, Value::Mapping(_)) {
        counts.not_kubernetes += 1;
        return;
    }
    if object.kind.ends_with("List")
        && let Some(items) = root.get("items").and_then(Node::as_sequence)
    {
        for item in items {
            judge_node(judge, item, findings, problems, counts);
        }
        return;
    }
    let json = root.to_json();
    if !judge.wants(root, &object, &json) {
        counts.without_template += 1;
        return;
    }
    counts.judged += 1;
    match evaluate(judge, &object, &json) {
        Ok(violations) => {
            counts.with_findings += usize::from(!violations.is_empty());
            findings.extend(violations.into_iter().map(|violation| Finding {
                level: if violation.rejects { Level::Error } else { Level::Warning },
                place: Place::find(root, &violation.path),
                object: object.clone(),
                violation,
            }));
        }
        Err(message) => {
            counts.judged -= 1;
            problems.push(Problem { place: Some(Place::find(root, "")), message: format!("{object}: {message}") });
        }
    }
}

/// What the policy finds in one object.
fn evaluate(judge: &Judge, object: &Object, json: &str) -> Result<Vec<Violation>, String> {
    let kind = Kind::of(&object.api_version, &object.kind);
    let namespace = Some(object.namespace.as_str()).filter(|n| !n.is_empty() && kind.namespaced);
    let name = Some(object.name.as_str()).filter(|n| !n.is_empty());
    let request = admission_request(json, &kind, name, namespace);
    let response = judge.policy.validate(&judge.settings, &request).map_err(|e| e.to_string())?;
    read_violations(judge, response)
}

/// The violations that a response lists; a policy without such a list gives one for the object.
fn read_violations(judge: &Judge, response: ValidationResponse) -> Result<Vec<Violation>, String> {
    if let Some(list) = response.audit_annotations.get("violations")
        && let Ok(violations) = serde_json::from_str::<Vec<Violation>>(list)
    {
        return Ok(violations);
    }
    let whole = |message: String, rejects: bool| Violation {
        rule: judge.policy.name().to_owned(),
        path: String::new(),
        container: None,
        container_type: None,
        found: None,
        message,
        fixable: false,
        rejects,
        fix: Vec::new(),
    };
    let mut violations = Vec::new();
    if !response.accepted {
        violations.push(whole(response.message.unwrap_or_else(|| "refused without a reason".to_owned()), true));
    }
    violations.extend(response.warnings.into_iter().map(|warning| whole(warning, false)));
    Ok(violations)
}
