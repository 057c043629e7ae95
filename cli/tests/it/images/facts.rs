//! What the lock knows about images, as findings of `image-user`, and what `fix` makes of it.

use std::fs;

use serde_json::{Value, json};

use super::world::{locked, pod};
use crate::support::{folder, harden};

/// Judges by nothing but the rule about images.
const ONLY: &str = "profile: privileged\n";

/// Open findings: level, line, rule and message.
fn findings(files: &[(&str, &str)], args: &[&str]) -> Vec<String> {
    let folder = folder(files);
    let run = harden(folder.path(), &[&["check", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}{}", run.out, run.err));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shown = |finding: &Value| {
        let (level, line) = (text(&finding["level"]), &finding["line"]);
        format!("{level} {line} {} {}", text(&finding["rule"]), text(&finding["message"]))
    };
    let open = report["findings"].as_array().unwrap().iter().filter(|finding| finding["muted"].is_null());
    open.map(shown).collect()
}

/// The findings about a pod of these images, which the lock has with these facts.
fn of_pod(manifest: &str, facts: &Value) -> Vec<String> {
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": facts }))]);
    findings(&[("harden.yaml", ONLY), ("harden.lock", &lock), ("pod.yaml", manifest)], &["."])
}

fn image(user: &str) -> Value {
    let facts = images::Facts::of_user(user.to_owned());
    json!({ "image": serde_json::to_value(facts).unwrap() })
}

#[test]
fn the_user_of_the_image_is_a_finding_at_its_place() {
    let with = |context: &str| format!("{}      securityContext: {{{context}}}\n", pod("app:1"));
    for (manifest, user, expected) in [
        (pod("app:1"), "", "error 7 image-user container \"c\": "),
        (pod("app:1"), "root", "runs as root"),
        (pod("app:1"), "0:1000", "runs as root"),
        (with("runAsNonRoot: true"), "app", "the kubelet refuses to start it beside runAsNonRoot: true"),
        (with("runAsUser: 2000"), "1000", "error 8 image-user container \"c\": "),
        (with("runAsUser: 1000, runAsGroup: 7"), "1000:1000", "must be 1000, as USER of the image says"),
    ] {
        let found = of_pod(&manifest, &image(user));
        assert!(found.len() == 1 && found[0].contains(expected), "{user}: {expected}: {found:#?}");
    }
    for (manifest, user) in
        [(pod("app:1"), "1000"), (with("runAsUser: 1000"), ""), (with("runAsUser: 1000"), "1000:1000")]
    {
        assert_eq!(of_pod(&manifest, &image(user)), [""; 0], "{user}");
    }
}

#[test]
fn what_nobody_knows_gives_no_finding_and_is_counted() {
    let files = |manifests: &str| {
        let other = pod(&format!("app:1@sha256:{}", "b".repeat(64)));
        let lock = locked(&[
            ("docker.io/library/app:1", &json!({ "linux/amd64": image("") })),
            ("docker.io/library/artifact:1", &json!({})),
        ]);
        folder(&[
            ("harden.yaml", ONLY),
            ("harden.lock", &lock),
            ("a.yaml", manifests),
            ("b.yaml", &pod("app:2")),
            ("c.yaml", &other),
            ("d.yaml", &pod("artifact:1")),
            ("e.yaml", &pod("app:2")),
            ("f.yaml", &pod("'No Image'")),
        ])
    };
    let folder = files(&pod("app:3"));
    let run = harden(folder.path(), &["check", "."]);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("; 4 images not in the lock"), "{}", run.out);
    let report: Value = serde_json::from_str(&harden(folder.path(), &["check", "--format", "json", "."]).out).unwrap();
    assert_eq!(report["summary"]["imagesLacking"], 4);
    // One container of the pod is known, the other is not.
    let both = format!("{}    - {{name: d, image: 'app:9'}}\n", pod("app:1"));
    let folder = files(&both);
    let run = harden(folder.path(), &["check", "--format", "concise", "a.yaml"]);
    assert!(run.code == 1 && run.out.matches("image-user").count() == 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("container \"c\""), "{}", run.out);
    fs::remove_file(folder.path().join("harden.lock")).unwrap();
    let run = harden(folder.path(), &["check", "a.yaml"]);
    assert!(run.code == 0 && !run.out.contains("in the lock"), "without a lock nothing is said: {}", run.out);
}

