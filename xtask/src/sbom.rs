//! `cargo xtask sbom`: a bill of materials (CycloneDX 1.6) for every policy and for `harden`.
//!
//! Written here because the tools there are list what cargo resolves for the whole workspace, build tools and
//! macros included, with the time and a random number. This one lists what is linked, and the same sources give
//! the same bytes.

mod crates;
mod cyclonedx;

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::cargo::{field, output, rustc};
use crate::policies::{self, WASM};
use crate::{Outcome, checksums};

use crates::{Crates, checksums_of_lock};
use cyclonedx::{Compiler, Subject, document};

/// Writes `dist/sbom/<id>.cdx.json` for the policies that are built, and for `harden`, compiled for `target`, if it is in
/// dist/.
///
/// # Errors
/// Policies that are not built, a crate without licence, a file that cannot be read or written.
pub(crate) fn write(root: &Path, target: Option<&str>) -> Outcome {
    let lock = root.join("Cargo.lock");
    let lock = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let checksums = checksums_of_lock(&lock);
    let version = output(rustc(root).arg("-vV"))?;
    let value = |key: &str| field(&version, key).with_context(|| format!("`rustc -vV` does not say its {key}"));
    let compiler = Compiler { release: value("release")?.to_owned(), commit: value("commit-hash")?.to_owned() };
    let folder = root.join("dist/sbom");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;

    let ids = policies::all();
    let packages: Vec<String> = ids.iter().map(|id| format!("policy-{id}")).collect();
    let linked = crates::linked(root, &packages, WASM, &checksums)?;
    let mut subjects: Vec<(&str, String, &str, Crates)> =
        ids.iter().zip(linked).map(|(id, crates)| (*id, format!("{id}.wasm"), WASM, crates)).collect();
    if root.join("dist/harden").is_file() {
        let target = target.map_or_else(|| value("host"), Ok)?;
        let linked = crates::linked(root, &["harden".to_owned()], target, &checksums)?;
        subjects.extend(linked.into_iter().map(|crates| ("harden", "harden".to_owned(), target, crates)));
    }
    for (name, file, target, crates) in subjects {
        let path = root.join("dist").join(&file);
        let bytes =
            fs::read(&path).with_context(|| format!("cannot read {}, which `make policies` builds", path.display()))?;
        let subject = Subject { name, file: &file, target, sha256: &checksums::hex(&bytes) };
        let document = document(&subject, &crates, &compiler)?;
        policies::write(&folder.join(format!("{name}.cdx.json")), document.as_bytes())?;
        println!("dist/sbom/{name}.cdx.json {:>4} crates", crates.all.len());
    }
    checksums::write(root)
}
