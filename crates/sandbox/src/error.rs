//! Errors of policies, in words for the person who runs them.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// A policy that could not be loaded or did not answer, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{}{kind}", Subject(.policy))]
pub struct SandboxError {
    /// Name of the policy; empty when the failure is the sandbox's own.
    pub policy: String,
    /// The kind of the error.
    pub kind: ErrorKind,
}

/// The ways a policy can fail. Each text is a predicate: it reads on after "policy `name`".
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are not a WebAssembly module.
    #[error("is not a WebAssembly module: {0}")]
    NotWasm(String),
    /// A module, but not a waPC guest: an export the protocol needs is missing.
    #[error("is not a waPC policy: it does not export `{export}`")]
    NotWapc {
        /// The missing export.
        export: &'static str,
    },
    /// An import from a module that the sandbox does not offer.
    #[error("imports `{module}.{name}`; {}", if *.wasi {
        "`--allow-wasi` permits it for a policy you trust"
    } else {
        "a policy may import from `wapc` only"
    })]
    ForeignImport {
        /// Module of the import.
        module: String,
        /// Name of the import.
        name: String,
        /// Whether allowing WASI would satisfy it.
        wasi: bool,
    },
    /// Valid, but not runnable here (compiler or linker refused it).
    #[error("cannot run in this sandbox: {0}")]
    Unsupported(String),
    /// Compiling takes longer than allowed.
    #[error("takes more than {} of processor time to compile", Seconds(*.0))]
    CompileTime(Duration),
    /// Compiling takes more memory than allowed, in bytes.
    #[error("takes more than {} of memory to compile", Bytes(*.0))]
    CompileMemory(u64),
    /// The metadata section cannot be read.
    #[error("has unreadable Kubewarden metadata: {0}")]
    Metadata(String),
    /// The metadata names an execution mode other than waPC.
    #[error("has execution mode `{0}`; only `kubewarden-wapc` policies run here")]
    ExecutionMode(String),
    /// An ahead-of-time artifact that does not fit this build.
    #[error("was compiled ahead of time for another build of harden: {0}")]
    Artifact(String),
    /// The policy ran longer than allowed.
    #[error("did not answer within {}", Seconds(*.0))]
    Timeout(Duration),
    /// The policy was not called, because this many calls before took too long.
    #[error("was not asked: it did not answer in time {0} times before")]
    GivenUp(u32),
    /// The policy asked for more memory than allowed, in bytes.
    #[error("needs more than {} of memory", Bytes(*.0 as u64))]
    OutOfMemory(usize),
    /// The policy aborted.
    #[error("trapped: {0}")]
    Trap(String),
    /// The policy answered with an error of its own.
    #[error("answered with an error: {0}")]
    Guest(String),
    /// The policy has no handler for the operation.
    #[error("has no handler for `{0}`")]
    MissingHandler(String),
    /// The policy returned neither an answer nor an error.
    #[error("returned neither an answer nor an error")]
    NoAnswer,
    /// The answer is not what the operation must return.
    #[error("gave an unreadable answer to `{operation}`: {reason}")]
    Garbage {
        /// The operation that was called.
        operation: String,
        /// The problem with the answer; never its content.
        reason: String,
    },
    /// The policy broke the waPC protocol (a pointer outside its memory …).
    #[error("broke the waPC protocol: {0}")]
    Protocol(String),
    /// The sandbox itself could not work.
    #[error("cannot start the sandbox: {0}")]
    Sandbox(String),
}

impl ErrorKind {
    /// A module that compiler or linker refused.
    pub(super) fn unsupported(error: wasmtime::Error) -> Self {
        Self::Unsupported(format!("{error:#}"))
    }
}

impl SandboxError {
    /// An error of the policy called `policy`.
    pub fn new(policy: impl Into<String>, kind: ErrorKind) -> Self {
        Self { policy: policy.into(), kind }
    }
}

/// The policy that an error is about, before its predicate; nothing if it has no name.
struct Subject<'a>(&'a str);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "policy `{}` ", self.0) }
    }
}

/// A duration as `2 s`, `1.5 s` or `200 ms`.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < Duration::from_secs(1) {
            write!(f, "{} ms", self.0.as_millis())
        } else {
            write!(f, "{} s", self.0.as_secs_f64())
        }
    }
}

/// A size as `256 MiB` or `64 KiB`.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: u64 = 1 << 10;
        const MIB: u64 = 1 << 20;
        const GIB: u64 = 1 << 30;
        match self.0 {
            n if n >= GIB && n.is_multiple_of(GIB) => write!(f, "{} GiB", n / GIB),
            n if n >= MIB && n.is_multiple_of(MIB) => write!(f, "{} MiB", n / MIB),
            n if n >= KIB && n.is_multiple_of(KIB) => write!(f, "{} KiB", n / KIB),
            n => write!(f, "{n} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_read_well() {
        let text = |d| Seconds(d).to_string();
        assert_eq!(text(Duration::from_secs(2)), "2 s");
        assert_eq!(text(Duration::from_millis(1500)), "1.5 s");
        assert_eq!(text(Duration::from_millis(200)), "200 ms");
        assert_eq!(Bytes(256 << 20).to_string(), "256 MiB");
        assert_eq!(Bytes(64 << 10).to_string(), "64 KiB");
        assert_eq!(Bytes(1000).to_string(), "1000 bytes");
    }

    #[test]
    fn the_name_leads_unless_there_is_none() {
        let error = SandboxError::new("privileged", ErrorKind::NoAnswer);
        assert_eq!(error.to_string(), "policy `privileged` returned neither an answer nor an error");
        let error = SandboxError::new("", ErrorKind::Sandbox("no threads".into()));
        assert_eq!(error.to_string(), "cannot start the sandbox: no threads");
    }
}
