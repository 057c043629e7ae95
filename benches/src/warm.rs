//! An instance that is called again and again, as a host without isolation between requests would do it.

use wapc::WapcHost;
use wasmtime_provider::wasmtime::{Config, Engine, Module};
use wasmtime_provider::{EpochDeadlines, WasmtimeEngineProviderBuilder};

/// A running policy.
pub struct Warm(WapcHost);

impl Warm {
    /// Starts a policy, with the settings of the sandbox that cost time: interruption by epoch.
    ///
    /// # Errors
    /// A module that does not compile or is no policy.
    pub fn start(wasm: &[u8]) -> Result<Warm, String> {
        let mut config = Config::new();
        config.epoch_interruption(true).wasm_backtrace_max_frames(None);
        let engine = Engine::new(&config).map_err(|error| error.to_string())?;
        let module = Module::from_binary(&engine, wasm).map_err(|error| error.to_string())?;
        let provider = WasmtimeEngineProviderBuilder::new()
            .engine(engine)
            .module(module)
            .enable_epoch_interruptions(EpochDeadlines { wapc_init: 1, wapc_func: 1 })
            .build()
            .map_err(|error| error.to_string())?;
        let no_host_calls = Box::new(|_, _: &str, _: &str, _: &str, _: &[u8]| Err("not available".into()));
        WapcHost::new(Box::new(provider), Some(no_host_calls)).map(Warm).map_err(|error| error.to_string())
    }

    /// Calls `validate`.
    ///
    /// # Errors
    /// What the policy answers with.
    pub fn validate(&self, payload: &[u8]) -> Result<Vec<u8>, String> {
        self.0.call("validate", payload).map_err(|error| error.to_string())
    }
}
