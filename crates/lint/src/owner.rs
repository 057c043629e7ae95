//! Whose files are taken.

use std::env;

/// Whether this owner may decide for the user: the user or the administrator, and under `sudo` who called it.
pub fn is_trusted(owner: u32) -> bool {
    is_user_or_root(owner) || sudo_user().is_some_and(|caller| caller == owner)
}

/// Whether this is the user or the administrator.
pub fn is_user_or_root(owner: u32) -> bool {
    [0, rustix::process::geteuid().as_raw()].contains(&owner)
}

/// Who called `sudo`. Only the administrator's environment is asked.
fn sudo_user() -> Option<u32> {
    let caller = env::var("SUDO_UID").ok().filter(|_| rustix::process::geteuid().is_root());
    caller?.parse().ok()
}
