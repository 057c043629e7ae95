//! A waPC host written straight on wasmtime, for what `wasmtime-provider`
//! hides or cannot do: guests that import WASI, and finding out after a trap
//! whether the memory limit was behind it.

use std::fmt;
use std::sync::Arc;

use wapc::{HOST_NAMESPACE, wapc_functions as protocol};
use wasmtime_provider::wasmtime::{
    self, AsContextMut, Caller, Engine, Extern, InstancePre, Linker, Module, Store, Trap,
};

use super::capabilities::{self, LogSink};
use super::error::ErrorKind;
use super::failure;
use super::limits::{Budget, Limiter};
use super::wasi;

/// A module linked with the host functions, ready for an instance per call.
pub(super) struct Host {
    policy: Arc<str>,
    sink: Option<LogSink>,
    instance: InstancePre<Call>,
}

/// One call as the guest sees it.
pub(super) struct Call {
    policy: Arc<str>,
    sink: Option<LogSink>,
    operation: String,
    payload: Vec<u8>,
    response: Option<Vec<u8>>,
    error: Option<Vec<u8>>,
    reply: Result<Vec<u8>, String>,
    limiter: Limiter,
}

/// A guest that left with `proc_exit`.
#[derive(Debug)]
pub(super) struct Exit(pub(super) i32);

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it exited with code {}", self.0)
    }
}

impl std::error::Error for Exit {}

/// A guest that passed a pointer outside its memory.
#[derive(Debug)]
struct OutOfBounds;

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(super::OUT_OF_BOUNDS)
    }
}

impl std::error::Error for OutOfBounds {}

impl Host {
    /// Links `module`, with inert WASI functions for whatever it imports of it.
    ///
    /// # Errors
    /// When an import is unknown or has another type than the host's function.
    pub(super) fn new(
        engine: &Engine,
        module: &Module,
        policy: Arc<str>,
        sink: Option<LogSink>,
    ) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        add_protocol(&mut linker)?;
        wasi::add_inert(&mut linker, module)?;
        let instance = linker.instantiate_pre(module)?;
        Ok(Self { policy, sink, instance })
    }

    /// Calls `operation` in an instance of its own.
    ///
    /// # Errors
    /// When the guest does not answer, or answers with an error.
    pub(super) fn call(&self, operation: &str, payload: &[u8], budget: &Budget) -> Result<Vec<u8>, ErrorKind> {
        let call = Call {
            policy: Arc::clone(&self.policy),
            sink: self.sink.clone(),
            operation: operation.to_owned(),
            payload: payload.to_vec(),
            response: None,
            error: None,
            reply: Ok(Vec::new()),
            limiter: Limiter::new(budget.limits),
        };
        let mut store = Store::new(self.instance.module().engine(), call);
        store.limiter(|call| &mut call.limiter);
        let outcome = self.run(&mut store, budget.ticks);
        let call = store.into_data();
        match outcome {
            Ok(success) => {
                let answer = call.response.filter(|_| success);
                answer.ok_or(match call.error {
                    Some(text) => failure::guest_error(operation, &String::from_utf8_lossy(&text)),
                    None => ErrorKind::NoAnswer,
                })
            }
            Err(error) => Err(classify(&error, &call.limiter, budget)),
        }
    }

    fn run(&self, store: &mut Store<Call>, ticks: u64) -> wasmtime::Result<bool> {
        // Before the instance exists: a start function runs in instantiation.
        store.set_epoch_deadline(ticks);
        let instance = self.instance.instantiate(&mut *store)?;
        for start in protocol::REQUIRED_STARTS {
            if instance.get_func(&mut *store, start).is_none() {
                continue;
            }
            let function = instance.get_typed_func::<(), ()>(&mut *store, start)?;
            store.set_epoch_deadline(ticks);
            if let Err(error) = function.call(&mut *store, ()) {
                // TinyGo ends its (empty) main with exit 0.
                if !matches!(error.downcast_ref(), Some(Exit(0))) {
                    return Err(error);
                }
            }
        }
        let lengths = (length(store.data().operation.len())?, length(store.data().payload.len())?);
        let function = instance.get_typed_func::<(i32, i32), i32>(&mut *store, protocol::GUEST_CALL)?;
        store.set_epoch_deadline(ticks);
        Ok(function.call(&mut *store, lengths)? != 0)
    }
}

fn classify(error: &wasmtime::Error, limiter: &Limiter, budget: &Budget) -> ErrorKind {
    if matches!(error.downcast_ref(), Some(Trap::Interrupt)) {
        return ErrorKind::Timeout(budget.limits.timeout);
    }
    if limiter.refused() {
        return ErrorKind::OutOfMemory(budget.limits.memory);
    }
    if error.is::<OutOfBounds>() {
        return ErrorKind::Protocol(error.to_string());
    }
    failure::trap(&error.root_cause().to_string())
}

