//! What a policy may ask of its host: to write a log line, and nothing else.

use std::error::Error;
use std::sync::Arc;

/// Receives log events: name of the policy, event as JSON text.
pub type LogSink = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The answer to one host call of a policy.
///
/// Log events (`kubewarden`/`tracing`/`log`) go to `sink`, or nowhere.
///
/// # Errors
/// Every other capability: the policy gets an error and decides what follows.
pub(super) fn answer(
    policy: &str,
    sink: Option<&LogSink>,
    (binding, namespace, operation): (&str, &str, &str),
    payload: &[u8],
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    if (binding, namespace, operation) == ("kubewarden", "tracing", "log") {
        if let Some(sink) = sink {
            sink(policy, &String::from_utf8_lossy(payload));
        }
        return Ok(Vec::new());
    }
    Err(format!("host capability {namespace}/{operation} is not available in harden").into())
}
