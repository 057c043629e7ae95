//! Runs cases through `kwctl`, Kubewarden's own command-line tool.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use anyhow::{Context, Result};
use cases::case::Verdict;
use cases::expand::{Expanded, Input, plain_request};
use serde_json::Value;

use crate::policies;

/// An installed `kwctl`.
#[derive(Debug)]
pub struct Kwctl {
    program: PathBuf,
    /// Where request files go.
    folder: PathBuf,
    files: AtomicUsize,
}

impl Kwctl {
    /// The `kwctl` in `PATH`, if there is one; its request files are written to `folder`.
    pub fn find(folder: &Path) -> Option<Kwctl> {
        let paths = env::var_os("PATH")?;
        let program = env::split_paths(&paths).map(|path| path.join("kwctl")).find(|program| program.is_file())?;
        Some(Kwctl { program, folder: folder.to_owned(), files: AtomicUsize::new(0) })
    }

    /// Lists the differences between kwctl's answer to a request and what is expected, a line each.
    pub fn differences(&self, id: &str, settings: &Value, request: &Expanded) -> Vec<String> {
        self.compare(id, settings, request).unwrap_or_else(|error| vec![format!("{error:#}")])
    }

    fn compare(&self, id: &str, settings: &Value, expanded: &Expanded) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        match &expanded.input {
            // No file that kwctl reads.
            Input::Raw(_) => {}
            // kwctl itself refuses them, in its own words.
            Input::BadSettings(_) if !settings.is_object() => {}
            Input::BadSettings(_) => {
                let (success, text) = self.run(id, settings, &plain_request().to_string())?;
                if success || !text.contains("Provided settings are not valid") {
                    lines.push(format!("kwctl takes the settings: {text}"));
                }
            }
            Input::Request(request) => {
                let (success, text) = self.run(id, settings, &request.to_string())?;
                let answer: Value = serde_json::from_str(&text).unwrap_or_default();
                let verdict = expanded.expected.verdict;
                let expected = matches!(verdict, Verdict::Accept | Verdict::Mutate);
                let is_error = verdict == Verdict::Error && !success;
                if answer["allowed"].as_bool() != Some(expected) && !is_error {
                    lines.push(format!("kwctl: expected allowed: {expected}, got: {text}"));
                }
                if answer["patch"].is_string() != (verdict == Verdict::Mutate) {
                    lines.push(format!("kwctl: unexpected patch, or none: {text}"));
                }
            }
        }
        Ok(lines)
    }

    /// Whether kwctl succeeded, and what it printed (its error if it failed).
    fn run(&self, id: &str, settings: &Value, request: &str) -> Result<(bool, String)> {
        let number = self.files.fetch_add(1, Ordering::Relaxed);
        let file = self.folder.join(format!("kwctl-{}-{number}.json", std::process::id()));
        fs::write(&file, request).with_context(|| format!("cannot write {}", file.display()))?;
        let mut command = Command::new(&self.program);
        command.arg("run").arg(policies::module_path(id)).arg("--request-path").arg(&file);
        command.arg("--settings-json").arg(settings.to_string());
        let output = command.output().with_context(|| format!("cannot run {}", self.program.display()));
        // A file left behind does no harm.
        let _ = fs::remove_file(&file);
        let output = output?;
        let text = if output.status.success() { output.stdout } else { output.stderr };
        Ok((output.status.success(), String::from_utf8_lossy(&text).trim().to_owned()))
    }
}
