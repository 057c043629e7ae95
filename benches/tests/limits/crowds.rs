//! Requests with any number of something.

use cases::BUNDLE;
use serde_json::{Value, json};

/// A request that grows in one respect.
pub(crate) struct Crowd {
    /// The name of what multiplies.
    pub(crate) name: &'static str,
    /// Settings and request with so many.
    pub(crate) make: fn(usize) -> (Value, Value),
    /// The policies that take these settings.
    of: Of,
    /// Whether every policy accepts it; `None` if it depends on the policy.
    pub(crate) accepted: Option<bool>,
}

enum Of {
    All,
    One(&'static str),
}

impl Crowd {
    /// Whether the policy `id` takes the settings.
    pub(crate) fn is_for(&self, id: &str) -> bool {
        match self.of {
            Of::All => true,
            Of::One(one) => one == id,
        }
    }
}

/// The contents of a pod.
pub(crate) enum PodOf {
    /// Containers that every rule accepts.
    Hardened,
    /// Containers that every rule refuses.
    Worst,
}

fn hardened(index: usize) -> Value {
    json!({
        "name": format!("c{index}"), "image": "registry.example.com/app:1.0",
        "securityContext": {
            "privileged": false, "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "runAsUser": 10001, "runAsGroup": 10001, "runAsNonRoot": true, "capabilities": { "drop": ["ALL"] },
            "seccompProfile": { "type": "RuntimeDefault" },
        },
        "resources": { "requests": { "cpu": "10m", "memory": "16Mi" }, "limits": { "cpu": "100m", "memory": "64Mi" } },
    })
}

fn worst(index: usize) -> Value {
    json!({
        "name": format!("c{index}"), "image": "app", "ports": [{ "containerPort": 80, "hostPort": 80 }],
        "livenessProbe": { "httpGet": { "host": "node", "port": 80 } },
        "volumeMounts": [{ "name": format!("v{index}"), "mountPath": "/v" }],
        "securityContext": {
            "privileged": true, "allowPrivilegeEscalation": true, "procMount": "Unmasked", "runAsUser": 0,
            "runAsNonRoot": false, "capabilities": { "add": ["SYS_ADMIN"], "drop": ["all"] },
            "seccompProfile": { "type": "Unconfined" }, "appArmorProfile": { "type": "Unconfined" },
            "seLinuxOptions": { "user": "root", "type": "spc_t" }, "windowsOptions": { "hostProcess": true },
        },
    })
}

fn many(count: usize, make: impl Fn(usize) -> Value) -> Value {
    (0..count).map(make).collect()
}

fn bare(index: usize) -> Value {
    json!({ "name": format!("c{index}"), "image": "registry.example.com/app:1.0" })
}

fn bare_pod(count: usize) -> Value {
    json!({ "containers": many(count, bare) })
}

fn spec(of: &PodOf, count: usize) -> Value {
    match of {
        PodOf::Hardened => json!({ "automountServiceAccountToken": false, "containers": many(count, hardened) }),
        PodOf::Worst => json!({
            "hostNetwork": true, "hostPID": true, "hostIPC": true, "containers": many(count, worst),
            "volumes": many(count, |index| json!({ "name": format!("v{index}"), "hostPath": { "path": "/" } })),
            "securityContext": { "sysctls": [{ "name": "kernel.panic", "value": "1" }] },
        }),
    }
}

fn request(metadata: &Value, spec: &Value) -> Value {
    json!({
        "operation": "CREATE", "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
        "namespace": "default", "name": "crowd", "object": deployment(metadata, spec),
    })
}

fn deployment(metadata: &Value, spec: &Value) -> Value {
    json!({ "kind": "Deployment", "spec": { "template": { "metadata": metadata, "spec": spec } } })
}

/// The creation of a workload with so many containers.
pub(crate) fn pod(of: &PodOf, count: usize) -> Value {
    request(&Value::Null, &spec(of, count))
}

fn update(new: &Value, old: &Value) -> Value {
    let mut request = request(&Value::Null, new);
    request["operation"] = "UPDATE".into();
    request["oldObject"] = deployment(&Value::Null, old);
    request
}

fn annotated(keys: impl Fn(usize) -> (String, &'static str), count: usize, spec: &Value) -> Value {
    let annotations: serde_json::Map<String, Value> =
        (0..count).map(keys).map(|(key, value)| (key, Value::from(value))).collect();
    request(&json!({ "annotations": annotations }), spec)
}

fn mutate() -> Value {
    json!({ "action": "mutate", "overwrite": true, "unfixable": "warn" })
}

const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/c";
const SECCOMP: &str = "container.seccomp.security.alpha.kubernetes.io/c";

/// Exemptions of containers that do not exist.
fn exemptions(count: usize) -> Value {
    let exemption =
        |index: usize| json!({ "containers": [format!("x{index}")], "images": ["registry.example/*"], "reason": "r" });
    json!({ "exemptions": many(count, exemption) })
}

/// How many there are of what does not grow.
const FEW: usize = 20;

/// Every crowd.
pub(crate) fn crowds() -> Vec<Crowd> {
    let all = |name, accepted, make| Crowd { name, make, of: Of::All, accepted };
    let one = |id, name, make| Crowd { name, make, of: Of::One(id), accepted: None };
    vec![
        all("containers, accepted", Some(true), |n| (json!({}), pod(&PodOf::Hardened, n))),
        all("containers, refused", Some(false), |n| (json!({}), pod(&PodOf::Worst, n))),
        all("containers, updated", None, |n| (json!({}), update(&spec(&PodOf::Worst, n), &spec(&PodOf::Worst, n)))),
        all("containers, updated in another order", None, |n| {
            let mut old = spec(&PodOf::Worst, n);
            old["containers"].as_array_mut().unwrap().reverse();
            (json!({}), update(&spec(&PodOf::Worst, n), &old))
        }),
        all("containers of one name, updated", None, |n| {
            let mut new = spec(&PodOf::Worst, n);
            for container in new["containers"].as_array_mut().unwrap() {
                container["name"] = "same".into();
            }
            (json!({}), update(&new, &new))
        }),
        all("containers, mutated", None, |n| (mutate(), request(&Value::Null, &bare_pod(n)))),
        all("containers, overwritten", None, |n| (mutate(), pod(&PodOf::Worst, n))),
        all("containers, mutated and every other excused", None, |n| {
            let old = json!({ "containers": many(n / 2, |index| bare(2 * index)) });
            (mutate(), update(&bare_pod(n), &old))
        }),
        all("containers, a few exemptions", None, |n| (exemptions(FEW), request(&Value::Null, &bare_pod(n)))),
        all("exemptions, a few containers", None, |n| (exemptions(n), request(&Value::Null, &bare_pod(FEW)))),
        all("volumes", None, |n| {
            let mut spec = bare_pod(FEW);
            spec["volumes"] = many(n, |index| json!({ "name": format!("v{index}"), "hostPath": { "path": "/" } }));
            spec["containers"][0]["volumeMounts"] =
                many(n, |index| json!({ "name": format!("v{index}"), "mountPath": format!("/{index}") }));
            (json!({}), request(&Value::Null, &spec))
        }),
        all("annotations", None, |n| {
            (json!({}), annotated(|index| (format!("example.com/{index}"), "x"), n, &bare_pod(FEW)))
        }),
        all("AppArmor annotations of containers that exist", None, |n| {
            (json!({}), annotated(|index| (format!("{APPARMOR}{index}"), "unconfined"), n, &bare_pod(n)))
        }),
        all("AppArmor annotations of containers that do not", None, |n| {
            (json!({}), annotated(|index| (format!("{APPARMOR}x{index}"), "unconfined"), n, &bare_pod(n)))
        }),
        all("seccomp annotations, mutated", None, |n| {
            (mutate(), annotated(|index| (format!("{SECCOMP}{index}"), "unconfined"), n, &bare_pod(n)))
        }),
        all("templates that pointers lead to", None, |n| {
            let mut request = request(&Value::Null, &Value::Null);
            request["kind"] = json!({ "group": "example.com", "kind": "Fleet" });
            request["object"] = json!({ "parts": many(n, |_| json!({ "spec": bare_pod(1) })) });
            (json!({ "podTemplates": ["/parts/*"] }), request)
        }),
        all("pointers that lead nowhere", None, |n| {
            let mut request = request(&Value::Null, &bare_pod(FEW));
            request["kind"] = json!({ "group": "example.com", "kind": "Fleet" });
            (json!({ "podTemplates": many(n, |index| json!(format!("/spec/p{index}"))) }), request)
        }),
        all("members of a container that nobody reads", None, |n| {
            let mut spec = bare_pod(1);
            for index in 0..n {
                spec["containers"][0][format!("x{index}")] = json!([index, { "y": "z" }]);
            }
            (mutate(), request(&Value::Null, &spec))
        }),
        one("resources", "resources of one container", |n| {
            let mut spec = bare_pod(1);
            let amounts = |unit| -> serde_json::Map<String, Value> {
                (0..n).map(|index| (format!("example.com/{index}"), json!(format!("1{unit}")))).collect()
            };
            spec["containers"][0]["resources"] = json!({ "requests": amounts("Ki"), "limits": amounts("") });
            (json!({}), request(&Value::Null, &spec))
        }),
        one("capabilities", "capabilities of one container", |n| {
            let mut spec = bare_pod(1);
            let names = many(n, |index| json!(format!("CAP_{index}")));
            spec["containers"][0]["securityContext"] = json!({ "capabilities": { "add": names, "drop": names } });
            (mutate(), request(&Value::Null, &spec))
        }),
        one("host-ports", "ports of one container", |n| {
            let mut spec = bare_pod(1);
            spec["containers"][0]["ports"] = many(n, |port| json!({ "containerPort": port, "hostPort": port + 1 }));
            (mutate(), request(&Value::Null, &spec))
        }),
        one("sysctls", "sysctls", |n| {
            let mut spec = bare_pod(1);
            spec["securityContext"] =
                json!({ "sysctls": many(n, |i| json!({ "name": format!("a.{i}"), "value": "1" })) });
            (json!({}), request(&Value::Null, &spec))
        }),
        one(BUNDLE, "containers, warned of beside enforced", |n| {
            (json!({ "profile": "baseline", "warn": "restricted" }), pod(&PodOf::Worst, n))
        }),
        one(BUNDLE, "containers, warned of and updated", |n| {
            let settings = json!({ "profile": "baseline", "warn": "restricted" });
            (settings, update(&spec(&PodOf::Worst, n), &spec(&PodOf::Worst, n)))
        }),
        one(BUNDLE, "writable paths filled in", |n| {
            let mut settings = mutate();
            settings["rules"] = json!({ "read-only-root-filesystem": { "writablePaths": ["/tmp", "/run"] } });
            (settings, request(&Value::Null, &bare_pod(n)))
        }),
        one("read-only-root-filesystem", "writable paths filled in", |n| {
            let mut settings = mutate();
            settings["writablePaths"] = json!(["/tmp", "/run"]);
            (settings, request(&Value::Null, &bare_pod(n)))
        }),
        one("host-path-volumes", "volumes that must be mounted read-only", |n| {
            let mut spec = spec(&PodOf::Worst, n);
            spec["volumes"] = many(n, |index| json!({ "name": format!("v{index}"), "hostPath": { "path": "/a" } }));
            let paths = json!([{ "pathPrefix": "/a", "readOnly": true }]);
            let exemptions = json!([{ "containers": ["c1"] }]);
            (json!({ "allowedPaths": paths, "exemptions": exemptions }), request(&Value::Null, &spec))
        }),
        one("resources", "containers of a pod with limits of its own", |n| {
            let mut spec = bare_pod(n);
            spec["resources"] = json!({ "limits": { "cpu": "1", "memory": "1Gi" } });
            (json!({}), request(&Value::Null, &spec))
        }),
        one(BUNDLE, "volumes of exempt containers", |n| {
            let settings = json!({ "profile": "restricted", "exemptions": [{ "containers": ["c1"] }] });
            (settings, pod(&PodOf::Worst, n))
        }),
        one(BUNDLE, "AppArmor and seccomp annotations, standard", |n| {
            let settings =
                json!({ "profile": "baseline", "version": "v1.18", "exemptions": [{ "containers": ["c1"] }] });
            let key = |index| if index % 2 == 0 { format!("{APPARMOR}{index}") } else { format!("{SECCOMP}{index}") };
            (settings, annotated(|index| (key(index), "unconfined"), n, &bare_pod(n)))
        }),
    ]
}
