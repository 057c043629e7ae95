//! Policies in OCI registries, laid out as kwctl and policy-server do.
//!
//! A policy is an image manifest with one layer, the module. References, manifests and uploads are
//! `oci-client`'s, the crate that Kubewarden uses. Downloads are written here: `oci-client` takes answers of any
//! length into memory, and knows no identity tokens.
//!
//! Data flows one way: reference → connection → access → manifest → module.

mod access;
mod cache;
mod connection;
mod credential;
mod digest;
mod helper;
pub mod layout;
pub mod manifest;
mod pull;
mod push;
mod reference;

pub use connection::Transport;
pub use digest::Digest;
pub use manifest::Module;
pub use pull::{Pulled, cached, pull};
pub use push::push;
pub use reference::PolicyReference;

/// How a policy in a registry begins.
pub const SCHEME: &str = "registry://";

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
