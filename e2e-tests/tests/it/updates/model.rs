//! The effective value of a container: its own value, else the pod's, else none.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{
    Capabilities, ContainerPort, PodSecurityContext, Probe, ResourceRequirements, SecurityContext, Volume, VolumeMount,
};

use super::generate::Pod;

/// A list of containers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// `containers`
    Regular,
    /// `initContainers`
    Init,
    /// `ephemeralContainers`
    Ephemeral,
}

/// A container in its pod.
pub(crate) struct Member<'p> {
    /// The list it stands in.
    pub(crate) kind: Kind,
    pod: &'p Pod,
    name: &'p str,
    image: Option<&'p str>,
    context: Option<&'p SecurityContext>,
    mounts: &'p [VolumeMount],
    ports: &'p [ContainerPort],
    probe: Option<&'p Probe>,
    resources: Option<&'p ResourceRequirements>,
}

/// The containers of a pod.
pub(crate) fn members(pod: &Pod) -> Vec<Member<'_>> {
    let regular = pod.spec.containers.iter().map(|container| (Kind::Regular, container));
    let init = pod.spec.init_containers.iter().flatten().map(|container| (Kind::Init, container));
    let started = regular.chain(init).map(|(kind, container)| Member {
        kind,
        pod,
        name: &container.name,
        image: container.image.as_deref(),
        context: container.security_context.as_ref(),
        mounts: container.volume_mounts.as_deref().unwrap_or_default(),
        ports: container.ports.as_deref().unwrap_or_default(),
        probe: container.liveness_probe.as_ref(),
        resources: container.resources.as_ref(),
    });
    let debuggers = pod.spec.ephemeral_containers.iter().flatten().map(|container| Member {
        kind: Kind::Ephemeral,
        pod,
        name: &container.name,
        image: container.image.as_deref(),
        context: container.security_context.as_ref(),
        mounts: container.volume_mounts.as_deref().unwrap_or_default(),
        ports: &[],
        probe: None,
        resources: None,
    });
    started.chain(debuggers).collect()
}

/// Descriptions of what is bad about a container's effective values.
pub(crate) type Bad = BTreeSet<String>;

