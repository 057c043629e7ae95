//! Reads a suite, and describes how one is written.

use std::path::{Path, PathBuf};

use hardening::settings::{Group, schema_of, with_definitions};
use serde_json::{Value, json};

use super::find::SuitePath;
use super::model::Suite;
use crate::config;
use crate::finding::Place;
use crate::yaml;

/// A suite with the file it stands in.
#[derive(Debug)]
pub(super) struct SuiteFile {
    /// Its folder, which paths in it are relative to.
    pub(super) folder: PathBuf,
    /// Whether the user named it.
    pub(super) is_named: bool,
    /// What it says.
    pub(super) suite: Suite,
    /// The line of each test.
    pub(super) lines: Vec<usize>,
}

impl SuiteFile {
    /// A path that the suite names, from where `harden` runs.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

/// Reads a suite.
///
/// # Errors
/// A file that cannot be read, is no YAML, or says something that is not allowed; the message names the file,
/// the place and the key.
pub(super) fn load(found: &SuitePath) -> Result<SuiteFile, String> {
    let path = found.path.as_path();
    let (suite, text) = config::read_document::<Suite>(path, "suite")?;
    let parsed = yaml::parse(&text);
    let line = |at: usize| {
        let root = parsed.documents.first().map(|document| &document.root);
        root.map_or(1, |root| Place::find(root, &format!("tests[{at}].name")).line)
    };
    let lines = (0..suite.tests.len()).map(line).collect();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(SuiteFile { folder: folder.to_owned(), is_named: found.is_named, suite, lines })
}

/// JSON schema (2020-12) of a suite.
pub fn schema() -> Value {
    let mut schema = with_definitions(schema_of(&Suite::fields()));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("harden-test.yaml");
    schema["description"] = Suite::doc().into();
    schema["required"] = json!(["tests"]);
    schema
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_the_committed_one() {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
        let path = Path::new(&root).join("../docs/harden-test.schema.json");
        let fresh = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == fresh, "docs/harden-test.schema.json is stale: BLESS=1 cargo test -p harden the_schema");
    }
}
