//! The settings that compiling a policy and running it must share.

use wasmtime::Config;

/// The settings that compiling and running share. What is set here is recorded
/// in ahead-of-time artifacts and compared when one is loaded.
pub(super) fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        // A backtrace would hide the reason of a trap behind it, and costs.
        .wasm_backtrace_max_frames(None)
        // One memory: what the memory limit can see. Threads, components and garbage collection are not compiled in.
        // No Kubewarden SDK emits any of these.
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_gc(false)
        // Only backtraces need it.
        .generate_address_map(false);
    config
}
