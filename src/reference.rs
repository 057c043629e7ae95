//! Image references as Kubernetes' container runtimes read them.
//!
//! Grammar and normalisation are those of the Go package `distribution/reference`
//! (`ParseNormalizedNamed`), which kubelet, containerd and CRI-O share:
//! `nginx` is `docker.io/library/nginx`, and the first part is a registry if it looks like a host.
//! Written by hand, because a regular expression would be compiled anew in every instance of a policy.

use std::borrow::Cow;
use std::fmt;

/// The registry of names that do not say one.
pub(crate) const HUB: &str = "docker.io";
/// The old name of [`HUB`], which still means it.
pub(crate) const OLD_HUB: &str = "index.docker.io";
/// The tag that is pulled when neither a tag nor a digest is written.
pub(crate) const DEFAULT_TAG: &str = "latest";
/// Longest repository, in bytes; the registry does not count.
const LONGEST_REPOSITORY: usize = 255;
/// Longest tag, in bytes.
const LONGEST_TAG: usize = 128;

/// A reference to an image, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Host of the registry, with the port if one is written: `docker.io`, `[::1]:5000`.
    pub registry: &'a str,
    /// Path of the repository in the registry: `library/nginx`.
    pub repository: Cow<'a, str>,
    /// The tag as written; a missing one means `latest` unless there is a digest.
    pub tag: Option<&'a str>,
    /// The digest with its algorithm: `sha256:…`. The tag means nothing beside it.
    pub digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    /// Reads and normalises `text`.
    ///
    /// # Errors
    /// A text that no runtime takes as an image's name: what is wrong with it.
    pub fn parse(text: &'a str) -> Result<Reference<'a>, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        if is_hex(text, 64) {
            return Err("64 hexadecimal digits alone are the id of an image, not a name");
        }
        let (registry, rest) = split_registry(text);
        let (rest, digest) = cut(rest, '@');
        let (path, tag) = cut(rest, ':');

        if registry.ends_with(':') && path.starts_with('/') {
            return Err("it must not have a scheme, as https://");
        }
        let mut length = path.len();
        if !is_host(registry) {
            // The grammar then takes the host for a part of the path, and the runtimes dial it all the same:
            // `my_registry.local/app`.
            if !registry.contains('_') || !is_path_part(registry) {
                return Err("the registry must be a host name or address, with a port number if any");
            }
            length += registry.len() + 1;
        }
        check_path(path)?;
        let repository = if registry == HUB && !path.contains('/') {
            Cow::Owned(["library/", path].concat())
        } else {
            Cow::Borrowed(path)
        };
        if length.max(repository.len()) > LONGEST_REPOSITORY {
            return Err("the name is longer than 255 characters");
        }
        if !tag.is_none_or(is_tag) {
            return Err("the tag must be 1 to 128 letters, digits, `_`, `.` and `-`, the first neither `.` nor `-`");
        }
        if !digest.is_none_or(is_digest) {
            return Err("the digest must be sha256: and 64 lower-case hexadecimal digits (sha384: 96, sha512: 128)");
        }
        Ok(Reference { registry, repository, tag, digest })
    }

    /// The full name without tag and digest: `docker.io/library/nginx`.
    pub fn name(&self) -> String {
        [self.registry, "/", &self.repository].concat()
    }
}

/// Writes the reference that is pulled: the full name with the tag and the digest, with `:latest` if neither is
/// written.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = if self.digest.is_none() { Some(DEFAULT_TAG) } else { None };
        for (before, part) in
            [("", Some(self.registry)), ("/", Some(&*self.repository)), (":", self.tag.or(default)), ("@", self.digest)]
        {
            if let Some(part) = part {
                f.write_str(before)?;
                f.write_str(part)?;
            }
        }
        Ok(())
    }
}

/// Whether `text` can be the registry of a normalised reference.
pub fn is_registry(text: &str) -> bool {
    looks_like_registry(text) && is_host(text) && text != OLD_HUB
}

/// The registry and the rest of `text`.
fn split_registry(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((OLD_HUB, rest)) => (HUB, rest),
        Some((first, rest)) if looks_like_registry(first) => (first, rest),
        _ => (HUB, text),
    }
}

/// Whether the first part of a name is a registry rather than a part of the path. Upper case is not
/// allowed in a path, so it makes a host.
fn looks_like_registry(first: &str) -> bool {
    first == "localhost" || first.bytes().any(|b| matches!(b, b'.' | b':') || b.is_ascii_uppercase())
}

/// Splits the text at the first `separator`.
fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// A host name, an IPv4 address or an IPv6 address in brackets, and maybe a port.
fn is_host(text: &str) -> bool {
    let (good, port) = match text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((address, "")) => (is_address(address), None),
        Some((address, after)) => (is_address(address), Some(after.strip_prefix(':').unwrap_or_default())),
        None => {
            let (name, port) = cut(text, ':');
            (name.split('.').all(is_label), port)
        }
    };
    good && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// As loose as the Go package: neither groups nor `::` are counted.
fn is_address(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
}

fn is_label(text: &str) -> bool {
    let dash_inside = !text.starts_with('-') && !text.ends_with('-');
    !text.is_empty() && dash_inside && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn check_path(path: &str) -> Result<(), &'static str> {
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("the name must be in lower case");
    }
    for part in path.split('/') {
        if part.is_empty() {
            return Err("a part of the name is empty");
        }
        if !is_path_part(part) {
            return Err("the name must be letters and digits, joined by `/`, `.`, `_`, `__` or dashes");
        }
    }
    Ok(())
}

/// Letters and digits, with separators between them but not at the ends.
fn is_path_part(part: &str) -> bool {
    let letter = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let separator = |text: &[u8]| matches!(text, b"." | b"_" | b"__") || text.iter().all(|b| *b == b'-');
    let part = part.as_bytes();
    part.first().is_some_and(letter) && part.last().is_some_and(letter) && part.split(letter).all(separator)
}

fn is_tag(tag: &str) -> bool {
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= LONGEST_TAG
        && tag.bytes().next().is_some_and(letter)
        && tag.bytes().all(|b| letter(b) || matches!(b, b'.' | b'-'))
}

/// The algorithms that the runtimes know; they refuse any other.
fn is_digest(digest: &str) -> bool {
    match digest.split_once(':') {
        Some(("sha256", hex)) => is_hex(hex, 64),
        Some(("sha384", hex)) => is_hex(hex, 96),
        Some(("sha512", hex)) => is_hex(hex, 128),
        _ => false,
    }
}

/// Whether `text` is a SHA-256 digest, the only kind that registries give.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.starts_with("sha256:") && is_digest(text)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
