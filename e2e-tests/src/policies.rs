//! The compiled policies in `dist/`.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sandbox::{Engine, Limits, Options, Policy};

// The same file that build.rs and xtask use, so that all mean the same by "stale".
#[path = "../../cli/src/embedded/fingerprint.rs"]
mod fingerprint;

/// The workspace's folder: the one that is tested, which need not be the one that was built, since clones
/// may share a target folder.
pub fn root() -> PathBuf {
    let built = || env!("CARGO_MANIFEST_DIR").into();
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    here.parent().map(PathBuf::from).unwrap_or_default()
}

/// Path of a compiled policy.
pub fn module_path(id: &str) -> PathBuf {
    root().join(format!("dist/{id}.wasm"))
}

/// Ids of every policy: the rules', then the bundle's.
pub fn ids() -> Vec<&'static str> {
    hardening::catalogue::IDS.iter().copied().chain([crate::BUNDLE]).collect()
}

/// The bytes of the compiled policies `ids`.
///
/// # Errors
/// A policy that was not built, or from other sources than those that stand here.
pub fn modules<'i>(ids: &[&'i str]) -> Result<Vec<(&'i str, Vec<u8>)>, String> {
    let root = root();
    let current = fingerprint::of_sources(&root).map_err(|error| format!("cannot read the sources: {error}"))?;
    let read = |id: &&'i str| {
        let fresh = fs::read_to_string(root.join(format!("dist/aot/{id}.sources"))).is_ok_and(|built| built == current);
        let bytes = fs::read(module_path(id)).ok().filter(|_| fresh);
        bytes
            .map(|bytes| (*id, bytes))
            .ok_or_else(|| format!("dist/{id}.wasm is missing or older than the sources: run `make policies`"))
    };
    ids.iter().map(read).collect()
}

/// Compiled policies, ready to be called from any thread.
#[derive(Debug)]
pub struct Policies {
    loaded: Vec<(String, Policy)>,
}

impl Policies {
    /// Loads the policies `ids`, each on a thread of its own: compiling takes most of a test's time.
    ///
    /// # Errors
    /// See [`modules`], and modules that the sandbox does not take.
    pub fn load(ids: &[&str]) -> Result<Policies, String> {
        // Ten times policy-server's time: a test must not fail because the machine is busy.
        // The bundle, which is built in elsewhere, has much to say about ten thousand containers.
        let limits = Limits { timeout: Duration::from_secs(20), answer: 256 << 20, ..Limits::default() };
        let engine = Engine::new(Options { limits, ..Options::default() }).map_err(|error| error.to_string())?;
        let modules = modules(ids)?;
        let compile = |(id, wasm): &(&str, Vec<u8>)| {
            let policy = engine.policy_from_wasm(id, wasm).map_err(|error| error.to_string())?;
            Ok(((*id).to_owned(), policy))
        };
        let results: Vec<Result<_, String>> = std::thread::scope(|scope| {
            let threads: Vec<_> = modules.iter().map(|module| scope.spawn(|| compile(module))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|_| Err("loading a policy panicked".to_owned()))
            };
            threads.into_iter().map(join).collect()
        });
        Ok(Policies { loaded: results.into_iter().collect::<Result<_, _>>()? })
    }

    /// The policy `id`.
    pub fn get(&self, id: &str) -> Option<&Policy> {
        self.loaded.iter().find(|(known, _)| known == id).map(|(_, policy)| policy)
    }

    /// Every policy.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Policy)> {
        self.loaded.iter().map(|(id, policy)| (id.as_str(), policy))
    }
}
