//! The functions of the waPC protocol that a guest imports: how it fetches its request, answers, and asks its host.

use wasmtime::{Caller, Linker};

use super::call::{Call, get, put, split};
use super::capabilities;

/// The module that the host's functions are imported from.
pub(super) const NAMESPACE: &str = "wapc";

/// The export that answers a request.
pub(super) const GUEST_CALL: &str = "__guest_call";

/// The export that the host reads from and writes to.
pub(super) const MEMORY: &str = "memory";

/// The exports that are called before the first request, if they are there.
pub(super) const STARTS: [&str; 2] = ["_start", "wapc_init"];

const CONSOLE_LOG: &str = "__console_log";
const HOST_CALL: &str = "__host_call";
const GUEST_REQUEST: &str = "__guest_request";
const HOST_RESPONSE: &str = "__host_response";
const HOST_RESPONSE_LEN: &str = "__host_response_len";
const GUEST_RESPONSE: &str = "__guest_response";
const GUEST_ERROR: &str = "__guest_error";
const HOST_ERROR: &str = "__host_error";
const HOST_ERROR_LEN: &str = "__host_error_len";

/// Every function that a guest may import.
pub(super) const FUNCTIONS: [&str; 9] = [
    CONSOLE_LOG,
    HOST_CALL,
    GUEST_REQUEST,
    HOST_RESPONSE,
    HOST_RESPONSE_LEN,
    GUEST_RESPONSE,
    GUEST_ERROR,
    HOST_ERROR,
    HOST_ERROR_LEN,
];

/// Defines every function of the protocol.
pub(super) fn add(linker: &mut Linker<Call>) -> wasmtime::Result<()> {
    linker.func_wrap(NAMESPACE, GUEST_REQUEST, |mut caller: Caller<'_, Call>, operation: i32, payload: i32| {
        // In this order, as other hosts write them: the two may overlap.
        let (memory, call) = split(&mut caller)?;
        put(memory, payload, &call.payload)?;
        put(memory, operation, call.operation.as_bytes())
    })?;
    linker.func_wrap(NAMESPACE, GUEST_RESPONSE, |mut caller: Caller<'_, Call>, at: i32, len: i32| {
        let (memory, call) = split(&mut caller)?;
        call.response = Some(get(memory, at, len)?.to_vec());
        Ok(())
    })?;
    linker.func_wrap(NAMESPACE, GUEST_ERROR, |mut caller: Caller<'_, Call>, at: i32, len: i32| {
        let (memory, call) = split(&mut caller)?;
        call.error = Some(get(memory, at, len)?.to_vec());
        Ok(())
    })?;
    // Nobody reads a guest's console.
    linker.func_wrap(NAMESPACE, CONSOLE_LOG, |_: Caller<'_, Call>, _: i32, _: i32| {})?;
    linker.func_wrap(NAMESPACE, HOST_CALL, host_call)?;
    linker.func_wrap(NAMESPACE, HOST_RESPONSE_LEN, |caller: Caller<'_, Call>| {
        length(caller.data().reply.as_deref().unwrap_or_default())
    })?;
    linker.func_wrap(NAMESPACE, HOST_ERROR_LEN, |caller: Caller<'_, Call>| length(&error(caller.data())))?;
    linker.func_wrap(NAMESPACE, HOST_RESPONSE, |mut caller: Caller<'_, Call>, at: i32| {
        let (memory, call) = split(&mut caller)?;
        put(memory, at, call.reply.as_deref().unwrap_or_default())
    })?;
    linker.func_wrap(NAMESPACE, HOST_ERROR, |mut caller: Caller<'_, Call>, at: i32| {
        let (memory, call) = split(&mut caller)?;
        put(memory, at, &error(call))
    })?;
    Ok(())
}

/// Answers `__host_call`: each argument is a pointer and a length.
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
    let (memory, call) = split(&mut caller)?;
    let memory = &*memory;
    let text = |at, len| get(memory, at, len).map(String::from_utf8_lossy);
    let (binding, namespace) = (text(binding, binding_len)?, text(namespace, namespace_len)?);
    let operation = text(operation, operation_len)?;
    let payload = get(memory, payload, payload_len)?;
    call.reply = capabilities::answer(&call.guest, (&binding, &namespace, &operation), payload);
    Ok(i32::from(call.reply.is_ok()))
}

/// The error of the last host call; empty if it was granted.
fn error(call: &Call) -> Vec<u8> {
    call.reply.as_ref().err().map(|refused| refused.to_string().into_bytes()).unwrap_or_default()
}

fn length(bytes: &[u8]) -> wasmtime::Result<i32> {
    Ok(i32::try_from(bytes.len())?)
}
