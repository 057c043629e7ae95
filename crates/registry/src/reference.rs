//! `registry://HOST/REPOSITORY:TAG@DIGEST`.

use std::fmt;

use oci_client::Reference;

use crate::{Digest, Error, SCHEME};

/// A policy in a registry, by tag, by digest, or by both (the digest decides then).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyReference {
    reference: Reference,
    digest: Option<Digest>,
}

impl PolicyReference {
    /// Reads a reference. The registry is always named, and so is a tag or a digest: a policy does not guess what a
    /// missing one would stand for.
    ///
    /// # Errors
    /// A text that is not such a reference.
    pub fn parse(text: &str) -> Result<PolicyReference, Error> {
        let wrong = |what: &str| Error::Reference(text.to_owned(), what.to_owned());
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| wrong("does not begin with `registry://`"))?;
        if !rest.is_ascii() {
            // `oci-client` takes any alphabet's letters in a tag.
            return Err(wrong("has letters that no registry takes"));
        }
        let (host, repository) = rest.split_once('/').ok_or_else(|| wrong("names no repository"))?;
        if !(host.contains(['.', ':']) || host == "localhost") {
            return Err(wrong("names no registry (Docker Hub is `registry://docker.io/…`)"));
        }
        let path = repository.split([':', '@']).next().unwrap_or_default();
        if path.contains(char::is_uppercase) {
            return Err(wrong("has capital letters in its repository, which no registry takes"));
        }
        let last = repository.rsplit('/').next().unwrap_or_default();
        if !last.contains([':', '@']) && !repository.contains('@') {
            return Err(wrong("has neither tag nor digest"));
        }
        // A wrong digest would only be called a wrong format below.
        let digest = rest.split_once('@').map(|(_, digest)| Digest::parse(digest)).transpose();
        let digest = digest.map_err(|error| Error::ReferenceDigest(text.to_owned(), error))?;
        let reference: Reference = rest.parse().map_err(|error| wrong(&format!("is not a reference: {error}")))?;
        Ok(PolicyReference { reference, digest })
    }

    /// The registry, as the user wrote it.
    pub fn host(&self) -> &str {
        self.reference.registry()
    }

    /// The host that serves the registry: Docker Hub's is not `docker.io`.
    pub(super) fn server(&self) -> &str {
        server_of(self.reference.registry())
    }

    /// The repository, without the registry.
    pub fn repository(&self) -> &str {
        self.reference.repository()
    }

    /// The tag.
    pub fn tag(&self) -> Option<&str> {
        self.reference.tag()
    }

    /// The digest of the manifest.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same policy, and no other one that the tag may name later.
    pub(super) fn pinned(&self, digest: &Digest) -> PolicyReference {
        let (host, repository) = (self.host().to_owned(), self.repository().to_owned());
        let reference = match self.tag() {
            Some(tag) => Reference::with_tag_and_digest(host, repository, tag.to_owned(), digest.to_string()),
            None => Reference::with_digest(host, repository, digest.to_string()),
        };
        PolicyReference { reference, digest: Some(digest.clone()) }
    }

    /// As `oci-client` knows it.
    pub(super) fn as_oci(&self) -> &Reference {
        &self.reference
    }
}

/// The host that serves a registry.
pub(super) fn server_of(host: &str) -> &str {
    if host == "docker.io" { "index.docker.io" } else { host }
}

impl fmt::Display for PolicyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.host(), self.repository())?;
        self.tag().map_or(Ok(()), |tag| write!(f, ":{tag}"))?;
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn references_are_read_and_written() {
        for text in [
            "registry://ghcr.io/org/policies/privileged:v1.0.0".to_owned(),
            "registry://127.0.0.1:5000/privileged:latest".to_owned(),
            "registry://localhost/a/b:1".to_owned(),
            format!("registry://ghcr.io/org/privileged@sha256:{HEX}"),
            format!("registry://ghcr.io/org/privileged:v1@sha256:{HEX}"),
        ] {
            let reference = PolicyReference::parse(&text).unwrap();
            assert_eq!(reference.to_string(), text);
            assert_eq!(reference.digest().map(Digest::hex), text.contains('@').then_some(HEX));
        }
        let hub = PolicyReference::parse("registry://docker.io/org/privileged:v1").unwrap();
        assert_eq!((hub.host(), hub.server(), hub.repository()), ("docker.io", "index.docker.io", "org/privileged"));
    }

    #[test]
    fn a_pinned_reference_keeps_its_tag_and_drops_an_older_digest() {
        let digest = Digest::of(b"new");
        for (text, expected) in [
            ("registry://ghcr.io/a:v1", format!("registry://ghcr.io/a:v1@{digest}")),
            (&format!("registry://ghcr.io/a@sha256:{HEX}"), format!("registry://ghcr.io/a@{digest}")),
        ] {
            assert_eq!(PolicyReference::parse(text).unwrap().pinned(&digest).to_string(), expected);
        }
    }

    #[test]
    fn what_is_not_a_reference_is_refused_with_the_reason() {
        for (text, reason) in [
            ("ghcr.io/org/privileged:v1", "does not begin with `registry://`"),
            ("https://ghcr.io/org/privileged:v1", "does not begin with `registry://`"),
            ("registry://privileged:v1", "names no repository"),
            ("registry://org/privileged:v1", "names no registry"),
            ("registry://ghcr.io/org/privileged", "has neither tag nor digest"),
            ("registry://localhost:5000/privileged", "has neither tag nor digest"),
            ("registry://ghcr.io/Org/privileged:v1", "has capital letters"),
            ("registry://ghcr.io/org/privileged:é", "has letters that no registry takes"),
            ("registry://ghcr.io/org/privileged:", "is not a reference"),
            ("registry://ghcr.io/:v1", "is not a reference"),
            ("registry://ghcr.io/org/../privileged:v1", "is not a reference"),
            ("registry://user@ghcr.io/org/privileged:v1", "is not a digest"),
            ("registry://ghcr.io/org/privileged@sha256:abc", "is not a digest"),
            ("registry://ghcr.io/org/privileged@sha512:abc", "is not a digest"),
        ] {
            let error = PolicyReference::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{text}: {error}");
        }
    }
}
