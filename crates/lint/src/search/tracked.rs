//! Which files git tracks, from its index. Rules of a `.gitignore` do not hold for them.
//!
//! The format is git's own (`gitformat-index`), versions 2 to 4, with SHA-1 or SHA-256, split or not. The file may be
//! anything: it is bounded, and refused unless every entry and extension ends where it should.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Lengths of an object's name: SHA-1 and SHA-256. The index does not say which it has.
const HASHES: [usize; 2] = [20, 32];
/// Bytes of an entry before the object's name: times, device, inode, mode, owner, size.
const STAT: usize = 40;
/// Longest path that a kernel opens.
const LONGEST_PATH: usize = 4096;
/// Longest `.git` file that names a folder.
const LONGEST_LINK: u64 = LONGEST_PATH as u64 + 64;

/// The paths in an index.
#[derive(Debug, Default)]
pub struct Tracked {
    /// The paths of the index and, if it is split, those of the one it is based on.
    parts: Vec<Names>,
}

/// Sorted paths, one behind the other.
#[derive(Debug, Default)]
struct Names {
    bytes: Vec<u8>,
    /// Where each begins; where the last ends.
    bounds: Vec<usize>,
}

/// The entries of an index.
struct Index {
    names: Names,
    /// Name of the shared index that it is based on, if it is split.
    base: Option<String>,
}

impl Tracked {
    /// Reads the tracked files of the work tree at `root`; nothing if it has no index yet.
    ///
    /// # Errors
    /// An index that cannot be read; the message names it.
    pub(super) fn of(root: &Path) -> Result<Tracked, Error> {
        let folder = git_folder(root)?;
        let mut parts = Vec::new();
        let mut next = Some("index".to_owned());
        // An index has at most one base, which has none.
        while let Some(name) = next.take().filter(|_| parts.len() < 2) {
            let path = folder.join(&name);
            if parts.is_empty() && !path.exists() {
                return Ok(Tracked::default());
            }
            let failed = |why: &str| Error::File { path: path.clone(), why: why.to_owned() };
            if !path.is_file() {
                return Err(failed("is not a file"));
            }
            let bytes = bounded::read(&path).map_err(|error| failed(&format!("cannot be read: {error}")))?;
            let index = Index::read(&bytes).map_err(failed)?;
            parts.push(index.names);
            next = index.base;
        }
        Ok(Tracked { parts })
    }

    /// The paths in the bytes of an index that is not split, or of the part of one that is.
    ///
    /// # Errors
    /// Bytes that are not an index, and why.
    pub fn read(bytes: &[u8]) -> Result<Tracked, &'static str> {
        Index::read(bytes).map(|index| Tracked { parts: vec![index.names] })
    }

    /// Every path, in the order of the index.
    pub fn paths(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().flat_map(|names| (0..names.len()).map(|at| names.get(at)))
    }

    /// Whether a file, or something below a folder, is tracked; `path` is relative to the work tree's root.
    pub fn holds(&self, path: &Path, is_folder: bool) -> bool {
        let path = path.as_os_str().as_bytes();
        let holds = |names: &Names| names.has(path) || is_folder && names.has_below(path) || names.has_above(path);
        self.parts.iter().any(holds)
    }
}

/// The folder that holds the index: `.git`, or what a file of that name names.
fn git_folder(root: &Path) -> Result<PathBuf, Error> {
    let git = root.join(".git");
    if !git.is_file() {
        return Ok(git);
    }
    let failed = || {
        let why = "is not a link to a folder of git (`gitdir: PATH`)".to_owned();
        Error::File { path: git.clone(), why }
    };
    if fs::metadata(&git).is_ok_and(|metadata| metadata.len() > LONGEST_LINK) {
        return Err(failed());
    }
    let text = bounded::read_to_string(&git).map_err(|_| failed())?;
    let path = text.strip_prefix("gitdir: ").ok_or_else(failed)?;
    Ok(root.join(path.trim_end_matches(['\r', '\n'])))
}

