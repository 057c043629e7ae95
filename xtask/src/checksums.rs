//! `dist/SHA256SUMS`: what was built, as `sha256sum --check` reads it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{Outcome, policies};

/// The file's name in dist/.
pub(crate) const NAME: &str = "SHA256SUMS";

/// Writes the sums of everything in dist/ that is released: the policies, `harden`, the bills of materials.
///
/// # Errors
/// A folder that cannot be read or written.
pub(crate) fn write(root: &Path) -> Outcome {
    let dist = root.join("dist");
    let mut lines = String::new();
    for name in released(&dist)? {
        let path = dist.join(&name);
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let _ = writeln!(lines, "{}  {name}", hex(&bytes));
    }
    policies::write(&dist.join(NAME), lines.as_bytes())
}

/// The SHA-256 of `bytes`, in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn released(dist: &Path) -> Result<Vec<String>> {
    // A policy that is no more may lie here still.
    let mut names: Vec<String> = policies::all().iter().map(|id| format!("{id}.wasm")).collect();
    names.push("harden".to_owned());
    names.extend(policies::all().iter().map(|id| format!("sbom/{id}.cdx.json")));
    names.push("sbom/harden.cdx.json".to_owned());
    names.retain(|name| dist.join(name).is_file());
    names.sort_unstable();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_of_what_is_released() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("dist/sbom")).unwrap();
        for (name, text) in [
            ("privileged.wasm", "abc"),
            ("no-rule-any-more.wasm", "old"),
            ("harden", ""),
            ("sbom/privileged.cdx.json", "{}"),
            ("digests.txt", "x"),
        ] {
            fs::write(folder.path().join("dist").join(name), text).unwrap();
        }
        write(folder.path()).unwrap();
        let sums = fs::read_to_string(folder.path().join("dist/SHA256SUMS")).unwrap();
        assert_eq!(
            sums,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  harden\n\
             ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  privileged.wasm\n\
             44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a  sbom/privileged.cdx.json\n"
        );
    }
}
