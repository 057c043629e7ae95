//! Finds and reads the files to judge.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use crate::bounded::{self, LONGEST};
use crate::config::ConfigFile;

/// Something to judge: a file, standard input, or the reason why there is none.
#[derive(Debug)]
pub(crate) struct Source {
    /// Place in the report.
    pub(crate) index: usize,
    /// Path as shown.
    pub(crate) name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(PathBuf),
    Descriptor(PathBuf),
    Stdin,
    Unreadable(String),
}

/// What a buffer grows by at least.
const SMALLEST: usize = 8 << 10;

/// What folders are searched for.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The sources that `paths` name, folders in the order of their files' names; in folders without what the
/// configuration excludes, and without itself.
pub(crate) fn find(paths: &[PathBuf], config: Option<&ConfigFile>) -> Vec<Source> {
    let mut sources = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        if path == Path::new("-") {
            sources.push((String::from("<stdin>"), Kind::Stdin));
        } else if path.is_dir() {
            let before = sources.len();
            walk(path, config, &mut sources);
            if sources.len() == before {
                sources.push((name, Kind::Unreadable("holds no .yaml, .yml or .json file".to_owned())));
            }
        } else {
            let kind = if is_descriptor(path) { Kind::Descriptor(path.clone()) } else { file(path.clone()) };
            sources.push((name, kind));
        }
    }
    let source = |(index, (name, kind))| Source { index, name, kind };
    sources.into_iter().enumerate().map(source).collect()
}

/// Adds the manifests below `folder`. Hidden entries and linked folders are left out.
fn walk(folder: &Path, config: Option<&ConfigFile>, sources: &mut Vec<(String, Kind)>) {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            sources.push((folder.display().to_string(), Kind::Unreadable(format!("cannot be listed: {error}"))));
            return;
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if config.is_some_and(|config| config.excludes(&path)) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, config, sources);
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e))) {
            // Only what is no file itself has to be followed.
            if entry.file_type().is_ok_and(|kind| kind.is_file()) {
                sources.push((path.display().to_string(), Kind::File(path)));
            } else if !path.is_dir() {
                sources.push((path.display().to_string(), file(path)));
            }
        }
    }
}

/// A file, unless reading it could wait forever for somebody to write, or never end.
fn file(path: PathBuf) -> Kind {
    // What is not there says so when it is read.
    let what = match fs::metadata(&path).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_fifo() => "a named pipe",
        Ok(kind) if kind.is_char_device() || kind.is_block_device() => "a device",
        Ok(kind) if kind.is_socket() => "a socket",
        _ => return Kind::File(path),
    };
    Kind::Unreadable(format!("is {what}, no file, and was not read; `-` reads standard input"))
}

/// Whether a path is a stream that the caller has opened, as the shell's `<(helm template chart)`.
pub(crate) fn is_descriptor(path: &Path) -> bool {
    path == Path::new("/dev/stdin") || ["/dev/fd", "/proc/self/fd"].iter().any(|folder| path.starts_with(folder))
}

impl Source {
    /// Whether the source is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self.kind, Kind::Stdin)
    }

    /// The file behind the source, unless it is standard input or another stream.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(path) => Some(path),
            Kind::Descriptor(_) | Kind::Stdin | Kind::Unreadable(_) => None,
        }
    }

    /// Whether the source may hold more than `bytes` bytes.
    pub(crate) fn may_be_longer_than(&self, bytes: usize) -> bool {
        match &self.kind {
            Kind::File(path) => fs::metadata(path).is_ok_and(|metadata| metadata.len() > bytes as u64),
            Kind::Stdin | Kind::Descriptor(_) => true,
            Kind::Unreadable(_) => false,
        }
    }

    /// The text of the source.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub(crate) fn read(&self) -> Result<String, String> {
        let mut buffer = Vec::new();
        let len = self.fill(&mut buffer)?;
        buffer.truncate(len);
        String::from_utf8(buffer).map_err(|error| no_text(error.as_bytes(), error.utf8_error()))
    }

    /// The text of the source, in a buffer that serves for one source after the other.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub(crate) fn read_into<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b str, String> {
        let len = self.fill(buffer)?;
        std::str::from_utf8(&buffer[..len]).map_err(|error| no_text(&buffer[..len], error))
    }

    /// Reads the source into the front of a buffer; gives its length.
    fn fill(&self, buffer: &mut Vec<u8>) -> Result<usize, String> {
        let failed = |error: io::Error| format!("cannot be read: {error}");
        match &self.kind {
            Kind::Unreadable(message) => Err(message.clone()),
            Kind::File(path) | Kind::Descriptor(path) => {
                let mut file = fs::File::open(path).map_err(failed)?;
                let len = file.metadata().map_or(0, |metadata| metadata.len());
                fill(&mut file, len, buffer).map_err(failed)?.ok_or_else(too_long)
            }
            Kind::Stdin => fill(&mut io::stdin().lock(), 0, buffer).map_err(failed)?.ok_or_else(too_long),
        }
    }
}

/// Reads to the end of `file`, of which about `expected` bytes are known, into the front of a buffer that keeps
/// its length; gives how many they are, `None` if they are too many.
fn fill(file: &mut dyn Read, expected: u64, buffer: &mut Vec<u8>) -> io::Result<Option<usize>> {
    let mut filled = 0;
    while expected <= LONGEST && filled as u64 <= LONGEST {
        if filled == buffer.len() {
            // One byte more than there should be: where nothing is left, reading ends without another look.
            let rest = usize::try_from(expected).unwrap_or(0).saturating_sub(filled) + 1;
            let left = usize::try_from(LONGEST + 1).map_or(usize::MAX, |most| most.saturating_sub(filled));
            let more = rest.max(filled).max(SMALLEST).min(left);
            buffer.try_reserve_exact(more)?;
            buffer.resize(filled + more, 0);
        }
        match file.read(&mut buffer[filled..]) {
            Ok(0) => return Ok(Some(filled)),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn too_long() -> String {
    format!("{}: split it", bounded::too_long())
}

fn no_text(bytes: &[u8], error: std::str::Utf8Error) -> String {
    let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
    format!("is no text: line {line} is not UTF-8")
}
