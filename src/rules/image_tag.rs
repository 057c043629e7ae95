//! Rule `image-tag`.

use super::check::Standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::{self, Glob};
use crate::reference::{self, HUB, OLD_HUB, Reference};
use crate::settings::{SettingsError, check_each};
use crate::view::View;
use crate::violation::{Found, Report, Violation};

crate::settings! {
    /// Images are named by version or digest, and come from registries that are allowed.
    ///
    /// `latest` is whatever was pushed last: two nodes can run different programs under one name, a
    /// rollback brings nothing back, and nobody can say which fixes are in. A tag is a promise of the
    /// registry; a digest is proof.
    ///
    /// **Restricted fields:** `image` of containers, init containers and ephemeral containers;
    /// `image.reference` of the pod's volumes.
    ///
    /// **Allowed values:** references with a digest (`sha256:…`; the tag beside it means nothing, so it may
    /// be `latest`), and, unless `requireDigest`, with a tag that `rejectedTags` does not match; with
    /// `requireTag: false` any. One that no runtime can read, or none at all, is a violation, although the API
    /// server takes a template without images.
    ///
    /// Registries are judged on the full name, as Docker and containerd complete it: `nginx` is
    /// `docker.io/library/nginx`. Where the nodes' runtime searches other registries for short names
    /// (CRI-O's `unqualified-search-registries`), leave `docker.io` out of `allowedRegistries`, so that
    /// short names are refused.
    ///
    /// **Kubernetes:** all versions; image volumes since 1.31. Applies to Windows pods too.
    pub struct ImageTag {
        /// Whether tags are judged. If not, a missing tag and any other pass, and only registries are judged.
        require_tag("requireTag"): bool = true,
        /// Globs on the tag. A missing tag is a violation, too: it means `latest`.
        rejected_tags("rejectedTags"): Vec<Glob> = Glob::new("latest").into_iter().collect()
            => serde_json::json!({ "items": { "pattern": "^[^:/@]+$" } }),
        /// Whether only images with a digest pass; then `rejectedTags` has nothing left to say.
        require_digest("requireDigest"): bool = false,
        /// Globs on the full name without tag (`docker.io/library/nginx`) or on its leading parts: `ghcr.io`
        /// is a registry, `ghcr.io/org` an image of that name and all below it, `docker.io/bitnami` what is
        /// pulled as `bitnami/redis`. One must match, unless there are none.
        allowed_registries("allowedRegistries"): Vec<Glob> = Vec::new(),
        /// The same of what is refused, even if it is allowed too. Upper case and a port do not get around
        /// it, but a mirror or another name of the host does: `allowedRegistries` is the safer list.
        rejected_registries("rejectedRegistries"): Vec<Glob> = Vec::new(),
    }
    check(this) {
        if !this.require_tag {
            let key = match this {
                ImageTag { require_digest: true, .. } => Some("requireDigest"),
                ImageTag { rejected_tags, .. } if *rejected_tags != ImageTag::default().rejected_tags => {
                    Some("rejectedTags")
                }
                _ => None,
            };
            if let Some(key) = key {
                return Err(SettingsError::new("has no effect unless requireTag is true").under(key));
            }
        }
        check_each("rejectedTags", &this.rejected_tags, |tag| {
            let is_more = tag.as_str().contains([':', '/', '@']);
            is_more.then(|| SettingsError::new("matches no tag; write the tag alone, as latest"))
        })?;
        check_registries("allowedRegistries", &this.allowed_registries)?;
        check_registries("rejectedRegistries", &this.rejected_registries)?;
        check_each("rejectedRegistries", &this.rejected_registries, |glob| {
            let lower = || glob.as_str().to_ascii_lowercase();
            let error = || SettingsError::new(format!("registries are compared in lower case; write {}", lower()));
            has_upper_case(first_part(glob.as_str())).then(error)
        })?;
        check_each("rejectedRegistries", &this.rejected_registries, |glob| {
            let error = || SettingsError::new(format!("{} is in allowedRegistries too; keep one", glob.as_str()));
            this.allowed_registries.contains(glob).then(error)
        })?;
    }
}

/// Refuses globs that can match no full name: a list with one of them protects less than it says.
fn check_registries(key: &str, globs: &[Glob]) -> Result<(), SettingsError> {
    let error = |hint: String| SettingsError::new(format!("matches no image; {hint}"));
    check_each(key, globs, |glob| matches_nothing(glob.as_str()).map(error))
}

