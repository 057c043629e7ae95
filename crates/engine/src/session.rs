//! Whose containers are whose: labels, and a lock that says whether their maker still lives.
//!
//! Everything that is made carries the path of a folder of the process that made it, and the name of its machine. In
//! the folder is a file that the process holds a lock on; a lock ends with its process, however that ends. What belongs
//! to a folder that is gone, or to one whose lock is free, is left over.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use tempfile::TempDir;

use crate::EngineError;

/// The label of everything that belongs to a process: its machine, when it began in seconds since 1970, its folder.
/// One label, since podman takes no second one for an image that it is sent.
pub(crate) const OWNER: &str = "io.github.harden.owner";
/// The label of everything that belongs to one run of a pod.
pub(crate) const RUN: &str = "io.github.harden.run";
/// The label of the sandboxes of pods, which go after the containers that join them.
pub(crate) const SANDBOX: &str = "io.github.harden.sandbox";

/// The beginning of the folder's name, before six characters of its own.
const PREFIX: &str = "harden-try-";
const LOCK: &str = "lock";

/// Leftovers of another machine are removed after a day.
const STALE: u64 = 24 * 60 * 60;

/// This process, as the owner of containers.
#[derive(Debug)]
pub(crate) struct Session {
    folder: TempDir,
    _lock: File,
    began: u64,
    runs: Cell<u32>,
}

impl Session {
    /// Makes the folder and locks it.
    pub(crate) fn begin() -> Result<Session, EngineError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| EngineError::Io { path, source }
        };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(io(&std::env::temp_dir()))?;
        let path = folder.path().join(LOCK);
        let lock = File::create_new(&path).map_err(io(&path))?;
        // Where a file system has no locks, `clean` of another process must not be run beside this one.
        lock.try_lock().map_err(|error| EngineError::Io { path, source: error.into() })?;
        Ok(Session { folder, _lock: lock, began: now(), runs: Cell::new(0) })
    }

    /// A folder that nobody else can look into.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A name for what is made, unlike that of any other process.
    fn name(&self) -> String {
        let name = self.folder.path().file_name().unwrap_or_default();
        name.to_string_lossy().to_lowercase()
    }

    /// The value of the label [`OWNER`].
    pub(crate) fn owner(&self) -> String {
        owner(&machine(), self.began, self.folder.path())
    }

    /// The labels of what belongs to the process as a whole.
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        HashMap::from([(OWNER.to_owned(), self.owner())])
    }

    /// The name of the next run.
    pub(crate) fn next(&self) -> Run {
        self.runs.set(self.runs.get() + 1);
        let name = format!("{}-{}", self.name(), self.runs.get());
        let mut labels = self.labels();
        labels.insert(RUN.to_owned(), name.clone());
        Run { name, labels }
    }

    /// Whether something with these labels was left by a process that has ended.
    pub(crate) fn is_left(&self, labels: &HashMap<String, String>) -> bool {
        let Some(owner) = labels.get(OWNER) else { return false };
        let mut parts = owner.splitn(3, ' ');
        let (Some(machine), Some(began), Some(folder)) = (parts.next(), parts.next(), parts.next()) else {
            return false;
        };
        let folder = Path::new(folder);
        if machine == self::machine() {
            return folder != self.folder.path() && is_free(folder);
        }
        began.parse::<u64>().is_ok_and(|began| began.saturating_add(STALE) < now())
    }

    /// Removes the folders of processes that have ended, and says how many.
    pub(crate) fn sweep(&self) -> usize {
        let beside = self.folder.path().parent().unwrap_or(Path::new("/tmp"));
        let left = fs::read_dir(beside).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| {
            let ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
            ours && path != self.folder.path() && path.join(LOCK).is_file() && is_free(path)
        });
        let left: Vec<PathBuf> = left.collect();
        left.iter().filter(|path| fs::remove_dir_all(path).is_ok()).count()
    }
}

/// The value of the label of an owner.
fn owner(machine: &str, began: u64, folder: &Path) -> String {
    format!("{machine} {began} {}", folder.display())
}

/// Whether nobody holds the lock of a folder.
fn is_free(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(file) => file.try_lock().is_ok(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

/// The name of what is made in one run, and its labels.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    name: String,
    labels: HashMap<String, String>,
}

impl Run {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The labels of what belongs to it.
    pub(crate) fn labels(&self) -> HashMap<String, String> {
        self.labels.clone()
    }

    /// The labels of a pod's sandbox.
    pub(crate) fn sandbox_labels(&self) -> HashMap<String, String> {
        let mut labels = self.labels();
        labels.insert(SANDBOX.to_owned(), self.name.clone());
        labels
    }
}

/// The name of this machine and of this start of it; in a container, of that.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let host = read("/proc/sys/kernel/hostname");
    let boot = read("/proc/sys/kernel/random/boot_id");
    format!("{}/{}", host.trim().replace(' ', "-"), boot.trim())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_made_is_left() {
        let mine = Session::begin().unwrap();
        let other = Session::begin().unwrap();
        let labels = other.next().labels();
        assert_eq!(labels[RUN], other.name() + "-1");
        assert!(!mine.is_left(&labels), "the other lives");
        assert!(!mine.is_left(&mine.labels()), "that is this process");
        assert!(!mine.is_left(&HashMap::new()), "nobody's");
        drop(other);
        assert!(mine.is_left(&labels));
    }

    #[test]
    fn what_another_machine_made_is_left_after_a_day() {
        let mine = Session::begin().unwrap();
        let labels = |machine: &str, began: u64| {
            let owner = owner(machine, began, Path::new("/nowhere/harden-try-x"));
            HashMap::from([(OWNER.to_owned(), owner)])
        };
        assert!(mine.is_left(&labels(&machine(), now())), "its folder is gone");
        assert!(!mine.is_left(&labels("elsewhere/1", now())));
        assert!(mine.is_left(&labels("elsewhere/1", now() - STALE - 1)));
    }

    #[test]
    fn folders_of_dead_processes_go() {
        let mine = Session::begin().unwrap();
        let other = Session::begin().unwrap();
        let killed = mine.folder().with_file_name(format!("{PREFIX}killed"));
        fs::create_dir_all(&killed).unwrap();
        fs::write(killed.join(LOCK), "").unwrap();
        mine.sweep();
        assert!(!killed.exists());
        assert!(mine.folder().exists() && other.folder().exists());
    }
}