impl<'p> Member<'p> {
    /// Its name.
    pub(crate) fn name(&self) -> &'p str {
        self.name
    }

    /// Its image.
    pub(crate) fn image(&self) -> &'p str {
        self.image.unwrap_or_default()
    }

    fn own<T>(&self, field: impl Fn(&'p SecurityContext) -> Option<T>) -> Option<T> {
        self.context.and_then(field)
    }

    fn effective<T>(
        &self,
        own: impl Fn(&'p SecurityContext) -> Option<T>,
        of_pod: impl Fn(&'p PodSecurityContext) -> Option<T>,
    ) -> Option<T> {
        self.own(own).or_else(|| self.pod.spec.security_context.as_ref().and_then(of_pod))
    }

    pub(crate) fn privileged(&self) -> Option<bool> {
        self.own(|context| context.privileged)
    }

    pub(crate) fn escalates(&self) -> Bad {
        self.own(|context| context.allow_privilege_escalation)
            .filter(|may| !may)
            .map_or(bad("may escalate"), |_| none())
    }

    pub(crate) fn root_is_writable(&self) -> Bad {
        self.own(|context| context.read_only_root_filesystem)
            .filter(|is| *is)
            .map_or(bad("writes its root"), |_| none())
    }

    pub(crate) fn unmasks_proc(&self) -> Bad {
        self.own(|context| context.proc_mount.as_deref()).filter(|kind| *kind == "Unmasked").map_or(none(), bad)
    }

    pub(crate) fn capabilities(&self) -> Bad {
        let Capabilities { add, drop } = self.own(|context| context.capabilities.clone()).unwrap_or_default();
        let (add, drop) = (add.unwrap_or_default(), drop.unwrap_or_default());
        let kept = if drop.iter().any(|name| name == "ALL") { none() } else { bad(&format!("drops only {drop:?}")) };
        add.into_iter().map(|name| format!("adds {name}")).chain(kept).collect()
    }

    pub(crate) fn user(&self) -> Option<i64> {
        self.effective(|own| own.run_as_user, |pod| pod.run_as_user)
    }

    pub(crate) fn group(&self) -> Option<i64> {
        self.effective(|own| own.run_as_group, |pod| pod.run_as_group)
    }

    pub(crate) fn non_root(&self) -> Option<bool> {
        self.effective(|own| own.run_as_non_root, |pod| pod.run_as_non_root)
    }

    pub(crate) fn seccomp(&self) -> Bad {
        let profile = self.effective(|own| own.seccomp_profile.as_ref(), |pod| pod.seccomp_profile.as_ref());
        match profile.map(|profile| profile.type_.as_str()) {
            None => bad("no seccomp profile"),
            Some("Unconfined") => bad("seccomp unconfined"),
            Some(_) => none(),
        }
    }

    /// The container's field counts, then its annotation, then the pod's field.
    pub(crate) fn apparmor(&self) -> Bad {
        let key = ["container.apparmor.security.beta.kubernetes.io/", self.name].concat();
        let annotation = self.pod.annotations.get(&key).map(|said| said == "unconfined");
        let own = self.own(|own| own.app_armor_profile.as_ref());
        let of_pod = self.pod.spec.security_context.as_ref().and_then(|pod| pod.app_armor_profile.as_ref());
        let own = own.map(|profile| profile.type_ == "Unconfined");
        let of_pod = of_pod.map(|profile| profile.type_ == "Unconfined");
        if own.or(annotation).or(of_pod) == Some(true) { bad("AppArmor unconfined") } else { none() }
    }

    /// The options of a container replace those of the pod as a whole.
    pub(crate) fn selinux(&self) -> Bad {
        let options = self.effective(|own| own.se_linux_options.as_ref(), |pod| pod.se_linux_options.as_ref());
        let Some(options) = options else { return none() };
        let user = options.user.iter().map(|user| format!("SELinux user {user}"));
        let kind = options.type_.iter().filter(|kind| *kind == "spc_t").map(|kind| format!("SELinux type {kind}"));
        user.chain(kind).collect()
    }

    pub(crate) fn is_host_process(&self) -> Bad {
        let options = self.effective(
            |own| own.windows_options.as_ref()?.host_process,
            |pod| pod.windows_options.as_ref()?.host_process,
        );
        options.filter(|is| *is).map_or(none(), |_| bad("a process of the node"))
    }

    pub(crate) fn host_namespaces(&self) -> Bad {
        let spec = &self.pod.spec;
        let flags = [("network", spec.host_network), ("PID", spec.host_pid), ("IPC", spec.host_ipc)];
        flags
            .into_iter()
            .filter(|(_, flag)| *flag == Some(true))
            .map(|(name, _)| format!("the node's {name}"))
            .collect()
    }

    pub(crate) fn token(&self) -> Bad {
        let name = self.pod.spec.service_account_name.as_deref().unwrap_or("default");
        let refused = self.pod.spec.automount_service_account_token == Some(false);
        if refused { none() } else { bad(&format!("the token of {name}")) }
    }

    pub(crate) fn sysctls(&self) -> Bad {
        let sysctls = self.pod.spec.security_context.iter().flat_map(|pod| pod.sysctls.iter().flatten());
        let is_safe = |name: &str| name == "kernel.shm_rmid_forced";
        sysctls.filter(|it| !is_safe(&it.name)).map(|it| format!("{} = {}", it.name, it.value)).collect()
    }

    pub(crate) fn host_ports(&self) -> Bad {
        self.ports.iter().filter_map(|port| port.host_port).map(|port| format!("the node's port {port}")).collect()
    }

    pub(crate) fn host_probes(&self) -> Bad {
        let http = self.probe.and_then(|probe| probe.http_get.as_ref()?.host.as_ref());
        let tcp = self.probe.and_then(|probe| probe.tcp_socket.as_ref()?.host.as_ref());
        http.into_iter().chain(tcp).map(|host| format!("probes {host}")).collect()
    }

    /// Limits that are missing or above `max`; debuggers cannot have any.
    pub(crate) fn limits(&self, max: &str) -> Bad {
        if self.kind == Kind::Ephemeral {
            return none();
        }
        let limits = self.resources.and_then(|resources| resources.limits.as_ref());
        let limit = |name: &str| limits.and_then(|limits| limits.get(name)).map(|amount| amount.0.as_str());
        let above = |name: &&str| limit(name).is_none_or(|limit| !max.is_empty() && limit > max);
        ["cpu", "memory"]
            .iter()
            .filter(|name| above(name))
            .map(|name| format!("{name} limit {:?}", limit(name)))
            .collect()
    }

    /// The images that it runs or mounts and that have no version.
    pub(crate) fn latest_images(&self) -> Bad {
        let volumes = self.volumes().filter_map(|(volume, _)| volume.image.as_ref()?.reference.as_deref());
        let images = self.image.into_iter().chain(volumes);
        images.filter(|image| image.ends_with(":latest")).map(|image| format!("image {image}")).collect()
    }

    /// Servers that it mounts files of.
    pub(crate) fn nfs(&self) -> Bad {
        let volumes = self.volumes().filter_map(|(volume, _)| volume.nfs.as_ref());
        volumes.map(|nfs| format!("files of {}", nfs.server)).collect()
    }

    /// Paths of the node that it sees, and those that it can write.
    pub(crate) fn host_paths(&self, is_allowed: impl Fn(&str) -> bool) -> Bad {
        let paths =
            self.volumes().filter_map(|(volume, writes)| Some((volume.host_path.as_ref()?.path.as_str(), writes)));
        let words = paths.flat_map(|(path, writes)| {
            let reads = (!is_allowed(path)).then(|| format!("reads the node's {path}"));
            reads.into_iter().chain(writes.then(|| format!("writes the node's {path}")))
        });
        words.collect()
    }

    /// The volumes that it mounts, and whether it may write them.
    fn volumes(&self) -> impl Iterator<Item = (&'p Volume, bool)> {
        let volumes = self.pod.spec.volumes.as_deref().unwrap_or_default();
        self.mounts.iter().filter_map(move |mount| {
            let volume = volumes.iter().find(|volume| volume.name == mount.name)?;
            Some((volume, mount.read_only != Some(true)))
        })
    }
}

pub(crate) fn bad(word: &str) -> Bad {
    Bad::from([word.to_owned()])
}

pub(crate) fn none() -> Bad {
    Bad::new()
}
