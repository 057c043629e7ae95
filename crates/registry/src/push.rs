//! From a module to a manifest in a registry.

use std::panic::{AssertUnwindSafe, catch_unwind};

use oci_client::Client;
use oci_client::errors::OciDistributionError;
use reqwest::header::HeaderValue;

use super::access::{Access, Action};
use super::connection::Connection;
use super::converse;
use super::credential;
use super::manifest::{self, CONFIG, MEDIA_TYPE, Module};
use super::reference::PolicyReference;
use super::repository::Repository;
use crate::connection::Transport;
use crate::{Digest, Error};
use sandbox::PolicyMetadata;

/// Writes a policy to a registry, under the reference's tag. `metadata` becomes the annotations.
///
/// Returns the reference with the digest of the manifest, read back from the registry, and the annotations that
/// could not be written.
///
/// # Errors
/// [`Error::Push`]: a reference without a tag, a registry that cannot be reached, refuses, or keeps something else.
pub fn push(
    wasm: Vec<u8>,
    metadata: Option<&PolicyMetadata>,
    reference: &PolicyReference,
    args: &Transport,
) -> Result<(PolicyReference, Vec<String>), Error> {
    let failed = |error: Error| Error::Push(Box::new(reference.clone()), Box::new(error));
    if reference.tag().is_none() || reference.digest().is_some() {
        return Err(failed(Error::NoTag));
    }
    let (annotations, left_out) = metadata.map(manifest::annotations).unwrap_or_default();
    // oci-client panics on some malformed answers.
    let done = catch_unwind(AssertUnwindSafe(|| write(wasm, annotations, reference, args)));
    let done = done.unwrap_or_else(|_| Err(Error::NoRegistry(reference.host().to_owned())));
    done.map(|pinned| (pinned, left_out)).map_err(failed)
}

fn write(
    wasm: Vec<u8>,
    annotations: Option<std::collections::BTreeMap<String, String>>,
    reference: &PolicyReference,
    args: &Transport,
) -> Result<PolicyReference, Error> {
    let manifest = manifest::write(&wasm, annotations)?;
    // Refuses to push a module that could not be pulled again.
    let module = Module::in_manifest(&manifest)?;
    let digest = Digest::of(&manifest);
    let connection = Connection::open(reference.host(), reference.server(), args)?;
    let credential = credential::of_user(reference.host())?;
    let client = connection.oci_client()?;
    converse(async {
        let access = Access::gain(&connection, reference.repository(), credential, Action::Push).await?;
        upload(&client, &access, reference, wasm, &module, manifest)
            .await
            .map_err(|error| explain(&connection, &access, &error))?;
        let repository = Repository::of(&connection, &access, reference);
        let kept = repository.manifest(reference.tag(), reference.digest()).await?;
        let kept = Digest::of(&kept);
        if kept != digest {
            return Err(Error::OtherKept(connection.host().to_owned(), digest, kept));
        }
        Ok(reference.pinned(&digest))
    })
}

async fn upload(
    client: &Client,
    access: &Access,
    reference: &PolicyReference,
    wasm: Vec<u8>,
    module: &Module,
    manifest: Vec<u8>,
) -> Result<(), OciDistributionError> {
    let oci = reference.as_oci();
    client.store_auth_if_needed(reference.server(), &access.auth).await;
    client.push_blob(oci, wasm, &module.digest.to_string()).await?;
    client.push_blob(oci, CONFIG, &Digest::of(CONFIG).to_string()).await?;
    client.push_manifest_raw(oci, manifest, HeaderValue::from_static(MEDIA_TYPE)).await?;
    Ok(())
}

fn explain(connection: &Connection, access: &Access, error: &OciDistributionError) -> Error {
    let host = connection.host();
    match error {
        OciDistributionError::ServerError { code: 401 | 403, .. } | OciDistributionError::UnauthorizedError { .. } => {
            access.denied(host)
        }
        OciDistributionError::ServerError { code, message, .. } => {
            connection.answered(&code.to_string(), message.as_bytes())
        }
        OciDistributionError::RequestError(error) => connection.explain(error),
        error => connection.explain(error),
    }
}
