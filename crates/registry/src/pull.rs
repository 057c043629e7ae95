//! From a reference to the bytes of a module.

use oci_client::secrets::RegistryAuth;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;

use super::access::{Access, Action};
use super::cache::Cache;
use super::connection::Connection;
use super::converse;
use super::credential;
use super::digest::Digest;
use super::manifest::{ACCEPTED, LARGEST, Module};
use super::reference::PolicyReference;
use crate::Error;
use crate::connection::Transport;

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
    let connection = Connection::open(reference, args)?;
    let credential = credential::of_user(reference.host())?;
    converse(async {
        let access = Access::gain(&connection, reference, credential, Action::Pull).await?;
        let manifest = manifest(&connection, &access, reference).await?;
        let digest = Digest::of(&manifest);
        let module = Module::in_manifest(&manifest)?;
        let mut written = cache.write(&digest, &manifest);
        let wasm = match kept(cache, &module) {
            Some(wasm) => wasm,
            None => {
                let wasm = blob(&connection, &access, reference, &module).await?;
                written = written.and_then(|()| cache.write(&module.digest, &wasm));
                wasm
            }
        };
        Ok(Pulled { wasm, reference: reference.pinned(&digest), module: module.digest, not_kept: written.err() })
    })
}

/// Gets the manifest; its digest is the one that the reference demands.
pub(super) async fn manifest(
    connection: &Connection,
    access: &Access,
    reference: &PolicyReference,
) -> Result<Vec<u8>, Error> {
    let wanted = reference.digest();
    let name = match (wanted, reference.tag()) {
        (Some(digest), _) => digest.to_string(),
        (None, tag) => tag.unwrap_or_default().to_owned(),
    };
    let what = match wanted {
        Some(digest) => format!("manifest {digest}"),
        None => format!("tag `{name}`"),
    };
    let path = format!("{}/manifests/{name}", reference.repository());
    let bytes = fetch(connection, access, &path, LARGEST, &what, reference).await?;
    match wanted {
        Some(wanted) => verify(connection, &what, wanted, &bytes)?,
        None if bytes.is_empty() => return Err(Error::Empty(connection.host().to_owned())),
        None => {}
    }
    Ok(bytes)
}

async fn blob(
    connection: &Connection,
    access: &Access,
    reference: &PolicyReference,
    module: &Module,
) -> Result<Vec<u8>, Error> {
    let path = format!("{}/blobs/{}", reference.repository(), module.digest);
    let what = format!("module {}", module.digest);
    let bytes = fetch(connection, access, &path, module.size, &what, reference).await?;
    if bytes.len() as u64 != module.size {
        return Err(Error::Size(connection.host().to_owned(), what, bytes.len(), module.size));
    }
    verify(connection, &what, &module.digest, &bytes)?;
    Ok(bytes)
}

fn verify(connection: &Connection, what: &str, wanted: &Digest, bytes: &[u8]) -> Result<(), Error> {
    let digest = Digest::of(bytes);
    if digest == *wanted {
        return Ok(());
    }
    Err(Error::OtherBytes(connection.host().to_owned(), what.to_owned(), digest))
}

async fn fetch(
    connection: &Connection,
    access: &Access,
    path: &str,
    limit: u64,
    what: &str,
    reference: &PolicyReference,
) -> Result<Vec<u8>, Error> {
    let accepted = ACCEPTED.join(", ");
    let response = connection.send(connection.get(path, &access.auth).header(ACCEPT, accepted)).await?;
    let (host, what) = (connection.host(), what.to_owned());
    match response.status() {
        StatusCode::OK => {
            let body = connection.read(response, limit).await;
            body.map_err(|error| Error::Fetch(what, Box::new(error)))
        }
        StatusCode::NOT_FOUND => Err(Error::NotFound(host.to_owned(), what, reference.repository().to_owned())),
        StatusCode::UNAUTHORIZED => Err(access.denied(host)),
        StatusCode::FORBIDDEN if access.auth == RegistryAuth::Anonymous => Err(access.denied(host)),
        _ => Err(connection.complaint(response).await),
    }
}
