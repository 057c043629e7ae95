//! A policy ready to be called, from any number of threads.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::de::DeserializeOwned;
use wasmtime::Module;

use super::capabilities::{Guest, HostCalls};
use super::error::{ErrorKind, SandboxError};
use super::host::Host;
use super::metadata::PolicyMetadata;
use super::options::Shared;
use super::wire::{self, SettingsVerdict, ValidationResponse};

/// A compiled policy. Calls share nothing but the code.
#[derive(Clone)]
pub struct Policy {
    shared: Arc<Shared>,
    name: Arc<str>,
    metadata: Option<PolicyMetadata>,
    host: Host,
    /// Whether it is the bundle that is compiled into this program.
    built_in: bool,
    /// The longest payload that needs no clock; every one does if `None`.
    quick: Option<usize>,
    /// Calls that took too long.
    timeouts: Arc<AtomicU32>,
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").field("name", &self.name).field("metadata", &self.metadata).finish_non_exhaustive()
    }
}

impl Policy {
    pub(super) fn new(
        shared: Arc<Shared>,
        name: &str,
        module: &Module,
        metadata: Option<PolicyMetadata>,
    ) -> Result<Self, ErrorKind> {
        let name = Arc::<str>::from(name);
        let declared = metadata.as_ref().and_then(|metadata| metadata.host_capabilities.clone());
        let guest = Guest { name: Arc::clone(&name), sink: shared.options.log.clone(), host: None, declared };
        let host = Host::new(&shared.engine, module, guest).map_err(ErrorKind::unsupported)?;
        Ok(Self { shared, name, metadata, host, built_in: false, quick: None, timeouts: Arc::default() })
    }

    /// The same policy, whose host calls `calls` answers: those that its metadata declares, if that has a list.
    ///
    /// Costs two allocations; the compiled code and the count of time-outs are shared.
    pub fn answered_by(&self, calls: Arc<dyn HostCalls>) -> Self {
        Self { host: self.host.answered_by(calls), ..self.clone() }
    }

    /// Marks the policy as the built-in bundle, whatever others are called. It is trusted to end by itself when its
    /// payload is small: without a clock, which is a thread and takes as long to start as a call.
    ///
    /// Its work grows with the payload, which tests hold it to, so that what it does with 64 KiB takes milliseconds.
    pub fn built_in(self) -> Self {
        Self { built_in: true, quick: Some(64 << 10), ..self }
    }

    /// Whether it is the bundle that is compiled into this program: never a matter of its name.
    pub fn is_built_in(&self) -> bool {
        self.built_in
    }

    /// The name that errors give the policy.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The module's metadata. `None`: it carries none (policy-server would not
    /// take it), or it was compiled ahead of time.
    pub fn metadata(&self) -> Option<&PolicyMetadata> {
        self.metadata.as_ref()
    }

    /// Calls `operation` with `payload` in a fresh instance and returns the
    /// answer's bytes.
    ///
    /// # Errors
    /// When the policy traps, takes too long, needs too much memory, answers
    /// with an error or breaks the protocol.
    pub fn call(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, SandboxError> {
        self.run(operation, payload.to_vec()).map_err(|kind| SandboxError::new(&*self.name, kind))
    }

    fn run(&self, operation: &str, payload: Vec<u8>) -> Result<Vec<u8>, ErrorKind> {
        let Shared { options, budget, ticker, .. } = &*self.shared;
        if let Some(most) = options.timeouts.filter(|most| self.timeouts.load(Ordering::Relaxed) >= *most) {
            return Err(ErrorKind::GivenUp(most));
        }
        if self.quick.is_none_or(|longest| payload.len() > longest) {
            ticker.start()?;
        }
        // What is made of an answer may be many times as large.
        let longest = budget.limits.answer.saturating_add(payload.len());
        let answer = self.host.call(operation, payload, budget).inspect_err(|kind| {
            if matches!(kind, ErrorKind::Timeout(_)) {
                self.timeouts.fetch_add(1, Ordering::Relaxed);
            }
        })?;
        if !self.built_in && answer.len() > longest {
            let reason = format!("it is longer than the request and {} MiB", budget.limits.answer >> 20);
            return Err(ErrorKind::Garbage { operation: operation.to_owned(), reason });
        }
        Ok(answer)
    }

    /// Asks the policy whether it can work with `settings_json`.
    ///
    /// # Errors
    /// As [`call`](Self::call), and when the answer is not a verdict.
    pub fn validate_settings(&self, settings_json: &str) -> Result<SettingsVerdict, SandboxError> {
        let operation = "validate_settings";
        let answer = self.call(operation, settings_json.as_bytes())?;
        self.parse(operation, &answer)
    }

    /// Judges an admission request.
    ///
    /// Both texts must be JSON values; they are passed on as they are.
    ///
    /// # Errors
    /// As [`call`](Self::call), and when the answer is not a response.
    pub fn validate(&self, settings_json: &str, request_json: &str) -> Result<ValidationResponse, SandboxError> {
        let answer = self.validate_raw(settings_json, request_json)?;
        self.parse("validate", &answer)
    }

    /// As [`validate`](Self::validate), but returns the answer unread.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn validate_raw(&self, settings_json: &str, request_json: &str) -> Result<Vec<u8>, SandboxError> {
        let payload = [r#"{"settings":"#, settings_json, r#","request":"#, request_json, "}"].concat();
        self.run("validate", payload.into_bytes()).map_err(|kind| SandboxError::new(&*self.name, kind))
    }

    /// The version of the protocol the policy speaks, `v1` today.
    ///
    /// # Errors
    /// As [`call`](Self::call), and when the answer is not a JSON string.
    pub fn protocol_version(&self) -> Result<String, SandboxError> {
        let operation = "protocol_version";
        let answer = self.call(operation, &[])?;
        self.parse(operation, &answer)
    }

    fn parse<T: DeserializeOwned>(&self, operation: &str, answer: &[u8]) -> Result<T, SandboxError> {
        wire::parse(operation, answer).map_err(|kind| SandboxError::new(&*self.name, kind))
    }
}
