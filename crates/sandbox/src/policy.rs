//! A policy ready to be called, from any number of threads.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::de::DeserializeOwned;
use wapc::{HostCallback, WapcHost};
use wasmtime_provider::wasmtime::Module;
use wasmtime_provider::{EpochDeadlines, ResourceLimits, WasmtimeEngineProviderBuilder, WasmtimeEngineProviderPre};

use super::capabilities;
use super::engine::Shared;
use super::error::{ErrorKind, SandboxError};
use super::failure;
use super::host::Host;
use super::metadata::PolicyMetadata;
use super::wire::{SettingsVerdict, ValidationResponse};

/// A compiled policy. Calls share nothing but the code.
pub struct Policy {
    shared: Arc<Shared>,
    name: Arc<str>,
    metadata: Option<PolicyMetadata>,
    module: Module,
    runner: Runner,
    /// Whether it is the bundle that is compiled into this program.
    built_in: bool,
    /// The longest payload that needs no clock; every one does if `None`.
    quick: Option<usize>,
    /// Calls that took too long.
    timeouts: AtomicU32,
}

enum Runner {
    Provider(Box<WasmtimeEngineProviderPre>),
    /// For guests of WASI, which the provider would have to offer to everyone.
    Own(Box<Host>),
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
        module: Module,
        metadata: Option<PolicyMetadata>,
        uses_wasi: bool,
    ) -> Result<Self, ErrorKind> {
        let name = Arc::<str>::from(name);
        let runner = if uses_wasi {
            Runner::Own(Box::new(own_host(&shared, &module, &name)?))
        } else {
            let limits = &shared.budget.limits;
            let provider = WasmtimeEngineProviderBuilder::new()
                .engine(shared.engine.clone())
                .module(module.clone())
                .enable_resource_limits(ResourceLimits {
                    max_memory_size: Some(limits.memory),
                    max_table_elements: Some(limits.table_elements),
                })
                .build_pre()
                .map_err(|error| ErrorKind::Unsupported(error.to_string()))?;
            Runner::Provider(Box::new(provider))
        };
        Ok(Self { shared, name, metadata, module, runner, built_in: false, quick: None, timeouts: AtomicU32::new(0) })
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
        self.run_patiently(operation, payload).map_err(|kind| SandboxError::new(&*self.name, kind))
    }

    fn run_patiently(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, ErrorKind> {
        let Some(patience) = self.shared.options.patience else { return self.run(operation, payload) };
        if self.timeouts.load(Ordering::Relaxed) >= patience {
            return Err(ErrorKind::GivenUp(patience));
        }
        let answer = self.run(operation, payload);
        if matches!(answer, Err(ErrorKind::Timeout(_))) {
            self.timeouts.fetch_add(1, Ordering::Relaxed);
        }
        answer
    }

    fn run(&self, operation: &str, payload: &[u8]) -> Result<Vec<u8>, ErrorKind> {
        if self.quick.is_none_or(|longest| payload.len() > longest) {
            self.shared.ticker.start().map_err(ErrorKind::Sandbox)?;
        }
        let answer = match &self.runner {
            Runner::Own(host) => host.call(operation, payload, &self.shared.budget),
            Runner::Provider(provider) => self
                .run_provider(provider, operation, payload)
                .map_err(|kind| self.look_behind(kind, operation, payload)),
        }?;
        // What is made of an answer may be many times as large.
        let longest = self.shared.budget.limits.answer;
        if !self.built_in && answer.len() > longest.saturating_add(payload.len()) {
            let reason = format!("it is longer than the request and {} MiB", longest >> 20);
            return Err(ErrorKind::Garbage { operation: operation.to_owned(), reason });
        }
        Ok(answer)
    }

    fn run_provider(
        &self,
        provider: &WasmtimeEngineProviderPre,
        operation: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, ErrorKind> {
        let budget = &self.shared.budget;
        let deadlines = EpochDeadlines { wapc_init: budget.ticks, wapc_func: budget.ticks };
        // The provider indexes the guest's memory with the guest's pointers and
        // panics on a bad one.
        catch_unwind(AssertUnwindSafe(|| {
            let instance =
                provider.rehydrate(Some(deadlines)).map_err(|error| ErrorKind::Unsupported(error.to_string()))?;
            WapcHost::new(Box::new(instance), Some(self.callback()))
                .and_then(|host| host.call(operation, payload))
                .map_err(|error| failure::classify(error, operation, &budget.limits))
        }))
        .unwrap_or_else(|_| Err(ErrorKind::Protocol(super::OUT_OF_BOUNDS.to_owned())))
    }

    /// What really is behind a trap. Toolchains turn a failed allocation into
    /// `unreachable`, and the provider does not tell whether the limit was the
    /// reason; so the failed call is repeated where that can be seen.
    fn look_behind(&self, kind: ErrorKind, operation: &str, payload: &[u8]) -> ErrorKind {
        if !matches!(kind, ErrorKind::Trap(_)) {
            return kind;
        }
        own_host(&self.shared, &self.module, &self.name)
            .and_then(|host| host.call(operation, payload, &self.shared.budget))
            .err()
            .filter(|seen| matches!(seen, ErrorKind::OutOfMemory(_)))
            .unwrap_or(kind)
    }

    fn callback(&self) -> Box<HostCallback> {
        let name = Arc::clone(&self.name);
        let sink = self.shared.options.log.clone();
        Box::new(move |_, binding, namespace, operation, payload| {
            let function = (binding, namespace, operation);
            capabilities::answer(&name, sink.as_ref(), function, payload)
        })
    }

    /// Asks the policy whether it can work with `settings_json`.
    ///
    /// # Errors
    /// As [`call`](Self::call), and when the answer is no verdict.
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
    /// As [`call`](Self::call), and when the answer is no response.
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
        self.call("validate", payload.as_bytes())
    }

    /// The version of the protocol the policy speaks, `v1` today.
    ///
    /// # Errors
    /// As [`call`](Self::call), and when the answer is no JSON string.
    pub fn protocol_version(&self) -> Result<String, SandboxError> {
        let operation = "protocol_version";
        let answer = self.call(operation, &[])?;
        self.parse(operation, &answer)
    }

    fn parse<T: DeserializeOwned>(&self, operation: &str, answer: &[u8]) -> Result<T, SandboxError> {
        failure::parse(operation, answer).map_err(|kind| SandboxError::new(&*self.name, kind))
    }
}

fn own_host(shared: &Shared, module: &Module, name: &Arc<str>) -> Result<Host, ErrorKind> {
    Host::new(&shared.engine, module, Arc::clone(name), shared.options.log.clone())
        .map_err(|error| ErrorKind::Unsupported(format!("{error:#}")))
}
