//! Reads a suite, and describes how one is written.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Error;
use super::find::SuitePath;
use super::model::Suite;
use kube_yaml::yaml;
use lint::document;
use lint::finding::Place;
use lint::named::NamedPath;

/// A suite with the file it stands in.
#[derive(Debug)]
pub(super) struct SuiteFile {
    /// Its folder, which paths in it are relative to.
    pub(super) folder: PathBuf,
    /// The folder that it must not lead out of; none if the user named or trusts it.
    pub(super) limit: Option<PathBuf>,
    /// Its content.
    pub(super) suite: Suite,
    /// The line of each test.
    pub(super) lines: Vec<usize>,
}

impl SuiteFile {
    /// A file that the suite names.
    ///
    /// # Errors
    /// One outside of the work tree, named by a suite that was found; the message says what to do.
    pub(super) fn resolve(&self, path: &str) -> Result<NamedPath, Error> {
        reach(&self.folder, self.limit.as_deref(), path)
    }
}

fn reach(folder: &Path, limit: Option<&Path>, path: &str) -> Result<NamedPath, Error> {
    let shown = folder.join(path);
    let Some(limit) = limit else { return Ok(NamedPath::given(shown)) };
    let real = fs::canonicalize(folder).map_err(|error| Error::Read(folder.display().to_string(), error))?;
    match NamedPath::within(limit, &real, path) {
        Ok(path) => Ok(path.shown_as(shown)),
        Err(why) => Err(Error::Beyond(path.to_owned(), why.to_string(), limit.to_owned())),
    }
}

/// Reads a suite.
///
/// # Errors
/// A file that cannot be read, is not valid YAML, or says something that is not allowed; the message names the file,
/// the place and the key.
pub(super) fn load(found: &SuitePath) -> Result<SuiteFile, Error> {
    let path = found.path.as_path();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = match &found.limit {
        Some(limit) => {
            reach(folder, Some(limit), &path.file_name().unwrap_or_default().to_string_lossy())?.shown_as(path)
        }
        None => NamedPath::given(path),
    };
    let (suite, text) = document::read::<Suite>(&file, "suite")?;
    let parsed = yaml::parse(&text);
    let line = |at: usize| {
        let root = parsed.documents.first().map(|document| &document.root);
        root.map_or(1, |root| Place::find(root, &format!("tests[{at}].name")).line)
    };
    let lines = (0..suite.tests.len()).map(line).collect();
    Ok(SuiteFile { folder: folder.to_owned(), limit: found.limit.clone(), suite, lines })
}

/// JSON schema (2020-12) of a suite.
pub fn schema() -> Value {
    let mut schema = document::schema::<Suite>("harden-test.yaml");
    schema["required"] = json!(["tests"]);
    schema
}
