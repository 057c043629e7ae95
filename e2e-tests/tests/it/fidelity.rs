//! The lean reader of the core crate reads what Kubernetes' own types write: the same value in every field.

use std::collections::BTreeMap;
use std::fmt::Debug;

use hardening::json::{self, Pairs, Text};
use hardening::pod;
use k8s_openapi::api::core::v1 as k8s;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use proptest::prelude::*;
use serde_json::value::RawValue;

use crate::generate;

/// A type of the core crate that is read from what Kubernetes' type `K` writes.
trait Reads<K> {
    /// Fails where a field differs.
    fn check(&self, kubernetes: &K);
}

impl Reads<String> for Text<'_> {
    fn check(&self, kubernetes: &String) {
        assert_eq!(&**self, kubernetes);
    }
}

macro_rules! same {
    ($($plain:ty => $kubernetes:ty),*) => {
        $(impl Reads<$kubernetes> for $plain {
            fn check(&self, kubernetes: &$kubernetes) {
                assert_eq!(*self, <$plain>::from(*kubernetes));
            }
        })*
    };
}
same!(bool => bool, i64 => i64, i64 => i32);

impl<K, L: Reads<K>> Reads<Vec<K>> for Vec<L> {
    fn check(&self, kubernetes: &Vec<K>) {
        assert_eq!(self.len(), kubernetes.len());
        self.iter().zip(kubernetes).for_each(|(lean, kubernetes)| lean.check(kubernetes));
    }
}

impl<K: Debug, L: Reads<K> + Debug> Reads<Option<K>> for Option<L> {
    fn check(&self, kubernetes: &Option<K>) {
        match (self, kubernetes) {
            (Some(lean), Some(kubernetes)) => lean.check(kubernetes),
            (None, None) => {}
            (lean, kubernetes) => panic!("read {lean:?}, written {kubernetes:?}"),
        }
    }
}

impl Reads<BTreeMap<String, String>> for Pairs<'_, Option<Text<'_>>> {
    fn check(&self, kubernetes: &BTreeMap<String, String>) {
        let read: Vec<(&str, &str)> = self.0.iter().map(|(key, value)| (&**key, value.as_deref().unwrap())).collect();
        assert_eq!(read, kubernetes.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect::<Vec<_>>());
    }
}

impl Reads<BTreeMap<String, Quantity>> for Pairs<'_, &RawValue> {
    fn check(&self, kubernetes: &BTreeMap<String, Quantity>) {
        let read: Vec<(&str, String)> =
            self.0.iter().map(|(k, v)| (&**k, json::text(v).unwrap().to_string())).collect();
        assert_eq!(read, kubernetes.iter().map(|(k, v)| (k.as_str(), v.0.clone())).collect::<Vec<_>>());
    }
}

/// The fields that a type of the core crate has in common with Kubernetes' type. `!` marks those that
/// Kubernetes always writes.
macro_rules! json_object {
    ($($lean:ident <= $kubernetes:ty { $($field:ident $(= $theirs:ident)? $(! $required:ident)?),* $(,)? })*) => {
        $(impl Reads<$kubernetes> for pod::$lean<'_> {
            fn check(&self, kubernetes: &$kubernetes) {
                $(json_object!(@field self, kubernetes, $field, [$($theirs)?], [$($required)?]);)*
            }
        })*
    };
    (@field $lean:ident, $kubernetes:ident, $field:ident, [], []) => { $lean.$field.check(&$kubernetes.$field) };
    (@field $lean:ident, $kubernetes:ident, $field:ident, [$theirs:ident], []) => {
        $lean.$field.check(&$kubernetes.$theirs)
    };
    (@field $lean:ident, $kubernetes:ident, $field:ident, [], [required]) => {
        $lean.$field.as_ref().unwrap().check(&$kubernetes.$field)
    };
    (@field $lean:ident, $kubernetes:ident, $field:ident, [$theirs:ident], [required]) => {
        $lean.$field.as_ref().unwrap().check(&$kubernetes.$theirs)
    };
}

