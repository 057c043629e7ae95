//! What can go wrong with a policy, in words for the person who runs it.

use std::fmt;
use std::time::Duration;

/// A policy that could not be loaded or did not answer, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxError {
    /// Name of the policy; empty when the failure is the sandbox's own.
    pub policy: String,
    /// What went wrong.
    pub kind: ErrorKind,
}

/// The ways a policy can fail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are no WebAssembly module.
    NotWasm(String),
    /// A module, but no waPC guest: an export the protocol needs is missing.
    NotWapc {
        /// The missing export.
        export: &'static str,
    },
    /// An import from a module that the sandbox does not offer.
    ForeignImport {
        /// Module of the import.
        module: String,
        /// Name of the import.
        name: String,
        /// Whether allowing WASI would satisfy it.
        wasi: bool,
    },
    /// Valid, but not runnable here (compiler or linker refused it).
    Unsupported(String),
    /// Compiling takes longer than allowed.
    CompileTime(Duration),
    /// Compiling takes more memory than allowed, in bytes.
    CompileMemory(u64),
    /// The metadata section cannot be read.
    Metadata(String),
    /// The metadata names an execution mode other than waPC.
    ExecutionMode(String),
    /// An ahead-of-time artifact that does not fit this build.
    Artifact(String),
    /// The policy ran longer than allowed.
    Timeout(Duration),
    /// The policy was not called: so many calls before took too long.
    GivenUp(u32),
    /// The policy asked for more memory than allowed, in bytes.
    OutOfMemory(usize),
    /// The policy aborted.
    Trap(String),
    /// The policy answered with an error of its own.
    Guest(String),
    /// The policy has no handler for the operation.
    MissingHandler(String),
    /// The policy returned neither an answer nor an error.
    NoAnswer,
    /// The answer is not what the operation must return.
    Garbage {
        /// The operation that was called.
        operation: String,
        /// What is wrong with the answer; never its content.
        reason: String,
    },
    /// The policy broke the waPC protocol (a pointer outside its memory …).
    Protocol(String),
    /// The sandbox itself could not work.
    Sandbox(String),
}

impl SandboxError {
    /// An error of the policy called `policy`.
    pub fn new(policy: impl Into<String>, kind: ErrorKind) -> Self {
        Self { policy: policy.into(), kind }
    }
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.policy.is_empty() {
            return self.kind.fmt(f);
        }
        write!(f, "policy `{}` {}", self.policy, self.kind)
    }
}

impl std::error::Error for SandboxError {}

impl fmt::Display for ErrorKind {
    /// A predicate: reads on after "policy `name`".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm(why) => write!(f, "is not a WebAssembly module: {why}"),
            Self::NotWapc { export } => {
                write!(f, "is not a waPC policy: it does not export `{export}`")
            }
            Self::ForeignImport { module, name, wasi } => {
                write!(f, "imports `{module}.{name}`; ")?;
                if *wasi {
                    f.write_str("`--allow-wasi` permits it for a policy you trust")
                } else {
                    f.write_str("a policy may import from `wapc` only")
                }
            }
            Self::Unsupported(why) => write!(f, "cannot run in this sandbox: {why}"),
            Self::CompileTime(limit) => {
                write!(f, "takes more than {} of processor time to compile", Seconds(*limit))
            }
            Self::CompileMemory(limit) => {
                write!(
                    f,
                    "takes more than {} of memory to compile",
                    Bytes(usize::try_from(*limit).unwrap_or(usize::MAX))
                )
            }
            Self::Metadata(why) => write!(f, "has unreadable Kubewarden metadata: {why}"),
            Self::ExecutionMode(mode) => {
                write!(f, "has execution mode `{mode}`; only `kubewarden-wapc` policies run here")
            }
            Self::Artifact(why) => write!(f, "was compiled ahead of time for another build of harden: {why}"),
            Self::Timeout(limit) => write!(f, "did not answer within {}", Seconds(*limit)),
            Self::GivenUp(times) => {
                write!(f, "was not asked: it did not answer in time {times} times before")
            }
            Self::OutOfMemory(limit) => {
                write!(f, "needs more than {} of memory", Bytes(*limit))
            }
            Self::Trap(why) => write!(f, "trapped: {why}"),
            Self::Guest(message) => write!(f, "answered with an error: {message}"),
            Self::MissingHandler(operation) => {
                write!(f, "has no handler for `{operation}`")
            }
            Self::NoAnswer => f.write_str("returned neither an answer nor an error"),
            Self::Garbage { operation, reason } => {
                write!(f, "gave an unreadable answer to `{operation}`: {reason}")
            }
            Self::Protocol(why) => write!(f, "broke the waPC protocol: {why}"),
            Self::Sandbox(why) => write!(f, "cannot start the sandbox: {why}"),
        }
    }
}

impl std::error::Error for ErrorKind {}

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
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: usize = 1 << 10;
        const MIB: usize = 1 << 20;
        const GIB: usize = 1 << 30;
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
