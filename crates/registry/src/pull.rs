//! From a reference to the bytes of a module.

use super::access::{Access, Action};
use super::cache::Cache;
use super::connection::Connection;
use super::converse;
use super::credential;
use super::manifest::{LARGEST, Module};
use super::reference::PolicyReference;
use super::repository::Repository;
use crate::connection::Transport;
use crate::{Digest, Error};

/// A policy from a registry. Its bytes are those of the digests.
#[derive(Debug)]
pub struct Pulled {
    /// The module.
    pub wasm: Vec<u8>,
    /// The reference with the digest of the manifest.
    pub reference: PolicyReference,
    /// The digest of the module.
    pub module: Digest,
    /// Why it could not be kept for the next time.
    pub not_kept: Option<Error>,
}

/// Gets a policy: from the cache if the reference names a digest that is there, else from the registry.
///
/// # Errors
/// [`Error::Pull`]: a registry that cannot be reached, refuses, has no such policy, or sends something else than it
/// promised.
pub fn pull(reference: &PolicyReference, args: &Transport) -> Result<Pulled, Error> {
    let cache = Cache::of_user();
    let pulled = from_cache(&cache, reference).map_or_else(|| from_registry(&cache, reference, args), Ok);
    pulled.map_err(|error| Error::Pull(Box::new(reference.clone()), Box::new(error)))
}

/// Gets a policy from the cache alone, for whoever may not talk to registries.
///
/// # Errors
/// [`Error::NotCached`]: a policy that is not there, or a tag whose digest only the registry knows.
pub fn cached(reference: &PolicyReference) -> Result<Pulled, Error> {
    from_cache(&Cache::of_user(), reference).ok_or_else(|| {
        let why = match reference.digest() {
            Some(_) => "it is not in the cache",
            None => "only the registry knows what its tag stands for",
        };
        Error::NotCached(Box::new(reference.clone()), why)
    })
}

fn from_cache(cache: &Cache, reference: &PolicyReference) -> Option<Pulled> {
    let manifest = cache.read(reference.digest()?, LARGEST)?;
    let module = Module::in_manifest(&manifest).ok()?;
    let wasm = kept(cache, &module)?;
    Some(Pulled { wasm, reference: reference.clone(), module: module.digest, not_kept: None })
}

fn kept(cache: &Cache, module: &Module) -> Option<Vec<u8>> {
    cache.read(&module.digest, module.size).filter(|wasm| wasm.len() as u64 == module.size)
}

fn from_registry(cache: &Cache, reference: &PolicyReference, args: &Transport) -> Result<Pulled, Error> {
    let connection = Connection::open(reference.host(), reference.server(), args)?;
    let credential = credential::of_user(reference.host())?;
    converse(async {
        let access = Access::gain(&connection, reference.repository(), credential, Action::Pull).await?;
        let repository = Repository::of(&connection, &access, reference);
        let manifest = repository.manifest(reference.tag(), reference.digest()).await?;
        let digest = Digest::of(&manifest);
        let module = Module::in_manifest(&manifest)?;
        let mut written = cache.write(&digest, &manifest);
        let wasm = match kept(cache, &module) {
            Some(wasm) => wasm,
            None => {
                let wasm = repository.blob("module", &module.digest, module.size).await?;
                written = written.and_then(|()| cache.write(&module.digest, &wasm));
                wasm
            }
        };
        Ok(Pulled { wasm, reference: reference.pinned(&digest), module: module.digest, not_kept: written.err() })
    })
}
