//! Images as registries have them, and the projects that name them.

use registry::Digest;
use serde_json::{Value, json};

use crate::oci::http::{put_blob, put_manifest};
use crate::oci::registry::Registry;

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(super) const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_CONFIGURATION: &str = "application/vnd.docker.container.image.v1+json";

const LAYER: &[u8] = b"a layer";

/// The image of one platform: the bytes of its configuration and of its manifest.
#[derive(Clone)]
pub(super) struct OfPlatform {
    architecture: &'static str,
    is_docker: bool,
    pub(super) configuration: Vec<u8>,
    pub(super) manifest: Vec<u8>,
}

impl OfPlatform {
    /// An image whose configuration has this `config`.
    pub(super) fn new(architecture: &'static str, config: &Value, is_docker: bool) -> OfPlatform {
        let configuration = json!({ "os": "linux", "architecture": architecture, "config": config, "rootfs": {} });
        let configuration = configuration.to_string().into_bytes();
        let (media, layer) = match is_docker {
            true => (DOCKER_CONFIGURATION, "application/vnd.docker.image.rootfs.diff.tar.gzip"),
            false => (OCI_CONFIGURATION, "application/vnd.oci.image.layer.v1.tar+gzip"),
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": if is_docker { DOCKER_MANIFEST } else { OCI_MANIFEST },
            "config": { "mediaType": media, "digest": Digest::of(&configuration), "size": configuration.len() },
            "layers": [{ "mediaType": layer, "digest": Digest::of(LAYER), "size": LAYER.len() }],
        });
        OfPlatform { architecture, is_docker, configuration, manifest: manifest.to_string().into_bytes() }
    }

    pub(super) fn media(&self) -> &'static str {
        if self.is_docker { DOCKER_MANIFEST } else { OCI_MANIFEST }
    }

    /// Uploads it under a tag or digest; gives the digest of its manifest.
    pub(super) fn put(&self, registry: &Registry, repository: &str, name: &str) -> Digest {
        let host = registry.host();
        for blob in [LAYER, &self.configuration] {
            put_blob(&host, repository, &Digest::of(blob).to_string(), blob);
        }
        put_manifest(&host, repository, name, self.media(), &self.manifest);
        Digest::of(&self.manifest)
    }

    /// An index of images, with an attestation as buildx adds it.
    pub(super) fn index(images: &[OfPlatform]) -> Vec<u8> {
        let child = |image: &OfPlatform| {
            json!({
                "mediaType": image.media(), "digest": Digest::of(&image.manifest), "size": image.manifest.len(),
                "platform": { "os": "linux", "architecture": image.architecture },
            })
        };
        let is_docker = images.iter().all(|image| image.is_docker);
        let manifests: Vec<Value> = images.iter().map(child).collect();
        let media = if is_docker { DOCKER_INDEX } else { OCI_INDEX };
        json!({ "schemaVersion": 2, "mediaType": media, "manifests": manifests }).to_string().into_bytes()
    }

    /// Uploads an index under a tag; gives its digest.
    pub(super) fn put_index(images: &[OfPlatform], registry: &Registry, repository: &str, tag: &str) -> Digest {
        for image in images {
            image.put(registry, repository, &Digest::of(&image.manifest).to_string());
        }
        let index = OfPlatform::index(images);
        let media = if images.iter().all(|image| image.is_docker) { DOCKER_INDEX } else { OCI_INDEX };
        put_manifest(&registry.host(), repository, tag, media, &index);
        Digest::of(&index)
    }
}

/// A pod with one container of this image.
pub(crate) fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: c\n      image: {image} # ours\n"
    )
}

/// A lock with the facts of each platform of each image, by key.
pub(crate) fn locked(images: &[(&str, &Value)]) -> String {
    let digest = |text: &str| Digest::of(text.as_bytes());
    let platforms = |facts: &Value| -> Value {
        let builds = facts.as_object().unwrap().iter();
        let builds =
            builds.map(|(platform, facts)| (platform.clone(), json!({ "digest": digest(platform), "facts": facts })));
        Value::Object(builds.collect())
    };
    let entries: Value = images
        .iter()
        .map(|(key, facts)| ((*key).to_owned(), json!({ "digest": digest(key), "platforms": platforms(facts) })))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({ "version": 1, "images": entries }).to_string()
}
