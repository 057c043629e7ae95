//! Mounts an `emptyDir` where a container writes.

use serde_json::{Value, json};

use crate::paths;
use crate::spec;

/// Mounts an `emptyDir` at a path of a container, unless a volume is mounted there; gives whether one was.
pub(crate) fn mount(pod: &mut Value, container: &str, path: &str) -> bool {
    if spec::mounts(pod, container).iter().any(|mount| paths::is_at(mount, path)) {
        return false;
    }
    let name = name(pod, container, path);
    let Some(own) = spec::container_mut(pod, container) else { return false };
    spec::list(own, "volumeMounts").push(json!({ "name": name, "mountPath": path }));
    let Some(pod) = pod.as_object_mut() else { return false };
    spec::list(pod, "volumes").push(json!({ "name": name, "emptyDir": {} }));
    true
}

/// The most letters of the name of a volume, which is a DNS label.
const LONGEST: usize = 63;
/// Room for a number that makes it unique.
const ROOM: usize = 5;

/// A name that no volume has: `writable-app-data`, as the rule `read-only-root-filesystem` names its own.
fn name(pod: &Value, container: &str, path: &str) -> String {
    let dash = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = format!("writable-{container}{path}").chars().map(dash).take(LONGEST - ROOM).collect();
    let name = name.trim_end_matches('-');
    let is_taken = |name: &str| pod["volumes"].as_array().into_iter().flatten().any(|volume| volume["name"] == name);
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    [name.to_owned()].into_iter().chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_a_volume_of_its_own() {
        let mut pod = json!({ "containers": [{ "name": "app", "volumeMounts": [{ "name": "x", "mountPath": "/data/" }] }],
            "volumes": [{ "name": "writable-app-var-run", "emptyDir": {} }] });
        assert!(!mount(&mut pod, "app", "/data"), "a volume is there");
        assert!(mount(&mut pod, "app", "/var/run"));
        assert!(!mount(&mut pod, "app", "/run"), "what /var/run leads to");
        assert!(!mount(&mut pod, "other", "/run"), "there is no such container");
        assert_eq!(pod["volumes"][1], json!({ "name": "writable-app-var-run-2", "emptyDir": {} }));
        assert_eq!(
            pod["containers"][0]["volumeMounts"][1],
            json!({ "name": "writable-app-var-run-2", "mountPath": "/var/run" })
        );
        let long = format!("/{}", "x".repeat(80));
        assert!(mount(&mut pod, "app", &long) && mount(&mut pod, "app", &format!("{long}y")));
        let names: Vec<&str> = (2..4).filter_map(|at| pod["volumes"][at]["name"].as_str()).collect();
        assert!(names[0] != names[1] && names.iter().all(|name| name.len() <= LONGEST), "{names:?}");
    }
}
