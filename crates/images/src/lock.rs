//! `harden.lock`: for each reference the digest it stood for when it was asked, and the facts about the image.
//!
//! The file is JSON, sorted and without a date, so that the same images give the same bytes, and it is committed beside
//! `harden.yaml`. What is not understood is refused: a lock that is half read would judge by less than it says.

mod index;
mod schema;
mod unique;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::digest::Digest;
use crate::facts::{Facts, FactsError, Source};
use crate::image::{Image, ImageError};
use crate::platform::Platform;

pub use index::Index;
pub use schema::schema;

/// The name of the file.
pub const NAME: &str = "harden.lock";

/// The version of the file's shape.
const VERSION: u32 = 1;

/// Most bytes of a lock; 10,000 images with two platforms each have some 8 MiB.
const LONGEST: usize = 32 << 20;

/// A lock: entries by the key of their image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    images: BTreeMap<String, Entry>,
}

/// The answer of a registry about one reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The digest that the tag stood for: of the index where there is one, else of the manifest.
    pub digest: Digest,
    /// The images of the platforms that were asked for; none of an artifact that is not run.
    #[serde(deserialize_with = "unique::map")]
    pub platforms: BTreeMap<Platform, Build>,
}

/// The image of one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The digest of its manifest.
    pub digest: Digest,
    /// The facts that each source knows.
    #[serde(deserialize_with = "unique::map")]
    pub facts: BTreeMap<Source, Facts>,
}

/// The file, with entries that are read or not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "E: Deserialize<'de>"))]
struct File<E> {
    version: u32,
    #[serde(deserialize_with = "unique::map")]
    images: BTreeMap<String, E>,
}

/// A text that is not a lock.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// It is longer than any lock.
    #[error("is not a lock: it has {0} bytes, and no more than {LONGEST} are read")]
    TooLong(usize),
    /// It is not JSON of the right shape.
    #[error("is not a lock: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version of `harden` wrote it.
    #[error(
        "is a lock of version {0}, and this harden knows version {VERSION}: use the harden that wrote it, or write it anew with `harden images lock`"
    )]
    Version(u32),
    /// An entry has not the right shape.
    #[error("is not a lock: the entry of `{0}`: {1}")]
    Entry(String, serde_json::Error),
    /// A key is not a reference.
    #[error("is not a lock: {0}")]
    Reference(#[from] ImageError),
    /// A key is a reference that is not written in full.
    #[error("is not a lock: the reference `{0}` is written in full as `{1}`")]
    Key(String, String),
    /// A key names another digest than its entry.
    #[error("is not a lock: the entry of `{0}` has the digest {1}")]
    Digest(String, Digest),
    /// The facts about an image are longer than any real ones.
    #[error("is not a lock: `{0}`: {1}")]
    Facts(String, FactsError),
}

/// The version alone, which says why the rest cannot be read: another version may have other keys.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// Reads the entries in the text of a lock, or where they stand.
fn read<'t, E: Deserialize<'t>>(text: &'t str) -> Result<BTreeMap<String, E>, LockError> {
    if text.len() > LONGEST {
        return Err(LockError::TooLong(text.len()));
    }
    let File { version, images } = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let Versioned { version } = serde_json::from_str(text)?;
            return Err(if version == VERSION { error.into() } else { LockError::Version(version) });
        }
    };
    if version == VERSION { Ok(images) } else { Err(LockError::Version(version)) }
}

impl Build {
    /// The facts that count, which say a user: those of the image itself, which the kubelet reads; else those of its
    /// Dockerfile, else those of a run.
    pub fn best(&self) -> Option<&Facts> {
        let facts =
            [Source::Image, Source::Dockerfile, Source::Try].into_iter().filter_map(|source| self.facts.get(&source));
        facts.into_iter().find(|facts| facts.written_user().is_some())
    }
}

impl Entry {
    /// The facts that count, platform by platform.
    pub fn facts(&self) -> impl Iterator<Item = (&Platform, &Facts)> {
        self.platforms.iter().filter_map(|(platform, build)| Some((platform, build.best()?)))
    }

    /// The entry as the settings of policies take it: without what only a trial knows.
    #[must_use]
    pub fn for_policies(mut self) -> Entry {
        for build in self.platforms.values_mut() {
            for facts in build.facts.values_mut() {
                let Facts { written_paths, capabilities, memory, .. } = facts;
                (*written_paths, *capabilities, *memory) = (Vec::new(), Vec::new(), None);
            }
            build.facts.retain(|_, facts| *facts != Facts::default());
        }
        self
    }

    /// Whether it is about the bytes that a reference means, which is so wherever the reference has no digest.
    pub fn is_of(&self, image: &Image) -> bool {
        image.digest().is_none_or(|digest| digest == self.digest.to_string())
    }

    /// Whether it is one of this image, which has this key.
    fn check(&self, key: &str, image: &Image) -> Result<(), LockError> {
        if image.tag().is_none() && !self.is_of(image) {
            return Err(LockError::Digest(key.to_owned(), self.digest.clone()));
        }
        let mut facts = self.platforms.values().flat_map(|build| build.facts.values());
        facts.try_for_each(Facts::check).map_err(|error| LockError::Facts(key.to_owned(), error))
    }
}

impl Lock {
    /// Reads the text of a lock.
    ///
    /// # Errors
    /// A text that is not one; the message follows the name of the file.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let images: BTreeMap<String, Entry> = read(text)?;
        for (key, entry) in &images {
            let image = Image::parse(key)?;
            if image.key() != *key {
                return Err(LockError::Key(key.clone(), image.key()));
            }
            entry.check(key, &image)?;
        }
        Ok(Lock { images })
    }

    /// Writes the text of the lock.
    ///
    /// # Errors
    /// Serialisation errors; none is expected.
    pub fn to_text(&self) -> Result<String, serde_json::Error> {
        let file = File { version: VERSION, images: self.images.clone() };
        serde_json::to_string_pretty(&file).map(|text| text + "\n")
    }

    /// The entry of an image.
    pub fn get(&self, image: &Image) -> Option<&Entry> {
        self.images.get(&image.key())
    }

    /// The entry of an image, to be changed.
    pub fn get_mut(&mut self, image: &Image) -> Option<&mut Entry> {
        self.images.get_mut(&image.key())
    }

    /// Puts the entry of an image in place of the one it had.
    pub fn insert(&mut self, image: &Image, entry: Entry) {
        self.images.insert(image.key(), entry);
    }

    /// Removes the entries that `keep` does not want; gives their keys.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) -> Vec<String> {
        self.images.extract_if(.., |key, _| !keep(key)).map(|(key, _)| key).collect()
    }

    /// Every entry with its key.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.images.iter().map(|(key, entry)| (key.as_str(), entry))
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
