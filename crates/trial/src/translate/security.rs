//! The security context of a container, and what of it is never passed on.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Refusal, TranslateError};
use super::given::Given;
use super::template::{Capabilities, Container};
use crate::image::ImageFacts;
use crate::pod::{DEFAULT_CAPABILITIES, Security};

/// Capabilities that are passed on beside the default ones. The others reach beyond the container: they change the
/// machine's network, clock or kernel, or see its files.
const HARMLESS: [&str; 8] =
    ["IPC_LOCK", "IPC_OWNER", "LEASE", "NET_BROADCAST", "SYS_NICE", "SYS_PTRACE", "SYS_RESOURCE", "SYS_TTY_CONFIG"];

/// The beginning of the sysctls that the kernel keeps apart for each network.
const OF_THE_NETWORK: &str = "net.ipv4.";

/// The effective security context of a container.
pub(super) fn security(given: &Given<'_>, at: &str, container: &Container) -> Result<Security, TranslateError> {
    let (pod, own) = (&given.template.spec.security_context, &container.security_context);
    note_what_is_left_out(given, container);
    let no_new_privileges = own.allow_privilege_escalation == Some(false);
    let refuse = |why| Err(given.value(&format!("{at}.securityContext.allowPrivilegeEscalation"), why));
    if no_new_privileges && own.privileged {
        return refuse("cannot be false beside privileged: true; drop one of them");
    }
    if no_new_privileges && own.capabilities.add.iter().any(|name| name == "CAP_SYS_ADMIN") {
        return refuse("cannot be false beside the capability CAP_SYS_ADMIN; drop one of them");
    }
    let image = given.images.get(&container.image);
    let non_root = own.run_as_non_root.or(pod.run_as_non_root).unwrap_or(false);
    let user = own.run_as_user.or(pod.run_as_user);
    let seccomp = own.seccomp_profile.as_ref().or(pod.seccomp_profile.as_ref());
    if seccomp.is_some_and(|profile| profile.kind == "Localhost") {
        let why = "the seccomp profile is a file of the nodes; the engine's own is used";
        given.note(format!("Container {}: {why}.", container.name));
    }
    if non_root {
        verify_non_root(user, image).map_err(|refusal| given.refused(&container.name, refusal))?;
    }
    let mut supplemental_groups = pod.supplemental_groups.clone();
    supplemental_groups.extend(pod.fs_group.filter(|group| !pod.supplemental_groups.contains(group)));
    let (add, drop) = capabilities(given, container);
    Ok(Security {
        user: user.or_else(|| match image_user(image?) {
            ImageUser::Number(user) => Some(user),
            ImageUser::Name(_) => None,
        }),
        group: own.run_as_group.or(pod.run_as_group),
        supplemental_groups,
        non_root,
        read_only_root: own.read_only_root_filesystem,
        no_new_privileges,
        unconfined: seccomp.is_some_and(|profile| profile.kind == "Unconfined"),
        add,
        drop,
    })
}

/// The user of an image.
enum ImageUser<'i> {
    Number(u32),
    Name(&'i str),
}

/// The user of an image as the kubelet learns it: no user is root, and a group behind the user is not looked at.
fn image_user(image: &ImageFacts) -> ImageUser<'_> {
    let user = image.user.split(':').next().unwrap_or_default();
    match user.parse() {
        Ok(number) => ImageUser::Number(number),
        Err(_) if user.is_empty() => ImageUser::Number(0),
        Err(_) => ImageUser::Name(user),
    }
}

/// Whether a container with `runAsNonRoot: true` may start. Of an image that nobody knows, nothing is said.
fn verify_non_root(user: Option<u32>, image: Option<&ImageFacts>) -> Result<(), Refusal> {
    match (user, image.map(image_user)) {
        (Some(0), _) => Err(Refusal::RunsAsRoot),
        (Some(_), _) | (None, None) => Ok(()),
        (None, Some(ImageUser::Number(0))) => Err(Refusal::ImageRunsAsRoot),
        (None, Some(ImageUser::Number(_))) => Ok(()),
        (None, Some(ImageUser::Name(name))) => Err(Refusal::ImageUserIsAName(name.to_owned())),
    }
}

