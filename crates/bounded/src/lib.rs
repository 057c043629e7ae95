//! Reads files that may be anything: a name in a repository may lead to a device that never ends, or to
//! a pipe into which nobody ever writes.

#[cfg(not(unix))]
compile_error!("harden runs on Unix only: who owns a file decides whether it is read and run");

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Most bytes that are read of anything.
pub const LONGEST: u64 = 256 << 20;

/// Flags of `open` that do not wait for the other end of a pipe and do not take a terminal over.
const UNWAITING: i32 = rustix::fs::OFlags::NONBLOCK.union(rustix::fs::OFlags::NOCTTY).bits().cast_signed();

/// Opens a file to read it; a stream that the caller has opened as it is.
///
/// # Errors
/// As [`File::open`], and a named pipe.
pub fn open(path: &Path) -> io::Result<File> {
    if is_input_stream(path) {
        return File::open(path);
    }
    let file = OpenOptions::new().read(true).custom_flags(UNWAITING).open(path)?;
    no_pipe(&file.metadata()?)?;
    Ok(file)
}

/// Opens a file to write it anew, and makes the folders that lead to it; a stream that the caller has opened as it is.
///
/// # Errors
/// As [`File::create`], and a named pipe.
pub fn create(path: &Path) -> io::Result<File> {
    if is_output_stream(path) {
        return OpenOptions::new().write(true).open(path);
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    // To open one would fail, too, but not say why.
    if let Ok(metadata) = fs::metadata(path) {
        no_pipe(&metadata)?;
    }
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).custom_flags(UNWAITING).open(path)?;
    let metadata = file.metadata()?;
    no_pipe(&metadata)?;
    // A device has no length.
    if metadata.is_file() {
        file.set_len(0)?;
    }
    Ok(file)
}

/// The mode of a file that everybody may read, as far as the user's umask lets them.
pub const SHARED: u32 = 0o666;
/// The mode of a file for the user alone.
pub const PRIVATE: u32 = 0o600;

/// The beginning of the hidden names under which [`replace`] writes; one is left if the program is killed.
pub const TEMPORARY: &str = ".harden-";

/// Puts a whole file in its place: whoever opens it reads the old bytes or the new ones, never a part of either. The
/// new bytes are written beside `path`, under a hidden name, before they take it over.
///
/// # Errors
/// A folder that is not there or takes no new file, and whatever else the file system says; `path` is unchanged then.
pub fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new();
    temporary.prefix(TEMPORARY).permissions(Permissions::from_mode(mode));
    let mut temporary = temporary.tempfile_in(folder)?;
    temporary.write_all(bytes)?;
    temporary.persist(path).map(drop).map_err(|error| error.error)
}

/// Refuses a named pipe: its other end may never come.
///
/// # Errors
/// Says that it is one.
fn no_pipe(metadata: &Metadata) -> io::Result<()> {
    if metadata.file_type().is_fifo() { Err(no_file("a named pipe")) } else { Ok(()) }
}

/// The error for what is `what` and no file.
pub fn no_file(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("is {what}, no file"))
}

/// Whether a path is a stream that the caller has opened, as the shell's `<(helm template chart)`.
pub fn is_input_stream(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || is_descriptor(path)
}

/// Whether a path is a stream that the caller has opened to be written, as the shell's `>(less)`.
fn is_output_stream(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr"].iter().any(|stream| path == Path::new(stream)) || is_descriptor(path)
}

fn is_descriptor(path: &Path) -> bool {
    ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder))
}

/// The bytes of a file.
///
/// # Errors
/// As [`open`], and a file that is longer than [`LONGEST`].
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let file = open(path.as_ref())?;
    let len = file.metadata().map_or(0, |metadata| metadata.len());
    read_to_end(file, len)
}

/// The text of a file.
///
/// # Errors
/// As [`read`], and what is not UTF-8.
pub fn read_to_string(path: impl AsRef<Path>) -> io::Result<String> {
    text(read(path)?)
}

/// Everything that a stream gives.
///
/// # Errors
/// As [`read`].
pub fn bytes_of(stream: impl Read) -> io::Result<Vec<u8>> {
    read_to_end(stream, 0)
}

/// Everything that a stream gives, as text.
///
/// # Errors
/// As [`read_to_string`].
pub fn text_of(stream: impl Read) -> io::Result<String> {
    text(bytes_of(stream)?)
}

/// Makes the error for a file that is longer than [`LONGEST`].
pub fn too_long() -> io::Error {
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

/// Bytes as text.
///
/// # Errors
/// Bytes that are not UTF-8.
pub fn text(bytes: Vec<u8>) -> io::Result<String> {
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
    fn replaces_a_file_as_a_whole_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (bytes, mode) in [("old", PRIVATE), ("new", SHARED)] {
            replace(&path, bytes.as_bytes(), mode).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), bytes.as_bytes());
            let is_private = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777 == PRIVATE;
            assert!(mode != PRIVATE || is_private);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(replace(&folder.path().join("none/a"), b"", SHARED).is_err());
    }

    #[test]
    fn waits_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        assert_eq!(read(&path).unwrap_err().to_string(), "is a named pipe, no file");
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
