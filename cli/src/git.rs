//! The files of a revision, asked of the program `git`. Only commands that read its objects are called: no hook, filter
//! or driver that a repository names is run.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use thiserror::Error;

/// Why a revision cannot be read.
#[derive(Debug, Error)]
pub(crate) enum GitError {
    /// The program is not there, or cannot be run.
    #[error("--since: cannot run git: {0}")]
    Run(#[from] io::Error),
    /// The folder is in no work tree that git would read.
    #[error("--since: {folder} is not in a work tree of git: {said}", folder = .folder.display())]
    NoWorkTree {
        /// The folder.
        folder: PathBuf,
        /// Git's own words.
        said: String,
    },
    /// There is no such revision.
    #[error("--since: {0} is not a revision of this repository; name a branch, a tag or a commit")]
    Unknown(String),
    /// There is no such revision here, and perhaps where the repository was cloned from.
    #[error(
        "--since: {0} is not in this clone, which is shallow; `git fetch --deepen=1` brings the commit before, and \
         `git fetch --depth=1 origin BRANCH` a branch, which FETCH_HEAD names then"
    )]
    Shallow(String),
    /// Git ends with an error or says something else than it should.
    #[error("--since: git {command}: {said}")]
    Failed {
        /// The command.
        command: &'static str,
        /// Git's own words.
        said: String,
    },
}

/// The command that lists the names of branches and tags.
pub(crate) const NAMES: [&str; 5] = ["rev-parse", "--abbrev-ref", "--branches", "--tags", "--remotes"];

/// The names of the branches and tags of the repository that `folder` lies in; none if git says none.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let listed = ask(folder, &NAMES).ok().and_then(Result::ok).unwrap_or_default();
    String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect()
}

/// A revision of a repository.
#[derive(Debug)]
pub(crate) struct Revision {
    /// The root of the work tree, without links.
    root: PathBuf,
    /// For each regular file, by its path from the root, the name of its content.
    blobs: BTreeMap<PathBuf, String>,
}

impl Revision {
    /// The revision `name` of the repository that `folder` is a work tree of.
    ///
    /// # Errors
    /// A folder outside of a work tree, a name that is not a revision's, and whatever else git says.
    pub(crate) fn open(folder: &Path, name: &str) -> Result<Revision, GitError> {
        let no_tree = |Refusal(said)| GitError::NoWorkTree { folder: folder.to_owned(), said };
        let root = ask(folder, &["rev-parse", "--show-toplevel"])?.map_err(no_tree)?;
        let root = PathBuf::from(OsString::from_vec(root)).canonicalize()?;
        let commit = format!("{name}^{{commit}}");
        let Ok(commit) = ask(&root, &["rev-parse", "--verify", "--end-of-options", &commit])? else {
            let shallow = ask(&root, &["rev-parse", "--is-shallow-repository"])?;
            let error = if shallow.is_ok_and(|word| word == b"true") { GitError::Shallow } else { GitError::Unknown };
            return Err(error(name.to_owned()));
        };
        let commit = String::from_utf8_lossy(&commit).into_owned();
        let listed = ask(&root, &["ls-tree", "-r", "-z", "--full-tree", &commit])?;
        let listed = listed.map_err(|Refusal(said)| GitError::Failed { command: "ls-tree", said })?;
        Ok(Revision { root, blobs: listed.split(|byte| *byte == 0).filter_map(blob).collect() })
    }

    /// The root of the work tree, without links.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The regular files, by their paths from the root.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.blobs.keys().map(PathBuf::as_path)
    }

    /// The contents of files; `None` for one that the revision does not have, or that is longer than anything that is
    /// read.
    ///
    /// # Errors
    /// Git ends with an error or says something else than it should.
    pub(crate) fn read(&self, paths: &[PathBuf]) -> Result<Vec<Option<Vec<u8>>>, GitError> {
        let names: Vec<Option<&String>> = paths.iter().map(|path| self.blobs.get(path)).collect();
        let asked: String = names.iter().flatten().flat_map(|name| [name.as_str(), "\n"]).collect();
        if asked.is_empty() {
            return Ok(names.iter().map(|_| None).collect());
        }
        let mut git = git(&self.root);
        let mut git = git.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (stdin, stdout) = (git.stdin.take(), git.stdout.take());
        // Git answers while it is asked: whoever only asks waits forever.
        let asking = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(asked.as_bytes())));
        let mut answers = BufReader::new(stdout.ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?);
        let contents = names.iter().map(|name| name.map_or(Ok(None), |_| content(&mut answers)));
        let contents = contents.collect::<Result<_, _>>();
        drop(answers);
        let (asked, ended) = (asking.join(), git.wait()?);
        match contents {
            Ok(contents) if ended.success() && matches!(asked, Ok(Ok(()))) => Ok(contents),
            Ok(_) => Err(GitError::Failed { command: "cat-file", said: ended.to_string() }),
            Err(error) => Err(error),
        }
    }
}

/// Reads one answer of `git cat-file --batch`: a line with the length, the content, the end of a line.
fn content(answers: &mut impl BufRead) -> Result<Option<Vec<u8>>, GitError> {
    let mut head = String::new();
    answers.read_line(&mut head)?;
    let length = head.trim_end().rsplit_once(" blob ").or_else(|| head.trim_end().rsplit_once(' '));
    let length = length.and_then(|(_, length)| length.parse::<u64>().ok());
    let length = length.ok_or_else(|| GitError::Failed { command: "cat-file", said: head.trim_end().to_owned() })?;
    let mut content = Vec::new();
    let is_short = length <= bounded::LONGEST;
    if is_short {
        answers.take(length).read_to_end(&mut content)?;
    } else {
        io::copy(&mut answers.take(length), &mut io::sink())?;
    }
    answers.read_exact(&mut [0])?;
    Ok(is_short.then_some(content))
}

/// Reads a line of `git ls-tree`: `MODE blob NAME<tab>PATH`.
fn blob(line: &[u8]) -> Option<(PathBuf, String)> {
    let tab = line.iter().position(|byte| *byte == b'\t')?;
    let (head, path) = (std::str::from_utf8(&line[..tab]).ok()?, &line[tab + 1..]);
    let mut words = head.split(' ');
    let is_file = words.next().is_some_and(|mode| mode.starts_with("100")) && words.next() == Some("blob");
    is_file.then_some((PathBuf::from(OsStr::from_bytes(path)), words.next()?.to_owned()))
}

/// Git, in a folder, that takes no locks and asks nobody.
fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    git.arg("-C").arg(folder).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0");
    git.stdin(Stdio::null()).stdout(Stdio::piped());
    git
}

/// The words of git where it fails.
#[derive(Debug)]
struct Refusal(String);

/// The answer of git without the last end of a line.
fn ask(folder: &Path, args: &[&str]) -> io::Result<Result<Vec<u8>, Refusal>> {
    let output = git(folder).args(args).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first = said.lines().next().unwrap_or_default();
        return Ok(Err(Refusal(first.strip_prefix("fatal: ").unwrap_or(first).to_owned())));
    }
    let mut out = output.stdout;
    out.pop_if(|byte| *byte == b'\n');
    Ok(Ok(out))
}