/// The capabilities that are added and those that are dropped, in the names of the kernel without `CAP_`. Containerd
/// puts `CAP_` before each name, so that one that has it already names nothing.
fn capabilities(given: &Given<'_>, container: &Container) -> (BTreeSet<String>, BTreeSet<String>) {
    let Capabilities { add, drop } = &container.security_context.capabilities;
    let granted = || DEFAULT_CAPABILITIES.iter().chain(&HARMLESS).copied();
    let mut added = BTreeSet::new();
    let name = &container.name;
    for capability in add.iter().map(|capability| capability.to_uppercase()) {
        if let Some(bare) = capability.strip_prefix("CAP_") {
            given.note(format!("Container {name}: a cluster ignores the capability {capability}; write {bare}."));
        } else if capability == "ALL" {
            added.extend(granted().map(str::to_owned));
            given.note(format!(
                "Container {name}: of ALL capabilities, those that reach beyond the container are not passed on."
            ));
        } else if granted().any(|harmless| harmless == capability) {
            added.insert(capability);
        } else {
            given.note(format!(
                "Container {name}: the capability {capability} reaches beyond the container and is not passed on."
            ));
        }
    }
    let dropped = drop.iter().map(|capability| capability.to_uppercase());
    (added, dropped.filter(|capability| !capability.starts_with("CAP_")).collect())
}

/// The sysctls of the pod that are passed on.
pub(super) fn sysctls(given: &Given<'_>) -> BTreeMap<String, String> {
    let mut passed = BTreeMap::new();
    for sysctl in &given.template.spec.security_context.sysctls {
        let name = sysctl.name.replace('/', ".");
        if name.starts_with(OF_THE_NETWORK) {
            passed.insert(name, sysctl.value.clone());
        } else {
            given.note(format!("The sysctl {name} is not passed on."));
        }
    }
    passed
}

fn note_what_is_left_out(given: &Given<'_>, container: &Container) {
    let (pod, own, name) = (&given.template.spec.security_context, &container.security_context, &container.name);
    if own.privileged {
        given.note(format!("Container {name}: privileged is never passed on; it runs like any other container."));
    }
    if !matches!(own.proc_mount.as_str(), "" | "Default") {
        given.note(format!("Container {name}: procMount {} is not passed on.", own.proc_mount));
    }
    if own.se_linux_options.is_some() || pod.se_linux_options.is_some() {
        given.note(format!("Container {name}: seLinuxOptions are not passed on."));
    }
    let app_armor = own.app_armor_profile.as_ref().or(pod.app_armor_profile.as_ref());
    if app_armor.is_some_and(|profile| profile.kind != "RuntimeDefault") {
        given.note(format!("Container {name}: the AppArmor profile is not passed on; the engine's own is used."));
    }
    for port in container.ports.iter().filter(|port| port.host_port != 0) {
        given.note(format!("Container {name}: hostPort {} is not opened.", port.host_port));
    }
    for device in &container.volume_devices {
        given.note(format!("Container {name}: the block device {} is not there.", device.name));
    }
}

/// Says what of the pod is never passed on.
pub(super) fn note_what_the_pod_leaves_out(given: &Given<'_>) {
    let spec = &given.template.spec;
    for (is_set, field, why) in [
        (spec.host_network, "hostNetwork", "the pod has a network of its own"),
        (spec.host_pid, "hostPID", "each container sees its own processes"),
        (spec.host_ipc, "hostIPC", "the pod's memory is its own"),
        (spec.share_process_namespace, "shareProcessNamespace", "each container sees its own processes"),
        (!spec.runtime_class_name.is_empty(), "runtimeClassName", "the engine's own runtime is used"),
    ] {
        if is_set {
            given.note(format!("{field} is not passed on: {why}."));
        }
    }
}
