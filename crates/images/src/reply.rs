//! An image as Kubewarden's hosts describe it to policies, as far as its entry in the lock says it.
//!
//! The replies have every member that the typed readers of Kubewarden's SDKs ask for. The lock keeps no layers, so an
//! image has none here; what it keeps of an index are the platforms that were asked for, without their sizes.

use serde_json::{Value, json};

use crate::digest::Digest;
use crate::lock::{Build, Entry};
use crate::platform::Platform;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

/// The reply to `oci/v1/manifest_digest`.
pub fn digest(entry: &Entry) -> Value {
    json!({ "digest": entry.digest })
}

/// The reply to `oci/v1/oci_manifest`: the index where there is one, else the manifest; `None` if nothing is known of it.
pub fn manifest(entry: &Entry) -> Option<Value> {
    if entry.platforms.values().any(|build| build.digest == entry.digest) {
        return Some(described(entry)?.manifest);
    }
    let manifests: Vec<Value> = entry.platforms.iter().map(|(platform, build)| {
        json!({ "mediaType": MANIFEST, "digest": build.digest, "size": 0, "platform": parts(platform) })
    }).collect();
    (!manifests.is_empty()).then(|| json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }))
}

/// The reply to `oci/v1/oci_manifest_config`; `None` if nothing says who the image runs as.
pub fn configuration(entry: &Entry) -> Option<Value> {
    let Described { digest, manifest, configuration } = described(entry)?;
    Some(json!({ "digest": digest, "manifest": manifest, "config": configuration }))
}

/// The image of one platform.
struct Described<'e> {
    digest: &'e Digest,
    manifest: Value,
    configuration: Value,
}

/// Describes the image of the platform that hosts prefer, else that of the first one with Linux, else of the first.
fn described(entry: &Entry) -> Option<Described<'_>> {
    let rank = |platform: &Platform| (*platform != Platform::default(), platform.os() != "linux");
    let (platform, build) = entry.platforms.iter().min_by_key(|(platform, _)| rank(platform))?;
    let configuration = configured(platform, build)?;
    let text = configuration.to_string();
    let config = json!({ "mediaType": CONFIGURATION, "digest": Digest::of(text.as_bytes()), "size": text.len() });
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [] });
    Some(Described { digest: &build.digest, manifest, configuration })
}

fn configured(platform: &Platform, build: &Build) -> Option<Value> {
    let facts = build.best()?;
    let set = |list: &[String]| Value::Object(list.iter().map(|key| (key.clone(), json!({}))).collect());
    let run = json!({
        "User": facts.written_user()?,
        "Volumes": set(&facts.volumes),
        "ExposedPorts": set(&facts.exposed_ports),
    });
    let mut configuration = parts(platform);
    configuration["config"] = run;
    configuration["rootfs"] = json!({ "type": "layers", "diff_ids": [] });
    Some(configuration)
}

/// The members that say a platform.
fn parts(platform: &Platform) -> Value {
    let text = platform.to_string();
    let mut parts = ["os", "architecture", "variant"].into_iter().zip(text.split('/'));
    parts.by_ref().map(|(key, part)| (key.to_owned(), part.into())).collect::<serde_json::Map<_, _>>().into()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(platforms: &Value) -> Entry {
        serde_json::from_value(json!({ "digest": digest_of("i"), "platforms": platforms })).unwrap()
    }

    fn digest_of(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    #[test]
    fn an_index_has_the_platforms_and_the_image_is_that_of_the_usual_one() {
        let facts = |user: &str| json!({ "image": { "user": user, "volumes": ["/data"], "exposedPorts": ["80/tcp"] } });
        let entry = entry(&json!({
            "linux/arm/v6": { "digest": digest_of("arm"), "facts": facts("6") },
            "linux/amd64": { "digest": digest_of("amd"), "facts": facts("1000:1000") },
        }));
        let index = manifest(&entry).unwrap();
        assert_eq!(index["manifests"][1]["platform"], json!({ "os": "linux", "architecture": "arm", "variant": "v6" }));
        let reply = configuration(&entry).unwrap();
        assert_eq!(reply["digest"], json!(digest_of("amd")));
        assert_eq!(reply["config"]["config"]["User"], "1000:1000");
        assert_eq!(reply["config"]["config"]["ExposedPorts"], json!({ "80/tcp": {} }));
        let text = reply["config"].to_string();
        assert_eq!(reply["manifest"]["config"]["digest"], json!(Digest::of(text.as_bytes())));
        assert_eq!(digest(&entry), json!({ "digest": digest_of("i") }));
    }

    #[test]
    fn a_single_image_is_its_manifest_and_nothing_is_made_up_of_nothing() {
        let single = |facts: Value| entry(&json!({ "linux/s390x": { "digest": digest_of("i"), "facts": facts } }));
        let by_ids = single(json!({ "try": { "uid": 5, "gid": 6 } }));
        assert_eq!(manifest(&by_ids).unwrap()["mediaType"], MANIFEST);
        assert_eq!(configuration(&by_ids).unwrap()["config"]["config"]["User"], "5:6");
        for facts in [json!({}), json!({ "try": { "writtenPaths": ["/data"] } })] {
            assert!(configuration(&single(facts.clone())).is_none() && manifest(&single(facts)).is_none());
        }
        assert!(manifest(&entry(&json!({}))).is_none());
    }
}
