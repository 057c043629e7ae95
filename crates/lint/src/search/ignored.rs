//! Finds out what git ignores: the rules of `.gitignore` files and `.git/info/exclude` of a work tree, but for what
//! is tracked.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::tracked::Tracked;
use crate::error::Error;

/// The rules that hold in a folder; none outside a git work tree.
pub(super) struct Ignored {
    /// One for each folder with a file of rules, from the work tree's root down.
    rules: Vec<Gitignore>,
    /// The work tree's root.
    root: Option<PathBuf>,
    /// The tracked files, read once something matches a rule.
    tracked: Option<Tracked>,
    /// Whether the folder is ignored itself, and searched for what git tracks in it.
    in_ignored: bool,
}

/// Git's view of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// No rule is about it.
    Seen,
    /// A rule is about it, but it is tracked, or something in it is.
    Tracked,
    /// Git leaves it alone.
    Ignored,
}

/// The rules that applied before a folder was entered.
pub(super) struct Before {
    rules: usize,
    in_ignored: bool,
    /// The work tree around, if the folder is the root of one.
    outer: Option<Ignored>,
}

impl Ignored {
    /// No rules at all.
    pub(super) fn nothing() -> Ignored {
        Ignored { rules: Vec::new(), root: None, tracked: None, in_ignored: false }
    }

    /// The rules that hold in `folder` (absolute) by what stands above it.
    pub(super) fn above(folder: &Path) -> Ignored {
        let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else {
            return Ignored::nothing();
        };
        let mut ignored = Ignored { root: Some(root.to_owned()), ..Ignored::nothing() };
        ignored.read(root, &root.join(".git/info/exclude"));
        let between: Vec<&Path> = folder.ancestors().skip(1).take_while(|above| above.starts_with(root)).collect();
        between.into_iter().rev().for_each(|above| ignored.read(above, &above.join(".gitignore")));
        ignored
    }

    /// Adds the rules of `folder` itself, whose fate is `fate`; `is_root` if it is a work tree of its own. Gives
    /// what to go back to with [`Ignored::leave`].
    pub(super) fn enter(&mut self, folder: &Path, fate: Fate, is_root: bool) -> Before {
        let is_another = is_root && self.root.as_deref().is_some_and(|root| root != folder);
        let outer = is_another.then(|| std::mem::replace(self, Ignored::above(folder)));
        let before = Before { rules: self.rules.len(), in_ignored: self.in_ignored, outer };
        if self.root.is_some() {
            self.read(folder, &folder.join(".gitignore"));
            self.in_ignored |= fate == Fate::Tracked && !is_another;
        }
        before
    }

    /// Goes back to the rules that held before.
    pub(super) fn leave(&mut self, before: Before) {
        match before.outer {
            Some(outer) => *self = outer,
            None => {
                self.rules.truncate(before.rules);
                self.in_ignored = before.in_ignored;
            }
        }
    }

    fn read(&mut self, folder: &Path, file: &Path) {
        if !file.is_file() {
            return;
        }
        let mut builder = GitignoreBuilder::new(folder);
        // A line that git could not read either is left out; the others hold.
        builder.add(file);
        self.rules.extend(builder.build().ok().filter(|rules| !rules.is_empty()));
    }

    /// Decides what git makes of `path` (absolute).
    ///
    /// # Errors
    /// An index that cannot be read, once; what matches a rule counts as ignored then.
    pub(super) fn fate(&mut self, path: &Path, is_folder: bool) -> Result<Fate, Error> {
        let Some(root) = self.root.as_deref().filter(|_| self.in_ignored || self.covers(path, is_folder)) else {
            return Ok(Fate::Seen);
        };
        let tracked = match &self.tracked {
            Some(tracked) => tracked,
            None => {
                let read = Tracked::of(root);
                let (tracked, error) = read.map_or_else(|why| (Tracked::default(), Some(why)), |read| (read, None));
                self.tracked = Some(tracked);
                match error {
                    Some(why) => return Err(why),
                    None => return self.fate(path, is_folder),
                }
            }
        };
        let is_tracked = path.strip_prefix(root).is_ok_and(|path| tracked.holds(path, is_folder));
        Ok(if is_tracked { Fate::Tracked } else { Fate::Ignored })
    }

    /// Whether a rule says that `path` is ignored. The rules of the nearest folder win.
    fn covers(&self, path: &Path, is_folder: bool) -> bool {
        let decide = |rules: &Gitignore| match rules.matched(path, is_folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        };
        self.rules.iter().rev().find_map(decide).unwrap_or(false)
    }
}

/// `path` from the root, without links in its folder.
pub(super) fn absolute(folder: &Path) -> PathBuf {
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}
