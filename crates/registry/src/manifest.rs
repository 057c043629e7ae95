//! The manifest of a policy: one layer, the module; an empty configuration; the metadata as annotations.

use std::collections::BTreeMap;

use oci_client::client::{Config, ImageLayer};
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE,
    OciImageManifest, WASM_CONFIG_MEDIA_TYPE, WASM_LAYER_MEDIA_TYPE,
};
use olpc_cjson::CanonicalFormatter;
use serde::{Deserialize, Serialize};

use crate::{Digest, Error};
use sandbox::PolicyMetadata;

/// The largest manifest; registries take none that is larger.
pub(super) const LARGEST: u64 = 4 << 20;
/// The largest module. The largest policies (of languages that bring a runtime) have some 30 MiB.
pub(super) const LARGEST_MODULE: u64 = 128 << 20;
/// The configuration's whole content.
pub(super) const CONFIG: &[u8] = b"{}";
/// The media type of a manifest that is written here.
pub(super) const MEDIA_TYPE: &str = OCI_IMAGE_MEDIA_TYPE;
/// The media types that a registry is asked for: lists too, so that the error can say that it is one.
pub(super) const ACCEPTED: [&str; 4] =
    [OCI_IMAGE_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, IMAGE_MANIFEST_LIST_MEDIA_TYPE];

/// The module of a policy, as its manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its digest.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    #[serde(default)]
    layers: Option<Vec<Layer>>,
    #[serde(default)]
    manifests: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Layer {
    media_type: String,
    digest: String,
    size: u64,
}

impl Module {
    /// The longest module that is taken.
    pub const LARGEST: u64 = LARGEST_MODULE;

    /// Finds the module in a manifest, as kwctl and others lay it out.
    ///
    /// # Errors
    /// A manifest of something else: a list, an image, a layer of a foreign media type.
    pub fn in_manifest(bytes: &[u8]) -> Result<Module, Error> {
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(Error::Manifest)?;
        if manifest.schema_version != 2 {
            return Err(Error::SchemaVersion(manifest.schema_version));
        }
        let layers = match (manifest.layers, manifest.manifests) {
            (Some(layers), None) => layers,
            (None, Some(_)) => return Err(Error::Index),
            _ => return Err(Error::NoLayers),
        };
        if let Some(foreign) = layers.iter().find(|layer| layer.media_type != WASM_LAYER_MEDIA_TYPE) {
            let shown = foreign.media_type.chars().filter(|c| !c.is_control()).take(100);
            return Err(Error::MediaType(shown.collect()));
        }
        let [layer] = layers.as_slice() else {
            return Err(Error::Layers(layers.len()));
        };
        if layer.size > LARGEST_MODULE {
            return Err(Error::TooLarge(layer.size));
        }
        Ok(Module { digest: Digest::parse(&layer.digest)?, size: layer.size })
    }
}

/// The manifest for a module, in the very bytes that kwctl would write.
///
/// # Errors
/// Serialisation errors; none is expected.
pub fn write(wasm: &[u8], annotations: Option<BTreeMap<String, String>>) -> Result<Vec<u8>, Error> {
    let layer = ImageLayer::new(wasm.to_vec(), WASM_LAYER_MEDIA_TYPE.to_owned(), None);
    let config = Config::new(CONFIG, WASM_CONFIG_MEDIA_TYPE.to_owned(), None);
    let manifest = OciImageManifest::build(&[layer], &config, annotations);
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, CanonicalFormatter::new());
    manifest.serialize(&mut serializer).map_err(Error::Serialize)?;
    Ok(bytes)
}

/// The annotations for the manifest, and the keys of those that cannot be in it because they have several lines
/// (canonical JSON does not know line breaks), as `io.kubewarden.policy.usage` often does.
pub fn annotations(metadata: &PolicyMetadata) -> (Option<BTreeMap<String, String>>, Vec<String>) {
    let mut left_out = Vec::new();
    let annotations = metadata.annotations.as_ref().map(|given| {
        let mut kept = BTreeMap::new();
        for (key, value) in given {
            let value = value.trim();
            if value.contains(char::is_control) || key.contains(char::is_control) {
                left_out.push(key.escape_debug().to_string());
            } else {
                kept.insert(key.clone(), value.to_owned());
            }
        }
        if let Some(source) = kept.get(POLICY_SOURCE).cloned() {
            kept.entry(IMAGE_SOURCE.to_owned()).or_insert(source);
        }
        kept
    });
    (annotations, left_out)
}

