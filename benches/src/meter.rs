//! Counts the cost of a policy's call in instructions and memory: the same numbers on every machine.

use wasmtime::{Caller, Config, Engine, Extern, Instance, InstancePre, Linker, Memory, Module, Store};

/// A policy whose instructions are counted.
pub struct Meter {
    instance: InstancePre<Call>,
}

/// The cost and the answer of a call.
pub struct Spent {
    /// Instructions, counted by wasmtime as fuel.
    pub fuel: u64,
    /// Size of the guest's memory before the first call, in bytes.
    pub initial_memory: usize,
    /// Size of the guest's memory after the call: it never shrinks.
    pub memory: usize,
    /// The deepest that the stack reached, in bytes.
    pub stack: usize,
    /// Where the guest's data begins: above its stack.
    pub data: usize,
    /// The answer, or the policy's own error.
    pub answer: Result<Vec<u8>, String>,
}

/// The guest's requests and its answer.
#[derive(Default)]
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) payload: Vec<u8>,
    pub(crate) answer: Vec<u8>,
}

/// Compiles a policy and links it with what a policy of this suite needs of a waPC host.
pub(crate) fn link(config: &Config, wasm: &[u8]) -> wasmtime::Result<InstancePre<Call>> {
    let engine = Engine::new(config)?;
    let module = Module::from_binary(&engine, wasm)?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("wapc", "__guest_request", request)?;
    linker.func_wrap("wapc", "__guest_response", answer)?;
    linker.func_wrap("wapc", "__guest_error", answer)?;
    linker.func_wrap("wapc", "__host_call", |_: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32, _: i32| 1_i32)?;
    linker.func_wrap("wapc", "__host_response_len", || i32::try_from(REPLY.len()).unwrap_or_default())?;
    linker.func_wrap("wapc", "__host_response", reply)?;
    linker.define_unknown_imports_as_traps(&module)?;
    linker.instantiate_pre(&module)
}

/// The answer of the host to whatever a policy asks about an image: its digest, and whom it runs as.
const REPLY: &[u8] = br#"{"digest":"sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa","manifest":{"schemaVersion":2},"config":{"os":"linux","architecture":"amd64","config":{"User":"10001:10001"}}}"#;

/// More than any call may use.
const TANK: u64 = 1 << 50;

impl Meter {
    /// Compiles a policy.
    ///
    /// # Errors
    /// A module that is not a policy.
    pub fn new(wasm: &[u8]) -> Result<Meter, String> {
        let mut config = Config::new();
        config.consume_fuel(true).wasm_backtrace_max_frames(None);
        link(&config, wasm).map(|instance| Meter { instance }).map_err(|error| format!("{error:#}"))
    }

    /// Calls `validate` in a fresh instance.
    ///
    /// # Errors
    /// A trap.
    pub fn validate(&self, payload: &[u8]) -> Result<Spent, String> {
        self.call("validate", payload).map_err(|error| format!("{error:#}"))
    }

    fn call(&self, operation: &str, payload: &[u8]) -> wasmtime::Result<Spent> {
        let lengths = (i32::try_from(operation.len())?, i32::try_from(payload.len())?);
        let call = Call { operation: operation.to_owned(), payload: payload.to_vec(), answer: Vec::new() };
        let mut store = Store::new(self.instance.module().engine(), call);
        store.set_fuel(TANK)?;
        let instance = self.instance.instantiate(&mut store)?;
        let size =
            |store: &mut Store<Call>| instance.get_memory(&mut *store, "memory").map_or(0, |m| m.data_size(&*store));
        let initial_memory = size(&mut store);
        let data = paint(&mut store, &instance);
        instance.get_typed_func::<(), ()>(&mut store, "wapc_init")?.call(&mut store, ())?;
        let guest_call = instance.get_typed_func::<(i32, i32), i32>(&mut store, "__guest_call")?;
        let success = guest_call.call(&mut store, lengths)? != 0;
        let (fuel, memory) = (TANK - store.get_fuel()?, size(&mut store));
        let stack = data - unpainted(&mut store, &instance, data);
        let answer = store.into_data().answer;
        let answer = if success { Ok(answer) } else { Err(String::from_utf8_lossy(&answer).into_owned()) };
        Ok(Spent { fuel, initial_memory, memory, stack, data, answer })
    }
}

/// The filling of an untouched stack: no small number, no pointer, no text.
const PAINT: u8 = 0xa5;
/// Data may begin with so many zeros.
const ZEROS: usize = 1 << 10;

/// Fills the stack with [`PAINT`]; gives its upper end, where the data begins.
fn paint(store: &mut Store<Call>, instance: &Instance) -> usize {
    let Some(memory) = instance.get_memory(&mut *store, "memory") else { return 0 };
    let memory = memory.data_mut(store);
    let data = memory.iter().position(|byte| *byte != 0).unwrap_or(0);
    memory[..data.saturating_sub(ZEROS)].fill(PAINT);
    data
}

/// How much below `data` is still as [`paint`] left it.
fn unpainted(store: &mut Store<Call>, instance: &Instance, data: usize) -> usize {
    let Some(memory) = instance.get_memory(&mut *store, "memory") else { return data };
    memory.data(store)[..data].iter().take_while(|byte| **byte == PAINT).count()
}

fn memory(caller: &mut Caller<'_, Call>) -> wasmtime::Result<Memory> {
    let export = caller.get_export("memory").and_then(Extern::into_memory);
    export.ok_or_else(|| wasmtime::Error::msg("the policy exports no memory"))
}

fn request(mut caller: Caller<'_, Call>, operation: i32, payload: i32) -> wasmtime::Result<()> {
    let memory = memory(&mut caller)?;
    let Call { operation: text, payload: bytes, .. } = std::mem::take(caller.data_mut());
    memory.write(&mut caller, operation.cast_unsigned() as usize, text.as_bytes())?;
    Ok(memory.write(&mut caller, payload.cast_unsigned() as usize, &bytes)?)
}

fn reply(mut caller: Caller<'_, Call>, at: i32) -> wasmtime::Result<()> {
    Ok(memory(&mut caller)?.write(&mut caller, at.cast_unsigned() as usize, REPLY)?)
}

fn answer(mut caller: Caller<'_, Call>, at: i32, len: i32) -> wasmtime::Result<()> {
    let memory = memory(&mut caller)?;
    let (at, len) = (at.cast_unsigned() as usize, len.cast_unsigned() as usize);
    let bytes = memory.data(&caller).get(at..at.saturating_add(len)).map(<[u8]>::to_vec);
    caller.data_mut().answer = bytes.unwrap_or_default();
    Ok(())
}
