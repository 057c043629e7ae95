//! Rule `host-path-volumes`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::index::Index;
use crate::json::{self, list};
use crate::settings::{Names, SettingsError, check_each};
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// Pods mount no directories of the node but the allowed ones, and those read-only where that is asked.
    ///
    /// A host path is a hole in the wall between container and node: `/etc` and `/root` hand over the node,
    /// the runtime's socket hands over every container, `/var/lib/kubelet` the secrets of all pods on it.
    ///
    /// A path that may be written is not confined to its prefix: symbolic links made below it lead anywhere
    /// on the node for whoever follows them there, the kubelet included. Give `readOnly: true` wherever the
    /// program only reads. Even then what the node has mounted below the path stays writable, unless the
    /// mount says `recursiveReadOnly: Enabled` (1.30 and later).
    ///
    /// **Restricted fields:** `spec.volumes[*].hostPath.path`; for paths that are allowed with
    /// `readOnly: true`, `volumeMounts[*].readOnly` of containers, init containers and ephemeral containers
    /// that mount the volume.
    ///
    /// **Allowed values:** paths of `allowedPaths` and below, none by default, and never with a `..`. What
    /// stands in `rejectedPaths` is not allowed, nor is a directory above it, from which it can be reached:
    /// who rejects `/var/run/docker.sock` rejects `/var/run`, `/var`, `/run` and `/` too.
    /// A volume that only exempt containers mount is theirs, and exempt like them. What a
    /// PersistentVolumeClaim brings cannot be seen in a pod.
    ///
    /// **Kubernetes:** all versions. Applies to Windows pods too: paths are compared with upper and lower
    /// case, and a path with a backslash is allowed only if `allowedPaths` has it letter by letter.
    pub struct HostPathVolumes {
        /// Paths of the node that may be mounted, with all below them. Where several cover a path, the
        /// longest decides.
        allowed_paths("allowedPaths"): Vec<AllowedPath> = Vec::new(),
        /// Paths of the node, such as the runtime's socket, that must not be mounted although `allowedPaths`
        /// covers them. `/run` and `/var/run` are one place, and upper and lower case the same.
        rejected_paths("rejectedPaths"): Names = Vec::new() => serde_json::json!({ "items": absolute() }),
    }
    check(this) {
        if this.allowed_paths.is_empty() && !this.rejected_paths.is_empty() {
            let error = "has no effect unless allowedPaths has some; write allowedPaths: [{pathPrefix: /}] for all others";
            return Err(SettingsError::new(error).under("rejectedPaths"));
        }
        check_each("rejectedPaths", &this.rejected_paths, |path| (!is_absolute(path)).then(not_absolute))?;
        check_each("allowedPaths", &this.allowed_paths, |allowed| {
            let path = &allowed.path_prefix;
            let above = |rejected: &&String| lies_below(path, rejected);
            let rejected = this.rejected_paths.iter().find(above)?;
            Some(SettingsError::new(format!("is rejected by {rejected}, which wins; keep one")).under("pathPrefix"))
        })?;
        for (index, allowed) in this.allowed_paths.iter().enumerate() {
            let is_same = |other: &AllowedPath| other.covers(&allowed.path_prefix) && allowed.covers(&other.path_prefix);
            if this.allowed_paths[..index].iter().any(is_same) {
                let error = SettingsError::new("is given twice; keep one");
                return Err(error.under("pathPrefix").within("allowedPaths", index));
            }
        }
    }
}

crate::settings! {
    /// A path of the node that may be mounted.
    pub struct AllowedPath {
        /// The path, such as `/var/log`, which covers `/var/log/pods` but not `/var/logs`. Must be given.
        path_prefix("pathPrefix"): String = String::new() => absolute(),
        /// Whether every mount of it must be `readOnly: true`.
        read_only("readOnly"): bool = false,
    }
    check(this) {
        if !is_absolute(&this.path_prefix) {
            return Err(not_absolute().under("pathPrefix"));
        }
    }
    => serde_json::json!({ "required": ["pathPrefix"] })
}

