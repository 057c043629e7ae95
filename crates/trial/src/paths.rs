//! Which directories an `emptyDir` must cover so that a container can write what it wrote.

use std::collections::BTreeSet;

use crate::outcome::{Change, ChangeKind};

/// A directory that a container writes to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writable {
    /// Its path.
    pub path: String,
    /// How much of the image an `emptyDir` there hides.
    pub hides: Hides,
}

/// How much of the image an `emptyDir` hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hides {
    /// Nothing: the container made the directory.
    Nothing,
    /// Files that the image may have in the directory.
    Perhaps,
    /// Files of the image: one was changed or removed.
    Files,
}

/// The places that a container wrote to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// The directories, sorted.
    pub directories: Vec<Writable>,
    /// Files beside which nothing but `/` could be mounted.
    pub in_root: Vec<String>,
}

/// Below these, the kernel or the engine has file systems of its own.
const KERNEL: [&str; 3] = ["/proc", "/sys", "/dev"];
/// Files that the engine makes.
const ENGINE: [&str; 8] = [
    "/.dockerenv",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
    "/run/.containerenv",
    "/run/secrets",
    "/run/lock",
];
/// Links of most images, with what they lead to.
const LINKS: [(&str, &str); 2] = [("/var/run", "/run"), ("/var/lock", "/run/lock")];

/// The paths that a mount may have in the container: as it is written, and with the links of most images followed.
fn places(mount: &str) -> Vec<String> {
    let path = mount.trim_end_matches('/');
    let link = LINKS.iter().find(|(link, _)| is_below(path, link));
    let followed = link.map(|(link, to)| path.replacen(link, to, 1));
    [path.to_owned()].into_iter().chain(followed).collect()
}

/// Whether a mount stands at a path.
pub(crate) fn is_at(mount: &str, path: &str) -> bool {
    places(mount).iter().any(|place| place == path.trim_end_matches('/'))
}

/// Whether a path is a directory or lies below it.
pub(crate) fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a volume can be mounted at a path: `/` and what the kernel has cannot be covered.
pub(crate) fn can_be_covered(path: &str) -> bool {
    path.len() > 1
        && path.starts_with('/')
        && path.split('/').skip(1).all(|part| !part.is_empty() && part != "." && part != ".." && !part.contains(':'))
        && !KERNEL.iter().any(|kernel| is_below(path, kernel))
}

/// Groups what a container wrote into the directories that have to be writable, but for those below `mounts`.
pub fn written(changes: &[Change], mounts: &[String]) -> Written {
    let mounts: Vec<String> = mounts.iter().flat_map(|mount| places(mount)).collect();
    let mut written = Written::default();
    let mut found: BTreeSet<Writable> = BTreeSet::new();
    for change in changes.iter().filter(|change| is_leaf(change, changes) && !is_apart(&change.path, &mounts)) {
        let made = changes.iter().filter(|above| above.kind == ChangeKind::Added);
        let topmost = made
            .map(|above| above.path.as_str())
            .filter(|above| *above != change.path && is_below(&change.path, above))
            .min_by_key(|above| above.len());
        let writable = match topmost {
            Some(path) => Writable { path: path.to_owned(), hides: Hides::Nothing },
            None => {
                let hides = if change.kind == ChangeKind::Added { Hides::Perhaps } else { Hides::Files };
                Writable { path: parent(&change.path).to_owned(), hides }
            }
        };
        if can_be_covered(&writable.path) {
            found.insert(writable);
        } else {
            written.in_root.push(change.path.clone());
        }
    }
    written.directories = outermost(found, changes);
    written
}

/// Whether nothing in a list lies below a path: a folder is listed whenever its entries changed.
fn is_leaf(change: &Change, all: &[Change]) -> bool {
    !all.iter().any(|other| other.path != change.path && is_below(&other.path, &change.path))
}

