//! The decisions of Pod Security Admission, written a second time: over Kubernetes' own types, with arithmetic on
//! versions in the place of a table, and without a line of the core crate.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as k8s;

/// The level restricted; baseline otherwise.
pub(crate) type Restricted = bool;

/// The checks that refuse a pod at a level and minor version, by the ids that the bundle gives them.
pub(crate) fn refusing(restricted: Restricted, minor: u8, facts: &Facts<'_>) -> BTreeSet<&'static str> {
    let decided = [
        ("allow-privilege-escalation", restricted && minor >= 8 && facts.may_escalate(minor)),
        ("apparmor-profile", facts.has_bad_app_armor()),
        ("capabilities", facts.has_bad_capabilities(restricted, minor)),
        ("host-namespaces", facts.shares_namespaces()),
        (
            "host-path-volumes",
            !restricted && facts.sources.iter().any(|of| of.iter().any(|source| source == "hostPath")),
        ),
        ("host-ports", facts.opens_host_port()),
        ("host-probes", minor >= 34 && facts.units.iter().any(|unit| unit.hosts.iter().any(|host| !host.is_empty()))),
        (
            "privileged",
            facts.units.iter().any(|unit| unit.context.is_some_and(|context| context.privileged == Some(true))),
        ),
        ("proc-mount", facts.has_bad_proc_mount(restricted, minor)),
        ("run-as-non-root", restricted && !facts.is_relaxed(minor) && facts.may_be_root()),
        ("run-as-user", restricted && minor >= 23 && !facts.is_relaxed(minor) && facts.is_user_zero()),
        ("seccomp-profile", facts.has_bad_seccomp(restricted, minor)),
        ("selinux-options", facts.has_bad_se_linux(minor)),
        ("sysctls", facts.has_bad_sysctl(minor)),
        ("volume-types", restricted && facts.has_bad_volume()),
        ("windows-host-process", facts.parts().any(|part| part.host_process)),
    ];
    decided.into_iter().filter(|(_, refuses)| *refuses).map(|(id, _)| id).collect()
}

/// The fields that the security contexts of pods and of containers share.
#[derive(Default)]
struct Part<'p> {
    non_root: Option<bool>,
    user: Option<i64>,
    seccomp: Option<&'p str>,
    app_armor: Option<&'p str>,
    se_linux: Option<&'p k8s::SELinuxOptions>,
    host_process: bool,
}

macro_rules! part {
    ($context:expr) => {
        $context.as_ref().map_or_else(Part::default, |context| Part {
            non_root: context.run_as_non_root,
            user: context.run_as_user,
            seccomp: context.seccomp_profile.as_ref().map(|profile| profile.type_.as_str()),
            app_armor: context.app_armor_profile.as_ref().map(|profile| profile.type_.as_str()),
            se_linux: context.se_linux_options.as_ref(),
            host_process: context.windows_options.as_ref().is_some_and(|options| options.host_process == Some(true)),
        })
    };
}

/// A container of any list.
struct Unit<'p> {
    name: &'p str,
    part: Part<'p>,
    context: Option<&'p k8s::SecurityContext>,
    ports: &'p [k8s::ContainerPort],
    hosts: Vec<&'p str>,
    /// Whether the API server fills in host ports beside `hostNetwork`.
    defaults_ports: bool,
}

macro_rules! unit {
    ($container:expr, $defaults_ports:expr) => {{
        let container = $container;
        let probes = [&container.liveness_probe, &container.readiness_probe, &container.startup_probe];
        let lifecycle = container.lifecycle.as_ref();
        let handlers = [lifecycle.and_then(|of| of.post_start.as_ref()), lifecycle.and_then(|of| of.pre_stop.as_ref())];
        let mut hosts = Vec::new();
        for probe in probes.into_iter().flatten() {
            hosts.extend(probe.http_get.iter().filter_map(|call| call.host.as_deref()));
            hosts.extend(probe.tcp_socket.iter().filter_map(|call| call.host.as_deref()));
        }
        for handler in handlers.into_iter().flatten() {
            hosts.extend(handler.http_get.iter().filter_map(|call| call.host.as_deref()));
            hosts.extend(handler.tcp_socket.iter().filter_map(|call| call.host.as_deref()));
        }
        Unit {
            name: &container.name,
            part: part!(container.security_context),
            context: container.security_context.as_ref(),
            ports: container.ports.as_deref().unwrap_or_default(),
            hosts,
            defaults_ports: $defaults_ports,
        }
    }};
}

