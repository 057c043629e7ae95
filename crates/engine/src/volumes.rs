//! The volumes of a pod as the engine has them: which there are, and what is in them.

use std::collections::BTreeSet;
use std::io;

use tar::{Builder, EntryType, Header};
use trial::pod::{Container, File, Mount, Pod, Volume};

/// A bit of a folder's mode: files that are made in it belong to its group.
const SETGID: u32 = 0o2000;

/// A volume of the engine: a volume of the pod, or what a `subPath` of one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shared<'p> {
    volume: &'p Volume,
    sub_path: Option<&'p str>,
    group: Option<u32>,
}

/// The form that a mount of a container takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mounted<'p> {
    /// The volume of the engine with this number.
    Shared(usize),
    /// A file, which no volume can be mounted over: it goes into a copy of the image.
    File(&'p File),
}

/// The volumes that a pod needs, each once.
pub(crate) fn shared(pod: &Pod) -> Vec<Shared<'_>> {
    let mut all: Vec<Shared<'_>> = Vec::new();
    for mount in pod.containers.iter().flat_map(|container| &container.mounts) {
        if let Some(one) = of(pod, mount)
            && !all.contains(&one)
        {
            all.push(one);
        }
    }
    all
}

/// The mounts of a container, in its order; a mount of a volume that the pod does not have is left out, as the API
/// server refuses it.
pub(crate) fn mounted<'p>(
    pod: &'p Pod,
    shared: &[Shared<'p>],
    container: &'p Container,
) -> Vec<(&'p Mount, Mounted<'p>)> {
    let one = |mount: &'p Mount| {
        let volume = volume(pod, mount)?;
        if let Some(file) = file(volume, mount) {
            return Some((mount, Mounted::File(file)));
        }
        let wanted = of(pod, mount)?;
        let number = shared.iter().position(|shared| *shared == wanted)?;
        Some((mount, Mounted::Shared(number)))
    };
    container.mounts.iter().filter_map(one).collect()
}

/// The names of volumes whose parts are separate here and one in a cluster.
pub(crate) fn split<'p>(shared: &[Shared<'p>]) -> BTreeSet<&'p str> {
    let parts = |name: &str| shared.iter().filter(|shared| shared.volume.name == name).count();
    let writable = shared.iter().filter(|shared| shared.volume.writable);
    writable.map(|shared| shared.volume.name.as_str()).filter(|name| parts(name) > 1).collect()
}

fn volume<'p>(pod: &'p Pod, mount: &Mount) -> Option<&'p Volume> {
    pod.volumes.iter().find(|volume| volume.name == mount.volume)
}

fn of<'p>(pod: &'p Pod, mount: &'p Mount) -> Option<Shared<'p>> {
    let volume = volume(pod, mount)?;
    let sub_path = mount.sub_path.as_deref().map(|path| path.trim_matches('/')).filter(|path| !path.is_empty());
    let whole = Shared { volume, sub_path, group: pod.fs_group.filter(|_| volume.takes_group) };
    file(volume, mount).is_none().then_some(whole)
}

/// The file that a `subPath` names.
fn file<'p>(volume: &'p Volume, mount: &Mount) -> Option<&'p File> {
    let path = mount.sub_path.as_deref()?.trim_matches('/');
    volume.files.iter().find(|file| file.path == path)
}

impl Shared<'_> {
    /// Whether containers may write into it.
    pub(crate) fn is_writable(&self) -> bool {
        self.volume.writable
    }

    /// Its first content with its own folder, as an archive.
    pub(crate) fn archive(&self) -> io::Result<Vec<u8>> {
        let mut archive = Builder::new(Vec::new());
        let setgid = if self.group.is_some() { SETGID } else { 0 };
        self.folder(&mut archive, "./", self.volume.mode | setgid)?;
        let mut folders = BTreeSet::new();
        let prefix = self.sub_path.map(|path| format!("{path}/")).unwrap_or_default();
        for file in &self.volume.files {
            let Some(path) = file.path.strip_prefix(&prefix) else { continue };
            for (end, _) in path.match_indices('/') {
                if folders.insert(&path[..end]) {
                    self.folder(&mut archive, &path[..=end], 0o755 | setgid)?;
                }
            }
            // The group that owns a volume can read it.
            let mode = file.mode | if self.group.is_some() { 0o440 } else { 0 };
            put(&mut archive, path, &file.bytes, mode, self.group)?;
        }
        archive.into_inner()
    }

    fn folder(&self, archive: &mut Builder<Vec<u8>>, path: &str, mode: u32) -> io::Result<()> {
        let mut header = header(mode, self.group);
        header.set_entry_type(EntryType::Directory);
        // `append_data` would leave out the dot of the volume's own folder.
        if path == "./" {
            header.set_size(0);
            header.as_old_mut().name[..2].copy_from_slice(b"./");
            header.set_cksum();
            return archive.append(&header, io::empty());
        }
        archive.append_data(&mut header, path, io::empty())
    }
}

/// Files with their paths, as an archive to unpack at the root of an image.
pub(crate) fn files<'p>(files: impl Iterator<Item = (&'p str, &'p File)>, group: Option<u32>) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for (path, file) in files {
        let mode = file.mode | if group.is_some() { 0o440 } else { 0 };
        put(&mut archive, path.trim_start_matches('/'), &file.bytes, mode, group)?;
    }
    archive.into_inner()
}

fn put(archive: &mut Builder<Vec<u8>>, path: &str, bytes: &[u8], mode: u32, group: Option<u32>) -> io::Result<()> {
    let mut header = header(mode, group);
    header.set_size(bytes.len() as u64);
    archive.append_data(&mut header, path, bytes)
}

fn header(mode: u32, group: Option<u32>) -> Header {
    let mut header = Header::new_gnu();
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(group.unwrap_or(0).into());
    header.set_mtime(0);
    header.set_size(0);
    header
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
