//! Reads the cause of a failure from what is left of it.

use crate::outcome::Evidence;
use crate::paths;

/// The signs that speak for a relaxation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// Directories of the paths that could not be written.
    pub(super) paths: Vec<String>,
    /// The file system was read-only.
    pub(super) read_only: bool,
    /// Something was denied to the user.
    pub(super) user: bool,
    /// Something was denied.
    pub(super) denied: bool,
    /// Something wanted more than its user has.
    pub(super) escalation: bool,
    /// There was too little memory.
    pub(super) memory: bool,
    pub(super) capabilities: Vec<&'static str>,
}

/// The exit code of what SIGKILL ended, as the kernel does for want of memory.
const KILLED: i64 = 128 + 9;

/// Words that programs use when a capability is missing.
const WORDS: [(&str, &[&str]); 14] = [
    ("bind", &["NET_BIND_SERVICE"]),
    ("listen", &["NET_BIND_SERVICE"]),
    ("chown", &["CHOWN"]),
    ("chgrp", &["CHOWN"]),
    ("chmod", &["FOWNER", "FSETID"]),
    ("setuid", &["SETUID"]),
    ("setgid", &["SETGID"]),
    ("setgroups", &["SETGID"]),
    ("initgroups", &["SETGID"]),
    ("su:", &["SETUID", "SETGID"]),
    ("chroot", &["SYS_CHROOT"]),
    ("mknod", &["MKNOD"]),
    ("socket", &["NET_RAW"]),
    ("kill", &["KILL"]),
];

/// Likely capabilities where something is denied and no word says more.
const USUAL: [&str; 5] = ["CHOWN", "SETUID", "SETGID", "FOWNER", "DAC_OVERRIDE"];

/// Words that programs use when they are not root and want to be.
const ESCALATION: [&str; 5] = ["no new privileges", "effective uid", "setuid root", "suid", "sudo"];

impl Hints {
    /// Reads why a container was not ready, its last lines and what was seen of it.
    pub(super) fn of(why: &str, log: &[String], evidence: Option<&Evidence>) -> Hints {
        let mut hints = Hints::default();
        let killed = evidence.is_some_and(|evidence| evidence.out_of_memory || evidence.exit == Some(KILLED));
        for line in log.iter().map(String::as_str).chain([why]) {
            hints.read(line);
        }
        hints.memory |= killed;
        hints.paths.sort_unstable();
        hints.paths.dedup();
        hints
    }

    fn read(&mut self, line: &str) {
        let lower = line.to_lowercase();
        let says = |word: &str| lower.contains(word);
        self.memory |= says("out of memory") || says("cannot allocate memory") || says("want of memory");
        if says("read-only file system") || says("erofs") {
            self.read_only = true;
            self.paths.extend(directories(line));
        }
        self.escalation |= ESCALATION.into_iter().any(says);
        let is_denied =
            ["permission denied", "operation not permitted", "not permitted", "eacces", "eperm", "must be root"]
                .into_iter()
                .any(says);
        if !is_denied && !ESCALATION.into_iter().any(says) {
            return;
        }
        self.denied = true;
        self.user = true;
        let named: Vec<&str> =
            WORDS.iter().filter(|(word, _)| says(word)).flat_map(|(_, names)| names.iter().copied()).collect();
        let likely = if named.is_empty() { USUAL.to_vec() } else { named };
        self.capabilities.extend(likely);
        self.escalation |= says("su:") || says("setuid");
    }
}

/// The directories of the absolute paths in a line that a volume can cover.
fn directories(line: &str) -> impl Iterator<Item = String> {
    let is_edge = |c: char| c.is_whitespace() || "\"'`()[]{}<>,;=".contains(c);
    let words = line.split(is_edge).map(|word| word.trim_end_matches([':', '.', '!']));
    words.filter(|word| word.starts_with('/')).filter_map(|path| {
        let (directory, _) = path.rsplit_once('/')?;
        paths::can_be_covered(directory).then(|| directory.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Hints {
        Hints::of("ended with 1", &[line.to_owned()], None)
    }

    #[test]
    fn lines_of_programs_say_what_was_missing() {
        let read_only = of("sh: can't create '/var/lib/app/x.db': Read-only file system");
        assert!(read_only.read_only && !read_only.user);
        assert_eq!(read_only.paths, ["/var/lib/app"]);
        assert_eq!(of("mkdir /x: Read-only file system").paths, [""; 0], "nothing covers /");
        for (line, expected) in [
            ("chown: /data: Operation not permitted", &["CHOWN"][..]),
            ("bind: Permission denied", &["NET_BIND_SERVICE"]),
            ("listen tcp :80: bind: permission denied", &["NET_BIND_SERVICE", "NET_BIND_SERVICE"]),
            ("open /secret: permission denied", &USUAL),
            ("all is well", &[]),
        ] {
            let hints = of(line);
            assert_eq!((hints.capabilities.as_slice(), hints.user), (expected, !expected.is_empty()), "{line}");
        }
        assert!(of("sudo: effective uid is not 0, is sudo installed setuid root?").escalation);
        assert!(of("su: must be suid to work properly").escalation);
    }

    #[test]
    fn a_kill_is_taken_for_want_of_memory() {
        let evidence = |exit, out_of_memory| Evidence { exit: Some(exit), out_of_memory, ..Evidence::default() };
        assert!(Hints::of("", &[], Some(&evidence(137, false))).memory);
        assert!(Hints::of("", &[], Some(&evidence(1, true))).memory);
        assert!(!Hints::of("", &[], Some(&evidence(1, false))).memory);
        assert!(of("java.lang.OutOfMemoryError: out of memory").memory);
    }
}
