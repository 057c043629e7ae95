//! Where a container mounts volumes.

use super::error::{Refusal, TranslateError};
use super::expand::expand;
use super::given::Given;
use super::template::{Container, VolumeMount};
use super::volumes::stays_below;
use crate::pod::{Mount, Volume};

/// The mounts of a container with these variables.
pub(super) fn mounts<'v>(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    volumes: &[Volume],
    variable: &dyn Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Mount>, TranslateError> {
    let mut mounts: Vec<Mount> = Vec::new();
    for (index, mount) in container.volume_mounts.iter().enumerate() {
        let at = format!("{at}.volumeMounts[{index}]");
        let Some(volume) = volumes.iter().find(|volume| volume.name == mount.name) else {
            let why = format!("there is no volume {:?} in spec.volumes; add one or write another name", mount.name);
            return Err(given.value(&format!("{at}.name"), why));
        };
        let parts: Vec<&str> = mount.mount_path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
        let path = format!("/{}", parts.join("/"));
        if mount.mount_path.is_empty() || mount.mount_path.contains([':', '\0']) || !stays_below(&path) {
            let why = format!("{:?} must be a path without `:` and `..`", mount.mount_path);
            return Err(given.value(&format!("{at}.mountPath"), why));
        }
        if path == "/" {
            return Err(given.value(&format!("{at}.mountPath"), "nothing can be mounted over the root file system"));
        }
        if mounts.iter().any(|other| other.path == path) {
            return Err(given.value(&format!("{at}.mountPath"), format!("{path} has a mount already; keep one")));
        }
        let sub_path = sub_path(given, &at, container, mount, variable)?;
        let read_only = mount.read_only || !volume.writable;
        mounts.push(Mount { volume: mount.name.clone(), path, sub_path, read_only });
    }
    Ok(mounts)
}

fn sub_path<'v>(
    given: &Given<'_>,
    at: &str,
    container: &Container,
    mount: &VolumeMount,
    variable: &dyn Fn(&str) -> Option<&'v str>,
) -> Result<Option<String>, TranslateError> {
    let (field, path) = match (mount.sub_path.as_str(), mount.sub_path_expr.as_str()) {
        ("", "") => return Ok(None),
        ("", expression) => {
            let mut missing = Vec::new();
            let path = expand(expression, &mut |name| {
                let value = variable(name).unwrap_or_default();
                if value.is_empty() {
                    missing.push(name.to_owned());
                }
                value.to_owned()
            });
            if let Some(name) = missing.into_iter().next() {
                return Err(given.refused(&container.name, Refusal::NoValue(name)));
            }
            ("subPathExpr", path)
        }
        (path, "") => ("subPath", path.to_owned()),
        _ => return Err(given.value(&format!("{at}.subPathExpr"), "stands beside subPath; keep one")),
    };
    if path.starts_with('/') || !stays_below(&path) {
        let why = format!("{path:?} must be a relative path without `..`");
        return Err(given.value(&format!("{at}.{field}"), why));
    }
    Ok(Some(path))
}
