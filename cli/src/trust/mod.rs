//! How far what others wrote is trusted.
//!
//! A configuration that is named on the command line is the user's. One that is found beside the manifests may be a
//! stranger's: it reads and writes only below its own folder, contacts no registry, and must belong to the user. The
//! user lifts that for a run (`--trust-config`, `HARDEN_TRUST_CONFIG=1`) or for a folder (in a configuration of their own).

mod below;
mod named;
mod search;
mod user;

pub use named::NamedPath;
pub(crate) use search::{Found, find, home, real, work_tree};
pub use user::{UserConfig, schema};

use std::path::{Component, Path};

use clap::Args;

/// Whether a configuration that is found counts as one that is named.
#[derive(Debug, Clone, Default, Args)]
pub struct TrustArgs {
    /// Trust what is found as if it were named: it may read and write outside of its folder, fetch registry://
    /// policies, and belong to another user; HARDEN_TRUST_CONFIG=1 is the same
    #[arg(long)]
    pub trust_config: bool,
}

/// Of a configuration that was found, what lets it do more.
pub(crate) const HINT: &str = "the configuration was found, not named: --trust-config or --config FILE lifts the limit";

impl TrustArgs {
    /// Whether the command line or the environment trusts what is found.
    pub(crate) fn is_given(&self) -> bool {
        self.trust_config || std::env::var_os("HARDEN_TRUST_CONFIG").is_some_and(|value| value == "1")
    }

    /// Whether what is found in `folder` is trusted.
    ///
    /// # Errors
    /// The user's own configuration cannot be used; the message names it.
    pub(crate) fn covers(&self, folder: &Path) -> Result<bool, String> {
        if self.is_given() { Ok(true) } else { user::trusts(folder) }
    }
}

/// Whether a path leads into git's own folder, where credentials lie and programs are named.
pub(crate) fn is_gits_own(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if name.eq_ignore_ascii_case(".git")))
}
