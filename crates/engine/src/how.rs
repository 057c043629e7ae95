//! How a pod is run, and what is told meanwhile.

use std::time::Duration;

use regex::Regex;

/// Which engine is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Podman.
    Podman,
    /// Docker.
    Docker,
}

impl Choice {
    /// Its name, as its command is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Choice::Podman => "podman",
            Choice::Docker => "docker",
        }
    }
}

/// How a pod is run.
#[derive(Debug, Clone)]
pub struct How {
    /// How long containers without a probe must run to be ready.
    pub ready_for: Duration,
    /// How long a run may take at most, start and waiting together.
    pub timeout: Duration,
    /// A pattern that a line of a container's log must match for the pod to be ready; without one, probes decide.
    pub log: Option<Regex>,
    /// Whether containers reach what lies outside: the internet, and services of this machine.
    pub network: bool,
    /// Whether to keep a ready pod running for [`How::ready_for`] longer, so that what it does is seen.
    pub watch: bool,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The name of the pod.
    pub pod: String,
    /// The name of the container, where it is about one.
    pub container: Option<String>,
    /// The step.
    pub step: Step,
}

/// An event in the life of a pod or of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Network, volumes and containers are made.
    Preparing,
    /// A container was started.
    Started,
    /// A container ended with this code.
    Ended(i64),
    /// A probe was answered, or not: its kind and the result.
    Probed(String),
    /// The pod is ready.
    Ready,
    /// All that was made is removed.
    Removing,
    /// Something is not as in a cluster: a sentence.
    Note(String),
}
