//! The only request that a policy may make of its host: to write a log line, and nothing else.

use std::sync::Arc;

/// Receives log events: name of the policy, event as JSON text.
pub type LogSink = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// Whose calls these are.
pub(super) struct Guest {
    pub(super) name: Arc<str>,
    pub(super) sink: Option<LogSink>,
}

/// A capability that the host does not have: `namespace/operation`.
#[derive(Debug, thiserror::Error)]
#[error("host capability {0} is not available in harden")]
pub(super) struct Unavailable(String);

/// Answers one host call of a policy.
///
/// Log events (`kubewarden`/`tracing`/`log`) go to the guest's sink, or nowhere.
///
/// # Errors
/// Every other capability: the policy gets the error and decides what follows.
pub(super) fn answer(
    guest: &Guest,
    (binding, namespace, operation): (&str, &str, &str),
    payload: &[u8],
) -> Result<Vec<u8>, Unavailable> {
    if (binding, namespace, operation) == ("kubewarden", "tracing", "log") {
        if let Some(sink) = &guest.sink {
            sink(&guest.name, &String::from_utf8_lossy(payload));
        }
        return Ok(Vec::new());
    }
    Err(Unavailable(format!("{namespace}/{operation}")))
}
