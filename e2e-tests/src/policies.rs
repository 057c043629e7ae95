//! The compiled policies in `dist/`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Error, Result, anyhow, bail, ensure};
use cases::judge::text_of;
use cases::native::Native;
use cases::outcome::Answer;
use cases::registry;
use sandbox::{Engine, ErrorKind, HostCall, HostCalls, Limits, Options, Policy, Refusal, SandboxError};

/// The workspace's folder: the one that is tested, which need not be the one that was built, since clones
/// may share a target folder.
pub fn root() -> PathBuf {
    let built = || env!("CARGO_MANIFEST_DIR").into();
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    here.parent().map(PathBuf::from).unwrap_or_default()
}

/// Path of a compiled policy.
pub fn module_path(id: &str) -> PathBuf {
    dist::module(&root(), id)
}

/// Ids of every policy: the rules', then the bundle's.
pub fn ids() -> Vec<&'static str> {
    let rules = hardening::catalogue::IDS.iter().chain(hardening::catalogue::APART);
    rules.copied().chain([cases::BUNDLE]).collect()
}

/// The bytes of the compiled policies `ids`.
///
/// # Errors
/// A policy that was not built, or from other sources than those that stand here.
pub fn modules<'i>(ids: &[&'i str]) -> Result<Vec<(&'i str, Vec<u8>)>> {
    let root = root();
    let current = dist::fingerprint(&root).context("cannot read the sources")?;
    let read = |id: &&'i str| {
        let bytes = dist::current_module(&root, id, &current);
        let missing = || format!("dist/{id}.wasm is missing or older than the sources: run `make policies`");
        bytes.map(|bytes| (*id, bytes)).with_context(missing)
    };
    ids.iter().map(read).collect()
}

/// The compiled policies, each loaded when it is first asked for, and ready to be called from any thread.
#[derive(Debug)]
pub struct Policies {
    engine: Engine,
    loaded: BTreeMap<&'static str, OnceLock<Result<Policy, Arc<Error>>>>,
    native: Native,
}

impl Policies {
    /// None is loaded yet.
    ///
    /// # Errors
    /// A sandbox that cannot be made.
    pub fn new() -> Result<Policies> {
        // Ten times policy-server's time: a test must not fail because the machine is busy.
        // The bundle, which is built in elsewhere, has much to say about ten thousand containers.
        let limits = Limits { timeout: Duration::from_secs(20), answer: 256 << 20, ..Limits::default() };
        // More than any test has threads.
        let engine = Engine::new(Options { limits, pool: 64, ..Options::default() })?;
        let loaded = ids().into_iter().map(|id| (id, OnceLock::new())).collect();
        Ok(Policies { engine, loaded, native: Native::new() })
    }

    /// Loads the policies `ids`, each on a thread of its own: compiling takes most of a test's time.
    ///
    /// # Errors
    /// See [`modules`], and modules that the sandbox does not take.
    pub fn load(ids: &[&str]) -> Result<Policies> {
        let policies = Policies::new()?;
        std::thread::scope(|scope| {
            for id in ids {
                scope.spawn(|| policies.get(id));
            }
        });
        ids.iter().try_for_each(|id| policies.get(id).map(drop))?;
        Ok(policies)
    }

    /// The policy `id`.
    ///
    /// # Errors
    /// No such policy, one that was not built, or one that the sandbox does not take.
    pub fn get(&self, id: &str) -> Result<&Policy> {
        let loaded = self.loaded.get(id).with_context(|| format!("there is no policy {id}"))?;
        let load = || Ok(self.engine.policy_from_wasm(id, &modules(&[id])?.remove(0).1)?);
        loaded.get_or_init(|| load().map_err(Arc::new)).as_ref().map_err(|error| anyhow!(Arc::clone(error)))
    }

    /// Every policy that is loaded.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Policy)> {
        self.loaded.iter().filter_map(|(id, loaded)| Some((*id, loaded.get()?.as_ref().ok()?)))
    }
}

/// The host of the policies that ask one.
struct Registry;

impl HostCalls for Registry {
    fn answer(&self, call: &HostCall<'_>) -> std::result::Result<Vec<u8>, Refusal> {
        registry::answer(&call.image().unwrap_or_default()).map_err(|error| Refusal::Failed(error.to_string()))
    }
}

/// The compiled policies must answer with the bytes of the native ones.
impl cases::judge::Policies for Policies {
    fn validate(&self, id: &str, payload: &str) -> Result<Answer> {
        // A trap, a timeout and the like are failures of the test.
        let policy = self.get(id)?.answered_by(Arc::new(Registry));
        let answer = match policy.call("validate", payload.as_bytes()) {
            Ok(bytes) => Ok(bytes),
            Err(SandboxError { kind: ErrorKind::Guest(text), .. }) => Err(text),
            Err(error) => bail!("{error}"),
        };
        let native = self.native.validate(id, payload)?;
        ensure!(answer == native, "{id} as wasm says {}, natively {}", text_of(&answer), text_of(&native));
        Ok(answer)
    }

    fn refusal(&self, id: &str, settings: &str) -> Result<Option<String>> {
        let verdict = self.get(id)?.validate_settings(settings)?;
        let refusal = (!verdict.valid).then(|| verdict.message.unwrap_or_default());
        let native = self.native.refusal(id, settings)?;
        ensure!(refusal == native, "{id} as wasm says {refusal:?}, natively {native:?}");
        Ok(refusal)
    }
}
