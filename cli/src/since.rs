//! `--since`: only findings that a work tree adds to a revision count.
//!
//! The files of the revision are judged like those of the work tree, with the configuration of today, and what is found
//! in them is known, as if it stood in a baseline.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use lint::baseline::Earlier;
use lint::config::{ConfigFile, Configs};
use lint::dockerfile::DOCKERFILE_USER;
use lint::finding::Finding;
use lint::outcome::FileReport;
use lint::search::{Source, is_manifest};
use lint::session::Session;
use lint::{parallel, trust};
use thiserror::Error;

use crate::error::Error;
use crate::git::{GitError, Revision};

/// A file that cannot be compared with a revision.
#[derive(Debug, Error)]
enum NotCompared {
    #[error("--since: standard input has no path in the repository; name it with --stdin-filename")]
    NoPath,
    #[error("--since: {path} is not in the work tree {root}", path = .0.display(), root = .1.display())]
    Outside(PathBuf, PathBuf),
}

/// A revision that the work tree is compared with.
pub(crate) struct Since {
    revision: Revision,
    /// The name of the revision, as it was given.
    name: String,
    /// The manifests that the revision has and the work tree does not.
    gone: Vec<PathBuf>,
}

impl Since {
    /// Opens the revision `name` of the work tree that `places` lie in.
    ///
    /// # Errors
    /// There is no work tree, no git or no such revision; the message says what to do.
    pub(crate) fn open(name: &str, places: &[PathBuf]) -> Result<Since, Error> {
        let place = places.first().map_or(Path::new("."), PathBuf::as_path);
        let folder = if place.is_dir() { place } else { place.parent().unwrap_or(Path::new(".")) };
        let revision = Revision::open(folder, name).map_err(Error::of)?;
        let is_gone = |path: &&Path| is_manifest(path) && fs::symlink_metadata(revision.root().join(path)).is_err();
        let gone = revision.paths().filter(is_gone).map(Path::to_owned).collect();
        Ok(Since { revision, name: name.to_owned(), gone })
    }

    /// The manifests that the work tree does not have any more, as further sources: a file that was renamed is found again
    /// in them. Those that the configurations of `sources` do not govern, or exclude, are left out.
    ///
    /// # Errors
    /// Git cannot read them, or a configuration cannot be used.
    pub(crate) fn gone(&self, sources: &[Source], configs: &mut Configs) -> Result<Vec<Source>, Error> {
        let governing: BTreeSet<Option<usize>> = sources.iter().map(Source::config).collect();
        let contents = self.revision.read(&self.gone).map_err(Error::of)?;
        let mut gone = Vec::new();
        for (path, content) in self.gone.iter().zip(contents) {
            let Some(Ok(text)) = content.map(String::from_utf8) else { continue };
            let there = self.revision.root().join(path);
            let folder = there.ancestors().find(|folder| folder.is_dir()).unwrap_or(self.revision.root());
            let config = configs.of(folder)?;
            let is_excluded = configs.get(config).is_some_and(|file: &ConfigFile| file.excludes(&there));
            if governing.contains(&config) && !is_excluded {
                let (at, name) = (sources.len() + gone.len(), path.display().to_string());
                gone.push(Source::rendered(at, name, there, Ok::<_, GitError>(text)).governed_by(config));
            }
        }
        Ok(gone)
    }

    /// Mutes the findings that the revision had, in the reports of `sources` and in those of Dockerfiles behind them.
    ///
    /// # Errors
    /// A file with findings that lies elsewhere, and what git cannot read.
    pub(crate) fn mute(
        &self,
        session: &Session,
        sources: &[Source],
        gone: &[Source],
        reports: &mut [FileReport],
    ) -> Result<(), Error> {
        let images = session.images().map(|(_, image)| self.inside(&image.path)).collect::<Result<Vec<_>, _>>();
        let are_same = match images.map(|paths| self.are_unchanged(&paths)) {
            Ok(same) => same?,
            // Outside of the work tree nothing is known of what it was.
            Err(_) => false,
        };
        // What a Dockerfile says is a part of the finding.
        let was_there = |finding: &&Finding| are_same || finding.violation.rule != DOCKERFILE_USER;
        let of_files = reports.len().min(sources.len());
        let open: Vec<usize> = (0..of_files).filter(|at| reports[*at].open().next().is_some()).collect();
        let place = |at: &usize| self.inside(sources[*at].place().ok_or(NotCompared::NoPath)?);
        let paths = open.iter().map(place).collect::<Result<Vec<_>, _>>().map_err(Error::of)?;
        let contents = self.revision.read(&paths).map_err(Error::of)?;
        let mut of_gone: Option<Earlier> = None;
        for (at, content) in open.into_iter().zip(contents) {
            let report = &mut reports[at];
            let mut known = Earlier::default();
            match content.map(String::from_utf8) {
                Some(Ok(text)) if text == report.text => known.add(report.open().filter(was_there)),
                Some(Ok(text)) => known.add(judged(session, &sources[at], &text).open().filter(was_there)),
                // What was not text could not be judged.
                Some(Err(_)) => {}
                None => {
                    let of_gone = of_gone.get_or_insert_with(|| {
                        let mut known = Earlier::default();
                        for source in gone {
                            let text = source.read().unwrap_or_default();
                            known.add(judged(session, source, &text).open().filter(was_there));
                        }
                        known
                    });
                    of_gone.mute(report, &self.name);
                }
            }
            known.mute(report, &self.name);
        }
        if are_same {
            for report in &mut reports[of_files..] {
                let mut known = Earlier::default();
                known.add(report.open());
                known.mute(report, &self.name);
            }
        }
        Ok(())
    }

    /// The path from the root of the work tree.
    fn inside(&self, path: &Path) -> Result<PathBuf, NotCompared> {
        let real = trust::real(path);
        let below = real.as_deref().and_then(|real| real.strip_prefix(self.revision.root()).ok());
        below.map(Path::to_owned).ok_or_else(|| NotCompared::Outside(path.to_owned(), self.revision.root().to_owned()))
    }

    /// Whether files are what they were.
    fn are_unchanged(&self, paths: &[PathBuf]) -> Result<bool, Error> {
        let contents = self.revision.read(paths).map_err(Error::of)?;
        let now = |path: &PathBuf| bounded::read(self.revision.root().join(path)).ok();
        Ok(paths.iter().zip(contents).all(|(path, content)| content.is_some() && content == now(path)))
    }
}

/// The report of an earlier text of a source. A text that cannot be judged has nothing that is known.
fn judged(session: &Session, source: &Source, text: &str) -> FileReport {
    parallel::caught(|| session.judge_text(source, text)).unwrap_or_default()
}
