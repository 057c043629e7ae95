//! `harden config`, with the real binary.

use serde_json::Value;

use crate::support::*;

const CONFIG: &str = "\
profile: hardening
failOn: medium
rules:
  image-tag: {requireDigest: true}
  resources: warn
  selinux-options: false
exemptions:
  - namespaces: [kube-system]
    reason: not ours
overrides:
  - paths: [vendor/]
    reason: charts of others
    failOn: high
    rules: {resources: false}
    exemptions: [{containers: [proxy], reason: the mesh}]
exclude: [generated/]
baseline: known.json
dockerfiles:
  - {image: app, path: Dockerfile}
";

fn json(folder: &std::path::Path, args: &[&str]) -> Value {
    let run = harden(folder, &[&["config", "--format", "json"], args].concat());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&run.out).unwrap()
}

/// A rule with its origin, without the path of the folder.
fn rule(report: &Value, id: &str) -> (String, String) {
    let rules = report["rules"].as_array().unwrap();
    let rule = rules.iter().find(|rule| rule["id"] == id).unwrap_or_else(|| panic!("{id}: {report:#}"));
    (rule["action"].as_str().unwrap().to_owned(), place(&rule["from"]))
}

fn place(from: &Value) -> String {
    let from = from.as_str().unwrap();
    from.find("harden.yaml").map_or(from, |at| &from[at..]).to_owned()
}

fn workspace() -> tempfile::TempDir {
    folder(&[
        ("harden.yaml", CONFIG),
        ("web.yaml", PRIVILEGED),
        ("vendor/pod.yaml", PRIVILEGED),
        ("generated/pod.yaml", PRIVILEGED),
        ("Dockerfile", "FROM scratch\nUSER 1\n"),
    ])
}

#[test]
fn every_choice_has_its_place() {
    let folder = workspace();
    let web = json(folder.path(), &["web.yaml"]);
    assert_eq!(web["profile"]["value"], "hardening");
    assert_eq!(
        (web["failOn"]["value"].as_str(), place(&web["failOn"]["from"])),
        (Some("medium"), "harden.yaml:2".into())
    );
    assert_eq!(
        (&web["kubernetesVersion"]["value"], &web["kubernetesVersion"]["from"]),
        (&"newest".into(), &"default".into())
    );
    assert_eq!(rule(&web, "image-tag"), ("reject".into(), "harden.yaml:4".into()));
    assert_eq!(rule(&web, "resources"), ("warn".into(), "harden.yaml:5".into()));
    assert_eq!(rule(&web, "selinux-options"), ("off".into(), "harden.yaml:6".into()));
    assert_eq!(rule(&web, "privileged").0, "reject");
    assert_eq!((&web["excluded"], web["exemptions"].as_array().unwrap().len()), (&Value::Null, 1));
    assert_eq!(place(&web["exemptions"][0]["from"]), "harden.yaml:8");
    assert_eq!(
        (&web["baseline"]["value"], place(&web["baseline"]["from"])),
        (&"known.json".into(), "harden.yaml:17".into())
    );
    assert_eq!(web["dockerfiles"][0]["value"]["path"], "Dockerfile");

    let vendor = json(folder.path(), &["vendor/pod.yaml"]);
    assert_eq!(
        (vendor["failOn"]["value"].as_str(), place(&vendor["failOn"]["from"])),
        (Some("high"), "harden.yaml:13, override 1".into())
    );
    assert_eq!(rule(&vendor, "resources"), ("off".into(), "harden.yaml:14, override 1".into()));
    assert_eq!(place(&vendor["exemptions"][1]["from"]), "harden.yaml:15, override 1");

    let generated = json(folder.path(), &["generated/not-there.yaml"]);
    assert_eq!(
        (&generated["excluded"]["value"], place(&generated["excluded"]["from"])),
        (&"generated/".into(), "harden.yaml:16".into())
    );
}

#[test]
fn the_command_line_and_defaults_are_named() {
    let folder = workspace();
    let given = json(folder.path(), &["--profile", "baseline", "--fail-on", "high", "web.yaml"]);
    assert_eq!((&given["profile"]["value"], &given["profile"]["from"]), (&"baseline".into(), &"command line".into()));
    assert_eq!((&given["failOn"]["value"], &given["failOn"]["from"]), (&"high".into(), &"command line".into()));
    let nothing = json(folder.path(), &["--no-config"]);
    assert_eq!((&nothing["configuration"], &nothing["profile"]["from"]), (&Value::Null, &"default".into()));
    assert_eq!(rule(&nothing, "resources"), ("reject".into(), "profile, default".into()));
}

#[test]
fn people_read_a_table() {
    let folder = workspace();
    let run = harden(folder.path(), &["config", "vendor/pod.yaml"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let root = format!("{}/", folder.path().canonicalize().unwrap().display());
    compare("config", &Run { out: run.out.replace(&root, ""), ..run });
    let broken = crate::support::folder(&[("harden.yaml", "profil: baseline\n")]);
    let run = harden(broken.path(), &["config"]);
    assert!(run.code == 2 && run.err.contains("harden.yaml:1:1: profil: unknown setting"), "{}", run.err);
}
