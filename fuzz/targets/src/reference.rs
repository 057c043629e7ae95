//! Image references.

use harden::oci::PolicyReference;
use hardening::reference::{Reference, is_registry};

/// Reads `bytes` as an image reference. Written in full it is read as the same, and what `oci-client` takes for a
/// policy's reference is one here, too.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let read = Reference::parse(text);
    if let Ok(reference) = &read {
        let full = reference.to_string();
        let name = reference.name();
        let again = Reference::parse(&full);
        assert!(again.is_ok(), "{text:?} in full is {full:?}, which is refused: {again:?}");
        if let Ok(again) = again {
            assert_eq!((again.name(), again.to_string()), (name.clone(), full.clone()), "{text:?}");
            assert_eq!(again.digest, reference.digest, "{text:?}");
        }
        assert!(full.starts_with(&name) && name.contains('/'), "{text:?}: {name:?} {full:?}");
    }
    // No panic is asked for.
    let _ = is_registry(text);
    // Of long names oci-client counts less: a host with `_` is one, while Docker takes it for a part of the path.
    if text.len() <= 255
        && let Ok(policy) = PolicyReference::parse(&["registry://", text].concat())
    {
        let tag = read.as_ref().map(|reference| reference.tag);
        assert_eq!(tag, Ok(policy.tag()), "{text:?} is a policy's reference");
    }
}
