//! Rule `image-digest`.

use super::check::Standard;
use super::locked::{self, Images, Unanswered};
use super::{Example, Rule, RuleMeta, Severity};
use crate::host::Capability;
use crate::json;
use crate::reference::Reference;
use crate::view::View;
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Images are pinned to a digest.
    ///
    /// A tag can be moved to other bytes at any time, by whoever may push to the repository. A digest cannot: what was
    /// tested is what runs, on every node, after every restart.
    ///
    /// The digest comes from `images`, which takes the entries of `harden.lock`; `harden manifests` writes them. An image
    /// that is not there is asked of the host, which asks the registry. One that nobody knows is never accepted
    /// (`unanswered`).
    ///
    /// **Restricted fields:** `image` of containers, init containers and ephemeral containers; `image.reference` of the
    /// pod's volumes.
    ///
    /// **Allowed values:** references with a digest. The message names the one that is wanted.
    ///
    /// **Repair:** writes the digest behind the tag: `nginx:1.27` becomes `nginx:1.27@sha256:…`, as `harden images pin`
    /// writes it. What runs then is what the tag stood for when the object was admitted.
    ///
    /// **Kubernetes:** all versions; image volumes since 1.31. The policy asks its host for `oci/v1/manifest_digest`, which
    /// the PolicyServer must allow. It is not part of the bundle, which asks nothing. Applies to Windows pods too.
    pub struct ImageDigest {
        /// Facts about images: the entries of `harden.lock`. An image with an entry is not asked of the registry.
        images("images"): Images = Images::default(),
        /// The treatment of an image that is not known: `violation`, or `error`, which refuses the request whatever
        /// `action` says.
        unanswered("unanswered"): Unanswered = Unanswered::Violation,
    }
    check(this) {
        locked::check(&this.images)?;
    }
}

impl RuleMeta for ImageDigest {
    const ID: &'static str = "image-digest";
    const TITLE: &'static str = "Images are pinned to a digest";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        "https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests",
    ];
    const ASKS: &'static [Capability] = &[Capability::ManifestDigest];
    const BY_HAND: &'static str = "look up the digest";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{image: 'nginx:1.27'}]",
        accepted: "containers: [{image: \
                   'nginx:1.27@sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa'}]",
        fix: "`harden images lock` asks the registries once and writes the digests to `harden.lock`, `harden images pin` \
              writes them from there into the manifests.",
    };
    const EXAMPLE_SETTINGS: &'static str = r#"{"images": {"docker.io/library/nginx:1.27": {
        "digest": "sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa", "platforms": {}}}}"#;
}

impl Standard for ImageDigest {}

impl Rule for ImageDigest {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let image = container.container.image.as_deref();
            self.judge(image, container.path("image"), report, &|path, found, wanted| {
                Violation::in_container(&container, path, found, wanted)
            });
        }
        for (index, volume) in view.volumes() {
            let Some(source) = &volume.image else { continue };
            let field = format!("volumes[{index}].image.reference");
            self.judge(source.reference.as_deref(), view.spec_path(&field), report, &|_, found, wanted| {
                Violation::in_volume(view, volume, &field, found, &wanted)
            });
        }
    }
}

impl ImageDigest {
    /// Judges the image at `path`; `place` makes a violation there of what was found and what is wanted.
    fn judge(
        &self,
        image: Option<&str>,
        path: String,
        report: &mut Report,
        place: &dyn Fn(String, Found, String) -> Violation,
    ) {
        let found = || image.map_or(Found::Unset, Found::text);
        let reference = match Reference::parse(image.unwrap_or_default()) {
            Ok(reference) if reference.digest.is_some() => return,
            Ok(reference) => reference,
            Err(why) => return report.add(place(path, found(), ["must be the name of an image: ", why].concat())),
        };
        match locked::digest(&self.images, report, &reference) {
            Ok(digest) => {
                let tag = if reference.tag.is_some() { "" } else { ":latest" };
                let pinned = [image.unwrap_or_default(), tag, "@", &digest].concat();
                let wanted = ["must be pinned to its digest: ", &pinned].concat();
                let edit = Edit::Set { path: path.clone(), value: json::string(&pinned) };
                // What the author wrote stays; the digest is written behind it.
                report.add(place(path, found(), wanted).with_fix(vec![edit], false));
            }
            Err(unknown) => {
                let violation = |wanted| place(path.clone(), found(), wanted);
                unknown.add_to(report, self.unanswered, path.clone(), &violation);
            }
        }
    }
}

#[cfg(test)]
mod tests;
