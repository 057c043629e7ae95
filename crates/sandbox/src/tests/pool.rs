//! Policies in a pool of instances.

#![allow(unsafe_code)]

use super::*;

fn policy(wasm: &[u8], pool: u32) -> Policy {
    let engine = Engine::new(Options { pool, ..options() }).unwrap();
    engine.policy_from_wasm("p", wasm).unwrap()
}

#[test]
fn an_instance_is_fresh_though_its_room_is_not() {
    // Marks its memory in several pages, and fails where a mark is found.
    let body = "(loop $next
            (if (i32.load8_u (local.get $len)) (then unreachable))
            (i32.store8 (local.get $len) (i32.const 1))
            (local.set $len (i32.add (local.get $len) (i32.const 4096)))
            (br_if $next (i32.lt_u (local.get $len) (i32.const 262144))))
        (call $response (i32.const 100) (i32.const 2)) (i32.const 1)";
    let wasm = assemble(&format!(
        r#"(module
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") 4)
            (func (export "__guest_call") (param $op i32) (param $len i32) (result i32)
                {body}))"#
    ));
    let policy = policy(&wasm, 1);
    for _ in 0..10 {
        assert_eq!(policy.call("mark", &[]).unwrap(), b"\0\0");
    }
}

#[test]
fn limits_hold() {
    for (body, text) in
        [(LOOP, "policy `p` did not answer within 100 ms"), (HOARD, "policy `p` needs more than 8 MiB of memory")]
    {
        let policy = policy(&on_validate(body, ""), 1);
        for _ in 0..2 {
            assert_eq!(policy.validate("{}", "{}").unwrap_err().to_string(), text);
        }
    }
    let wasm = assemble(
        r#"(module (memory (export "memory") 129)
            (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#,
    );
    assert_eq!(policy(&wasm, 1).call("x", &[]).unwrap_err().to_string(), "policy `p` needs more than 8 MiB of memory");
}

#[test]
fn one_call_too_many_says_so() {
    let policy = policy(&on_validate(LOOP, ""), 1);
    let errors = thread::scope(|scope| {
        let run = || scope.spawn(|| policy.validate("{}", "{}").unwrap_err().to_string());
        [run(), run()].map(|thread| thread.join().unwrap())
    });
    let full = "policy `p` cannot start the sandbox: \
        more calls at once than `Options::pool` has room for";
    assert!(errors.contains(&full.to_owned()), "{errors:?}");
}

#[test]
fn artifacts_fit_with_and_without_a_pool() {
    let artifact = Box::leak(precompile(&accepting()).unwrap().into_boxed_slice());
    for pool in [0, 2] {
        let engine = Engine::new(Options { pool, ..options() }).unwrap();
        let policy = unsafe { engine.policy_from_precompiled("p", artifact) }.unwrap();
        assert!(policy.validate("{}", "{}").unwrap().accepted);
    }
}
