//! `harden` with a home of its own: cache, docker config, working folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Run, harden_command, project, run};

/// A user.
pub(crate) struct Client {
    home: tempfile::TempDir,
}

impl Client {
    /// A user without a cache and without logins.
    pub(crate) fn new() -> Client {
        Client { home: tempfile::tempdir().unwrap() }
    }

    /// A path in the user's working folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file to the working folder.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), bytes).unwrap();
    }

    /// Writes the docker config file.
    pub(crate) fn docker_config(&self, config: &serde_json::Value) {
        self.write("docker/config.json", config.to_string());
    }

    /// Runs `harden` in the working folder.
    pub(crate) fn harden(&self, args: &[&str]) -> Run {
        run(self.command(args).output().unwrap())
    }

    /// `harden`, to be run in the working folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = harden_command();
        command.current_dir(self.home.path()).args(args);
        command.env("XDG_CACHE_HOME", self.path("cache")).env("DOCKER_CONFIG", self.path("docker"));
        for proxy in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env_remove(proxy);
        }
        command
    }

    /// The reference that a run printed, which must have succeeded.
    pub(crate) fn pinned(&self, args: &[&str]) -> String {
        let run = self.harden(args);
        assert_eq!(run.code, 0, "{args:?}: {}", run.err);
        let pinned = run.out.strip_suffix('\n').unwrap().to_owned();
        assert!(pinned.starts_with("registry://") && pinned.contains("@sha256:"), "{pinned}");
        pinned
    }

    /// Returns the error of a run that must have failed.
    pub(crate) fn error(&self, args: &[&str]) -> String {
        let run = self.harden(args);
        assert_eq!((run.code, &*run.out), (2, ""), "{args:?}: {}", run.err);
        assert!(run.err.starts_with("error: "), "{}", run.err);
        run.err
    }
}

/// A policy that `make policies` built.
pub(crate) fn policy() -> PathBuf {
    project("dist/privileged.wasm")
}

/// Its path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A module without any metadata.
pub(crate) const BARE_MODULE: &[u8] = b"\0asm\x01\0\0\0";
