//! Globs on paths, read as in a `.gitignore`.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use hardening::settings::{Setting, SettingsError};
use serde_json::value::RawValue;
use thiserror::Error;

/// Why a text is not a glob.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GlobError {
    /// Nothing is left of it without `./` and `/`.
    #[error("an empty glob matches nothing; write `**` for everything")]
    Empty,
    /// It is not well-formed.
    #[error("{0}")]
    Pattern(globset::ErrorKind),
}

/// A glob on paths below the folder of the configuration: `*` stays within a folder, `**` crosses folders; a
/// pattern without `/` matches in every folder, and one that matches a folder matches all below it.
#[derive(Debug, Clone)]
pub struct PathGlob {
    text: String,
    matchers: Vec<GlobMatcher>,
}

impl PartialEq for PathGlob {
    fn eq(&self, other: &PathGlob) -> bool {
        self.text == other.text
    }
}

impl PathGlob {
    /// Reads a glob.
    ///
    /// # Errors
    /// A pattern that is empty or not well-formed.
    pub fn new(text: &str) -> Result<PathGlob, GlobError> {
        let plain = text.trim_start_matches("./").trim_end_matches('/');
        if plain.is_empty() {
            return Err(GlobError::Empty);
        }
        let anchored = match plain.strip_prefix('/') {
            Some(rooted) => rooted.to_owned(),
            None if plain.contains('/') => plain.to_owned(),
            None => format!("**/{plain}"),
        };
        let compile = |pattern: &str| {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            glob.map(|glob| glob.compile_matcher()).map_err(|error| GlobError::Pattern(error.kind().clone()))
        };
        let matchers = vec![compile(&anchored)?, compile(&format!("{anchored}/**"))?];
        Ok(PathGlob { text: text.to_owned(), matchers })
    }

    /// Whether a path relative to the configuration's folder matches.
    pub fn matches(&self, path: &Path) -> bool {
        self.matchers.iter().any(|matcher| matcher.is_match(path))
    }
}

impl Setting for PathGlob {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let text = String::read(raw)?;
        PathGlob::new(&text).map_err(|why| SettingsError::new(format!("{text:?} is not a glob: {why}")))
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": "string", "minLength": 1 })
    }

    fn to_json(&self) -> serde_json::Value {
        self.text.as_str().into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_in_a_gitignore() {
        for (glob, path, matches) in [
            ("charts/vendor", "charts/vendor/redis/pod.yaml", true),
            ("charts/vendor/", "charts/vendor/redis/pod.yaml", true),
            ("./charts/*", "charts/a.yaml", true),
            ("charts/*.yaml", "charts/deep/a.yaml", false),
            ("charts/**/*.yaml", "charts/deep/er/a.yaml", true),
            ("*.gen.yaml", "deep/er/a.gen.yaml", true),
            ("vendor", "deep/vendor/a.yaml", true),
            ("/vendor", "deep/vendor/a.yaml", false),
            ("vendor", "vendored/a.yaml", false),
            ("**", "a.yaml", true),
        ] {
            assert_eq!(PathGlob::new(glob).unwrap().matches(Path::new(path)), matches, "{glob} {path}");
        }
        assert!(PathGlob::new("a[").is_err() && PathGlob::new("/").is_err());
    }
}
