//! Platforms: operating system, architecture and variant, as containerd normalises them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A platform that an image is built for, such as `linux/amd64` or `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// A text that is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a platform: write OS/ARCHITECTURE, such as linux/amd64 or linux/arm/v7")]
pub struct PlatformError(String);

/// Most letters of a part.
const LONGEST: usize = 32;

impl Platform {
    /// Takes the parts as an index or a configuration says them.
    ///
    /// # Errors
    /// A part that is not a word.
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Result<Platform, PlatformError> {
        let lower = |text: &str| text.to_ascii_lowercase();
        let (os, architecture) = (lower(os), lower(architecture));
        let variant = variant.filter(|variant| !variant.is_empty()).map(lower);
        let parts = [Some(&os), Some(&architecture), variant.as_ref()];
        if !parts.into_iter().flatten().all(|part| is_word(part)) {
            let text = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/");
            return Err(PlatformError(text.chars().take(100).collect()));
        }
        let (architecture, variant) = match (architecture.as_str(), variant.as_deref()) {
            ("x86_64" | "x86-64" | "amd64", None | Some("v1")) => ("amd64".to_owned(), None),
            ("aarch64" | "arm64", None | Some("8" | "v8")) => ("arm64".to_owned(), None),
            ("armhf", _) => ("arm".to_owned(), Some("v7".to_owned())),
            ("arm", None | Some("7")) => (architecture, Some("v7".to_owned())),
            _ => (architecture, variant),
        };
        Ok(Platform { os, architecture, variant })
    }

    /// The operating system.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// Whether it stands for no platform: the signatures and attestations of an index are filed under it.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.architecture == "unknown"
    }
}

impl Default for Platform {
    /// Returns `linux/amd64`, which most images are built for.
    fn default() -> Platform {
        Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None }
    }
}

fn is_word(part: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    !part.is_empty() && part.len() <= LONGEST && part.bytes().all(letter)
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Platform, PlatformError> {
        let wrong = |_| PlatformError(text.chars().take(100).collect());
        match text.split('/').collect::<Vec<_>>().as_slice() {
            [os, architecture] => Platform::new(os, architecture, None).map_err(wrong),
            [os, architecture, variant] if !variant.is_empty() => {
                Platform::new(os, architecture, Some(variant)).map_err(wrong)
            }
            _ => Err(PlatformError(text.chars().take(100).collect())),
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> String {
        platform.to_string()
    }
}

impl TryFrom<String> for Platform {
    type Error = PlatformError;

    fn try_from(text: String) -> Result<Platform, PlatformError> {
        text.parse()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_normalised_as_containerd_does() {
        for (text, expected) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/x86_64", "linux/amd64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/v6", "linux/arm/v6"),
            ("windows/amd64", "windows/amd64"),
        ] {
            let platform: Platform = text.parse().unwrap();
            assert_eq!(platform.to_string(), expected);
            assert_eq!(platform.to_string().parse(), Ok(platform));
        }
        for text in ["", "linux", "linux/", "/amd64", "linux/amd64/", "a/b/c/d", "linux/am d64", &"x/".repeat(99)] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
        assert!("unknown/unknown".parse::<Platform>().unwrap().is_unknown());
    }
}
