//! Finds and reads the files to judge.

mod hidden;
mod ignored;
mod kustomization;
mod listed;
mod once;
mod source;
mod tracked;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use self::ignored::{Fate, Ignored};
use self::kustomization::Kustomizations;
pub use self::kustomization::NAMES as KUSTOMIZATIONS;
use self::once::once;
use self::source::{Kind, file};
pub use self::source::{Source, Unreadable};
pub use self::tracked::Tracked;
use crate::config::{Configs, PathGlob};
use crate::error::Error;
use crate::{named, trust};

use bounded::is_input_stream;

/// How sources are looked for.
#[derive(Default)]
pub struct Search<'a> {
    /// The path of standard input.
    pub stdin_name: Option<&'a Path>,
    /// Whether folders are searched for what git ignores, too.
    pub no_ignore: bool,
    /// Files and folders that are not judged, besides those that their configuration excludes: globs relative to the
    /// current folder.
    pub exclude: &'a [PathGlob],
    /// Whether what is named may be excluded, too; else only what is found in a folder is.
    pub force_exclude: bool,
}

/// The outcome of a search.
pub struct Found {
    /// In the order of the paths, folders in the order of their files' names.
    pub sources: Vec<Source>,
    /// Files and folders that git ignores.
    pub ignored: usize,
    /// Files and folders that are excluded.
    pub excluded: usize,
}

/// The endings of files that folders are searched for.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The sources that `paths` name, with no configuration.
#[cfg(test)]
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Source>, Error> {
    Ok(Search::default().find(paths, &mut Configs::fixed(None))?.sources)
}

impl Search<'_> {
    /// The sources that `paths` name, each with the one of `configs` that governs it; in folders without what is excluded.
    ///
    /// # Errors
    /// A configuration that cannot be used.
    pub fn find(&self, paths: &[PathBuf], configs: &mut Configs) -> Result<Found, Error> {
        let mut walk = Walk {
            search: self,
            configs,
            ignored: Ignored::nothing(),
            left_out: BTreeSet::new(),
            excluded: BTreeSet::new(),
            roots: BTreeSet::new(),
            may_repeat: false,
            root: PathBuf::new(),
            sources: Vec::new(),
            kustomizations: Kustomizations::default(),
        };
        for path in paths {
            walk.named(path)?;
        }
        let Walk { sources, kustomizations, left_out, excluded, may_repeat, .. } = walk;
        // What is found in one folder is there once.
        let mut sources = if paths.len() > 1 || may_repeat { once(sources) } else { sources };
        for (index, source) in sources.iter_mut().enumerate() {
            source.index = index;
            source.patch = source.file().is_some_and(|path| kustomizations.only_patch_with(path));
        }
        Ok(Found { sources, ignored: left_out.len(), excluded: excluded.len() })
    }

    /// Whether the command line excludes a path.
    fn excludes(&self, path: &Path) -> bool {
        let below = || {
            let (path, folder) = (trust::real(path)?, trust::real(Path::new("."))?);
            Some(
                path.strip_prefix(&folder)
                    .or_else(|_| path.strip_prefix("/"))
                    .map_or_else(|_| path.clone(), Path::to_owned),
            )
        };
        !self.exclude.is_empty() && below().is_some_and(|path| self.exclude.iter().any(|glob| glob.matches(&path)))
    }
}