/// The schema of what [`is_absolute`] takes.
fn absolute() -> serde_json::Value {
    serde_json::json!({
        "pattern": r"^([A-Za-z]:)?[/\\]", "not": { "pattern": r"(^|[/\\])[.][.]([/\\]|$)" },
    })
}

/// Whether a path of the settings starts at the root of a node or of a drive, and does not climb.
fn is_absolute(path: &str) -> bool {
    let after_drive = path.strip_prefix(|c: char| c.is_ascii_alphabetic()).and_then(|rest| rest.strip_prefix(':'));
    after_drive.unwrap_or(path).starts_with(['/', '\\']) && !climbs(path)
}

fn not_absolute() -> SettingsError {
    SettingsError::new("must be an absolute path without `..`, as /var/log or C:\\logs")
}

impl AllowedPath {
    /// Whether `path` is the prefix or lies below it, part by part.
    fn covers(&self, path: &str) -> bool {
        let prefix = &self.path_prefix;
        // A backslash separates parts on a Windows node and is a letter like any other on a Linux node.
        // A pod need not say where it runs, so only the same text is surely the same place.
        if path.contains('\\') || prefix.contains('\\') {
            return path == prefix;
        }
        let mut below = parts(path);
        path.starts_with('/') == prefix.starts_with('/') && parts(prefix).all(|part| below.next() == Some(part))
    }
}

/// The parts of a path, without the empty ones and `.`, which mean nothing.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !matches!(*part, "" | "."))
}

/// The parts of a path for `rejectedPaths`, which must miss no way to write a place: with either separator, without
/// drive, and with `/run` for `/var/run`, which most nodes make a link to it.
fn places(path: &str) -> impl Iterator<Item = &str> {
    let mut parts =
        path.split(['/', '\\']).filter(|part| !matches!(*part, "" | ".") && !part.ends_with(':')).peekable();
    let first = parts.next();
    let is_link = first == Some("var") && parts.peek() == Some(&"run");
    first.filter(|_| !is_link).into_iter().chain(parts)
}

/// Whether `path` is `above` or lies below it, however the two are written.
fn lies_below(path: &str, above: &str) -> bool {
    let mut below = places(path);
    places(above).all(|part| below.next().is_some_and(|other| other.eq_ignore_ascii_case(part)))
}

/// Whether the path has a part `..`, on Linux or on Windows.
fn climbs(path: &str) -> bool {
    path.split(['/', '\\']).any(|part| part == "..")
}

impl RuleMeta for HostPathVolumes {
    const ID: &'static str = "host-path-volumes";
    const TITLE: &'static str = "Pods mount no paths of the node";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = false;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/concepts/storage/volumes/#hostpath",
    ];
    const BY_HAND: &'static str = "choose where the data should live";
    const EXAMPLE: Example = Example {
        rejected: "{containers: [{volumeMounts: [{name: cache, mountPath: /cache}]}], volumes: [{name: cache, hostPath: \
              {path: /var/cache/web}}]}",
        accepted: "{containers: [{volumeMounts: [{name: cache, mountPath: /cache}]}], volumes: [{name: cache, emptyDir: \
              {}}]}",
        fix: "Use an `emptyDir` for scratch space, a `persistentVolumeClaim` for data that must last, and \
              `configMap`, `secret` or `projected` for what is only read. If it must be a path of the node, have \
              it allowed in `allowedPaths`, with `readOnly: true` where the program only reads.",
    };
}

