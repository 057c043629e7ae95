//! A container as the engine is asked for it.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HealthConfig, HostConfigLogConfig, Mount, MountType, MountVolumeOptions};
use trial::ImageFacts;
use trial::pod::{Container, DEFAULT_CAPABILITIES, Security};

use crate::Choice;
use crate::ways::{self, Ways};

/// Where podman puts memory file systems if the root is read-only, which the kubelet does not.
const PODMAN_TMPFS: [&str; 3] = ["/run", "/tmp", "/var/tmp"];

/// The surroundings of a container.
pub(crate) struct Around<'a> {
    pub(crate) kind: Choice,
    pub(crate) ways: &'a Ways,
    /// The id of the sandbox, whose network and shared memory it joins.
    pub(crate) sandbox: &'a str,
    pub(crate) hostname: &'a str,
    /// Its image, or the copy of it that has files of volumes.
    pub(crate) image: &'a str,
    pub(crate) facts: &'a ImageFacts,
    /// The volumes that it mounts: name, path, whether it can only read.
    pub(crate) mounts: Vec<(String, String, bool)>,
    pub(crate) labels: HashMap<String, String>,
}

/// The request for a container, and what is not as in a cluster.
pub(crate) fn body(container: &Container, around: Around<'_>) -> (ContainerCreateBody, Vec<String>) {
    let security = &container.security;
    let mut notes = Vec::new();
    let mut host = around.ways.host();
    host.network_mode = Some(format!("container:{}", around.sandbox));
    host.ipc_mode = Some(format!("container:{}", around.sandbox));
    host.privileged = Some(false);
    host.readonly_rootfs = Some(security.read_only_root);
    // The kind of log that the API can read back.
    host.log_config = Some(HostConfigLogConfig { typ: Some("json-file".to_owned()), config: None });
    let (add, drop) = capabilities(security, around.kind, is_root(security, around.facts), &mut notes);
    (host.cap_add, host.cap_drop) = (Some(add), Some(drop));
    let mut options = Vec::new();
    if security.no_new_privileges {
        options.push("no-new-privileges:true".to_owned());
    }
    if security.unconfined {
        options.push("seccomp=unconfined".to_owned());
    }
    host.security_opt = (!options.is_empty()).then_some(options);
    let groups: Vec<String> = security.supplemental_groups.iter().map(u32::to_string).collect();
    host.group_add = (!groups.is_empty()).then_some(groups);
    if around.ways.limits {
        ways::limit(&mut host, container.memory, container.millicores);
    }
    host.mounts = Some(mounts(&around));
    if security.read_only_root && around.kind == Choice::Podman {
        host.tmpfs = Some(instead_of_podmans(&around));
    }

    let has_hostname = container.variables().any(|(name, _)| name == "HOSTNAME");
    let hostname = (!has_hostname).then(|| format!("HOSTNAME={}", around.hostname));
    let env = container.variables().map(|(name, value)| format!("{name}={value}"));
    let body = ContainerCreateBody {
        image: Some(around.image.to_owned()),
        // Docker takes the sandbox's, and refuses another.
        hostname: (around.kind == Choice::Podman).then(|| around.hostname.to_owned()),
        user: user(security, around.facts),
        env: Some(hostname.into_iter().chain(env).collect()),
        entrypoint: container.command.clone(),
        cmd: container.args.clone().or_else(|| container.command.as_ref().map(|_| Vec::new())),
        working_dir: container.working_dir.clone(),
        open_stdin: Some(container.stdin),
        tty: Some(container.tty),
        // The kubelet knows no HEALTHCHECK.
        healthcheck: Some(HealthConfig { test: Some(vec!["NONE".to_owned()]), ..HealthConfig::default() }),
        labels: Some(around.labels),
        stop_signal: Some("SIGKILL".to_owned()),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    };
    (body, notes)
}

/// `USER` as the engine is given it; none is the image's.
fn user(security: &Security, facts: &ImageFacts) -> Option<String> {
    let image = facts.user.split(':').next().filter(|user| !user.is_empty()).unwrap_or("0");
    match (security.user, security.group) {
        (None, None) => None,
        (Some(user), None) => Some(user.to_string()),
        (Some(user), Some(group)) => Some(format!("{user}:{group}")),
        (None, Some(group)) => Some(format!("{image}:{group}")),
    }
}

/// Whether it begins as root.
fn is_root(security: &Security, facts: &ImageFacts) -> bool {
    let image = facts.user.split(':').next().unwrap_or_default();
    security.user.map_or(matches!(image, "" | "0" | "root"), |user| user == 0)
}

/// The capabilities to add and to drop, so that the container has what it would have in a cluster.
///
/// Podman hands what is added to a user other than root to its program at once, which a cluster does not do: it stays
/// in the bounding set, for programs that have capabilities of their own. What podman has by default is therefore never
/// added, and dropped by name where it is not wanted.
fn capabilities(security: &Security, kind: Choice, root: bool, notes: &mut Vec<String>) -> (Vec<String>, Vec<String>) {
    let wanted = security.capabilities();
    let drop = DEFAULT_CAPABILITIES.into_iter().filter(|name| !wanted.contains(name)).map(str::to_owned).collect();
    let not_default = |name: &&&str| !DEFAULT_CAPABILITIES.contains(*name);
    let add: Vec<String> = if kind == Choice::Docker {
        wanted.iter().filter(not_default).map(|name| (*name).to_owned()).collect()
    } else if root {
        wanted.iter().map(|name| (*name).to_owned()).collect()
    } else {
        let add: Vec<String> = wanted.iter().filter(not_default).map(|name| (*name).to_owned()).collect();
        for name in &add {
            notes.push(format!(
                "Podman gives {name} to a program that does not run as root; in a cluster only one with file capabilities has it."
            ));
        }
        add
    };
    (add, drop)
}

fn mounts(around: &Around<'_>) -> Vec<Mount> {
    let volume = |(name, path, read_only): &(String, String, bool)| Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name.clone()),
        target: Some(path.clone()),
        read_only: Some(*read_only),
        volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
        ..Mount::default()
    };
    around.mounts.iter().map(volume).collect()
}

/// Memory file systems that nobody can write to, with what the image has there, in place of those that podman gives a
/// container whose root is read-only.
fn instead_of_podmans(around: &Around<'_>) -> HashMap<String, String> {
    let is_free = |path: &&str| {
        let is_there = |other: &String| other.trim_end_matches('/') == *path;
        !around.mounts.iter().any(|(_, other, _)| is_there(other)) && !around.facts.volumes.iter().any(is_there)
    };
    PODMAN_TMPFS.into_iter().filter(is_free).map(|path| (path.to_owned(), "ro".to_owned())).collect()
}

#[cfg(test)]
mod tests;
