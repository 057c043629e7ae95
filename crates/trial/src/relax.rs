//! Gives a hardened pod back what it needs.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::need::{Need, Relaxation, memory};
use crate::{spec, writable};

/// Gives the containers of a pod's `spec` what they need. What is given is written into the container, where it has the
/// last word, and a later fix does not fill it in otherwise.
pub fn relax<'n>(pod: &mut Value, needs: impl IntoIterator<Item = &'n Need>) {
    for Need { container, relaxation } in needs {
        if let Relaxation::WritablePath(path) = relaxation {
            writable::mount(pod, container, path);
        } else if let Some(own) = spec::container_mut(pod, container) {
            give(own, relaxation);
        }
    }
}

fn give(container: &mut Map<String, Value>, relaxation: &Relaxation) {
    if let Relaxation::Memory(bytes) = relaxation {
        let limits = spec::object(spec::object(container, "resources"), "limits");
        limits.insert("memory".to_owned(), json!(memory(*bytes)));
        return;
    }
    let security = spec::object(container, "securityContext");
    let mut set = |key: &str, value: Value| drop(security.insert(key.to_owned(), value));
    match relaxation {
        Relaxation::WritableRoot => set("readOnlyRootFilesystem", json!(false)),
        Relaxation::User(id) => {
            set("runAsUser", json!(id));
            set("runAsGroup", json!(id));
            set("runAsNonRoot", json!(*id != 0));
        }
        Relaxation::PrivilegeEscalation => set("allowPrivilegeEscalation", json!(true)),
        Relaxation::Unconfined => set("seccompProfile", json!({ "type": "Unconfined" })),
        Relaxation::Capability(name) => {
            // The API server refuses `allowPrivilegeEscalation: false` beside it.
            if name == "SYS_ADMIN" {
                set("allowPrivilegeEscalation", json!(true));
            }
            let capabilities = spec::object(security, "capabilities");
            if let Some(drop) = capabilities.get_mut("drop").and_then(Value::as_array_mut) {
                drop.retain(|dropped| dropped != name.as_str());
            }
            let add = spec::list(capabilities, "add");
            if !add.iter().any(|added| added == name.as_str()) {
                add.push(json!(name));
                add.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
            }
        }
        Relaxation::WritablePath(_) | Relaxation::Memory(_) => {}
    }
}

/// The needs of a container.
pub fn of<'n>(needs: &'n BTreeSet<Need>, container: &str) -> impl Iterator<Item = &'n Relaxation> {
    let own = move |need: &&Need| need.container == container;
    needs.iter().filter(own).map(|need| &need.relaxation)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::need::MEBIBYTE;

    fn relaxed(mut pod: Value, relaxations: &[Relaxation]) -> Value {
        let need = |relaxation: &Relaxation| Need { container: "app".to_owned(), relaxation: relaxation.clone() };
        let needs: BTreeSet<Need> = relaxations.iter().map(need).collect();
        relax(&mut pod, &needs);
        let once = pod.clone();
        relax(&mut pod, &needs);
        assert_eq!(pod, once, "what is given is given once");
        pod["containers"][0].clone()
    }

    #[test]
    fn every_relaxation_is_written_into_the_container() {
        let pod = || {
            let security = json!({ "capabilities": { "drop": ["ALL", "CHOWN"] }, "readOnlyRootFilesystem": true,
                "allowPrivilegeEscalation": false, "runAsUser": 5 });
            json!({ "securityContext": { "runAsNonRoot": true },
                "containers": [{ "name": "app", "securityContext": security }, { "name": "other" }] })
        };
        let capability = |name: &str| Relaxation::Capability(name.to_owned());
        let security =
            |relaxation: Relaxation, key: &str| relaxed(pod(), &[relaxation])["securityContext"][key].clone();
        assert_eq!(security(Relaxation::WritableRoot, "readOnlyRootFilesystem"), json!(false));
        assert_eq!(security(Relaxation::PrivilegeEscalation, "allowPrivilegeEscalation"), json!(true));
        assert_eq!(security(Relaxation::Unconfined, "seccompProfile"), json!({ "type": "Unconfined" }));
        let root = relaxed(pod(), &[Relaxation::User(0)])["securityContext"].clone();
        assert_eq!(
            [&root["runAsUser"], &root["runAsGroup"], &root["runAsNonRoot"]],
            [&json!(0), &json!(0), &json!(false)]
        );
        let two = relaxed(pod(), &[capability("NET_RAW"), capability("CHOWN")])["securityContext"].clone();
        assert_eq!(two["capabilities"], json!({ "drop": ["ALL"], "add": ["CHOWN", "NET_RAW"] }));
        assert_eq!(security(capability("SYS_ADMIN"), "allowPrivilegeEscalation"), json!(true));
        let more = relaxed(pod(), &[Relaxation::Memory(3 * MEBIBYTE + 1)]);
        assert_eq!(more["resources"], json!({ "limits": { "memory": "4Mi" } }));
        let path = relaxed(pod(), &[Relaxation::WritablePath("/data".to_owned())]);
        assert_eq!(path["volumeMounts"][0]["mountPath"], "/data");
    }

    #[test]
    fn what_is_written_as_null_is_taken_as_unset() {
        let pod =
            json!({ "containers": [{ "name": "app", "securityContext": null, "resources": { "limits": null } }] });
        let container = relaxed(pod, &[Relaxation::WritableRoot, Relaxation::Memory(1)]);
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], json!(false));
        assert_eq!(container["resources"]["limits"]["memory"], "1Mi");
    }
}
