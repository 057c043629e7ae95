//! How a run went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How a run of a pod went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it was ready.
    pub readiness: Readiness,
    /// The evidence of each container that was started, by its name.
    pub evidence: BTreeMap<String, Evidence>,
    /// How long it took from the first start.
    pub took: Duration,
}

/// Whether a pod was ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// It was.
    Ready,
    /// It was not.
    Not {
        /// The container that kept it.
        container: String,
        /// Why, for people: `ended with 1`, `was killed for want of memory`, `its readiness probe failed 3 times`.
        why: String,
        /// The last lines that the container wrote.
        log: Vec<String>,
    },
}

/// Why a probe or hook failed, or a container could not be made: the words of the engine, or of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<&str> for Failure {
    fn from(why: &str) -> Self {
        Failure(why.to_owned())
    }
}

/// A file or folder of the image's file system that a container made or changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Its path, absolute.
    pub path: String,
    /// How it was changed.
    pub kind: ChangeKind,
}

/// How a file or folder was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// The image has it, and it was changed: its content, its mode or, in a folder, its entries.
    Changed,
    /// The container made it.
    Added,
    /// The image has it, and the container removed it.
    Deleted,
}

/// Everything that was seen of a container.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Evidence {
    /// The files and folders that it made or changed outside its mounts, as the engine lists them.
    pub written: Vec<Change>,
    /// The numeric ids of the users that its processes ran as.
    pub users: BTreeSet<u32>,
    /// The ports that it listened on.
    pub ports: BTreeSet<u16>,
    /// The most memory that it used, in bytes.
    pub memory: Option<u64>,
    /// The processor time that it used.
    pub processor: Option<Duration>,
    /// Its exit code, where it ended.
    pub exit: Option<i64>,
    /// Whether the kernel killed it for want of memory.
    pub out_of_memory: bool,
    /// The last lines that it wrote.
    pub log: Vec<String>,
}
