//! Pods as Kubernetes' own types, with any value in every field that rules read.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as k8s;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;
use proptest::{bool, collection, option};

/// Perhaps a value. Boxed: by value, the trees of a pod's hundreds of fields fill a thread's stack.
fn of<S: Strategy + 'static>(strategy: S) -> BoxedStrategy<Option<S::Value>> {
    option::of(strategy).boxed()
}

/// Any text, with what JSON escapes.
fn text() -> BoxedStrategy<String> {
    prop_oneof!["[a-z0-9./:@-]{0,12}", any::<String>(), Just("\"\\\u{0}\u{7f}\u{2028}é😀".to_owned())].boxed()
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    collection::vec(text(), 0..3)
}

fn flag() -> impl Strategy<Value = Option<bool>> {
    of(bool::ANY)
}

fn id() -> impl Strategy<Value = Option<i64>> {
    of(prop_oneof![Just(0), Just(1000), any::<i64>()])
}

fn port() -> impl Strategy<Value = IntOrString> {
    prop_oneof![any::<i32>().prop_map(IntOrString::Int), text().prop_map(IntOrString::String)]
}

prop_compose! {
    fn seccomp()(type_ in text(), localhost_profile in of(text())) -> k8s::SeccompProfile {
        k8s::SeccompProfile { type_, localhost_profile }
    }
}

prop_compose! {
    fn app_armor()(type_ in text(), localhost_profile in of(text())) -> k8s::AppArmorProfile {
        k8s::AppArmorProfile { type_, localhost_profile }
    }
}

prop_compose! {
    fn se_linux()(user in of(text()), role in of(text()), type_ in of(text()), level in of(text())) -> k8s::SELinuxOptions {
        k8s::SELinuxOptions { user, role, type_, level }
    }
}

prop_compose! {
    fn windows()(host_process in flag(), run_as_user_name in of(text())) -> k8s::WindowsSecurityContextOptions {
        k8s::WindowsSecurityContextOptions { host_process, run_as_user_name, ..Default::default() }
    }
}

prop_compose! {
    fn capabilities()(add in of(texts()), drop in of(texts())) -> k8s::Capabilities {
        k8s::Capabilities { add, drop }
    }
}

prop_compose! {
    fn security_context()(
        (privileged, allow_privilege_escalation, read_only_root_filesystem, run_as_non_root) in (flag(), flag(), flag(), flag()),
        (run_as_user, run_as_group, proc_mount, capabilities) in (id(), id(), of(text()), of(capabilities())),
        (seccomp_profile, app_armor_profile, se_linux_options, windows_options) in
            (of(seccomp()), of(app_armor()), of(se_linux()), of(windows())),
    ) -> k8s::SecurityContext {
        k8s::SecurityContext {
            privileged, allow_privilege_escalation, read_only_root_filesystem, run_as_non_root, run_as_user,
            run_as_group, proc_mount, capabilities, seccomp_profile, app_armor_profile, se_linux_options, windows_options,
        }
    }
}

prop_compose! {
    fn pod_security_context()(
        (run_as_user, run_as_group, run_as_non_root, fs_group) in (id(), id(), flag(), id()),
        supplemental_groups in of(collection::vec(any::<i64>(), 0..3)),
        sysctls in of(collection::vec((text(), text()).prop_map(|(name, value)| k8s::Sysctl { name, value }), 0..3)),
        (seccomp_profile, app_armor_profile, se_linux_options, windows_options) in
            (of(seccomp()), of(app_armor()), of(se_linux()), of(windows())),
        fs_group_change_policy in of(text()),
    ) -> k8s::PodSecurityContext {
        k8s::PodSecurityContext {
            run_as_user, run_as_group, run_as_non_root, fs_group, supplemental_groups, sysctls, seccomp_profile,
            app_armor_profile, se_linux_options, windows_options, fs_group_change_policy, ..Default::default()
        }
    }
}

fn quantities() -> impl Strategy<Value = Option<BTreeMap<String, Quantity>>> {
    of(collection::btree_map(text(), text().prop_map(Quantity), 0..3))
}

prop_compose! {
    fn resources()(requests in quantities(), limits in quantities()) -> k8s::ResourceRequirements {
        k8s::ResourceRequirements { requests, limits, claims: None }
    }
}

prop_compose! {
    fn http()(host in of(text()), path in of(text()), port in port()) -> k8s::HTTPGetAction {
        k8s::HTTPGetAction { host, path, port, ..Default::default() }
    }
}

prop_compose! {
    fn tcp()(host in of(text()), port in port()) -> k8s::TCPSocketAction {
        k8s::TCPSocketAction { host, port }
    }
}

prop_compose! {
    fn probe()(http_get in of(http()), tcp_socket in of(tcp()), period_seconds in of(any::<i32>())) -> k8s::Probe {
        k8s::Probe { http_get, tcp_socket, period_seconds, ..Default::default() }
    }
}

