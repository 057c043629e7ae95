//! Registries that are asked in place of others.

use std::str::FromStr;

use images::Image;
use thiserror::Error;

/// A registry that is asked in place of another one, such as `docker.io=mirror.example.com/hub`. What it answers is
/// filed under the name that the manifests use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror {
    registry: String,
    host: String,
    /// The path before the repository; empty or with a slash at its end.
    prefix: String,
}

/// A text that does not name a mirror.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} names no mirror: write REGISTRY=HOST or REGISTRY=HOST/PATH, such as docker.io=mirror.example.com/hub")]
pub struct MirrorError(String);

impl FromStr for Mirror {
    type Err = MirrorError;

    fn from_str(text: &str) -> Result<Mirror, MirrorError> {
        let wrong = || MirrorError(text.chars().take(300).collect());
        let (registry, place) = text.split_once('=').ok_or_else(wrong)?;
        let (host, path) = place.split_once('/').unwrap_or((place, ""));
        // Both must stand where a reference has them.
        let probe = |host: &str, path: &str| {
            Image::parse(&format!("{host}/{path}x")).ok().filter(|image| image.registry() == host)
        };
        let prefix = if path.is_empty() { String::new() } else { format!("{}/", path.trim_end_matches('/')) };
        probe(registry, "").and(probe(host, &prefix)).ok_or_else(wrong)?;
        Ok(Mirror { registry: registry.to_owned(), host: host.to_owned(), prefix })
    }
}

impl Mirror {
    /// The host that is asked for an image, and its repository there.
    pub(super) fn place_of(mirrors: &[Mirror], image: &Image) -> (String, String) {
        match mirrors.iter().find(|mirror| mirror.registry == image.registry()) {
            Some(mirror) => (mirror.host.clone(), [&mirror.prefix, image.repository()].concat()),
            None => (image.registry().to_owned(), image.repository().to_owned()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_take_the_place_of_their_registry() {
        let mirrors: Vec<Mirror> =
            ["docker.io=127.0.0.1:5000/hub/", "ghcr.io=mirror.example.com"].map(|text| text.parse().unwrap()).into();
        for (image, host, name) in [
            ("nginx:1", "127.0.0.1:5000", "hub/library/nginx"),
            ("ghcr.io/org/app", "mirror.example.com", "org/app"),
            ("quay.io/org/app", "quay.io", "org/app"),
        ] {
            let place = Mirror::place_of(&mirrors, &Image::parse(image).unwrap());
            assert_eq!(place, (host.to_owned(), name.to_owned()));
        }
        for text in
            ["", "docker.io", "docker.io=", "=x.io", "docker.io=mirror", "a b=c.io", "docker.io=x.io/A", "hub=x.io"]
        {
            assert!(text.parse::<Mirror>().is_err(), "{text}");
        }
    }
}
