//! Lists what `harden try` has left behind.

use std::path::Path;
use std::process::Command;
use std::{fs, io, iter};

/// The containers, networks, volumes and images of podman, the processes of its service and the folders that belong
/// to processes whose temporary folder is `folder`.
///
/// # Errors
/// Podman that cannot list them, a folder that cannot be read.
pub fn left(folder: &Path) -> io::Result<Vec<String>> {
    let mut all = Vec::new();
    let label = "{{.Labels}}";
    for (command, format) in [
        (&["ps", "--all"][..], format!("container {{{{.Status}}}} {label}")),
        (&["network", "ls"], format!("network {label}")),
        (&["volume", "ls"], format!("volume {label}")),
        (&["images", "--all"], format!("image {label}")),
    ] {
        // Podman fails to list images while another process removes one.
        let list = || Command::new("podman").args(command).args(["--format", &format]).output().ok();
        let listed = iter::repeat_with(list).take(10).flatten().find(|output| output.status.success());
        let output = listed.ok_or_else(|| io::Error::other(format!("podman cannot list: {command:?}")))?;
        all.extend(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned));
    }
    let processes = fs::read_dir("/proc")?.flatten().filter_map(|entry| {
        let words = fs::read(entry.path().join("cmdline")).ok()?;
        Some(format!("process {}", String::from_utf8_lossy(&words).replace('\0', " ")))
    });
    all.extend(processes.filter(|text| text.starts_with("process podman")));
    all.extend(fs::read_dir(folder)?.flatten().map(|entry| format!("folder {}", entry.path().display())));
    all.retain(|text| text.contains(&folder.display().to_string()));
    Ok(all)
}
