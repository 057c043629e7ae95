//! The effect of every option, and the refusals.

use serde_json::{Value, json};

use super::{names, objects, run};
use crate::support::*;

#[test]
fn by_default_one_policy_reports_by_the_profile_hardening() {
    let objects = objects(&[]);
    assert_eq!(names(&objects), ["hardening"]);
    let spec = &objects[0]["spec"];
    let module = format!("registry://ghcr.io/example/policies/hardening:v{}", env!("CARGO_PKG_VERSION"));
    assert_eq!(spec["module"], json!(module));
    assert_eq!(
        (&spec["mode"], &spec["mutating"], &spec["backgroundAudit"]),
        (&json!("monitor"), &json!(false), &json!(true))
    );
    assert_eq!(spec["settings"], json!({"profile": "hardening"}));
    let excluded = &spec["namespaceSelector"]["matchExpressions"][0];
    assert_eq!(excluded["key"], "kubernetes.io/metadata.name");
    assert_eq!(excluded["values"], json!(["kube-system", "kubewarden", "cattle-kubewarden-system"]));
    let resources: Vec<&Value> =
        spec["rules"].as_array().unwrap().iter().flat_map(|rule| rule["resources"].as_array().unwrap()).collect();
    for workload in hardening::workload::WORKLOADS.iter().filter(|workload| workload.kind != "PodTemplate") {
        assert!(resources.contains(&&json!(workload.resource)), "{}", workload.resource);
    }
    assert!(resources.contains(&&json!("pods/ephemeralcontainers")) && resources.contains(&&json!("pods/resize")));
    let about = &objects[0]["metadata"];
    assert_eq!(about["annotations"]["io.kubewarden.policy.severity"], "critical");
    assert_eq!(about["labels"]["app.kubernetes.io/version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn every_option_is_where_it_belongs() {
    let spec = |field: &'static str| format!("/spec/{field}");
    for (args, pointer, expected) in [
        (["--profile", "baseline"].as_slice(), spec("settings"), json!({"profile": "baseline"})),
        (
            &["--profile", "restricted", "--kubernetes-version", "v1.33"],
            spec("settings"),
            json!({"profile": "restricted", "version": "v1.33"}),
        ),
        (
            &["--settings-json", r#"{"rules":{"image-tag":{"requireDigest":true}}}"#],
            spec("settings/rules/image-tag"),
            json!({"requireDigest": true}),
        ),
        (&["--mutating"], spec("mutating"), json!(true)),
        (&["--mutating"], spec("settings/action"), json!("mutate")),
        (&["--settings-json", r#"{"action":"mutate"}"#], spec("mutating"), json!(true)),
        (&["--settings-json", r#"{"action":"warn","rules":{"privileged":"mutate"}}"#], spec("mutating"), json!(true)),
        (&["--settings-json", r#"{"action":"warn","rules":{"image-tag":"mutate"}}"#], spec("mutating"), json!(false)),
        (&["--tag", "v9"], spec("module"), json!("registry://ghcr.io/example/policies/hardening:v9")),
        (&["--kind", "AdmissionPolicy", "-n", "prod"], "/metadata/namespace".to_owned(), json!("prod")),
        (&["--kind", "admissionpolicy", "-n", "prod"], "/kind".to_owned(), json!("AdmissionPolicy")),
        (&["--name", "ours"], "/metadata/name".to_owned(), json!("ours")),
        (&["--mode", "protect"], spec("mode"), json!("protect")),
        (&["--background-audit=false"], spec("backgroundAudit"), json!(false)),
        (&["--background-audit"], spec("backgroundAudit"), json!(true)),
        (&["--failure-policy", "ignore"], spec("failurePolicy"), json!("Ignore")),
        (&["--failure-policy", "fail"], spec("failurePolicy"), json!("Fail")),
        (&["--timeout-seconds", "5"], spec("timeoutSeconds"), json!(5)),
        (&["--match-policy", "exact"], spec("matchPolicy"), json!("Exact")),
        (&["--namespace-selector", "env=prod"], spec("namespaceSelector/matchLabels"), json!({"env": "prod"})),
        (
            &["--exclude-namespace", "a", "--exclude-namespace", "kube-system", "--exclude-namespace", "b"],
            spec("namespaceSelector/matchExpressions/0/values"),
            json!(["kube-system", "kubewarden", "cattle-kubewarden-system", "a", "b"]),
        ),
        (
            &["--no-default-excludes", "--exclude-namespace", "a"],
            spec("namespaceSelector/matchExpressions/0/values"),
            json!(["a"]),
        ),
        (&["--policy-server", "strict"], spec("policyServer"), json!("strict")),
    ] {
        let objects = objects(args);
        assert_eq!(objects.len(), 1, "{args:?}");
        assert_eq!(objects[0].pointer(&pointer), Some(&expected), "{args:?} {pointer}\n{}", objects[0]);
    }
    let bare = objects(&["--no-default-excludes"]);
    assert!(bare[0]["spec"].get("namespaceSelector").is_none());
    let ours = objects(&["--kind", "AdmissionPolicy", "-n", "prod"]);
    assert!(ours[0]["spec"].get("namespaceSelector").is_none());
}

#[test]
fn the_audit_scanner_may_read_further_kinds() {
    let kinds = ["--resource", "argoproj.io/v1alpha1/rollouts", "--resource", "apps.kruise.io/v1beta1/daemonsets"];
    let objects = objects(&kinds);
    assert_eq!(names(&objects), ["hardening-audit", "hardening"]);
    let role = &objects[0];
    assert_eq!(role["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-view"], "true");
    assert_eq!(
        (&role["rules"][1]["apiGroups"], &role["rules"][1]["resources"]),
        (&json!(["argoproj.io"]), &json!(["rollouts"]))
    );
    assert_eq!(objects[1]["spec"]["rules"].as_array().unwrap().len(), 6);
    assert_eq!(self::objects(&[&kinds[..], &["--background-audit=false"]].concat()).len(), 1);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_written() {
    let long = "x".repeat(64);
    for (args, expected) in [
        (["--profile", "strict"].as_slice(), "must be one of"),
        (&["--profile", "baseline", "--kubernetes-version", "1.033"], "must be latest or a version"),
        (&["--settings-json", r#"{"rules":{"privileged":{"requireExplicit":3}}}"#], "rules.privileged.requireExplicit"),
        (&["--settings-json", "{"], "--settings-json"),
        (&["--settings-path", "nowhere.yaml"], "cannot read settings `nowhere.yaml`"),
        (&["--settings-json", r#"{"action":"warn"}"#, "--mutating"], "--mutating has no effect"),
        (&["--profile", "privileged"], "nothing to write"),
        (&["--tag", "a b"], "--tag `a b`"),
        (&["--digests", "nowhere.txt"], "cannot read digests `nowhere.txt`"),
        (&["--kind", "AdmissionPolicy"], "needs --namespace"),
        (&["--namespace", "prod"], "has no namespace"),
        (&["--kind", "AdmissionPolicy", "-n", "Prod"], "--namespace `Prod`"),
        (&["--kind", "AdmissionPolicy", "-n", "a", "--exclude-namespace", "b"], "its own namespace only"),
        (&["--kind", "AdmissionPolicy", "-n", "a", "--namespace-selector", "b"], "its own namespace only"),
        (&["--name", "Hardening"], "--name `Hardening`"),
        (&["--name", &long], "--name"),
        (&["--layout", "rules", "--name", &long[..50]], "the policy's name"),
        (&["--timeout-seconds", "31"], "1..=30"),
        (&["--timeout-seconds", "0"], "1..=30"),
        (&["--resource", "rollouts"], "--resource `rollouts`"),
        (&["--resource", "argoproj.io/v1/Rollouts"], "--resource `Rollouts`"),
        (&["--namespace-selector", "a in (b"], "--namespace-selector: `)` is missing"),
        (&["--namespace-selector", "a>1"], "compares by size"),
        (&["--exclude-namespace", "a/b"], "--exclude-namespace `a/b`"),
        (&["--expression", "privileged()"], "belongs to --layout group"),
        (&["--message", "no"], "belongs to --layout group"),
        (&["--layout", "group", "--expression", "privileged()"], "is never asked"),
        (&["--layout", "group", "--message", " "], "--message must not be empty"),
        (&["--layout", "group", "--mutating"], "cannot change objects"),
        (&["--policy-server", "A"], "--policy-server `A`"),
        (&["--policy-server", &long[..50]], "at most 49"),
        (&["--create-policy-server"], "--policy-server <NAME>"),
        (&["--replicas", "3"], "--create-policy-server"),
    ] {
        let folder = folder(&[]);
        let folder = folder.path().join("out");
        let run = run(&[args, &["--output", folder.to_str().unwrap()]].concat());
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.contains(expected), "{args:?}: {}", run.err);
        assert!(!folder.exists(), "{args:?}");
    }
    let empty = folder(&[]);
    let nowhere = harden(empty.path(), &["manifests"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("--registry"), "{}", nowhere.err);
    let no_host = harden(empty.path(), &["manifests", "--registry", "policies"]);
    assert!(no_host.code == 2 && no_host.err.contains("no host"), "{}", no_host.err);
}

#[test]
fn a_policy_server_of_its_own() {
    let create = ["--policy-server", "strict", "--create-policy-server"];
    let server = &objects(&create)[0];
    assert_eq!((&server["kind"], &server["metadata"]["name"]), (&json!("PolicyServer"), &json!("strict")));
    let spec = &server["spec"];
    assert_eq!((&spec["replicas"], &spec["maxUnavailable"]), (&json!(2), &json!(1)));
    assert!(spec["affinity"]["podAntiAffinity"].is_object());
    let more = [
        "--replicas",
        "3",
        "--policy-server-image",
        "mirror.example.com/policy-server:v1",
        "--requests",
        "cpu=100m",
        "--limits",
        "cpu=500m,memory=512Mi",
        "--min-available",
        "50%",
        "--image-pull-secret",
        "login",
        "--verification-config",
        "trust",
    ];
    let objects = objects(&[&create[..], &more].concat());
    assert_eq!(names(&objects), ["strict", "hardening"]);
    assert_eq!(objects[1]["spec"]["policyServer"], "strict");
    let mut spec = objects[0]["spec"].clone();
    spec.as_object_mut().unwrap().remove("affinity");
    assert_eq!(
        spec,
        json!({
            "image": "mirror.example.com/policy-server:v1", "replicas": 3, "minAvailable": "50%",
            "requests": {"cpu": "100m"}, "limits": {"cpu": "500m", "memory": "512Mi"},
            "imagePullSecret": "login", "verificationConfig": "trust",
        })
    );
    for (args, expected) in [
        (["--replicas", "0"].as_slice(), "0 is not in"),
        (&["--requests", "cpu"], "--requests: `cpu`"),
        (&["--requests", "cpu=x"], "--requests: cpu must be a quantity"),
        (&["--requests", "cpu=1,cpu=2"], "cpu is given twice"),
        (&["--requests", "gpu=1"], "unknown resource `gpu`"),
        (&["--limits", "memory=-1"], "must be more than 0"),
        (&["--requests", "cpu=2"], "cpu 2 is more than its limit 1"),
        (&["--min-available", "2"], "lets none of 2 replicas go"),
        (&["--min-available", "100%"], "lets none of 2 replicas go"),
        (&["--max-unavailable", "0"], "lets none of 2 replicas go"),
        (&["--max-unavailable", "half"], "neither a number"),
        (&["--max-unavailable", "101%"], "neither a number"),
        (&["--min-available", "1", "--max-unavailable", "1"], "cannot be used with"),
        (&["--policy-server-image", "a b"], "is not an image"),
        (&["--image-pull-secret", "A"], "--image-pull-secret `A`"),
    ] {
        let run = run(&[&create[..], args].concat());
        assert!(run.code == 2 && run.err.contains(expected) && run.out.is_empty(), "{args:?}: {}", run.err);
    }
}
