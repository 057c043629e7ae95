//! Reads the Dockerfiles that the command line and the configuration name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hardening::glob::Glob;
use serde_json::Value;

use super::{Image, image_user};
use crate::bounded;
use crate::config::ConfigFile;

/// `--dockerfile IMAGE=PATH`
#[derive(Debug, Clone)]
pub struct Mapping {
    image: Glob,
    path: PathBuf,
}

impl std::str::FromStr for Mapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Mapping, String> {
        let (image, path) = text.split_once('=').ok_or("write IMAGE=PATH, as ghcr.io/org/app=app/Dockerfile")?;
        let image = Glob::new(image).map_err(|why| format!("{image:?} is not a glob: {why}"))?;
        Ok(Mapping { image, path: PathBuf::from(path) })
    }
}

/// The images of the command line, then those of the configuration, each with the text of its Dockerfile.
///
/// # Errors
/// A Dockerfile that cannot be read; the message names it.
pub(crate) fn load(given: &[Mapping], config: Option<&ConfigFile>) -> Result<Vec<(Image, String)>, String> {
    let mut images = Vec::new();
    for Mapping { image, path } in given {
        images.push(read(image.clone(), path, None, &BTreeMap::new())?);
    }
    for (file, dockerfile) in config.into_iter().flat_map(|file| file.config.dockerfiles.iter().map(move |d| (file, d)))
    {
        let Some(image) = dockerfile.image.clone() else { continue };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let args = dockerfile.args.0.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        images.push(read(image, &file.resolve(&dockerfile.path), dockerfile.target.as_deref(), &args)?);
    }
    Ok(images)
}

fn read(
    image: Glob,
    path: &Path,
    target: Option<&str>,
    args: &BTreeMap<String, String>,
) -> Result<(Image, String), String> {
    let name = path.display();
    let text = bounded::read_to_string(path).map_err(|error| format!("cannot read Dockerfile `{name}`: {error}"))?;
    let user = image_user(&text, target, args).map_err(|error| format!("{name}:{}: {}", error.line, error.message))?;
    Ok((Image { image, path: path.to_owned(), user }, text))
}
