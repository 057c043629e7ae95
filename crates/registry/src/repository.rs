//! Reading from one repository: manifests and blobs, each with a limit and with the digest that was promised.

use oci_client::secrets::RegistryAuth;
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode};

use super::access::Access;
use super::connection::Connection;
use super::manifest::{ACCEPTED, LARGEST};
use super::reference::PolicyReference;
use crate::{Digest, Error};

/// The header in which a registry promises the digest of a manifest.
const PROMISE: &str = "docker-content-digest";

/// A repository and the right to read it.
pub(super) struct Repository<'c> {
    connection: &'c Connection,
    access: &'c Access,
    name: &'c str,
}

impl<'c> Repository<'c> {
    /// The repository `name`.
    pub(super) fn new(connection: &'c Connection, access: &'c Access, name: &'c str) -> Repository<'c> {
        Repository { connection, access, name }
    }

    /// The repository of a policy.
    pub(super) fn of(connection: &'c Connection, access: &'c Access, policy: &'c PolicyReference) -> Repository<'c> {
        Repository::new(connection, access, policy.repository())
    }

    /// Gets a manifest by its digest, else by the tag; its digest is the one that is wanted or promised.
    pub(super) async fn manifest(&self, tag: Option<&str>, wanted: Option<&Digest>) -> Result<Vec<u8>, Error> {
        let name = wanted.map_or_else(|| tag.unwrap_or_default().to_owned(), Digest::to_string);
        let what = match wanted {
            Some(digest) => format!("manifest {digest}"),
            None => format!("tag `{name}`"),
        };
        let path = format!("{}/manifests/{name}", self.name);
        let (bytes, promised) = self.fetch(&path, LARGEST, &what).await?;
        match wanted.or(promised.as_ref()) {
            Some(wanted) => self.verify(&what, wanted, &bytes)?,
            None if bytes.is_empty() => return Err(Error::Empty(self.connection.host().to_owned())),
            None => {}
        }
        Ok(bytes)
    }

    /// Asks for the digest of a tag without its manifest; `None` if the registry does not say it so.
    pub(super) async fn digest(&self, tag: &str) -> Result<Option<Digest>, Error> {
        let path = format!("{}/manifests/{tag}", self.name);
        let response = self.send(self.connection.head(&path, &self.access.auth)).await?;
        match response.status() {
            StatusCode::OK => Ok(promise(response.headers())),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => Ok(None),
            _ => Err(self.refusal(response, &format!("tag `{tag}`")).await),
        }
    }

    /// Gets a blob; `kind` is the word for it in messages.
    pub(super) async fn blob(&self, kind: &str, digest: &Digest, size: u64) -> Result<Vec<u8>, Error> {
        let path = format!("{}/blobs/{digest}", self.name);
        let what = format!("{kind} {digest}");
        let (bytes, _) = self.fetch(&path, size, &what).await?;
        if bytes.len() as u64 != size {
            return Err(Error::Size(self.connection.host().to_owned(), what, bytes.len(), size));
        }
        self.verify(&what, digest, &bytes)?;
        Ok(bytes)
    }

    fn verify(&self, what: &str, wanted: &Digest, bytes: &[u8]) -> Result<(), Error> {
        let digest = Digest::of(bytes);
        if digest == *wanted {
            return Ok(());
        }
        Err(Error::OtherBytes(self.connection.host().to_owned(), what.to_owned(), digest))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Error> {
        self.connection.send(request.header(ACCEPT, ACCEPTED.join(", "))).await
    }

    /// Gets what is at `path`, and the digest that the registry promises.
    async fn fetch(&self, path: &str, limit: u64, what: &str) -> Result<(Vec<u8>, Option<Digest>), Error> {
        let response = self.send(self.connection.get(path, &self.access.auth)).await?;
        if response.status() != StatusCode::OK {
            return Err(self.refusal(response, what).await);
        }
        let promised = promise(response.headers());
        let body = self.connection.read(response, limit).await;
        let bytes = body.map_err(|error| Error::Fetch(what.to_owned(), Box::new(error)))?;
        Ok((bytes, promised))
    }

    /// The error for an answer without what was asked for.
    async fn refusal(&self, response: Response, what: &str) -> Error {
        let host = self.connection.host();
        match response.status() {
            StatusCode::NOT_FOUND => Error::NotFound(host.to_owned(), what.to_owned(), self.name.to_owned()),
            StatusCode::UNAUTHORIZED => self.access.denied(host),
            StatusCode::FORBIDDEN if self.access.auth == RegistryAuth::Anonymous => self.access.denied(host),
            _ => self.connection.complaint(response).await,
        }
    }
}

fn promise(headers: &HeaderMap) -> Option<Digest> {
    Digest::parse(headers.get(PROMISE)?.to_str().ok()?).ok()
}
