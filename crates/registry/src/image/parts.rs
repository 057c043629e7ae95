//! Manifests and indexes of images, as Docker and OCI lay them out.

use images::{Digest, Platform};
use oci_client::manifest::{IMAGE_CONFIG_MEDIA_TYPE, IMAGE_DOCKER_CONFIG_MEDIA_TYPE};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::Error;

/// The parts of an image or index.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parts {
    /// The image of one platform.
    Image {
        /// Its configuration.
        configuration: Configuration,
    },
    /// Something that is not run.
    Artifact,
    /// The images of several platforms.
    Index {
        /// One each.
        children: Vec<Child>,
    },
}

/// The configuration of an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Configuration {
    pub(super) digest: Digest,
    pub(super) size: u64,
}

/// The image of one platform in an index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) platform: Platform,
    pub(super) digest: Digest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<IgnoredAny>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    size: u64,
    #[serde(default)]
    platform: Option<Written>,
}

/// A platform as it is written.
#[derive(Deserialize)]
struct Written {
    os: String,
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

impl Parts {
    /// Reads the bytes of a manifest.
    ///
    /// # Errors
    /// Bytes that are not one, one of the first schema, one that is both an image and an index, or neither.
    pub(super) fn of(bytes: &[u8]) -> Result<Parts, Error> {
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(Error::Manifest)?;
        match manifest.schema_version {
            2 => {}
            1 => return Err(Error::SchemaOne),
            other => return Err(Error::SchemaVersion(other)),
        }
        match (manifest.config, manifest.layers, manifest.manifests) {
            (None, None, Some(children)) => Ok(Parts::Index { children: platforms(children)? }),
            (Some(config), Some(_), None) => {
                if ![IMAGE_CONFIG_MEDIA_TYPE, IMAGE_DOCKER_CONFIG_MEDIA_TYPE].contains(&config.media_type.as_str()) {
                    return Ok(Parts::Artifact);
                }
                let configuration = Configuration { digest: Digest::parse(&config.digest)?, size: config.size };
                Ok(Parts::Image { configuration })
            }
            _ => Err(Error::NoLayers),
        }
    }
}

/// The children that are the image of a platform; attestations and the like are not.
fn platforms(children: Vec<Descriptor>) -> Result<Vec<Child>, Error> {
    let mut found = Vec::new();
    for child in children {
        let Some(Written { os, architecture, variant }) = child.platform else { continue };
        // What no runtime can choose is not offered to one.
        let Ok(platform) = Platform::new(&os, &architecture, variant.as_deref()) else { continue };
        if !platform.is_unknown() {
            found.push(Child { platform, digest: Digest::parse(&child.digest)? });
        }
    }
    Ok(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(manifest: &Value) -> Result<Parts, Error> {
        Parts::of(manifest.to_string().as_bytes())
    }

    #[test]
    fn images_indexes_and_artifacts_are_told_apart() {
        let digest = Digest::of(b"x");
        let config = |media: &str| json!({ "mediaType": media, "digest": digest.to_string(), "size": 9 });
        let image = |media: &str| json!({ "schemaVersion": 2, "config": config(media), "layers": [] });
        let expected = Parts::Image { configuration: Configuration { digest: digest.clone(), size: 9 } };
        for media in ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"] {
            assert_eq!(of(&image(media)).unwrap(), expected);
        }
        assert_eq!(of(&image("application/vnd.cncf.helm.config.v1+json")).unwrap(), Parts::Artifact);
        let child = |platform: Value| json!({ "digest": digest.to_string(), "size": 1, "platform": platform });
        let index = json!({ "schemaVersion": 2, "manifests": [
            child(json!({ "os": "linux", "architecture": "arm64", "variant": "v8" })),
            child(json!({ "os": "unknown", "architecture": "unknown" })),
            child(json!({ "os": "li nux", "architecture": "x" })),
            child(Value::Null),
        ]});
        let platform = "linux/arm64".parse().unwrap();
        assert_eq!(of(&index).unwrap(), Parts::Index { children: vec![Child { platform, digest: digest.clone() }] });
    }

    #[test]
    fn what_is_not_an_image_is_refused_with_the_reason() {
        for (manifest, reason) in [
            (json!("<html>"), "no manifest but something else"),
            (json!({ "schemaVersion": 1, "fsLayers": [] }), "schema 1, which container runtimes no longer pull"),
            (json!({ "schemaVersion": 3 }), "only 2 is known"),
            (json!({ "schemaVersion": 2 }), "either layers or manifests"),
            (
                json!({ "schemaVersion": 2, "manifests": [], "layers": [], "config": { "digest": "", "size": 1 } }),
                "either layers or manifests",
            ),
            (
                json!({ "schemaVersion": 2, "manifests": [{ "digest": "sha512:0", "size": 1,
                         "platform": { "os": "linux", "architecture": "amd64" } }] }),
                "is not a digest",
            ),
        ] {
            let error = of(&manifest).unwrap_err().to_string();
            assert!(error.contains(reason), "{manifest}: {error}");
        }
    }
}
