//! An instance that is called again and again, as a host without isolation between requests would do it.

use wasmtime::{Config, Store, TypedFunc};

use crate::meter::{Call, link};

/// A running policy.
pub struct Warm {
    store: Store<Call>,
    guest_call: TypedFunc<(i32, i32), i32>,
}

impl Warm {
    /// Starts a policy, with the settings of the sandbox that cost time: interruption by epoch.
    ///
    /// # Errors
    /// A module that does not compile or is not a policy.
    pub fn start(wasm: &[u8]) -> Result<Warm, String> {
        let mut config = Config::new();
        config.epoch_interruption(true).wasm_backtrace_max_frames(None);
        let start = || {
            let instance = link(&config, wasm)?;
            let mut store = Store::new(instance.module().engine(), Call::default());
            store.set_epoch_deadline(1);
            let instance = instance.instantiate(&mut store)?;
            instance.get_typed_func::<(), ()>(&mut store, "wapc_init")?.call(&mut store, ())?;
            let guest_call = instance.get_typed_func(&mut store, "__guest_call")?;
            Ok(Warm { store, guest_call })
        };
        start().map_err(|error: wasmtime::Error| format!("{error:#}"))
    }

    /// Calls `validate`.
    ///
    /// # Errors
    /// What the policy answers with.
    pub fn validate(&mut self, payload: &[u8]) -> Result<Vec<u8>, String> {
        let operation = "validate".to_owned();
        let lengths = (operation.len() as i32, payload.len() as i32);
        *self.store.data_mut() = Call { operation, payload: payload.to_vec(), answer: Vec::new() };
        let success = self.guest_call.call(&mut self.store, lengths).map_err(|error| format!("{error:#}"))?;
        let answer = std::mem::take(&mut self.store.data_mut().answer);
        if success != 0 { Ok(answer) } else { Err(String::from_utf8_lossy(&answer).into_owned()) }
    }
}