#[test]
fn it_is_a_rule_like_any_other() {
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": image("") }))]);
    let with = |config: &str, manifest: &str, args: &[&str]| {
        findings(&[("harden.yaml", config), ("harden.lock", &lock), ("pod.yaml", manifest)], &[args, &["."]].concat())
    };
    let plain = pod("app:1");
    assert_eq!(with("rules: {image-user: false}\nprofile: privileged\n", &plain, &[]), [""; 0]);
    assert!(with("rules: {image-user: warn}\nprofile: privileged\n", &plain, &[])[0].starts_with("warning "));
    assert!(with("failOn: critical\nprofile: privileged\n", &plain, &[])[0].starts_with("warning "), "it is of high");
    let only = with("{}\n", &plain, &["--rule", "image-user"]);
    assert!(only.len() == 1 && only[0].contains(" image-user "), "{only:?}");
    assert!(with("{}\n", &plain, &["--rule", "privileged"]).iter().all(|found| found.contains(" privileged ")));
    let overridden = "profile: privileged\noverrides: [{paths: [pod.yaml], rules: {image-user: false}}]\n";
    assert_eq!(with(overridden, &plain, &[]), [""; 0]);
    let suppressed = plain.replace("# ours", "# harden: ignore[image-user] drops root itself");
    assert_eq!(with(ONLY, &suppressed, &[]), [""; 0]);
    assert!(with(ONLY, &suppressed, &["--no-suppressions"]).len() == 1);
    for exemption in ["{rules: [image-user], images: ['*app*'], reason: r}", "{containers: [c], reason: r}"] {
        assert_eq!(with(&format!("{ONLY}exemptions: [{exemption}]\n"), &plain, &[]), [""; 0], "{exemption}");
    }
    let unused =
        with(&format!("{ONLY}exemptions: [{{rules: [image-user], containers: [x], reason: r}}]\n"), &plain, &[]);
    assert!(unused.iter().any(|found| found.contains("unused-exemption")), "{unused:?}");

    let folder = folder(&[("harden.yaml", ONLY), ("harden.lock", &lock), ("pod.yaml", &plain)]);
    let run = |args: &[&str]| harden(folder.path(), args);
    let refused = |config: &str| {
        fs::write(folder.path().join("harden.yaml"), config).unwrap();
        run(&["check", "."]).err
    };
    let error = refused("rules: {image-user: {requireSameId: true}}\n");
    assert!(error.contains("harden.yaml:1:") && error.contains("requireSameId"), "{error}");
    fs::write(folder.path().join("harden.yaml"), ONLY).unwrap();
    assert_eq!(run(&["check", "--baseline", "known.json", "--write-baseline", "."]).code, 0);
    let known = run(&["check", "--baseline", "known.json", "."]);
    assert!(known.code == 0 && known.out.contains("1 known from the baseline"), "{}{}", known.out, known.err);
    let sarif: Value = serde_json::from_str(&run(&["check", "--format", "sarif", "."]).out).unwrap();
    let rule = &sarif["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["id"] == "image-user" && rule["help"]["markdown"].as_str().unwrap().len() > 300, "{rule}");
    let explained = run(&["explain", "image-user"]);
    assert!(explained.code == 0 && explained.out.contains("requireSameIds"), "{}", explained.out);
    assert!(run(&["rules"]).out.contains("\nimage-user "));
}

#[test]
fn platforms_that_differ_are_named() {
    let facts = json!({ "linux/amd64": image("1000"), "linux/arm64": image("") });
    let lock = locked(&[("docker.io/library/app:1", &facts)]);
    let found = findings(&[("harden.yaml", ONLY), ("harden.lock", &lock), ("pod.yaml", &pod("app:1"))], &["."]);
    assert!(found.len() == 1 && found[0].contains("linux/arm64") && !found[0].contains("amd64"), "{found:?}");
}

#[test]
fn an_entry_that_is_not_one_is_said_at_the_image_that_needs_it() {
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": { "image": { "shell": "sh" } } }))]);
    let folder = folder(&[("harden.lock", &lock), ("a.yaml", &pod("app:1")), ("b.yaml", &pod("app:2"))]);
    let run = harden(folder.path(), &["check", "--profile", "privileged", "--format", "concise", "a.yaml"]);
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.out.contains("a.yaml:7:14: ") && run.out.contains("unknown field `shell`"), "{}", run.out);
    assert_eq!(harden(folder.path(), &["check", "--profile", "privileged", "b.yaml"]).code, 0);
}

/// A pod that lacks ids and a read-only root file system.
const BARE: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      image: app:1
      volumeMounts:
        - name: data
          mountPath: /data
    - name: other
      image: other:1
  volumes:
    - name: data
      emptyDir: {}
";

const RULES: &str = "\
profile: privileged
rules:
  run-as-user: {user: {default: 9000}, group: {default: 9000}}
  read-only-root-filesystem: true
  capabilities: true
";

