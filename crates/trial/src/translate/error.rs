//! Why a template cannot be run as the kubelet would run it.

use std::collections::BTreeMap;
use std::time::Duration;

use thiserror::Error;

use crate::outcome::{Outcome, Readiness};

/// Why a template is not a pod.
#[derive(Debug, Error)]
pub enum TranslateError {
    /// A field is not of its type.
    #[error("{workload}: {prefix}{error}")]
    Type {
        /// The workload.
        workload: String,
        /// The path to what was read, with a dot behind it.
        prefix: String,
        /// The field and the mistake.
        error: serde_path_to_error::Error<serde_json::Error>,
    },
    /// The API server refuses a value.
    #[error("{workload}: {field}: {why}")]
    Value {
        /// The workload.
        workload: String,
        /// The field.
        field: String,
        /// The mistake, and what to write instead.
        why: String,
    },
    /// A pod for Windows nodes.
    #[error("{workload}: is a pod for Windows, which runs on Windows nodes only; leave it out")]
    Windows {
        /// The workload.
        workload: String,
    },
    /// The API server takes the pod, but its kubelet does not start the container.
    #[error("{workload}: container {container}: {refusal}")]
    Refused {
        /// The workload.
        workload: String,
        /// The container.
        container: String,
        /// In the kubelet's words.
        refusal: Box<Refusal>,
    },
}

/// Why the kubelet does not start a container, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// There is no such object among the given manifests.
    #[error("{kind} \"{name}\" not found; add its manifest to the files that are tried")]
    NotFound {
        /// `configmap` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A variable names a key that the object lacks.
    #[error("couldn't find key {key} in {kind} {namespace}/{name}")]
    NoKey {
        /// The key.
        key: String,
        /// `ConfigMap` or `Secret`.
        kind: &'static str,
        /// The namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// A volume names a key that the object lacks.
    #[error("volume {volume}: {kind} \"{name}\" references non-existent key: {key}")]
    NoFile {
        /// The volume.
        volume: String,
        /// `configmap` or `secret`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// The key.
        key: String,
    },
    /// `subPathExpr` names a variable that is not set.
    #[error("missing value for \"{0}\"")]
    NoValue(String),
    /// `runAsNonRoot: true` beside `runAsUser: 0`.
    #[error("container's runAsUser breaks non-root policy")]
    RunsAsRoot,
    /// `runAsNonRoot: true`, and USER is root.
    #[error("container has runAsNonRoot and image will run as root")]
    ImageRunsAsRoot,
    /// `runAsNonRoot: true`, and USER is a name.
    #[error("container has runAsNonRoot and image has non-numeric user ({0}), cannot verify user is non-root")]
    ImageUserIsAName(String),
}

impl TranslateError {
    /// The outcome in a cluster, where the kubelet refuses to start a container; none where no pod comes to be.
    pub fn outcome(&self) -> Option<Outcome> {
        let TranslateError::Refused { container, refusal, .. } = self else { return None };
        let readiness = Readiness::Not { container: container.clone(), why: refusal.to_string(), log: Vec::new() };
        Some(Outcome { readiness, evidence: BTreeMap::new(), took: Duration::ZERO })
    }
}
