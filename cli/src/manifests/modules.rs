//! Where a policy's module is pulled from, by tag or by digest.

use std::path::Path;

use hardening::reference::{Reference, is_registry};

use super::error::Error;
use registry::SCHEME;

/// Says what is wrong with a line of a file of digests.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error("{0}; expected `registry://HOST/FOLDER/POLICY:TAG@sha256:DIGEST`")]
    Reference(&'static str),
    #[error("the line says `{0}`, but its module is `{1}`")]
    Other(String, String),
    #[error("a second {0} of `{1}`; keep one line, or choose by tag with --tag")]
    Second(&'static str, String),
}

/// Where the modules are.
#[derive(Debug)]
pub(super) struct Modules {
    registry: Option<String>,
    tag: String,
    digests: Option<Digests>,
}

impl Modules {
    /// Modules at `registry`, or where the file of digests has them; with a tag, only its lines of that tag
    /// count.
    ///
    /// # Errors
    /// Neither of the two, and what cannot be read as what it is.
    pub(super) fn new(registry: Option<&str>, tag: Option<&str>, digests: Option<&Path>) -> Result<Modules, Error> {
        let registry = registry.map(read_registry).transpose()?;
        let digests = digests.map(|path| Digests::read(path, tag)).transpose()?;
        if registry.is_none() && digests.is_none() {
            return Err(Error::NoRegistry);
        }
        let tag = tag.map_or_else(|| format!("v{}", env!("CARGO_PKG_VERSION")), str::to_owned);
        if let Err(why) = Reference::parse(&format!("example.com/policy:{tag}")) {
            return Err(Error::Value("--tag", tag, why.to_owned()));
        }
        Ok(Modules { registry, tag, digests })
    }

    /// The reference to the module of the policy `id`.
    ///
    /// # Errors
    /// A policy that the file of digests lacks.
    pub(super) fn of(&self, id: &str) -> Result<String, Error> {
        let Some(digests) = &self.digests else {
            let registry = self.registry.as_deref().unwrap_or_default();
            return Ok(format!("{SCHEME}{registry}/{id}:{}", self.tag));
        };
        let pinned = digests.of(id)?;
        let registry = self.registry.as_deref().unwrap_or(&pinned.registry);
        Ok(format!("{SCHEME}{registry}/{id}@{}", pinned.digest))
    }
}

fn read_registry(text: &str) -> Result<String, Error> {
    let bare = text.strip_prefix(SCHEME).unwrap_or(text).trim_end_matches('/');
    let wrong = |why: &str| {
        let why = format!("{why}; expected a host and a folder such as registry://ghcr.io/example/policies");
        Error::Value("--registry", text.to_owned(), why)
    };
    if bare.contains("://") {
        return Err(wrong("modules are pulled from an OCI registry"));
    }
    if !bare.split('/').next().is_some_and(is_registry) {
        return Err(wrong("no host"));
    }
    let whole = format!("{bare}/policy");
    match Reference::parse(&whole) {
        Ok(Reference { tag: None, digest: None, .. }) => Ok(bare.to_owned()),
        Ok(_) => Err(wrong("it has a tag or a digest")),
        Err(why) => Err(wrong(why)),
    }
}

/// The lines of a file of digests: `ID registry://HOST/FOLDER/ID:TAG@sha256:…` as `make publish` writes them, one a
/// policy; the id in front may be missing.
#[derive(Debug)]
struct Digests {
    file: String,
    pinned: Vec<Pinned>,
}

#[derive(Debug, PartialEq)]
struct Pinned {
    registry: String,
    id: String,
    digest: String,
}

impl Digests {
    fn read(path: &Path, tag: Option<&str>) -> Result<Digests, Error> {
        let file = path.display().to_string();
        let text = bounded::read_to_string(path).map_err(|source| Error::Digests(file.clone(), source))?;
        let mut pinned: Vec<Pinned> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = |why: LineError| Error::DigestsLine(file.clone(), index + 1, why);
            let (entry, own_tag) = Pinned::read(line).map_err(wrong)?;
            if tag.is_some_and(|tag| own_tag.is_some_and(|own| own != tag)) || pinned.contains(&entry) {
                continue;
            }
            if let Some(other) = pinned.iter().find(|other| other.id == entry.id) {
                let what = if other.digest == entry.digest { "registry" } else { "digest" };
                return Err(wrong(LineError::Second(what, entry.id)));
            }
            pinned.push(entry);
        }
        Ok(Digests { file, pinned })
    }

    fn of(&self, id: &str) -> Result<&Pinned, Error> {
        let missing = || Error::NoDigest(self.file.clone(), id.to_owned());
        self.pinned.iter().find(|pinned| pinned.id == id).ok_or_else(missing)
    }
}

