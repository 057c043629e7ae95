//! What the rules about the node make of whole requests: exemptions, updates, repairs, all of them at once.

use hardening::evaluate::validate;
use hardening::policy::{Bundle, Load, Single};
use hardening::rules::host_namespaces::HostNamespaces;
use hardening::rules::host_path_volumes::HostPathVolumes;
use hardening::rules::host_ports::HostPorts;
use hardening::rules::host_probes::HostProbes;
use hardening::rules::windows_host_process::WindowsHostProcess;
use serde_json::{Value, json};

/// The answer of the policy `P` to a Pod with `spec`, or with `old` to its UPDATE.
fn answer<P: Load>(settings: &Value, spec: &Value, old: Option<&Value>) -> Value {
    let object = |spec: &Value| json!({ "metadata": { "name": "pod" }, "spec": spec });
    let payload = json!({
        "settings": settings,
        "request": {
            "operation": if old.is_some() { "UPDATE" } else { "CREATE" },
            "kind": { "group": "", "version": "v1", "kind": "Pod" },
            "object": object(spec),
            "oldObject": old.map(object),
        },
    });
    let answer = validate(payload.to_string().as_bytes(), P::load).expect("the request is readable");
    serde_json::from_slice(&answer).expect("the answer is JSON")
}

/// The spec that `P` makes of `spec` with `action: mutate` and `overwrite`; `None` if it refuses.
fn repaired<P: Load>(mut settings: Value, spec: &Value) -> Option<Value> {
    settings["action"] = "mutate".into();
    settings["overwrite"] = true.into();
    let first = answer::<P>(&settings, spec, None);
    if first["accepted"] != true {
        assert!(first["mutated_object"].is_null(), "{first}");
        return None;
    }
    let after = first["mutated_object"]["spec"].clone();
    let again = answer::<P>(&settings, &after, None);
    assert!(again["accepted"] == true && again["mutated_object"].is_null(), "{again}");
    Some(after)
}

#[test]
fn repairs_change_nothing_else() {
    assert_eq!(
        repaired::<Single<HostNamespaces>>(
            json!({}),
            &json!({ "hostNetwork": true, "hostPID": true, "hostIPC": true, "new": 1.0, "containers": [{ "name": "a" }] })
        ),
        Some(
            json!({ "hostNetwork": false, "hostPID": false, "hostIPC": false, "new": 1.0, "containers": [{ "name": "a" }] })
        ),
    );
    assert_eq!(
        repaired::<Single<HostPorts>>(
            json!({ "allowed": [{ "min": 443, "max": 443 }] }),
            &json!({ "containers": [{ "ports": [{ "containerPort": 80, "hostPort": 80 }, { "hostPort": 443, "hostIP": "::1" }] }] })
        ),
        Some(json!({ "containers": [{ "ports": [{ "containerPort": 80 }, { "hostPort": 443, "hostIP": "::1" }] }] })),
    );
    assert_eq!(
        repaired::<Single<HostProbes>>(
            json!({}),
            &json!({ "containers": [{
                "livenessProbe": { "httpGet": { "host": "a", "port": 80 }, "periodSeconds": 5 },
                "lifecycle": { "preStop": { "tcpSocket": { "host": "b", "port": "http" } } },
            }] })
        ),
        Some(json!({ "containers": [{
            "livenessProbe": { "httpGet": { "port": 80 }, "periodSeconds": 5 },
            "lifecycle": { "preStop": { "tcpSocket": { "port": "http" } } },
        }] })),
    );
    let windows =
        |value: bool| json!({ "windowsOptions": { "hostProcess": value, "runAsUserName": "NT AUTHORITY\\SYSTEM" } });
    let pod = |value: bool| json!({ "securityContext": windows(value), "containers": [{ "name": "a", "securityContext": windows(value) }] });
    assert_eq!(repaired::<Single<WindowsHostProcess>>(json!({}), &pod(true)), Some(pod(false)));
}

#[test]
fn what_the_author_wrote_stays_without_overwrite() {
    let mutate = json!({ "action": "mutate" });
    let spec = json!({
        "hostPID": true,
        "securityContext": { "windowsOptions": { "hostProcess": true } },
        "containers": [{ "ports": [{ "hostPort": 80 }], "livenessProbe": { "httpGet": { "host": "a" } } }],
    });
    for answer in [
        answer::<Single<HostNamespaces>>(&mutate, &spec, None),
        answer::<Single<HostPorts>>(&mutate, &spec, None),
        answer::<Single<HostProbes>>(&mutate, &spec, None),
        answer::<Single<WindowsHostProcess>>(&mutate, &spec, None),
    ] {
        assert!(answer["accepted"] == false && answer["mutated_object"].is_null(), "{answer}");
    }
}

