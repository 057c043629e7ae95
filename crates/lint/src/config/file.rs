//! Finds and reads the configuration.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Config, Configs};
use crate::document::{parse, read};
use crate::error::Error;
use crate::finding::Place;
use crate::named::{HINT, NamedPath, from_here};
use crate::trust;
use kube_yaml::yaml;

use crate::suggest;

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
    /// Its content.
    pub config: Config,
    /// Whether it may reach beyond its folder: it was named, or the user trusts it.
    pub trusted: bool,
}

/// A policy that a configuration or a suite names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// A file.
    File(NamedPath),
    /// A `registry://` reference.
    Reference {
        /// The reference as it is written.
        reference: String,
        /// Whether the registry may be asked for what is not in the cache.
        may_fetch: bool,
    },
}

impl PolicySource {
    /// Returns the name of the policy in reports.
    pub fn name(&self) -> String {
        match self {
            PolicySource::File(file) => file.to_string(),
            PolicySource::Reference { reference, .. } => reference.clone(),
        }
    }
}

/// The configuration for a folder: the nearest upwards, no higher than the root of the work tree or the home folder.
/// `trusts_found` says that it counts as one that was named.
///
/// # Errors
/// One that belongs to another user, cannot be read or used, or names what a configuration that is not trusted may not
/// reach.
pub fn find(folder: &Path, trusts_found: bool) -> Result<Option<ConfigFile>, Error> {
    let mut configs = Configs::nearest(trusts_found);
    let found = configs.of(folder)?;
    Ok(found.and_then(|at| configs.into_files().into_iter().nth(at)))
}

/// Reads a configuration that was found for these folders.
pub(super) fn load_found(path: &Path, folders: &[&Path], trusts_found: bool) -> Result<ConfigFile, Error> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let trusted = trusts_found || trust::trusts(folder)?;
    let shown = from_here(path);
    let name = if trusted {
        NamedPath::given(shown)
    } else {
        trust::check_owner(path, folders)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = NamedPath::below(folder, &name);
        below.map_err(|why| Error::File { path: shown.to_owned(), why: why.to_owned() })?.shown_as(shown)
    };
    let (config, text) = read(&name, "configuration")?;
    let file = ConfigFile { path: path.to_owned(), folder: folder.to_owned(), text, config, trusted };
    if !trusted {
        file.check_paths()?;
    }
    Ok(file)
}

/// Reads the configuration at `path`, which the user named.
///
/// # Errors
/// A file that cannot be read, is not valid YAML, or says something that is not allowed; the message names the file,
/// the place and the key.
pub fn load(path: &Path) -> Result<ConfigFile, Error> {
    let (config, text) = read(&NamedPath::given(path), "configuration")?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(ConfigFile { path: path.to_owned(), folder: folder.to_owned(), config, text, trusted: true })
}

/// The file called `name` beside a configuration, or in the current folder where there is none. `trusts_found` says that
/// it counts as a file that was named.
///
/// # Errors
/// A file of another user.
pub fn beside(config: Option<&ConfigFile>, name: &str, trusts_found: bool) -> Result<NamedPath, Error> {
    let (folder, is_trusted) = match config {
        Some(config) => (config.folder.as_path(), config.trusted),
        None => (Path::new("."), trusts_found || trust::trusts(&trust::real(Path::new(".")).unwrap_or_default())?),
    };
    let path = if config.is_some() { folder.join(name) } else { PathBuf::from(name) };
    if is_trusted {
        return Ok(NamedPath::given(path));
    }
    let file = |why: String| Error::File { path: path.clone(), why };
    if let Some(owner) = trust::owner_other_than_user(&path) {
        return Err(file(format!("belongs to another user ({owner}): --trust-config takes it all the same")));
    }
    NamedPath::below(folder, name).map(|named| named.shown_as(&path)).map_err(|why| file(why.to_owned()))
}

impl ConfigFile {
    /// The configuration in a text that stands in no file of its own, which messages call `name`. It reaches no further than
    /// one that is found in the current folder.
    ///
    /// # Errors
    /// As [`load`], and paths out of the current folder.
    pub fn of_text(text: String, name: &str) -> Result<ConfigFile, Error> {
        let (path, folder) = (PathBuf::from(name), PathBuf::from("."));
        let file = ConfigFile { path, folder, config: parse(&text, name)?, text, trusted: false };
        file.check_paths()?;
        Ok(file)
    }