/// Whether the kernel, the engine or a mount is why a path is listed. The folders around a mount are, too.
fn is_apart(path: &str, mounts: &[String]) -> bool {
    KERNEL.iter().any(|kernel| is_below(path, kernel))
        || ENGINE.contains(&path)
        || mounts.iter().any(|mount| is_below(path, mount) || is_below(mount, path))
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("/", |(parent, _)| if parent.is_empty() { "/" } else { parent })
}

/// Leaves out the directories that the container makes itself in another one; one of the image that another hides stays.
fn outermost(found: BTreeSet<Writable>, changes: &[Change]) -> Vec<Writable> {
    let mut kept: Vec<Writable> = Vec::new();
    for writable in found {
        let of_image = changes.iter().any(|change| change.path == writable.path && change.kind == ChangeKind::Changed);
        match kept.iter_mut().find(|other| is_below(&writable.path, &other.path)) {
            Some(same) if same.path == writable.path => same.hides = same.hides.max(writable.hides),
            Some(_) if !of_image => {}
            _ => kept.push(writable),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `A /data`, one a line, as `podman diff` writes them.
    fn changes(text: &str) -> Vec<Change> {
        let kind = |word: &str| match word {
            "A" => ChangeKind::Added,
            "D" => ChangeKind::Deleted,
            _ => ChangeKind::Changed,
        };
        let change = |(word, path): (&str, &str)| Change { path: path.to_owned(), kind: kind(word) };
        text.split(", ").filter_map(|line| line.split_once(' ')).map(change).collect()
    }

    fn found(text: &str, mounts: &[&str]) -> String {
        let mounts: Vec<String> = mounts.iter().map(|mount| (*mount).to_owned()).collect();
        let Written { directories, in_root } = written(&changes(text), &mounts);
        let shown = directories.iter().map(|writable| format!("{} {:?}", writable.path, writable.hides));
        shown.chain(in_root.iter().map(|path| format!("root: {path}"))).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_was_written_is_grouped_to_directories() {
        for (text, expected) in [
            ("C /data, A /data/a, A /data/b", "/data Perhaps"),
            ("A /data, A /data/a, A /data/b, A /data/b/c", "/data Nothing"),
            ("C /var, C /var/lib, A /var/lib/app, A /var/lib/app/db", "/var/lib/app Nothing"),
            ("C /run, A /run/app.pid, A /run/app, A /run/app/x", "/run Perhaps"),
            ("C /run, A /run/a.pid, C /run/app, A /run/app/x", "/run Perhaps, /run/app Perhaps"),
            ("C /etc, C /etc/passwd", "/etc Files"),
            ("C /etc, C /etc/conf.d, D /etc/conf.d/default, A /etc/conf.d/x", "/etc/conf.d Files"),
            ("A /a.txt, A /made", "root: /a.txt, root: /made"),
            ("C /run, A /run/.containerenv, C /etc, C /etc/hosts, C /proc, A /proc/x, C /dev, A /dev/y", ""),
            ("C /var, C /var/run, A /var/run/x.pid", "/var/run Perhaps"),
            ("", ""),
        ] {
            assert_eq!(found(text, &[]), expected, "{text}");
        }
        assert_eq!(found("C /data, A /data/a, C /run, A /run/b", &["/data", "/var/run/"]), "");
        assert_eq!(found("C /data, A /data/sub", &["/data/sub/"]), "", "the folder of a mount");
        assert_eq!(found("C /data", &["/data/sub"]), "", "the same");
    }

    #[test]
    fn neither_root_nor_what_the_kernel_has_is_covered() {
        for (path, can) in [
            ("/data", true),
            ("/", false),
            ("/proc", false),
            ("/sys/x", false),
            ("/dev/shm", false),
            ("data", false),
            ("/a/../b", false),
            ("/devices", true),
            ("/a:b", false),
        ] {
            assert_eq!(can_be_covered(path), can, "{path}");
        }
    }
}
