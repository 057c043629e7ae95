//! Foreign policies: compiled, kept and called.

use std::time::Duration;

use sandbox::{Cache, Compiler, Engine, ErrorKind, Limits, Options, SandboxError};

/// A policy's operations, with a payload each.
const CALLS: [(&str, &[u8]); 3] =
    [("validate_settings", b"{}"), ("validate", br#"{"settings":{},"request":{}}"#), ("protocol_version", b"")];

/// Takes `bytes` for a module, or for the text of one.
///
/// A module is refused or can be called, and a call ends in time. What the cache gives back of it, and what another
/// process made of it, is the same module: it is refused, answers and fails as when it was compiled here.
pub fn run(bytes: &[u8]) {
    let Ok(wasm) = wat::Parser::new().parse_bytes(None, bytes) else { return };
    let Ok(folder) = tempfile::tempdir() else { return };
    let options = Options {
        limits: Limits { timeout: Duration::from_millis(5), memory: 4 << 20, ..Limits::default() },
        allow_wasi: bytes.len().is_multiple_of(2),
        cache: Some(Cache::at(folder.path().join("compiled"))),
        ..Options::default()
    };
    let compiled = answers(&options, &wasm);
    compare(&compiled, &answers(&options, &wasm), bytes);
    // Starting a process takes longer than all the rest.
    if compiled.iter().all(Result::is_ok)
        && bytes.len().is_multiple_of(4)
        && let Some(mut compiler) = Compiler::of_program()
    {
        // A sanitizer's own memory is more than any bound.
        compiler.memory = u64::MAX;
        let elsewhere = Options { compiler: Some(compiler), cache: None, ..options };
        compare(&compiled, &answers(&elsewhere, &wasm), bytes);
    }
}

fn compare(compiled: &[Answer], other: &[Answer], bytes: &[u8]) {
    for (one, two) in compiled.iter().zip(other) {
        assert!(are_same(one, two), "{one:?} and {two:?}: {}", String::from_utf8_lossy(bytes));
    }
}

/// On a busy machine a call can end in time once, and not again.
fn are_same(one: &Answer, two: &Answer) -> bool {
    one == two || is_timeout(one) || is_timeout(two)
}

type Answer = Result<Vec<u8>, SandboxError>;

/// Returns the answers to the calls, up to the first that takes too long.
fn answers(options: &Options, wasm: &[u8]) -> Vec<Answer> {
    let policy = match Engine::new(options.clone()).and_then(|engine| engine.policy_from_wasm("p", wasm)) {
        Ok(policy) => policy,
        Err(error) => return vec![Err(error)],
    };
    let mut answers = Vec::new();
    for (operation, payload) in CALLS {
        answers.push(policy.call(operation, payload));
        if answers.last().is_some_and(is_timeout) {
            break;
        }
    }
    answers
}

fn is_timeout(answer: &Answer) -> bool {
    matches!(answer, Err(SandboxError { kind: ErrorKind::Timeout(_), .. }))
}
