//! Security contexts.

use std::collections::BTreeSet;

use super::*;
use crate::pod::{DEFAULT_CAPABILITIES, Security};

/// The security of a container whose pod and whose own context say this, and whose image has this USER.
fn security(of_pod: Value, own: Value, user: &str) -> Result<Security, String> {
    let mut spec = spec(json!({ "securityContext": own }));
    spec["securityContext"] = of_pod;
    let found = translate(&workload("Pod", spec, json!({})), &objects(), &images(user));
    found.map(|mut pod| pod.containers.remove(0).security).map_err(|error| error.to_string())
}

#[test]
fn ids_are_the_containers_then_the_pods_then_the_images() {
    for (of_pod, own, user, want) in [
        (json!({}), json!({}), "", (Some(0), None)),
        (json!({}), json!({}), "1000", (Some(1000), None)),
        // A cluster does not look at the group of USER.
        (json!({}), json!({}), "1000:2000", (Some(1000), None)),
        (json!({}), json!({}), "app:app", (None, None)),
        (json!({}), json!({ "runAsGroup": 5 }), "app", (None, Some(5))),
        (json!({ "runAsUser": 1, "runAsGroup": 2 }), json!({}), "1000", (Some(1), Some(2))),
        (json!({ "runAsUser": 1, "runAsGroup": 2 }), json!({ "runAsUser": 3 }), "", (Some(3), Some(2))),
        (json!({ "runAsUser": 1 }), json!({ "runAsUser": 0, "runAsGroup": 0 }), "1000", (Some(0), Some(0))),
    ] {
        let found = security(of_pod.clone(), own.clone(), user).unwrap();
        assert_eq!((found.user, found.group), want, "{of_pod} {own} {user:?}");
    }
    let unknown = translate(&workload("Pod", spec(json!({})), json!({})), &objects(), &BTreeMap::new()).unwrap();
    assert_eq!(unknown.containers[0].security, Security::default());
}

#[test]
fn groups_of_the_pod_are_groups_of_its_containers() {
    let mut spec = spec(json!({}));
    spec["securityContext"] = json!({ "supplementalGroups": [10, 20], "fsGroup": 30 });
    let found = pod(spec).unwrap();
    assert_eq!((found.fs_group, &*found.containers[0].security.supplemental_groups), (Some(30), &[10, 20, 30][..]));
    let same = security(json!({ "supplementalGroups": [10], "fsGroup": 10 }), json!({}), "").unwrap();
    assert_eq!(same.supplemental_groups, [10]);
}

#[test]
fn run_as_non_root_is_verified_as_the_kubelet_does() {
    let root = "container has runAsNonRoot and image will run as root";
    let named = "container has runAsNonRoot and image has non-numeric user (app), cannot verify user is non-root";
    let breaks = "container's runAsUser breaks non-root policy";
    let is = |value: bool| json!({ "runAsNonRoot": value });
    for (of_pod, own, user, want) in [
        (is(true), json!({}), "", Err(root)),
        (is(true), json!({}), "0", Err(root)),
        (is(true), json!({}), "0:1000", Err(root)),
        (is(true), json!({}), "app", Err(named)),
        (is(true), json!({}), "app:1000", Err(named)),
        // A name is a name, whoever it is.
        (
            is(true),
            json!({}),
            "root",
            Err("container has runAsNonRoot and image has non-numeric user (root), cannot verify user is non-root"),
        ),
        (is(true), json!({}), "1000", Ok(())),
        (is(true), json!({ "runAsUser": 5 }), "", Ok(())),
        (is(true), json!({ "runAsUser": 0 }), "1000", Err(breaks)),
        (json!({ "runAsNonRoot": true, "runAsUser": 0 }), json!({}), "1000", Err(breaks)),
        (is(true), is(false), "", Ok(())),
        (is(false), is(true), "", Err(root)),
        (json!({}), json!({}), "", Ok(())),
    ] {
        let found = security(of_pod.clone(), own.clone(), user).map(|_| ());
        let want = want.map_err(|why| format!("Pod web: container app: {why}"));
        assert_eq!(found, want, "{of_pod} {own} {user:?}");
    }
}

