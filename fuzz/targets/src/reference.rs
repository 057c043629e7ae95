//! Image references, compared with the reader of `oci-spec`.

use hardening::reference::{Reference, is_registry};
use oci_spec::distribution::Reference as Theirs;
use registry::PolicyReference;

/// Reads `bytes` as an image reference. Written in full it is read as the same, `oci-spec` reads it alike, and what
/// `oci-client` takes for a policy's reference is one here, too.
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
    if !is_read_differently(text) {
        let ours = read.as_ref().ok().map(|reference| (reference.name(), reference.to_string()));
        assert_eq!(ours, theirs(text), "{text:?}");
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

/// The name and the whole reference, as `oci-spec` reads them.
fn theirs(text: &str) -> Option<(String, String)> {
    let reference = Theirs::try_from(text).ok()?;
    Some((format!("{}/{}", reference.registry(), reference.repository()), reference.whole()))
}

/// Whether `oci-spec` 0.10 does not follow `distribution/reference`, which both take as the model, on this text.
fn is_read_differently(text: &str) -> bool {
    let first = text.split_once('/').map(|(first, _)| first);
    // It takes letters of every alphabet in a tag.
    !text.is_ascii()
        // It knows no IPv6 addresses.
        || text.contains('[')
        // It takes an upper-case first part without a dot, a host by its grammar, for a part of the path.
        || first.is_some_and(|first| first.contains(|c: char| c.is_ascii_uppercase()) && !first.contains(['.', ':']))
        // It takes upper-case digits in digests; the runtimes' `go-digest` does not.
        || text.split_once('@').is_some_and(|(_, digest)| digest.contains(|c: char| c.is_ascii_uppercase()))
        // It takes the id of an image for a name.
        || (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
        // It does not count a host with `_` as a part of the path, which it is by the grammar.
        || first.is_some_and(|first| first.contains('_') && first.contains('.') && text.len() > 255)
}
