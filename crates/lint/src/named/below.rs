//! Files below a folder, reached without leaving it.
//!
//! Every step is taken from the folder before, by its descriptor, and never through a link, so that nobody can put a
//! link in the way between a check and its use.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Component, Path, PathBuf};

use rustix::fd::OwnedFd;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fstat, mkdirat, open, openat, statat};
use rustix::io::Errno;

use crate::named::is_gits_own;
use bounded::no_file;

/// A path below a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Below {
    folder: PathBuf,
    /// Names only.
    inside: PathBuf,
}

/// Neither waits nor follows, whatever the name leads to.
const CAREFUL: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

impl Below {
    /// The file that `path` names from `folder`.
    ///
    /// # Errors
    /// A path that leads elsewhere, to git's own folder, or nowhere; says how, to follow the path.
    pub(super) fn new(folder: &Path, path: &str) -> Result<Below, &'static str> {
        if Path::new(path).components().any(|part| part == Component::ParentDir) {
            return Err("holds `..`");
        }
        Below::from(folder, Path::new(""), path)
    }

    /// The file that `path` names from the folder `start` below `root`, both without links; `..` may lead up as far as
    /// the root.
    ///
    /// # Errors
    /// As [`Below::new`].
    pub(super) fn from(root: &Path, start: &Path, path: &str) -> Result<Below, &'static str> {
        let mut inside = start.to_owned();
        for part in Path::new(path).components() {
            match part {
                Component::Normal(name) => inside.push(name),
                Component::CurDir => {}
                // Nothing on the way is a link, so that this is what the file system would do.
                Component::ParentDir if inside.pop() => {}
                Component::ParentDir => return Err("leads out"),
                Component::RootDir | Component::Prefix(_) => return Err("is absolute"),
            }
        }
        if is_gits_own(&inside) {
            return Err("lies in git's own folder");
        }
        if inside.as_os_str().is_empty() {
            return Err("names no file");
        }
        Ok(Below { folder: root.to_owned(), inside })
    }

    /// Opens the file to read it.
    ///
    /// # Errors
    /// A link on the way, anything but a regular file, and whatever the file system says.
    pub(super) fn open(&self) -> io::Result<File> {
        let (folder, name) = self.enter(false)?;
        let found = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        only_regular(name, FileType::from_raw_mode(found.st_mode))?;
        let file = openat(&folder, name, OFlags::RDONLY | CAREFUL, Mode::empty())?;
        // Something else may stand there by now.
        only_regular(name, FileType::from_raw_mode(fstat(&file)?.st_mode))?;
        Ok(file.into())
    }

    /// Opens the file to write it anew, and makes the folders that lead to it.
    ///
    /// # Errors
    /// As [`Below::open`], and a file with a second name (hard link), which may lie elsewhere.
    pub(super) fn create(&self) -> io::Result<File> {
        let (folder, name) = self.enter(true)?;
        if let Ok(found) = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            only_regular(name, FileType::from_raw_mode(found.st_mode))?;
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | CAREFUL;
        let file = openat(&folder, name, flags, Mode::from_raw_mode(0o666))?;
        let found = fstat(&file)?;
        only_regular(name, FileType::from_raw_mode(found.st_mode))?;
        if found.st_nlink > 1 {
            return Err(refused(name, "has another name (a hard link), under which it would change, too"));
        }
        let file = File::from(file);
        file.set_len(0)?;
        Ok(file)
    }

    /// The folder of the file, and its name there.
    fn enter(&self, make: bool) -> io::Result<(OwnedFd, &OsStr)> {
        const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
        let mut folder = open(&self.folder, FOLDER, Mode::empty())?;
        let mut names = self.inside.iter().peekable();
        while let Some(name) = names.next() {
            if names.peek().is_none() {
                return Ok((folder, name));
            }
            let enter = || openat(&folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty());
            let entered = match enter() {
                Err(Errno::NOENT) if make => match mkdirat(&folder, name, Mode::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => enter(),
                    Err(error) => Err(error),
                },
                entered => entered,
            };
            folder = entered.map_err(|error| match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) if FileType::from_raw_mode(found.st_mode).is_symlink() => link(name),
                _ => error.into(),
            })?;
        }
        Err(io::ErrorKind::InvalidInput.into())
    }
}

