//! `cargo xtask policies`: from Rust to the modules in dist/.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hardening::rules;
use wasm_encoder::{CustomSection, Encode, Section};

use crate::Outcome;
use crate::metadata::{BUNDLE, metadata};

#[path = "../../cli/src/embedded/fingerprint.rs"]
mod fingerprint;

/// The custom section that Kubewarden reads.
const SECTION: &str = "io.kubewarden.metadata";

/// Builds the policies `ids` (all if empty) to `dist/<id>.wasm`, each with its metadata, and for the
/// bundle the ahead-of-time module that `harden` embeds.
///
/// # Errors
/// An unknown id, a failed build, a file that cannot be written.
pub(crate) fn build(root: &Path, ids: &[String]) -> Outcome {
    let docs = rules::all();
    let known: Vec<&str> = docs.iter().map(|doc| doc.id).chain([BUNDLE]).collect();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(&id.as_str())) {
        return Err(format!("there is no policy {unknown}; known: {}", known.join(", ")));
    }
    let ids: Vec<&str> = known.into_iter().filter(|id| ids.is_empty() || ids.iter().any(|i| i == id)).collect();

    let (bundle, rules): (Vec<&str>, Vec<&str>) = ids.iter().partition(|id| **id == BUNDLE);
    let folders = [compile(root, "wasm", &rules)?, compile(root, "wasm-bundle", &bundle)?];
    let aot = root.join("dist/aot");
    fs::create_dir_all(&aot).map_err(|e| format!("cannot make {}: {e}", aot.display()))?;
    let fingerprint = fingerprint::of_sources(root).map_err(|e| format!("cannot read the sources: {e}"))?;
    for id in ids {
        let file = folders[usize::from(id == BUNDLE)].join(format!("policy_{}.wasm", id.replace('-', "_")));
        let mut wasm = fs::read(&file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
        let metadata = metadata(id, docs.iter().find(|doc| doc.id == id), env!("CARGO_PKG_VERSION"));
        annotate(&mut wasm, &metadata.to_string());
        write(&root.join(format!("dist/{id}.wasm")), &wasm)?;
        if id == BUNDLE {
            let native = harden::sandbox::precompile(&wasm).map_err(|e| e.to_string())?;
            write(&aot.join(format!("{id}.cwasm")), &native)?;
        }
        write(&aot.join(format!("{id}.sources")), fingerprint.as_bytes())?;
        println!("dist/{id}.wasm {:>7} bytes", wasm.len());
    }
    Ok(())
}

/// Compiles the policy crates in a profile; gives the folder with the modules.
fn compile(root: &Path, profile: &str, ids: &[&str]) -> Result<PathBuf, String> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("wasm32-unknown-unknown").join(profile);
    if ids.is_empty() {
        return Ok(folder);
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root).args(["build", "--profile", profile, "--target", "wasm32-unknown-unknown", "--locked"]);
    for id in ids {
        cargo.arg("-p").arg(format!("policy-{id}"));
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", rustflags(root));
    let status = cargo.status().map_err(|e| format!("cannot run cargo: {e}"))?;
    if !status.success() {
        return Err(
            "the policies do not compile (is the target there? `rustup target add wasm32-unknown-unknown`)".into()
        );
    }
    Ok(folder)
}

/// Compiler flags that keep this machine's folders out of the modules, so that every build gives the same
/// bytes; separated as CARGO_ENCODED_RUSTFLAGS wants it.
fn rustflags(root: &Path) -> String {
    let home = |name: &str, folder: &str| {
        let default = || std::env::home_dir().map(|home| home.join(folder));
        std::env::var_os(name).map(PathBuf::from).or_else(default)
    };
    let mut folders = vec![(root.to_path_buf(), "/hardening")];
    folders.extend(home("CARGO_HOME", ".cargo").map(|path| (path, "/cargo")));
    folders.extend(home("RUSTUP_HOME", ".rustup").map(|path| (path, "/rustup")));
    let flags = folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    flags.collect::<Vec<_>>().join("\u{1f}")
}

fn annotate(wasm: &mut Vec<u8>, metadata: &str) {
    let section = CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Borrowed(metadata.as_bytes()) };
    wasm.push(section.id());
    section.encode(wasm);
}

fn write(path: &Path, bytes: &[u8]) -> Outcome {
    // An unchanged file keeps its time, so that nothing that embeds it is built again.
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(|e| format!("cannot write {}: {e}", path.display()))
}