    /// `path` relative to the configuration's folder; `None` if it lies elsewhere.
    pub fn relative(&self, path: &Path) -> Option<PathBuf> {
        let (path, folder) = (trust::real(path)?, fs::canonicalize(&self.folder).ok()?);
        path.strip_prefix(folder).map(Path::to_owned).ok()
    }

    /// Returns the id of the policy at `path` in findings: its path from the configuration's folder, if it lies
    /// there, so that one module has the same id on every machine and however it was named.
    pub fn id_of(config: Option<&ConfigFile>, path: &Path) -> String {
        let below = config.filter(|_| path.is_file()).and_then(|file| file.relative(path));
        below.as_deref().unwrap_or(path).display().to_string()
    }

    /// Whether a path is the configuration itself.
    pub fn is_own(&self, path: &Path) -> bool {
        let is_named = path.file_name().is_some_and(|name| Some(name) == self.path.file_name());
        is_named && fs::canonicalize(path).ok() == fs::canonicalize(&self.path).ok()
    }

    /// Whether a file or folder is excluded.
    pub fn excludes(&self, path: &Path) -> bool {
        !self.config.exclude.is_empty()
            && self.relative(path).is_some_and(|path| self.config.exclude.iter().any(|glob| glob.matches(&path)))
    }

    /// A file that the configuration names under `key`.
    ///
    /// # Errors
    /// A path that the configuration may not reach; the message says where it stands.
    pub fn resolve(&self, key: &str, path: &str) -> Result<NamedPath, Error> {
        let shown = match from_here(&self.folder.join(path)) {
            far if far.is_absolute() && self.path.parent() == Some(&*self.folder) => {
                from_here(&self.path).with_file_name(path)
            }
            near => near,
        };
        if self.trusted {
            return Ok(NamedPath::given(shown));
        }
        let below = NamedPath::below(&self.folder, path).map_err(|why| {
            self.at(&format!("{key}: {path:?} {why}, and only files below this one's folder count; {}", HINT))
        });
        below.map(|named| named.shown_as(shown))
    }

    /// The file of known findings.
    ///
    /// # Errors
    /// As [`ConfigFile::resolve`].
    pub fn baseline(&self) -> Result<Option<NamedPath>, Error> {
        self.config.baseline.as_deref().map(|path| self.resolve("baseline", path)).transpose()
    }

    /// The file of a report; `None` for standard output.
    ///
    /// # Errors
    /// As [`ConfigFile::resolve`].
    pub fn output(&self, at: usize) -> Result<Option<NamedPath>, Error> {
        let path = self.config.outputs[at].path.as_deref().filter(|path| *path != "-");
        path.map(|path| self.resolve(&format!("outputs[{at}].path"), path)).transpose()
    }

    /// The module of a further policy.
    ///
    /// # Errors
    /// As [`ConfigFile::resolve`].
    pub fn module(&self, at: usize) -> Result<PolicySource, Error> {
        let module = &self.config.policies[at].module;
        if module.contains("://") {
            let may_fetch = self.trusted;
            return Ok(PolicySource::Reference { reference: module.clone(), may_fetch });
        }
        self.resolve(&format!("policies[{at}].module"), module).map(PolicySource::File)
    }

    /// Checks every path that the configuration names, whether this run needs it or not.
    fn check_paths(&self) -> Result<(), Error> {
        let config = &self.config;
        for at in 0..config.outputs.len() {
            self.output(at)?;
        }
        for at in 0..config.policies.len() {
            self.module(at)?;
        }
        for (at, dockerfile) in config.dockerfiles.iter().enumerate() {
            self.resolve(&format!("dockerfiles[{at}].path"), &dockerfile.path)?;
        }
        self.baseline().map(drop)
    }

    /// Says which settings a policy refuses: with their place, if they come from a configuration.
    pub fn refusal(config: Option<&ConfigFile>, error: Error) -> Error {
        match (config, error) {
            (Some(file), Error::Settings(message)) => file.at(&message),
            (Some(file), error) => file.at(&error.to_string()),
            (None, error) => error,
        }
    }

    /// Says where in the file the settings stand that a policy refuses: `message` starts with the key.
    pub fn at(&self, message: &str) -> Error {
        let message = suggest::for_settings(message);
        let key = message.split_once(": ").map_or("", |(key, _)| key);
        let parsed = yaml::parse(&self.text);
        let place = parsed.documents.first().map(|document| Place::find(&document.root, key));
        match place {
            Some(place) => {
                let path = from_here(&self.path).display().to_string();
                Error::At { path, line: place.line, column: place.column, message }
            }
            None => Error::File { path: from_here(&self.path), why: message },
        }
    }
}
