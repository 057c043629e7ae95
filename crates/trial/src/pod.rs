//! A pod as a container engine can run it: what the kubelet would start, field by field.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A placeholder for the pod's own address (`status.podIP`), which an engine knows: [`Pod::at`] puts it in. No text of
/// a manifest holds it, since neither variables nor arguments can hold a NUL.
pub const ADDRESS: &str = "\0podIP\0";

/// A pod, ready to be run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pod {
    /// The name of the workload, which the engine's names begin with.
    pub name: String,
    /// `spec.hostname`, else the name.
    pub hostname: String,
    /// The names under which other pods find it: those of the services that select it, short and in full.
    pub names: Vec<String>,
    /// The services of `names` that lead from one port to another.
    pub forwards: Vec<Forward>,
    /// Whether it is done when its containers end (a Job), rather than ready while they run.
    pub runs_once: bool,
    /// `restartPolicy`: whether a container that ends is a failure.
    pub restart: Restart,
    /// The containers in the order in which the kubelet starts them: init containers and sidecars as they are written,
    /// then the others.
    pub containers: Vec<Container>,
    /// The volumes that a container mounts.
    pub volumes: Vec<Volume>,
    /// `fsGroup`: the group that owns the volumes.
    pub fs_group: Option<u32>,
    /// Lines of `/etc/hosts` from `hostAliases`: name and address.
    pub host_aliases: Vec<(String, String)>,
    /// `sysctls` that the kernel keeps apart for each network.
    pub sysctls: BTreeMap<String, String>,
    /// Sentences for people that each name something that is not as in a cluster.
    pub notes: Vec<String>,
}

impl Pod {
    /// The pod as it is at an address: what asked for `status.podIP` gets it.
    pub fn at(mut self, address: &str) -> Pod {
        let put = |text: &mut String| {
            if text.contains(ADDRESS) {
                *text = text.replace(ADDRESS, address);
            }
        };
        for container in &mut self.containers {
            container.command.iter_mut().flatten().chain(container.args.iter_mut().flatten()).for_each(put);
            container.env.iter_mut().for_each(|(_, value)| put(value));
            container.mounts.iter_mut().filter_map(|mount| mount.sub_path.as_mut()).for_each(put);
        }
        self
    }
}

/// A service that leads from a port of its own to another one of the pod. In a cluster it has an address of its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forward {
    /// Its names, which are among those of the pod.
    pub names: Vec<String>,
    /// Its TCP ports, each with the pod's port that it leads to.
    pub ports: Vec<(u16, u16)>,
}

/// Whether a container that ends is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Restart {
    /// It is started again: its end is a failure.
    #[default]
    Always,
    /// It is started again unless it ended with 0.
    OnFailure,
    /// It has ended; only with 0 it has done what it should.
    Never,
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
    /// The variables of the services in the namespace that `env` does not set.
    pub service_env: Vec<(String, String)>,
    /// `workingDir`.
    pub working_dir: Option<String>,
    /// `stdin: true`: its standard input stays open.
    pub stdin: bool,
    /// `tty: true`: it has a terminal.
    pub tty: bool,
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
    /// `lifecycle.postStart`, done once right after the start; a container whose command fails is killed.
    pub post_start: Option<Action>,
}

impl Container {
    /// All variables: its own, and those of services.
    pub fn variables(&self) -> impl Iterator<Item = &(String, String)> {
        self.env.iter().chain(&self.service_env)
    }
}

/// A volume of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// Its name in the pod.
    pub name: String,
    /// The files that are in it when the containers start; they belong to root, and their group is `fs_group`.
    pub files: Vec<File>,
    /// The mode of its folder, which belongs to root and the group `fs_group`: `0o777` for an `emptyDir`, `0o755` for
    /// what a new disk would be, `0o775` where it has that group.
    pub mode: u32,
    /// Whether it belongs to `fs_group`, where there is one; the kubelet leaves the owner of some kinds as it is.
    pub takes_group: bool,
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
    /// `runAsUser`, else the number of the image's USER; none is a user whom the image names, or whom nobody knows.
    pub user: Option<u32>,
    /// `runAsGroup`; none is the group that the image's `/etc/passwd` gives the user, else 0: a cluster takes no
    /// group from USER.
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
    /// `capabilities.add`, without `CAP_`; never `ALL`, and none that reaches beyond the container.
    pub add: BTreeSet<String>,
    /// `capabilities.drop`, without `CAP_`; `ALL` is all.
    pub drop: BTreeSet<String>,
}

/// The capabilities of a container in a cluster unless it drops some, as containerd and docker give them; podman gives
/// fewer.
pub const DEFAULT_CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

impl Security {
    /// The bounding set: the default ones but for those dropped, and those added. Like in a cluster, what is dropped
    /// by name is dropped even if it is added.
    ///
    /// A process that is not root has none of them in effect. Podman differs: it puts what `CapAdd` names into the
    /// ambient set of such a process, so that it binds port 80 here and not in a cluster.
    pub fn capabilities(&self) -> BTreeSet<&str> {
        let default = if self.drop.contains("ALL") { &[][..] } else { &DEFAULT_CAPABILITIES[..] };
        let all = default.iter().copied().chain(self.add.iter().map(String::as_str));
        all.filter(|name| !self.drop.contains(*name)).collect()
    }
}

/// A probe of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The action of the probe.
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

/// The action of a probe or of a lifecycle hook.
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
