//! What holds for any template, whatever it says.

use proptest::prelude::*;

use super::*;
use crate::pod::DEFAULT_CAPABILITIES;

/// A path as somebody might write it who wants out of a volume.
fn path() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("a"),
        Just(".."),
        Just("."),
        Just(""),
        Just("..data"),
        Just("$(A)"),
        Just("x\0y"),
        Just("b c")
    ];
    (any::<bool>(), proptest::collection::vec(part, 0..5))
        .prop_map(|(absolute, parts)| [if absolute { "/" } else { "" }, &parts.join("/")].concat())
}

fn capability() -> impl Strategy<Value = String> {
    const NAMES: [&str; 10] = [
        "ALL",
        "all",
        "SYS_ADMIN",
        "sys_module",
        "CAP_SYS_ADMIN",
        "CHOWN",
        "IPC_LOCK",
        "NET_ADMIN",
        "DAC_READ_SEARCH",
        "",
    ];
    proptest::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn template() -> impl Strategy<Value = Value> {
    let flags = proptest::collection::vec(any::<bool>(), 6);
    let names = proptest::collection::vec(capability(), 0..4);
    (path(), path(), path(), path(), flags, names).prop_map(|(item, sub_path, mount_path, value, flags, capabilities)| {
        let sub_path = if flags[0] { json!({ "subPath": sub_path }) } else { json!({ "subPathExpr": sub_path }) };
        let mut mount = json!({ "name": "files", "mountPath": mount_path });
        mount.as_object_mut().unwrap().extend(sub_path.as_object().unwrap().clone());
        json!({
            "hostNetwork": flags[1], "hostPID": flags[2], "hostIPC": flags[3],
            "containers": [{
                "name": "app", "image": "app:1",
                "env": [{ "name": "A", "value": value }],
                "volumeMounts": [mount, { "name": "host", "mountPath": "/host" }],
                "securityContext": { "privileged": flags[4], "capabilities": { "add": capabilities } }
            }],
            "volumes": [
                { "name": "files", "configMap": { "name": "settings", "items": [{ "key": "color", "path": item }] } },
                { "name": "host", "hostPath": { "path": value, "type": "Socket" } }
            ]
        })
    })
}

/// Whether a path leads nowhere but below where it begins.
fn stays(path: &str) -> bool {
    !path.starts_with('/') && path.split('/').all(|name| name != "..")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_leads_out_of_the_pod(template in template()) {
        let Ok(pod) = pod(template) else { return Ok(()) };
        for volume in &pod.volumes {
            for file in &volume.files {
                prop_assert!(stays(&file.path) && !file.path.is_empty() && file.mode <= 0o777, "{file:?}");
            }
        }
        for container in &pod.containers {
            for mount in &container.mounts {
                prop_assert!(mount.path.len() > 1 && stays(&mount.path[1..]), "{mount:?}");
                prop_assert!(mount.sub_path.as_deref().is_none_or(stays), "{mount:?}");
            }
            let beyond = ["ALL", "SYS_ADMIN", "SYS_MODULE", "NET_ADMIN", "DAC_READ_SEARCH"];
            let capabilities = container.security.capabilities();
            prop_assert!(beyond.iter().all(|name| !capabilities.contains(name)), "{capabilities:?}");
            prop_assert!(DEFAULT_CAPABILITIES.iter().all(|name| capabilities.contains(name)));
            prop_assert!(container.env.iter().all(|(_, value)| !value.contains('\0')));
        }
    }

    #[test]
    fn nothing_panics(value in json_value(), at in 0..8_usize) {
        let fields = ["containers", "initContainers", "volumes", "securityContext", "hostAliases", "resources", "os", "hostname"];
        let mut workload = workload("Deployment", spec(json!({})), json!({}));
        workload.template["spec"][fields[at]] = value;
        if let Err(error) = translate(&workload, &objects(), &images("")) {
            prop_assert!(error.to_string().starts_with("Deployment web: "), "{error}");
        }
    }
}

/// JSON with the names of fields.
fn json_value() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 32] = [
        "name",
        "image",
        "env",
        "value",
        "valueFrom",
        "fieldRef",
        "fieldPath",
        "resourceFieldRef",
        "resource",
        "divisor",
        "limits",
        "memory",
        "cpu",
        "volumeMounts",
        "mountPath",
        "subPathExpr",
        "configMap",
        "items",
        "key",
        "path",
        "mode",
        "projected",
        "sources",
        "readinessProbe",
        "httpGet",
        "port",
        "exec",
        "command",
        "ip",
        "hostnames",
        "fsGroup",
        "sysctls",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[$()a-zA-Z0-9./:=-]{0,12}".prop_map(Value::from),
        proptest::sample::select(&["app", "settings", "color", "limits.cpu", "metadata.name", "1Mi", "-5", "é"][..])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let name = proptest::sample::select(&NAMES[..]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..5).prop_map(|members| members
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}
