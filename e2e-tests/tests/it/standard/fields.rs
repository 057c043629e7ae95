//! Every field that a check looks at, with the values that matter: nothing, empty, allowed, forbidden, misspelt.

use serde_json::{Value, json};

/// The object that a field stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// The pod's metadata.
    Metadata,
    /// The pod spec.
    Spec,
    /// A container of any list.
    Container,
    /// The pod's security context.
    PodContext,
    /// The pod's security context, and that of a container of any list.
    Contexts,
    /// The security context of a container of any list.
    ContainerContext,
}

/// A field and what it may hold, besides being absent.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) at: At,
    pub(crate) key: &'static str,
    pub(crate) values: Vec<Value>,
}

fn field(at: At, key: &'static str, values: impl IntoIterator<Item = Value>) -> Field {
    Field { at, key, values: values.into_iter().collect() }
}

/// Every field.
pub(crate) fn fields() -> Vec<Field> {
    let flags = || [json!(null), json!(false), json!(true)];
    vec![
        field(At::Metadata, "annotations", annotations()),
        field(
            At::Spec,
            "os",
            [
                json!(null),
                json!({}),
                json!({ "name": "linux" }),
                json!({ "name": "windows" }),
                json!({ "name": "Windows" }),
            ],
        ),
        field(At::Spec, "hostUsers", flags()),
        field(At::Spec, "hostNetwork", flags()),
        field(At::Spec, "hostPID", flags()),
        field(At::Spec, "hostIPC", flags()),
        field(At::Spec, "volumes", volumes()),
        field(At::Spec, "securityContext", [json!(null), json!({})]),
        field(At::PodContext, "sysctls", sysctls()),
        field(At::Contexts, "runAsNonRoot", flags()),
        field(At::Contexts, "runAsUser", [json!(null), json!(0), json!(1), json!(-1), json!(i64::MAX)]),
        field(At::Contexts, "seccompProfile", profiles()),
        field(At::Contexts, "appArmorProfile", profiles()),
        field(At::Contexts, "seLinuxOptions", se_linux()),
        field(
            At::Contexts,
            "windowsOptions",
            [
                json!(null),
                json!({}),
                json!({ "hostProcess": null }),
                json!({ "hostProcess": false }),
                json!({ "hostProcess": true }),
            ],
        ),
        field(At::Container, "securityContext", [json!(null), json!({})]),
        field(At::Container, "ports", ports()),
        field(At::Container, "lifecycle", [json!(null), json!({})].into_iter().chain(lifecycles())),
        field(At::Container, "livenessProbe", handlers()),
        field(At::Container, "readinessProbe", handlers()),
        field(At::Container, "startupProbe", handlers()),
        field(At::ContainerContext, "privileged", flags()),
        field(At::ContainerContext, "allowPrivilegeEscalation", flags()),
        field(At::ContainerContext, "capabilities", capabilities()),
        field(
            At::ContainerContext,
            "procMount",
            [json!(null), json!(""), json!("Default"), json!("Unmasked"), json!("default"), json!("Other")],
        ),
    ]
}

/// Names of the containers of [`super::pods::base`], one that is not there, and the empty name.
const OWNERS: [&str; 6] = ["first", "second", "init", "debug", "nobody", ""];

fn annotations() -> Vec<Value> {
    let values = [
        "",
        "runtime/default",
        "docker/default",
        "localhost/",
        "localhost/x",
        "localhost",
        "unconfined",
        "RuntimeDefault",
        "runtime/default ",
        "Localhost/x",
    ];
    let mut all = vec![json!(null), json!({}), json!({ "other.example/first": "unconfined" })];
    let app_armor = OWNERS.map(|owner| format!("container.apparmor.security.beta.kubernetes.io/{owner}"));
    let seccomp = OWNERS.map(|owner| format!("container.seccomp.security.alpha.kubernetes.io/{owner}"));
    let pod =
        ["seccomp.security.alpha.kubernetes.io/pod", "seccomp.security.alpha.kubernetes.io/POD"].map(str::to_owned);
    for key in app_armor.iter().chain(&seccomp).chain(&pod) {
        all.extend(values.map(|value| json!({ key: value })));
        all.push(json!({ key: null }));
    }
    all.push(json!({ &app_armor[0]: "runtime/default", &app_armor[2]: "unconfined", &seccomp[0]: "localhost/x" }));
    all.push(json!({ &seccomp[0]: "runtime/default", &seccomp[3]: "unconfined", &pod[0]: "docker/default" }));
    all
}

/// Every source that a volume can have.
const SOURCES: &[&str] = &[
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "image",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
];

fn volumes() -> Vec<Value> {
    let mut all = vec![
        json!(null),
        json!([]),
        json!([null]),
        json!([{}]),
        json!([{ "name": "a" }]),
        json!([{ "name": "a", "hostPath": null, "nfs": null }]),
        json!([{ "name": "a", "hostPath": { "path": "/a", "type": "" } }]),
        json!([{ "name": "a", "hostPath": { "path": "/a" }, "emptyDir": {} }]),
        json!([{ "name": "a", "nfs": {}, "secret": null }]),
        json!([{ "name": "a", "nfs": {}, "secret": {} }]),
        json!([{ "name": "a", "hostPath": { "path": "/a" }, "nfs": {} }]),
    ];
    for source in SOURCES {
        all.push(json!([{ "name": "a", *source: {} }]));
        all.push(json!([{ "name": "a", "emptyDir": {} }, { "name": "b" }, { "name": "c", *source: {} }]));
    }
    all
}

