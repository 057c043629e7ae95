//! The configuration of an image, as far as a run depends on it.

use std::collections::BTreeSet;

/// The configuration of an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageFacts {
    /// `USER` as it is written: empty, a name, a number, either with a group behind a colon.
    pub user: String,
    /// `ENTRYPOINT`.
    pub entrypoint: Vec<String>,
    /// `CMD`.
    pub command: Vec<String>,
    /// `ENV`, in its order.
    pub env: Vec<(String, String)>,
    /// `WORKDIR`.
    pub working_dir: String,
    /// `VOLUME`.
    pub volumes: BTreeSet<String>,
    /// `EXPOSE`, TCP only.
    pub ports: BTreeSet<u16>,
}
