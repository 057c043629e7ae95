//! Values of `seLinuxOptions` in the settings: such as must be set, and alternatives.

use super::Part;
use crate::rules::MlsLevel;
use crate::settings::SettingsError;

crate::settings! {
    /// Values of `seLinuxOptions`.
    pub struct Values {
        /// `user`; unset if not given.
        user("user"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `role`; unset if not given.
        role("role"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `type`; by `allowedTypes` if not given.
        kind("type"): Option<String> = None => serde_json::json!({ "minLength": 1 }),
        /// `level`; by `allowedLevels` if not given.
        level("level"): Option<MlsLevel> = None,
    }
    check(this) {
        for (key, value) in [("user", &this.user), ("role", &this.role), ("type", &this.kind)] {
            if value.as_deref() == Some("") {
                return Err(SettingsError::new("must not be empty; leave the key out to demand no value").under(key));
            }
        }
    }
}

/// The word of `allowed` for any value.
pub(super) const ANY: &str = "*";

impl Values {
    /// The value of `part`, as it was written.
    pub(super) fn of(&self, part: Part) -> Option<&str> {
        match part {
            Part::User => self.user.as_deref(),
            Part::Role => self.role.as_deref(),
            Part::Type => self.kind.as_deref(),
            Part::Level => self.level.as_ref().map(MlsLevel::as_str),
        }
    }

    /// Whether `value` means the same as the one of `part`.
    pub(super) fn is_same(&self, part: Part, value: &str) -> bool {
        match (part, &self.level) {
            (Part::Level, Some(level)) => level.is_same(value),
            _ => self.of(part) == Some(value),
        }
    }
}
