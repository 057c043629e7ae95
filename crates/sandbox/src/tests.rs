//! Good, broken and hostile policies in the sandbox.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use guests::{HOARD, LOOP, VALID, accepting, answering, answering_with, asking, assemble, failing, guest, on_validate};

use super::*;

mod aot;
mod pool;
mod wasi;

const SHORT: Duration = Duration::from_millis(100);

fn options() -> Options {
    Options { limits: Limits { timeout: SHORT, memory: 8 << 20, ..Limits::default() }, ..Options::default() }
}

fn engine() -> Engine {
    Engine::new(options()).unwrap()
}

fn load_error(wasm: &[u8]) -> String {
    engine().policy_from_wasm("p", wasm).unwrap_err().to_string()
}

fn call_error(wasm: &[u8]) -> String {
    let policy = engine().policy_from_wasm("p", wasm).unwrap();
    policy.validate("{}", "{}").unwrap_err().to_string()
}

#[test]
fn a_policy_answers() {
    let policy = engine().policy_from_wasm("p", &accepting()).unwrap();
    assert_eq!(policy.name(), "p");
    assert!(policy.metadata().is_none());
    assert!(policy.validate("{}", "{}").unwrap().accepted);
    assert_eq!(policy.validate_settings("{}").unwrap(), SettingsVerdict { valid: true, message: None });
    assert_eq!(policy.protocol_version().unwrap(), "v1");
    let raw = policy.validate_raw("{}", "{}").unwrap();
    assert_eq!(raw, br#"{"accepted":true}"#);
}

#[test]
fn a_policy_gets_settings_and_request_as_they_are() {
    // Echoes the payload.
    let echo = guest(
        "(call $request (i32.const 0) (i32.const 64))
         (call $response (i32.const 64) (local.get $len)) (i32.const 1)",
        "",
    );
    let policy = engine().policy_from_wasm("p", &echo).unwrap();
    let payload = policy.validate_raw(r#"{"a": 1}"#, r#"{ "uid":"é" }"#);
    assert_eq!(String::from_utf8(payload.unwrap()).unwrap(), r#"{"settings":{"a": 1},"request":{ "uid":"é" }}"#);
}

#[test]
fn every_call_gets_a_fresh_instance() {
    let counter = guest(
        "(i32.store8 (i32.const 0) (i32.add (i32.load8_u (i32.const 0)) (i32.const 1)))
         (call $response (i32.const 0) (i32.const 1)) (i32.const 1)",
        "(data (i32.const 0) \"0\")",
    );
    let policy = engine().policy_from_wasm("p", &counter).unwrap();
    for _ in 0..3 {
        assert_eq!(policy.call("count", &[]).unwrap(), b"1");
    }
}

#[test]
fn threads_share_a_policy() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Engine>();
    shareable::<Policy>();
    shareable::<SandboxError>();

    let policy = engine().policy_from_wasm("p", &accepting()).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert!(policy.validate("{}", "{}").unwrap().accepted);
                }
            });
        }
    });
}

#[test]
fn a_loop_ends_at_the_timeout() {
    let start = Instant::now();
    assert_eq!(call_error(&on_validate(LOOP, "")), "policy `p` did not answer within 100 ms");
    let took = start.elapsed();
    assert!(took >= SHORT, "ended early: {took:?}");
    assert!(took < 20 * SHORT, "ended late: {took:?}");
}

#[test]
fn a_loop_in_the_initialisation_ends_too() {
    for start in ["wapc_init", "_start"] {
        let extra = format!("(func (export \"{start}\") {LOOP})");
        assert_eq!(call_error(&guest("(i32.const 1)", &extra)), "policy `p` did not answer within 100 ms");
    }
}

#[test]
fn code_at_instantiation_is_named() {
    let start = "(func $f (i32.store (i32.const 0) (i32.const 1))) (start $f)";
    assert_eq!(
        call_error(&guest("(i32.const 1)", start)),
        "policy `p` cannot run in this sandbox: it runs code while it is instantiated \
         (a start function or large data)"
    );
}

#[test]
fn a_hoarder_hits_the_memory_limit() {
    assert_eq!(call_error(&on_validate(HOARD, "")), "policy `p` needs more than 8 MiB of memory");
    // Also when it asks for it before it runs.
    let wasm = assemble(
        r#"(module (memory (export "memory") 129)
            (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#,
    );
    assert_eq!(call_error(&wasm), "policy `p` needs more than 8 MiB of memory");
}

#[test]
fn tables_are_bounded() {
    let body = "(if (i32.eq (table.grow $t (ref.null func) (i32.const 200000)) (i32.const -1))
        (then unreachable))";
    assert_eq!(call_error(&on_validate(body, "(table $t 1 funcref)")), "policy `p` needs more than 8 MiB of memory");
}