json_object! {
    Profile <= k8s::SeccompProfile { kind = type_ !required, localhost_profile }
    Profile <= k8s::AppArmorProfile { kind = type_ !required, localhost_profile }
    SeLinuxOptions <= k8s::SELinuxOptions { user, role, kind = type_, level }
    WindowsOptions <= k8s::WindowsSecurityContextOptions { host_process }
    Capabilities <= k8s::Capabilities { add, drop }
    Sysctl <= k8s::Sysctl { name !required, value !required }
    SecurityContext <= k8s::SecurityContext {
        privileged, capabilities, read_only_root_filesystem, allow_privilege_escalation, proc_mount, run_as_user,
        run_as_group, run_as_non_root, seccomp_profile, app_armor_profile, se_linux_options, windows_options,
    }
    SecurityContext <= k8s::PodSecurityContext {
        run_as_user, run_as_group, run_as_non_root, seccomp_profile, app_armor_profile, se_linux_options,
        windows_options, fs_group, supplemental_groups, sysctls,
    }
    Resources <= k8s::ResourceRequirements { requests, limits }
    Target <= k8s::HTTPGetAction { host }
    Target <= k8s::TCPSocketAction { host }
    Handler <= k8s::Probe { http_get, tcp_socket }
    Handler <= k8s::LifecycleHandler { http_get, tcp_socket }
    Lifecycle <= k8s::Lifecycle { post_start, pre_stop }
    Port <= k8s::ContainerPort { host_port }
    VolumeMount <= k8s::VolumeMount { name !required, mount_path !required, read_only }
    VolumeMount <= k8s::VolumeDevice { name !required }
    Container <= k8s::Container {
        name !required, image, security_context, resources, ports, volume_mounts, volume_devices, liveness_probe,
        readiness_probe, startup_probe, lifecycle,
    }
    Container <= k8s::EphemeralContainer {
        name !required, image, security_context, resources, ports, volume_mounts, volume_devices, liveness_probe,
        readiness_probe, startup_probe, lifecycle,
    }
    HostPath <= k8s::HostPathVolumeSource { path !required }
    ImageVolume <= k8s::ImageVolumeSource { reference }
    PodOs <= k8s::PodOS { name !required }
    PodSpec <= k8s::PodSpec {
        containers !required, init_containers, ephemeral_containers, security_context, os, service_account_name,
        service_account, automount_service_account_token, host_network, host_pid, host_ipc, host_users, volumes,
        resources,
    }
    PodTemplate <= k8s::Pod { metadata !required, spec }
    Metadata <= k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta { namespace, annotations }
}

impl Reads<k8s::Volume> for pod::Volume<'_> {
    fn check(&self, kubernetes: &k8s::Volume) {
        self.name.as_ref().unwrap().check(&kubernetes.name);
        self.host_path.check(&kubernetes.host_path);
        self.image.check(&kubernetes.image);
        let mut sources: Vec<&str> = self.sources().collect();
        sources.sort_unstable();
        let written = [
            ("configMap", kubernetes.config_map.is_some()),
            ("csi", kubernetes.csi.is_some()),
            ("emptyDir", kubernetes.empty_dir.is_some()),
            ("hostPath", kubernetes.host_path.is_some()),
            ("image", kubernetes.image.is_some()),
            ("nfs", kubernetes.nfs.is_some()),
            ("projected", kubernetes.projected.is_some()),
            ("secret", kubernetes.secret.is_some()),
        ];
        let written: Vec<&str> = written.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect();
        assert_eq!(sources, written);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_kubernetes_writes_is_read_as_the_same(pod in generate::pod()) {
        let text = serde_json::to_string(&pod).unwrap();
        let read: pod::PodTemplate<'_> = json::read_object(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        read.check(&pod);
    }

    /// Layout means nothing.
    #[test]
    fn spread_over_lines_it_is_read_as_the_same(pod in generate::pod()) {
        let text = serde_json::to_string_pretty(&pod).unwrap();
        let read: pod::PodTemplate<'_> = json::read_object(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        read.check(&pod);
    }
}
