//! The part of a pod template that rules look at, borrowed from the request.
//!
//! Field names and meanings are those of Kubernetes' `core/v1`. Every field is an `Option`: `None` is
//! unset (or `null`). Fields that no rule reads are skipped, so their types are not checked here.

use serde_json::value::RawValue;

use crate::json::{Field, Object, Pairs, Slot, Text, json_object, list};

json_object! {
    /// A pod template (`PodTemplateSpec`), or a Pod itself.
    pub struct PodTemplate<'a> {
        /// `metadata`
        metadata: Metadata<'a> = "metadata",
        /// `spec`
        spec: PodSpec<'a> = "spec",
    }
}

json_object! {
    /// `ObjectMeta`
    pub struct Metadata<'a> {
        /// `name`
        name: Text<'a> = "name",
        /// `generateName`
        generate_name: Text<'a> = "generateName",
        /// `namespace`
        namespace: Text<'a> = "namespace",
        /// `annotations`; a `null` value counts as the empty string, as in Kubernetes.
        annotations: Pairs<'a, Option<Text<'a>>> = "annotations",
        /// `deletionTimestamp`
        deletion_timestamp: Text<'a> = "deletionTimestamp",
    }
}

json_object! {
    /// `PodSpec`
    pub struct PodSpec<'a> {
        /// `containers`
        containers: Vec<Container<'a>> = "containers",
        /// `initContainers`, sidecars (`restartPolicy: Always`) included
        init_containers: Vec<Container<'a>> = "initContainers",
        /// `ephemeralContainers`
        ephemeral_containers: Vec<Container<'a>> = "ephemeralContainers",
        /// `securityContext`
        security_context: SecurityContext<'a> = "securityContext",
        /// `os`
        os: PodOs<'a> = "os",
        /// `serviceAccountName`
        service_account_name: Text<'a> = "serviceAccountName",
        /// `serviceAccount`, the deprecated alias of `serviceAccountName`
        service_account: Text<'a> = "serviceAccount",
        /// `automountServiceAccountToken`
        automount_service_account_token: bool = "automountServiceAccountToken",
        /// `hostNetwork`
        host_network: bool = "hostNetwork",
        /// `hostPID`
        host_pid: bool = "hostPID",
        /// `hostIPC`
        host_ipc: bool = "hostIPC",
        /// `hostUsers`
        host_users: bool = "hostUsers",
        /// `volumes`
        volumes: Vec<Volume<'a>> = "volumes",
        /// `resources` of the whole pod
        resources: Resources<'a> = "resources",
    }
}

json_object! {
    /// `PodOS`
    pub struct PodOs<'a> {
        /// `name`: `linux` or `windows`
        name: Text<'a> = "name",
    }
}

json_object! {
    /// `Container` or `EphemeralContainer`
    pub struct Container<'a> {
        /// `name`
        name: Text<'a> = "name",
        /// `image`
        image: Text<'a> = "image",
        /// `securityContext`
        security_context: SecurityContext<'a> = "securityContext",
        /// `resources`
        resources: Resources<'a> = "resources",
        /// `ports`
        ports: Vec<Port<'a>> = "ports",
        /// `volumeMounts`
        volume_mounts: Vec<VolumeMount<'a>> = "volumeMounts",
        /// `volumeDevices`: volumes that it uses as raw block devices
        volume_devices: Vec<VolumeMount<'a>> = "volumeDevices",
        /// `livenessProbe`
        liveness_probe: Handler<'a> = "livenessProbe",
        /// `readinessProbe`
        readiness_probe: Handler<'a> = "readinessProbe",
        /// `startupProbe`
        startup_probe: Handler<'a> = "startupProbe",
        /// `lifecycle`
        lifecycle: Lifecycle<'a> = "lifecycle",
    }
}

json_object! {
    /// `SecurityContext` and `PodSecurityContext` in one: a level simply lacks the other's fields.
    pub struct SecurityContext<'a> {
        /// `privileged` (container)
        privileged: bool = "privileged",
        /// `capabilities` (container)
        capabilities: Capabilities<'a> = "capabilities",
        /// `readOnlyRootFilesystem` (container)
        read_only_root_filesystem: bool = "readOnlyRootFilesystem",
        /// `allowPrivilegeEscalation` (container)
        allow_privilege_escalation: bool = "allowPrivilegeEscalation",
        /// `procMount` (container)
        proc_mount: Text<'a> = "procMount",
        /// `runAsUser`
        run_as_user: i64 = "runAsUser",
        /// `runAsGroup`
        run_as_group: i64 = "runAsGroup",
        /// `runAsNonRoot`
        run_as_non_root: bool = "runAsNonRoot",
        /// `seccompProfile`
        seccomp_profile: Profile<'a> = "seccompProfile",
        /// `appArmorProfile`
        app_armor_profile: Profile<'a> = "appArmorProfile",
        /// `seLinuxOptions`
        se_linux_options: SeLinuxOptions<'a> = "seLinuxOptions",
        /// `windowsOptions`
        windows_options: WindowsOptions<'a> = "windowsOptions",
        /// `fsGroup` (pod)
        fs_group: i64 = "fsGroup",
        /// `supplementalGroups` (pod)
        supplemental_groups: Vec<i64> = "supplementalGroups",
        /// `sysctls` (pod)
        sysctls: Vec<Sysctl<'a>> = "sysctls",
    }
}

json_object! {
    /// `Capabilities`
    pub struct Capabilities<'a> {
        /// `add`
        add: Vec<Text<'a>> = "add",
        /// `drop`
        drop: Vec<Text<'a>> = "drop",
    }
}

