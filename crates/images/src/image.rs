//! References to images, normalised as container runtimes do it.

use std::fmt;

use hardening::reference::Reference;
use thiserror::Error;

use crate::digest::Digest;

/// The tag that is pulled when neither a tag nor a digest is written.
const DEFAULT_TAG: &str = "latest";

/// A reference to an image, normalised: `nginx` is `docker.io/library/nginx:latest`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// A text that no container runtime takes as a reference.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{:?} is not the name of an image: {why}", shown(text))]
pub struct ImageError {
    text: String,
    why: &'static str,
}

fn shown(text: &str) -> String {
    text.chars().take(300).collect()
}

impl Image {
    /// Reads a reference as a manifest writes it.
    ///
    /// # Errors
    /// A text that no container runtime takes.
    pub fn parse(text: &str) -> Result<Image, ImageError> {
        let reference = Reference::parse(text).map_err(|why| ImageError { text: text.to_owned(), why })?;
        let default = if reference.digest.is_none() { Some(DEFAULT_TAG) } else { None };
        Ok(Image {
            registry: reference.registry.to_owned(),
            repository: reference.repository.clone().into_owned(),
            tag: reference.tag.or(default).map(str::to_owned),
            digest: reference.digest.map(str::to_owned),
        })
    }

    /// The host of the registry, with the port if one is written.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path of the repository in the registry.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag; `None` only beside a digest.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest with its algorithm.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// The full name without tag and digest: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        [&self.registry, "/", &self.repository].concat()
    }

    /// The same reference without the digest, where a tag says which image is meant.
    #[must_use]
    pub fn by_tag(&self) -> Image {
        let digest = if self.tag.is_some() { None } else { self.digest.clone() };
        Image { digest, ..self.clone() }
    }

    /// The same reference with this digest.
    #[must_use]
    pub fn at(&self, digest: &Digest) -> Image {
        Image { digest: Some(digest.to_string()), ..self.clone() }
    }

    /// The key of the image in the lock: the full name with the tag, or with the digest where there is no tag. All ways
    /// to write a reference share it, with a digest beside the tag and without.
    pub fn key(&self) -> String {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => [&self.name(), ":", tag].concat(),
            (None, digest) => [&self.name(), "@", digest.as_deref().unwrap_or_default()].concat(),
        }
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key())?;
        match (&self.tag, &self.digest) {
            (Some(_), Some(digest)) => write!(f, "@{digest}"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_way_to_write_a_reference_has_one_key() {
        for (text, key) in [
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("docker.io/nginx:1.27", "docker.io/library/nginx:1.27"),
            ("index.docker.io/library/nginx:1.27", "docker.io/library/nginx:1.27"),
            (&format!("nginx:1.27@{DIGEST}"), "docker.io/library/nginx:1.27"),
            ("nginx", "docker.io/library/nginx:latest"),
            (&format!("nginx@{DIGEST}"), &format!("docker.io/library/nginx@{DIGEST}")),
            ("localhost:5000/a/b:1", "localhost:5000/a/b:1"),
        ] {
            let image = Image::parse(text).unwrap();
            assert_eq!(image.key(), key, "{text}");
            assert_eq!(Image::parse(&image.to_string()), Ok(image), "{text}");
        }
    }

    #[test]
    fn what_no_runtime_takes_is_refused_with_the_reason() {
        let error = Image::parse("Nginx Latest").unwrap_err().to_string();
        assert!(error.starts_with("\"Nginx Latest\" is not the name of an image: "), "{error}");
        assert!(Image::parse(&"a".repeat(9999)).unwrap_err().to_string().len() < 500);
    }
}