impl Names {
    fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    fn get(&self, at: usize) -> &[u8] {
        match (self.bounds.get(at), self.bounds.get(at + 1)) {
            (Some(start), Some(end)) => self.bytes.get(*start..*end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The first path that is not smaller than `path`.
    fn from(&self, path: &[u8]) -> &[u8] {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle) < path { low = middle + 1 } else { high = middle }
        }
        self.get(low)
    }

    fn has(&self, path: &[u8]) -> bool {
        !path.is_empty() && self.from(path) == path
    }

    fn has_below(&self, folder: &[u8]) -> bool {
        let below = [folder, b"/"].concat();
        self.from(&below).starts_with(&below)
    }

    /// Whether a folder above is an entry, as in a sparse index.
    fn has_above(&self, path: &[u8]) -> bool {
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        slashes.into_iter().any(|(at, _)| path.get(..=at).is_some_and(|folder| self.has(folder)))
    }

    /// Adds a path that is not smaller than the last: the first `kept` bytes of that, then `rest`.
    fn push(&mut self, kept: usize, rest: &[u8]) -> Option<()> {
        let start = *self.bounds.last()?;
        let before = self.bounds.len().checked_sub(2).map_or(start, |at| self.bounds[at]);
        let length = kept.checked_add(rest.len()).filter(|length| *length <= LONGEST_PATH)?;
        if (start + length) as u64 > bounded::LONGEST || kept > start - before {
            return None;
        }
        self.bytes.extend_from_within(before..before + kept);
        self.bytes.extend_from_slice(rest);
        self.bounds.push(self.bytes.len());
        (self.bytes.get(before..start)? <= self.bytes.get(start..)?).then_some(())
    }
}

impl Index {
    fn read(bytes: &[u8]) -> Result<Index, &'static str> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.take(4) != Some(b"DIRC") {
            return Err("is not an index of git");
        }
        let (version, count) = (reader.number(), reader.number());
        let Some((version @ 2..=4, count)) = version.zip(count) else {
            return Err("is an index of a version of git that harden does not know");
        };
        let read = HASHES.into_iter().find_map(|hash| Reader { ..reader }.index(version, count, hash));
        read.ok_or("is a damaged index of git")
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// Everything behind the header, if it fits objects with names of `hash` bytes.
    fn index(mut self, version: u32, count: u32, hash: usize) -> Option<Index> {
        let end = self.bytes.len().checked_sub(hash)?;
        let mut names = Names { bytes: Vec::new(), bounds: vec![0] };
        for _ in 0..count {
            self.entry(version, hash, &mut names)?;
        }
        let mut base = None;
        while self.at < end {
            let (kind, length) = (self.take(4)?, self.number()?);
            let content = self.take(usize::try_from(length).ok()?)?;
            if kind == b"link" {
                let id = content.get(..hash)?;
                let name = || id.iter().fold("sharedindex.".to_owned(), |name, byte| name + &format!("{byte:02x}"));
                base = id.iter().any(|byte| *byte != 0).then(name);
            }
        }
        (self.at == end).then_some(Index { names, base })
    }

    fn entry(&mut self, version: u32, hash: usize, names: &mut Names) -> Option<()> {
        const EXTENDED: u16 = 1 << 14;
        let start = self.at;
        self.take(STAT + hash)?;
        let flags = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        if flags & EXTENDED != 0 {
            self.take(2).filter(|_| version > 2)?;
        }
        let last = names.len().checked_sub(1).map_or(0, |at| names.get(at).len());
        let kept = if version == 4 { last.checked_sub(self.varint()?)? } else { 0 };
        let length = memchr::memchr(0, self.bytes.get(self.at..)?)?;
        names.push(kept, self.take(length)?)?;
        // Up to a multiple of eight bytes, and one at least.
        let padding = if version == 4 { 1 } else { 8 - (self.at - start) % 8 };
        self.take(padding)?.iter().all(|byte| *byte == 0).then_some(())
    }

    /// A number as git packs it: seven bits a byte, the highest first, each further byte worth one more.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let byte = *self.take(1)?.first()?;
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte & 128 == 0 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}

#[cfg(test)]
mod tests;
