//! Why a policy cannot be pulled or pushed.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;

use images::DigestError;
use images::facts::FactsError;
use oci_client::manifest::WASM_LAYER_MEDIA_TYPE;
use thiserror::Error;

use crate::manifest::LARGEST_MODULE;
use crate::{Digest, PolicyReference};

/// Says what went wrong between a reference and the bytes of a policy. No message holds a secret. Where several variants
/// name a registry, it stands first.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A policy that could not be pulled.
    #[error("cannot pull `{0}`: {1}")]
    Pull(Box<PolicyReference>, #[source] Box<Error>),
    /// A policy that could not be pushed.
    #[error("cannot push to `{0}`: {1}")]
    Push(Box<PolicyReference>, #[source] Box<Error>),
    /// A policy that only the registry has, where none may be asked, and why the cache does not help.
    #[error(
        "`{0}` is not fetched: {1}, and what was found and not named contacts no registry: --trust-config or HARDEN_TRUST_CONFIG=1 lets it; `harden pull` puts a reference with a digest into the cache"
    )]
    NotCached(Box<PolicyReference>, &'static str),

    /// An image that could not be resolved.
    #[error("cannot resolve `{0}`: {1}")]
    Resolve(String, #[source] Box<Error>),

    /// A text that is not a reference, and what is wrong with it.
    #[error("`{0}` {1}; a policy is written `registry://HOST/REPO:TAG`")]
    Reference(String, String),
    /// A reference whose digest is not one.
    #[error("`{0}`: {1}")]
    ReferenceDigest(String, #[source] DigestError),
    /// A text that is not a digest.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// A push without a tag, or to a digest.
    #[error("name a tag, and no digest: that is for the registry to tell")]
    NoTag,

    /// Bytes that are not a manifest.
    #[error("there is no manifest but something else: {0}")]
    Manifest(#[source] serde_json::Error),
    /// A manifest of another version.
    #[error("the manifest has schemaVersion {0}, only 2 is known")]
    SchemaVersion(u8),
    /// An index of images.
    #[error("it is a list of images for several platforms, not a policy")]
    Index,
    /// Both an index and an image, or neither.
    #[error("the manifest must have either layers or manifests")]
    NoLayers,
    /// An image of something else.
    #[error("it is not a policy: it has a layer of media type `{0}`, a policy's is `{WASM_LAYER_MEDIA_TYPE}`")]
    MediaType(String),
    /// More than one module, or none.
    #[error("it has {0} layers; a policy has one")]
    Layers(usize),
    /// A module that is too long to be taken.
    #[error("its module has {0} bytes; no more than {LARGEST_MODULE} are taken")]
    TooLarge(u64),
    /// A manifest of the first schema.
    #[error(
        "it is a Docker manifest of schema 1, which container runtimes no longer pull: push the image again with a current tool"
    )]
    SchemaOne,
    /// An index of indexes.
    #[error("its index holds another index, and no image for the platforms")]
    Nested,
    /// An index without a platform that was asked for, and those that it has.
    #[error("it is not built for {0}; --platform chooses among {1}")]
    Platform(String, String),
    /// A configuration that is not one.
    #[error(transparent)]
    Facts(#[from] FactsError),
    /// A part of an image that is longer than it may be.
    #[error("its {0} has {1} bytes; no more than {2} are taken")]
    PartTooLarge(&'static str, u64, u64),
    /// A manifest that cannot be serialised.
    #[error("cannot write the manifest: {0}")]
    Serialize(#[source] serde_json::Error),

    /// A docker config file that cannot be read.
    #[error("{path} cannot be read: {1}", path = .0.display())]
    Config(PathBuf, #[source] io::Error),
    /// An entry of a docker config file that is not a login.
    #[error("{path}: auths.\"{1}\".auth is not base64 of `user:password`", path = .0.display())]
    Auth(PathBuf, String),
    /// A credential helper that gives no login, and the docker config file that names it.
    #[error("{path}: {1}", path = .0.display())]
    Helper(PathBuf, #[source] HelperError),
    /// A registry that wants a login where the user has none, and where one was looked for.
    #[error("{0} wants a login, and there is none for it in {1}: `docker login {0}` makes one")]
    NoLogin(String, String),
    /// A registry that does not take the login from this place.
    #[error("{0} refuses the login: {1}")]
    Refused(String, String),
    /// A registry that takes passwords only, and the place of an identity token.
    #[error("{0} wants a user and a password; {1} is an identity token")]
    NoPassword(String, String),
    /// A registry that redirects to another host, where a login would be needed.
    #[error("{0} redirects to {1}, which wants a login; the login for {0} is for {0} alone")]
    Redirected(String, String),
    /// A registry that names a token server which is not asked, or gives no token, and why.
    #[error("{0} sends for a token to {1:?}{2}")]
    Token(String, String, String),

    /// A client that does not start.
    #[error("cannot start the registry client: {0}")]
    Start(String),
    /// A conversation that takes longer than these seconds.
    #[error("the registry was not done after {0} s")]
    TimedOut(u64),
    /// A file of certificates that cannot be read.
    #[error("cannot read certificates `{path}`: {1}", path = .0.display())]
    Certificates(PathBuf, String),
    /// A file without a certificate.
    #[error("there is no certificate in `{}`: `-----BEGIN CERTIFICATE-----` is expected", .0.display())]
    NoCertificate(PathBuf),
    /// A registry that gives no answer, the cause, and advice.
    #[error("cannot talk to {0}: {1}{2}")]
    Unreachable(String, String, &'static str),
    /// An answer of a registry other than the one that was hoped for: its status, and what it says itself.
    #[error("{0} answered {1}{colon}{2}", colon = if .2.is_empty() { "" } else { ": " })]
    Answered(String, String, String),
    /// A registry that takes no more requests for so many seconds.
    #[error("{0} takes no more requests for now and asks to wait {1} s: try again then")]
    Busy(String, u64),
    /// A server whose answers are not those of a registry.
    #[error("{0} does not answer as a registry")]
    NoRegistry(String),
    /// An answer that is longer than it may be.
    #[error("{0} sends more than {1} bytes, which is all that may come")]
    TooLong(String, u64),
    /// A manifest or module that did not come.
    #[error("{0}: {1}")]
    Fetch(String, #[source] Box<Error>),
    /// A registry that does not have something in a repository.
    #[error("{0} has no {1} in `{2}`")]
    NotFound(String, String, String),
    /// A manifest without a byte.
    #[error("{0} sends an empty manifest")]
    Empty(String),
    /// A blob of another length than its manifest says.
    #[error("{0} sends {2} bytes for the {1}; its manifest says {3}")]
    Size(String, String, usize, u64),
    /// Bytes with another digest than was promised.
    #[error("{0} sends something else for the {1}: its digest is {2}")]
    OtherBytes(String, String, Digest),
    /// A registry that keeps another manifest than it was given.
    #[error("{0} took the manifest {1}, but has {2} under the tag")]
    OtherKept(String, Digest, Digest),

    /// No place for a cache.
    #[error("there is no home folder for a cache; set XDG_CACHE_HOME")]
    NoHome,
    /// A cache that cannot be written.
    #[error("cannot write to the cache {path}: {1}", path = .0.display())]
    Cache(PathBuf, #[source] io::Error),
    /// A place for a layout without a folder or a tag.
    #[error("`oci:{0}` is not a layout: write oci:FOLDER:TAG")]
    Layout(String),
    /// A layout that cannot be written.
    #[error("cannot write the layout `{0}`: {1}")]
    WriteLayout(String, #[source] io::Error),
}

/// Says how a credential helper, which stands first, fails. Its answer is not repeated: it may be the secret.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HelperError {
    /// A name that would lead to another program.
    #[error("{0:?} is not the name of a credential helper")]
    Name(String),
    /// A program that cannot be run.
    #[error("{0} cannot be run: {1}")]
    Run(String, #[source] io::Error),
    /// A program that ends with a complaint.
    #[error("{0} failed ({1}): {shown}", shown = .2.escape_debug())]
    Failed(String, ExitStatus, String),
    /// A program that cannot be listened to.
    #[error("{0} failed: {1}")]
    Io(String, #[source] io::Error),
    /// A program that is not done after these seconds.
    #[error("{0} gave no answer in {1} s and was ended")]
    Late(String, u64),
    /// A program that writes more than these bytes.
    #[error("{0} gave more than {1} bytes, which is all that is read of an answer")]
    TooLong(String, u64),
    /// An answer that is not a login.
    #[error("{0} gave an answer without Username and Secret")]
    NoLogin(String),
}
