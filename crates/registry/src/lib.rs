//! Pulls policies from OCI registries and pushes them, laid out as kwctl and policy-server do; asks registries about
//! images.
//!
//! A policy is an image manifest with one layer, the module. References, manifests and uploads are
//! `oci-client`'s, the crate that Kubewarden uses. Logins and downloads are written here: `oci-client` reads manifests,
//! tokens and complaints of any length into memory, follows a redirection with a password, sends one to any realm, and
//! knows no identity tokens.
//!
//! Data flows one way: reference → connection → access → repository → manifest → module, or image → entry of
//! the lock.

mod access;
mod cache;
mod certificate;
mod connection;
mod credential;
mod error;
mod helper;
mod image;
pub mod layout;
mod login;
pub mod manifest;
mod pull;
mod push;
mod reference;
mod repository;

use std::time::Duration;

pub use connection::Transport;
pub use error::{Error, HelperError};
pub use image::{Images, Mirror, MirrorError};
pub use images::Digest;
pub use manifest::Module;
pub use pull::{Pulled, cached, pull};
pub use push::push;
pub use reference::PolicyReference;

/// How a policy in a registry begins.
pub const SCHEME: &str = "registry://";

/// Runs a conversation with a registry on this thread, and ends one that takes too long.
fn converse<T>(conversation: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    converse_for(LONGEST, conversation)
}

/// The same, which takes too long after `patience`.
fn converse_for<T>(patience: Duration, conversation: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::Start(error.to_string()))?;
    runtime.block_on(async {
        let done = tokio::time::timeout(patience, conversation).await;
        done.unwrap_or_else(|_| Err(Error::TimedOut(patience.as_secs())))
    })
}

/// The longest conversation; each of its steps has a shorter limit.
const LONGEST: Duration = Duration::from_secs(600);
