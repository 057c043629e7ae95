//! An image made from nothing, for tests with a real container engine: a static busybox with its commands, two users,
//! and folders that belong to one of them. What an engine has left of a test is listed here, too.

mod left;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tar::{Builder, EntryType, Header};

pub use self::left::left;

/// Where Debian has it.
const BUSYBOX: &str = "/bin/busybox";

/// The user of the image that is not root, and its group.
pub const APP: u32 = 1000;

/// The reference of the image, made at the first call; `None`, and a word about it, where it cannot be made.
#[must_use]
pub fn image() -> Option<&'static str> {
    static IMAGE: OnceLock<Result<String, String>> = OnceLock::new();
    match IMAGE.get_or_init(make) {
        Ok(reference) => Some(reference),
        Err(why) => {
            // Not captured, so that it is seen and counted.
            let _ = writeln!(io::stderr(), "skipped: {why}");
            None
        }
    }
}

fn make() -> Result<String, String> {
    let busybox = std::fs::read(BUSYBOX).map_err(|_| "busybox-static not installed".to_owned())?;
    if needs_loader(&busybox) {
        return Err("busybox is not static: busybox-static not installed".to_owned());
    }
    let archive = archive(&busybox).map_err(|error| error.to_string())?;
    let mut hash = DefaultHasher::new();
    archive.hash(&mut hash);
    let reference = format!("localhost/harden-testbox:{:016x}", hash.finish());
    let podman = || {
        let mut command = Command::new("podman");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let there = podman().args(["image", "exists", &reference]).status();
    if there.map_err(|_| "podman not installed".to_owned())?.success() {
        return Ok(reference);
    }
    let mut import = podman();
    let change = "CMD [\"/bin/sh\"]";
    let import = import.args(["import", "--change", change, "-", &reference]).stdin(Stdio::piped());
    let mut child = import.stderr(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(&archive).map_err(|error| format!("podman import: {error}"))?;
    }
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    if output.status.success() { Ok(reference) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

/// Whether an ELF file of 64 bits names a loader: a segment of type 3.
fn needs_loader(file: &[u8]) -> bool {
    let number = |at: usize, length: usize| {
        let bytes = file.get(at..at + length).unwrap_or_default();
        bytes.iter().rev().fold(0usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|segment| number(table + segment * size, 4) == 3)
}

/// The file system.
fn archive(busybox: &[u8]) -> io::Result<Vec<u8>> {
    let commands = Command::new(BUSYBOX).arg("--list").output()?.stdout;
    let mut archive = Builder::new(Vec::new());
    for (path, mode, owner) in [
        ("bin", 0o755, 0),
        ("etc", 0o755, 0),
        ("run", 0o755, 0),
        ("tmp", 0o1777, 0),
        ("data", 0o755, 0),
        ("srv", 0o755, APP),
    ] {
        put(&mut archive, path, EntryType::Directory, mode, owner, b"")?;
    }
    // The owner of a program whose bits say so is who it runs as.
    put(&mut archive, "bin/busybox", EntryType::Regular, 0o755, 0, busybox)?;
    put(&mut archive, "bin/su", EntryType::Regular, 0o4755, 0, busybox)?;
    for command in String::from_utf8_lossy(&commands).lines().filter(|name| !matches!(*name, "busybox" | "su")) {
        let mut header = header(EntryType::Symlink, 0o777, 0);
        archive.append_link(&mut header, format!("bin/{command}"), "busybox")?;
    }
    for (path, text) in [
        // Root has no password, so that `su` asks for none.
        ("etc/passwd", "root::0:0:root:/:/bin/sh\napp:x:1000:1000:app:/srv:/bin/sh\n"),
        ("etc/group", "root:x:0:\napp:x:1000:\n"),
        // Without it, glibc loads what is not there.
        ("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
        ("etc/app.conf", "from the image\n"),
    ] {
        put(&mut archive, path, EntryType::Regular, 0o644, 0, text.as_bytes())?;
    }
    archive.into_inner()
}

fn put(
    archive: &mut Builder<Vec<u8>>,
    path: &str,
    kind: EntryType,
    mode: u32,
    owner: u32,
    bytes: &[u8],
) -> io::Result<()> {
    let mut header = header(kind, mode, owner);
    header.set_size(bytes.len() as u64);
    archive.append_data(&mut header, path, bytes)
}

fn header(kind: EntryType, mode: u32, owner: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(owner.into());
    header.set_gid(owner.into());
    header.set_mtime(0);
    header.set_size(0);
    header
}
