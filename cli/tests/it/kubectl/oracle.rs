//! The real `kubectl`, which is asked what it creates from texts.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::Value;

use super::server::Server;

/// How many texts one process reads.
const BATCH: usize = 2000;

/// The start of the name of an object created after each text, which tells the texts' objects apart.
const END: &str = "end-of-text-";

/// Where `kubectl` is: the environment's KUBECTL, else on the PATH, else where `.ci/run` installs it.
pub(crate) struct Kubectl(PathBuf);

impl Kubectl {
    /// `None`, and a line that says so, where it is not installed.
    pub(crate) fn find() -> Option<Kubectl> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = || std::env::split_paths(&path).map(|folder| folder.join("kubectl")).find(|file| file.is_file());
        let named = std::env::var_os("KUBECTL").filter(|named| !named.is_empty()).map(PathBuf::from);
        let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let cache = cache.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
        let installed = cache.map(|cache| cache.join("harden-ci/kubectl")).filter(|file| file.is_file());
        let found = named.or_else(on_path).or(installed);
        if found.is_none() {
            // Not through the macros: the test runner would keep it for itself.
            let _ = writeln!(std::io::stderr(), "skipped: kubectl not installed");
        }
        found.map(Kubectl)
    }

    /// Returns the objects that it sends to the API server for each text.
    pub(crate) fn created_from(&self, texts: &[String]) -> Vec<Vec<Value>> {
        let batches: Vec<&[String]> = texts.chunks(BATCH).collect();
        let halves = batches.split_at(batches.len() / 2);
        let ask = |batches: &[&[String]]| batches.iter().flat_map(|batch| self.ask(batch)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let first = scope.spawn(|| ask(halves.0));
            let second = ask(halves.1);
            first.join().unwrap().into_iter().chain(second).collect()
        })
    }

    fn ask(&self, texts: &[String]) -> Vec<Vec<Value>> {
        let server = Server::start();
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("texts");
        fs::create_dir(&files).unwrap();
        for (index, text) in texts.iter().enumerate() {
            fs::write(files.join(format!("{index:06}-a.yaml")), text).unwrap();
            let end = format!(r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{END}{index}"}}}}"#);
            fs::write(files.join(format!("{index:06}-b.json")), end).unwrap();
        }
        self.create(folder.path(), &files, &server);
        let mut created: Vec<Vec<Value>> = Vec::new();
        let mut of_text = Vec::new();
        for object in server.take_created() {
            let end = object["metadata"]["name"].as_str().and_then(|name| name.strip_prefix(END));
            match end {
                Some(index) => {
                    assert_eq!(index, created.len().to_string(), "kubectl passed a text over");
                    created.push(std::mem::take(&mut of_text));
                }
                None => of_text.push(object),
            }
        }
        assert_eq!(created.len(), texts.len(), "kubectl stopped early");
        created
    }

    fn create(&self, home: &Path, files: &Path, server: &Server) {
        let config = home.join("config");
        let text = format!(
            "{{apiVersion: v1, kind: Config, current-context: c, clusters: [{{name: c, cluster: {{server: '{}'}}}}], \
             contexts: [{{name: c, context: {{cluster: c, user: c}}}}], users: [{{name: c, user: {{token: t}}}}]}}",
            server.url()
        );
        fs::write(&config, text).unwrap();
        let mut command = Command::new(&self.0);
        command.env_clear().env("HOME", home).env("KUBECONFIG", config);
        // Texts that it refuses make it fail; the others are created all the same.
        command.args(["create", "--validate=false", "-f"]).arg(files).output().unwrap();
    }
}
