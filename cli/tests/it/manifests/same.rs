//! One file for the laptop and the cluster: what `harden check` says by a `harden.yaml` is what the policies say that
//! `harden manifests` writes from it.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

const CONFIG: &str = "profile: restricted
kubernetesVersion: v1.33
rules:
  image-tag: {requireDigest: true}
  capabilities: {action: warn}
  seccomp-profile: false
  resources: warn
exemptions:
- kinds: [CronJob]
  rules: [image-tag]
  reason: built elsewhere
- names: ['web*']
  containers: ['*']
  rules: [run-as-non-root, image-tag]
  reason: on its way
- images: ['*redis*']
  reason: not ours
";

/// The findings about an object: its kind and name, the rule, the path, and whether it refuses.
type Said = BTreeSet<(String, String, String, bool)>;

/// Returns the findings of `harden check`.
fn on_the_laptop(folder: &Path) -> Said {
    let run = harden(folder, &["check", "app", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(report["problems"], serde_json::json!([]), "{}", run.err);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let open = report["findings"].as_array().unwrap().iter().filter(|finding| finding["muted"].is_null());
    let said = open.map(|finding| {
        let object = format!("{} {}", text(&finding["object"]["kind"]), text(&finding["object"]["name"]));
        (object, text(&finding["rule"]), text(&finding["path"]), finding["level"] == "error")
    });
    said.collect()
}

/// Returns the policies' findings about every object, each with the settings in its manifest, and whether they admit
/// it.
fn in_the_cluster(folder: &Path, policies: &[Value], objects: &[Value]) -> (Said, BTreeSet<String>) {
    let (mut said, mut refused) = (Said::new(), BTreeSet::new());
    for (number, object) in objects.iter().enumerate() {
        let metadata = &object["metadata"];
        let own = metadata["name"].as_str().or(metadata["generateName"].as_str()).unwrap_or_default();
        let name = format!("{} {own}", object["kind"].as_str().unwrap());
        let file = format!("object-{number}.json");
        std::fs::write(folder.join(&file), object.to_string()).unwrap();
        for policy in policies {
            let module = policy["spec"]["module"].as_str().unwrap().rsplit('/').next().unwrap();
            let wasm = project(&format!("dist/{}.wasm", module.split(':').next().unwrap()));
            let settings = policy["spec"]["settings"].to_string();
            let args = ["run", wasm.to_str().unwrap(), "--request-path", &file, "--settings-json", &settings];
            let answer = run_with_cache(folder, &args);
            if answer["allowed"] == false {
                refused.insert(name.clone());
            }
            let Some(list) = answer["auditAnnotations"]["violations"].as_str() else { continue };
            for violation in serde_json::from_str::<Vec<Value>>(list).unwrap() {
                let text = |key: &str| violation[key].as_str().unwrap().to_owned();
                said.insert((name.clone(), text("rule"), text("path"), violation["rejects"] == true));
            }
        }
    }
    (said, refused)
}

fn run_with_cache(folder: &Path, args: &[&str]) -> Value {
    let output = harden_command().current_dir(folder).env("HARDEN_CACHE", folder.join("cache")).args(args).output();
    let run = crate::support::run(output.unwrap());
    serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}{}", run.out, run.err))
}

#[test]
fn what_passes_on_the_laptop_is_what_the_cluster_enforces() {
    let folder = folder(&[("harden.yaml", CONFIG)]);
    let app = folder.path().join("app");
    std::fs::create_dir(&app).unwrap();
    let mut objects = Vec::new();
    for part in ["insecure", "hardened"] {
        for entry in std::fs::read_dir(examples().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "yaml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let name = format!("{part}-{}", path.file_name().unwrap().to_str().unwrap());
            std::fs::write(app.join(name), &text).unwrap();
            for object in read(&text) {
                match object["items"]
                    .as_array()
                    .filter(|_| object["kind"].as_str().is_some_and(|k| k.ends_with("List")))
                {
                    Some(items) => objects.extend(items.iter().cloned()),
                    None => objects.extend(Some(object).filter(|object| object["kind"].is_string())),
                }
            }
        }
    }
    let expected = on_the_laptop(folder.path());
    let refused: BTreeSet<String> = expected.iter().filter(|said| said.3).map(|said| said.0.clone()).collect();
    assert!(expected.len() > 50 && !refused.is_empty() && expected.iter().any(|said| !said.3), "{expected:?}");
    for layout in ["bundle", "rules"] {
        let args = [["manifests", "--layout", layout, "--mode", "protect"].as_slice(), &REGISTRY].concat();
        let written = harden(folder.path(), &args);
        assert_eq!(written.code, 0, "{}", written.err);
        let policies: Vec<Value> = read(&written.out).into_iter().filter(|p| p["spec"]["module"].is_string()).collect();
        let (said, not_admitted) = in_the_cluster(folder.path(), &policies, &objects);
        let missing: Vec<_> = expected.difference(&said).collect();
        let more: Vec<_> = said.difference(&expected).collect();
        assert!(missing.is_empty() && more.is_empty(), "{layout}\nonly here: {missing:#?}\nonly there: {more:#?}");
        assert_eq!(not_admitted, refused, "{layout}");
    }
}
