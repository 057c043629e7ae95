(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\08\00\00\00\05\00\00\00hello")
  (func (export "__guest_call") (param i32 i32) (result i32)
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 40)))
    (call $exit (i32.const 3))
    (i32.const 1)))
