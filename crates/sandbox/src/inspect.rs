//! Reads a module before it is compiled: imports, exports, custom sections.

use wasmparser::{Encoding, ExternalKind, Parser, Payload};

use super::error::ErrorKind;
use super::{protocol, wasi};

/// The bytes of the first custom section called `name`; `None` without one.
///
/// # Errors
/// When `wasm` is not a well-formed core module.
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

/// Refuses a module that is not a waPC guest, or imports more than `allow_wasi`
/// permits. Much cheaper than compiling it, and the only place that decides it.
pub(super) fn check_interface(wasm: &[u8], allow_wasi: bool) -> Result<(), ErrorKind> {
    let (mut guest_call, mut memory) = (false, false);
    for payload in payloads(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(not_wasm)?;
                    check_import(import.module, import.name, allow_wasi)?;
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(not_wasm)?;
                    guest_call |= export.name == protocol::GUEST_CALL && export.kind == ExternalKind::Func;
                    memory |= export.name == protocol::MEMORY && export.kind == ExternalKind::Memory;
                }
            }
            _ => {}
        }
    }
    for (present, export) in [(guest_call, protocol::GUEST_CALL), (memory, protocol::MEMORY)] {
        if !present {
            return Err(ErrorKind::NotWapc { export });
        }
    }
    Ok(())
}

/// First bytes of every module.
const MAGIC: &[u8] = b"\0asm";

fn check_import(module: &str, name: &str, allow_wasi: bool) -> Result<(), ErrorKind> {
    let wasi = wasi::MODULES.contains(&module);
    if (wasi && allow_wasi) || (module == protocol::NAMESPACE && protocol::FUNCTIONS.contains(&name)) {
        return Ok(());
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
