//! A source: something to judge, and how it is read.

use std::fmt::Display;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use bounded::{self, LONGEST};
use thiserror::Error;

/// Something to judge: a file, standard input, or the reason why there is none.
#[derive(Debug)]
pub struct Source {
    /// Place in the report.
    pub index: usize,
    /// Path as shown.
    pub name: String,
    pub(super) kind: Kind,
    /// The path that the configuration's globs are matched against, if it is not the file that is read.
    pub(super) place: Option<PathBuf>,
    /// The file of the repository that stands for a rendered text.
    pub(super) origin: Option<PathBuf>,
    /// Whether a kustomization patches with it.
    pub(super) patch: bool,
    /// The number of the configuration that governs it.
    pub(super) config: Option<usize>,
}

/// The origin of a source's text.
#[derive(Debug)]
pub(super) enum Kind {
    File(PathBuf),
    Descriptor(PathBuf),
    Stdin,
    Text(String),
    Unreadable(String),
}

/// Why a source cannot be read; the text follows its name.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// The search, or the program that was to render it, has said so.
    #[error("{0}")]
    Known(String),
    /// The file system says so.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is longer than anything that is read.
    #[error("{}: split it", bounded::too_long())]
    TooLong,
    /// It is not UTF-8, on this line.
    #[error("is not text: line {0} is not UTF-8")]
    NotUtf8(usize),
}

/// The least growth of a buffer, in bytes.
const SMALLEST: usize = 8 << 10;

/// A file, unless reading it could wait forever for somebody to write, or never end.
pub(super) fn file(path: PathBuf) -> Kind {
    // What is not there says so when it is read.
    let what = match fs::metadata(&path).map(|metadata| metadata.file_type()) {
        Ok(kind) if kind.is_fifo() => "a named pipe",
        Ok(kind) if kind.is_char_device() || kind.is_block_device() => "a device",
        Ok(kind) if kind.is_socket() => "a socket",
        _ => return Kind::File(path),
    };
    Kind::Unreadable(format!("is {what}, no file, and was not read; `-` reads standard input"))
}

impl Source {
    /// Whether the source is standard input.
    pub fn is_stdin(&self) -> bool {
        matches!(self.kind, Kind::Stdin)
    }

    /// Whether the source is standard input that nobody gave a path.
    pub fn is_nameless(&self) -> bool {
        self.is_stdin() && self.place.is_none()
    }

    /// The file behind the source, unless it is standard input or another stream.
    pub fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(path) => Some(path),
            Kind::Descriptor(_) | Kind::Stdin | Kind::Text(_) | Kind::Unreadable(_) => None,
        }
    }

    /// A source that no configuration governs.
    pub(super) fn new(name: String, kind: Kind) -> Source {
        Source { index: 0, name, kind, place: None, origin: None, patch: false, config: None }
    }

    /// The output of kustomize or helm for `folder`, or the reason why there is none; `name` is for reports.
    pub fn rendered(index: usize, name: String, folder: PathBuf, text: Result<String, impl Display>) -> Source {
        let kind = text.map_or_else(|why| Kind::Unreadable(why.to_string()), Kind::Text);
        Source { index, place: Some(folder), ..Source::new(name, kind) }
    }

    /// The same source, for which this file of the repository stands: findings are shown there.
    #[must_use]
    pub fn with_origin(self, origin: PathBuf) -> Source {
        Source { origin: Some(origin), ..self }
    }

    /// The file of the repository that stands for a rendered text.
    pub fn origin(&self) -> Option<&Path> {
        self.origin.as_deref()
    }

    /// The same source, which the configuration with this number governs.
    #[must_use]
    pub fn governed_by(self, config: Option<usize>) -> Source {
        Source { config, ..self }
    }

    /// The number of the configuration that governs the source.
    pub fn config(&self) -> Option<usize> {
        self.config
    }

    /// Whether the text was made by a program, as helm's templates are: a file that somebody committed was not.
    pub(crate) fn is_rendered(&self) -> bool {
        matches!(self.kind, Kind::Text(_) | Kind::Stdin | Kind::Descriptor(_))
    }

    /// The path that the configuration's globs are compared with.
    pub fn place(&self) -> Option<&Path> {
        self.place.as_deref().or_else(|| self.file())
    }

    /// The folder of the chart or kustomization that the text was made of.
    pub fn rendered_from(&self) -> Option<&Path> {
        self.place.as_deref().filter(|_| matches!(self.kind, Kind::Text(_)))
    }

    /// Whether a kustomization patches with it, so that it is only a part of what there is to judge.
    pub fn is_patch(&self) -> bool {
        self.patch
    }

    /// Whether the source may hold more than `bytes` bytes.
    pub fn may_be_longer_than(&self, bytes: usize) -> bool {
        match &self.kind {
            Kind::File(path) => fs::metadata(path).is_ok_and(|metadata| metadata.len() > bytes as u64),
            Kind::Stdin | Kind::Descriptor(_) => true,
            Kind::Text(text) => text.len() > bytes,
            Kind::Unreadable(_) => false,
        }
    }

    /// The text of the source.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub fn read(&self) -> Result<String, Unreadable> {
        let mut buffer = Vec::new();
        let len = self.fill(&mut buffer)?;
        buffer.truncate(len);
        String::from_utf8(buffer).map_err(|error| not_utf8(error.as_bytes(), error.utf8_error()))
    }

    /// The text of the source, in a buffer that serves for one source after the other.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub fn read_into<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b str, Unreadable> {
        let len = self.fill(buffer)?;
        std::str::from_utf8(&buffer[..len]).map_err(|error| not_utf8(&buffer[..len], error))
    }

    /// Reads the source into the front of a buffer; gives its length.
    fn fill(&self, buffer: &mut Vec<u8>) -> Result<usize, Unreadable> {
        match &self.kind {
            Kind::Unreadable(why) => Err(Unreadable::Known(why.clone())),
            Kind::Text(text) => {
                buffer.clear();
                buffer.extend_from_slice(text.as_bytes());
                Ok(text.len())
            }
            Kind::File(path) | Kind::Descriptor(path) => {
                let mut file = bounded::open(path)?;
                let len = file.metadata().map_or(0, |metadata| metadata.len());
                fill(&mut file, len, buffer)?.ok_or(Unreadable::TooLong)
            }
            Kind::Stdin => fill(&mut io::stdin().lock(), 0, buffer)?.ok_or(Unreadable::TooLong),
        }
    }
}

/// Reads to the end of `file`, about `expected` bytes are known, into the front of a buffer that keeps
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

fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> Unreadable {
    Unreadable::NotUtf8(bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1)
}
