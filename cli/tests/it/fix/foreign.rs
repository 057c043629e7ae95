//! Policies of others, of which nothing is known but their answer.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{DEPLOYMENT, fix};
use crate::support::*;
use guests::{VALID, answering, failing};

/// The deployment as an object.
fn deployment() -> Value {
    let parsed = kube_yaml::yaml::parse(DEPLOYMENT);
    serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap()
}

/// The deployment as the policy of these tests wants it.
fn labelled() -> Value {
    let mut object = deployment();
    object["metadata"]["labels"] = json!({"team": "shop"});
    object["spec"]["replicas"] = json!(3);
    object["spec"]["template"]["spec"]["containers"][0]["securityContext"] = json!({"runAsUser": 1000});
    object
}

fn accepting(mutated: &Value) -> Vec<u8> {
    answering(&json!({"accepted": true, "mutated_object": mutated}).to_string(), VALID)
}

/// Runs `harden fix --policy` on the deployment with a policy that is written to `policy.wasm`.
fn fix_by(wasm: &[u8]) -> (tempfile::TempDir, Run) {
    let folder = folder(&[("web.yaml", DEPLOYMENT)]);
    fs::write(folder.path().join("policy.wasm"), wasm).unwrap();
    let run = harden(folder.path(), &["fix", "--policy", "policy.wasm", "web.yaml"]);
    (folder, run)
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("web.yaml")).unwrap()
}

#[test]
fn what_it_changes_is_written_and_nothing_else() {
    let (folder, run) = fix_by(&accepting(&labelled()));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let expected = DEPLOYMENT
        .replace("metadata: {name: web}   #", "metadata: {name: web, labels: {team: shop}}   #")
        .replace("securityContext: {}\n", "securityContext:\n                    runAsUser: 1000\n")
        + "    replicas: 3\n";
    assert_eq!(text(folder.path()), expected);
    for path in ["metadata.labels", "spec.replicas", "spec.template.spec.containers[0].securityContext"] {
        assert!(run.out.contains(path), "{path} is not said to be fixed:\n{}", run.out);
    }
    // It wants the same again, which is there now.
    let again = harden(folder.path(), &["fix", "--policy", "policy.wasm", "web.yaml"]);
    assert_eq!((again.code, text(folder.path())), (0, expected), "{}", again.out);
    assert!(again.out.contains("0 fixed in 0 of 1 file"), "{}", again.out);
}

#[test]
fn run_prints_its_patch_as_kwctl_does() {
    let folder = folder(&[("request.json", &deployment().to_string())]);
    fs::write(folder.path().join("policy.wasm"), accepting(&labelled())).unwrap();
    let run = harden(folder.path(), &["run", "policy.wasm", "--request-path", "request.json"]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let answer: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&answer["allowed"], &answer["patchType"]), (&json!(true), &json!("JSONPatch")));
    let patch = STANDARD.decode(answer["patch"].as_str().unwrap()).unwrap();
    let mut patch: Vec<Value> = serde_json::from_slice(&patch).unwrap();
    patch.sort_by_key(|change| change["path"].to_string());
    let expected = [
        json!({"op": "add", "path": "/metadata/labels", "value": {"team": "shop"}}),
        json!({"op": "add", "path": "/spec/replicas", "value": 3}),
        json!({"op": "add", "path": "/spec/template/spec/containers/0/securityContext/runAsUser", "value": 1000}),
    ];
    assert_eq!(patch, expected);
}

