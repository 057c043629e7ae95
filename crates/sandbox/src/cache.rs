//! Compiled policies on disk, so that a policy is compiled once and not in every run.
//!
//! An entry is machine code, so it is only taken from a folder and a file that belong to the user and
//! that nobody else can write to, and only if it is what was stored: the checksum covers the code and what it
//! was compiled from. Whatever is wrong with a cache, the policy is compiled as if there were none.
//!
//! Not wasmtime's own cache: that one asks neither whose an entry is nor for a checksum, and brings zstd's C code
//! along.

mod entry;
mod folder;
mod prune;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Module;

pub(super) use entry::Trusted;

/// Raised when what an entry holds changes.
const FORMAT: u8 = 1;

/// A folder of compiled policies.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    /// Most bytes that are kept.
    limit: u64,
}

/// Most bytes that are kept: policies of Kubewarden compile to 1 to 10 MB.
const LIMIT: u64 = 256 << 20;

/// Digest of what an entry was compiled from, and how.
type Key = [u8; 32];

impl Cache {
    /// The cache in a folder of one's own choice.
    pub fn at(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: folder.into(), limit: LIMIT }
    }

    /// The user's cache: `$HARDEN_CACHE`, else `harden/compiled` in `$XDG_CACHE_HOME` or the platform's place. `None`
    /// if `HARDEN_CACHE` is `off` or there is no such place.
    pub fn of_user() -> Option<Cache> {
        user_folder(|name| std::env::var_os(name), COMPILED).map(Cache::at)
    }

    /// The code compiled from `wasm` for `engine`, if it is there.
    pub(super) fn load(&self, engine: &wasmtime::Engine, wasm: &[u8]) -> Option<Trusted> {
        let key = key(engine, wasm);
        let folder = folder::open(&self.folder, false)?;
        let path = entry_path(&folder, &key);
        let trusted = entry::read(&path, &key)?;
        prune::touch(&path);
        Some(trusted)
    }

    /// Keeps a compiled module, if that is possible.
    pub(super) fn store(&self, engine: &wasmtime::Engine, wasm: &[u8], module: &Module) {
        let key = key(engine, wasm);
        let Some(folder) = folder::open(&self.folder, true) else { return };
        let Ok(artifact) = module.serialize() else { return };
        if artifact.len() as u64 <= self.limit / 4 && entry::write(&entry_path(&folder, &key), &key, &artifact) {
            prune::prune(&folder, self.limit);
        }
    }
}

/// Everything that decides about the code: the wasm, wasmtime's version, target and settings.
fn key(engine: &wasmtime::Engine, wasm: &[u8]) -> Key {
    let mut hash = Feed(Sha256::new());
    hash.0.update([FORMAT]);
    hash.0.update(env!("CARGO_PKG_VERSION"));
    engine.precompile_compatibility_hash().hash(&mut hash);
    hash.0.update(Sha256::digest(wasm));
    hash.0.finalize().into()
}

fn entry_path(folder: &Path, key: &Key) -> PathBuf {
    let name: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    folder.join(name + ENDING)
}

const ENDING: &str = ".cwasm";

/// Feeds a digest with what is hashed.
struct Feed(Sha256);

impl Hasher for Feed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

/// Where compiled policies lie in the user's cache.
const COMPILED: &str = "compiled";

/// Where `part` of the user's cache is: the policies of registries lie beside the compiled ones.
pub fn folder_of_user(part: &str) -> Option<PathBuf> {
    user_folder(|name| std::env::var_os(name), part)
}

/// Where a part of the user's cache is, by these variables.
fn user_folder(variable: impl Fn(&str) -> Option<OsString>, part: &str) -> Option<PathBuf> {
    // Relative paths would be a cache wherever one happens to be.
    let folder = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    match variable("HARDEN_CACHE") {
        Some(value) if value == "off" => return None,
        // The folder was named for compiled policies alone, at first.
        Some(value) if !value.is_empty() => {
            let folder = Some(PathBuf::from(value)).filter(|path| path.is_absolute())?;
            return Some(if part == COMPILED { folder } else { folder.join(part) });
        }
        _ => {}
    }
    let platform = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let base = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(platform)))?;
    Some(base.join("harden").join(part))
}
