//! Which configuration governs which file: the nearest upwards, so that every service of a repository may have its own.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use super::file::{self, ConfigFile};
use crate::error::Error;
use crate::trust;

/// The configurations of a run.
#[derive(Debug)]
pub struct Configs {
    /// The files that were read, in the order in which they were met.
    files: Vec<ConfigFile>,
    lookup: Lookup,
}

/// Where configurations come from.
#[derive(Debug)]
enum Lookup {
    /// One holds for every file, or none does.
    Fixed,
    /// The nearest upwards holds.
    Nearest {
        home: Option<PathBuf>,
        /// Whether what is found counts as what is named.
        trusts_found: bool,
        /// The configuration of each folder that was asked for, from the root.
        folders: BTreeMap<PathBuf, Option<usize>>,
    },
}

impl Configs {
    /// This configuration for every file, or none at all.
    pub fn fixed(file: Option<ConfigFile>) -> Configs {
        Configs { files: file.into_iter().collect(), lookup: Lookup::Fixed }
    }

    /// For each file the nearest configuration upwards, no higher than the root of the work tree or the home folder.
    /// `trusts_found` says that what is found counts as what is named.
    pub fn nearest(trusts_found: bool) -> Configs {
        let lookup = Lookup::Nearest { home: trust::home(), trusts_found, folders: BTreeMap::new() };
        Configs { files: Vec::new(), lookup }
    }

    /// The configuration with this number.
    pub fn get(&self, config: Option<usize>) -> Option<&ConfigFile> {
        self.files.get(config?)
    }

    /// Every configuration that was read.
    pub fn into_files(self) -> Vec<ConfigFile> {
        self.files
    }

    /// The number of the configuration for a file or folder; of that for the current folder, if it is `-`.
    ///
    /// # Errors
    /// A configuration that belongs to another user, cannot be read or used, or names what a configuration that is not
    /// trusted may not reach.
    pub fn of(&mut self, path: &Path) -> Result<Option<usize>, Error> {
        if matches!(self.lookup, Lookup::Fixed) {
            return Ok(self.fixed_one());
        }
        match folder_of(path) {
            Some(folder) => self.of_folder(&folder),
            None => Ok(None),
        }
    }

    /// The number of the configuration for the folder that all these paths have in common.
    ///
    /// # Errors
    /// As [`Configs::of`].
    pub fn of_all(&mut self, paths: &[PathBuf]) -> Result<Option<usize>, Error> {
        let folders = paths.iter().filter_map(|path| folder_of(path));
        let common = folders.reduce(|one, other| {
            let shared = one.components().zip(other.components()).take_while(|(one, other)| one == other);
            shared.map(|(part, _)| part).collect()
        });
        self.of(&common.unwrap_or_else(|| PathBuf::from(".")))
    }

    /// The number of the configuration for a folder, `absolute` from the root, that a search enters from one which `outer`
    /// governs; `has` says whether a file of this name is in it.
    ///
    /// # Errors
    /// As [`Configs::of`].
    pub(crate) fn entered(
        &mut self,
        absolute: &Path,
        outer: Option<usize>,
        has: impl Fn(&str) -> bool,
    ) -> Result<Option<usize>, Error> {
        let is_searched = matches!(self.lookup, Lookup::Nearest { .. }) && super::NAMES.iter().any(|name| has(name));
        match is_searched.then(|| file_in(absolute)).flatten() {
            Some(path) => self.load(&path, &[absolute]).map(Some),
            None => Ok(outer),
        }
    }

    /// Whether a path that was named is excluded: by its own configuration or by one further up, as a search from there
    /// would not have come to it.
    ///
    /// # Errors
    /// As [`Configs::of`].
    pub(crate) fn exclude(&mut self, path: &Path, config: Option<usize>) -> Result<bool, Error> {
        let mut next = config;
        while let Some(file) = self.get(next) {
            if file.excludes(path) {
                return Ok(true);
            }
            let folder = file.folder.clone();
            next = match folder.parent() {
                Some(parent) if self.goes_on_above(&folder) => self.of_folder(parent)?,
                _ => None,
            };
        }
        Ok(false)
    }

    fn fixed_one(&self) -> Option<usize> {
        (!self.files.is_empty()).then_some(0)
    }

    /// Whether the search goes on above a folder.
    fn goes_on_above(&self, folder: &Path) -> bool {
        match &self.lookup {
            Lookup::Fixed => false,
            Lookup::Nearest { home, .. } => !trust::is_work_tree(folder) && home.as_deref() != Some(folder),
        }
    }

    /// The number of the configuration for a folder, which is absolute and without links.
    fn of_folder(&mut self, folder: &Path) -> Result<Option<usize>, Error> {
        let mut passed = Vec::new();
        let mut found = None;
        for above in folder.ancestors() {
            let Lookup::Nearest { folders, .. } = &self.lookup else { return Ok(self.fixed_one()) };
            if let Some(known) = folders.get(above) {
                found = *known;
                self.check_owners(found, &passed)?;
                break;
            }
            passed.push(above);
            if let Some(path) = file_in(above) {
                found = Some(self.load(&path, &passed)?);
                break;
            }
            if !self.goes_on_above(above) {
                break;
            }
        }
        if let Lookup::Nearest { folders, .. } = &mut self.lookup {
            folders.extend(passed.into_iter().map(|folder| (folder.to_owned(), found)));
        }
        Ok(found)
    }

    /// Refuses to take a configuration for folders of another user.
    fn check_owners(&self, config: Option<usize>, folders: &[&Path]) -> Result<(), Error> {
        match self.get(config) {
            Some(file) if !file.trusted => trust::check_owner(&file.path, folders),
            _ => Ok(()),
        }
    }

    /// Reads the configuration at `path`, which was found for these folders, unless it was read before; gives its number.
    fn load(&mut self, path: &Path, folders: &[&Path]) -> Result<usize, Error> {
        if let Some(known) = self.files.iter().position(|file| file.path == path) {
            self.check_owners(Some(known), folders)?;
            return Ok(known);
        }
        let trusts_found = matches!(self.lookup, Lookup::Nearest { trusts_found: true, .. });
        self.files.push(file::load_found(path, folders, trusts_found)?);
        Ok(self.files.len() - 1)
    }
}

/// The configuration in a folder. GitHub's folder of workflows holds workflows only, whatever they are called.
fn file_in(folder: &Path) -> Option<PathBuf> {
    if folder.ends_with(".github/workflows") { None } else { trust::first_of(folder, &super::NAMES) }
}

/// The folder that is searched first for the configuration of `path`, without links.
fn folder_of(path: &Path) -> Option<PathBuf> {
    let path = if path == Path::new("-") { Path::new(".") } else { path };
    let mut start = trust::real(path).or_else(|| env::current_dir().ok())?;
    if !start.is_dir() {
        start.pop();
    }
    Some(start)
}