fn only_regular(name: &OsStr, kind: FileType) -> io::Result<()> {
    match kind {
        FileType::RegularFile => Ok(()),
        FileType::Symlink => Err(link(name)),
        FileType::Directory => Err(Errno::ISDIR.into()),
        FileType::Fifo => Err(no_file("a named pipe")),
        FileType::Socket => Err(no_file("a socket")),
        _ => Err(no_file("a device")),
    }
}

fn link(name: &OsStr) -> io::Error {
    refused(name, "is a symbolic link, which is not followed")
}

fn refused(name: &OsStr, why: &str) -> io::Error {
    let message = format!("`{}` {why}; {}", name.display(), crate::named::HINT);
    io::Error::new(io::ErrorKind::PermissionDenied, message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::os::unix::fs::symlink;
    use std::process::Command;

    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_are_none() {
        for (path, expected) in [
            ("a", Ok("a")),
            ("./a//b/./c", Ok("a/b/c")),
            ("a/..b", Ok("a/..b")),
            ("/etc/passwd", Err("is absolute")),
            ("../a", Err("holds `..`")),
            ("a/b/../../c", Err("holds `..`")),
            (".git/config", Err("lies in git's own folder")),
            ("a/.GIT/hooks/post-checkout", Err("lies in git's own folder")),
            (".", Err("names no file")),
            ("", Err("names no file")),
        ] {
            let inside = Below::new(Path::new("x"), path).map(|below| below.inside.display().to_string());
            assert_eq!(inside, expected.map(str::to_owned), "{path}");
        }
    }

    #[test]
    fn from_a_folder_below_paths_lead_up_to_the_root() {
        for (path, expected) in [
            ("a", Ok("tests/a")),
            ("../deploy/a", Ok("deploy/a")),
            ("../../a", Err("leads out")),
            ("../x/../../a", Err("leads out")),
            ("..", Err("names no file")),
            ("../.git/config", Err("lies in git's own folder")),
        ] {
            let inside = Below::from(Path::new("x"), Path::new("tests"), path);
            assert_eq!(inside.map(|below| below.inside.display().to_string()), expected.map(str::to_owned), "{path}");
        }
    }

    #[test]
    fn links_pipes_and_second_names_stand_in_the_way() {
        let outside = tempfile::tempdir().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(outside.path().join("secret"), "secret").unwrap();
        symlink(outside.path(), path("linked")).unwrap();
        symlink(outside.path().join("secret"), path("link")).unwrap();
        symlink(outside.path().join("new"), path("dangling")).unwrap();
        fs::hard_link(outside.path().join("secret"), path("hard")).unwrap();
        fs::create_dir(path("folder")).unwrap();
        assert!(Command::new("mkfifo").arg(path("pipe")).status().unwrap().success());
        let of = |name: &str| Below::new(folder.path(), name).unwrap();
        for (name, read, written) in [
            ("linked/secret", "`linked` is a symbolic link", "`linked` is a symbolic link"),
            ("link", "`link` is a symbolic link", "`link` is a symbolic link"),
            ("dangling", "`dangling` is a symbolic link", "`dangling` is a symbolic link"),
            ("pipe", "is a named pipe", "is a named pipe"),
            ("folder", "directory", "directory"),
            ("folder/none", "No such file", ""),
            ("hard", "", "`hard` has another name"),
        ] {
            for (done, expected) in [(of(name).open(), read), (of(name).create(), written)] {
                let said = done.map_or_else(|error| error.to_string(), |_| String::new());
                assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{name}: {said}");
            }
        }
        assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "secret");
        assert!(!outside.path().join("new").exists());
    }

    #[test]
    fn what_is_written_is_read_and_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let below = Below::new(folder.path(), "a/b/report").unwrap();
        for text in ["a long text", "short"] {
            below.create().unwrap().write_all(text.as_bytes()).unwrap();
            let mut read = String::new();
            below.open().unwrap().read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }
}
