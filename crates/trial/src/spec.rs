//! The `spec` of a pod as JSON: its containers and their effective settings.

use serde_json::{Map, Value};

/// The lists of containers, in the order in which the kubelet starts them.
const LISTS: [&str; 2] = ["initContainers", "containers"];

/// The containers of a pod, init containers first.
pub fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    LISTS.into_iter().filter_map(|list| spec[list].as_array()).flatten()
}

/// The names of the containers, init containers first.
pub fn names(spec: &Value) -> Vec<String> {
    containers(spec).filter_map(|container| container["name"].as_str()).map(str::to_owned).collect()
}

/// The container with this name.
pub fn container<'s>(spec: &'s Value, name: &str) -> Option<&'s Value> {
    containers(spec).find(|container| container["name"] == name)
}

/// The same, to be changed.
pub(crate) fn container_mut<'s>(spec: &'s mut Value, name: &str) -> Option<&'s mut Map<String, Value>> {
    let list = LISTS
        .into_iter()
        .find(|list| spec[*list].as_array().into_iter().flatten().any(|container| container["name"] == name))?;
    let list = spec.get_mut(list)?.as_array_mut()?;
    list.iter_mut().find(|container| container["name"] == name)?.as_object_mut()
}

/// A member of a container's security context, else of the pod's; `null` counts as unset.
pub(crate) fn effective<'s>(spec: &'s Value, name: &str, key: &str) -> Option<&'s Value> {
    let own = container(spec, name).map(|container| &container["securityContext"][key]);
    own.into_iter().chain([&spec["securityContext"][key]]).find(|value| !value.is_null())
}

/// The names of a list of a container's capabilities, without `CAP_`.
pub(crate) fn capabilities(spec: &Value, name: &str, list: &str) -> Vec<String> {
    let written =
        container(spec, name).and_then(|container| container["securityContext"]["capabilities"][list].as_array());
    written.into_iter().flatten().filter_map(Value::as_str).map(capability).collect()
}

/// A capability's name without `CAP_`, in capitals.
fn capability(written: &str) -> String {
    let name = written.to_ascii_uppercase();
    name.strip_prefix("CAP_").map(str::to_owned).unwrap_or(name)
}

/// The paths at which a container mounts volumes.
pub(crate) fn mounts(spec: &Value, name: &str) -> Vec<String> {
    let mounts = container(spec, name).and_then(|container| container["volumeMounts"].as_array());
    let paths = mounts.into_iter().flatten().filter_map(|mount| mount["mountPath"].as_str());
    paths.map(str::to_owned).collect()
}

/// An object's member that is an object; an empty one takes the place of anything else.
pub(crate) fn object<'m>(map: &'m mut Map<String, Value>, key: &str) -> &'m mut Map<String, Value> {
    let value = map.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it was made an object"),
    }
}

/// An object's member that is a list; an empty one takes the place of anything else.
pub(crate) fn list<'m>(map: &'m mut Map<String, Value>, key: &str) -> &'m mut Vec<Value> {
    let value = map.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    match value {
        Value::Array(list) => list,
        _ => unreachable!("it was made a list"),
    }
}
