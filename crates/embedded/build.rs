//! Embeds the ahead-of-time policies that `make policies` built.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, ensure};

fn main() -> anyhow::Result<()> {
    // Asked at run time: clones that share a target folder share this program.
    let here = env::var_os("CARGO_MANIFEST_DIR").context("cargo did not say where the package is")?;
    let root = Path::new(&here).join("../..");
    let dist = env::var_os("HARDEN_DIST").map_or_else(|| root.join("dist"), PathBuf::from);
    for watched in ["src", "policies", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-env-changed=HARDEN_DIST");
    println!("cargo::rerun-if-changed={}", dist.join("aot").display());

    let current = dist::fingerprint(&root).context("cannot read the sources")?;
    for (policy, variable) in [("hardening", "HARDEN_BUNDLE"), ("image-user", "HARDEN_IMAGE_USER")] {
        let built = fs::read_to_string(dist::note(&dist, policy)).unwrap_or_default();
        ensure!(
            built == current,
            "harden embeds the policies, and {policy} in {} is {}: run `make policies` (or `cargo xtask policies`) first",
            dist.display(),
            if built.is_empty() { "not built" } else { "older than the sources" },
        );
        println!("cargo::rustc-env={variable}={}", dist.join(format!("aot/{policy}.cwasm")).display());
    }
    Ok(())
}
