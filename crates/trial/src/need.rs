//! Relaxations: what a hardened container may be given back.

use std::fmt;

/// A right that hardening took from a container, and that it is given back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relaxation {
    /// A capability, without `CAP_`.
    Capability(String),
    /// An `emptyDir` at a path.
    WritablePath(String),
    /// A root file system that it can write to.
    WritableRoot,
    /// The user that it runs as where nothing is hardened, and the group of the same number.
    User(u32),
    /// `allowPrivilegeEscalation: true`.
    PrivilegeEscalation,
    /// No seccomp profile.
    Unconfined,
    /// A higher limit of memory than the measured one, in bytes.
    Memory(u64),
}

impl fmt::Display for Relaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Relaxation::Capability(name) => write!(f, "capability {name}"),
            Relaxation::WritablePath(path) => write!(f, "an emptyDir at {path}"),
            Relaxation::WritableRoot => f.write_str("a writable root file system"),
            Relaxation::User(0) => f.write_str("user 0 (root)"),
            Relaxation::User(id) => write!(f, "user {id}"),
            Relaxation::PrivilegeEscalation => f.write_str("privilege escalation"),
            Relaxation::Unconfined => f.write_str("seccomp profile Unconfined"),
            Relaxation::Memory(bytes) => write!(f, "a memory limit of {}", memory(*bytes)),
        }
    }
}

/// An amount of memory as manifests write it, in whole mebibytes.
pub(crate) fn memory(bytes: u64) -> String {
    format!("{}Mi", bytes.div_ceil(MEBIBYTE).max(1))
}

/// The bytes in a mebibyte.
pub(crate) const MEBIBYTE: u64 = 1 << 20;

/// A relaxation of one container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The name of the container.
    pub container: String,
    /// The right that it is given back.
    pub relaxation: Relaxation,
}
