//! Rule `service-account-token`.

use super::check::Standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::json::list;
use crate::pod::Volume;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Pods get no token of their service account unless they ask for one.
    ///
    /// Unless told otherwise, Kubernetes mounts a credential for its API into every container. Most
    /// programs never use it; whoever takes one over does, and may list secrets or create pods, depending
    /// on what the service account was granted since.
    ///
    /// A `ServiceAccount` can switch the mount off for all its pods, but a policy sees only the pod, so it
    /// has to say so itself. A pod that talks to the API mounts a `projected` volume with a
    /// `serviceAccountToken` of its own, where it is needed and with audience and lifetime; that passes.
    /// So do service accounts that are named in `exemptions`.
    ///
    /// **Restricted fields:** `spec.automountServiceAccountToken`.
    ///
    /// **Allowed values:** `false`, written.
    ///
    /// **Kubernetes:** since 1.6; no part of the Pod Security Standards. Applies to Windows pods too. The
    /// API server adds its volume `kube-api-access-…` to a pod before any policy sees it, so a repair of a
    /// pod takes that volume and its mounts away again.
    pub struct ServiceAccountToken {}
}

impl RuleMeta for ServiceAccountToken {
    const ID: &'static str = "service-account-token";
    const TITLE: &'static str = "Service account tokens are not mounted";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#opt-out-of-api-credential-automounting",
        "https://kubernetes.io/docs/concepts/security/service-accounts/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "containers: [{}]",
        accepted: "{automountServiceAccountToken: false, containers: [{}]}",
        fix: "Write `automountServiceAccountToken: false`. A program that talks to the Kubernetes API mounts a \
              `projected` volume with a `serviceAccountToken` in the one container that needs it.",
    };
}

/// The field of the pod spec.
const FIELD: &str = "automountServiceAccountToken";

impl Standard for ServiceAccountToken {}

impl Rule for ServiceAccountToken {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let found = match view.spec().automount_service_account_token {
            Some(false) => return,
            None => Found::Unset,
            Some(true) => Found::plain(true),
        };
        let overwrites = found != Found::Unset;
        let mut edits = vec![Edit::Set { path: view.spec_path(FIELD), value: "false".to_owned() }];
        unmount(view, &mut edits);
        let wanted = "must be false: otherwise every container gets a credential for the API server";
        let violation = Violation::in_pod(view, FIELD, found, wanted);
        report.add(violation.with_detail(Some(view.spec().service_account())).with_fix(edits, overwrites));
    }
}

/// Edits that take away the volumes of the API server and their mounts, in exempt containers too: a mount
/// without its volume is refused.
fn unmount(view: &View<'_>, edits: &mut Vec<Edit>) {
    let containers: Vec<ContainerView<'_>> = view.all_containers().collect();
    for (index, volume) in view.spec().volumes().iter().enumerate().filter(|(_, volume)| is_injected(volume)) {
        let name = volume.name.as_deref();
        let mut mounts = Vec::new();
        let mut foreign = false;
        for container in &containers {
            let here = list(&container.container.volume_mounts).iter().enumerate();
            for (index, mount) in here.filter(|(_, mount)| mount.name.as_deref() == name) {
                foreign |= mount.mount_path.as_deref() != Some(MOUNT_PATH);
                mounts.push(Edit::Remove { path: container.path(&format!("volumeMounts[{index}]")) });
            }
        }
        // Somebody put it to a use of his own.
        if !foreign {
            edits.push(Edit::Remove { path: view.spec_path(&format!("volumes[{index}]")) });
            edits.append(&mut mounts);
        }
    }
}

/// Where the API server mounts the token.
const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How the names of its volumes begin; random letters and digits follow.
const VOLUME_PREFIX: &str = "kube-api-access-";
/// How many follow.
const VOLUME_SUFFIX: usize = 5;

/// Whether the API server added the volume, to a pod that did not refuse the token.
fn is_injected(volume: &Volume<'_>) -> bool {
    let suffix = volume.name.as_deref().and_then(|name| name.strip_prefix(VOLUME_PREFIX));
    let is_random = |text: &str| text.len() == VOLUME_SUFFIX && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    suffix.is_some_and(is_random) && volume.sources().eq(["projected"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    /// The repair of a pod with `volumes` whose container has `mounts`: the volumes and mounts that stay.
    fn left(volumes: serde_json::Value, mounts: serde_json::Value) -> (serde_json::Value, serde_json::Value) {
        let containers = json!([{ "name": "a", "volumeMounts": mounts }]);
        let pod = json!({ "containers": containers, "initContainers": containers, "volumes": volumes });
        let repaired = mutated::<ServiceAccountToken>("{}", &pod.to_string()).unwrap();
        let spec = &repaired["spec"];
        assert_eq!(spec["initContainers"], spec["containers"]);
        (spec["volumes"].clone(), spec["containers"][0]["volumeMounts"].clone())
    }

    #[test]
    fn the_volume_of_the_api_server_goes_too() {
        let data = json!({ "name": "data", "emptyDir": {} });
        let at_data = json!({ "name": "data", "mountPath": "/data" });
        let token = json!({ "name": "kube-api-access-x7k2p", "projected": { "defaultMode": 420, "sources": [] } });
        let at_token = json!({ "name": "kube-api-access-x7k2p", "mountPath": MOUNT_PATH, "readOnly": true });
        let both = left(json!([data, token]), json!([at_token, at_data]));
        assert_eq!(both, (json!([data]), json!([at_data])));
        assert_eq!(left(json!([token, data]), json!([at_data])), (json!([data]), json!([at_data])));
    }

    #[test]
    fn volumes_of_the_author_stay() {
        for (name, source, mount) in [
            ("kube-api-access", "projected", MOUNT_PATH),
            ("kube-api-access-token", "projected", "/token"),
            ("kube-api-access-mytoken", "projected", MOUNT_PATH),
            ("kube-api-access-x7k2p", "emptyDir", MOUNT_PATH),
            ("token-x7k2p", "projected", MOUNT_PATH),
        ] {
            let volumes = json!([{ "name": name, source: {} }]);
            let mounts = json!([{ "name": name, "mountPath": mount }]);
            assert_eq!(left(volumes.clone(), mounts.clone()), (volumes, mounts), "{name} {source} {mount}");
        }
    }
}
