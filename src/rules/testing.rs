//! Tables of cases for the rules' own tests.

use serde_json::value::RawValue;

use crate::policy::{Load, Single};
use crate::rules::RuleMeta;
use crate::violation::Violation;

/// Judges the pod `spec` (JSON of a pod spec, or of a whole pod when it has a `spec`) by the rule `R` with
/// `settings`; gives its violations.
pub(crate) fn violations<R: RuleMeta>(settings: &str, spec: &str) -> Vec<Violation> {
    let pod: serde_json::Value = serde_json::from_str(spec).expect("the case is JSON");
    let pod = if pod.get("spec").is_some() { spec.to_owned() } else { format!("{{\"spec\":{spec}}}") };
    let settings = RawValue::from_string(settings.to_owned()).expect("the settings are JSON");
    let policy = Single::<R>::load(Some(&settings)).expect("the settings are valid");
    let object = RawValue::from_string(pod).expect("the pod is JSON");
    let templates = crate::workload::templates("", "Pod", &object, &[]).expect("the pod is readable");
    let view = crate::view::View::new("", &templates[0].template, &[]);
    let mut report = crate::violation::Report::default();
    policy.rules[0].rule.check(&view, &mut report);
    report.violations.retain(|violation| violation.weight != crate::violation::Weight::Gap);
    report.violations
}

/// The paths of the violations of a pod.
pub(crate) fn paths<R: RuleMeta>(settings: &str, spec: &str) -> Vec<String> {
    violations::<R>(settings, spec).into_iter().map(|v| v.path).collect()
}

/// Returns the answer of `validate_settings` to `settings`; `None` if they are valid.
pub(crate) fn settings_error<R: RuleMeta>(settings: &str) -> Option<String> {
    let settings = RawValue::from_string(settings.to_owned()).expect("the settings are JSON");
    Single::<R>::load(Some(&settings)).err().map(|error| error.to_string())
}

/// Admits `pod` (as for [`violations`]) by the whole policy of `R`, with `action: mutate` beside `settings`.
///
/// Gives the pod as it goes on: repaired, or as it was; or the message that refuses it. A repaired pod is
/// admitted a second time and must then pass untouched.
pub(crate) fn mutated<R: RuleMeta>(settings: &str, pod: &str) -> Result<serde_json::Value, String> {
    let mut settings: serde_json::Value = serde_json::from_str(settings).expect("the settings are JSON");
    settings["action"] = "mutate".into();
    let pod: serde_json::Value = serde_json::from_str(pod).expect("the case is JSON");
    let pod = if pod.get("spec").is_some() { pod } else { serde_json::json!({ "spec": pod }) };
    let admit = |pod: &serde_json::Value| -> serde_json::Value {
        let request = serde_json::json!({ "operation": "CREATE", "kind": { "kind": "Pod" }, "object": pod });
        let payload = serde_json::json!({ "settings": &settings, "request": request }).to_string();
        let answer = crate::evaluate::validate(payload.as_bytes(), Single::<R>::load).expect("the request is readable");
        serde_json::from_slice(&answer).expect("the answer is JSON")
    };
    let answer = admit(&pod);
    if answer["accepted"] != true {
        return Err(answer["message"].as_str().unwrap_or_default().to_owned());
    }
    let repaired = &answer["mutated_object"];
    if repaired.is_null() {
        return Ok(pod);
    }
    let again = admit(repaired);
    assert!(again["accepted"] == true && again["mutated_object"].is_null(), "repaired twice: {repaired} {again}");
    Ok(repaired.clone())
}

/// Every pick of three of `items`, with repetition.
pub(crate) fn triples<'i>(items: &[&'i str]) -> Vec<[&'i str; 3]> {
    let pairs = items.iter().flat_map(|a| items.iter().map(move |b| (*a, *b)));
    pairs.flat_map(|(a, b)| items.iter().map(move |c| [a, b, *c])).collect()
}
