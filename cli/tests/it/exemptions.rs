//! Exemptions are counted, told with their reasons, and missed if they are for nothing, with the real binary.

use serde_json::Value;

use crate::support::*;

const PODS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - {name: app, image: 'ghcr.io/org/app:1'}
    - {name: mesh, image: 'ghcr.io/org/mesh:1', securityContext: {privileged: true}}
---
apiVersion: v1
kind: Pod
metadata: {name: old}
spec: {hostPID: true, containers: [{name: app, image: 'ghcr.io/org/app:1'}]}
";

const CONFIG: &str = "\
profile: baseline
exemptions:
  - {containers: [mesh], rules: [privileged], reason: it sets up the network}
  - {names: [old], reason: goes in May}
";

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.err))
}

#[test]
fn f8_exemptions_are_counted_and_listed_with_their_reasons() {
    let folder = folder(&[("harden.yaml", CONFIG), ("pods.yaml", PODS)]);
    let text = harden(folder.path(), &["check", "."]);
    assert!(text.code == 0 && text.out.contains("no violations in 2 workloads"), "{}", text.out);
    assert!(text.out.contains("; 2 exempted"), "{}", text.out);
    assert!(!text.out.contains("warning"), "{}", text.out);
    let report = json(&harden(folder.path(), &["check", "--format", "json", "."]));
    assert_eq!(report["summary"]["exempted"], 2);
    let muted = |rule: &str| {
        let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap();
        (finding["muted"].clone(), finding["fixable"].clone())
    };
    let by = |reason: &str| serde_json::json!({"by": "exemption", "reason": reason});
    assert_eq!(muted("privileged"), (by("it sets up the network"), false.into()));
    assert_eq!(muted("host-namespaces"), (by("goes in May"), false.into()));
    let sarif = json(&harden(folder.path(), &["check", "--format", "sarif", "."]));
    let suppressions: Vec<&Value> =
        sarif["runs"][0]["results"].as_array().unwrap().iter().map(|result| &result["suppressions"][0]).collect();
    let external = |why: &str| serde_json::json!({"kind": "external", "justification": why});
    assert!(suppressions.contains(&&external("goes in May")), "{suppressions:?}");
    for format in ["markdown", "junit", "html", "matrix"] {
        let run = harden(folder.path(), &["check", "--format", format, "."]);
        assert!(run.code == 0 && run.out.contains("exempt"), "{format}: {}", run.out);
    }
    assert!(harden(folder.path(), &["check", "--format", "html", "."]).out.contains("Exempt: goes in May"));
    // What is exempt is not known, too, and not fixed.
    let written = harden(folder.path(), &["check", "--baseline", "known.json", "--write-baseline", "."]);
    assert!(written.err.contains("wrote 0 findings"), "{}", written.err);
    let fixed = harden(folder.path(), &["fix", "."]);
    assert_eq!(fixed.code, 0, "{}", fixed.out);
    assert_eq!(std::fs::read_to_string(folder.path().join("pods.yaml")).unwrap(), PODS);
}

#[test]
fn f8_exemptions_of_settings_and_overrides_count_too() {
    let folder = folder(&[
        ("pods.yaml", PODS),
        (
            "harden.yaml",
            "profile: baseline\noverrides:\n  - paths: [pods.yaml]\n    exemptions: [{kinds: [Pod], reason: r}]\n",
        ),
    ]);
    let run = harden(folder.path(), &["check", "."]);
    assert!(run.code == 0 && run.out.contains("; 2 exempted") && !run.out.contains("unused"), "{}", run.out);
    let settings = r#"{"profile": "baseline", "exemptions": [{"images": ["ghcr.io/org/mesh"]}]}"#;
    let run = harden(folder.path(), &["check", "--settings-json", settings, "pods.yaml"]);
    assert!(run.code == 1 && run.out.contains("1 violation") && run.out.contains("; 1 exempted"), "{}", run.out);
    // Two exemptions that only together reach a volume.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: v}\nspec:\n  volumes: [{name: v, hostPath: {path: /}}]\n  containers:\n  - {name: a, image: 'g.io/a:1', volumeMounts: [{name: v, mountPath: /v}]}\n  - {name: b, image: 'g.io/b:1', volumeMounts: [{name: v, mountPath: /v}]}\n";
    std::fs::write(folder.path().join("volume.yaml"), pod).unwrap();
    let settings =
        r#"{"profile": "baseline", "exemptions": [{"containers": ["a"], "reason": "one"}, {"containers": ["b"]}]}"#;
    let run = harden(folder.path(), &["check", "--format", "json", "--settings-json", settings, "volume.yaml"]);
    assert_eq!(json(&run)["findings"][0]["muted"], serde_json::json!({"by": "exemption", "reason": "one"}));
}

