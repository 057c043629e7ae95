//! Reads the Dockerfiles that the command line and the configuration name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hardening::glob::Glob;
use serde_json::Value;

use super::{Error, Image};
use crate::config::{ConfigFile, Dockerfile};
use crate::named::{NamedPath, from_here};

/// `--dockerfile IMAGE=PATH`
#[derive(Debug, Clone)]
pub struct Mapping {
    image: Glob,
    path: PathBuf,
}

/// A value of `--dockerfile` that is not one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MappingError {
    /// A text without `=`.
    #[error("write IMAGE=PATH, such as ghcr.io/org/app=app/Dockerfile")]
    NoPath,
    /// An image that is not a glob.
    #[error("{image:?} is not a glob: {why}")]
    Glob {
        /// The text before `=`.
        image: String,
        /// The reason.
        why: String,
    },
}

impl std::str::FromStr for Mapping {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Mapping, MappingError> {
        let (image, path) = text.split_once('=').ok_or(MappingError::NoPath)?;
        let glob = Glob::new(image);
        let image = glob.map_err(|why| MappingError::Glob { image: image.to_owned(), why: why.to_string() })?;
        Ok(Mapping { image, path: PathBuf::from(path) })
    }
}

fn unreadable(message: String) -> Error {
    Error { line: 0, message }
}

fn read(path: &NamedPath) -> Result<String, Error> {
    path.read_to_string().map_err(|error| unreadable(format!("cannot read Dockerfile `{path}`: {error}")))
}

/// The images of the command line.
pub(crate) fn given(mappings: &[Mapping]) -> Vec<Image> {
    let image = |Mapping { image, path }: &Mapping| {
        let text = read(&NamedPath::given(path));
        Image::new(image.clone(), path.clone(), text, (None, &BTreeMap::new()), None)
    };
    mappings.iter().map(image).collect()
}

/// The images of a configuration.
pub(crate) fn of_config(file: &ConfigFile) -> Vec<Image> {
    let image = |(index, dockerfile): (usize, &Dockerfile)| {
        let image = dockerfile.image.clone()?;
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let args = dockerfile.args.0.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let key = format!("dockerfiles[{index}].path");
        let named = file.resolve(&key, &dockerfile.path).map_err(|error| unreadable(error.to_string()));
        let at = |error: Error| unreadable(file.at(&format!("{key}: {}", error.message)).to_string());
        let text = named.and_then(|path| read(&path).map_err(at));
        let path = from_here(&file.folder.join(&dockerfile.path));
        Some(Image::new(image, path, text, (dockerfile.target.as_deref(), &args), Some(index)))
    };
    file.config.dockerfiles.iter().enumerate().filter_map(image).collect()
}