/// Suggests what to write instead of a pattern that matches no registry and no full name. The suggestion is accepted.
fn matches_nothing(pattern: &str) -> Option<String> {
    let name = pattern.trim_end_matches('/');
    let first = first_part(name);
    let has_registry = !glob::is_plain(first) || reference::is_registry(first);
    let has_tag = name[if has_registry { first.len() } else { 0 }..].contains(':');
    if has_tag || name.contains('@') || name.split('/').any(str::is_empty) {
        return Some("write a registry or a full name, without https://, tag and digest".to_owned());
    }
    // A name without a registry is one of Docker Hub's: `bitnami/*` is meant as `docker.io/bitnami`.
    let stem = if has_registry { name } else { name.strip_suffix("/*").unwrap_or(name) };
    let full = match stem.strip_prefix(OLD_HUB) {
        _ if has_registry => stem.to_owned(),
        Some(path) if first == OLD_HUB => [HUB, path].concat(),
        _ => [HUB, "/", stem].concat(),
    };
    if stem != pattern {
        return Some(format!("write {full} for all images below it"));
    }
    if first == OLD_HUB || !glob::is_plain(name) {
        let is_lower = name.contains(['[', '\\']) || !has_upper_case(&name[first.len()..]);
        return match has_registry {
            true if is_lower => None,
            true => Some("the name must be in lower case".to_owned()),
            false => Some(format!("the full name is {full}")),
        };
    }
    if has_registry && first == name {
        return None;
    }
    match Reference::parse(name).map(|reference| reference.name()) {
        Ok(_) if has_registry => None,
        Ok(name) if name == full => Some(format!("the full name is {name}")),
        Ok(name) => Some(format!("the full name is {name}; write {full} for all images below it")),
        Err(why) => Some(why.to_owned()),
    }
}

fn first_part(name: &str) -> &str {
    name.split_once('/').map_or(name, |(first, _)| first)
}

fn has_upper_case(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

impl RuleMeta for ImageTag {
    const ID: &'static str = "image-tag";
    const TITLE: &'static str = "Images have a version";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = false;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        "https://github.com/distribution/reference",
    ];
    const BY_HAND: &'static str = "pick a version";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{image: nginx}]",
        accepted: "containers: [{image: 'nginx:1.27.3'}]",
        fix: "Write the version that was tested, or better its digest, which `crane digest IMAGE` or `docker \
              buildx imagetools inspect IMAGE` prints. A bot such as Renovate keeps both up to date.",
    };
}

impl Standard for ImageTag {}

impl Rule for ImageTag {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let image = container.container.image.as_deref();
            self.judge(image, &mut |found, wanted| {
                report.add(Violation::in_container(&container, container.path("image"), found, wanted));
            });
        }
        for (index, volume) in view.volumes() {
            let Some(source) = &volume.image else { continue };
            self.judge(source.reference.as_deref(), &mut |found, wanted| {
                let field = format!("volumes[{index}].image.reference");
                report.add(Violation::in_volume(view, volume, &field, found, &wanted));
            });
        }
    }
}

impl ImageTag {
    /// Hands `report` everything that is wanted of `image` and not met.
    fn judge(&self, image: Option<&str>, report: &mut dyn FnMut(Found, String)) {
        let mut demand = |wanted: String| report(image.map_or(Found::Unset, Found::text), wanted);
        let Some(image) = image.filter(|image| !image.is_empty()) else {
            return demand("must name an image".to_owned());
        };
        let reference = match Reference::parse(image) {
            Ok(reference) => reference,
            Err(why) => {
                let is_placeholder = ["${", "$(", "{{"].iter().any(|mark| image.contains(mark));
                let why = if is_placeholder { "it is a placeholder that was not replaced" } else { why };
                return demand(["must be the name of an image: ", why].concat());
            }
        };
        let name = reference.name();
        let means = if image.starts_with(&name) { String::new() } else { format!(": it means {name}") };

        if let Some(wanted) = self.version_demand(&reference, !means.is_empty()) {
            demand(wanted);
        }
        if let Some(glob) = self.rejecting(&reference, &name) {
            demand(format!("must not come from {}{means}", glob.as_str()));
        }
        let allowed = &self.allowed_registries;
        if !allowed.is_empty() && !allowed.iter().any(|glob| reaches(glob, &name)) {
            let allowed: Vec<&str> = allowed.iter().map(Glob::as_str).collect();
            demand(format!("must come from {}{means}", allowed.join(", ")));
        }
    }

