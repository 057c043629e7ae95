//! Files, digests, configurations, comments.

use serde_json::json;

use super::{REGISTRY, crd, objects, read};
use crate::support::*;

#[test]
fn modules_are_pinned_to_the_digests_of_a_file() {
    let digest = |c: char| format!("sha256:{}", String::from(c).repeat(64));
    let lines: String = hardening::catalogue::IDS
        .iter()
        .map(|id| format!("registry://localhost:5000/p/{id}:v1@{}\n", digest('a')))
        .chain([format!("registry://localhost:5000/p/hardening:v1@{}\n", digest('b'))])
        .collect();
    let folder = folder(&[("digests.txt", &lines), ("few.txt", lines.lines().next().unwrap())]);
    let run = |args: &[&str]| harden(folder.path(), &[&["manifests"], args].concat());
    let module = |run: &Run, at: usize| read(&run.out)[at]["spec"]["module"].as_str().unwrap().to_owned();
    let bundle = run(&["--digests", "digests.txt"]);
    assert_eq!(module(&bundle, 0), format!("registry://localhost:5000/p/hardening@{}", digest('b')));
    let rules = run(&["--digests", "digests.txt", "--layout", "rules", "--registry", "mirror.io/q"]);
    assert_eq!(module(&rules, 8), format!("registry://mirror.io/q/privileged@{}", digest('a')));
    let few = run(&["--digests", "few.txt", "--layout", "rules"]);
    assert!(few.code == 2 && few.err.contains("few.txt has no digest of"), "{}", few.err);
}

#[test]
fn a_folder_holds_a_file_an_object_and_a_kustomization() {
    let place = folder(&[]);
    let out = |args: &[&str]| harden(place.path(), &[&["manifests", "-o", "d/e"], &REGISTRY[..], args].concat());
    let first = out(&["--layout", "rules", "--policy-server", "s", "--create-policy-server"]);
    assert_eq!((first.code, first.err.as_str()), (0, ""));
    assert_eq!(first.out, "wrote 19 files to d/e; `kubectl apply -k d/e` puts them in place\n");
    let text = |name: &str| std::fs::read_to_string(place.path().join("d/e").join(name)).unwrap();
    let kustomization = &read(&text("kustomization.yaml"))[0];
    let resources = kustomization["resources"].as_array().unwrap();
    assert_eq!((resources.len(), &resources[0]), (18, &json!("policy-server-s.yaml")));
    for resource in resources {
        let text = text(resource.as_str().unwrap());
        assert!(text.starts_with("# Written by harden ") && !text.contains("d/e"), "{text}");
        assert_eq!(crd::problems(&read(&text)[0]), Vec::<String>::new());
    }
    // Again: the same bytes. With less: what is left over is named.
    let before = text("hardening-resources.yaml");
    assert_eq!(out(&["--layout", "rules", "--policy-server", "s", "--create-policy-server"]).code, 0);
    assert_eq!(text("hardening-resources.yaml"), before);
    let less = out(&["--layout", "rules", "--settings-json", r#"{"rules":{"resources":false}}"#]);
    assert_eq!(less.code, 0);
    for name in ["hardening-resources.yaml", "policy-server-s.yaml"] {
        assert!(less.err.contains(&format!("warning: d/e/{name} is of an earlier run")), "{}", less.err);
    }
}

#[test]
fn files_of_others_stay() {
    let place = folder(&[("out/kustomization.yaml", "resources: []\n")]);
    let run = harden(place.path(), &[&["manifests", "-o", "out"], &REGISTRY[..]].concat());
    assert!(run.code == 2 && run.err.contains("out/kustomization.yaml was not written by harden"), "{}", run.err);
    assert!(!place.path().join("out/hardening.yaml").exists());
    let place = folder(&[("out", "a file")]);
    let run = harden(place.path(), &[&["manifests", "-o", "out"], &REGISTRY[..]].concat());
    assert!(run.code == 2 && run.err.contains("error: cannot"), "{}", run.err);
    let twice = ["--name", "kustomization", "-o", "x"];
    let run = harden(place.path(), &[["manifests"].as_slice(), &REGISTRY, &twice].concat());
    assert!(run.code == 2 && run.err.contains("two objects would go to x/kustomization.yaml"), "{}", run.err);
}

#[test]
fn no_argument_gets_out_of_the_comment() {
    let evil = "x\n---\nkind: Secret\r\u{2028}y\u{85}";
    let settings = json!({"exemptions": [{"reason": evil, "namespaces": ["a"]}]}).to_string();
    for args in [["--layout", "group", "--message", evil].as_slice(), &["--settings-json", &settings]] {
        let objects = objects(args);
        assert_eq!(objects.len(), 1);
        assert_ne!(objects[0]["kind"], "Secret");
    }
    assert_eq!(objects(&["--layout", "group", "--message", evil])[0]["spec"]["message"], json!(evil));
}

#[test]
fn a_configuration_is_found_upwards_and_becomes_settings() {
    let config = "profile: baseline\nkubernetesVersion: v1.33\nrules:\n  image-tag: {requireDigest: true}\n";
    let bad = "profile: baseline\nrules:\n  image-tag:\n    requireDigest: sure\n";
    let further = "policies:\n  - module: other.wasm\n";
    let files = [("harden.yaml", config), ("a/b/c.txt", ""), ("bad.yaml", bad), ("further.yaml", further)];
    let place = folder(&files);
    let run =
        |at: &str, args: &[&str]| harden(&place.path().join(at), &[["manifests"].as_slice(), &REGISTRY, args].concat());
    let found = run("a/b", &[]);
    assert_eq!((found.code, found.err.as_str()), (0, ""));
    assert!(found.out.starts_with("# Written by harden ") && found.out.contains("with harden.yaml"), "{}", found.out);
    let wanted = json!({"profile": "baseline", "version": "v1.33", "rules": {"image-tag": {"requireDigest": true}}});
    assert_eq!(read(&found.out)[0]["spec"]["settings"], wanted);
    let named = run(".", &["--config", "harden.yaml", "--profile", "restricted"]);
    assert_eq!(read(&named.out)[0]["spec"]["settings"]["profile"], "restricted");
    assert!(!named.out.contains("with harden.yaml"), "{}", named.out);
    for args in [["--no-config"].as_slice(), &["--settings-json", "{}"]] {
        assert_eq!(read(&run(".", args).out)[0]["spec"]["settings"], json!({"profile": "hardening"}), "{args:?}");
    }
    let bad = run(".", &["--config", "bad.yaml"]);
    assert!(bad.code == 2 && bad.out.is_empty() && bad.err.contains("bad.yaml:4:5: "), "{}", bad.err);
    let further = run(".", &["--config", "further.yaml"]);
    assert!(further.code == 0 && further.err.contains("further.yaml: `policies` are not written"), "{}", further.err);
}