#[test]
fn answers_that_are_no_fix_change_nothing() {
    let with = |path: &str, value: &str| {
        let mut object = labelled();
        *object.pointer_mut(path).unwrap() = json!(value);
        accepting(&object)
    };
    let mut moved = labelled();
    moved["metadata"]["namespace"] = json!("other");
    let refusing = |mutated: Value| {
        answering(
            &json!({"accepted": false, "message": "not on a Friday", "mutated_object": mutated}).to_string(),
            VALID,
        )
    };
    let invalid = answering(r#"{"accepted":true}"#, r#"{"valid":false,"message":"team is missing"}"#);
    for (name, wasm, code, said) in [
        ("garbage", answering("not JSON", VALID), 2, "error: web.yaml:2:1: Deployment web: policy `policy.wasm`"),
        ("another type", answering("[true]", VALID), 2, "error: web.yaml:2:1: Deployment web: policy `policy.wasm`"),
        ("a text", accepting(&json!("text")), 2, "a mutated_object that is not an object"),
        ("a list", accepting(&json!([labelled()])), 2, "a mutated_object that is not an object"),
        ("nothing", accepting(&json!({})), 2, "another object: its apiVersion is \"\" instead of \"apps/v1\""),
        ("name", with("/metadata/name", "db"), 2, "its metadata.name is \"db\" instead of \"web\""),
        ("kind", with("/kind", "Pod"), 2, "its kind is \"Pod\" instead of \"Deployment\""),
        ("version", with("/apiVersion", "v1"), 2, "its apiVersion is \"v1\" instead of \"apps/v1\""),
        ("namespace", accepting(&moved), 2, "its metadata.namespace is \"other\" instead of \"\""),
        ("an error", failing("no database"), 2, "no database"),
        ("settings", invalid, 2, "team is missing"),
        (
            "a refusal",
            refusing(Value::Null),
            1,
            "[policy.wasm] Deployment web: not on a Friday (this policy offers no fix)",
        ),
        ("a refusal with an object", refusing(labelled()), 1, "not on a Friday (this policy offers no fix)"),
        ("no mutation", answering(r#"{"accepted":true}"#, VALID), 0, "0 fixed in 0 of 1 file, 0 left"),
        ("no change", accepting(&deployment()), 0, "0 fixed in 0 of 1 file, 0 left"),
    ] {
        let before = folder(&[("web.yaml", DEPLOYMENT)]);
        fs::write(before.path().join("policy.wasm"), wasm).unwrap();
        let inode = fs::metadata(before.path().join("web.yaml")).unwrap().ino();
        let run = harden(before.path(), &["fix", "--policy", "policy.wasm", "web.yaml"]);
        let all = [run.out, run.err].concat();
        assert_eq!(run.code, code, "{name}: {all}");
        assert!(all.contains(said), "{name}: {said:?} is missing in:\n{all}");
        assert_eq!(text(before.path()), DEPLOYMENT, "{name}");
        assert_eq!(fs::metadata(before.path().join("web.yaml")).unwrap().ino(), inode, "{name}: it was replaced");
    }
}

#[test]
fn what_cannot_be_edited_is_said() {
    let shared = "metadata: {name: web, labels: &labels {app: web}, annotations: *labels}";
    let old = DEPLOYMENT.replace("metadata: {name: web} ", &[shared, " "].concat());
    let parsed = kube_yaml::yaml::parse(&old);
    let mut wanted: Value = serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap();
    wanted["metadata"]["annotations"]["team"] = json!("shop");
    let folder = folder(&[("web.yaml", &old)]);
    fs::write(folder.path().join("policy.wasm"), accepting(&wanted)).unwrap();
    let run = harden(folder.path(), &["fix", "--policy", "policy.wasm", "web.yaml"]);
    assert_eq!((run.code, text(folder.path())), (1, old), "{}", run.out);
    let said =
        "web.yaml: 0 fixed, 1 left\n  4: not edited: `metadata.annotations.team` comes through an alias from line 4";
    assert!(run.out.starts_with(said), "{}", run.out);
}

#[test]
fn beside_the_built_in_policies_it_has_its_turn() {
    let mut wanted = labelled();
    let container = &mut wanted["spec"]["template"]["spec"]["containers"][0];
    container["securityContext"] = json!({"privileged": false, "capabilities": {"drop": ["ALL"]}});
    let settings = "rules: {capabilities: false}\npolicies:\n- module: policy.wasm\n";
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("harden.yaml", settings)]);
    fs::write(folder.path().join("policy.wasm"), accepting(&wanted)).unwrap();
    let run = harden(folder.path(), &["fix", "web.yaml"]);
    let text = text(folder.path());
    // The policy's answer is fixed, so what the rules added and it does not know is gone again.
    assert!(text.contains("labels: {team: shop}") && text.contains("replicas: 3\n"), "{text}{}", run.out);
    assert!(text.contains("privileged: false") && !text.contains("seccompProfile"), "{text}");
}

#[test]
fn a_policy_that_is_none_is_named() {
    let folder = folder(&[("web.yaml", DEPLOYMENT), ("policy.wasm", "no module")]);
    let run = harden(folder.path(), &["fix", "--policy", "policy.wasm", "web.yaml"]);
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("error: ") && run.err.contains("`policy.wasm`"), "{}", run.err);
    assert_eq!(fix(folder.path(), &["--policy", "absent.wasm", "web.yaml"]).code, 2);
    assert_eq!(text(folder.path()), DEPLOYMENT);
}
