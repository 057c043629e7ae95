//! Versions of the standard, as Pod Security Admission's namespace labels write them.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json as lean;
use crate::settings::{Setting, SettingsError, narrowed, one_of};

/// A version of the standard: that of the Kubernetes release which decides so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u8);

/// Minor version of the newest Kubernetes whose standard is known.
pub(super) const NEWEST: u8 = 37;

impl Version {
    /// The newest known version.
    pub const LATEST: Version = Version(NEWEST);

    /// Every version, oldest first.
    pub fn all() -> impl Iterator<Item = Version> {
        (0..=NEWEST).map(Version)
    }

    /// The number after `v1.`.
    pub fn minor(self) -> u8 {
        self.0
    }

    /// Reads `latest` and `v1.0` to the newest known version; `None` for anything else.
    pub fn parse(text: &str) -> Option<Version> {
        if text == "latest" {
            return Some(Version::LATEST);
        }
        let digits = text.strip_prefix("v1.")?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        digits.parse().ok().filter(|minor| plain && *minor <= NEWEST).map(Version)
    }
}

impl Setting for Version {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let version = lean::text(raw).and_then(|text| Version::parse(&text));
        version.ok_or_else(|| SettingsError::new(format!("must be latest or a version from v1.0 to v1.{NEWEST}")))
    }

    fn schema() -> Value {
        let all: Vec<String> = Version::all().map(|version| format!("v1.{}", version.0)).collect();
        narrowed(
            json!({ "type": "string" }),
            one_of(["latest"].into_iter().chain(all.iter().rev().map(String::as_str))),
        )
    }

    fn to_json(&self) -> Value {
        format!("v1.{}", self.0).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_strictly() {
        for (text, minor) in [("latest", Some(NEWEST)), ("v1.0", Some(0)), ("v1.9", Some(9)), ("v1.37", Some(37))] {
            assert_eq!(Version::parse(text).map(Version::minor), minor, "{text}");
        }
        for text in ["", "v1", "v1.", "1.30", "v1.07", "v1.00", "v1.+5", "v1.-1", "v2.0", "v1.30.1", "Latest", "v1.300"]
        {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert_eq!(Version::parse(&format!("v1.{}", NEWEST + 1)), None);
        assert_eq!(Version::all().last(), Some(Version::LATEST));
    }
}