/// Where registries look for the repository that something was built from; GitHub links the package to it.
const IMAGE_SOURCE: &str = "org.opencontainers.image.source";
const POLICY_SOURCE: &str = "io.kubewarden.policy.source";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn layer() -> Value {
        json!({ "mediaType": WASM_LAYER_MEDIA_TYPE, "digest": Digest::of(b"x").to_string(), "size": 1 })
    }

    #[test]
    fn a_manifest_that_is_written_is_read() {
        let annotations = BTreeMap::from([("b".to_owned(), "\"2\"".to_owned()), ("a".to_owned(), "ä".to_owned())]);
        let bytes = write(b"module", Some(annotations)).unwrap();
        let module = Module::in_manifest(&bytes).unwrap();
        assert_eq!(module, Module { digest: Digest::of(b"module"), size: 6 });
        let text = String::from_utf8(bytes).unwrap();
        let expected = format!(
            r#"{{"annotations":{{"a":"ä","b":"\"2\""}},"config":{{"digest":"{}","mediaType":"application/vnd.wasm.config.v1+json","size":2}},"layers":[{{"digest":"{}","mediaType":"application/vnd.wasm.content.layer.v1+wasm","size":6}}],"schemaVersion":2}}"#,
            Digest::of(b"{}"),
            Digest::of(b"module"),
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_is_not_a_policy_is_refused_with_the_reason() {
        let with = |key: &str, value: Value| {
            let mut layer = layer();
            layer[key] = value;
            json!({ "schemaVersion": 2, "layers": [layer] })
        };
        for (manifest, reason) in [
            (json!("<html>"), "no manifest but something else"),
            (json!({ "layers": [layer()] }), "schemaVersion"),
            (json!({ "schemaVersion": 1, "layers": [layer()] }), "only 2 is known"),
            (json!({ "schemaVersion": 2 }), "either layers or manifests"),
            (json!({ "schemaVersion": 2, "layers": [layer()], "manifests": [] }), "either layers or manifests"),
            (json!({ "schemaVersion": 2, "manifests": [] }), "several platforms"),
            (json!({ "schemaVersion": 2, "layers": [] }), "it has 0 layers"),
            (json!({ "schemaVersion": 2, "layers": [layer(), layer()] }), "it has 2 layers"),
            (with("mediaType", json!("application/vnd.oci.image.layer.v1.tar+gzip")), "`application/vnd.oci.image.la"),
            (with("mediaType", json!("application/wasm")), "media type `application/wasm`"),
            (with("digest", json!("sha512:00")), "is not a digest"),
            (with("digest", json!("../../etc/passwd")), "is not a digest"),
            (with("size", json!(-1)), "no manifest but something else"),
            (with("size", json!(LARGEST_MODULE + 1)), "no more than"),
        ] {
            let error = Module::in_manifest(manifest.to_string().as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{manifest}: {error}");
        }
    }

    #[test]
    fn annotations_are_the_metadata_s_single_lines_and_the_source() {
        let metadata = |annotations: Value| -> PolicyMetadata {
            serde_json::from_value(json!({ "protocolVersion": "v1", "annotations": annotations })).unwrap()
        };
        let (kept, left_out) = annotations(&metadata(json!({
            "io.kubewarden.policy.source": "https://example.com/repo",
            "io.kubewarden.policy.title": "privileged\n",
            "io.kubewarden.policy.usage": "one\ntwo",
        })));
        let kept = kept.unwrap();
        assert_eq!(kept["io.kubewarden.policy.title"], "privileged");
        assert_eq!(kept["org.opencontainers.image.source"], "https://example.com/repo");
        assert_eq!((kept.len(), left_out.as_slice()), (3, &["io.kubewarden.policy.usage".to_owned()][..]));

        let own = json!({ "io.kubewarden.policy.source": "a", "org.opencontainers.image.source": "b" });
        assert_eq!(annotations(&metadata(own)).0.unwrap()["org.opencontainers.image.source"], "b");
        assert_eq!(annotations(&metadata(Value::Null)).0, None);
    }
}