#[test]
fn a_fix_takes_ids_and_volumes_from_the_lock() {
    let facts = json!({ "image": {
        "user": "101:102", "uid": 101, "gid": 102, "volumes": ["/cache", "/data"], "exposedPorts": ["80/tcp"],
    }});
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": facts }))]);
    let folder = folder(&[("harden.yaml", RULES), ("harden.lock", &lock), ("pod.yaml", BARE)]);
    let offered = harden(folder.path(), &["check", "--format", "sarif", "pod.yaml"]).out;
    assert!(offered.contains("runAsUser: 101") && offered.contains("runAsGroup: 102"), "{offered}");
    let run = harden(folder.path(), &["fix", "pod.yaml"]);
    let text = fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert_eq!(run.code, 0, "{}{}{text}", run.out, run.err);
    let pod: serde_yaml_ng::Value = serde_yaml_ng::from_str(&text).unwrap();
    let ids = |context: &serde_yaml_ng::Value| (context["runAsUser"].as_u64(), context["runAsGroup"].as_u64());
    let app = &pod["spec"]["containers"][0];
    assert_eq!(ids(&app["securityContext"]), (Some(101), Some(102)), "{text}");
    assert_eq!(ids(&pod["spec"]["securityContext"]), (Some(9000), Some(9000)), "nobody knows the other image: {text}");
    let mounts = app["volumeMounts"].as_sequence().unwrap();
    let paths: Vec<&str> = mounts.iter().map(|mount| mount["mountPath"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/data", "/cache"], "what a mount covers needs none: {text}");
    assert_eq!(pod["spec"]["volumes"].as_sequence().unwrap().len(), 2, "{text}");
    assert!(!text.contains("NET_BIND_SERVICE"), "it is never added: {text}");
    let named = harden(folder.path(), &["check", "--format", "concise", "pod.yaml"]);
    assert!(named.code == 0 && named.out.contains("NET_BIND_SERVICE"), "it is named: {}", named.out);
    assert_eq!(harden(folder.path(), &["fix", "pod.yaml"]).code, 0);
    assert_eq!(fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), text, "a second fix changes nothing");
}

#[test]
fn a_fix_writes_no_root_no_name_and_nothing_where_platforms_differ() {
    for facts in [
        json!({ "linux/amd64": image("") }),
        json!({ "linux/amd64": image("app") }),
        json!({ "linux/amd64": image("0:0") }),
        json!({ "linux/amd64": image("7"), "linux/arm64": image("8") }),
    ] {
        let lock = locked(&[("docker.io/library/app:1", &facts)]);
        let config = "profile: privileged\nrules: {run-as-user: true}\n";
        let folder = folder(&[("harden.yaml", config), ("harden.lock", &lock), ("pod.yaml", BARE)]);
        let run = harden(folder.path(), &["fix", "pod.yaml"]);
        assert_eq!(fs::read_to_string(folder.path().join("pod.yaml")).unwrap(), BARE, "{facts} {}", run.out);
        assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    }
    // Another id is replaced only if somebody says so.
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": image("7:7") }))]);
    let pod = format!("{}      securityContext: {{runAsUser: 5}}\n", pod("app:1"));
    let folder = folder(&[("harden.yaml", ONLY), ("harden.lock", &lock), ("pod.yaml", &pod)]);
    let left = harden(folder.path(), &["fix", "pod.yaml"]);
    assert!(left.code == 1 && left.out.contains("--unsafe replaces it"), "{}{}", left.out, left.err);
    assert_eq!(harden(folder.path(), &["fix", "--unsafe", "pod.yaml"]).code, 0);
    let text = fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
    assert!(text.contains("runAsUser: 7"), "{text}");
}

#[test]
fn a_suppressed_container_is_left_as_it_is() {
    let facts = json!({ "image": { "user": "101", "uid": 101, "volumes": ["/cache"] } });
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": facts }))]);
    let config = "profile: privileged\nrules: {image-user: true}\n";
    let manifest = |comment: &str| {
        let context = "securityContext: {readOnlyRootFilesystem: true, runAsUser: 5}";
        format!("{}      {context}{comment}\n", pod("app:1"))
    };
    for (comment, code) in [("", 1), (" # harden: ignore[image-user] ours", 0)] {
        let manifest = manifest(comment);
        let folder = folder(&[("harden.yaml", config), ("harden.lock", &lock), ("pod.yaml", &manifest)]);
        let run = harden(folder.path(), &["fix", "pod.yaml"]);
        let text = fs::read_to_string(folder.path().join("pod.yaml")).unwrap();
        assert_eq!((run.code, text.contains("/cache")), (code, code == 1), "{}{}{text}", run.out, run.err);
    }
}

/// The rule reads nothing that only a trial saw, and is not kept from judging by it.
#[test]
fn what_a_trial_wrote_into_the_lock_stays_there() {
    let mut facts = image("root");
    facts["try"] = json!({ "uid": 7, "writtenPaths": ["/data"], "capabilities": ["CHOWN"], "memory": 1000 });
    let found = of_pod(&pod("app:1"), &facts);
    assert!(found.len() == 1 && found[0].contains("runs as root"), "{found:#?}");
    let lock = locked(&[("docker.io/library/app:1", &json!({ "linux/amd64": facts }))]);
    let folder = folder(&[("harden.lock", &lock)]);
    let args = ["manifests", "--registry", "registry://ghcr.io/example/policies", "--with", "image-user"];
    let run = harden(folder.path(), &args);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("uid: 7") && !run.out.contains("writtenPaths"), "{}", run.out);
}
