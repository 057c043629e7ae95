//! Why an engine could not be had, or could not run a pod.

use std::path::PathBuf;
use std::time::Duration;

/// Why there is no outcome.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// No engine answers, and none can be started.
    #[error(
        "found no container engine: install podman or docker and start it, or name its socket in DOCKER_HOST; asked {asked}"
    )]
    None {
        /// Where it was asked.
        asked: String,
    },
    /// `DOCKER_HOST` names what is not supported.
    #[error("DOCKER_HOST: cannot use `{host}`: {why}")]
    Host {
        /// Its value.
        host: String,
        /// Why, and what to do.
        why: &'static str,
    },
    /// The engine does not answer at its address.
    #[error("no container engine answers at {address}: {why}")]
    Unreachable {
        /// The address.
        address: String,
        /// The error of the connection.
        why: String,
    },
    /// An engine answers, but it is not the one that was chosen.
    #[error("the engine at {address} is {found}, not {wanted}")]
    Other {
        /// The address.
        address: String,
        /// The name of the one that answers.
        found: &'static str,
        /// The name of the chosen one.
        wanted: &'static str,
    },
    /// `podman system service` could not be started.
    #[error("cannot start `podman system service`: {0}")]
    Service(String),
    /// The engine's machine has a processor for which there is no pod sandbox.
    #[error("the engine's machine is {0}; pods can be tried on amd64 and arm64")]
    Architecture(String),
    /// The engine does not start even the smallest container.
    #[error("the engine does not start containers: {0}")]
    Broken(String),
    /// The engine does not have the image.
    #[error("image {0} is not on this machine; pull it, or let harden do so with --pull")]
    ImageMissing(String),
    /// The image could not be pulled.
    #[error("cannot pull image {image}: {why}")]
    Pull {
        /// The image.
        image: String,
        /// The engine's answer.
        why: String,
    },
    /// The engine refuses a request, or does not answer it.
    #[error("the engine cannot {what}: {why}")]
    Request {
        /// The request.
        what: String,
        /// The engine's answer.
        why: String,
    },
    /// The engine answers too late.
    #[error("the engine did not {what} within {} seconds", .within.as_secs())]
    Late {
        /// The request.
        what: &'static str,
        /// How long was waited.
        within: Duration,
    },
    /// A file or folder of ours.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Its path.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
}

impl EngineError {
    /// Whether the same request may succeed if it is made again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, EngineError::Request { .. } | EngineError::Late { .. })
    }
}
