//! The images that are built here: which Dockerfile each has, and which containers run it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hardening::glob::Glob;
use hardening::reference::Reference;
use images::facts::Source;
use images::{Build, Digest, Entry, Facts, Platform};

use super::user::ImageUser;
use super::{Error, image_user};
use crate::finding::{Place, Problem};

/// An image that is built here.
#[derive(Debug)]
pub struct Image {
    /// Glob on its name.
    image: Glob,
    /// Its Dockerfile.
    pub path: PathBuf,
    /// The text of that; empty if it cannot be read.
    pub(crate) text: String,
    /// Who it runs as, or why nobody knows.
    pub(crate) user: Result<ImageUser, Error>,
    /// Where it is named: a place in the configuration's `dockerfiles`, else the command line.
    configured: Option<usize>,
    /// Whether a container runs it.
    met: AtomicBool,
}

impl Image {
    /// The image that matches `image`, built from the Dockerfile with this text, or with none that can be read.
    pub(super) fn new(
        image: Glob,
        path: PathBuf,
        text: Result<String, Error>,
        (target, args): (Option<&str>, &super::Variables),
        configured: Option<usize>,
    ) -> Image {
        let user = match &text {
            Ok(text) => image_user(text, target, args),
            Err(error) => Err(error.clone()),
        };
        Image { image, path, text: text.unwrap_or_default(), user, configured, met: AtomicBool::new(false) }
    }

    /// Why its user is not known, as a problem of its Dockerfile.
    pub fn problem(&self) -> Option<Problem> {
        let Error { line, message } = self.user.as_ref().err()?;
        let message = format!("Dockerfile of {}: {message}", self.image.as_str());
        let place = Place { line: *line, column: 1, start: 0, end: 0, exact: true };
        Some(Problem { place: Some(place).filter(|_| *line > 0), message })
    }

    /// Index in the configuration's `dockerfiles`; `None` if the command line names it.
    pub(crate) fn configured(&self) -> Option<usize> {
        self.configured
    }

    /// Whether a container runs it, of those that were looked at.
    pub(crate) fn is_met(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }

    /// The complaint if no container runs it.
    pub(crate) fn unmet(&self) -> String {
        let glob = self.image.as_str();
        let hint = "it is compared with names without tag and digest";
        format!("no container has the image `{glob}`, which is built from {}: {hint}", self.path.display())
    }

    /// Returns the facts that the Dockerfile says; `None` if it does not say the user.
    pub fn facts(&self) -> Option<Facts> {
        match &self.user {
            Ok(ImageUser::Written { user, .. }) => Some(Facts::of_user(user.clone())),
            _ => None,
        }
    }

    /// Makes the entry of a lock from them, for a reference to the image. Nobody has built the image, so its digest is that
    /// of the reference, or one that is never shown.
    pub(crate) fn entry(&self, reference: &images::Image) -> Option<Entry> {
        let digest = match reference.digest() {
            Some(written) => Digest::parse(written).ok()?,
            None => Digest::of(self.text.as_bytes()),
        };
        let build = Build { digest: digest.clone(), facts: [(Source::Dockerfile, self.facts()?)].into() };
        Some(Entry { digest, platforms: [(Platform::default(), build)].into() })
    }

    /// Returns the file and the line of `USER`, or of the `FROM` that stands for it.
    pub(crate) fn line_of_user(&self) -> String {
        let line = match &self.user {
            Ok(ImageUser::Written { line, .. } | ImageUser::Inherited { line, .. }) | Err(Error { line, .. }) => line,
        };
        format!("{}:{line}", self.path.display())
    }

    fn is_named(&self, names: [&str; 2]) -> bool {
        let is_it = names.iter().any(|name| self.image.matches(name));
        if is_it {
            self.met.store(true, Ordering::Relaxed);
        }
        is_it
    }
}

/// The first image that a reference names.
pub(crate) fn named<'i>(images: &'i [Arc<Image>], reference: &str) -> Option<&'i Arc<Image>> {
    if images.is_empty() {
        return None;
    }
    let parsed = Reference::parse(reference).ok();
    let full = parsed.map(|reference| reference.name()).unwrap_or_default();
    // The name without tag and digest, as it is written.
    let plain = reference.split_once('@').map_or(reference, |(name, _)| name);
    let plain = plain.rfind(':').filter(|at| !plain[*at..].contains('/')).map_or(plain, |at| &plain[..at]);
    // All that match have been met, not only the one that counts.
    let all = images.iter().filter(|image| image.is_named([&full, plain]));
    all.collect::<Vec<_>>().into_iter().next()
}
