//! Kubernetes quantities.

use crate::settings::SettingsError;

/// Checks.
pub fn check_setting(key: &str, value: Option<&str>) -> Result<(), SettingsError> {
    match value {
        Some("lots") => Err(SettingsError::new("x").under(key)),
        _ => Ok(()),
    }
}
