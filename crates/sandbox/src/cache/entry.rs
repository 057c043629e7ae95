//! One compiled policy in a file: a mark, a checksum, the code.

use std::fs;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::{Key, folder};

/// Marks the beginning of every entry.
const MARK: &[u8; 8] = b"hardenc\x01";
const HEADER: usize = MARK.len() + 32;

/// Longest entry that is read, in bytes.
const LARGEST: u64 = 512 << 20;

/// Code that this program stored: nothing but [`read`] makes one.
pub(in super::super) struct Trusted(Vec<u8>);

impl Trusted {
    /// The code.
    pub(in super::super) fn artifact(&self) -> &[u8] {
        self.0.get(HEADER..).unwrap_or_default()
    }
}

/// Reads an entry; `None` unless the file is the user's alone and holds what was stored under this key.
pub(super) fn read(path: &Path, key: &Key) -> Option<Trusted> {
    let file = open(path)?;
    // Of the open file, not of the path, which may lead elsewhere by now.
    let metadata = file.metadata().ok()?;
    if !metadata.is_file() || !folder::is_own(&metadata) || metadata.len() > LARGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
    file.take(LARGEST).read_to_end(&mut bytes).ok()?;
    let artifact = bytes.get(HEADER..)?;
    let header = [MARK.as_slice(), &checksum(key, artifact)].concat();
    (bytes[..HEADER] == header).then_some(Trusted(bytes))
}

/// Writes an entry beside the others and puts it in its place at once; tells whether that worked.
pub(super) fn write(path: &Path, key: &Key, artifact: &[u8]) -> bool {
    let entry = [MARK.as_slice(), &checksum(key, artifact), artifact].concat();
    bounded::replace(path, &entry, bounded::PRIVATE).is_ok()
}

/// The key is part of it: an entry under another name is none.
fn checksum(key: &Key, artifact: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(key).chain_update(artifact).finalize().into()
}

fn open(path: &Path) -> Option<fs::File> {
    // A pipe would have us wait for ever.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    fs::OpenOptions::new().read(true).custom_flags(flags.cast_signed()).open(path).ok()
}
