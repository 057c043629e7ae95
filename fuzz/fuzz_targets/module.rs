#![no_main]

libfuzzer_sys::fuzz_target!(
    // Started once more to compile a policy.
    init: sandbox::serve().map_or((), |code| std::process::exit(code.into())),
    |bytes: &[u8]| fuzz_targets::module::run(bytes)
);