impl Pinned {
    /// A line, and the tag that it names.
    fn read(line: &str) -> Result<(Pinned, Option<&str>), LineError> {
        let (given_id, module) = line.split_once(' ').map_or((None, line), |(id, rest)| (Some(id), rest.trim_start()));
        let bare = module.strip_prefix(SCHEME).unwrap_or(module);
        let reference = Reference::parse(bare).map_err(LineError::Reference)?;
        let digest = reference.digest.ok_or(LineError::Reference("no digest"))?;
        // As it is written: a normalised name would say docker.io where nobody did.
        let name = bare.split('@').next().unwrap_or_default();
        let name = reference.tag.and_then(|tag| name.strip_suffix(tag)?.strip_suffix(':')).unwrap_or(name);
        let (registry, id) = name.rsplit_once('/').ok_or(LineError::Reference("no registry"))?;
        if let Some(given) = given_id.filter(|given| *given != id) {
            return Err(LineError::Other(given.to_owned(), id.to_owned()));
        }
        let pinned = Pinned { registry: registry.to_owned(), id: id.to_owned(), digest: digest.to_owned() };
        Ok((pinned, reference.tag))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn digests(text: &str, registry: Option<&str>, tag: Option<&str>) -> Result<Modules, Error> {
        Modules::new(registry, tag, Some(file(text).path()))
    }

    #[test]
    fn by_tag() {
        let modules = Modules::new(Some("registry://ghcr.io/org/policies/"), None, None).unwrap();
        let expected = format!("registry://ghcr.io/org/policies/privileged:v{}", env!("CARGO_PKG_VERSION"));
        assert_eq!(modules.of("privileged").unwrap(), expected);
        let modules = Modules::new(Some("localhost:5000/p"), Some("latest"), None).unwrap();
        assert_eq!(modules.of("resources").unwrap(), "registry://localhost:5000/p/resources:latest");
    }

    #[test]
    fn by_digest() {
        let text = format!(
            "# published\n\nprivileged registry://localhost:5000/p/privileged:v1@{A}\nghcr.io/o/resources@{B}\n"
        );
        let modules = digests(&text, None, None).unwrap();
        assert_eq!(modules.of("privileged").unwrap(), format!("registry://localhost:5000/p/privileged@{A}"));
        assert_eq!(modules.of("resources").unwrap(), format!("registry://ghcr.io/o/resources@{B}"));
        assert!(modules.of("sysctls").unwrap_err().to_string().contains("has no digest of `sysctls`"));
        let mirrored = digests(&text, Some("mirror.example.com/x"), None).unwrap();
        assert_eq!(mirrored.of("privileged").unwrap(), format!("registry://mirror.example.com/x/privileged@{A}"));
    }

    #[test]
    fn a_tag_chooses_among_the_lines() {
        let text = format!("ghcr.io/o/a:v1@{A}\nghcr.io/o/a:v2@{B}\n");
        assert!(digests(&text, None, None).unwrap_err().to_string().contains(":2: a second digest of `a`"));
        assert_eq!(digests(&text, None, Some("v2")).unwrap().of("a").unwrap(), format!("registry://ghcr.io/o/a@{B}"));
        let same = format!("ghcr.io/o/a:v1@{A}\nghcr.io/o/a:latest@{A}\n");
        assert_eq!(digests(&same, None, None).unwrap().of("a").unwrap(), format!("registry://ghcr.io/o/a@{A}"));
        let two = format!("ghcr.io/o/a:v1@{A}\nghcr.io/x/a:v1@{A}\n");
        assert!(digests(&two, None, None).unwrap_err().to_string().contains("a second registry of `a`"));
    }

    #[test]
    fn what_cannot_be_used() {
        for (registry, expected) in [
            ("https://example.com/p", "OCI registry"),
            ("example.com/p@sha256:x", "--registry"),
            ("example.com/P", "--registry"),
            ("", "no host"),
            ("policies", "no host"),
            ("a b", "--registry"),
        ] {
            let error = Modules::new(Some(registry), None, None).unwrap_err().to_string();
            assert!(error.contains(expected), "{registry}: {error}");
        }
        assert!(Modules::new(Some("a.io/p"), Some("a b"), None).unwrap_err().to_string().starts_with("--tag `a b`"));
        assert!(Modules::new(None, None, None).unwrap_err().to_string().contains("--registry"));
        let other = digests(&format!("b registry://ghcr.io/o/a:v1@{A}\n"), None, None).unwrap_err().to_string();
        assert!(other.contains("says `b`, but its module is `a`"), "{other}");
        for text in ["ghcr.io/o/a:v1\n", "nonsense line\n", "ghcr.io/o/a@sha256:12\n"] {
            assert!(digests(text, None, None).unwrap_err().to_string().contains(":1: "), "{text}");
        }
        let missing = Modules::new(None, None, Some(Path::new("/nowhere/digests.txt"))).unwrap_err().to_string();
        assert!(missing.contains("cannot read digests"), "{missing}");
    }
}
