//! The kernel's knowledge of a container that runs on this machine.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The processes of a container, by the first one's id on this machine.
#[derive(Debug)]
pub(crate) struct Processes {
    first: PathBuf,
    all: Vec<PathBuf>,
}

impl Processes {
    /// The processes that share a container's view of processes; `None` where it is not to be seen from here, as with
    /// an engine in a virtual machine.
    pub(crate) fn of(pid: i64, container: &str) -> Option<Processes> {
        let first = PathBuf::from(format!("/proc/{pid}"));
        // Another machine's number may be the one of a process here.
        let ours = fs::read_to_string(first.join("cgroup")).ok()?.contains(container);
        let space = |process: &Path| fs::read_link(process.join("ns/pid")).ok();
        let own = space(&first).filter(|_| ours)?;
        let mut all: Vec<PathBuf> = fs::read_dir("/proc").ok()?.flatten().map(|entry| entry.path()).collect();
        all.retain(|path| {
            let number =
                path.file_name().is_some_and(|name| name.to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
            number && space(path).as_ref() == Some(&own)
        });
        Some(Processes { first, all })
    }

    /// The numeric ids of the users that they run as, as the container numbers them.
    pub(crate) fn users(&self) -> BTreeSet<u32> {
        let map = fs::read_to_string(self.first.join("uid_map")).unwrap_or_default();
        let effective = |process: &PathBuf| {
            let status = fs::read_to_string(process.join("status")).ok()?;
            effective_user(&status).and_then(|user| inside(&map, user))
        };
        self.all.iter().filter_map(effective).collect()
    }

    /// The TCP ports that they listen on; those of the whole pod where sockets cannot be told apart.
    pub(crate) fn ports(&self) -> BTreeSet<u16> {
        let read = |name: &str| fs::read_to_string(self.first.join("net").join(name)).unwrap_or_default();
        let mut listening = listening(&read("tcp"));
        listening.extend(self::listening(&read("tcp6")));
        let mut own = BTreeSet::new();
        let mut can_tell = false;
        for process in &self.all {
            let Ok(open) = fs::read_dir(process.join("fd")) else { continue };
            can_tell = true;
            for target in open.flatten().filter_map(|file| fs::read_link(file.path()).ok()) {
                let target = target.to_string_lossy();
                let socket = target.strip_prefix("socket:[").and_then(|text| text.strip_suffix(']'));
                own.extend(socket.and_then(|inode| listening.get(inode)));
            }
        }
        if can_tell { own } else { listening.into_values().collect() }
    }

    /// The most memory that they have used together, in bytes.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let old = self.group("memory").map(|folder| folder.join("memory.max_usage_in_bytes"));
        let new = self.group("").map(|folder| folder.join("memory.peak"));
        old.iter().chain(&new).find_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok())
    }

    /// The processor time that they have used together.
    pub(crate) fn processor(&self) -> Option<Duration> {
        let old = self.group("cpuacct").and_then(|folder| fs::read_to_string(folder.join("cpuacct.usage")).ok());
        if let Some(nanoseconds) = old.and_then(|text| text.trim().parse().ok()) {
            return Some(Duration::from_nanos(nanoseconds));
        }
        let new = fs::read_to_string(self.group("")?.join("cpu.stat")).ok()?;
        let line = new.lines().find_map(|line| line.strip_prefix("usage_usec "))?;
        Some(Duration::from_micros(line.trim().parse().ok()?))
    }

    /// The folder of their control group: that of a controller of version 1, or without a name that of version 2.
    fn group(&self, controller: &str) -> Option<PathBuf> {
        let groups = fs::read_to_string(self.first.join("cgroup")).ok()?;
        let path = group(&groups, controller)?;
        Some(Path::new("/sys/fs/cgroup").join(controller).join(path.trim_start_matches('/')))
    }
}

/// Whether somebody listens on a TCP port of a process's network, for others than that network itself.
pub(crate) fn listens(pid: i64, port: u16) -> bool {
    let tables = ["tcp", "tcp6"].map(|name| fs::read_to_string(format!("/proc/{pid}/net/{name}")).unwrap_or_default());
    tables.iter().any(|table| is_open(table, port))
}

/// Whether a table of sockets has one that listens on a port, and not at a loopback address only.
fn is_open(table: &str, port: u16) -> bool {
    table.lines().any(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (local, state) = (fields.next(), fields.nth(1));
        let Some((address, number)) = local.and_then(|local| local.rsplit_once(':')) else { return false };
        let is_loopback = matches!(address, "0100007F" | "00000000000000000000000001000000");
        state == Some("0A") && u16::from_str_radix(number, 16) == Ok(port) && !is_loopback
    })
}

/// The path of a control group in a process's list of them.
fn group<'t>(groups: &'t str, controller: &str) -> Option<&'t str> {
    groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers.split(',').any(|name| name == controller).then_some(path)
    })
}

/// The effective user in a process's status.
fn effective_user(status: &str) -> Option<u32> {
    status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().nth(1)?.parse().ok()
}

/// The number that a container has for a user of this machine.
fn inside(map: &str, user: u32) -> Option<u32> {
    map.lines().find_map(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let (inside, outside, count) = (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        let offset = user.checked_sub(outside).filter(|offset| *offset < count)?;
        inside.checked_add(offset)
    })
}

/// The ports of a table of sockets that are listened on, by the number of their socket.
fn listening(table: &str) -> BTreeMap<String, u16> {
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (_, port) = fields.get(1)?.rsplit_once(':')?;
        let is_listening = *fields.get(3)? == "0A";
        let port = u16::from_str_radix(port, 16).ok().filter(|_| is_listening)?;
        Some(((*fields.get(9)?).to_owned(), port))
    };
    table.lines().filter_map(socket).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
                     0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 30327 1 0\n   \
                     1: 0100007F:0050 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 30328 1 0\n";
        assert_eq!(listening(table), BTreeMap::from([("30327".to_owned(), 8080)]));
        assert!(is_open(table, 8080) && !is_open(table, 80));
        assert!(!is_open(&table.replace("00000000:1F90", "0100007F:1F90"), 8080), "it listens for itself only");
        assert_eq!(effective_user("Name:\tx\nUid:\t1000\t1001\t1000\t1000\nGid:\t0\n"), Some(1001));
        assert_eq!(inside("         0       1000          1\n         1     100000      65536\n", 100_004), Some(5));
        assert_eq!(inside("0 1000 1\n", 0), None);
        assert_eq!(inside("0 0 4294967295\n", 0), Some(0));
        let groups = "9:name=systemd:/a\n4:memory:/b\n1:cpu,cpuacct:/c\n0::/d\n";
        assert_eq!(group(groups, "memory"), Some("/b"));
        assert_eq!(group(groups, "cpuacct"), Some("/c"));
        assert_eq!(group(groups, ""), Some("/d"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_seen_and_no_other_takes_its_number() {
        let pid = i64::from(std::process::id());
        let group = fs::read_to_string("/proc/self/cgroup").unwrap();
        let own = Processes::of(pid, group.lines().next().unwrap()).unwrap();
        assert!(own.all.contains(&PathBuf::from(format!("/proc/{pid}"))));
        assert!(!own.users().is_empty());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(own.ports().contains(&listener.local_addr().unwrap().port()));
        assert!(Processes::of(pid, "no such container").is_none());
    }
}
