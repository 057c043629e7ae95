//! Where facts about images come from: the lock, and the Dockerfiles of images that are built here.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use hardening::rules::image_user::SAYS;
use images::lock::LockError;
use images::{Entry, Image, Index};

use super::IMAGE_USER;
use crate::dockerfile::{self, DOCKERFILE_USER, Image as Built};
use crate::finding::Finding;

/// The lock of a run.
pub(crate) struct Locked {
    index: Arc<Index>,
    /// The keys of images that the lock lacks, of those that were met.
    lacking: Mutex<BTreeSet<String>>,
}

/// Everything that knows an image of some files.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) lock: Option<Arc<Locked>>,
    pub(crate) built: Vec<Arc<Built>>,
}

/// The source that knows an image.
#[derive(Clone)]
pub(super) enum Source {
    Lock,
    Dockerfile(Arc<Built>),
}

/// Holds the facts about an image, in the shape of the lock, and where they come from.
pub(super) struct Known {
    pub(super) key: String,
    pub(super) entry: Entry,
    pub(super) source: Source,
}

impl Source {
    /// Names the rule that findings from its facts have.
    pub(super) fn rule(&self) -> &'static str {
        match self {
            Source::Lock => IMAGE_USER,
            Source::Dockerfile(_) => DOCKERFILE_USER,
        }
    }

    /// Names itself in a finding from its facts. Returns false if another report has the finding: what is wrong with `USER`
    /// itself is said in the report about the Dockerfile, where it is repaired.
    pub(super) fn claim(&self, finding: &mut Finding) -> bool {
        let Source::Dockerfile(built) = self else { return true };
        let violation = &mut finding.violation;
        if violation.path.ends_with(".image") {
            return false;
        }
        violation.rule = DOCKERFILE_USER.to_owned();
        // A baseline knows these without the value.
        violation.found = None;
        violation.message = violation.message.replace(SAYS, &format!(", as USER in {} says", built.line_of_user()));
        true
    }
}

impl Locked {
    pub(crate) fn new(index: Arc<Index>) -> Locked {
        Locked { index, lacking: Mutex::default() }
    }

    /// The lock.
    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// How many images were met that the lock lacks, each counted once.
    pub(crate) fn lacking(&self) -> usize {
        self.lacking.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The entry of an image; `None` if there is none, or if it is about other bytes than the reference's digest names.
    fn entry(&self, image: &Image) -> Result<Option<Entry>, LockError> {
        let entry = self.index.get(image)?.filter(|entry| entry.is_of(image) && entry.facts().next().is_some());
        if entry.is_none() {
            self.lacking.lock().unwrap_or_else(PoisonError::into_inner).insert(image.key());
        }
        Ok(entry)
    }
}

impl Sources {
    /// Whether nothing is known about any image.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock.is_none() && self.built.is_empty()
    }

    /// Looks up the image that a reference names: in the lock, which knows the bytes that run, else in its Dockerfile, which
    /// says what the next build will be. Other rules complain of a text that is not a reference.
    ///
    /// # Errors
    /// An entry of the lock that cannot be read.
    pub(super) fn know(&self, reference: &str) -> Result<Option<Known>, LockError> {
        // Whoever asks whether a Dockerfile's image runs somewhere counts this one, whatever the lock says.
        let built = dockerfile::named(&self.built, reference);
        let Ok(image) = Image::parse(reference) else { return Ok(None) };
        if let Some(entry) = self.lock.as_ref().map(|lock| lock.entry(&image)).transpose()?.flatten() {
            return Ok(Some(Known { key: image.key(), entry: entry.for_policies(), source: Source::Lock }));
        }
        Ok(built.and_then(|built| {
            let entry = built.entry(&image)?;
            Some(Known { key: image.key(), entry, source: Source::Dockerfile(Arc::clone(built)) })
        }))
    }
}
