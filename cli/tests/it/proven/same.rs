//! One object, every way: natively by single rules and by the bundle, in every kind, from files and through `check`,
//! `run` and `level`, the same is found.

use std::collections::{BTreeMap, BTreeSet};

use hardening::bundle::{Bundle, HARDENING};
use hardening::catalogue::{self, RuleDoc};
use hardening::evaluate;
use hardening::policy::Load;
use hardening::standard::{self, Level, Version};
use hardening::unjudged::Unjudged;
use serde_json::{Value, json};

use super::good::{CARRIERS, payload};
use super::{pods, say};
use crate::support::{harden, project};

/// The identity of a violation: rule, path, container, message, whether it can be fixed.
type Found = BTreeSet<[String; 5]>;

/// Returns what an answer, including an error, says of an object whose template stands at `prefix`; paths are the
/// pod's.
fn found(answer: &Result<Value, Unjudged>, prefix: &str) -> Result<Found, String> {
    let answer = answer.as_ref().map_err(|_| "unreadable".to_owned())?;
    let list = answer["audit_annotations"]["violations"].as_str().unwrap_or("[]");
    Ok(entries(&serde_json::from_str(list).unwrap(), prefix))
}

fn entries(list: &Value, prefix: &str) -> Found {
    let text = |entry: &Value, key: &str| match &entry[key] {
        Value::String(text) => text.replace(prefix, ""),
        other => other.to_string(),
    };
    let keys = ["rule", "path", "container", "message", "fixable"];
    list.as_array().unwrap().iter().map(|entry| keys.map(|key| text(entry, key))).collect()
}

fn native(settings: &str, payload_of: impl Fn(&str) -> String) -> Result<Value, Unjudged> {
    let payload = payload_of(settings);
    evaluate::validate(payload.as_bytes(), Bundle::load).map(|answer| serde_json::from_slice(&answer).unwrap())
}

/// The bundle's settings with every rule on, by its defaults.
fn every_rule() -> String {
    let rules: Value =
        catalogue::IDS.iter().map(|id| ((*id).to_owned(), json!(true))).collect::<serde_json::Map<_, _>>().into();
    json!({ "profile": "privileged", "rules": rules }).to_string()
}

/// Returns the findings of the rules, asked one by one.
fn one_by_one(docs: &[RuleDoc], payload: &str) -> Result<Found, String> {
    let mut all = Found::new();
    for doc in docs {
        let answer = doc.validate(payload.as_bytes()).map(|answer| serde_json::from_slice(&answer).unwrap());
        all.extend(found(&answer, "")?);
    }
    Ok(all)
}

fn random(count: usize, seed: u64) -> Vec<Value> {
    let mut all = Vec::new();
    pods::random(count, seed, &mut |pod| all.push(pod));
    all
}

#[test]
fn single_rules_the_bundle_and_every_kind_find_the_same() {
    let (docs, every) = (catalogue::all(), every_rule());
    let mut violations = 0;
    for (at, pod) in random(1_000, 13).iter().enumerate() {
        let text = pod.to_string();
        let of_pod = found(&native(&every, |settings| payload(settings, &CARRIERS[0], &text)), "");
        assert_eq!(of_pod, one_by_one(&docs, &payload("{}", &CARRIERS[0], &text)), "{text}");
        violations += of_pod.as_ref().map_or(0, BTreeSet::len);
        let carrier = &CARRIERS[1 + at % (CARRIERS.len() - 1)];
        let object = carrier.object(pod).to_string();
        let answer = native(&every, |settings| payload(&carrier.settings(settings), carrier, &object));
        let prefix = carrier.template.iter().map(|key| format!("{key}.")).collect::<String>();
        assert_eq!(found(&answer, &prefix), of_pod, "{}: {text}", carrier.kind);
    }
    say(&format!("one object, every kind: 1000 pods, {violations} violations"));
    assert!(violations > 20_000, "{violations}");
}

