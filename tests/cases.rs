//! The cases of `e2e-tests/cases`, natively: without wasm, so that a rule can be written beside them.
//! `e2e-tests` asks the compiled policies the same.

use std::path::Path;
use std::process::ExitCode;
use std::sync::LazyLock;

use cases::judge::differences;
use cases::native::Native;
use cases::suite;

fn main() -> ExitCode {
    static NATIVE: LazyLock<Native> = LazyLock::new(Native::new);
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| ".".into());
    suite::run(&Path::new(&here).join("e2e-tests/cases"), |test, request| {
        differences(&*NATIVE, &test.policy, &test.placed.case, request)
    })
}
