//! Policies that import WASI.

use super::*;

const WASI: &str = "wasi_snapshot_preview1";

fn wasi_policy(body: &str, extra: &str) -> Policy {
    let text = format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "{WASI}" "fd_write"
                (func $fd_write (param i32 i32 i32 i32) (result i32)))
            (import "{WASI}" "clock_time_get"
                (func $clock (param i32 i64 i32) (result i32)))
            (import "{WASI}" "random_get" (func $random (param i32 i32) (result i32)))
            (import "{WASI}" "path_open" (func $path_open
                (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (import "{WASI}" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (data (i32.const 0) "{{\22accepted\22:true}}")
            (data (i32.const 100) "\00\00\00\00\05\00\00\00\10\00\00\00\07\00\00\00")
            {extra}
            (func (export "__guest_call") (param i32 i32) (result i32) {body}))"#
    );
    let engine = Engine::new(Options { allow_wasi: true, ..options() });
    engine.unwrap().policy_from_wasm("p", &assemble(&text)).unwrap()
}

const ACCEPT: &str = "(call $response (i32.const 0) (i32.const 17)) (i32.const 1)";

#[test]
fn a_tinygo_style_policy_runs() {
    let start = r#"(func (export "_start") (call $exit (i32.const 0)))"#;
    let policy = wasi_policy(ACCEPT, start);
    assert!(policy.validate("{}", "{}").unwrap().accepted);
}

#[test]
fn another_exit_code_is_an_error() {
    let start = r#"(func (export "_start") (call $exit (i32.const 3)))"#;
    let error = wasi_policy(ACCEPT, start).validate("{}", "{}").unwrap_err();
    assert_eq!(error.to_string(), "policy `p` trapped: it exited with code 3");
}

#[test]
fn functions_have_no_effect_outside() {
    // Each must return what the inert world says, else the guest traps.
    let checks = [
        ("(call $fd_write (i32.const 1) (i32.const 100) (i32.const 2) (i32.const 200))", 0),
        ("(call $fd_write (i32.const 4) (i32.const 100) (i32.const 2) (i32.const 200))", 8),
        ("(call $clock (i32.const 0) (i64.const 1) (i32.const 300))", 0),
        ("(call $random (i32.const 400) (i32.const 64))", 0),
        (
            "(call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1)
                (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 0))",
            52,
        ),
    ];
    for (call, errno) in checks {
        let body = format!("(if (i32.ne {call} (i32.const {errno})) (then unreachable)) {ACCEPT}");
        let answer = wasi_policy(&body, "").validate("{}", "{}");
        assert!(answer.is_ok(), "{call}: {answer:?}");
    }
    // Written: the buffers' 5 + 7 bytes; the clock stands at zero.
    let body = format!(
        "(drop (call $fd_write (i32.const 1) (i32.const 100) (i32.const 2) (i32.const 200)))
        (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 300)))
        (if (i32.ne (i32.load (i32.const 200)) (i32.const 12)) (then unreachable))
        (if (i64.ne (i64.load (i32.const 300)) (i64.const 0)) (then unreachable)) {ACCEPT}"
    );
    assert!(wasi_policy(&body, "").validate("{}", "{}").is_ok());
}

#[test]
fn limits_hold_here_too() {
    for (body, text) in [
        (LOOP, "policy `p` did not answer within 100 ms"),
        (HOARD, "policy `p` needs more than 8 MiB of memory"),
        (
            "(call $response (i32.const -1) (i32.const 2)) (i32.const 1)",
            "policy `p` broke the waPC protocol: it passed a pointer outside its memory",
        ),
        (
            "(drop (call $random (i32.const 0) (i32.const -1))) (i32.const 1)",
            "policy `p` broke the waPC protocol: it passed a pointer outside its memory",
        ),
        (
            "unreachable",
            "policy `p` trapped: wasm `unreachable` instruction executed \
             (a panic or an abort in the policy)",
        ),
        ("(i32.const 1)", "policy `p` returned neither an answer nor an error"),
    ] {
        let body = format!("{body} (unreachable)");
        let body = body.replace("(i32.const 1) (unreachable)", "(i32.const 1)");
        let error = wasi_policy(&body, "").validate("{}", "{}").unwrap_err();
        assert_eq!(error.to_string(), text);
    }
}
