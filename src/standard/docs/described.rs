//! What every check is about, in words.

use crate::standard::{Check, Level};

/// What a check is about, and what each of its behaviours demands.
pub(super) struct Described {
    pub(super) id: &'static str,
    pub(super) level: Level,
    /// What Pod Security Admission calls the check.
    pub(super) upstream: &'static str,
    pub(super) fields: &'static str,
    /// By the minor version of Kubernetes since which it is so.
    pub(super) demands: &'static [(u8, &'static str)],
}

#[rustfmt::skip]
pub(super) const DESCRIBED: &[Described] = &[
    Described { id: "apparmor-profile", level: Level::Baseline, upstream: "appArmorProfile",
        fields: "`appArmorProfile.type`, in the BOTH; annotations `container.apparmor.security.beta.kubernetes.io/*`",
        demands: &[(0, "`RuntimeDefault`, `Localhost` or no profile; annotations `runtime/default`, `localhost/*` or empty")] },
    Described { id: "capabilities", level: Level::Baseline, upstream: "capabilities_baseline",
        fields: "`capabilities.add`, in the CONTAINERS",
        demands: &[(0, "only `AUDIT_WRITE`, `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, `NET_BIND_SERVICE`, `SETFCAP`, `SETGID`, `SETPCAP`, `SETUID`, `SYS_CHROOT`")] },
    Described { id: "host-namespaces", level: Level::Baseline, upstream: "hostNamespaces",
        fields: "`hostNetwork`, `hostPID`, `hostIPC`",
        demands: &[(0, "not true")] },
    Described { id: "host-path-volumes", level: Level::Baseline, upstream: "hostPathVolumes",
        fields: "`volumes[].hostPath`",
        demands: &[(0, "unset")] },
    Described { id: "host-ports", level: Level::Baseline, upstream: "hostPorts",
        fields: "`ports[].hostPort` of containers",
        demands: &[(0, "0 or unset")] },
    Described { id: "host-probes", level: Level::Baseline, upstream: "hostProbesAndHostLifecycle",
        fields: "`httpGet.host` and `tcpSocket.host` of probes and lifecycle handlers",
        demands: &[(34, "empty or unset")] },
    Described { id: "privileged", level: Level::Baseline, upstream: "privileged",
        fields: "`privileged`, in the CONTAINERS",
        demands: &[(0, "not true")] },
    Described { id: "proc-mount", level: Level::Baseline, upstream: "procMount",
        fields: "`procMount`, in the CONTAINERS",
        demands: &[(0, "`Default` or unset"), (35, "the same, but anything with `hostUsers: false`")] },
    Described { id: "seccomp-profile", level: Level::Baseline, upstream: "seccompProfile_baseline",
        fields: "before 1.19 annotations `seccomp.security.alpha.kubernetes.io/pod` and `container.seccomp.security.alpha.kubernetes.io/<container>`, then `seccompProfile.type`, in the BOTH",
        demands: &[(0, "`runtime/default`, `docker/default`, `localhost/*` or unset"), (19, "`RuntimeDefault`, `Localhost` or no profile")] },
    Described { id: "selinux-options", level: Level::Baseline, upstream: "seLinuxOptions",
        fields: "`seLinuxOptions`, in the BOTH",
        demands: &[(0, "`type` empty, `container_t`, `container_init_t` or `container_kvm_t`; `user` and `role` empty"), (31, "`type` may be `container_engine_t` too")] },
    Described { id: "sysctls", level: Level::Baseline, upstream: "sysctls",
        fields: "`sysctls[].name`, in the securityContext of the pod",
        demands: &[
            (0, "only `kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`, `net.ipv4.ip_unprivileged_port_start`, `net.ipv4.ping_group_range`, `net.ipv4.tcp_syncookies`"),
            (27, "`net.ipv4.ip_local_reserved_ports` too"),
            (29, "`net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`, `net.ipv4.tcp_keepalive_probes`, `net.ipv4.tcp_keepalive_time` too"),
            (32, "`net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem` too"),
            (37, "`net.ipv4.tcp_notsent_lowat`, `net.ipv4.tcp_slow_start_after_idle` too"),
        ] },
    Described { id: "windows-host-process", level: Level::Baseline, upstream: "windowsHostProcess",
        fields: "`windowsOptions.hostProcess`, in the BOTH",
        demands: &[(0, "not true")] },
    Described { id: "allow-privilege-escalation", level: Level::Restricted, upstream: "allowPrivilegeEscalation",
        fields: "`allowPrivilegeEscalation`, in the CONTAINERS",
        demands: &[(8, "false"), (25, "the same, but not of Windows pods")] },
    Described { id: "capabilities", level: Level::Restricted, upstream: "capabilities_restricted",
        fields: "`capabilities.drop` and `.add`, in the CONTAINERS",
        demands: &[(22, "`drop` has `ALL`, `add` only `NET_BIND_SERVICE`"), (25, "the same, but not of Windows pods")] },
    Described { id: "proc-mount", level: Level::Restricted, upstream: "procMount_restricted",
        fields: "`procMount`, in the CONTAINERS",
        demands: &[(35, "`Default` or unset, with `hostUsers: false` too")] },
    Described { id: "run-as-non-root", level: Level::Restricted, upstream: "runAsNonRoot",
        fields: "`runAsNonRoot`, in the BOTH",
        demands: &[(0, "true for the pod or for every container, nowhere false"), (35, "the same, but not with `hostUsers: false`")] },
    Described { id: "run-as-user", level: Level::Restricted, upstream: "runAsUser",
        fields: "`runAsUser`, in the BOTH",
        demands: &[(23, "not 0"), (35, "the same, but not with `hostUsers: false`")] },
    Described { id: "seccomp-profile", level: Level::Restricted, upstream: "seccompProfile_restricted",
        fields: "`seccompProfile.type`, in the BOTH",
        demands: &[(19, "`RuntimeDefault` or `Localhost` for the pod or for every container, nothing else anywhere"), (25, "the same, but not of Windows pods")] },
    Described { id: "volume-types", level: Level::Restricted, upstream: "restrictedVolumes",
        fields: "`volumes[]`",
        demands: &[(0, "only `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret`, or no source, which becomes an `emptyDir`")] },
];

const IN_CONTAINERS: &str = "securityContext of containers";
const IN_BOTH: &str = "securityContext of the pod and of containers";

impl Described {
    /// The words for a check.
    pub(super) fn of(check: &Check) -> Option<&'static Described> {
        DESCRIBED.iter().find(|described| described.id == check.id && described.level == check.level)
    }

    /// The fields it looks at, in Markdown.
    pub(super) fn fields(&self) -> String {
        self.fields.replace("BOTH", IN_BOTH).replace("CONTAINERS", IN_CONTAINERS)
    }
}
