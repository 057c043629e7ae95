//! Podman's service, started for as long as this process lives.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::EngineError;

/// After so many seconds without a request the service ends by itself: that is what ends it after a kill.
const IDLE: &str = "15";

/// The running service.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    socket: PathBuf,
    log: PathBuf,
}

impl Service {
    /// Starts it with its socket in `folder`; `None` where podman is not installed.
    pub(crate) fn start(folder: &Path) -> Result<Option<Service>, EngineError> {
        let socket = folder.join("podman.sock");
        let log = folder.join("podman.log");
        let file = File::create(&log).map_err(|source| EngineError::Io { path: log.clone(), source })?;
        let child = Command::new("podman")
            .args(["system", "service", "--time", IDLE, &format!("unix://{}", socket.display())])
            // It leaves each archive that it is sent in its temporary folder.
            .env("TMPDIR", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(file)
            // Ctrl-C in a terminal goes to its whole group, and the service must outlive it to remove containers.
            .process_group(0)
            .spawn();
        match child {
            Ok(child) => Ok(Some(Service { child, socket, log })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EngineError::Service(error.to_string())),
        }
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }

    /// The last line that it wrote, which tells why it ended.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it ended without a word").to_owned()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Nothing is left for it to do; one that has ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
