//! Kubewarden's metadata: what a policy says about itself.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::ErrorKind;
use super::inspect::custom_section;

/// Name of the custom section that holds the metadata.
pub const METADATA_SECTION: &str = "io.kubewarden.metadata";

/// The metadata in a policy's wasm. Keys that are not listed are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyMetadata {
    /// Protocol between policy and host: `v1`.
    #[serde(default)]
    pub protocol_version: Option<String>,
    /// The requests the policy wants to see.
    #[serde(default)]
    pub rules: Vec<MetadataRule>,
    /// Title, author, source and such.
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
    /// The capabilities that it asks of its host, such as `oci/v1/manifest_digest`; older policies do not say.
    #[serde(default)]
    pub host_capabilities: Option<Vec<String>>,
    /// Whether the policy changes objects.
    #[serde(default)]
    pub mutating: bool,
    /// Whether the audit scanner may use it.
    #[serde(default = "yes")]
    pub background_audit: bool,
    /// How the module is run: `kubewarden-wapc`, `opa`, `gatekeeper`, `wasi`.
    #[serde(default = "wapc")]
    pub execution_mode: String,
    /// `kubernetes`, or `raw` for requests that are not admission requests.
    #[serde(default = "kubernetes")]
    pub policy_type: String,
}

/// The requests that one rule of the metadata selects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MetadataRule {
    /// API groups; `""` is the core group.
    pub api_groups: Vec<String>,
    /// Versions of the API.
    pub api_versions: Vec<String>,
    /// Resources in plural, with `/subresource`.
    pub resources: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Vec<String>,
}

fn yes() -> bool {
    true
}

fn wapc() -> String {
    "kubewarden-wapc".to_owned()
}

fn kubernetes() -> String {
    "kubernetes".to_owned()
}

impl PolicyMetadata {
    /// Reads the metadata of a module; `None` when it carries none.
    ///
    /// A policy without metadata runs here, but policy-server refuses it.
    ///
    /// # Errors
    /// When `wasm` is not a module or the section is not the JSON it should be.
    pub fn from_wasm(wasm: &[u8]) -> Result<Option<Self>, ErrorKind> {
        custom_section(wasm, METADATA_SECTION)?
            .map(|section| serde_json::from_slice(section).map_err(|e| ErrorKind::Metadata(e.to_string())))
            .transpose()
    }

    /// Whether the policy takes any JSON instead of an admission request.
    pub fn is_raw(&self) -> bool {
        self.policy_type == "raw"
    }

    /// Refuses what is not run over waPC.
    pub(super) fn check_execution_mode(&self) -> Result<(), ErrorKind> {
        if self.execution_mode == wapc() {
            return Ok(());
        }
        Err(ErrorKind::ExecutionMode(self.execution_mode.clone()))
    }
}
