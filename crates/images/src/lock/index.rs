//! A lock whose entries are read when somebody asks for them: a run that judges a few workloads needs a few of them.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::value::RawValue;

use super::{Entry, LockError, read};
use crate::image::Image;

/// A lock whose entries were not read yet: only the place of each is known.
#[derive(Debug, Clone, Default)]
pub struct Index {
    text: String,
    /// The bytes of each entry, by key.
    entries: BTreeMap<String, Range<usize>>,
}

impl Index {
    /// Reads the text of a lock as far as its entries begin and end.
    ///
    /// # Errors
    /// A text that is not a lock, but for what [`Index::get`] finds wrong with an entry.
    pub fn parse(text: String) -> Result<Index, LockError> {
        let range = |raw: &RawValue| {
            let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
            start..start + raw.get().len()
        };
        let entries = read::<&RawValue>(&text)?.into_iter().map(|(key, raw)| (key, range(raw))).collect();
        Ok(Index { text, entries })
    }

    /// Reads the entry of an image.
    ///
    /// # Errors
    /// An entry that is not one.
    pub fn get(&self, image: &Image) -> Result<Option<Entry>, LockError> {
        let key = image.key();
        let Some(range) = self.entries.get(&key) else { return Ok(None) };
        let text = self.text.get(range.clone()).unwrap_or_default();
        let entry: Entry = serde_json::from_str(text).map_err(|error| LockError::Entry(key.clone(), error))?;
        entry.check(&key, image)?;
        Ok(Some(entry))
    }

    /// Reads the entry of the bytes that a reference means: by its key, else by its digest, under whatever tag that was
    /// locked.
    ///
    /// # Errors
    /// An entry that is not one.
    pub fn meant(&self, image: &Image) -> Result<Option<Entry>, LockError> {
        let Some(digest) = image.digest() else { return self.get(image) };
        let own = self.get(image)?;
        if own.as_ref().is_some_and(|entry| entry.is_of(image)) {
            return Ok(own);
        }
        let name = image.name() + ":";
        let tagged = self.entries.range(name.clone()..).take_while(|(key, _)| key.starts_with(&name));
        for (key, range) in tagged {
            let Ok(tag) = Image::parse(key) else { continue };
            // Most are of other digests, and need not be read.
            let is_near = self.text.get(range.clone()).is_some_and(|text| text.contains(digest));
            let entry = if is_near { self.get(&tag)? } else { None };
            if entry.as_ref().is_some_and(|entry| entry.is_of(image)) {
                return Ok(entry);
            }
        }
        Ok(None)
    }

    /// Whether there is an entry of an image.
    pub fn has(&self, image: &Image) -> bool {
        self.entries.contains_key(&image.key())
    }
}
