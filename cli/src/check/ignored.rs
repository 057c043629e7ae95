//! What git does not track: `.gitignore` files, and `.git/info/exclude`, of a work tree.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// The rules that hold in a folder; none outside a git work tree.
pub(super) struct Ignored {
    /// One for each folder with a file of rules, from the work tree's root down.
    rules: Vec<Gitignore>,
    is_work_tree: bool,
}

impl Ignored {
    /// No rules at all.
    pub(super) fn nothing() -> Ignored {
        Ignored { rules: Vec::new(), is_work_tree: false }
    }

    /// The rules that hold in `folder` (absolute) by what stands above it.
    pub(super) fn above(folder: &Path) -> Ignored {
        let Some(root) = folder.ancestors().find(|above| above.join(".git").exists()) else {
            return Ignored::nothing();
        };
        let mut ignored = Ignored { rules: Vec::new(), is_work_tree: true };
        ignored.read(root, &root.join(".git/info/exclude"));
        let between: Vec<&Path> = folder.ancestors().skip(1).take_while(|above| above.starts_with(root)).collect();
        between.into_iter().rev().for_each(|above| {
            ignored.enter(above);
        });
        ignored
    }

    /// Adds the rules of `folder` itself; gives how many there were before, to go back to with [`Ignored::leave`].
    pub(super) fn enter(&mut self, folder: &Path) -> usize {
        let before = self.rules.len();
        if self.is_work_tree {
            self.read(folder, &folder.join(".gitignore"));
        }
        before
    }

    /// Goes back to the rules that held before.
    pub(super) fn leave(&mut self, before: usize) {
        self.rules.truncate(before);
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

    /// Whether git leaves `path` (absolute) alone. The rules of the nearest folder win.
    pub(super) fn covers(&self, path: &Path, is_folder: bool) -> bool {
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
