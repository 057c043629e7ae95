//! Finds and reads the files to judge.

mod hidden;
mod ignored;
mod kustomization;
mod listed;
mod tracked;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use self::ignored::{Fate, Ignored};
use self::kustomization::Kustomizations;
pub use self::kustomization::NAMES as KUSTOMIZATIONS;
pub use self::tracked::Tracked;
use crate::config::ConfigFile;
use crate::{named, trust};
use thiserror::Error;

use bounded::{self, LONGEST, is_input_stream};

/// Something to judge: a file, standard input, or the reason why there is none.
#[derive(Debug)]
pub struct Source {
    /// Place in the report.
    pub index: usize,
    /// Path as shown.
    pub name: String,
    kind: Kind,
    /// The path that the configuration's globs are matched against, if it is not the file that is read.
    place: Option<PathBuf>,
    /// Whether a kustomization patches with it.
    patch: bool,
}

#[derive(Debug)]
enum Kind {
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

/// How sources are looked for.
#[derive(Default)]
pub struct Search<'a> {
    /// Skips excluded files and the configuration file itself.
    pub config: Option<&'a ConfigFile>,
    /// The path of standard input.
    pub stdin_name: Option<&'a Path>,
    /// Whether folders are searched for what git ignores, too.
    pub no_ignore: bool,
}

/// The value found.
pub struct Found {
    /// In the order of the paths, folders in the order of their files' names.
    pub sources: Vec<Source>,
    /// Files and folders that git ignores.
    pub ignored: usize,
}

/// The least growth of a buffer, in bytes.
const SMALLEST: usize = 8 << 10;

/// The endings of files that folders are searched for.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The sources that `paths` name; in folders without what the configuration excludes.
#[cfg(test)]
pub(crate) fn find(paths: &[PathBuf], config: Option<&ConfigFile>) -> Vec<Source> {
    Search { config, ..Search::default() }.find(paths).sources
}

impl Search<'_> {
    /// The sources that `paths` name; in folders without what is excluded.
    pub fn find(&self, paths: &[PathBuf]) -> Found {
        let mut walk = Walk {
            search: self,
            ignored: Ignored::nothing(),
            left_out: BTreeSet::new(),
            roots: BTreeSet::new(),
            may_repeat: false,
            root: PathBuf::new(),
            sources: Vec::new(),
            kustomizations: Kustomizations::default(),
        };
        for path in paths {
            let name = path.display().to_string();
            if path == Path::new("-") {
                let place = self.stdin_name.map(Path::to_owned);
                let name = place.as_ref().map_or_else(|| "<stdin>".to_owned(), |place| place.display().to_string());
                walk.sources.push(Source { index: 0, name, kind: Kind::Stdin, place, patch: false });
            } else if path.is_dir() {
                walk.folder(path, name);
            } else {
                let kind = if is_input_stream(path) { Kind::Descriptor(path.clone()) } else { file(path.clone()) };
                if matches!(kind, Kind::File(_)) {
                    walk.kustomizations.around(path);
                }
                walk.add(name, kind);
            }
        }
        let Walk { sources, kustomizations, left_out, may_repeat, .. } = walk;
        // What is found in one folder is there once.
        let mut sources = if paths.len() > 1 || may_repeat { once(sources) } else { sources };
        for (index, source) in sources.iter_mut().enumerate() {
            source.index = index;
            source.patch = source.file().is_some_and(|path| kustomizations.only_patch_with(path));
        }
        Found { sources, ignored: left_out.len() }
    }
}

/// A search under way.
struct Walk<'a> {
    search: &'a Search<'a>,
    ignored: Ignored,
    /// The paths that git ignores, from the root.
    left_out: BTreeSet<PathBuf>,
    /// The folders that are searched, from the root.
    roots: BTreeSet<PathBuf>,
    /// Whether a file may have been found twice: by a link, or by a kustomization's list.
    may_repeat: bool,
    /// Where links may lead.
    root: PathBuf,
    sources: Vec<Source>,
    kustomizations: Kustomizations,
}

