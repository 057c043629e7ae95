//! Completes a hardened pod with what a run of it, as it was written, has shown.

mod limits;
mod users;
mod volumes;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::outcome::Outcome;
use crate::paths::{self, Hides, Written};
use crate::{spec, writable};

/// How a pod is completed.
#[derive(Debug, Clone)]
pub struct Options {
    /// By how much limits exceed what was measured, in hundredths.
    pub head_room: u32,
    /// The rules that hold: ids and limits are only filled in where one asks for them.
    pub rules: BTreeSet<String>,
    /// Whether root, where the author wrote it, gives way, too.
    pub overwrite: bool,
    /// The numeric user and group of the images, by container, where they are known.
    pub users: BTreeMap<String, (u32, Option<u32>)>,
}

/// Something that a pod was completed with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// An `emptyDir`.
    Path {
        /// The container that writes there.
        container: String,
        /// Where it is mounted.
        path: String,
        /// How much of the image it hides.
        hides: Hides,
    },
    /// The user and the group of a container.
    User {
        /// The container.
        container: String,
        /// `runAsUser`.
        user: u32,
        /// `runAsGroup`.
        group: u32,
    },
    /// `fsGroup`: the group that owns the volumes.
    Group {
        /// The group.
        group: u32,
    },
    /// A limit and a request of a container.
    Limit {
        /// The container.
        container: String,
        /// `memory` or `cpu`.
        resource: &'static str,
        /// The limit.
        limit: String,
    },
}

/// Completes the `spec` of a hardened pod by how its run went as it was written.
///
/// Where the root file system is read-only, an `emptyDir` is mounted where a container wrote. Ids and limits that are
/// asked for and unset are filled in, and a container that has a new user can write into its disks. Returns what was filled
/// in.
pub fn complete(pod: &mut Value, seen: &Outcome, options: &Options) -> Vec<Given> {
    let Outcome { evidence, took, .. } = seen;
    let mut given = Vec::new();
    for (container, evidence) in evidence {
        if spec::effective(pod, container, "readOnlyRootFilesystem") == Some(&Value::Bool(true)) {
            let Written { directories, .. } = paths::written(&evidence.written, &spec::mounts(pod, container));
            for directory in directories {
                if writable::mount(pod, container, &directory.path) {
                    let paths::Writable { path, hides } = directory;
                    given.push(Given::Path { container: container.clone(), path, hides });
                }
            }
        }
    }
    users::fill(pod, evidence, options, &mut given);
    volumes::fill(pod, &mut given);
    if options.rules.contains("resources") {
        for (container, evidence) in evidence {
            limits::fill(pod, container, (evidence, *took), options.head_room, &mut given);
        }
    }
    given
}

/// Names the containers of a completed pod that get no limits, since a run ended too soon to measure them.
pub fn unmeasured(pod: &Value, seen: &Outcome, options: &Options) -> Vec<String> {
    let is_asked = options.rules.contains("resources");
    limits::unmeasured(pod, &seen.evidence).filter(|_| is_asked).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
