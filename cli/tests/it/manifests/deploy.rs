//! `deploy/`: bases that `harden manifests` writes, and overlays of them that kustomize builds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{crd, read};
use crate::support::*;

/// Folders below deploy/ and the options that make them.
const BASES: [(&str, &[&str]); 7] = [
    ("hardening", &[]),
    ("baseline", &["--profile", "baseline"]),
    ("restricted", &["--profile", "restricted"]),
    ("rules", &["--layout", "rules"]),
    ("group", &["--layout", "group"]),
    ("images", &["--with", "image-user", "--with", "image-digest"]),
    ("dedicated", &["--policy-server", "hardening", "--create-policy-server"]),
];

/// A registry that does not exist: everybody has another.
const REGISTRY: &str = "registry://registry.example.com/policies";

/// The overlay that turns a base from reporting to refusing.
const PROTECT: &str = "\
# From reporting to refusing: the controller takes this step, but never the one back.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target:
      group: policies.kubewarden.io
      kind: ClusterAdmissionPolicy.*
    patch: |-
      - op: replace
        path: /spec/mode
        value: protect
";

/// Every file of deploy/ but its README, by its path there.
pub(crate) fn expected() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut files = BTreeMap::from([("components/protect/kustomization.yaml".to_owned(), PROTECT.to_owned())]);
    for (base, options) in BASES {
        let run = harden(folder.path(), &[&["manifests", "--registry", REGISTRY, "--output", base], options].concat());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{base}");
        for (name, text) in files_below(&folder.path().join(base)) {
            files.insert(format!("{base}/{name}"), text);
        }
        let overlay = format!(
            "# The base {base}, refusing.\napiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../{base}\ncomponents:\n  - ../../components/protect\n"
        );
        files.insert(format!("protect/{base}/kustomization.yaml"), overlay);
    }
    files
}

/// Texts of all YAML files below a folder, by their path in it.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files_below(&path).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
        } else if name.ends_with(".yaml") {
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// Writes files below a folder.
pub(crate) fn write(folder: &Path, files: &BTreeMap<String, String>) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

#[test]
fn kustomize_builds_every_base_and_overlay() {
    let Some(kubectl) = find("kubectl") else {
        eprintln!("skipped: kubectl is not installed");
        return;
    };
    // A copy: `make generate` may be writing the files themselves.
    let copy = tempfile::tempdir().unwrap();
    write(copy.path(), &expected());
    for (base, _) in BASES {
        let reporting = build(&kubectl, &copy.path().join(base));
        let refusing = build(&kubectl, &copy.path().join("protect").join(base));
        assert_eq!(reporting.len(), refusing.len(), "{base}");
        assert_eq!(reporting.len(), files_below(&copy.path().join(base)).len() - 1, "{base}");
        for (objects, mode) in [(&reporting, "monitor"), (&refusing, "protect")] {
            for object in objects {
                assert_eq!(crd::problems(object), Vec::<String>::new(), "{object}");
                let is_policy = object["kind"] != "PolicyServer";
                assert_eq!(object["spec"]["mode"].as_str(), is_policy.then_some(mode), "{base}: {object}");
            }
        }
    }
}

fn build(kubectl: &Path, folder: &Path) -> Vec<Value> {
    let output = Command::new(kubectl).arg("kustomize").arg(folder).output().unwrap();
    assert!(output.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr));
    read(&String::from_utf8(output.stdout).unwrap())
}

fn find(program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join(program)).find(|path| path.is_file())
}
