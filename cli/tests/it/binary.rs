//! Checks what the release profile promises of the binary (Cargo.toml), read from its headers.

// The names of the ELF specification.
const ET_DYN: u64 = 3;
const PT_DYNAMIC: u64 = 2;
const PT_GNU_STACK: u64 = 0x6474_e551;
const PT_GNU_RELRO: u64 = 0x6474_e552;
const PF_X: u64 = 1;
const PF_W: u64 = 2;
const DT_RPATH: u64 = 15;
const DT_RUNPATH: u64 = 29;
const DT_FLAGS: u64 = 30;
const DF_BIND_NOW: u64 = 8;

/// A little-endian number of `SIZE` bytes at `at`.
fn number<const SIZE: usize>(elf: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    bytes[..SIZE].copy_from_slice(&elf[at..at + SIZE]);
    u64::from_le_bytes(bytes)
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

#[test]
fn addresses_are_random_relocations_read_only_and_no_stack_runs() {
    let elf = std::fs::read(env!("CARGO_BIN_EXE_harden")).unwrap();
    assert_eq!(&elf[..5], b"\x7fELF\x02");
    assert_eq!(number::<2>(&elf, 16), ET_DYN, "position-independent");
    let (start, size, count) = (number::<8>(&elf, 32), number::<2>(&elf, 54), number::<2>(&elf, 56));
    let headers: Vec<&[u8]> =
        (0..count).map(|n| &elf[index(start + n * size)..index(start + (n + 1) * size)]).collect();
    let header = |kind: u64| headers.iter().find(|header| number::<4>(header, 0) == kind).unwrap();

    assert_eq!(number::<4>(header(PT_GNU_STACK), 4) & PF_X, 0);
    assert!(number::<8>(header(PT_GNU_RELRO), 40) > 0);
    // No part of the program can be written and run.
    let flags = headers.iter().map(|header| number::<4>(header, 4));
    assert!(flags.into_iter().all(|flags| flags & (PF_W | PF_X) != PF_W | PF_X));

    // All functions of libraries are found at the start, before the table of their places becomes read-only.
    let (at, length) = (number::<8>(header(PT_DYNAMIC), 8), number::<8>(header(PT_DYNAMIC), 32));
    let dynamic = &elf[index(at)..index(at + length)];
    let entries: Vec<(u64, u64)> =
        dynamic.chunks_exact(16).map(|entry| (number::<8>(entry, 0), number::<8>(entry, 8))).collect();
    assert!(entries.iter().any(|(tag, value)| *tag == DT_FLAGS && value & DF_BIND_NOW != 0));
    assert!(entries.iter().all(|(tag, _)| ![DT_RPATH, DT_RUNPATH].contains(tag)), "no folder to plant a library in");
}