json_object! {
    /// `SeccompProfile` or `AppArmorProfile`
    pub struct Profile<'a> {
        /// `type`: `RuntimeDefault`, `Localhost` or `Unconfined`
        kind: Text<'a> = "type",
        /// `localhostProfile`
        localhost_profile: Text<'a> = "localhostProfile",
    }
}

json_object! {
    /// `SELinuxOptions`
    pub struct SeLinuxOptions<'a> {
        /// `user`
        user: Text<'a> = "user",
        /// `role`
        role: Text<'a> = "role",
        /// `type`
        kind: Text<'a> = "type",
        /// `level`
        level: Text<'a> = "level",
    }
}

json_object! {
    /// `WindowsSecurityContextOptions`
    pub struct WindowsOptions<'a> {
        /// `hostProcess`
        host_process: bool = "hostProcess",
    }
}

json_object! {
    /// `Sysctl`
    pub struct Sysctl<'a> {
        /// `name`
        name: Text<'a> = "name",
        /// `value`
        value: Text<'a> = "value",
    }
}

json_object! {
    /// `ResourceRequirements`; quantities as the JSON text they were written as.
    pub struct Resources<'a> {
        /// `requests`
        requests: Pairs<'a, &'a RawValue> = "requests",
        /// `limits`
        limits: Pairs<'a, &'a RawValue> = "limits",
    }
}

json_object! {
    /// `ContainerPort`
    pub struct Port<'a> {
        /// `containerPort`
        container_port: i64 = "containerPort",
        /// `hostPort`
        host_port: i64 = "hostPort",
    }
}

json_object! {
    /// `VolumeMount`, or `VolumeDevice`, which has only the name of these fields
    pub struct VolumeMount<'a> {
        /// `name`
        name: Text<'a> = "name",
        /// `mountPath`
        mount_path: Text<'a> = "mountPath",
        /// `readOnly`
        read_only: bool = "readOnly",
    }
}

json_object! {
    /// `Probe` or `LifecycleHandler`
    pub struct Handler<'a> {
        /// `httpGet`
        http_get: Target<'a> = "httpGet",
        /// `tcpSocket`
        tcp_socket: Target<'a> = "tcpSocket",
    }
}

json_object! {
    /// `HTTPGetAction` or `TCPSocketAction`
    pub struct Target<'a> {
        /// `host`
        host: Text<'a> = "host",
    }
}

json_object! {
    /// `Lifecycle`
    pub struct Lifecycle<'a> {
        /// `postStart`
        post_start: Handler<'a> = "postStart",
        /// `preStop`
        pre_stop: Handler<'a> = "preStop",
    }
}

json_object! {
    /// `HostPathVolumeSource`
    pub struct HostPath<'a> {
        /// `path`
        path: Text<'a> = "path",
    }
}

json_object! {
    /// `ImageVolumeSource`
    pub struct ImageVolume<'a> {
        /// `reference`
        reference: Text<'a> = "reference",
    }
}

/// `Volume`: its name, the names of the sources it sets, and the sources that rules look into.
#[derive(Debug, Clone, Default)]
pub struct Volume<'a> {
    /// `name`
    pub name: Option<Text<'a>>,
    /// `hostPath`
    pub host_path: Option<HostPath<'a>>,
    /// `image`
    pub image: Option<ImageVolume<'a>>,
    /// The other keys with their values, which are objects or nothing.
    others: Vec<(String, Option<&'a RawValue>)>,
}

impl<'a> Object<'a> for Volume<'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match key {
            "name" => Slot::Text(&mut self.name),
            "hostPath" => Slot::Object(&mut self.host_path),
            "image" => Slot::Object(&mut self.image),
            other => {
                self.others.push((other.to_owned(), None));
                let last = self.others.len() - 1;
                Slot::RawObject(&mut self.others[last].1)
            }
        }
    }
}

impl<'a> Field<'a> for Option<Vec<Volume<'a>>> {
    fn slot(&mut self) -> Slot<'_, 'a> {
        Slot::List(self)
    }
}

impl Volume<'_> {
    /// The names of the sources that the volume sets: one, if the API server takes it.
    pub fn sources(&self) -> impl Iterator<Item = &str> {
        let known = [("hostPath", self.host_path.is_some()), ("image", self.image.is_some())];
        let known = known.into_iter().filter(|(_, set)| *set).map(|(name, _)| name);
        known.chain(self.others.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name.as_str()))
    }

    /// The value of a source that has no field of its own here.
    pub fn other(&self, source: &str) -> Option<&RawValue> {
        self.others.iter().find(|(name, _)| name == source).and_then(|(_, value)| *value)
    }
}

impl<'a> PodTemplate<'a> {
    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let value = self.metadata.as_ref()?.annotations.as_ref()?.get(key)?;
        Some(value.as_deref().unwrap_or_default())
    }

    /// All annotations, in the order they stand.
    pub fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.metadata.as_ref().and_then(|m| m.annotations.as_ref()).map(|p| p.0.as_slice());
        pairs.unwrap_or_default().iter().map(|(k, v)| (&**k, v.as_deref().unwrap_or_default()))
    }
}

impl<'a> Container<'a> {
    /// Its uses of volumes: mounts, and raw block devices.
    pub fn mounts(&self) -> impl Iterator<Item = &VolumeMount<'a>> {
        list(&self.volume_mounts).iter().chain(list(&self.volume_devices))
    }
}

impl<'a> PodSpec<'a> {
    /// `volumes`, none if unset.
    pub fn volumes(&self) -> &[Volume<'a>] {
        list(&self.volumes)
    }

    /// The service account the pod runs as; `default` when unset, as the API server fills it.
    pub fn service_account(&self) -> &str {
        let name = self.service_account_name.as_deref().filter(|n| !n.is_empty());
        name.or(self.service_account.as_deref().filter(|n| !n.is_empty())).unwrap_or("default")
    }
}