#[test]
fn a_trap_says_what_happened() {
    for (body, reason) in [
        ("unreachable", "wasm `unreachable` instruction executed (a panic or an abort in the policy)"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "integer divide by zero"),
        ("(drop (i32.load (i32.const -8)))", "out of bounds memory access"),
        ("(call $deep)", "call stack exhausted"),
    ] {
        assert_eq!(
            call_error(&on_validate(body, "(func $deep (call $deep))")),
            format!("policy `p` trapped: {reason}")
        );
    }
}

#[test]
fn bad_pointers_are_an_error_not_a_crash() {
    for body in [
        "(call $response (i32.const 65530) (i32.const 100))",
        "(call $response (i32.const 10) (i32.const -5))",
        "(call $response (i32.const -5) (i32.const 10))",
        "(call $request (i32.const -1) (i32.const -1))",
    ] {
        assert_eq!(
            call_error(&on_validate(body, "")),
            "policy `p` broke the waPC protocol: it passed a pointer outside its memory",
            "{body}"
        );
    }
}

#[test]
fn garbage_is_named_but_not_quoted() {
    for (answer, reason) in [
        ("secret!", "no JSON (line 1, column 1)"),
        ("[true]", "JSON of another shape (an array)"),
        ("", "no JSON (line 1, column 0)"),
        (r#""secret""#, "JSON of another shape (line 1, column 8)"),
        (r#"{"accepted":"secret"}"#, "JSON of another shape (line 1, column 20)"),
    ] {
        assert_eq!(
            call_error(&answering(answer, VALID)),
            format!("policy `p` gave an unreadable answer to `validate`: {reason}")
        );
    }
}

#[test]
fn errors_and_silence_of_the_guest_are_told_apart() {
    assert_eq!(call_error(&failing("settings are odd")), "policy `p` answered with an error: settings are odd");
    assert_eq!(call_error(&guest("(i32.const 1)", "")), "policy `p` returned neither an answer nor an error");
    assert_eq!(call_error(&guest("(i32.const 0)", "")), "policy `p` returned neither an answer nor an error");
    assert_eq!(
        call_error(&failing("No handler registered for function \"validate\"")),
        "policy `p` has no handler for `validate`"
    );
}

#[test]
fn host_capabilities_are_refused() {
    for (namespace, operation) in [("kubernetes", "list_resources_all"), ("net", "v1/dns")] {
        assert_eq!(
            call_error(&asking(namespace, operation)),
            format!(
                "policy `p` answered with an error: host capability \
                 {namespace}/{operation} is not available in harden"
            )
        );
    }
}

/// Answers digests, and nothing else.
struct Digests;

impl HostCalls for Digests {
    fn answer(&self, call: &HostCall<'_>) -> Result<Vec<u8>, Refusal> {
        match call.capability().as_str() {
            "oci/v1/manifest_digest" => Ok([call.policy.as_bytes(), b": ", call.payload].concat()),
            "oci/v1/oci_manifest" => Err(Refusal::Failed("it is Sunday".to_owned())),
            _ => Err(call.unavailable()),
        }
    }
}

/// A guest that answers with what its host answered.
fn passing_on(operation: &str, extra: &str) -> Vec<u8> {
    let body = format!(
        "(if (i32.eqz (call $host_call (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 3)
                (i32.const 200) (i32.const {}) (i32.const 300) (i32.const 5)))
            (then
                (call $host_error (i32.const 400))
                (call $error (i32.const 400) (call $host_error_len))
                (return (i32.const 0))))
        (call $host_response (i32.const 400))
        (call $response (i32.const 400) (call $host_response_len))
        (i32.const 1)",
        operation.len()
    );
    let data = format!(
        r#"(data (i32.const 0) "kubewarden") (data (i32.const 100) "oci") (data (i32.const 200) "{operation}")
            (data (i32.const 300) "\22img\22") {extra}"#
    );
    guest(&body, &data)
}