/// Defines the functions of the waPC protocol.
fn add_protocol(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    use protocol as p;
    let wapc = HOST_NAMESPACE;
    linker.func_wrap(wapc, p::GUEST_REQUEST_FN, |mut caller: Caller<'_, Call>, operation: i32, payload: i32| {
        let text = std::mem::take(&mut caller.data_mut().operation);
        write(&mut caller, operation, text.as_bytes())?;
        let bytes = std::mem::take(&mut caller.data_mut().payload);
        let written = write(&mut caller, payload, &bytes);
        // A guest may ask again.
        caller.data_mut().operation = text;
        caller.data_mut().payload = bytes;
        written
    })?;
    linker.func_wrap(wapc, p::GUEST_RESPONSE_FN, |mut caller: Caller<'_, Call>, at: i32, len: i32| {
        let bytes = read(&mut caller, at, len)?;
        caller.data_mut().response = Some(bytes);
        Ok(())
    })?;
    linker.func_wrap(wapc, p::GUEST_ERROR_FN, |mut caller: Caller<'_, Call>, at: i32, len: i32| {
        let bytes = read(&mut caller, at, len)?;
        caller.data_mut().error = Some(bytes);
        Ok(())
    })?;
    // Nobody reads a guest's console.
    linker.func_wrap(wapc, p::HOST_CONSOLE_LOG, |_: Caller<'_, Call>, _: i32, _: i32| {})?;
    linker.func_wrap(wapc, p::HOST_CALL, host_call)?;
    linker.func_wrap(wapc, p::HOST_RESPONSE_LEN_FN, |caller: Caller<'_, Call>| {
        length(caller.data().reply.as_ref().map_or(0, Vec::len))
    })?;
    linker.func_wrap(wapc, p::HOST_ERROR_LEN_FN, |caller: Caller<'_, Call>| {
        length(caller.data().reply.as_ref().err().map_or(0, String::len))
    })?;
    linker.func_wrap(wapc, p::HOST_RESPONSE_FN, |mut caller: Caller<'_, Call>, at: i32| {
        let reply = caller.data().reply.clone().unwrap_or_default();
        write(&mut caller, at, &reply)
    })?;
    linker.func_wrap(wapc, p::HOST_ERROR_FN, |mut caller: Caller<'_, Call>, at: i32| {
        let error = caller.data().reply.clone().err().unwrap_or_default();
        write(&mut caller, at, error.as_bytes())
    })?;
    Ok(())
}

/// `__host_call`: each argument is a pointer and a length.
#[allow(clippy::too_many_arguments)] // The protocol's signature.
fn host_call(
    mut caller: Caller<'_, Call>,
    binding: i32,
    binding_len: i32,
    namespace: i32,
    namespace_len: i32,
    operation: i32,
    operation_len: i32,
    payload: i32,
    payload_len: i32,
) -> wasmtime::Result<i32> {
    let mut text = |at, len| -> wasmtime::Result<String> {
        Ok(String::from_utf8_lossy(&read(&mut caller, at, len)?).into_owned())
    };
    let binding = text(binding, binding_len)?;
    let namespace = text(namespace, namespace_len)?;
    let operation = text(operation, operation_len)?;
    let payload = read(&mut caller, payload, payload_len)?;
    let call = caller.data_mut();
    call.reply = capabilities::answer(&call.policy, call.sink.as_ref(), (&binding, &namespace, &operation), &payload)
        .map_err(|error| error.to_string());
    Ok(i32::from(call.reply.is_ok()))
}

/// Copies `len` bytes at `at` out of the guest's memory.
pub(super) fn read(caller: &mut Caller<'_, Call>, at: i32, len: i32) -> wasmtime::Result<Vec<u8>> {
    // Pointers and lengths are unsigned on the wire.
    let (at, len) = (at.cast_unsigned() as usize, len.cast_unsigned() as usize);
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(OutOfBounds.into());
    };
    let data = memory.data(caller.as_context_mut());
    match at.checked_add(len).and_then(|end| data.get(at..end)) {
        Some(bytes) => Ok(bytes.to_vec()),
        None => Err(OutOfBounds.into()),
    }
}

/// Copies `bytes` to `at` in the guest's memory.
pub(super) fn write(caller: &mut Caller<'_, Call>, at: i32, bytes: &[u8]) -> wasmtime::Result<()> {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        return Err(OutOfBounds.into());
    };
    memory.write(caller.as_context_mut(), at.cast_unsigned() as usize, bytes).map_err(|_| OutOfBounds.into())
}

fn length(bytes: usize) -> wasmtime::Result<i32> {
    Ok(i32::try_from(bytes)?)
}
