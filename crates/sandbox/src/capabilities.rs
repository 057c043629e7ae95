//! Answers policies' calls of their host: log lines, and whatever else the caller answers.

use std::fmt;
use std::sync::Arc;

/// Receives log events: name of the policy, event as JSON text.
pub type LogSink = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Answers the host calls of policies, from any thread.
pub trait HostCalls: Send + Sync {
    /// The bytes that the policy gets, in the shape that Kubewarden's hosts give them.
    ///
    /// # Errors
    /// No answer: the policy gets the text of the refusal, and decides what follows.
    fn answer(&self, call: &HostCall<'_>) -> Result<Vec<u8>, Refusal>;
}

/// One host call of a policy.
#[derive(Debug, Clone, Copy)]
pub struct HostCall<'c> {
    /// The name of the policy.
    pub policy: &'c str,
    /// The namespace, such as `oci`.
    pub namespace: &'c str,
    /// The operation, such as `v1/manifest_digest`.
    pub operation: &'c str,
    /// The question, mostly as JSON.
    pub payload: &'c [u8],
}

/// Why a host call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody here answers such calls.
    #[error("host capability {0} is not available in harden")]
    Unavailable(String),
    /// The policy's metadata has a list of capabilities, and this one is not in it.
    #[error("host capability {0} is not among the hostCapabilities of the policy's metadata")]
    Undeclared(String),
    /// Such calls are answered, but not this one.
    #[error("{0}")]
    Failed(String),
}

impl HostCall<'_> {
    /// The name of the capability, as metadata and PolicyServers write it: `oci/v1/manifest_digest`.
    pub fn capability(&self) -> String {
        [self.namespace, "/", self.operation].concat()
    }

    /// The image that a call of the namespace `oci` asks about; `None` where the payload is not a JSON string.
    pub fn image(&self) -> Option<String> {
        serde_json::from_slice(self.payload).ok()
    }

    /// The refusal of a call that nobody answers.
    pub fn unavailable(&self) -> Refusal {
        Refusal::Unavailable(self.capability())
    }
}

/// Whose calls these are, and who answers them.
#[derive(Clone)]
pub(super) struct Guest {
    pub(super) name: Arc<str>,
    pub(super) sink: Option<LogSink>,
    pub(super) host: Option<Arc<dyn HostCalls>>,
    /// The capabilities that the metadata declares; every one may be asked for if it does not say.
    pub(super) declared: Option<Vec<String>>,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("name", &self.name).field("declared", &self.declared).finish_non_exhaustive()
    }
}

/// Answers one host call of a policy.
///
/// Log events (`kubewarden`/`tracing`/`log`) go to the guest's sink, or nowhere.
///
/// # Errors
/// A capability that the policy does not declare or that nobody answers, and whatever the caller refuses: the policy
/// gets the error and decides what follows.
pub(super) fn answer(
    guest: &Guest,
    (binding, namespace, operation): (&str, &str, &str),
    payload: &[u8],
) -> Result<Vec<u8>, Refusal> {
    if (binding, namespace, operation) == ("kubewarden", "tracing", "log") {
        if let Some(sink) = &guest.sink {
            sink(&guest.name, &String::from_utf8_lossy(payload));
        }
        return Ok(Vec::new());
    }
    let call = HostCall { policy: &guest.name, namespace, operation, payload };
    let capability = call.capability();
    if guest.declared.as_ref().is_some_and(|declared| !declared.iter().any(|pattern| permits(pattern, &capability))) {
        return Err(Refusal::Undeclared(capability));
    }
    match &guest.host {
        Some(host) if binding == "kubewarden" => host.answer(&call),
        _ => Err(call.unavailable()),
    }
}

/// Whether a pattern of `hostCapabilities` reaches a capability: `*`, `oci/*`, `oci/v1/*`, or its name.
fn permits(pattern: &str, capability: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => (prefix.is_empty() || prefix.ends_with('/')) && capability.starts_with(prefix),
        None => pattern == capability,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_end_with_a_whole_part() {
        for (pattern, permitted) in [
            ("*", true),
            ("oci/*", true),
            ("oci/v1/*", true),
            ("oci/v1/manifest_digest", true),
            ("oci/v2/*", false),
            ("oci*", false),
            ("oci/v1/manifest_*", false),
            ("oci", false),
            ("", false),
        ] {
            assert_eq!(permits(pattern, "oci/v1/manifest_digest"), permitted, "{pattern}");
        }
    }
}
