//! Probes and lifecycle hooks of a template.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Pair;

/// A probe.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct Probe {
    #[serde(flatten)]
    pub(in crate::translate) handler: Map<String, Value>,
    pub(in crate::translate) initial_delay_seconds: u32,
    pub(in crate::translate) period_seconds: u32,
    pub(in crate::translate) timeout_seconds: u32,
    pub(in crate::translate) success_threshold: u32,
    pub(in crate::translate) failure_threshold: u32,
}

/// The action of a probe or of a lifecycle hook.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct Handler {
    pub(in crate::translate) exec: Option<Exec>,
    pub(in crate::translate) http_get: Option<HttpGet>,
    pub(in crate::translate) tcp_socket: Option<Socket>,
    pub(in crate::translate) grpc: Option<Socket>,
}

/// A command.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::translate) struct Exec {
    pub(in crate::translate) command: Vec<String>,
}

/// A GET request.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct HttpGet {
    pub(in crate::translate) path: String,
    pub(in crate::translate) port: Value,
    pub(in crate::translate) host: String,
    pub(in crate::translate) scheme: String,
    pub(in crate::translate) http_headers: Vec<Pair>,
}

/// A connection.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::translate) struct Socket {
    pub(in crate::translate) port: Value,
    pub(in crate::translate) host: String,
}

/// The hooks of a container.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::translate) struct Lifecycle {
    pub(in crate::translate) post_start: Option<Handler>,
}
