//! Answers of registries, and requests to them.

use registry::{Digest, Module, PolicyReference};

/// Reads `bytes` as a manifest, a reference and a digest. What is read is written as it was.
pub fn run(bytes: &[u8]) {
    if let Ok(module) = Module::in_manifest(bytes) {
        assert!(module.size <= Module::LARGEST, "a module of {} bytes", module.size);
        assert_eq!(Digest::parse(&module.digest.to_string()).ok().as_ref(), Some(&module.digest));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(digest) = Digest::parse(text) {
        assert_eq!((digest.to_string().as_str(), digest.hex().len()), (text, 64));
    }
    if let Ok(reference) = PolicyReference::parse(text) {
        assert_eq!(reference.to_string(), text);
        assert!(reference.tag().is_some() || reference.digest().is_some(), "{text:?} names no version");
    }
}