#[test]
fn f8_what_leaves_nothing_alone_or_says_no_why_is_told() {
    let config = format!("{CONFIG}  - containers: [gone]\n    rules: [privileged, host-ports]\n");
    let folder = folder(&[("harden.yaml", &config), ("pods.yaml", PODS), ("b/pod.yaml", PRIVILEGED)]);
    let told = |args: &[&str]| {
        let report = json(&harden(folder.path(), &[&["check", "--format", "json"], args].concat()));
        let own = |finding: &&Value| finding["rule"].as_str().unwrap().contains("exemption");
        let line = |finding: &Value| (finding["rule"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap());
        report["findings"].as_array().unwrap().iter().filter(own).map(line).collect::<Vec<_>>()
    };
    let both = [("unused-exemption".to_owned(), 5), ("exemption-without-reason".to_owned(), 5)];
    assert_eq!(told(&["."]), both);
    for args in [&["pods.yaml"][..], &["b"], &["--config", "harden.yaml", "b"]] {
        assert_eq!(told(args), [], "not all that it is for was searched: {args:?}");
    }
    assert_eq!(told(&["--rule", "host-ports", "."])[..], both[1..], "not every rule was judged");
    // The cluster may need what no file here has.
    let kept = config.replace(
        "  - containers: [gone]",
        "  # harden: ignore[unused-exemption, exemption-without-reason] injected\n  - containers: [gone]",
    );
    std::fs::write(folder.path().join("harden.yaml"), kept).unwrap();
    let run = harden(folder.path(), &["check", "."]);
    assert!(!run.out.contains("-exemption") && run.out.contains("; 2 suppressed"), "{}", run.out);
}

#[test]
fn a_suppression_of_what_is_exempt_is_unused() {
    let pods = PODS.replace("{name: old}", "{name: old} # harden: ignore[host-namespaces] twice");
    let folder = folder(&[("harden.yaml", CONFIG), ("pods.yaml", &format!("# harden: ignore[privileged] x\n{pods}"))]);
    let run = harden(folder.path(), &["check", "."]);
    assert!(run.out.contains("unused-suppression") && run.out.contains("; 2 exempted"), "{}", run.out);
}

#[test]
fn f12_versions_may_be_written_without_v() {
    let folder = folder(&[("pods.yaml", PODS)]);
    let level = |args: &[&str]| {
        let run = harden(folder.path(), &[&["level", "--format", "json"], args, &["pods.yaml"]].concat());
        (json(&run)["kubernetesVersion"].as_str().unwrap_or_default().to_owned(), run.code)
    };
    assert_eq!(level(&["--kubernetes-version", "1.33"]), ("v1.33".to_owned(), 0));
    for (written, read) in [("1.33", "v1.33"), ("'1.30'", "v1.30"), ("v1.30", "v1.30"), ("latest", "v1.37")] {
        std::fs::write(folder.path().join("harden.yaml"), format!("kubernetesVersion: {written}\n")).unwrap();
        assert_eq!(level(&[]), (read.to_owned(), 0), "{written}");
    }
    std::fs::write(folder.path().join("harden.yaml"), "kubernetesVersion: 1.3\n").unwrap();
    let run = harden(folder.path(), &["level", "pods.yaml"]);
    assert!(run.code == 2 && run.err.contains("1.3 may be v1.3 or v1.30"), "{}", run.err);
}

#[test]
fn f7_check_says_why_the_api_server_would_refuse_it() {
    let pod = PRIVILEGED.replace(
        "        privileged: true\n",
        "        # harden: ignore[privileged] a debugger\n        privileged: true\n",
    );
    let folder = folder(&[("pod.yaml", &pod)]);
    for format in ["text", "concise", "github", "gitlab", "sarif", "junit", "markdown", "html"] {
        let run = harden(folder.path(), &["check", "--format", format, "pod.yaml"]);
        let why = "the API server refuses it beside privileged: true or SYS\u{0}ADMIN"
            .replace('\u{0}', if format == "markdown" { "\\_" } else { "_" });
        assert!(run.out.contains(&why), "{format}: {}", run.out);
    }
}

#[test]
fn f13_a_further_policy_of_ours_says_how_it_fixes() {
    let config = "profile: privileged\npolicies: [{module: privileged.wasm}]\n";
    let folder = folder(&[
        ("harden.yaml", config),
        ("pod.yaml", &PRIVILEGED.replace("        privileged: true\n", "        runAsUser: 1\n")),
    ]);
    std::fs::copy(project("dist/privileged.wasm"), folder.path().join("privileged.wasm")).unwrap();
    let run = harden(folder.path(), &["fix", "pod.yaml"]);
    assert!(
        run.code == 1
            && run.out.contains("(policy `privileged.wasm` repairs it with `action: mutate` in its settings)"),
        "{}",
        run.out
    );
}
