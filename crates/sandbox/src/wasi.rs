//! WASI preview 1 without a world behind it: no files, no arguments, no
//! environment, a clock that stands still, zeros for random bytes.
//!
//! Enough for the start-up code of the Go and TinyGo runtimes, and nothing a
//! policy could use to look at the machine or write to its terminal. It also
//! keeps answers reproducible.

use wasmtime::{Caller, ExternType, Linker, Module, Val, ValType};

use super::call::{Call, Stop, get, put, split};

/// Import modules of WASI preview 1 and its predecessor, which old TinyGo uses.
pub(super) const MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

const SUCCESS: i32 = 0;
const BAD_DESCRIPTOR: i32 = 8;
const NOT_SUPPORTED: i32 = 52;
const NOT_SEEKABLE: i32 = 70;
/// `fdstat` of a terminal: file type 2, no flags, no rights.
const TERMINAL: [u8; 24] = {
    let mut stat = [0; 24];
    stat[0] = 2;
    stat
};

/// Defines every WASI function that `module` imports.
///
/// # Errors
/// When an import is not a function, or returns something other than an error number.
pub(super) fn add_inert(linker: &mut Linker<Call>, module: &Module) -> wasmtime::Result<()> {
    for import in module.imports() {
        let (ExternType::Func(ty), true) = (import.ty(), MODULES.contains(&import.module())) else {
            continue;
        };
        let name = import.name().to_owned();
        let returns_errno = match ty.results().collect::<Vec<_>>().as_slice() {
            [] => false,
            [ValType::I32] => true,
            _ => continue, // Not a WASI function: left out, so linking names it.
        };
        linker.func_new(import.module(), import.name(), ty, move |mut caller, params, results| {
            let errno = answer(&mut caller, &name, params)?;
            if returns_errno && let Some(result) = results.first_mut() {
                *result = Val::I32(errno);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// Gives the error number of one WASI call, after its effect on the guest's memory.
fn answer(caller: &mut Caller<'_, Call>, name: &str, params: &[Val]) -> wasmtime::Result<i32> {
    let param = |index: usize| params.get(index).and_then(Val::i32).unwrap_or_default();
    // Standard input, output and error exist; nothing else is open.
    let standard = (0..=2).contains(&param(0));
    let (memory, _) = split(caller)?;
    match name {
        "proc_exit" => return Err(Stop::Exit(param(0)).into()),
        "args_get" | "environ_get" | "sched_yield" => {}
        "args_sizes_get" | "environ_sizes_get" => {
            put(memory, param(0), &[0; 4])?;
            put(memory, param(1), &[0; 4])?;
        }
        // (clock, resolution) and (clock, precision: i64, time).
        "clock_res_get" => put(memory, param(1), &1_u64.to_le_bytes())?,
        "clock_time_get" => put(memory, param(2), &[0; 8])?,
        "random_get" => {
            // Reading first bounds the length by the guest's own memory.
            let len = get(memory, param(0), param(1))?.len();
            put(memory, param(0), &vec![0; len])?;
        }
        "fd_write" | "fd_read" | "fd_fdstat_get" | "fd_close" if !standard => {
            return Ok(BAD_DESCRIPTOR);
        }
        "fd_write" => {
            let total = total_length(memory, param(1), param(2))?;
            put(memory, param(3), &total.to_le_bytes())?;
        }
        // End of file.
        "fd_read" => put(memory, param(3), &[0; 4])?,
        "fd_fdstat_get" => put(memory, param(1), &TERMINAL)?,
        "fd_close" => {}
        "fd_seek" | "fd_tell" if standard => return Ok(NOT_SEEKABLE),
        // Ends the search for preopened folders.
        "fd_prestat_get" | "fd_prestat_dir_name" => return Ok(BAD_DESCRIPTOR),
        _ => return Ok(NOT_SUPPORTED),
    }
    Ok(SUCCESS)
}

/// Adds up the bytes in `count` buffers (pointer, length), whose list is at `at`.
fn total_length(memory: &[u8], at: i32, count: i32) -> Result<u32, Stop> {
    // A list that does not fit the memory is refused by `get`.
    let list = get(memory, at, count.saturating_mul(8))?;
    Ok(list
        .chunks_exact(8)
        .filter_map(|buffer| buffer.get(4..)?.try_into().ok())
        .fold(0_u32, |sum, len| sum.saturating_add(u32::from_le_bytes(len))))
}
