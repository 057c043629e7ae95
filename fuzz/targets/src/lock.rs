//! Locks, and the configurations of images that their facts come from.

use std::collections::BTreeMap;

use images::facts::Source;
use images::{Build, Digest, Entry, Facts, Image, Index, Lock};

/// Reads `bytes` as a lock and as the configuration of an image.
///
/// A lock that is taken is written as one that says the same, its entries are found by their references, and the reader
/// that reads an entry only when it is asked for finds the same ones. Facts that are taken fit into a lock.
pub fn run(bytes: &[u8]) {
    if let Ok((platform, facts)) = Facts::of_configuration(bytes) {
        let build = Build { digest: Digest::of(bytes), facts: BTreeMap::from([(Source::Image, facts)]) };
        let entry = Entry { digest: Digest::of(b""), platforms: BTreeMap::from([(platform, build)]) };
        let mut lock = Lock::default();
        if let Ok(image) = Image::parse("a:1") {
            lock.insert(&image, entry);
        }
        assert!(!lock.is_empty() && again(&lock).as_ref() == Some(&lock), "facts that no lock holds: {lock:?}");
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let lazy = Index::parse(text.to_owned());
    let Ok(lock) = Lock::parse(text) else { return };
    let written = again(&lock);
    assert!(written.as_ref() == Some(&lock), "{lock:?} is written as {written:?}");
    let lazy = lazy.ok();
    assert!(lazy.is_some(), "{text:?} is a lock to one reader alone");
    for (key, entry) in lock.entries() {
        let found = Image::parse(key).ok().and_then(|image| lazy.as_ref()?.get(&image).ok()?);
        assert_eq!(found.as_ref(), Some(entry), "{key}");
    }
}

/// A lock, written and read.
fn again(lock: &Lock) -> Option<Lock> {
    Lock::parse(&lock.to_text().ok()?).ok()
}
