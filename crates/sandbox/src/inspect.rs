//! Reads a module before it is compiled: imports, exports, custom sections.

use wapc::wapc_functions as protocol;
use wasmparser::{Encoding, ExternalKind, Parser, Payload};

use super::error::ErrorKind;

/// Functions that waPC lets a guest import.
const WAPC_FUNCTIONS: [&str; 9] = [
    protocol::HOST_CONSOLE_LOG,
    protocol::HOST_CALL,
    protocol::GUEST_REQUEST_FN,
    protocol::HOST_RESPONSE_FN,
    protocol::HOST_RESPONSE_LEN_FN,
    protocol::GUEST_RESPONSE_FN,
    protocol::GUEST_ERROR_FN,
    protocol::HOST_ERROR_FN,
    protocol::HOST_ERROR_LEN_FN,
];

/// Import modules of WASI preview 1 and its predecessor, which old TinyGo uses.
pub(super) const WASI_MODULES: [&str; 2] = ["wasi_snapshot_preview1", "wasi_unstable"];

/// The bytes of the first custom section called `name`; `None` without one.
///
/// # Errors
/// When `wasm` is no well-formed core module.
pub fn custom_section<'a>(wasm: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, ErrorKind> {
    for payload in payloads(wasm) {
        if let Payload::CustomSection(section) = payload?
            && section.name() == name
        {
            return Ok(Some(section.data()));
        }
    }
    Ok(None)
}

/// Refuses a module that is no waPC guest, or imports more than `allow_wasi`
/// permits. Much cheaper than compiling it, and the only place that decides it.
///
/// Returns whether the module imports WASI.
pub(super) fn check_interface(wasm: &[u8], allow_wasi: bool) -> Result<bool, ErrorKind> {
    let mut uses_wasi = false;
    let (mut guest_call, mut memory) = (false, false);
    for payload in payloads(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(not_wasm)?;
                    uses_wasi |= check_import(import.module, import.name, allow_wasi)?;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(not_wasm)?;
                    guest_call |= export.name == protocol::GUEST_CALL && export.kind == ExternalKind::Func;
                    memory |= export.name == MEMORY && export.kind == ExternalKind::Memory;
                }
            }
            _ => {}
        }
    }
    for (present, export) in [(guest_call, protocol::GUEST_CALL), (memory, MEMORY)] {
        if !present {
            return Err(ErrorKind::NotWapc { export });
        }
    }
    Ok(uses_wasi)
}

/// How every module begins.
const MAGIC: &[u8] = b"\0asm";

/// The memory a waPC host reads and writes.
const MEMORY: &str = "memory";

/// Whether the import is WASI's; an error when it is not permitted.
fn check_import(module: &str, name: &str, allow_wasi: bool) -> Result<bool, ErrorKind> {
    let wasi = WASI_MODULES.contains(&module);
    if (wasi && allow_wasi) || (module == wapc::HOST_NAMESPACE && WAPC_FUNCTIONS.contains(&name)) {
        return Ok(wasi);
    }
    Err(ErrorKind::ForeignImport { module: module.to_owned(), name: name.to_owned(), wasi })
}

fn payloads(wasm: &[u8]) -> impl Iterator<Item = Result<Payload<'_>, ErrorKind>> {
    Parser::new(0).parse_all(wasm).map(|payload| {
        if !wasm.starts_with(MAGIC) {
            let why = "it does not begin as one (`\\0asm`)";
            return Err(ErrorKind::NotWasm(why.to_owned()));
        }
        let payload = payload.map_err(not_wasm)?;
        if let Payload::Version { encoding: Encoding::Component, .. } = payload {
            return Err(ErrorKind::NotWasm("it is a component, not a core module".to_owned()));
        }
        Ok(payload)
    })
}

fn not_wasm(error: wasmparser::BinaryReaderError) -> ErrorKind {
    ErrorKind::NotWasm(error.message().to_owned())
}
