//! Policies that do what a policy must not.

use std::path::Path;

use guests::{assemble, guest_with_memory};

use super::bounded::{POD, harden, head};
use crate::support::Run;

/// A policy whose `validate` has this body; it takes every setting.
fn policy(body: &str, extra: &str) -> Vec<u8> {
    module(
        &format!(
            "(if (i32.eq (local.get $op) (i32.const 17))
                (then (call $response (i32.const 100) (i32.const 14)) (return (i32.const 1))))
            {body}"
        ),
        extra,
    )
}

/// A policy whose every call has this body.
fn module(body: &str, extra: &str) -> Vec<u8> {
    guest_with_memory(3400, body, &format!("(data (i32.const 100) \"{{\\22valid\\22:true}}\") {extra}"))
}

/// Answers with `before`, `count` times the byte `x`, and `after`.
fn long_answer(before: &str, count: usize, after: &str) -> Vec<u8> {
    let literal = |text: &str| text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let (start, behind) = (1_000 + before.len(), 1_000 + before.len() + count);
    let body = format!(
        "(memory.fill (i32.const {start}) (i32.const 120) (i32.const {count}))
        (memory.copy (i32.const {behind}) (i32.const 200) (i32.const {}))
        (call $response (i32.const 1000) (i32.const {}))
        (i32.const 1)",
        after.len(),
        before.len() + count + after.len(),
    );
    let data = format!("(data (i32.const 200) \"{}\") (data (i32.const 1000) \"{}\")", literal(after), literal(before));
    policy(&body, &data)
}

/// Judges a pod with a policy.
fn check(folder: &Path, wasm: &[u8]) -> Run {
    std::fs::write(folder.join("policy.wasm"), wasm).unwrap();
    std::fs::write(folder.join("pod.yaml"), POD).unwrap();
    harden(folder, 1_200, &["check", "--no-config", "--policy", "policy.wasm", "pod.yaml"])
}

/// The policy cannot judge, and the error says why; with `harden run`, too.
fn fails(wasm: &[u8], why: &str) {
    let folder = tempfile::tempdir().unwrap();
    let run = check(folder.path(), wasm);
    let said = run.out.clone() + &run.err;
    assert_eq!(run.code, 2, "{}", head(&said));
    assert!(said.contains("policy.wasm") && said.contains(why), "{why}: {}", head(&said));
    assert!(said.len() < 50_000, "the report does not repeat what the policy says");

    let run = harden(folder.path(), 1_200, &["run", "policy.wasm", "-r", "pod.yaml", "--timeout", "1"]);
    let said = run.out.clone() + &run.err;
    // Once it was asked, it has refused the request, as in the cluster.
    let refused = run.code == 0 && run.out.contains("\"allowed\":false") && run.out.contains("\"code\":500");
    assert!(run.code == 1 || refused, "{}", head(&said));
    let why = if why.contains("within") { "within 1 s" } else { why };
    assert!(said.contains(why), "{why}: {}", head(&said));
}

#[test]
fn a_policy_that_never_ends() {
    fails(&policy("(loop $again (br $again)) (i32.const 1)", ""), "did not answer within 2 s");
}

#[test]
fn settings_that_are_never_checked() {
    fails(&module("(loop $again (br $again)) (i32.const 1)", ""), "did not answer within 2 s");
}

