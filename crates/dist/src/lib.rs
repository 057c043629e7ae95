//! Finds the built policies and tells whether they were built from the sources that stand here.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The path of a policy's module below the workspace's folder `root`.
pub fn module(root: &Path, id: &str) -> PathBuf {
    root.join(format!("dist/{id}.wasm"))
}

/// The path of the note beside the modules in `dist` that names the sources a policy was built from.
pub fn note(dist: &Path, id: &str) -> PathBuf {
    dist.join(format!("aot/{id}.sources"))
}

/// The bytes of a policy's module, unless it was built from other sources than those with this [`fingerprint`].
pub fn current_module(root: &Path, id: &str, fingerprint: &str) -> Option<Vec<u8>> {
    let built = fs::read_to_string(note(&root.join("dist"), id)).ok()?;
    if built == fingerprint { fs::read(module(root, id)).ok() } else { None }
}

/// Computes a fingerprint (FNV-1a, 64 bit) of everything that the policies are built from.
///
/// # Errors
/// A file that cannot be read.
pub fn fingerprint(root: &Path) -> io::Result<String> {
    let lock = root.join("Cargo.lock");
    let mut files = vec![root.join("Cargo.toml"), lock.clone()];
    for folder in ["src", "policies"] {
        collect(&root.join(folder), &mut files)?;
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().replace('\\', "/");
        let text = fs::read(&file)?;
        let text = if file == lock { locked(&String::from_utf8_lossy(&text)).into_bytes() } else { text };
        for byte in name.bytes().chain([0]).chain(text) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    Ok(format!("{hash:016x}"))
}

/// The entries of a lock file that the policies and the engine that compiles them depend on: what only the command line
/// depends on does not make them stale.
fn locked(text: &str) -> String {
    let entries: Vec<(&str, &str)> = text
        .split("[[package]]\n")
        .filter_map(|entry| Some((entry.strip_prefix("name = \"")?.split('"').next()?, entry)))
        .collect();
    let mut wanted: Vec<&str> =
        entries.iter().map(|(name, _)| *name).filter(|name| name.starts_with("policy-")).collect();
    wanted.push("wasmtime");
    let mut next = 0;
    while let Some(&name) = wanted.get(next) {
        next += 1;
        for (_, entry) in entries.iter().filter(|(known, _)| *known == name) {
            let dependencies = entry.lines().filter_map(|line| line.strip_prefix(" \"")?.split(['"', ' ']).next());
            for dependency in dependencies {
                if !wanted.contains(&dependency) {
                    wanted.push(dependency);
                }
            }
        }
    }
    entries.iter().filter(|(name, _)| wanted.contains(name)).map(|(_, entry)| *entry).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "toml") {
            files.push(path);
        }
    }
    Ok(())
}
