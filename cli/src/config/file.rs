//! Finds and reads the configuration.

use std::path::{Path, PathBuf};
use std::{env, fs};

use hardening::settings::{Group, SettingsError, read_group};
use serde_json::value::RawValue;

use super::Config;
use crate::bounded;
use crate::finding::Place;
use crate::{suggest, yaml};

/// Names of the configuration, the first that is there counts.
pub const NAMES: [&str; 3] = ["harden.yaml", "harden.yml", ".harden.yaml"];

/// A configuration with the file it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct ConfigFile {
    /// The file.
    pub path: PathBuf,
    /// Its folder, which paths in it are relative to.
    pub folder: PathBuf,
    /// The file's text, to show places in it.
    pub text: String,
    /// What it says.
    pub config: Config,
}

/// The configuration for `paths`: the nearest upwards from each (from the current folder for `-`).
///
/// # Errors
/// Paths with different configurations; the message names both.
pub fn find(paths: &[PathBuf]) -> Result<Option<PathBuf>, String> {
    let mut found: Option<Option<PathBuf>> = None;
    for path in paths {
        let this = upwards(path);
        match &found {
            None => found = Some(this),
            Some(other) if *other == this => {}
            Some(other) => {
                let name =
                    |path: &Option<PathBuf>| path.as_ref().map_or("none".to_owned(), |p| p.display().to_string());
                return Err(format!(
                    "the paths have different configurations: {} and {}; judge them one by one, or name one with --config",
                    name(other),
                    name(&this)
                ));
            }
        }
    }
    Ok(found.flatten())
}

/// `path` from the root without links; what is not there yet, in the folder where it would be.
fn real(path: &Path) -> Option<PathBuf> {
    let there = |path: &Path| fs::canonicalize(if path == Path::new("") { Path::new(".") } else { path });
    there(path).ok().or_else(|| Some(there(path.parent()?).ok()?.join(path.file_name()?)))
}

fn upwards(path: &Path) -> Option<PathBuf> {
    let path = if path == Path::new("-") { Path::new(".") } else { path };
    let start = real(path).or_else(|| env::current_dir().ok())?;
    let folders = start.ancestors().skip(usize::from(!start.is_dir()));
    let mut candidates = folders.flat_map(|folder| NAMES.iter().map(move |name| folder.join(name)));
    candidates.find(|candidate| candidate.is_file())
}

/// Reads the configuration at `path`.
///
/// # Errors
/// A file that cannot be read, is no YAML, or says something that is not allowed; the message names the file,
/// the place and the key.
pub fn load(path: &Path) -> Result<ConfigFile, String> {
    let (config, text) = read_document(path, "configuration")?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(ConfigFile { path: path.to_owned(), folder: folder.to_owned(), config, text })
}

/// Reads the settings that the only document of the YAML file at `path` says, with the file's text; `what` it
/// is, for messages.
///
/// # Errors
/// As [`load`].
pub(crate) fn read_document<G: Group>(path: &Path, what: &str) -> Result<(G, String), String> {
    let name = path.display();
    let text = bounded::read_to_string(path).map_err(|error| format!("cannot read {what} `{name}`: {error}"))?;
    let parsed = yaml::parse(&text);
    if let Some(error) = parsed.errors.first() {
        return Err(format!("{name}:{}:{}: is no YAML: {}", error.line, error.column, error.message));
    }
    if let Some(second) = parsed.documents.get(1) {
        return Err(format!("{name}:{}: a second document, expected one", second.line));
    }
    let root = parsed.documents.first().map(|document| &document.root).filter(|root| !root.is_null());
    let json = root.map_or_else(|| "{}".to_owned(), yaml::Node::to_json);
    let group = read(&json).map_err(|error| {
        let place = root.map_or((1, 1), |root| {
            let place = Place::find(root, &error.key);
            (place.line, place.column)
        });
        format!("{name}:{}:{}: {}", place.0, place.1, suggest::for_settings(&error.to_string()))
    })?;
    drop(parsed);
    Ok((group, text))
}

fn read<G: Group>(json: &str) -> Result<G, SettingsError> {
    let raw = RawValue::from_string(json.to_owned()).map_err(|error| SettingsError::new(error.to_string()))?;
    read_group(&raw)
}

impl ConfigFile {
    /// `path` relative to the configuration's folder; `None` if it lies elsewhere.
    pub fn relative(&self, path: &Path) -> Option<PathBuf> {
        let (path, folder) = (real(path)?, fs::canonicalize(&self.folder).ok()?);
        path.strip_prefix(folder).map(Path::to_owned).ok()
    }

    /// Whether a file or folder is not to be judged: it is excluded, or the configuration itself.
    pub fn excludes(&self, path: &Path) -> bool {
        let own = || fs::canonicalize(path).ok() == fs::canonicalize(&self.path).ok();
        let is_named = path.file_name().is_some_and(|name| Some(name) == self.path.file_name());
        if is_named && own() {
            return true;
        }
        !self.config.exclude.is_empty()
            && self.relative(path).is_some_and(|path| self.config.exclude.iter().any(|glob| glob.matches(&path)))
    }

    /// A path that the configuration names, from where `harden` runs.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// What is said of settings that a policy refuses: with their place, if they come from a configuration.
    pub(crate) fn refusal(config: Option<&ConfigFile>, message: String) -> String {
        match config {
            Some(file) => file.at(message.strip_prefix("Provided settings are not valid: ").unwrap_or(&message)),
            None => message,
        }
    }

    /// Says where in the file the settings stand that a policy refuses: `message` starts with the key.
    pub fn at(&self, message: &str) -> String {
        let message = suggest::for_settings(message);
        let key = message.split_once(": ").map_or("", |(key, _)| key);
        let parsed = yaml::parse(&self.text);
        let place = parsed.documents.first().map(|document| Place::find(&document.root, key));
        match place {
            Some(place) => format!("{}:{}:{}: {message}", self.path.display(), place.line, place.column),
            None => format!("{}: {message}", self.path.display()),
        }
    }
}
