//! The user's own configuration: `$XDG_CONFIG_HOME/harden/config.yaml`, else `~/.config/harden/config.yaml`.

use std::path::{Path, PathBuf};
use std::{env, fs};

use hardening::settings::SettingsError;
use serde_json::Value;

use crate::document::read;
use crate::error::Error;
use crate::named::NamedPath;

hardening::settings! {
    /// The user's own configuration of `harden`.
    pub struct UserConfig {
        /// Folders whose `harden.yaml`, there or below, is trusted as if `--config` named it: absolute, or `~/…`.
        trust("trust"): Vec<String> = Vec::new(),
    }
    check(this) {
        if let Some(at) = this.trust.iter().position(|folder| !folder.starts_with('/') && !folder.starts_with("~/")) {
            return Err(SettingsError::new("must start with / or ~/").under(&format!("trust[{at}]")));
        }
    }
}

/// Whether the user trusts `folder` (absolute, without links) or one above it.
///
/// # Errors
/// A configuration that cannot be read or says something that is not allowed; the message names it.
pub fn trusts(folder: &Path) -> Result<bool, Error> {
    let home = env::home_dir();
    let given = env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let Some(base) = given.or_else(|| Some(home.as_deref()?.join(".config"))) else { return Ok(false) };
    let path = base.join("harden/config.yaml");
    if fs::symlink_metadata(&path).is_err() {
        return Ok(false);
    }
    let (config, _) = read::<UserConfig>(&NamedPath::given(&path), "configuration")?;
    let real = |trusted: &String| {
        let path = match trusted.strip_prefix("~/") {
            Some(rest) => home.as_deref()?.join(rest),
            None => PathBuf::from(trusted),
        };
        fs::canonicalize(path).ok()
    };
    Ok(config.trust.iter().filter_map(real).any(|trusted| folder.starts_with(trusted)))
}

/// JSON schema (2020-12) of the user's configuration.
pub fn schema() -> Value {
    crate::document::schema::<UserConfig>("config.yaml")
}