/// The facts about a pod.
pub(crate) struct Facts<'p> {
    annotations: Vec<(&'p str, &'p str)>,
    spec: &'p k8s::PodSpec,
    whole: Part<'p>,
    units: Vec<Unit<'p>>,
    /// The names of the sources of each volume.
    sources: Vec<Vec<String>>,
    is_windows: bool,
}

impl<'p> Facts<'p> {
    pub(crate) fn of(pod: &'p k8s::Pod) -> Facts<'p> {
        let spec = pod.spec.as_ref().unwrap();
        let host_network = spec.host_network == Some(true);
        let mut units: Vec<Unit<'p>> = Vec::new();
        units.extend(spec.init_containers.iter().flatten().map(|container| unit!(container, host_network)));
        units.extend(spec.containers.iter().map(|container| unit!(container, host_network)));
        units.extend(spec.ephemeral_containers.iter().flatten().map(|container| unit!(container, false)));
        let is_windows = spec.os.as_ref().is_some_and(|os| os.name == "windows");
        let annotations = pod.metadata.annotations.iter().flatten();
        Facts {
            annotations: annotations.map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            spec,
            whole: part!(spec.security_context),
            units,
            sources: spec.volumes.iter().flatten().map(sources).collect(),
            is_windows,
        }
    }

    /// Every security context.
    fn parts(&self) -> impl Iterator<Item = &Part<'p>> {
        std::iter::once(&self.whole).chain(self.units.iter().map(|unit| &unit.part))
    }

    /// Since 1.35 some checks ask nothing of pods with users of their own.
    fn is_relaxed(&self, minor: u8) -> bool {
        minor >= 35 && self.spec.host_users == Some(false)
    }

    /// Since 1.25 some checks ask nothing of Windows pods.
    fn is_excused(&self, minor: u8) -> bool {
        minor >= 25 && self.is_windows
    }

    fn may_escalate(&self, minor: u8) -> bool {
        !self.is_excused(minor)
            && self
                .units
                .iter()
                .any(|unit| unit.context.is_none_or(|context| context.allow_privilege_escalation != Some(false)))
    }

    fn has_bad_app_armor(&self) -> bool {
        let is_bad = |(key, value): (&str, &str)| {
            key.starts_with("container.apparmor.security.beta.kubernetes.io/")
                && !(value.is_empty() || value == "runtime/default" || value.starts_with("localhost/"))
        };
        self.annotations.iter().copied().any(is_bad) || self.parts().any(|part| part.app_armor.is_some_and(is_loose))
    }

    fn has_bad_capabilities(&self, restricted: Restricted, minor: u8) -> bool {
        let strict = restricted && minor >= 22;
        if strict && self.is_excused(minor) {
            return false;
        }
        let addable: &[&str] = if strict { &["NET_BIND_SERVICE"] } else { ADDABLE };
        self.units.iter().any(|unit| {
            let capabilities = unit.context.and_then(|context| context.capabilities.as_ref());
            let drop = capabilities.and_then(|capabilities| capabilities.drop.as_ref());
            let add = capabilities.and_then(|capabilities| capabilities.add.as_ref());
            let drops_all = drop.into_iter().flatten().any(|name| name == "ALL");
            (strict && !drops_all) || add.into_iter().flatten().any(|name| !addable.contains(&name.as_str()))
        })
    }

    fn shares_namespaces(&self) -> bool {
        [self.spec.host_network, self.spec.host_pid, self.spec.host_ipc].contains(&Some(true))
    }

    fn opens_host_port(&self) -> bool {
        self.units.iter().any(|unit| {
            let given = |port: &k8s::ContainerPort| port.host_port.unwrap_or(0);
            let opened = |port| if given(port) == 0 && unit.defaults_ports { port.container_port } else { given(port) };
            unit.ports.iter().any(|port| opened(port) != 0)
        })
    }