#[test]
fn host_calls_are_answered_by_the_caller() {
    let ask = |operation: &str, metadata: &str| {
        let policy = engine().policy_from_wasm("p", &passing_on(operation, metadata)).unwrap();
        let refused = policy.call("any", &[]).unwrap_err().to_string();
        assert!(!metadata.is_empty() || refused.ends_with(&format!("oci/{operation} is not available in harden")));
        let answer = policy.answered_by(Arc::new(Digests)).call("any", &[]);
        assert_eq!(policy.call("any", &[]).unwrap_err().to_string(), refused, "the policy itself stays as it is");
        answer.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.to_string())
    };
    let error = |text: &str| Err(format!("policy `p` answered with an error: {text}"));
    assert_eq!(ask("v1/manifest_digest", ""), Ok(r#"p: "img""#.to_owned()));
    assert_eq!(ask("v1/oci_manifest", ""), error("it is Sunday"));
    assert_eq!(ask("v1/verify", ""), error("host capability oci/v1/verify is not available in harden"));

    let declaring = |list: &str| format!(r#"(@custom "io.kubewarden.metadata" "{{\"hostCapabilities\":[{list}]}}")"#);
    assert_eq!(ask("v1/manifest_digest", &declaring(r#"\"oci/v1/*\""#)), Ok(r#"p: "img""#.to_owned()));
    let undeclared =
        error("host capability oci/v1/manifest_digest is not among the hostCapabilities of the policy's metadata");
    assert_eq!(ask("v1/manifest_digest", &declaring("")), undeclared);
    assert_eq!(ask("v1/manifest_digest", &declaring(r#"\"oci/v1/verify\""#)), undeclared);
}

#[test]
fn log_events_reach_the_sink() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&events);
    let engine = Engine::new(Options {
        log: Some(Arc::new(move |policy, event| {
            sink.lock().unwrap().push(format!("{policy}: {event}"));
        })),
        ..options()
    });
    let policy = engine.unwrap().policy_from_wasm("p", &asking("tracing", "log")).unwrap();
    assert_eq!(policy.call("any", &[]).unwrap(), b"true");
    assert_eq!(*events.lock().unwrap(), ["p: {}"]);
}

#[test]
fn imports_are_named() {
    let importing = |module: &str, name: &str| {
        assemble(&format!(
            r#"(module (import "{module}" "{name}" (func (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1)
                (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#
        ))
    };
    assert_eq!(
        load_error(&importing("wasi_snapshot_preview1", "fd_write")),
        "policy `p` imports `wasi_snapshot_preview1.fd_write`; \
         `--allow-wasi` permits it for a policy you trust"
    );
    for (module, name) in [("env", "foo"), ("wapc", "__new")] {
        assert_eq!(
            load_error(&importing(module, name)),
            format!("policy `p` imports `{module}.{name}`; a policy may import from `wapc` only")
        );
    }
    let error = load_error(&importing("wapc", "__guest_request"));
    assert!(error.starts_with("policy `p` cannot run in this sandbox: incompatible import type"), "{error}");
}

#[test]
fn what_is_no_policy_is_refused() {
    for bytes in [&b"apiVersion: v1"[..], b"", b"\0as"] {
        assert_eq!(load_error(bytes), "policy `p` is not a WebAssembly module: it does not begin as one (`\\0asm`)");
    }
    let accepting = accepting();
    let cut = &accepting[..accepting.len() / 2];
    assert_eq!(load_error(cut), "policy `p` is not a WebAssembly module: unexpected end-of-file");
    assert_eq!(
        load_error(&assemble("(component)")),
        "policy `p` is not a WebAssembly module: it is a component, not a core module"
    );
    assert_eq!(load_error(&assemble("(module)")), "policy `p` is not a waPC policy: it does not export `__guest_call`");
    let no_memory = r#"(module (func (export "__guest_call") (param i32 i32) (result i32)
        (i32.const 1)))"#;
    assert_eq!(load_error(&assemble(no_memory)), "policy `p` is not a waPC policy: it does not export `memory`");
}

#[test]
fn what_evades_the_limits_is_refused() {
    for extra in ["(memory 1)", "(memory 1 1 shared)", "(memory i64 1)"] {
        let text = format!(
            r#"(module {} {extra}
                (func (export "__guest_call") (param i32 i32) (result i32) (i32.const 1)))"#,
            r#"(memory (export "memory") 1)"#
        );
        let error = load_error(&assemble(&text));
        assert!(error.starts_with("policy `p` cannot run in this sandbox: "), "{extra}: {error}");
    }
}

#[test]
fn metadata_is_read() {
    let section = concat!(
        r#"(@custom "io.kubewarden.metadata" "{\"protocolVersion\":\"v1\",\"mutating\":true,"#,
        r#"\"later\":1,\"rules\":[{\"apiGroups\":[\"\"],\"apiVersions\":[\"v1\"],"#,
        r#"\"resources\":[\"pods\"],\"operations\":[\"CREATE\"]}]}")"#,
    );
    let wasm = answering_with("{}", VALID, section);
    let policy = engine().policy_from_wasm("p", &wasm).unwrap();
    let metadata = policy.metadata().unwrap();
    assert_eq!(metadata.protocol_version.as_deref(), Some("v1"));
    assert!(metadata.mutating && metadata.background_audit && !metadata.is_raw());
    assert_eq!(metadata.execution_mode, "kubewarden-wapc");
    assert_eq!(metadata.rules[0].resources, ["pods"]);
    assert!(custom_section(&wasm, "other").unwrap().is_none());
}

#[test]
fn other_execution_modes_are_refused() {
    for mode in ["opa", "gatekeeper", "wasi"] {
        let section = format!(r#"(module (@custom "io.kubewarden.metadata" "{{\"executionMode\":\"{mode}\"}}"))"#);
        assert_eq!(
            load_error(&assemble(&section)),
            format!("policy `p` has execution mode `{mode}`; only `kubewarden-wapc` policies run here")
        );
    }
    let section = r#"(module (@custom "io.kubewarden.metadata" "{"))"#;
    assert_eq!(
        load_error(&assemble(section)),
        "policy `p` has unreadable Kubewarden metadata: \
         EOF while parsing an object at line 1 column 1"
    );
}