/// A search under way.
struct Walk<'a> {
    search: &'a Search<'a>,
    configs: &'a mut Configs,
    ignored: Ignored,
    /// The paths that git ignores, from the root.
    left_out: BTreeSet<PathBuf>,
    /// The paths that are excluded.
    excluded: BTreeSet<PathBuf>,
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
    fn add(&mut self, name: String, kind: Kind, config: Option<usize>) {
        self.sources.push(Source::new(name, kind).governed_by(config));
    }

    /// A path that was named.
    fn named(&mut self, path: &Path) -> Result<(), Error> {
        let name = path.display().to_string();
        if path == Path::new("-") {
            let place = self.search.stdin_name.map(Path::to_owned);
            let name = place.as_ref().map_or_else(|| "<stdin>".to_owned(), |place| place.display().to_string());
            let config = self.configs.of(place.as_deref().unwrap_or(path))?;
            self.sources.push(Source { place, ..Source::new(name, Kind::Stdin).governed_by(config) });
            return Ok(());
        }
        let config = self.configs.of(path)?;
        if self.search.force_exclude && self.configs.get(config).is_some_and(|file| file.is_own(path)) {
            return Ok(());
        }
        if self.search.force_exclude && (self.search.excludes(path) || self.configs.exclude(path, config)?) {
            self.excluded.insert(path.to_owned());
            return Ok(());
        }
        if path.is_dir() {
            return self.folder(path, name, config);
        }
        let kind = if is_input_stream(path) { Kind::Descriptor(path.to_owned()) } else { file(path.to_owned()) };
        if matches!(kind, Kind::File(_)) {
            self.kustomizations.around(path);
        }
        self.add(name, kind, config);
        Ok(())
    }

    /// A folder that was named.
    fn folder(&mut self, folder: &Path, name: String, config: Option<usize>) -> Result<(), Error> {
        let absolute = ignored::absolute(folder);
        self.ignored = if self.search.no_ignore { Ignored::nothing() } else { Ignored::above(&absolute) };
        self.root = trust::work_tree(&absolute).unwrap_or(&absolute).to_owned();
        self.kustomizations.around(folder);
        let (before, left_out) = (self.sources.len(), self.left_out.len());
        self.roots.insert(absolute.clone());
        self.walk(folder, &absolute, Fate::Seen, config)?;
        self.listed(folder, &absolute)?;
        if self.sources.len() == before {
            let git = if self.left_out.len() > left_out { " that git does not ignore" } else { "" };
            self.add(name, Kind::Unreadable(format!("holds no .yaml, .yml or .json file{git}")), config);
        }
        Ok(())
    }

    /// Adds the manifests below `folder`, which is `absolute` from the root, about which git says `fate`, and which lies in
    /// one that `outer` governs. Hidden folders, hidden files without objects and linked folders are left out.
    fn walk(&mut self, folder: &Path, absolute: &Path, fate: Fate, outer: Option<usize>) -> Result<(), Error> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let message = format!("cannot be listed: {error}");
                self.add(folder.display().to_string(), Kind::Unreadable(message), outer);
                return Ok(());
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        let has = |name: &str| entries.iter().any(|entry| entry.file_name() == name);
        let config = self.configs.entered(absolute, outer, has)?;
        let before = self.ignored.enter(absolute, fate, has(".git"));
        for entry in &entries {
            self.entry(entry, absolute, config)?;
        }
        self.ignored.leave(before);
        Ok(())
    }

    /// Whether a path that a search came to is not judged.
    fn excludes(&mut self, path: &Path, config: Option<usize>) -> bool {
        let file = self.configs.get(config);
        if file.is_some_and(|file| file.is_own(path)) {
            return true;
        }
        let is_excluded = self.search.excludes(path) || file.is_some_and(|file| file.excludes(path));
        if is_excluded {
            self.excluded.insert(path.to_owned());
        }
        is_excluded
    }

    fn entry(&mut self, entry: &fs::DirEntry, absolute: &Path, config: Option<usize>) -> Result<(), Error> {
        let path = entry.path();
        let name = entry.file_name();
        if is_hidden(&name) && !hidden::may_be_applied(&path) {
            return Ok(());
        }
        let kind = entry.file_type().ok();
        let is_folder = kind.is_some_and(|kind| kind.is_dir());
        let is_named = is_manifest(&path);
        let kustomizes = kustomization::NAMES.iter().any(|known| name == *known);
        if !is_folder && !is_named && !kustomizes || self.excludes(&path, config) {
            return Ok(());
        }
        let fate = self.ignored.fate(&absolute.join(&name), is_folder).unwrap_or_else(|why| {
            let message = "cannot say which files git tracks although it ignores them; --no-ignore judges all";
            self.add(why.to_string(), Kind::Unreadable(message.to_owned()), config);
            Fate::Ignored
        });
        if fate == Fate::Ignored {
            self.left_out.insert(absolute.join(&name));
            return Ok(());
        }
        if is_folder {
            return self.walk(&path, &absolute.join(&name), fate, config);
        }
        // Only what is no file itself has to be followed.
        let is_file = kind.is_some_and(|kind| kind.is_file());
        if kustomizes && is_file {
            self.kustomizations.read(absolute.join(&name));
        }
        if is_named && is_file {
            self.add(path.display().to_string(), Kind::File(path), config);
        } else if is_named && !path.is_dir() {
            self.may_repeat = true;
            let name = path.display().to_string();
            let outside = if kind.is_some_and(|kind| kind.is_symlink()) { self.outside(&path) } else { None };
            self.add(name, outside.unwrap_or_else(|| file(path)), config);
        }
        Ok(())
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

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// Whether a file's name is that of a manifest.
pub fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}
