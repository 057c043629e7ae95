//! Reads files of which nobody knows what they are: a name in a repository may lead to a device that never ends.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Most bytes that are read of anything.
pub(crate) const LONGEST: u64 = 256 << 20;

/// The bytes of a file.
///
/// # Errors
/// As [`std::fs::read`], and a file that is longer than [`LONGEST`].
pub(crate) fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let len = file.metadata().map_or(0, |metadata| metadata.len());
    read_to_end(file, len)
}

/// The text of a file.
///
/// # Errors
/// As [`read`], and what is not UTF-8.
pub(crate) fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    text(read(path)?)
}

/// Everything that a stream gives.
///
/// # Errors
/// As [`read`].
pub(crate) fn bytes_of(stream: impl Read) -> io::Result<Vec<u8>> {
    read_to_end(stream, 0)
}

/// Everything that a stream gives, as text.
///
/// # Errors
/// As [`read_to_string`].
pub(crate) fn text_of(stream: impl Read) -> io::Result<String> {
    text(bytes_of(stream)?)
}

/// What is longer than [`LONGEST`].
pub(crate) fn too_long() -> io::Error {
    let message = format!("is longer than {} MiB, the most that is read", LONGEST >> 20);
    io::Error::new(io::ErrorKind::FileTooLarge, message)
}

fn read_to_end(stream: impl Read, expected: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if expected <= LONGEST {
        bytes.try_reserve(usize::try_from(expected).unwrap_or(0))?;
        stream.take(LONGEST + 1).read_to_end(&mut bytes)?;
    }
    if expected > LONGEST || bytes.len() as u64 > LONGEST { Err(too_long()) } else { Ok(bytes) }
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    // In the words of std::fs::read_to_string.
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(bytes).map_err(invalid)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "é").unwrap();
        assert_eq!((read(&path).unwrap().len(), read_to_string(&path).unwrap()), (2, "é".to_owned()));
        std::fs::write(&path, b"\xff").unwrap();
        let theirs = std::fs::read_to_string(&path).unwrap_err().to_string();
        assert_eq!(read_to_string(&path).unwrap_err().to_string(), theirs);
        assert_eq!(read(folder.path().join("b")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn ends_where_the_file_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hole");
        File::create(&path).unwrap().set_len(LONGEST + 1).unwrap();
        for error in [read(&path).unwrap_err(), text_of(io::repeat(0)).unwrap_err()] {
            assert_eq!(error.to_string(), "is longer than 256 MiB, the most that is read");
        }
    }
}
