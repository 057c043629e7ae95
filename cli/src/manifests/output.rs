//! Objects as one stream, or as files with a kustomization.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use kube_yaml::emit;
use serde_json::Value;

use super::error::Error;

/// The first words of every file: only files that begin with them are written over.
const MARK: &str = "# Written by harden ";

/// The file that names the others.
const KUSTOMIZATION: &str = "kustomization.yaml";

/// An object and the file it goes to.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) object: Value,
}

/// The comment at the top of what this run writes; `found` is the configuration that the command does not name.
pub(super) fn header(command: &[OsString], found: Option<&Path>) -> String {
    let shown = command_line(command);
    let name = found.and_then(Path::file_name).map(|name| format!(" with {}", name.to_string_lossy()));
    let with = name.unwrap_or_default();
    format!("{MARK}{}; write it again{with} rather than change it:\n#   {shown}\n", env!("CARGO_PKG_VERSION"))
}

/// The command without where its output goes, on one line whatever is in it.
fn command_line(command: &[OsString]) -> String {
    let mut words = vec!["harden".to_owned(), "manifests".to_owned()];
    let mut arguments = command.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        match &*argument {
            "-o" | "--output" => drop(arguments.next()),
            text if text.starts_with("--output=") || (text.starts_with("-o") && !text.starts_with("--")) => {}
            text => words.push(shell_word(text)),
        }
    }
    words.join(" ")
}

fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if text.contains(odd) {
        return format!("$'{}'", text.escape_debug());
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Writes every object to `out`.
///
/// # Errors
/// An output that cannot be written.
pub(super) fn stream(documents: &[Document], header: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(header.as_bytes())?;
    documents.iter().try_for_each(|document| write!(out, "---\n{}", emit::document(&document.object)?))
}

/// Writes a file for each object to `folder`, and a kustomization that names them; gives the files, and those
/// of an earlier run that nothing names any more.
///
/// # Errors
/// A file that somebody else wrote, two objects with one file, and whatever the file system says. Nothing is
/// written before everything is known to be writable.
pub(super) fn folder(
    documents: &[Document],
    header: &str,
    folder: &Path,
) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
    let mut files: Vec<(PathBuf, String)> = Vec::with_capacity(documents.len() + 1);
    for document in documents {
        let text = header.to_owned() + &emit::document(&document.object)?;
        files.push((folder.join(format!("{}.yaml", document.name)), text));
    }
    files.push((folder.join(KUSTOMIZATION), kustomization(documents, header)));
    for (index, (path, _)) in files.iter().enumerate() {
        if files[..index].iter().any(|(other, _)| other == path) {
            return Err(Error::SameFile(path.clone()));
        }
        check_ours(path)?;
    }
    fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
    for (path, text) in &files {
        bounded::replace(path, text.as_bytes(), bounded::SHARED).map_err(Error::io("write", path))?;
    }
    let written: Vec<PathBuf> = files.into_iter().map(|(path, _)| path).collect();
    let left = leftovers(folder, &written).map_err(Error::io("read", folder))?;
    Ok((written, left))
}

/// The names are those of objects: they need no quotes.
fn kustomization(documents: &[Document], header: &str) -> String {
    let head = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";
    let resources: String = documents.iter().map(|document| format!("  - {}.yaml\n", document.name)).collect();
    [header, head, &resources].concat()
}

/// Whether a file may be written: it is not there, or an earlier run wrote it.
fn check_ours(path: &Path) -> Result<(), Error> {
    match bounded::read(path) {
        Ok(bytes) if bytes.starts_with(MARK.as_bytes()) => Ok(()),
        Ok(_) => Err(Error::NotOurs(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Error::io("write", path)(error)),
    }
}

/// Files of earlier runs that this one did not write.
fn leftovers(folder: &Path, written: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut left = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml");
        if is_yaml
            && !written.contains(&path)
            && bounded::read(&path).is_ok_and(|text| text.starts_with(MARK.as_bytes()))
        {
            left.push(path);
        }
    }
    left.sort();
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &[&str]) -> String {
        command_line(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_command_without_its_output() {
        for (words, expected) in [
            (["--profile", "baseline", "-o", "/tmp/x"].as_slice(), "harden manifests --profile baseline"),
            (&["--output", "x", "--mutating"], "harden manifests --mutating"),
            (&["--output=x", "-oy", "--tag", "v1"], "harden manifests --tag v1"),
            (&["--message", "it's so"], r"harden manifests --message 'it'\''s so'"),
            (&["--message", ""], "harden manifests --message ''"),
            (&["--message", "a\nkind: Secret"], r"harden manifests --message $'a\nkind: Secret'"),
        ] {
            assert_eq!(shown(words), expected);
        }
        assert_eq!(header(&["--message".into(), "a\nb\r\u{2028}".into()], None).lines().count(), 2);
    }
}
