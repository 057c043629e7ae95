//! A policy as an OCI image layout on disk, for tools that copy layouts into registries (oras, skopeo, crane): whoever
//! holds the registry's password need not run this program.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use oci_client::manifest::OCI_IMAGE_INDEX_MEDIA_TYPE;
use serde_json::json;

use super::manifest::{self, CONFIG, MEDIA_TYPE};
use crate::{Digest, Error};

/// How a layout begins where a reference may stand.
pub const SCHEME: &str = "oci:";

/// Most letters of a tag.
const LONGEST: usize = 128;

/// Writes a policy to the layout that `place` names, `FOLDER:TAG`. Returns the place with the digest of the manifest.
///
/// # Errors
/// A place without folder or tag, a folder that holds something, and whatever the file system says.
pub fn write(wasm: &[u8], annotations: Option<BTreeMap<String, String>>, place: &str) -> Result<String, Error> {
    let parts = place.rsplit_once(':').filter(|(folder, tag)| !folder.is_empty() && is_tag(tag));
    let (folder, tag) = parts.ok_or_else(|| Error::Layout(place.to_owned()))?;
    let manifest = manifest::write(wasm, annotations)?;
    let digest = Digest::of(&manifest);
    let index = json!({
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE_INDEX_MEDIA_TYPE,
        "manifests": [{
            "mediaType": MEDIA_TYPE,
            "digest": digest.to_string(),
            "size": manifest.len(),
            "annotations": { "org.opencontainers.image.ref.name": tag },
        }],
    });
    let written = fill(Path::new(folder), &[wasm, CONFIG, &manifest], &index.to_string());
    written.map_err(|error| Error::WriteLayout(folder.to_owned(), error))?;
    Ok(format!("{SCHEME}{place}@{digest}"))
}

fn fill(folder: &Path, blobs: &[&[u8]], index: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "holds something already"));
    }
    let place = folder.join("blobs/sha256");
    fs::create_dir_all(&place)?;
    for blob in blobs {
        fs::write(place.join(Digest::of(blob).hex()), blob)?;
    }
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    fs::write(folder.join("index.json"), index)
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    tag.len() <= LONGEST
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || b".-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_a_folder_and_a_tag() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path().display();
        for place in ["", "folder", ":v1", "folder:", "folder:-v1", "folder:v 1", "folder:a/b"] {
            let error = write(b"module", None, place).unwrap_err().to_string();
            assert!(error.contains("write oci:FOLDER:TAG"), "{place}: {error}");
        }
        let written = write(b"module", None, &format!("{here}/new/layout:v1.0.0-rc.1_a")).unwrap();
        assert!(written.starts_with(&format!("oci:{here}/new/layout:v1.0.0-rc.1_a@sha256:")), "{written}");
        let error = write(b"module", None, &format!("{here}/new/layout:v2")).unwrap_err().to_string();
        assert!(error.contains("holds something already"), "{error}");
    }
}