    /// The tag or digest that is wanted; `familiar` if the name is not written in full.
    fn version_demand(&self, reference: &Reference<'_>, familiar: bool) -> Option<String> {
        if reference.digest.is_some() {
            return None;
        }
        if self.require_digest {
            return Some("must have a digest, as @sha256:…".to_owned());
        }
        if !self.require_tag {
            return None;
        }
        let Some(tag) = reference.tag else {
            let means = if familiar { reference.to_string() } else { "latest".to_owned() };
            return Some(format!("must name a version: without a tag it means {means}, which changes under you"));
        };
        let glob = self.rejected_tags.iter().find(|glob| glob.matches(tag))?;
        Some(match tag {
            "latest" => "must name a version: the tag latest changes under you".to_owned(),
            _ => format!("must have another tag: {} is rejected", glob.as_str()),
        })
    }

    /// The glob of `rejectedRegistries` that matches. Hosts are compared without upper case, and also
    /// without the port, or `GHCR.io` and `ghcr.io:443` would be ways around `ghcr.io`.
    fn rejecting(&self, reference: &Reference<'_>, name: &str) -> Option<&Glob> {
        if self.rejected_registries.is_empty() {
            return None;
        }
        let registry = reference.registry.to_ascii_lowercase();
        let host = without_port(&registry);
        let on = |host: &str| [host, "/", &reference.repository].concat();
        let (lower, portless) = (on(&registry), on(host));
        let ways = [name, &lower, &portless];
        self.rejected_registries.iter().find(|glob| ways.iter().any(|way| reaches(glob, way)))
    }
}

/// Whether `glob` matches the full name or leading parts of it.
fn reaches(glob: &Glob, name: &str) -> bool {
    let parts = name.match_indices('/').map(|(end, _)| &name[..end]);
    parts.chain([name]).any(|part| glob.matches(part))
}

