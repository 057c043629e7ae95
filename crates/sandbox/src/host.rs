//! Calls a policy: an instance, its initialisation, one operation, and its result.

use std::sync::Arc;

use wasmtime::{Engine, InstancePre, Linker, Module, PoolConcurrencyLimitError, Store, Trap};

use super::call::{Call, Stop};
use super::capabilities::{Guest, HostCalls};
use super::error::ErrorKind;
use super::limits::{Budget, Limiter};
use super::shorten::shorten;
use super::{protocol, wasi};

/// A module linked with the host's functions, ready for an instance per call.
#[derive(Clone)]
pub(super) struct Host {
    guest: Arc<Guest>,
    instance: InstancePre<Call>,
}

impl Host {
    /// Links `module`, with inert WASI functions for whatever it imports of it.
    ///
    /// # Errors
    /// When an import is unknown or has another type than the host's function.
    pub(super) fn new(engine: &Engine, module: &Module, guest: Guest) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        protocol::add(&mut linker)?;
        wasi::add_inert(&mut linker, module)?;
        let instance = linker.instantiate_pre(module)?;
        Ok(Self { guest: Arc::new(guest), instance })
    }

    /// The same module, whose host calls `calls` answers.
    pub(super) fn answered_by(&self, calls: Arc<dyn HostCalls>) -> Self {
        Self { guest: Arc::new(Guest { host: Some(calls), ..Guest::clone(&self.guest) }), ..self.clone() }
    }

    /// Calls `operation` in an instance of its own.
    ///
    /// # Errors
    /// When the guest does not answer, or answers with an error.
    pub(super) fn call(&self, operation: &str, payload: Vec<u8>, budget: &Budget) -> Result<Vec<u8>, ErrorKind> {
        let call = Call {
            guest: Arc::clone(&self.guest),
            memory: None,
            operation: operation.to_owned(),
            payload,
            response: None,
            error: None,
            reply: Ok(Vec::new()),
            limiter: Limiter::new(budget.limits),
        };
        let mut store = Store::new(self.instance.module().engine(), call);
        store.limiter(|call| &mut call.limiter);
        let success = self.run(&mut store, budget)?;
        let call = store.into_data();
        let answer = call.response.filter(|_| success);
        answer.ok_or_else(|| match call.error {
            Some(text) => guest_error(operation, &String::from_utf8_lossy(&text)),
            None => ErrorKind::NoAnswer,
        })
    }

    fn run(&self, store: &mut Store<Call>, budget: &Budget) -> Result<bool, ErrorKind> {
        // Without a deadline yet, which ends a start function at once: Kubewarden's hosts do not run one either.
        let instance = self.instance.instantiate(&mut *store).map_err(|error| match error.downcast_ref() {
            Some(Trap::Interrupt) => {
                let why = "it runs code while it is instantiated (a start function or large data)";
                ErrorKind::Unsupported(why.to_owned())
            }
            None if error.is::<PoolConcurrencyLimitError>() => {
                ErrorKind::Sandbox("more calls at once than `Options::pool` has room for".to_owned())
            }
            None if !store.data().limiter.refused() => ErrorKind::unsupported(error),
            _ => ended(&error, store, budget),
        })?;
        store.data_mut().memory = instance.get_memory(&mut *store, protocol::MEMORY);
        for start in protocol::STARTS {
            let Some(function) = instance.get_func(&mut *store, start) else { continue };
            let function = function.typed::<(), ()>(&*store).map_err(ErrorKind::unsupported)?;
            store.set_epoch_deadline(budget.ticks);
            match function.call(&mut *store, ()) {
                // TinyGo ends its (empty) main with exit 0.
                Err(error) if !matches!(error.downcast_ref(), Some(Stop::Exit(0))) => {
                    return Err(ended(&error, store, budget));
                }
                _ => {}
            }
        }
        let function = instance
            .get_typed_func::<(i32, i32), i32>(&mut *store, protocol::GUEST_CALL)
            .map_err(ErrorKind::unsupported)?;
        let length = |len: usize| i32::try_from(len).map_err(|error| ErrorKind::Protocol(error.to_string()));
        let lengths = (length(store.data().operation.len())?, length(store.data().payload.len())?);
        store.set_epoch_deadline(budget.ticks);
        let success = function.call(&mut *store, lengths).map_err(|error| ended(&error, store, budget))?;
        Ok(success != 0)
    }
}

/// Tells why a guest did not come to its end.
fn ended(error: &wasmtime::Error, store: &Store<Call>, budget: &Budget) -> ErrorKind {
    let trap = error.downcast_ref::<Trap>();
    if let Some(Trap::Interrupt) = trap {
        return ErrorKind::Timeout(budget.limits.timeout);
    }
    // Toolchains turn a failed allocation into `unreachable`.
    if store.data().limiter.refused() {
        return ErrorKind::OutOfMemory(budget.limits.memory);
    }
    let reason = trap.map_or_else(|| error.root_cause().to_string(), Trap::to_string);
    let reason = reason.trim_start_matches("wasm trap: ");
    match (trap, error.downcast_ref()) {
        (Some(Trap::UnreachableCodeReached), _) => {
            ErrorKind::Trap(format!("{reason} (a panic or an abort in the policy)"))
        }
        (None, Some(Stop::OutOfBounds)) => ErrorKind::Protocol(reason.to_owned()),
        _ => ErrorKind::Trap(reason.to_owned()),
    }
}

/// Reads a guest's own message.
fn guest_error(operation: &str, message: &str) -> ErrorKind {
    // The texts of the Rust and Go guests' dispatchers.
    let unknown = ["No handler registered for function", "Could not find function"];
    if unknown.iter().any(|start| message.starts_with(start)) {
        return ErrorKind::MissingHandler(operation.to_owned());
    }
    ErrorKind::Guest(shorten(message.to_owned()))
}
