//! `cargo xtask policies`: from Rust to the modules in dist/.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use hardening::{catalogue, guest};
use wasm_encoder::{CustomSection, Encode, Section};

use crate::cargo::cargo;
use crate::metadata::{BUNDLE, metadata};
use crate::{Outcome, paths};

/// The policies that `harden` embeds, compiled ahead of time.
const EMBEDDED: [&str; 2] = [BUNDLE, "image-user"];

/// The custom section that Kubewarden reads.
const SECTION: &str = "io.kubewarden.metadata";

/// Builds the policies `ids` (all if empty) to `dist/<id>.wasm`, each with its metadata, and the
/// ahead-of-time modules that `harden` embeds.
///
/// # Errors
/// An unknown id, a failed build, a file that cannot be written.
pub(crate) fn build(root: &Path, ids: &[String]) -> Outcome {
    let ids = select(ids)?;
    let dist = root.join("dist");
    let aot = dist.join("aot");
    fs::create_dir_all(&aot).with_context(|| format!("cannot make {}", aot.display()))?;
    let fingerprint = dist::fingerprint(root).context("cannot read the sources")?;
    for (id, wasm) in modules(root, &target_folder(root), &ids, &[])? {
        let path = dist::module(root, id);
        if fs::read(&path).is_ok_and(|old| old != wasm) {
            // A bill of the old bytes would only be wrong; without one there is nothing to remove.
            let _ = fs::remove_file(root.join(format!("dist/sbom/{id}.cdx.json")));
        }
        write(&path, &wasm)?;
        if EMBEDDED.contains(&id) {
            let native = sandbox::precompile(&wasm)?;
            write(&aot.join(format!("{id}.cwasm")), &native)?;
        }
        write(&dist::note(&dist, id), fingerprint.as_bytes())?;
        println!("dist/{id}.wasm {:>7} bytes", wasm.len());
    }
    Ok(())
}

/// The ids of all policies: the rules', and the bundle's.
pub(crate) fn all() -> Vec<&'static str> {
    catalogue::every().iter().map(|doc| doc.id).chain([BUNDLE]).collect()
}

/// The ids of the policies to build: those that `ids` names, or all if it is empty.
///
/// # Errors
/// An unknown id.
pub(crate) fn select(ids: &[String]) -> Result<Vec<&'static str>> {
    let known = all();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(&id.as_str())) {
        bail!("there is no policy {unknown}; known: {}", known.join(", "));
    }
    Ok(known.into_iter().filter(|id| ids.is_empty() || ids.iter().any(|i| i == id)).collect())
}

/// Whether `dist/<id>.wasm` was built from the sources that stand here.
pub(crate) fn is_current(root: &Path, id: &str) -> bool {
    dist::fingerprint(root).is_ok_and(|current| dist::current_module(root, id, &current).is_some())
}

/// Cargo's target folder.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// The modules of the policies `ids`, built from the tree at `root` in the folder `target`, with `env` set for
/// cargo.
///
/// # Errors
/// A failed build.
pub(crate) fn modules(
    root: &Path,
    target: &Path,
    ids: &[&'static str],
    env: &[(&str, PathBuf)],
) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let docs = catalogue::every();
    compile(root, target, ids, env)?;
    let module = |id: &&'static str| {
        let file = target.join(format!("{WASM}/{PROFILE}/policy_{}.wasm", id.replace('-', "_")));
        let mut wasm = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let metadata = metadata(id, docs.iter().find(|doc| doc.id == *id), env!("CARGO_PKG_VERSION"));
        annotate(&mut wasm, &metadata.to_string());
        Ok((*id, wasm))
    };
    ids.iter().map(module).collect()
}

/// The policies' target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm";

fn compile(root: &Path, target: &Path, ids: &[&str], env: &[(&str, PathBuf)]) -> Outcome {
    if ids.is_empty() {
        return Ok(());
    }
    let mut cargo = cargo(root);
    cargo.envs(env.iter().map(|(key, value)| (key, value))).env("CARGO_TARGET_DIR", target);
    cargo.args(["build", "--profile", PROFILE, "--target", WASM, "--locked"]);
    for id in ids {
        cargo.arg("-p").arg(format!("policy-{id}"));
    }
    // What a developer sets for the native build must not reach the bytes of a policy. Incremental compilation
    // orders functions differently.
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("CARGO_PROFILE_")) {
        cargo.env_remove(key);
    }
    cargo.env("CARGO_INCREMENTAL", "0");
    let mut flags = paths::remap(root, env)?;
    flags.push(format!("-Clink-arg=-zstack-size={}", guest::STACK));
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    let status = cargo.status().context("cannot run cargo")?;
    if !status.success() {
        bail!("the policies do not compile (is the target there? `rustup target add {WASM}`)");
    }
    Ok(())
}

fn annotate(wasm: &mut Vec<u8>, metadata: &str) {
    let section = CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Borrowed(metadata.as_bytes()) };
    wasm.push(section.id());
    section.encode(wasm);
}

/// Writes a file, unless it has these bytes already.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Outcome {
    // An unchanged file keeps its time, so that nothing that embeds it is built again.
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