#[test]
fn a_policy_that_takes_all_memory() {
    let body = "(loop $again
            (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        (unreachable)";
    fails(&policy(body, ""), "256 MiB");
    let forever = "(loop $again (drop (memory.grow (i32.const 16))) (br $again)) (i32.const 1)";
    fails(&policy(forever, ""), "did not answer within 2 s");
    // More than there is, from the start.
    let text = r#"(module (memory (export "memory") 65536)
        (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#;
    fails(&assemble(text), "256 MiB");
}

#[test]
fn a_policy_that_crashes() {
    fails(&policy("(unreachable)", ""), "unreachable");
    let endless = "(func $deeper (param i32) (result i32) (i32.add (call $deeper (local.get 0)) (i32.const 1)))";
    fails(&policy("(call $deeper (i32.const 1))", endless), "call stack exhausted");
    fails(&policy("(i32.load (i32.const -8))", ""), "out of bounds memory access");
    fails(&policy("(i32.div_s (local.get $op) (i32.const 0))", ""), "divide by zero");
    fails(
        &policy("(call $response (i32.const 0) (i32.const -1)) (i32.const 1)", ""),
        "it passed a pointer outside its memory",
    );
}

#[test]
fn a_policy_that_answers_nonsense() {
    fails(&policy("(i32.const 1)", ""), "returned neither an answer nor an error");
    fails(&policy("(i32.const 0)", ""), "returned neither an answer nor an error");
    fails(&policy("(call $response (i32.const 0) (i32.const 9)) (i32.const 1)", ""), "no JSON");
    fails(&long_answer("[", 0, "]"), "JSON of another shape");
    fails(&long_answer("{\"accepted\":", 0, "1}"), "JSON of another shape");
    fails(&long_answer(&"[".repeat(700), 0, ""), "JSON");
    fails(&long_answer("{\"accepted\":true", 15_000_000, "}"), "no JSON");
}

#[test]
fn a_policy_that_answers_at_length() {
    let folder = tempfile::tempdir().unwrap();
    let run = check(folder.path(), &long_answer("{\"accepted\":false,\"message\":\"", 10_000_000, "\"}"));
    assert_eq!(run.code, 1, "{}", head(&run.out));
    assert!(run.out.contains("more bytes)") && run.out.len() < 50_000, "{}", head(&run.out));
    // The same as an error of its own.
    let body = "(memory.fill (i32.const 1000) (i32.const 120) (i32.const 100000000))
        (call $error (i32.const 1000) (i32.const 100000000)) (i32.const 0)";
    fails(&policy(body, ""), "more bytes)");
}

/// Answers with `before`, as many times `unit` as fit `bytes`, and `after`.
fn repeating_answer(before: &str, unit: &str, bytes: usize, after: &str) -> Vec<u8> {
    let literal = |text: &str| text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    // A copy onto what is right behind it repeats the unit.
    let (start, count) = (1_000 + before.len(), bytes / unit.len() * unit.len());
    let body = format!(
        "(local $at i32)
        (memory.copy (i32.const {start}) (i32.const 400) (i32.const {unit}))
        (local.set $at (i32.const {unit}))
        (loop $again
            (memory.copy (i32.add (i32.const {start}) (local.get $at)) (i32.const {start}) (local.get $at))
            (local.set $at (i32.shl (local.get $at) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $at) (i32.const {count}))))
        (memory.copy (i32.const {behind}) (i32.const 200) (i32.const {after}))
        (call $response (i32.const 1000) (i32.const {all}))
        (i32.const 1)",
        unit = unit.len(),
        behind = start + count,
        after = after.len(),
        all = before.len() + count + after.len(),
    );
    let data = format!(
        "(data (i32.const 200) \"{}\") (data (i32.const 400) \"{}\") (data (i32.const 1000) \"{}\")",
        literal(after),
        literal(unit),
        literal(before)
    );
    // Locals come first in a function.
    module(
        &format!(
            "(local $at i32)
            (if (i32.eq (local.get $op) (i32.const 17))
                (then (call $response (i32.const 100) (i32.const 14)) (return (i32.const 1))))
            {}",
            body.replacen("(local $at i32)", "", 1)
        ),
        &data,
    )
}

#[test]
fn s8_an_answer_costs_no_more_than_a_multiple_of_its_length() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pod.yaml"), POD).unwrap();
    // Each takes gigabytes if every entry becomes a finding.
    let violation = r#"{\"rule\":\"r\",\"path\":\"\",\"message\":\"\"},"#;
    for (name, before, unit, after, said) in [
        ("warnings", r#"{"accepted":true,"warnings":["#, r#""","#, r#"""]}"#, "more warnings"),
        (
            "violations",
            r#"{"accepted":false,"audit_annotations":{"violations":"["#,
            violation,
            r#"{\"rule\":\"r\",\"path\":\"\",\"message\":\"\"}]"}}"#,
            "more violations",
        ),
    ] {
        let wasm = repeating_answer(before, unit, 10 << 20, after);
        std::fs::write(folder.path().join("policy.wasm"), wasm).unwrap();
        let args = ["check", "--no-config", "--policy", "policy.wasm", "--format", "concise", "pod.yaml"];
        // The policy itself has 213 of them.
        let run = harden(folder.path(), 450, &args);
        assert!(run.code < 2, "{name}: {}", head(&(run.out + &run.err)));
        // A line for each, one for the others, and the summary.
        assert_eq!(run.out.lines().count(), 1_002, "{name}: {}", head(&run.out));
        assert!(run.out.contains(said), "{name}");
    }
    let long = long_answer("{\"accepted\":true,\"message\":\"", 20 << 20, "\"}");
    fails(&long, "it is longer than the request and 16 MiB");
}

#[test]
fn a_policy_that_wants_the_system() {
    for function in ["fd_write", "path_open", "sock_send", "environ_get"] {
        let text = format!(
            r#"(module (import "wasi_snapshot_preview1" "{function}" (func (param i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#
        );
        fails(&assemble(&text), "wasi_snapshot_preview1");
    }
    let text = r#"(module (import "env" "system" (func (param i32) (result i32))) (memory (export "memory") 1)
        (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#;
    fails(&assemble(text), "env");
    fails(b"\0asm\x01\0\0\0", "is not a waPC policy");
    fails(b"\x7fELF", "is not a WebAssembly module");
    fails(&[], "is not a WebAssembly module");
}

/// A policy of `count` functions of which each costs the compiler kilobytes.
fn many_functions(count: usize) -> Vec<u8> {
    module("(i32.const 1)", &"(func)".repeat(count))
}

/// A policy with loops in which many variables change: what takes long to compile.
fn tangled(loops: usize, locals: usize) -> Vec<u8> {
    let declared = "(local i32)".repeat(locals);
    let changes: String = (0..locals)
        .step_by(10)
        .map(|local| format!("(local.set {0} (i32.add (local.get {0}) (i32.const 1)))", local + 1))
        .collect();
    let one = format!("(loop (if (local.get 0) (then {changes})) (br_if 0 (local.get 0)))");
    module("(i32.const 1)", &format!("(func (param i32) {declared} {})", one.repeat(loops)))
}

#[test]
fn a_policy_that_takes_all_memory_to_compile() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.wasm"), many_functions(200_000)).unwrap();
    std::fs::write(folder.path().join("pod.yaml"), POD).unwrap();
    // A process that may have less than 2 GiB gives its compiler no more.
    let run = harden(folder.path(), 256, &["check", "--no-config", "--policy", "policy.wasm", "pod.yaml"]);
    assert_eq!(run.code, 2, "{}", head(&run.err));
    let expected = "policy `policy.wasm` takes more than 256 MiB of memory to compile";
    assert!(run.err.contains(expected), "{}", head(&run.err));
}

#[test]
fn a_policy_that_takes_long_to_compile() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("policy.wasm"), tangled(300, 20_000)).unwrap();
    std::fs::write(folder.path().join("pod.yaml"), POD).unwrap();
    // The same for time.
    let script = "ulimit -t 3 && exec \"$0\" run policy.wasm -r pod.yaml";
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_harden")]).env("HARDEN_CACHE", "off");
    let output = shell.current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("policy `policy.wasm` takes more than 2 s of processor time to compile"), "{said}");
}

#[test]
fn a_policy_that_never_ends_for_any_of_many_objects() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("loop.wasm"), policy("(loop $again (br $again)) (i32.const 1)", "")).unwrap();
    std::fs::write(folder.path().join("harden.yaml"), "policies: [{module: loop.wasm}]\n").unwrap();
    std::fs::write(folder.path().join("pods.yaml"), [POD; 300].join("---\n")).unwrap();
    let run = harden(folder.path(), 1_200, &["check", "--jobs", "2", "--format", "json", "pods.yaml"]);
    assert_eq!(run.code, 2, "{}", head(&run.err));
    let count = |what: &str| run.out.matches(what).count();
    let (late, given_up) =
        (count("did not answer within 2 s"), count("was not asked: it did not answer in time 5 times"));
    // Two threads may both be waiting when the fifth call ends.
    assert!((5..=6).contains(&late) && late + given_up == 300, "{late}, {given_up}: {}", head(&run.out));
    // What the others find is there.
    assert!(count("run-as-user") >= 300, "{}", head(&run.out));
}
