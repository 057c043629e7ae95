//! Every command builds a crate with the same features, so that it is built once: see workspace-hack/Cargo.toml.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// A crate as it is built: its version, what of it, and how.
type Unit = (String, String, String);
type Features = BTreeSet<String>;

/// Returns the units that cargo would build.
fn units(arguments: &[&str]) -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap();
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--release", "--locked", "--unit-graph", "-Zunstable-options"])
        // The graph is for the eyes of tools on nightly only.
        .env("RUSTC_BOOTSTRAP", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let graph: Value = serde_json::from_slice(&output.stdout).unwrap();
    graph["units"].as_array().unwrap().clone()
}

fn name(unit: &Value) -> Unit {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let package = text(&unit["pkg_id"]).rsplit('#').next().unwrap().to_owned();
    (package, text(&unit["target"]["kind"][0]), format!("{} {}", text(&unit["mode"]), unit["profile"]["opt_level"]))
}

fn features(unit: &Value) -> Features {
    unit["features"].as_array().unwrap().iter().map(|feature| feature.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_crate_is_built_once() {
    let mut all: BTreeMap<Unit, Vec<Features>> = BTreeMap::new();
    for unit in units(&["test", "--workspace"]) {
        all.entry(name(&unit)).or_default().push(features(&unit));
    }
    let commands: [&[&str]; 3] = [
        &["build", "--package", "xtask"],
        &["build", "--package", "harden"],
        &["build", "--package", "benches", "--benches"],
    ];
    for command in commands {
        let units = units(command);
        let mut compared = 0;
        for unit in &units {
            let here = features(unit);
            // Benchmarks are no tests.
            let Some(there) = all.get(&name(unit)) else { continue };
            compared += 1;
            assert!(
                there.contains(&here),
                "`cargo {}` builds {:?} with {here:?}, `cargo test --workspace` with {there:?}: name the missing \
                 features in workspace-hack/Cargo.toml",
                command.join(" "),
                name(unit),
            );
        }
        assert!(compared > 150, "{compared} units of `cargo {}`", command.join(" "));
    }
}
