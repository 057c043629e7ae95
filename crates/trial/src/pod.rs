//! A pod as a container engine can run it: what the kubelet would start, field by field.

use std::collections::BTreeSet;
use std::time::Duration;

/// A pod, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pod {
    /// The name of the workload, which the engine's names begin with.
    pub name: String,
    /// `spec.hostname`, else the name.
    pub hostname: String,
    /// The names under which other pods find it: those of the services that select it, short and in full.
    pub names: Vec<String>,
    /// Whether it is done when its containers end (a Job), rather than ready while they run.
    pub runs_once: bool,
    /// The containers in the order in which the kubelet starts them: init containers and sidecars as they are written,
    /// then the others.
    pub containers: Vec<Container>,
    /// The volumes that a container mounts.
    pub volumes: Vec<Volume>,
    /// `fsGroup`: the group that owns the volumes.
    pub fs_group: Option<u32>,
    /// Lines of `/etc/hosts` from `hostAliases`: name and address.
    pub host_aliases: Vec<(String, String)>,
    /// What is not as in a cluster, for people: a sentence each.
    pub notes: Vec<String>,
}

/// When a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// An init container: it must end with 0 before the next one starts.
    Init,
    /// An init container with `restartPolicy: Always`: it must have started before the next one does.
    Sidecar,
    /// A container of `spec.containers`.
    #[default]
    Main,
}

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Container {
    /// Its name in the pod.
    pub name: String,
    /// When it runs.
    pub role: Role,
    /// The reference of its image, as it is written.
    pub image: String,
    /// `command`, with its variables put in; none leaves the image's entry point.
    pub command: Option<Vec<String>>,
    /// `args`, with its variables put in; none with a `command` means no arguments, none without leaves the image's.
    pub args: Option<Vec<String>>,
    /// `env` and `envFrom`, variables put in, in their order.
    pub env: Vec<(String, String)>,
    /// `workingDir`.
    pub working_dir: Option<String>,
    /// Where volumes are mounted.
    pub mounts: Vec<Mount>,
    /// The effective security context.
    pub security: Security,
    /// Limits of memory in bytes.
    pub memory: Option<u64>,
    /// Limits of processor time, in thousandths of a core.
    pub millicores: Option<u64>,
    /// `startupProbe`.
    pub startup: Option<Probe>,
    /// `readinessProbe`.
    pub readiness: Option<Probe>,
    /// `livenessProbe`.
    pub liveness: Option<Probe>,
}

/// A volume of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its name in the pod.
    pub name: String,
    /// The files that are in it when the containers start.
    pub files: Vec<File>,
    /// Whether containers may write into it: an `emptyDir`, or what stands for a volume that is not there here.
    pub writable: bool,
}

/// A file of a ConfigMap, a Secret or a projected volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path in the volume, relative.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its mode, such as `0o644`.
    pub mode: u32,
}

/// A mount of a volume in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The name of the volume.
    pub volume: String,
    /// The path in the container, absolute.
    pub path: String,
    /// `subPath`, with the variables of `subPathExpr` put in; none is the whole volume.
    pub sub_path: Option<String>,
    /// Whether the container cannot write through it.
    pub read_only: bool,
}

/// The effective security context of a container: its own values, else those of the pod.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Security {
    /// `runAsUser`; none is the image's.
    pub user: Option<u32>,
    /// `runAsGroup`; none is the image's, or 0 beside a `user`.
    pub group: Option<u32>,
    /// `supplementalGroups` and `fsGroup`.
    pub supplemental_groups: Vec<u32>,
    /// `runAsNonRoot: true`: the kubelet does not start an image whose user is root or a name.
    pub non_root: bool,
    /// `readOnlyRootFilesystem: true`.
    pub read_only_root: bool,
    /// `allowPrivilegeEscalation: false`.
    pub no_new_privileges: bool,
    /// Whether the seccomp profile is `Unconfined`: only where the manifest, or a trial, says so.
    pub unconfined: bool,
    /// `capabilities.add`, without `CAP_`; never `ALL`.
    pub add: BTreeSet<String>,
    /// `capabilities.drop`, without `CAP_`; `ALL` is all.
    pub drop: BTreeSet<String>,
}

/// A probe of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is done.
    pub action: Action,
    /// `initialDelaySeconds`.
    pub delay: Duration,
    /// `periodSeconds`.
    pub period: Duration,
    /// `timeoutSeconds`.
    pub timeout: Duration,
    /// `successThreshold`.
    pub successes: u32,
    /// `failureThreshold`.
    pub failures: u32,
}

/// What a probe does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Runs a command in the container; 0 is success.
    Exec(Vec<String>),
    /// Sends a GET request to the container; an answer from 200 to 399 is success.
    Http {
        /// The port.
        port: u16,
        /// The path, with its query.
        path: String,
        /// Whether it is HTTPS; certificates are not checked.
        tls: bool,
        /// `httpHeaders`.
        headers: Vec<(String, String)>,
    },
    /// Opens a connection to the container.
    Tcp {
        /// The port.
        port: u16,
    },
}
