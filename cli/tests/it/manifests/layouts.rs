//! Rules apart, together and in groups.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{names, objects};
use crate::support::*;

#[test]
fn rules_apart_find_what_the_bundle_finds() {
    for (settings, own_modules) in [
        (json!({"rules": {"image-tag": {"rejectedTags": ["v*"]}, "sysctls": true, "resources": false}}), true),
        (json!({"profile": "restricted", "rules": {"image-tag": "warn", "sysctls": false}}), false),
        (json!({"profile": "baseline", "version": "v1.30", "exemptions": [{"namespaces": ["x"]}]}), false),
    ] {
        let text = settings.to_string();
        let objects = objects(&["--layout", "rules", "--settings-json", &text]);
        let modules: BTreeSet<&str> = objects.iter().map(|o| o["spec"]["module"].as_str().unwrap()).collect();
        assert_eq!(modules.len(), if own_modules { objects.len() } else { 1 });
        let apart: BTreeSet<String> = objects.iter().flat_map(findings_of).collect();
        let together = findings(&["--settings-json", &text]);
        assert!(!together.is_empty());
        assert_eq!(apart, together, "{text}");
    }
}

/// Returns the findings of a policy's module with its settings.
fn findings_of(policy: &Value) -> BTreeSet<String> {
    let settings = policy["spec"]["settings"].to_string();
    let module = policy["spec"]["module"].as_str().unwrap();
    let id = module.rsplit('/').next().unwrap().split(':').next().unwrap();
    match id {
        "hardening" => findings(&["--settings-json", &settings]),
        _ => {
            let module = project(&format!("dist/{id}.wasm")).display().to_string();
            findings(&["--policy", &module, "--settings-json", &settings])
        }
    }
}

/// Rule, place, object and level of everything that is wrong with the insecure examples.
fn findings(args: &[&str]) -> BTreeSet<String> {
    let run = harden(&examples(), &[&["check", "insecure", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{args:?}: {}", run.err));
    assert_eq!(report["summary"]["problems"], 0, "{args:?}");
    let findings = report["findings"].as_array().unwrap();
    let finding = |f: &Value| format!("{} {} {}:{} {}", f["level"], f["rule"], f["file"], f["line"], f["message"]);
    findings.iter().map(finding).collect()
}

#[test]
fn settings_of_all_rules_and_of_one_come_together() {
    let settings = json!({
        "action": "mutate", "overwrite": true, "unfixable": "warn", "podTemplates": ["/spec/pod"],
        "exemptions": [{"namespaces": ["all"]}],
        "rules": {
            "privileged": {"requireExplicit": false, "exemptions": [{"images": ["own*"]}]},
            "resources": "reject",
            "capabilities": {"action": "warn"},
            "sysctls": true,
            "seccomp-profile": false,
        },
    });
    let objects = objects(&["--layout", "rules", "--settings-json", &settings.to_string()]);
    let of = |id: &str| objects.iter().find(|object| object["metadata"]["name"] == json!(format!("hardening-{id}")));
    let all = json!([{"namespaces": ["all"]}]);
    let pointers = json!(["/spec/pod"]);
    let mutate = json!({"action": "mutate", "overwrite": true, "unfixable": "warn", "podTemplates": pointers, "exemptions": all});
    let mut privileged = mutate.clone();
    privileged["requireExplicit"] = json!(false);
    privileged["exemptions"] = json!([{"images": ["own*"]}, {"namespaces": ["all"]}]);
    for (id, mutating, expected) in [
        ("privileged", true, privileged),
        ("sysctls", true, mutate),
        ("resources", false, json!({"action": "reject", "podTemplates": pointers, "exemptions": all})),
        ("capabilities", false, json!({"action": "warn", "podTemplates": pointers, "exemptions": all})),
        // Nothing of it can be repaired, and what cannot be only warns.
        ("image-tag", false, json!({"action": "warn", "podTemplates": pointers, "exemptions": all})),
    ] {
        let spec = &of(id).unwrap()["spec"];
        assert_eq!((&spec["settings"], spec["mutating"].as_bool()), (&expected, Some(mutating)), "{id}");
    }
    assert_eq!(of("seccomp-profile"), None);
    for object in &objects {
        // The rule's own module takes them.
        findings_of(object);
    }
}

#[test]
fn levels_that_warn_are_kept_apart_with_the_bundle() {
    let settings = r#"{"warn":"restricted","rules":{"image-tag":false}}"#;
    let objects = objects(&["--layout", "rules", "--settings-json", settings]);
    assert!(names(&objects).contains(&"hardening-run-as-non-root"));
    for object in &objects {
        let settings = &object["spec"]["settings"];
        assert_eq!((&settings["warn"], &settings["rules"]["image-tag"]), (&json!("restricted"), &json!(false)));
    }
    let warns = objects.iter().find(|object| object["metadata"]["name"] == "hardening-run-as-non-root").unwrap();
    assert!(findings_of(warns).iter().all(|finding| finding.starts_with("\"warning\" \"run-as-non-root\"")));
}

#[test]
fn groups() {
    let group = &objects(&["--layout", "group"])[0];
    assert_eq!(
        (&group["kind"], &group["metadata"]["name"]),
        (&json!("ClusterAdmissionPolicyGroup"), &json!("hardening"))
    );
    let members: Vec<&String> = group["spec"]["policies"].as_object().unwrap().keys().collect();
    let all: Vec<String> = members.iter().map(|name| format!("{name}()")).collect();
    assert_eq!(group["spec"]["expression"], json!(all.join(" && ")));
    assert_eq!(members.len(), hardening::bundle::HARDENING.len());
    assert!(group["spec"].get("mutating").is_none());

    let settings = r#"{"profile":"privileged","rules":{"privileged":true,"image-tag":{"requireDigest":true}}}"#;
    let expression = "privileged() && (image_tag() || !image_tag())";
    let args = ["--layout", "group", "--kind", "AdmissionPolicy", "-n", "prod", "--settings-json", settings];
    let group = &objects(&[&args[..], &["--expression", expression, "--message", "no: way"]].concat())[0];
    assert_eq!((&group["kind"], &group["metadata"]["name"]), (&json!("AdmissionPolicyGroup"), &json!("privileged")));
    assert_eq!((&group["spec"]["expression"], &group["spec"]["message"]), (&json!(expression), &json!("no: way")));
    let tag = &group["spec"]["policies"]["image_tag"]["settings"];
    assert_eq!(tag["rules"]["image-tag"], json!({"requireDigest": true}));
    assert_eq!(tag["rules"]["privileged"], json!(false));
}