#[test]
fn a_refusal_of_the_kubelet_is_an_outcome_and_a_wrong_template_is_none() {
    let mut refused = spec(json!({}));
    refused["securityContext"] = json!({ "runAsNonRoot": true });
    let error = |spec| translate(&workload("Pod", spec, json!({})), &objects(), &images("")).unwrap_err();
    let outcome = error(refused).outcome().unwrap();
    let why = "container has runAsNonRoot and image will run as root".to_owned();
    let container = "app".to_owned();
    assert_eq!(outcome.readiness, crate::Readiness::Not { container, why, log: Vec::new() });
    assert_eq!(error(json!({ "containers": [] })).outcome(), None);
}

#[test]
fn capabilities_are_read_as_containerd_reads_them() {
    let of = |add: &[&str], drop: &[&str]| {
        security(json!({}), json!({ "capabilities": { "add": add, "drop": drop } }), "").unwrap()
    };
    let default = DEFAULT_CAPABILITIES.join(" ");
    let without = |name: &str| default.replace(&format!("{name} "), "");
    for (add, drop, want) in [
        (&[][..], &[][..], default.clone()),
        (&[], &["ALL"], String::new()),
        (&[], &["all"], String::new()),
        (&["CHOWN", "net_bind_service"], &["ALL"], "CHOWN NET_BIND_SERVICE".to_owned()),
        // What is dropped by name is dropped.
        (&["CHOWN"], &["ALL", "CHOWN"], String::new()),
        (&["CHOWN"], &["CHOWN"], without("CHOWN")),
        // Containerd makes CAP_CAP_CHOWN of it, which is no capability.
        (&["CAP_CHOWN"], &["ALL"], String::new()),
        (&[], &["CAP_CHOWN"], default.clone()),
        (&["SYS_ADMIN", "NET_ADMIN", "SYS_MODULE", "BPF"], &["ALL"], String::new()),
        (&["SYS_NICE"], &["ALL"], "SYS_NICE".to_owned()),
    ] {
        let found: Vec<String> = of(add, drop).capabilities().into_iter().map(str::to_owned).collect();
        assert_eq!(found.join(" "), want, "{add:?} {drop:?}");
    }
    let all = of(&["ALL"], &[]);
    let all: BTreeSet<&str> = all.capabilities();
    assert!(all.contains("IPC_LOCK") && !all.contains("SYS_ADMIN") && !all.contains("ALL"));
}

#[test]
fn the_rest_of_the_context() {
    type Flags = (bool, bool, bool);
    let flags = |found: Security| -> Flags { (found.read_only_root, found.no_new_privileges, found.unconfined) };
    let seccomp = |kind: &str| json!({ "seccompProfile": { "type": kind, "localhostProfile": "a.json" } });
    for (of_pod, own, want) in [
        (json!({}), json!({}), (false, false, false)),
        (json!({}), json!({ "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false }), (true, true, false)),
        (json!({}), json!({ "allowPrivilegeEscalation": true }), (false, false, false)),
        (seccomp("Unconfined"), json!({}), (false, false, true)),
        (seccomp("Unconfined"), seccomp("RuntimeDefault"), (false, false, false)),
        (seccomp("RuntimeDefault"), seccomp("Unconfined"), (false, false, true)),
        (json!({}), seccomp("Localhost"), (false, false, false)),
    ] {
        assert_eq!(security(of_pod.clone(), own.clone(), "").map(flags), Ok(want), "{of_pod} {own}");
    }
    for (own, beside) in [
        (json!({ "allowPrivilegeEscalation": false, "privileged": true }), "privileged: true"),
        (
            json!({ "allowPrivilegeEscalation": false, "capabilities": { "add": ["CAP_SYS_ADMIN"] } }),
            "the capability CAP_SYS_ADMIN",
        ),
    ] {
        let want =
            format!("securityContext.allowPrivilegeEscalation: cannot be false beside {beside}; drop one of them");
        assert_eq!(error(json!({ "securityContext": own })), want);
    }
    assert!(
        error(json!({ "securityContext": { "runAsUser": -1 } }))
            .starts_with("securityContext.runAsUser: invalid value")
    );
}
