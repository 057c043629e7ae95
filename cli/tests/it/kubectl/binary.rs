//! The real `harden`: no text from which `kubectl` would create a pod passes.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::differential::{count, seed};
use super::generate::Mode;
use super::oracle::Kubectl;
use crate::support::harden;

/// None of the generated pods is hardened, so each has findings, or its text is refused.
#[test]
fn a_text_that_makes_a_pod_has_findings_or_is_refused() {
    let Some(kubectl) = Kubectl::find() else { return };
    let texts: Vec<String> = Mode::ALL.iter().flat_map(|mode| mode.texts(seed() + 1000, count() / 4)).collect();
    let folder = tempfile::tempdir().unwrap();
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.yaml")), text).unwrap();
    }
    let run = harden(folder.path(), &["check", "--no-config", "--format", "json", "."]);
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let told = ["findings", "problems"].map(|list| report[list].as_array().unwrap());
    let told: BTreeSet<&str> = told.into_iter().flatten().filter_map(|entry| entry["file"].as_str()).collect();
    let mut pods = 0;
    for (index, created) in kubectl.created_from(&texts).iter().enumerate() {
        if created.iter().any(is_pod) {
            pods += 1;
            assert!(told.contains(format!("./{index}.yaml").as_str()), "nothing is said of\n{}", texts[index]);
        }
    }
    assert!(pods * 6 > count(), "few texts make a pod: {pods}");
}

fn is_pod(object: &Value) -> bool {
    let containers = object["spec"]["containers"].as_array();
    object["kind"] == "Pod" && object["apiVersion"] == "v1" && containers.is_some_and(|list| !list.is_empty())
}