/// Every parameter that has been safe since some version, and others.
fn sysctls() -> Vec<Value> {
    let names = [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_wmem",
        "net.ipv4.tcp_notsent_lowat",
        "net.ipv4.tcp_slow_start_after_idle",
        "net.ipv4.tcp_mem",
        "net.core.somaxconn",
        "kernel.msgmax",
        "kernel.sem",
        "net/ipv4/tcp_syncookies",
        "NET.IPV4.TCP_SYNCOOKIES",
        "net.ipv4.*",
        "tcp_rmem",
        "kernel.tcp_rmem",
        "net.ipv4.kernel.shm_rmid_forced",
        " net.ipv4.tcp_rmem",
        "",
    ];
    let mut all = vec![
        json!(null),
        json!([]),
        json!([null]),
        json!([{ "value": "1" }]),
        json!([{ "name": null, "value": "1" }]),
        json!([{ "name": "kernel.shm_rmid_forced", "value": "1" }, { "name": "kernel.msgmax", "value": "1" }]),
    ];
    all.extend(names.map(|name| json!([{ "name": name, "value": "1" }])));
    all
}

fn profiles() -> Vec<Value> {
    let mut all = vec![json!(null), json!({}), json!({ "type": null }), json!({ "localhostProfile": "x" })];
    let types = ["", "RuntimeDefault", "Localhost", "Unconfined", "runtimeDefault", "runtime/default", "localhost/x"];
    all.extend(types.map(|kind| json!({ "type": kind })));
    all.push(json!({ "type": "Localhost", "localhostProfile": "x" }));
    all
}

fn se_linux() -> Vec<Value> {
    let mut all =
        vec![json!(null), json!({}), json!({ "type": null, "user": null, "role": null }), json!({ "level": "s0:c1" })];
    let types =
        ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", "Container_t"];
    all.extend(types.map(|kind| json!({ "type": kind })));
    all.extend(["user", "role"].map(|field| json!({ field: "" })));
    all.extend(["user", "role"].map(|field| json!({ "type": "container_t", field: "x" })));
    all
}

fn ports() -> Vec<Value> {
    let port = |port: Value| json!([port]);
    vec![
        json!(null),
        json!([]),
        port(json!(null)),
        port(json!({ "containerPort": 80 })),
        port(json!({ "containerPort": 80, "hostPort": null })),
        port(json!({ "containerPort": 80, "hostPort": 0 })),
        port(json!({ "containerPort": 0 })),
        port(json!({ "containerPort": 80, "hostPort": 80 })),
        port(json!({ "containerPort": 80, "hostPort": -1 })),
        port(json!({ "hostPort": 65536, "hostIP": "127.0.0.1" })),
        json!([{ "containerPort": 80 }, { "containerPort": 81, "hostPort": 81 }]),
    ]
}

/// Probes and lifecycle handlers.
fn handlers() -> Vec<Value> {
    let mut all = vec![
        json!(null),
        json!({}),
        json!({ "exec": { "command": ["a"] } }),
        json!({ "grpc": { "port": 1, "service": "s" } }),
    ];
    for call in ["httpGet", "tcpSocket"] {
        all.push(json!({ call: null }));
        all.push(json!({ call: { "port": 80 } }));
        all.extend(
            [json!(null), json!(""), json!("localhost"), json!("127.0.0.1"), json!("::1"), json!("x")]
                .map(|host| json!({ call: { "port": 80, "host": host } })),
        );
    }
    all.push(json!({ "httpGet": { "port": 80, "httpHeaders": [{ "name": "Host", "value": "x" }] } }));
    all.push(json!({ "httpGet": { "port": 80 }, "tcpSocket": { "port": 80, "host": "x" } }));
    all
}

fn lifecycles() -> impl Iterator<Item = Value> {
    let of = |moment: &'static str| handlers().into_iter().map(move |handler| json!({ moment: handler }));
    of("postStart").chain(of("preStop"))
}

fn capabilities() -> Vec<Value> {
    let drops = [
        json!(null),
        json!([]),
        json!(["ALL"]),
        json!(["all"]),
        json!(["CAP_ALL"]),
        json!(["NET_RAW", "ALL"]),
        json!(["CHOWN"]),
        json!([""]),
    ];
    let addable = [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ];
    let others = [
        "NET_RAW",
        "SYS_ADMIN",
        "ALL",
        "all",
        "chown",
        "CAP_CHOWN",
        "net_bind_service",
        "CAP_NET_BIND_SERVICE",
        "NONSENSE",
        "",
    ];
    let mut all = vec![json!(null), json!({}), json!({ "add": null }), json!({ "add": [], "drop": [] })];
    all.extend(drops.into_iter().map(|drop| json!({ "drop": drop })));
    for name in addable.into_iter().chain(others) {
        all.push(json!({ "add": [name] }));
        all.push(json!({ "add": [name], "drop": ["ALL"] }));
        all.push(json!({ "add": ["NET_BIND_SERVICE", name], "drop": ["ALL", name] }));
    }
    all.push(json!({ "add": addable, "drop": ["ALL"] }));
    all
}
