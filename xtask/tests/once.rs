//! Every command builds wasmtime with the same features, so that it is built once: see workspace-hack/Cargo.toml.
#![allow(clippy::unwrap_used)]

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

/// The units that a unit, or its dependencies, are built of.
fn closure(units: &[Value], from: usize, seen: &mut BTreeSet<usize>) {
    if seen.insert(from) {
        for dependency in units[from]["dependencies"].as_array().unwrap() {
            closure(units, usize::try_from(dependency["index"].as_u64().unwrap()).unwrap(), seen);
        }
    }
}

#[test]
fn wasmtime_is_built_once() {
    let mut all: BTreeMap<Unit, Vec<Features>> = BTreeMap::new();
    for unit in units(&["test", "--workspace"]) {
        all.entry(name(&unit)).or_default().push(features(&unit));
    }
    let commands: [&[&str]; 4] = [
        &["build", "--package", "xtask"],
        &["build", "--package", "harden"],
        &["build", "--package", "benches", "--benches"],
        &["test", "--package", "e2e-tests"],
    ];
    for command in commands {
        let units = units(command);
        let wasmtime = units.iter().position(|unit| name(unit).0.starts_with("wasmtime@")).unwrap();
        let mut seen = BTreeSet::new();
        closure(&units, wasmtime, &mut seen);
        assert!(seen.len() > 100, "{} units below wasmtime", seen.len());
        for unit in seen.iter().map(|index| &units[*index]) {
            let (here, there) = (features(unit), all.get(&name(unit)).cloned().unwrap_or_default());
            assert!(
                there.contains(&here),
                "`cargo {}` builds {:?} with {here:?}, `cargo test --workspace` with {there:?}: name the missing \
                 features in workspace-hack/Cargo.toml",
                command.join(" "),
                name(unit),
            );
        }
    }
}
