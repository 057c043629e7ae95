//! Questions of a policy to its host, about what the registry knows of an image.
//!
//! On wasm32 that is a host call, which Kubewarden's hosts answer from the registry and `harden` from `harden.lock`.
//! Natively, whoever calls the policy answers.

use std::fmt;

/// A capability of the host, about one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// The manifest and the configuration of the image.
    ManifestConfig,
    /// The digest that the reference stands for.
    ManifestDigest,
}

impl Capability {
    /// The name in the metadata of a policy and in the settings of a PolicyServer.
    pub fn name(self) -> &'static str {
        match self {
            Capability::ManifestConfig => "oci/v1/oci_manifest_config",
            Capability::ManifestDigest => "oci/v1/manifest_digest",
        }
    }
}

/// Answers what policies ask.
pub trait Host {
    /// The answer about the image `reference`, in the shape of Kubewarden's hosts: JSON, in most cases.
    ///
    /// # Errors
    /// No answer.
    fn ask(&self, capability: Capability, reference: &str) -> Result<Vec<u8>, NoAnswer>;
}

impl fmt::Debug for dyn Host + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

/// Why the host does not answer, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoAnswer(pub String);

impl NoAnswer {
    /// The refusal of a question that nobody answers.
    pub(crate) fn of_nobody(capability: Capability) -> NoAnswer {
        NoAnswer(["host capability ", capability.name(), " is not available in harden"].concat())
    }
}

/// The host of a guest, over waPC.
#[cfg(target_arch = "wasm32")]
pub(crate) struct Kubewarden;

#[cfg(target_arch = "wasm32")]
impl Host for Kubewarden {
    fn ask(&self, capability: Capability, reference: &str) -> Result<Vec<u8>, NoAnswer> {
        let (namespace, operation) = capability.name().split_once('/').unwrap_or_default();
        let payload = crate::json::string(reference);
        wapc_guest::host_call("kubewarden", namespace, operation, payload.as_bytes()).map_err(|error| {
            let text = error.to_string();
            NoAnswer(text.strip_prefix("Host error: ").unwrap_or(&text).to_owned())
        })
    }
}
