//! Reads the Dockerfiles that the command line and the configuration name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hardening::glob::Glob;
use serde_json::Value;

use super::{Error, Image};
use crate::config::ConfigFile;
use crate::named::NamedPath;

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

/// The images of the command line, then those of the configuration.
pub fn load(given: &[Mapping], config: Option<&ConfigFile>) -> Vec<Image> {
    let unreadable = |message: String| Error { line: 0, message };
    let read = |path: &NamedPath| {
        path.read_to_string().map_err(|error| unreadable(format!("cannot read Dockerfile `{path}`: {error}")))
    };
    let given = given.iter().map(|Mapping { image, path }| {
        let text = read(&NamedPath::given(path));
        Image::new(image.clone(), path.clone(), text, (None, &BTreeMap::new()), None)
    });
    let mut images: Vec<Image> = given.collect();
    let Some(file) = config else { return images };
    for (index, dockerfile) in file.config.dockerfiles.iter().enumerate() {
        let Some(image) = dockerfile.image.clone() else { continue };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let args = dockerfile.args.0.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let named = file.resolve(&format!("dockerfiles[{index}].path"), &dockerfile.path);
        let text = named.map_err(|error| unreadable(error.to_string())).and_then(|path| read(&path));
        let path = file.folder.join(&dockerfile.path);
        images.push(Image::new(image, path, text, (dockerfile.target.as_deref(), &args), Some(index)));
    }
    images
}
