//! Policies written as text.

/// A policy that takes every setting and answers every request with these bytes.
pub(crate) fn answering(answer: &str) -> Vec<u8> {
    let literal: String = answer.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    let text = format!(
        r#"(module
            (import "wapc" "__guest_request" (func $request (param i32 i32)))
            (import "wapc" "__guest_response" (func $response (param i32 i32)))
            (memory (export "memory") 2)
            (data (i32.const 100) "{{\22valid\22:true}}")
            (data (i32.const 1000) "{literal}")
            (func (export "__guest_call") (param $op i32) (param $len i32) (result i32)
                (if (i32.eq (local.get $op) (i32.const 17))
                    (then (call $response (i32.const 100) (i32.const 14)) (return (i32.const 1))))
                (call $response (i32.const 1000) (i32.const {length}))
                (i32.const 1)))"#,
        length = answer.len()
    );
    wat::parse_str(text).unwrap()
}