prop_compose! {
    fn handler()(http_get in of(http()), tcp_socket in of(tcp())) -> k8s::LifecycleHandler {
        k8s::LifecycleHandler { http_get, tcp_socket, ..Default::default() }
    }
}

prop_compose! {
    fn lifecycle()(post_start in of(handler()), pre_stop in of(handler())) -> k8s::Lifecycle {
        k8s::Lifecycle { post_start, pre_stop, stop_signal: None }
    }
}

prop_compose! {
    fn container_port()(container_port in any::<i32>(), host_port in of(any::<i32>()), host_ip in of(text())) -> k8s::ContainerPort {
        k8s::ContainerPort { container_port, host_port, host_ip, ..Default::default() }
    }
}

prop_compose! {
    fn mount()(name in text(), mount_path in text(), read_only in flag(), sub_path in of(text())) -> k8s::VolumeMount {
        k8s::VolumeMount { name, mount_path, read_only, sub_path, ..Default::default() }
    }
}

prop_compose! {
    fn device()(name in text(), device_path in text()) -> k8s::VolumeDevice {
        k8s::VolumeDevice { name, device_path }
    }
}

prop_compose! {
    fn container()(
        (name, image, args, security_context, resources) in
            (text(), of(text()), of(texts()), of(security_context()), of(resources())),
        (ports, volume_mounts, volume_devices) in (
            of(collection::vec(container_port(), 0..3)),
            of(collection::vec(mount(), 0..3)),
            of(collection::vec(device(), 0..2)),
        ),
        (liveness_probe, readiness_probe, startup_probe, lifecycle) in
            (of(probe()), of(probe()), of(probe()), of(lifecycle())),
        (restart_policy, tty) in (of(text()), flag()),
    ) -> k8s::Container {
        k8s::Container {
            name, image, args, security_context, resources, ports, volume_mounts, volume_devices, liveness_probe,
            readiness_probe, startup_probe, lifecycle, restart_policy, tty, ..Default::default()
        }
    }
}

/// The same fields in the type that debug containers have.
fn ephemeral(container: k8s::Container) -> k8s::EphemeralContainer {
    let k8s::Container {
        name,
        image,
        args,
        security_context,
        resources,
        ports,
        volume_mounts,
        volume_devices,
        liveness_probe,
        readiness_probe,
        startup_probe,
        lifecycle,
        restart_policy,
        tty,
        ..
    } = container;
    k8s::EphemeralContainer {
        name,
        image,
        args,
        security_context,
        resources,
        ports,
        volume_mounts,
        volume_devices,
        liveness_probe,
        readiness_probe,
        startup_probe,
        lifecycle,
        restart_policy,
        tty,
        ..Default::default()
    }
}

prop_compose! {
    fn volume()(
        name in text(),
        (host_path, image) in (of((text(), of(text()))), of(of(text()))),
        (empty_dir, config_map, secret, nfs, csi, projected) in (flag(), flag(), flag(), flag(), flag(), flag()),
    ) -> k8s::Volume {
        let set = |given: Option<bool>| given == Some(true);
        k8s::Volume {
            name,
            host_path: host_path.map(|(path, type_)| k8s::HostPathVolumeSource { path, type_ }),
            image: image.map(|reference| k8s::ImageVolumeSource { reference, pull_policy: None }),
            empty_dir: set(empty_dir).then(Default::default),
            config_map: set(config_map).then(Default::default),
            secret: set(secret).then(Default::default),
            nfs: set(nfs).then(Default::default),
            csi: set(csi).then(Default::default),
            projected: set(projected).then(Default::default),
            ..Default::default()
        }
    }
}

prop_compose! {
    fn spec()(
        containers in collection::vec(container(), 0..3),
        init_containers in of(collection::vec(container(), 0..2)),
        ephemeral_containers in of(collection::vec(container().prop_map(ephemeral), 0..2)),
        (security_context, os, volumes, resources) in
            (of(pod_security_context()), of(text()), of(collection::vec(volume(), 0..3)), of(resources())),
        (service_account_name, service_account, automount_service_account_token) in (of(text()), of(text()), flag()),
        (host_network, host_pid, host_ipc, host_users) in (flag(), flag(), flag(), flag()),
        (node_name, priority) in (of(text()), of(any::<i32>())),
    ) -> k8s::PodSpec {
        k8s::PodSpec {
            containers, init_containers, ephemeral_containers, security_context, volumes, resources,
            os: os.map(|name| k8s::PodOS { name }),
            service_account_name, service_account, automount_service_account_token,
            host_network, host_pid, host_ipc, host_users, node_name, priority, ..Default::default()
        }
    }
}

prop_compose! {
    /// A pod.
    pub(crate) fn pod()(
        namespace in of(text()),
        annotations in of(collection::btree_map(text(), text(), 0..4)),
        name in of(text()),
        spec in of(spec()),
    ) -> k8s::Pod {
        k8s::Pod { metadata: ObjectMeta { name, namespace, annotations, ..Default::default() }, spec, status: None }
    }
}
