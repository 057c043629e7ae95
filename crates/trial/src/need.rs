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
    /// The user and group of the image, root or not.
    User,
    /// `allowPrivilegeEscalation: true`.
    PrivilegeEscalation,
    /// No seccomp profile.
    Unconfined,
    /// Memory without the limit that was measured.
    Memory,
}

/// A relaxation of one container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Need {
    /// The name of the container.
    pub container: String,
    /// What it is given.
    pub relaxation: Relaxation,
}
