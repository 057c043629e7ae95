//! How far what others wrote is trusted.
//!
//! A configuration that is named on the command line is the user's. One that is found beside the manifests may be a
//! stranger's: it reads and writes only below its own folder, contacts no registry, and must belong to the user. The
//! user lifts that for a run (`--trust-config`, `HARDEN_TRUST_CONFIG=1`) or for a folder (in a configuration of their own).

mod search;
mod user;

pub(crate) use search::{check_owner, first_of, home, is_work_tree, owner_other_than_user};
pub use search::{real, work_tree};
pub use user::{UserConfig, schema, trusts};
