//! Finds out what a failed call means.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use wapc::errors::Error;

use super::error::ErrorKind;
use super::limits::Limits;
use crate::shorten::shorten;

/// What waPC's error says. The provider passes on texts only, so this goes by
/// the texts; a guest that imitates one of them mislabels its own error.
pub(super) fn classify(error: Error, operation: &str, limits: &Limits) -> ErrorKind {
    let (text, initialising) = match error {
        Error::InitFailed(text) => (text, true),
        Error::GuestCallFailure(text) => (text, false),
        other => return ErrorKind::Protocol(other.to_string()),
    };
    if text.ends_with("execution deadline exceeded") {
        return ErrorKind::Timeout(limits.timeout);
    }
    if let Some((_, reason)) = text.split_once("wasm trap: ") {
        if initialising && reason == "interrupt" {
            // The provider sets the deadline after instantiation.
            return ErrorKind::Unsupported(
                "it runs code while it is instantiated (a start function or large data)".to_owned(),
            );
        }
        return trap(reason);
    }
    // wasmtime: "memory minimum size of N pages exceeds memory limits".
    if initialising && text.contains("exceeds memory limits") {
        return ErrorKind::OutOfMemory(limits.memory);
    }
    if text == "No error message OR response set for call success" || text == "No error message set for call failure" {
        return ErrorKind::NoAnswer;
    }
    // wasmtime puts the address before the trap, when it knows it.
    if text.starts_with("memory fault at wasm address") {
        return trap("out of bounds memory access");
    }
    // wasmtime: "maximum concurrent limit of N for core instances reached".
    if initialising && text.contains("maximum concurrent") {
        return ErrorKind::Sandbox("more calls at once than `Options::pool` has room for".to_owned());
    }
    if initialising {
        return ErrorKind::Unsupported(text);
    }
    if text.starts_with("out of bounds memory access") {
        return ErrorKind::Protocol(super::OUT_OF_BOUNDS.to_owned());
    }
    guest_error(operation, &text)
}

/// The error for a trap that wasmtime describes as `reason`.
pub(super) fn trap(reason: &str) -> ErrorKind {
    let reason = reason.strip_prefix("wasm trap: ").unwrap_or(reason);
    ErrorKind::Trap(if reason.contains("`unreachable`") {
        format!("{reason} (a panic or an abort in the policy)")
    } else {
        reason.to_owned()
    })
}

/// The error for a guest's own message.
pub(super) fn guest_error(operation: &str, message: &str) -> ErrorKind {
    // The texts of the Rust and Go guests' dispatchers.
    let unknown = ["No handler registered for function", "Could not find function"];
    if unknown.iter().any(|start| message.starts_with(start)) {
        return ErrorKind::MissingHandler(operation.to_owned());
    }
    ErrorKind::Guest(shorten(message.to_owned()))
}

/// Reads the answer to `operation`. An error never quotes it, as serde_json's
/// own would: an answer may hold what the request held, secrets included.
pub(super) fn parse<T: DeserializeOwned>(operation: &str, answer: &[u8]) -> Result<T, ErrorKind> {
    let garbage = |reason| ErrorKind::Garbage { operation: operation.to_owned(), reason };
    // No answer is an array, but serde would take one for a struct.
    if answer.trim_ascii_start().starts_with(b"[") {
        return Err(garbage("JSON of another shape (an array)".to_owned()));
    }
    serde_json::from_slice(answer).map_err(|error| {
        let what = match error.classify() {
            Category::Data => "JSON of another shape",
            _ => "no JSON",
        };
        garbage(format!("{what} (line {}, column {})", error.line(), error.column()))
    })
}