impl Rule for HostPathVolumes {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let (mut read_only, mut paths) = (Vec::new(), Vec::new());
        for (index, volume) in view.volumes() {
            let Some(host_path) = &volume.host_path else { continue };
            let path = host_path.path.as_deref();
            let rejecting = path.and_then(|path| self.rejecting(path));
            match path.filter(|_| rejecting.is_none()).and_then(|path| self.allowing(path)) {
                Some(AllowedPath { read_only: true, .. }) => {
                    read_only.push(volume.name.as_deref().unwrap_or_default());
                    paths.push(path);
                }
                Some(_) => {}
                None => {
                    let field = format!("volumes[{index}].hostPath.path");
                    let found = path.map_or(Found::Unset, Found::text);
                    let wanted = match rejecting {
                        Some(rejected) => ["must not be mounted: it reaches ", rejected].concat(),
                        None => self.wanted(path),
                    };
                    report.add(Violation::in_volume(view, volume, &field, found, &wanted));
                }
            }
        }
        if !read_only.is_empty() {
            check_mounts(view, &Index::new(read_only), &paths, report);
        }
    }
}

impl HostPathVolumes {
    /// The longest of the allowed paths that covers `path`.
    fn allowing(&self, path: &str) -> Option<&AllowedPath> {
        let covering = self.allowed_paths.iter().filter(|allowed| !climbs(path) && allowed.covers(path));
        covering.max_by_key(|allowed| parts(&allowed.path_prefix).count())
    }

    /// The rejected path that is reached through `path`, or the other way round.
    fn rejecting(&self, path: &str) -> Option<&str> {
        // Where /var/run is no link, /var holds it.
        let holds = |rejected: &str| parts(rejected).next() == Some("var") && parts(path).eq(["var"]);
        let reaches = |rejected: &&String| lies_below(path, rejected) || lies_below(rejected, path) || holds(rejected);
        self.rejected_paths.iter().find(reaches).map(String::as_str)
    }

    fn wanted(&self, path: Option<&str>) -> String {
        if self.allowed_paths.is_empty() {
            return "must not be mounted from the node".to_owned();
        }
        let prefixes: Vec<&str> = self.allowed_paths.iter().map(|allowed| allowed.path_prefix.as_str()).collect();
        let climbing = if path.is_some_and(climbs) { " and without `..`" } else { "" };
        format!("must be under {}{climbing}", prefixes.join(" or "))
    }
}

/// Reports mounts of the volumes, each with its path, that can be written.
fn check_mounts(view: &View<'_>, volumes: &Index<'_>, paths: &[Option<&str>], report: &mut Report) {
    for container in view.containers() {
        for (index, mount) in list(&container.container.volume_mounts).iter().enumerate() {
            let Some(name) = mount.name.as_deref() else { continue };
            let Some(volume) = volumes.first(name) else { continue };
            if mount.read_only == Some(true) {
                continue;
            }
            let path = container.path(&format!("volumeMounts[{index}].readOnly"));
            let found = mount.read_only.map_or(Found::Unset, Found::plain);
            let wanted = format!("must be true: volume {} is a path of the node", json::string(name));
            report.add(Violation::in_container(&container, path, found, wanted).with_detail(paths[volume]));
        }
    }
}

standard!(HostPathVolumes {
    /// `volumes[].hostPath`
    Baseline "host-path-volumes", upstream "hostPathVolumes" {
        0 => "unset", rule HostPathVolumes::default();
    }
});

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        pod(r#"{"volumes":[{"name":"v"}]}"#),
        pod(r#"{"volumes":[{"name":"v","hostPath":null}]}"#),
        pod(r#"{"volumes":[{"name":"v","emptyDir":{}},{"name":"v","nfs":{}}]}"#),
        pod(r#"{"volumes":[{"name":"v","emptyDir":{}},{"name":"v","hostPath":{"path":"/x"}}]}"#)
            .baseline(0.., "spec.volumes[1].hostPath.path"),
        pod(r#"{"volumes":[{"name":"v","hostPath":{}}]}"#).baseline(0.., "spec.volumes[0].hostPath.path"),
        pod(r#"{"volumes":[{"name":"v","hostPath":{"path":"/x"},"emptyDir":{}}]}"#)
            .baseline(0.., "spec.volumes[0].hostPath.path"),
    ]
}

#[cfg(test)]
mod tests;