impl Walk<'_> {
    fn add(&mut self, name: String, kind: Kind) {
        self.sources.push(Source { index: 0, name, kind, place: None, patch: false });
    }

    /// A folder that was named.
    fn folder(&mut self, folder: &Path, name: String) {
        let absolute = ignored::absolute(folder);
        self.ignored = if self.search.no_ignore { Ignored::nothing() } else { Ignored::above(&absolute) };
        self.root = trust::work_tree(&absolute).unwrap_or(&absolute).to_owned();
        self.kustomizations.around(folder);
        let (before, left_out) = (self.sources.len(), self.left_out.len());
        self.roots.insert(absolute.clone());
        self.walk(folder, &absolute, Fate::Seen);
        self.listed(folder, &absolute);
        if self.sources.len() == before {
            let git = if self.left_out.len() > left_out { " that git does not ignore" } else { "" };
            self.add(name, Kind::Unreadable(format!("holds no .yaml, .yml or .json file{git}")));
        }
    }

    /// Adds the manifests below `folder`, which is `absolute` from the root, and about which git says `fate`. Hidden
    /// folders, hidden files without objects and linked folders are left out.
    fn walk(&mut self, folder: &Path, absolute: &Path, fate: Fate) {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("cannot be listed: {error}");
                return self.add(folder.display().to_string(), Kind::Unreadable(message));
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        let is_work_tree = entries.iter().any(|entry| entry.file_name() == ".git");
        let before = self.ignored.enter(absolute, fate, is_work_tree);
        for entry in entries {
            self.entry(&entry, absolute);
        }
        self.ignored.leave(before);
    }

    fn entry(&mut self, entry: &fs::DirEntry, absolute: &Path) {
        let path = entry.path();
        let name = entry.file_name();
        if is_hidden(&name) && !hidden::may_be_applied(&path) {
            return;
        }
        if self.search.config.is_some_and(|config| config.excludes(&path)) {
            return;
        }
        let kind = entry.file_type().ok();
        let is_folder = kind.is_some_and(|kind| kind.is_dir());
        let is_named = is_manifest(&path);
        let kustomizes = kustomization::NAMES.iter().any(|known| name == *known);
        if !is_folder && !is_named && !kustomizes {
            return;
        }
        let fate = self.ignored.fate(&absolute.join(&name), is_folder).unwrap_or_else(|why| {
            let message = "cannot say which files git tracks although it ignores them; --no-ignore judges all";
            self.add(why.to_string(), Kind::Unreadable(message.to_owned()));
            Fate::Ignored
        });
        if fate == Fate::Ignored {
            self.left_out.insert(absolute.join(&name));
            return;
        }
        if is_folder {
            return self.walk(&path, &absolute.join(&name), fate);
        }
        // Only what is no file itself has to be followed.
        let is_file = kind.is_some_and(|kind| kind.is_file());
        if kustomizes && is_file {
            self.kustomizations.read(absolute.join(&name));
        }
        if is_named && is_file {
            self.add(path.display().to_string(), Kind::File(path));
        } else if is_named && !path.is_dir() {
            self.may_repeat = true;
            let name = path.display().to_string();
            let outside = if kind.is_some_and(|kind| kind.is_symlink()) { self.outside(&path) } else { None };
            self.add(name, outside.unwrap_or_else(|| file(path)));
        }
    }

    /// A link to a file that the folder's author may not be able to read: outside of the folder and its work tree, or
    /// in git's own folder.
    fn outside(&self, link: &Path) -> Option<Kind> {
        let real = fs::canonicalize(link).ok().filter(|real| real.is_file())?;
        if real.starts_with(&self.root) && !named::is_gits_own(&real) {
            return None;
        }
        let target = fs::read_link(link).unwrap_or(real);
        Some(Kind::Unreadable(format!(
            "is a symbolic link to {}, out of the folder and its work tree, and was not followed; name it to judge it",
            target.display()
        )))
    }
}

/// Every file once, however often it is named, and standard input once. A link to a file that is there under its own
/// name is left out.
fn once(mut sources: Vec<Source>) -> Vec<Source> {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut owners: BTreeMap<PathBuf, (bool, usize)> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        if let Some(path) = source.file() {
            let this = (path.is_symlink(), at);
            owners.entry(real(path)).and_modify(|owner| *owner = this.min(*owner)).or_insert(this);
        }
    }
    let owners: BTreeSet<usize> = owners.into_values().map(|(_, at)| at).collect();
    let first_stdin = sources.iter().position(Source::is_stdin);
    let mut at = 0;
    sources.retain(|source| {
        at += 1;
        if source.is_stdin() {
            first_stdin == Some(at - 1)
        } else {
            source.file().is_none() || owners.contains(&(at - 1))
        }
    });
    sources
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a file's name is that of a manifest.
pub(super) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
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

impl Source {
    /// Whether the source is standard input.
    pub fn is_stdin(&self) -> bool {
        matches!(self.kind, Kind::Stdin)
    }

    /// The file behind the source, unless it is standard input or another stream.
    pub fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(path) => Some(path),
            Kind::Descriptor(_) | Kind::Stdin | Kind::Text(_) | Kind::Unreadable(_) => None,
        }
    }

    /// The output of kustomize or helm for `folder`, or the reason why there is none; `name` is for reports.
    pub fn rendered(index: usize, name: String, folder: PathBuf, text: Result<String, impl Display>) -> Source {
        let kind = text.map_or_else(|why| Kind::Unreadable(why.to_string()), Kind::Text);
        Source { index, name, kind, place: Some(folder), patch: false }
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