/// The host without its port; the colons of an IPv6 address stand in brackets.
fn without_port(registry: &str) -> &str {
    match registry.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => registry,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;

    const DIGEST: &str = "@sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa";

    /// Returns the demands on a container's image.
    fn wanted(settings: &str, image: &str) -> Vec<String> {
        let spec = serde_json::json!({ "containers": [{ "image": image }] }).to_string();
        violations::<ImageTag>(settings, &spec).into_iter().map(|violation| violation.wanted.into_owned()).collect()
    }

    #[test]
    fn registries() {
        let allowed = r#"{"allowedRegistries":["ghcr.io","docker.io/org/*","docker.io/library/nginx","*:5000"]}"#;
        let list = "must come from ghcr.io, docker.io/org/*, docker.io/library/nginx, *:5000";
        let rejected = r#"{"rejectedRegistries":["docker.io/library/*","quay.io","ghcr.io/evil/*","localhost:80"]}"#;
        for (settings, image, expected) in [
            (allowed, "ghcr.io/any/app:1", vec![]),
            (allowed, "org/app:1", vec![]),
            (allowed, "nginx:1", vec![]),
            (allowed, "index.docker.io/nginx:1", vec![]),
            (allowed, "registry.local:5000/app:1", vec![]),
            (allowed, "redis:1", vec![format!("{list}: it means docker.io/library/redis")]),
            (allowed, "organ/app:1", vec![format!("{list}: it means docker.io/organ/app")]),
            (allowed, "ghcr.io.evil.example/app:1", vec![list.to_owned()]),
            (allowed, "GHCR.io/app:1", vec![list.to_owned()]),
            (allowed, "ghcr.io:444/app:1", vec![list.to_owned()]),
            (
                rejected,
                "nginx:1",
                vec!["must not come from docker.io/library/*: it means docker.io/library/nginx".to_owned()],
            ),
            (rejected, "org/app:1", vec![]),
            (rejected, "quay.io/app:1", vec!["must not come from quay.io".to_owned()]),
            (rejected, "Quay.IO:443/app:1", vec!["must not come from quay.io".to_owned()]),
            (rejected, "ghcr.io:443/evil/app:1", vec!["must not come from ghcr.io/evil/*".to_owned()]),
            (rejected, "ghcr.io/good/app:1", vec![]),
            (rejected, "localhost:80/app:1", vec!["must not come from localhost:80".to_owned()]),
            (rejected, "localhost/app:1", vec![]),
            // Leading parts, not leading letters.
            (r#"{"allowedRegistries":["ghcr.io/org"]}"#, "ghcr.io/org:1", vec![]),
            (r#"{"allowedRegistries":["ghcr.io/org"]}"#, "ghcr.io/org/app/sub:1", vec![]),
            (
                r#"{"allowedRegistries":["ghcr.io/org"]}"#,
                "ghcr.io/organ/app:1",
                vec!["must come from ghcr.io/org".to_owned()],
            ),
            (
                r#"{"rejectedRegistries":["ghcr.io/evil"]}"#,
                "ghcr.io/evil/app:1",
                vec!["must not come from ghcr.io/evil".to_owned()],
            ),
            (r#"{"rejectedRegistries":["\\[::1\\]"]}"#, "[::1]/app:1", vec![r"must not come from \[::1\]".to_owned()]),
            (
                r#"{"rejectedRegistries":["\\[::1\\]"]}"#,
                "[::1]:80/app:1",
                vec![r"must not come from \[::1\]".to_owned()],
            ),
            (
                r#"{"rejectedRegistries":["ghcr.io/org/*"],"allowedRegistries":["ghcr.io"]}"#,
                "ghcr.io/org/app:1",
                vec!["must not come from ghcr.io/org/*".to_owned()],
            ),
        ] {
            assert_eq!(wanted(settings, image), expected, "{settings} {image}");
        }
        // A digest says nothing of where an image comes from, and every demand is reported.
        let pinned = format!("quay.io/app{DIGEST}");
        assert_eq!(wanted(rejected, &pinned), ["must not come from quay.io"]);
        assert_eq!(
            wanted(r#"{"allowedRegistries":["ghcr.io"],"rejectedRegistries":["quay.io"]}"#, "quay.io/app").len(),
            3
        );
    }

    #[test]
    fn placeholders_that_were_not_replaced_are_called_so() {
        for (image, is_placeholder) in [
            ("${IMAGE}", true),
            ("app:${TAG}", true),
            ("$(REGISTRY)/app:1", true),
            ("{{ .Values.image }}", true),
            ("app:1:2", false),
            ("$IMAGE", false),
        ] {
            let found = wanted("{}", image).concat();
            assert_eq!(
                found.ends_with("it is a placeholder that was not replaced"),
                is_placeholder,
                "{image}: {found}"
            );
            assert!(found.starts_with("must be the name of an image: "), "{image}: {found}");
        }
    }

    #[test]
    fn patterns_that_match_nothing_are_refused_with_what_to_write() {
        for (pattern, expected) in [
            ("bitnami/*", "write docker.io/bitnami for all images below it"),
            ("bitnami/", "write docker.io/bitnami for all images below it"),
            ("library/*", "write docker.io/library for all images below it"),
            ("org/team/*", "write docker.io/org/team for all images below it"),
            ("bitnami/redis*", "the full name is docker.io/bitnami/redis*"),
            ("bitnami/redis", "the full name is docker.io/bitnami/redis"),
            ("bitnami", "the full name is docker.io/library/bitnami; write docker.io/bitnami for all images below it"),
            ("index.docker.io", "the full name is docker.io"),
            ("index.docker.io/", "write docker.io for all images below it"),
            ("index.docker.io/*", "write docker.io for all images below it"),
            ("index.docker.io/org", "the full name is docker.io/org"),
            ("index.docker.iox/*", ""),
            ("ghcr.io/Org/*", "the name must be in lower case"),
            ("ghcr.io/[A-Z]*", ""),
            ("https://", "write a registry or a full name, without https://, tag and digest"),
            ("org/nginx:1", "write a registry or a full name, without https://, tag and digest"),
            ("docker.io/bitnami/*", ""),
            ("docker.io/bitnami", ""),
            ("*/bitnami/*", ""),
        ] {
            // Peers 4 and 5: in both lists alike, and what is told to be written is taken.
            for key in ["allowedRegistries", "rejectedRegistries"] {
                let error = settings_error::<ImageTag>(&format!(r#"{{"{key}":["{pattern}"]}}"#)).unwrap_or_default();
                let expected = match expected {
                    "" => String::new(),
                    expected => format!("{key}[0]: matches no image; {expected}"),
                };
                assert_eq!(error, expected);
                for hint in error.split("docker.io").skip(1).filter(|_| !error.contains("without https")) {
                    let path = hint.split([' ', ';']).next().unwrap_or_default();
                    let hint = format!(r#"{{"{key}":["docker.io{path}"]}}"#);
                    assert_eq!(settings_error::<ImageTag>(&hint), None, "{error}");
                }
            }
        }
        let upper = settings_error::<ImageTag>(r#"{"rejectedRegistries":["GHCR.io/org"]}"#).unwrap();
        assert_eq!(upper, "rejectedRegistries[0]: registries are compared in lower case; write ghcr.io/org");
        let fine = r#"{"allowedRegistries":["localhost:5000","*.corp.example","\\[::1\\]:5000"],"rejectedRegistries":["ghcr.io/org","docker.io/org"]}"#;
        assert_eq!(settings_error::<ImageTag>(fine), None);
    }
}
