//! Relaxations: what a hardened container may be given back.

/// What a container is given back of what hardening took.
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

/// A relaxation of one container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The name of the container.
    pub container: String,
    /// What it is given.
    pub relaxation: Relaxation,
}
