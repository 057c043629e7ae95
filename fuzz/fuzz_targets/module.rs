#![no_main]

use std::panic;
use std::sync::Once;

libfuzzer_sys::fuzz_target!(
    // Started once more to compile a policy.
    init: sandbox::serve().map_or((), |code| std::process::exit(code.into())),
    |bytes: &[u8]| {
        EXPECTED.call_once(pass_over_expected_panics);
        fuzz_targets::module::run(bytes);
    }
);

static EXPECTED: Once = Once::new();

/// The fuzzer ends at every panic. wasmtime-provider has one for guests with bad pointers, which the sandbox catches.
fn pass_over_expected_panics() {
    let end = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !panic.location().is_some_and(|location| location.file().contains("wasmtime-provider")) {
            end(panic);
        }
    }));
}
