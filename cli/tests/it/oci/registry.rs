//! Debian's docker-registry on a free port of the loopback interface, with its data in a temporary folder.

use std::fs;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// A registry that runs until it is dropped.
pub(crate) struct Registry {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// The demands of the registry.
#[derive(Default)]
pub(crate) struct Demands {
    /// A line of a htpasswd file: every request needs this login.
    pub(crate) login: Option<&'static str>,
    /// PEM of a certificate and of its key: HTTPS.
    pub(crate) tls: Option<(String, String)>,
}

impl Registry {
    /// Starts a registry; `None`, and a line that says so, where it is not installed.
    pub(crate) fn start(demands: &Demands) -> Option<Registry> {
        // Another process may take the free port meanwhile.
        (0..5).find_map(|_| Registry::try_start(demands)).or_else(|| {
            assert!(!installed(), "docker-registry is installed but does not start");
            // Not through the macros: the test runner would keep it for itself.
            let _ = writeln!(std::io::stderr(), "skipped: docker-registry not installed");
            None
        })
    }

    fn try_start(demands: &Demands) -> Option<Registry> {
        if !installed() {
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let mut config = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n",
            folder.path().join("data").display()
        );
        let mut http = format!("addr: 127.0.0.1:{port}, secret: none");
        if let Some((certificate, key)) = &demands.tls {
            http +=
                &format!(", tls: {{certificate: {}, key: {}}}", file("cert.pem", certificate), file("key.pem", key));
        }
        config += &format!("http: {{{http}}}\n");
        if let Some(line) = demands.login {
            config += &format!("auth: {{htpasswd: {{realm: test, path: {}}}}}\n", file("htpasswd", line));
        }
        let config = file("config.yml", &config);
        let process = Command::new("docker-registry")
            .args(["serve", &config])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut registry = Registry { process, folder, port };
        registry.wait().then_some(registry)
    }

    /// Whether it listens before long.
    fn wait(&mut self) -> bool {
        (0..400).any(|_| {
            sleep(Duration::from_millis(25));
            let gone = matches!(self.process.try_wait(), Ok(Some(_)));
            !gone && TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok()
        })
    }

    /// Host and port.
    pub(crate) fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A reference to something in the registry.
    pub(crate) fn reference(&self, rest: &str) -> String {
        format!("registry://{}/{rest}", self.host())
    }

    /// The file of a blob.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap();
        self.folder.path().join(format!("data/docker/registry/v2/blobs/sha256/{}/{hex}/data", &hex[..2]))
    }
}

fn installed() -> bool {
    Command::new("docker-registry").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