/// Rules that mean what the check of the same id means, and the settings that make them so.
const ALIKE: [(&str, &str); 8] = [
    ("allow-privilege-escalation", "{}"),
    ("host-namespaces", "{}"),
    ("host-path-volumes", "{}"),
    ("host-ports", "{}"),
    ("host-probes", "{}"),
    ("privileged", r#"{"requireExplicit":false}"#),
    ("proc-mount", "{}"),
    ("windows-host-process", "{}"),
];

/// Core 7: where a rule and a check mean the same, they say the same and repair the same.
#[test]
fn rules_and_checks_of_one_id_agree() {
    let mut violations = 0;
    for pod in random(500, 29) {
        // Who has users of its own may do more by the standard since 1.35; rules do not judge Windows pods by
        // fields that are forbidden there.
        let mut pod = pod;
        let spec = pod["spec"].as_object_mut().unwrap();
        spec.remove("hostUsers");
        spec.remove("os");
        let text = pod.to_string();
        for (id, settings) in ALIKE {
            let level = if standard::checks(Level::Baseline, Version::LATEST).any(|(known, _)| known == id) {
                "baseline"
            } else {
                "restricted"
            };
            for action in [r#""action":"reject""#, r#""action":"mutate","overwrite":true"#] {
                let others = [Level::Baseline, Level::Restricted].map(|level| standard::checks(level, Version::LATEST));
                let off: Vec<String> = others
                    .into_iter()
                    .flatten()
                    .filter(|(other, _)| *other != id)
                    .map(|(other, _)| format!(r#""{other}":false"#))
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect();
                let by_check = format!(r#"{{"profile":"{level}","rules":{{{}}},{action}}}"#, off.join(","));
                let by_rule = format!(r#"{{"profile":"privileged","rules":{{"{id}":{settings}}},{action}}}"#);
                let [check, rule] = [by_check, by_rule].map(|settings| {
                    let answer = native(&settings, |settings| payload(settings, &CARRIERS[0], &text));
                    let found = found(&answer, "").unwrap();
                    found.into_iter().filter(|[rule, ..]| rule == id).collect::<Found>()
                });
                assert_eq!(check, rule, "{id} {action}: {text}");
                violations += rule.len();
            }
        }
    }
    assert!(violations > 500, "{violations}");
}

/// A kind, as one file of its own.
fn file(at: usize, pod: &Value) -> (String, String) {
    let mut pod = pod.clone();
    pod["metadata"]["name"] = json!("w");
    // Kinds that only a pointer finds need a setting.
    let object = CARRIERS[at % (CARRIERS.len() - 1)].object(&pod);
    let text = match at % 3 {
        0 => serde_json::to_string_pretty(&object).unwrap(),
        1 => json!({ "apiVersion": "v1", "kind": "List", "items": [object] }).to_string(),
        _ => format!("---\n{object}\n"),
    };
    (format!("w{at}.yaml"), text)
}

/// Returns the findings of `harden check` in each file.
fn checked(folder: &std::path::Path, settings: &str) -> BTreeMap<String, Found> {
    let run = harden(folder, &["check", "--no-config", "--format", "json", "--settings-json", settings, "."]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    assert_eq!(report["problems"], json!([]), "{}", run.err);
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let name = finding["file"].as_str().unwrap().trim_start_matches("./").to_owned();
        files.entry(name).or_default().push(finding.clone());
    }
    assert_eq!(run.code, i32::from(!files.is_empty()));
    files.into_iter().map(|(name, findings)| (name, entries(&Value::from(findings), ""))).collect()
}

#[test]
fn check_run_and_level_say_what_the_policy_says() {
    let every = every_rule();
    let folder = tempfile::tempdir().unwrap();
    let all = random(150, 41);
    let files: Vec<(String, String)> = all.iter().enumerate().map(|(at, pod)| file(at, pod)).collect();
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let carrier = |at: usize| &CARRIERS[at % (CARRIERS.len() - 1)];
    let object = |at: usize| -> Value {
        let text = files[at].1.trim_start_matches("---\n");
        let object: Value = serde_json::from_str(text).unwrap();
        object["items"].get(0).cloned().unwrap_or(object)
    };
    let ask = |at: usize, settings: &str| {
        native(settings, |settings| payload(settings, carrier(at), &object(at).to_string()))
    };
    let checked = checked(folder.path(), &every);
    for (at, (name, text)) in files.iter().enumerate() {
        let expected = found(&ask(at, &every), "").unwrap();
        assert_eq!(checked.get(name).cloned().unwrap_or_default(), expected, "{text}");
    }
    level(folder.path(), |at| {
        let admits = |settings: &str| ask(at, settings).unwrap()["accepted"] == true;
        let above = ["baseline", "restricted", "hardening"].into_iter();
        above.take_while(|profile| admits(&format!(r#"{{"profile":"{profile}"}}"#))).last().unwrap_or("privileged")
    });
    // One rule's own wasm for each object, and the bundle's.
    for at in 0..catalogue::IDS.len() {
        let id = catalogue::IDS[at % catalogue::IDS.len()];
        let doc = catalogue::all().into_iter().find(|doc| doc.id == id).unwrap();
        let payload = payload("{}", carrier(at), &object(at).to_string());
        let by_rule = doc.validate(payload.as_bytes()).map(|answer| serde_json::from_slice(&answer).unwrap());
        std::fs::write(folder.path().join("object.json"), object(at).to_string()).unwrap();
        for (module, settings, expected) in [(id, "{}", by_rule), ("hardening", "{}", ask(at, "{}"))] {
            let module = project(&format!("dist/{module}.wasm"));
            let module = module.to_str().unwrap();
            let run = harden(folder.path(), &["run", module, "-r", "object.json", "--settings-json", settings]);
            let answer: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
            let expected = expected.unwrap();
            assert_eq!(answer["allowed"], expected["accepted"], "{id}: {answer}");
            assert_eq!(answer["status"]["message"], expected["message"], "{id}: {answer}");
            assert_eq!(answer["warnings"], expected["warnings"], "{id}: {answer}");
            assert_eq!(answer["auditAnnotations"], expected["audit_annotations"], "{id}: {answer}");
        }
    }
    assert_eq!(HARDENING.len(), 17);
}

/// `harden level` puts each file's workload where `expected` does.
fn level(folder: &std::path::Path, expected: impl Fn(usize) -> &'static str) {
    let run = harden(folder, &["level", "--no-config", "--format", "json", "."]);
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err));
    let workloads = report["workloads"].as_array().unwrap();
    let mut levels = BTreeSet::new();
    for workload in workloads {
        let name = workload["file"].as_str().unwrap().trim_start_matches("./");
        let at: usize = name.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
        assert_eq!(workload["level"], expected(at), "{name}");
        levels.insert(workload["level"].to_string());
    }
    assert!(workloads.len() >= 150 && levels.len() >= 3, "{levels:?}");
}
