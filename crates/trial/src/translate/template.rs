//! A pod template, as far as running it depends on it.
//!
//! Written here rather than taken from `k8s-openapi`, whose types take longer to build than all of `trial`.

mod probes;
mod volumes;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

pub(super) use probes::{Handler, HttpGet, Lifecycle, Probe};
pub(super) use volumes::{FieldFiles, KeyFiles, Projected, Volume};

/// A pod template.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Template {
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
}

/// `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Metadata {
    pub(super) labels: BTreeMap<String, String>,
    pub(super) annotations: BTreeMap<String, String>,
}

/// `spec`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spec {
    pub(super) containers: Vec<Container>,
    pub(super) init_containers: Vec<Container>,
    pub(super) volumes: Vec<Volume>,
    pub(super) restart_policy: String,
    pub(super) hostname: String,
    pub(super) hostname_override: String,
    pub(super) subdomain: String,
    #[serde(rename = "setHostnameAsFQDN")]
    pub(super) set_hostname_as_fqdn: bool,
    pub(super) host_aliases: Vec<HostAlias>,
    pub(super) host_network: bool,
    #[serde(rename = "hostPID")]
    pub(super) host_pid: bool,
    #[serde(rename = "hostIPC")]
    pub(super) host_ipc: bool,
    pub(super) share_process_namespace: bool,
    pub(super) runtime_class_name: String,
    pub(super) service_account_name: String,
    pub(super) service_account: String,
    pub(super) node_name: String,
    pub(super) node_selector: BTreeMap<String, String>,
    pub(super) os: Named,
    pub(super) enable_service_links: Option<bool>,
    pub(super) security_context: SecurityContext,
    pub(super) resources: Resources,
}

/// A reference by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) optional: bool,
}

/// A line of `/etc/hosts`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HostAlias {
    pub(super) ip: String,
    pub(super) hostnames: Vec<String>,
}

/// A container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) command: Vec<String>,
    pub(super) args: Vec<String>,
    pub(super) working_dir: String,
    pub(super) ports: Vec<Port>,
    pub(super) env: Vec<EnvVar>,
    pub(super) env_from: Vec<EnvFrom>,
    pub(super) resources: Resources,
    pub(super) volume_mounts: Vec<VolumeMount>,
    pub(super) volume_devices: Vec<Named>,
    pub(super) startup_probe: Option<Probe>,
    pub(super) readiness_probe: Option<Probe>,
    pub(super) liveness_probe: Option<Probe>,
    pub(super) lifecycle: Lifecycle,
    pub(super) security_context: SecurityContext,
    pub(super) stdin: bool,
    pub(super) tty: bool,
    pub(super) restart_policy: String,
}

/// A port of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) container_port: u16,
    pub(super) host_port: u16,
}

/// A variable.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EnvVar {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) value_from: Option<ValueFrom>,
}

/// Where the value of a variable comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ValueFrom {
    pub(super) field_ref: Option<FieldRef>,
    pub(super) resource_field_ref: Option<ResourceFieldRef>,
    pub(super) config_map_key_ref: Option<KeyRef>,
    pub(super) secret_key_ref: Option<KeyRef>,
}

/// A field of the pod.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct FieldRef {
    pub(super) field_path: String,
}

/// A request or limit of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ResourceFieldRef {
    pub(super) container_name: String,
    pub(super) resource: String,
    pub(super) divisor: Value,
}

/// A key of a ConfigMap or a Secret.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyRef {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) optional: bool,
}

/// All keys of a ConfigMap or a Secret.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct EnvFrom {
    pub(super) prefix: String,
    pub(super) config_map_ref: Option<Named>,
    pub(super) secret_ref: Option<Named>,
}

/// Requests and limits: quantities as text or number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Resources {
    pub(super) limits: BTreeMap<String, Value>,
    pub(super) requests: BTreeMap<String, Value>,
}

/// A mount of a volume.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct VolumeMount {
    pub(super) name: String,
    pub(super) mount_path: String,
    pub(super) sub_path: String,
    pub(super) sub_path_expr: String,
    pub(super) read_only: bool,
}

/// The security context of a pod or of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct SecurityContext {
    pub(super) run_as_user: Option<u32>,
    pub(super) run_as_group: Option<u32>,
    pub(super) run_as_non_root: Option<bool>,
    pub(super) supplemental_groups: Vec<u32>,
    pub(super) fs_group: Option<u32>,
    pub(super) sysctls: Vec<Pair>,
    pub(super) privileged: bool,
    pub(super) read_only_root_filesystem: bool,
    pub(super) allow_privilege_escalation: Option<bool>,
    pub(super) capabilities: Capabilities,
    pub(super) seccomp_profile: Option<Profile>,
    pub(super) app_armor_profile: Option<Profile>,
    pub(super) se_linux_options: Option<Map<String, Value>>,
    pub(super) proc_mount: String,
}

/// Capabilities.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Capabilities {
    pub(super) add: Vec<String>,
    pub(super) drop: Vec<String>,
}

/// A profile of seccomp or AppArmor.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Profile {
    #[serde(rename = "type")]
    pub(super) kind: String,
}

/// A name and a value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) value: String,
}
