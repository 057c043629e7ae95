//! Policies in OCI registries, laid out as kwctl and policy-server do.
//!
//! A policy is an image manifest with one layer, the module. References, manifests and uploads are
//! `oci-client`'s, the crate that Kubewarden uses. Downloads are written here: `oci-client` takes answers of any
//! length into memory, and knows no identity tokens.
//!
//! Data flows one way: reference → connection → access → manifest → module.

mod access;
mod cache;
mod command;
mod connection;
mod credential;
mod digest;
mod helper;
mod layout;
mod manifest;
mod pull;
mod push;
mod reference;

pub use command::{PullArgs, PushArgs, pull_to_file, push_file};
pub use digest::Digest;
pub use manifest::Module;
pub(crate) use pull::cached;
pub use pull::{Pulled, pull};
pub use push::push;
pub use reference::PolicyReference;

/// Runs a conversation with a registry on this thread, and ends one that takes too long.
fn converse<T>(conversation: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start the registry client: {error}"))?;
    runtime.block_on(async {
        tokio::time::timeout(LONGEST, conversation)
            .await
            .unwrap_or_else(|_| Err(format!("the registry was not done after {} s", LONGEST.as_secs())))
    })
}

/// The longest conversation; each of its steps has a shorter limit.
const LONGEST: std::time::Duration = std::time::Duration::from_secs(600);
