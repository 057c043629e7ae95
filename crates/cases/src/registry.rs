//! The registry of the cases: its host is `registry.example`, and a tag says what is known of its image.

use anyhow::{Context, Result};
use serde_json::json;

/// The digest of every image.
pub const DIGEST: &str = "sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa";

/// The tags, each with the `USER` of its image.
const USERS: [(&str, &str); 8] = [
    ("1.0", "1000:1000"),
    ("user", "1000"),
    ("root", ""),
    ("root-group", "1000:0"),
    ("named", "app"),
    ("named-group", "1000:app"),
    ("too-large", "2147483648"),
    ("data", "1000:1000"),
];

/// The tag whose image has a volume and a port below 1024.
const WITH_DATA: &str = "data";

/// The answer to what a policy asks its host about an image, in the shape of Kubewarden's hosts.
///
/// # Errors
/// An image that is not in the registry.
pub fn answer(reference: &str) -> Result<Vec<u8>> {
    let unknown = || format!("{reference} is not in the registry of the cases");
    let version = reference.strip_prefix("registry.example/").with_context(unknown)?;
    let tag = match version.split_once('@') {
        Some((_, digest)) if digest == DIGEST => USERS[0].0,
        _ => version.split_once(':').with_context(unknown)?.1,
    };
    let (_, user) = USERS.iter().find(|(known, _)| *known == tag).with_context(unknown)?;
    let mut run = json!({ "User": user });
    if tag == WITH_DATA {
        run["Volumes"] = json!({ "/data": {} });
        run["ExposedPorts"] = json!({ "80/tcp": {} });
    }
    let config = json!({ "os": "linux", "architecture": "amd64", "config": run });
    Ok(json!({ "digest": DIGEST, "manifest": {}, "config": config }).to_string().into_bytes())
}
