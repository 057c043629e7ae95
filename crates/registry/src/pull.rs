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
use crate::connection::Transport;

/// A policy from a registry. Its bytes are what the digests say.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The module.
    pub wasm: Vec<u8>,
    /// The reference with the digest of the manifest.
    pub reference: PolicyReference,
    /// The digest of the module.
    pub module: Digest,
    /// Why it could not be kept for the next time.
    pub not_kept: Option<String>,
}

/// Gets a policy: from the cache if the reference names a digest that is there, else from the registry.
///
/// # Errors
/// A registry that cannot be reached, refuses, has no such policy, or sends something else than it promised;
/// the message names the reference.
pub fn pull(reference: &PolicyReference, args: &Transport) -> Result<Pulled, String> {
    let cache = Cache::of_user();
    let pulled = from_cache(&cache, reference).map_or_else(|| from_registry(&cache, reference, args), Ok);
    pulled.map_err(|error| format!("cannot pull `{reference}`: {error}"))
}

/// Gets a policy from the cache alone, for whoever may not talk to registries.
///
/// # Errors
/// A policy that is not there, or whose tag only the registry can tell the digest of; the message says what to do.
pub fn cached(reference: &PolicyReference) -> Result<Pulled, String> {
    from_cache(&Cache::of_user(), reference).ok_or_else(|| {
        let why = match reference.digest() {
            Some(_) => "it is not in the cache",
            None => "only the registry knows what its tag stands for",
        };
        format!(
            "`{reference}` is not fetched: {why}, and what was found and not named contacts no registry: --trust-config \
             or HARDEN_TRUST_CONFIG=1 lets it; `harden pull` puts a reference with a digest into the cache"
        )
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

fn from_registry(cache: &Cache, reference: &PolicyReference, args: &Transport) -> Result<Pulled, String> {
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
) -> Result<Vec<u8>, String> {
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
        None if bytes.is_empty() => return Err(format!("{} sends an empty manifest", connection.host())),
        None => {}
    }
    Ok(bytes)
}

async fn blob(
    connection: &Connection,
    access: &Access,
    reference: &PolicyReference,
    module: &Module,
) -> Result<Vec<u8>, String> {
    let path = format!("{}/blobs/{}", reference.repository(), module.digest);
    let what = format!("module {}", module.digest);
    let bytes = fetch(connection, access, &path, module.size, &what, reference).await?;
    if bytes.len() as u64 != module.size {
        let (host, got, size) = (connection.host(), bytes.len(), module.size);
        return Err(format!("{host} sends {got} bytes for the {what}; its manifest says {size}"));
    }
    verify(connection, &what, &module.digest, &bytes)?;
    Ok(bytes)
}

fn verify(connection: &Connection, what: &str, wanted: &Digest, bytes: &[u8]) -> Result<(), String> {
    let digest = Digest::of(bytes);
    if digest == *wanted {
        return Ok(());
    }
    Err(format!("{} sends something else for the {what}: its digest is {digest}", connection.host()))
}

async fn fetch(
    connection: &Connection,
    access: &Access,
    path: &str,
    limit: u64,
    what: &str,
    reference: &PolicyReference,
) -> Result<Vec<u8>, String> {
    let accepted = ACCEPTED.join(", ");
    let response = connection.send(connection.get(path, &access.auth).header(ACCEPT, accepted)).await?;
    let host = connection.host();
    match response.status() {
        StatusCode::OK => connection.read(response, limit).await.map_err(|error| format!("{what}: {error}")),
        StatusCode::NOT_FOUND => Err(format!("{host} has no {what} in `{}`", reference.repository())),
        StatusCode::UNAUTHORIZED => Err(access.denied(host)),
        StatusCode::FORBIDDEN if access.auth == RegistryAuth::Anonymous => Err(access.denied(host)),
        _ => Err(connection.complaint(response).await),
    }
}
