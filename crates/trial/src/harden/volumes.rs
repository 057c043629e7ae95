//! The group that owns volumes.

use serde_json::{Value, json};

use super::Given;
use crate::{disk, spec};

/// Lets a container write into its disks that was given a user other than root: its group owns them, unless the pod
/// names one that does.
pub(super) fn fill(pod: &mut Value, given: &mut Vec<Given>) {
    let owner = |given: &Given| match given {
        Given::User { container, user, group } if *user != 0 && writes_to_a_disk(pod, container) => Some(*group),
        _ => None,
    };
    let Some(group) = given.iter().find_map(owner) else { return };
    let Some(pod) = pod.as_object_mut() else { return };
    let security = spec::object(pod, "securityContext");
    if security.get("fsGroup").is_none_or(Value::is_null) {
        security.insert("fsGroup".to_owned(), json!(group));
        given.push(Given::Group { group });
    }
}

fn writes_to_a_disk(pod: &Value, container: &str) -> bool {
    let mounts = spec::container(pod, container).and_then(|container| container["volumeMounts"].as_array());
    let writable = mounts.into_iter().flatten().filter(|mount| mount["readOnly"] != true);
    writable.filter_map(|mount| mount["name"].as_str()).any(|name| disk::is_disk(pod, name))
}