    fn has_bad_proc_mount(&self, restricted: Restricted, minor: u8) -> bool {
        let kind = |unit: &Unit<'p>| unit.context.and_then(|context| context.proc_mount.as_deref());
        let unmasks = |unit: &Unit<'p>| kind(unit).is_some_and(|kind| kind != "Default");
        (restricted || !self.is_relaxed(minor)) && self.units.iter().any(unmasks)
    }

    fn may_be_root(&self) -> bool {
        let inherited = self.whole.non_root == Some(true);
        self.parts().any(|part| part.non_root == Some(false))
            || self.units.iter().any(|unit| unit.part.non_root.is_none() && !inherited)
    }

    fn is_user_zero(&self) -> bool {
        self.parts().any(|part| part.user == Some(0))
    }

    fn has_bad_seccomp(&self, restricted: Restricted, minor: u8) -> bool {
        if minor < 19 {
            return self.has_bad_seccomp_annotation();
        }
        if restricted && self.is_excused(minor) {
            return false;
        }
        let is_bare = |unit: &Unit<'_>| unit.part.seccomp.is_none();
        let inherited = self.whole.seccomp.is_some();
        self.parts().any(|part| part.seccomp.is_some_and(is_loose))
            || (restricted && !inherited && self.units.iter().any(is_bare))
    }

    fn has_bad_seccomp_annotation(&self) -> bool {
        let of_unit = |unit: &Unit<'_>| ["container.seccomp.security.alpha.kubernetes.io/", unit.name].concat();
        let mut keys: BTreeSet<String> = self.units.iter().map(of_unit).collect();
        keys.insert("seccomp.security.alpha.kubernetes.io/pod".to_owned());
        let is_fine =
            |value: &str| ["runtime/default", "docker/default"].contains(&value) || value.starts_with("localhost/");
        self.annotations.iter().any(|(key, value)| keys.contains(*key) && !is_fine(value))
    }

    fn has_bad_se_linux(&self, minor: u8) -> bool {
        let is_type = |name: &str| match name {
            "" | "container_t" | "container_init_t" | "container_kvm_t" => true,
            "container_engine_t" => minor >= 31,
            _ => false,
        };
        let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let is_bad = |options: &k8s::SELinuxOptions| {
            !is_type(options.type_.as_deref().unwrap_or_default()) || is_set(&options.user) || is_set(&options.role)
        };
        self.parts().any(|part| part.se_linux.is_some_and(is_bad))
    }

    fn has_bad_sysctl(&self, minor: u8) -> bool {
        let set = self.spec.security_context.as_ref().and_then(|context| context.sysctls.as_ref());
        set.into_iter().flatten().any(|sysctl| sysctl_since(&sysctl.name).is_none_or(|since| minor < since))
    }

    fn has_bad_volume(&self) -> bool {
        // Without a source, it is an `emptyDir` by the time that admission looks.
        self.sources.iter().any(|of| !of.is_empty() && !of.iter().any(|source| VOLUMES.contains(&source.as_str())))
    }
}

/// The names of a volume's sources.
fn sources(volume: &k8s::Volume) -> Vec<String> {
    let written = serde_json::to_value(volume).unwrap();
    written.as_object().unwrap().keys().filter(|key| *key != "name").cloned().collect()
}

/// Whether a type of profile loosens what the runtime does by itself.
fn is_loose(kind: &str) -> bool {
    kind != "RuntimeDefault" && kind != "Localhost"
}

/// The capabilities that the baseline level lets containers add.
pub(crate) const ADDABLE: &[&str] = &[
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

const VOLUMES: &[&str] = &[
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// The minor version since which a kernel parameter is safe.
fn sysctl_since(name: &str) -> Option<u8> {
    let net = name.strip_prefix("net.ipv4.");
    Some(match net.unwrap_or(name) {
        "kernel.shm_rmid_forced" if net.is_none() => 0,
        _ if net.is_none() => return None,
        "ip_local_port_range" | "ip_unprivileged_port_start" | "ping_group_range" | "tcp_syncookies" => 0,
        "ip_local_reserved_ports" => 27,
        "tcp_fin_timeout" | "tcp_keepalive_intvl" | "tcp_keepalive_probes" | "tcp_keepalive_time" => 29,
        "tcp_rmem" | "tcp_wmem" => 32,
        "tcp_notsent_lowat" | "tcp_slow_start_after_idle" => 37,
        _ => return None,
    })
}