#[test]
fn nothing_is_made_that_the_api_server_refuses() {
    let host_process = json!({ "windowsOptions": { "hostProcess": true } });
    // A HostProcess pod must have the node's network.
    let pod = json!({ "hostNetwork": true, "securityContext": host_process, "containers": [{ "name": "a" }] });
    assert_eq!(repaired::<Single<HostNamespaces>>(json!({}), &pod), None);
    // All containers are HostProcess containers or none is.
    let pod = json!({ "containers": [
        { "name": "a", "securityContext": host_process }, { "name": "b", "securityContext": host_process },
    ] });
    assert_eq!(repaired::<Single<WindowsHostProcess>>(json!({ "exemptions": [{ "containers": ["a"] }] }), &pod), None);
    // With the node's network a port that is taken away comes back.
    let pod = json!({ "hostNetwork": true, "containers": [{ "ports": [{ "containerPort": 80, "hostPort": 80 }] }] });
    assert_eq!(repaired::<Single<HostPorts>>(json!({}), &pod), None);
}

#[test]
fn together_the_rules_repair_what_one_alone_cannot() {
    let others = hardening::rules::IDS.iter().filter(|id| !id.starts_with("host-") && **id != "windows-host-process");
    let mut rules: serde_json::Map<String, Value> = others.map(|id| ((*id).to_owned(), Value::Bool(false))).collect();
    // Not in the default profile.
    rules.insert("windows-host-process".to_owned(), Value::Bool(true));
    let pod = json!({
        "hostNetwork": true,
        "securityContext": { "windowsOptions": { "hostProcess": true } },
        "containers": [{ "name": "a", "ports": [{ "containerPort": 80 }, { "containerPort": 81, "hostPort": 81 }] }],
    });
    let expected = json!({
        "hostNetwork": false,
        "securityContext": { "windowsOptions": { "hostProcess": false } },
        "containers": [{ "name": "a", "ports": [{ "containerPort": 80 }, { "containerPort": 81 }] }],
    });
    assert_eq!(repaired::<Bundle>(json!({ "rules": rules }), &pod), Some(expected));
}

#[test]
fn exemptions() {
    let sidecar = json!({ "exemptions": [{ "containers": ["agent"] }] });
    let mount = |name: &str| json!({ "name": name, "volumeMounts": [{ "name": "log", "mountPath": "/log" }] });
    let volumes = json!([{ "name": "log", "hostPath": { "path": "/var/log" } }]);
    for (containers, expected) in [
        (json!([{ "name": "web" }, mount("agent")]), true),
        (json!([mount("web"), mount("agent")]), false),
        (json!([mount("web"), { "name": "agent" }]), false),
        (json!([{ "name": "web" }, { "name": "agent" }]), false),
        (json!([mount("agent")]), true),
    ] {
        let spec = json!({ "containers": containers, "volumes": volumes });
        assert_eq!(answer::<Single<HostPathVolumes>>(&sidecar, &spec, None)["accepted"], expected, "{spec}");
    }
    // S7b: what is the pod's stays its own when all containers are exempt.
    for containers in [json!([{ "name": "web" }, { "name": "agent" }]), json!([{ "name": "agent" }])] {
        let spec = json!({ "hostPID": true, "containers": containers });
        assert_eq!(answer::<Single<HostNamespaces>>(&sidecar, &spec, None)["accepted"], false, "{spec}");
    }
    let ports =
        |name: &str| json!({ "containers": [{ "name": name, "ports": [{ "hostPort": 80 }] }, { "name": "other" }] });
    assert_eq!(answer::<Single<HostPorts>>(&sidecar, &ports("agent"), None)["accepted"], true);
    assert_eq!(answer::<Single<HostPorts>>(&sidecar, &ports("web"), None)["accepted"], false);
}

#[test]
fn updates_warn_of_what_was_there_and_refuse_what_is_new() {
    let ports = |port: u16| json!({ "hostNetwork": true, "containers": [{ "name": "a", "ports": [{ "containerPort": port }] }] });
    let volume = |path: &str| json!({ "containers": [{ "name": "a" }], "volumes": [{ "name": "v", "hostPath": { "path": path } }] });
    for (same, other) in [
        (
            answer::<Single<HostPorts>>(&json!({}), &ports(80), Some(&ports(80))),
            answer::<Single<HostPorts>>(&json!({}), &ports(22), Some(&ports(80))),
        ),
        (
            answer::<Single<HostPathVolumes>>(&json!({}), &volume("/var"), Some(&volume("/var"))),
            answer::<Single<HostPathVolumes>>(&json!({}), &volume("/etc"), Some(&volume("/var"))),
        ),
    ] {
        assert!(same["accepted"] == true && !same["warnings"].is_null(), "{same}");
        assert!(other["accepted"] == false, "{other}");
    }
}
