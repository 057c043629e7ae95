//! The sandbox of a pod: a container that holds its network and its volumes, and does nothing.
//!
//! The kubelet has the same, called `pause`. No image of it is fetched: it is made here, of a program of a few
//! instructions that waits without end.

use tar::{Builder, Header};

use crate::EngineError;

/// The program's path in its image.
pub(crate) const PROGRAM: &str = "/pause";

/// Where its machine code and the headers before it are loaded.
const BASE: u64 = 0x40_0000;
/// The length of the two headers of an ELF file that has one segment.
const HEADERS: u64 = 64 + 56;

/// The number of a processor in an ELF file, and the program for it.
fn machine(architecture: &str) -> Option<(u16, &'static [u8])> {
    match architecture {
        "amd64" | "x86_64" => Some((
            62,
            &[
                0xb8, 0x22, 0x00, 0x00, 0x00, // mov eax, 34: pause
                0x0f, 0x05, // syscall
                0xeb, 0xf7, // jmp to the first
            ],
        )),
        "arm64" | "aarch64" => Some((
            183,
            &[
                0x00, 0x00, 0x80, 0xd2, // mov x0, 0: no descriptors
                0x01, 0x00, 0x80, 0xd2, // mov x1, 0
                0x02, 0x00, 0x80, 0xd2, // mov x2, 0: no end
                0x03, 0x00, 0x80, 0xd2, // mov x3, 0
                0x28, 0x09, 0x80, 0xd2, // mov x8, 73: ppoll
                0x01, 0x00, 0x00, 0xd4, // svc 0
                0xfa, 0xff, 0xff, 0x17, // b to the first
            ],
        )),
        _ => None,
    }
}

/// The program, as an ELF file.
fn program(architecture: &str) -> Result<Vec<u8>, EngineError> {
    let (machine, code) = machine(architecture).ok_or_else(|| EngineError::Architecture(architecture.to_owned()))?;
    let length = HEADERS + code.len() as u64;
    let mut file = Vec::new();
    // 64 bits, little endian, version 1; an executable.
    file.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    file.extend(2u16.to_le_bytes());
    file.extend(machine.to_le_bytes());
    file.extend(1u32.to_le_bytes());
    // Where it starts, where the header of the segment is; there are no sections.
    for number in [BASE + HEADERS, 64, 0] {
        file.extend(number.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    for number in [64u16, 56, 1, 0, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    // The segment: loaded, readable and executable, the file from its beginning, in pages of 64 KiB.
    file.extend(1u32.to_le_bytes());
    file.extend(5u32.to_le_bytes());
    for number in [0, BASE, BASE, length, length, 0x1_0000] {
        file.extend(number.to_le_bytes());
    }
    file.extend(code);
    Ok(file)
}

/// The file system of the sandbox's image for a processor, as an archive.
pub(crate) fn image(architecture: &str) -> Result<Vec<u8>, EngineError> {
    let program = program(architecture)?;
    let mut archive = Builder::new(Vec::new());
    let mut header = Header::new_ustar();
    header.set_mode(0o755);
    header.set_size(program.len() as u64);
    let written = archive
        .append_data(&mut header, PROGRAM.trim_start_matches('/'), program.as_slice())
        .and_then(|()| archive.into_inner());
    written.map_err(|source| EngineError::Io { path: PROGRAM.into(), source })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn processors_without_a_program_are_named() {
        let error = image("s390x").unwrap_err().to_string();
        assert_eq!(error, "the engine's machine is s390x; pods can be tried on amd64 and arm64");
    }

    #[test]
    fn the_headers_name_what_follows() {
        for (architecture, machine) in [("amd64", 62), ("arm64", 183)] {
            let file = program(architecture).unwrap();
            assert_eq!(u16::from_le_bytes([file[18], file[19]]), machine);
            let number = |at: usize| u64::from_le_bytes(file[at..at + 8].try_into().unwrap());
            assert_eq!(number(24), BASE + HEADERS, "the first instruction is behind the headers");
            assert_eq!(number(96), file.len() as u64, "the segment is the whole file");
        }
    }

    /// The program of this machine's processor does start, and does not end by itself.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_program_waits() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pause");
        std::fs::write(&path, program(std::env::consts::ARCH).unwrap()).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut child = std::process::Command::new(&path).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert_eq!(child.try_wait().unwrap(), None);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
