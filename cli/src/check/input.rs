//! Finds and reads the files to judge.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::config::ConfigFile;

/// Something to judge: a file, standard input, or the reason why there is none.
#[derive(Debug)]
pub(crate) struct Source {
    /// Place in the report.
    pub(crate) index: usize,
    /// Path as shown.
    pub(crate) name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    File(PathBuf),
    Stdin,
    Unreadable(String),
}

/// What folders are searched for.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The sources that `paths` name, folders in the order of their files' names; in folders without what the
/// configuration excludes, and without itself.
pub(crate) fn find(paths: &[PathBuf], config: Option<&ConfigFile>) -> Vec<Source> {
    let mut sources = Vec::new();
    for path in paths {
        let name = path.display().to_string();
        if path == Path::new("-") {
            sources.push((String::from("<stdin>"), Kind::Stdin));
        } else if path.is_dir() {
            let before = sources.len();
            walk(path, config, &mut sources);
            if sources.len() == before {
                sources.push((name, Kind::Unreadable("holds no .yaml, .yml or .json file".to_owned())));
            }
        } else {
            sources.push((name, Kind::File(path.clone())));
        }
    }
    let source = |(index, (name, kind))| Source { index, name, kind };
    sources.into_iter().enumerate().map(source).collect()
}

/// Adds the manifests below `folder`. Hidden entries and linked folders are left out.
fn walk(folder: &Path, config: Option<&ConfigFile>, sources: &mut Vec<(String, Kind)>) {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut entries = match entries {
        Ok(entries) => entries,
        Err(error) => {
            sources.push((folder.display().to_string(), Kind::Unreadable(format!("cannot be listed: {error}"))));
            return;
        }
    };
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if config.is_some_and(|config| config.excludes(&path)) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, config, sources);
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|e| ending.eq_ignore_ascii_case(e)))
            && !path.is_dir()
        {
            sources.push((path.display().to_string(), Kind::File(path)));
        }
    }
}

impl Source {
    /// Whether the source is standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self.kind, Kind::Stdin)
    }

    /// The file behind the source, unless it is standard input.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::File(path) => Some(path),
            Kind::Stdin | Kind::Unreadable(_) => None,
        }
    }

    /// Whether the source may hold more than `bytes` bytes.
    pub(crate) fn may_be_longer_than(&self, bytes: usize) -> bool {
        match &self.kind {
            Kind::File(path) => fs::metadata(path).is_ok_and(|metadata| metadata.len() > bytes as u64),
            Kind::Stdin => true,
            Kind::Unreadable(_) => false,
        }
    }

    /// The text of the source.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub(crate) fn read(&self) -> Result<String, String> {
        let mut buffer = Vec::new();
        self.read_into(&mut buffer).map(str::to_owned)
    }

    /// The text of the source, in a buffer that serves for one source after the other.
    ///
    /// # Errors
    /// Why it cannot be read, to follow its name.
    pub(crate) fn read_into<'b>(&self, buffer: &'b mut Vec<u8>) -> Result<&'b str, String> {
        buffer.clear();
        let read = match &self.kind {
            Kind::Unreadable(message) => return Err(message.clone()),
            Kind::File(path) => fs::File::open(path).and_then(|mut file| file.read_to_end(buffer)),
            Kind::Stdin => io::stdin().read_to_end(buffer),
        };
        read.map_err(|error| format!("cannot be read: {error}"))?;
        std::str::from_utf8(buffer).map_err(|error| {
            let line = buffer[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            format!("is no text: line {line} is not UTF-8")
        })
    }
}
