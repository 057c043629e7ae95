//! Small policies for tests, written in WebAssembly text.

/// A guest whose `__guest_call` has the given body: `$op` and `$len` are the
/// lengths of operation and payload. `extra` adds imports, functions and data.
pub fn guest(body: &str, extra: &str) -> Vec<u8> {
    guest_with_memory(1, body, extra)
}

/// As [`guest`], with so many pages of memory.
pub fn guest_with_memory(pages: u32, body: &str, extra: &str) -> Vec<u8> {
    assemble(&format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (import "wapc" "__guest_error" (func $error (param i32 i32)))
            (import "wapc" "__host_call" (func $host_call
                (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (import "wapc" "__host_response_len" (func $host_response_len (result i32)))
            (import "wapc" "__host_response" (func $host_response (param i32)))
            (import "wapc" "__host_error_len" (func $host_error_len (result i32)))
            (import "wapc" "__host_error" (func $host_error (param i32)))
            {extra}
            (memory (export "memory") {pages})
            (func (export "__guest_call") (param $op i32) (param $len i32) (result i32)
                {body}))"#
    ))
}

/// Turns WebAssembly text into a module.
///
/// # Panics
/// If the text is not valid: it is the test's own.
pub fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the test's own module")
}

/// A string literal of WebAssembly text.
fn literal(text: &str) -> String {
    let bytes = text.bytes().map(|byte| format!("\\{byte:02x}"));
    format!("\"{}\"", bytes.collect::<String>())
}

/// A guest that gives fixed answers to `validate` and `validate_settings`.
pub fn answering(validate: &str, validate_settings: &str) -> Vec<u8> {
    answering_with(validate, validate_settings, "")
}

/// As [`answering`], with more in the module (a custom section, say).
pub fn answering_with(validate: &str, validate_settings: &str, extra: &str) -> Vec<u8> {
    let data = format!(
        "{extra} (data (i32.const 0) {}) (data (i32.const 8192) {}) (data (i32.const 16384) {})",
        literal("\"v1\""),
        literal(validate_settings),
        literal(validate),
    );
    // Operations differ in length: 8, 17 and 16 ("protocol_version").
    let body = format!(
        "(if (i32.eq (local.get $op) (i32.const 17))
            (then (call $response (i32.const 8192) (i32.const {}))))
        (if (i32.eq (local.get $op) (i32.const 16))
            (then (call $response (i32.const 0) (i32.const 4))))
        (if (i32.eq (local.get $op) (i32.const 8))
            (then (call $response (i32.const 16384) (i32.const {}))))
        (i32.const 1)",
        validate_settings.len(),
        validate.len(),
    );
    guest(&body, &data)
}

/// The answer to settings that are fine.
pub const VALID: &str = r#"{"valid":true}"#;

/// A guest that accepts everything.
pub fn accepting() -> Vec<u8> {
    answering(r#"{"accepted":true}"#, VALID)
}

/// A guest that accepts settings and answers `validate` with an error.
pub fn failing(message: &str) -> Vec<u8> {
    on_validate(
        &format!("(call $error (i32.const 0) (i32.const {})) (return (i32.const 0))", message.len()),
        &format!("(data (i32.const 0) {})", literal(message)),
    )
}

/// A guest that accepts settings and runs `body` for everything else.
pub fn on_validate(body: &str, extra: &str) -> Vec<u8> {
    guest(
        &format!(
            "(if (i32.eq (local.get $op) (i32.const 17)) (then
                (call $response (i32.const 8192) (i32.const {}))
                (return (i32.const 1))))
            {body} (i32.const 1)",
            VALID.len()
        ),
        &format!("(data (i32.const 8192) {}) {extra}", literal(VALID)),
    )
}

/// Never ends.
pub const LOOP: &str = "(loop $again (br $again))";

/// Takes memory until there is none, then aborts as Rust and Go do.
pub const HOARD: &str = "(loop $again
    (if (i32.eq (memory.grow (i32.const 16)) (i32.const -1)) (then unreachable))
    (br $again))";

/// Asks the host for `kubewarden`/`namespace`/`operation` and passes the host's
/// error on as its own; answers `true` when the host grants it.
pub fn asking(namespace: &str, operation: &str) -> Vec<u8> {
    guest(
        &format!(
            "(if (i32.eqz (call $host_call
                    (i32.const 0) (i32.const 10)
                    (i32.const 100) (i32.const {})
                    (i32.const 200) (i32.const {})
                    (i32.const 300) (i32.const 2)))
                (then
                    (call $host_error (i32.const 400))
                    (call $error (i32.const 400) (call $host_error_len))
                    (return (i32.const 0))))
            (call $response (i32.const 350) (i32.const 4))
            (i32.const 1)",
            namespace.len(),
            operation.len()
        ),
        &format!(
            "(data (i32.const 0) \"kubewarden\") (data (i32.const 100) {})
            (data (i32.const 200) {}) (data (i32.const 300) \"{{}}\")
            (data (i32.const 350) \"true\")",
            literal(namespace),
            literal(operation)
        ),
    )
}
