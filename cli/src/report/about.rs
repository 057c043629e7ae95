//! The subject of a report, for a reader who has nothing but the report.

use std::env;

use hardening::bundle::Selection;
use hardening::settings::Setting;
use hardening::standard::Version;
use serde_json::Value;

/// Whose manifests were judged, and by what.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Name of the repository's folder, or of the one that the program runs in.
    folder: String,
    /// The profile, as settings name it.
    profile: String,
    /// The version of the Pod Security Standards.
    version: String,
}

impl About {
    /// Describes a run in this folder by the settings of the whole project, if they are known.
    pub(crate) fn here(settings: Option<&Value>) -> About {
        let here = env::current_dir().unwrap_or_default();
        let repository = here.ancestors().find(|above| above.join(".git").exists()).unwrap_or(&here);
        let folder = repository.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(settings) = settings else { return About { folder, ..About::default() } };
        let word = |key: &str, default: Value| {
            let value = settings.get(key).filter(|value| !value.is_null()).unwrap_or(&default).clone();
            value.as_str().map_or_else(|| value.to_string(), str::to_owned)
        };
        let latest = Version::LATEST.to_json();
        let version = word("version", latest.clone());
        let version = if version == "latest" { latest.as_str().unwrap_or_default().to_owned() } else { version };
        About { folder, profile: word("profile", Selection::default().profile.to_json()), version }
    }

    /// One line; empty if nothing is known.
    pub(super) fn sentence(&self) -> String {
        let known = [(&self.folder, ""), (&self.profile, "profile "), (&self.version, "Kubernetes ")];
        let known = known.into_iter().filter(|(word, _)| !word.is_empty());
        known.map(|(word, what)| format!("{what}{word}")).collect::<Vec<_>>().join(" · ")
    }

    /// The folder's name.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }
}
