//! The pods of `standard/fixtures.yml`, at every level and version that a check has.

use e2e_tests::policies::root;
use hardening::standard::{Level, Version};
use kube_yaml::yaml;
use serde_json::{Value, json};

use super::{Cell, cells};

/// A pod and what its check says of it.
pub(crate) struct Fixture {
    pub(crate) cell: Cell,
    pub(crate) pod: Value,
    /// The id of the check if it refuses the pod; `None` if the pod passes.
    pub(crate) refused_by: Option<String>,
}

/// The table.
fn table() -> Value {
    let path = root().join("e2e-tests/standard/fixtures.yml");
    let text = std::fs::read_to_string(path).unwrap();
    let parsed = yaml::parse(&text);
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap()
}

/// Every fixture.
pub(crate) fn fixtures() -> Vec<Fixture> {
    let table = table();
    let mut fixtures = Vec::new();
    for cell in cells() {
        let minimal = minimal(&table["minimal"], cell);
        fixtures.push(Fixture { cell, pod: minimal.clone(), refused_by: None });
        for row in table["checks"].as_array().unwrap().iter().filter(|row| has(row, cell)) {
            for (verdict, refuses) in [("pass", false), ("fail", true)] {
                for change in row[verdict].as_array().unwrap() {
                    let word = cell.0.word();
                    let check = row["at"][word].as_str().unwrap_or(row["check"].as_str().unwrap()).to_owned();
                    let pod = changed(minimal.clone(), change);
                    fixtures.push(Fixture { cell, pod, refused_by: Some(check).filter(|_| refuses) });
                }
            }
        }
    }
    fixtures
}

/// Whether a row is about a level and version.
fn has(row: &Value, (level, version): Cell) -> bool {
    let least = if row["level"] == "restricted" { Level::Restricted } else { Level::Baseline };
    let minor = u64::from(version.minor());
    let until = row["until"][level.word()].as_u64().unwrap_or(u64::from(Version::LATEST.minor()));
    level >= least && (row["since"].as_u64().unwrap_or(0)..=until).contains(&minor)
}

/// The smallest pod that passes.
fn minimal(changes: &Value, (level, version): Cell) -> Value {
    let container = |name: &str| json!({ "name": name, "image": "registry.example/pause:1" });
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "fixture" },
        "spec": { "containers": [container("first")], "initContainers": [container("init")] },
    });
    let asked =
        |change: &&Value| level == Level::Restricted && change["since"].as_u64().unwrap() <= u64::from(version.minor());
    changes.as_array().unwrap().iter().filter(asked).fold(pod, |pod, change| changed(pod, &change["pod"]))
}

fn changed(mut pod: Value, change: &Value) -> Value {
    for (key, value) in change.as_object().unwrap() {
        let place = match key.as_str() {
            "first" => &mut pod["spec"]["containers"][0],
            "init" => &mut pod["spec"]["initContainers"][0],
            "annotations" => &mut pod["metadata"]["annotations"],
            field => &mut pod["spec"][field],
        };
        merge(place, value);
    }
    pod
}

/// RFC 7396, but a `null` stays, as something that a manifest may say.
fn merge(place: &mut Value, value: &Value) {
    match value {
        Value::Object(members) => {
            if !place.is_object() {
                *place = json!({});
            }
            members.iter().for_each(|(key, value)| merge(&mut place[key], value));
        }
        other => *place = other.clone(),
    }
}
