//! Rule `image-user`.

mod container;
mod ports;
pub mod user;

use self::container::Comparison;
use super::check::Standard;
use super::locked::{self, Images, Unanswered};
use super::{Example, Rule, RuleMeta, Severity};
use crate::host::Capability;
use crate::reference::Reference;
use crate::view::{ContainerView, View};
use crate::violation::{Found, Report, Violation};

/// The words that say where a wanted id comes from.
pub const SAYS: &str = ", as USER of the image says";

crate::settings! {
    /// Containers run as the user that their image was built for, and that user is not root.
    ///
    /// Where a manifest sets no `runAsUser`, the image's `USER` decides, and most images have none, which is root. The
    /// manifest does not show it, the image's configuration does. An id in the manifest that is not the image's often
    /// cannot read or write the files that the image brings.
    ///
    /// Each of these is a violation:
    ///
    /// - The user in force is root because the image's is: `USER` is not written, `root` or `0`. Likewise its group, where
    ///   `USER` writes one, unless the manifest sets `runAsGroup`.
    /// - `USER` is a name, and the manifest sets no `runAsUser`. Nobody can tell that such a user is not root; beside
    ///   `runAsNonRoot: true` the kubelet refuses to start the container (`CreateContainerConfigError`), as it does for root.
    /// - The manifest sets other ids than `USER`, where that is numeric and not root (`requireSameIds`).
    /// - Nobody knows the image, or the host's answer cannot be read (`unanswered`).
    ///
    /// Facts come from `images`, which takes the entries of `harden.lock`; `harden manifests` writes them. An image that is
    /// not there, or that the manifest pins to another digest, is asked of the host, which asks the registry. Of the facts
    /// of several sources, those of the image's configuration (`image`) count, because that is what the kubelet reads; else
    /// those of the `dockerfile`, else those of a run (`try`). Of several platforms, each that is Linux is judged, and where
    /// they differ the message names the platform.
    ///
    /// **Restricted fields:** `image`, `securityContext.runAsUser`, `runAsGroup` of containers, init containers and
    /// ephemeral containers; `securityContext.runAsUser` and `runAsGroup` of the pod.
    ///
    /// **Repair:** fills in `runAsUser` and `runAsGroup` of the container where they are unset and `USER` is numeric, and
    /// mounts an `emptyDir` at each `VOLUME` of the image that no mount covers where `readOnlyRootFilesystem` is `true`.
    /// Other ids in the manifest are replaced only with `overwrite`. Capabilities are never added: an `EXPOSE` below 1024
    /// where `NET_BIND_SERVICE` is dropped gives a warning.
    ///
    /// **Kubernetes:** all versions. The policy asks its host for `oci/v1/oci_manifest_config`, which the PolicyServer must
    /// allow. It is not part of the bundle, which asks nothing. Windows pods are exempt.
    pub struct ImageUser {
        /// Facts about images: the entries of `harden.lock`. An image with an entry is not asked of the registry.
        images("images"): Images = Images::default(),
        /// The treatment of an image that is not known: `violation`, or `error`, which refuses the request whatever
        /// `action` and exemptions of others say.
        unanswered("unanswered"): Unanswered = Unanswered::Violation,
        /// Whether ids in the manifest must be those of `USER` where that is numeric and not root.
        require_same_ids("requireSameIds"): bool = true,
    }
    check(this) {
        locked::check(&this.images)?;
    }
}

impl RuleMeta for ImageUser {
    const ID: &'static str = "image-user";
    const TITLE: &'static str = "Images do not run as root";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
        "https://github.com/opencontainers/image-spec/blob/main/config.md",
        "https://docs.docker.com/reference/dockerfile/#user",
    ];
    const ASKS: &'static [Capability] = &[Capability::ManifestConfig];
    const BY_HAND: &'static str = "choose an id";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{image: 'nginx:1.27'}]",
        accepted: "containers: [{image: 'nginxinc/nginx-unprivileged:1.27', securityContext: {runAsUser: 101}}]",
        fix: "Write `USER` with the numbers of user and group into the Dockerfile, and the same numbers as `runAsUser` and \
              `runAsGroup` into the manifest. For an image of others that runs as root, look for a variant that does not, \
              or set ids and give the paths that it writes to a volume.",
    };
    const EXAMPLE_SETTINGS: &'static str = r#"{"images": {
        "docker.io/library/nginx:1.27": {
            "digest": "sha256:86e0e091d0da6bde2456dbb48306f3956bbeb2eae1b5b9a43045843f69fe4aaa",
            "platforms": {"linux/amd64": {
                "digest": "sha256:6f5f2a3c0d7f8f8a0f6a4f1c6f7c2b6e0d9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c",
                "facts": {"image": {"user": "", "exposedPorts": ["80/tcp"]}}}}},
        "docker.io/nginxinc/nginx-unprivileged:1.27": {
            "digest": "sha256:0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6e7f8a9b0c1d",
            "platforms": {"linux/amd64": {
                "digest": "sha256:1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f809",
                "facts": {"image": {"user": "101", "uid": 101, "exposedPorts": ["8080/tcp"]}}}}}}}"#;
}

impl Standard for ImageUser {}

impl Rule for ImageUser {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            self.judge(view, &container, report);
        }
    }
}

impl ImageUser {
    fn judge(&self, view: &View<'_>, container: &ContainerView<'_>, report: &mut Report) {
        let image = container.container.image.as_deref();
        let at_image = |wanted: String| {
            let found = image.map_or(Found::Unset, Found::text);
            Violation::in_container(container, container.path("image"), found, wanted)
        };
        let reference = match Reference::parse(image.unwrap_or_default()) {
            Ok(reference) => reference,
            Err(why) => return report.add(at_image(locked::sentence(&["must be the name of an image: ", why]))),
        };
        match locked::facts(&self.images, report, &reference) {
            Ok(known) => {
                Comparison { view, container, known: &known, at_image: &at_image, report }.judge(self.require_same_ids)
            }
            Err(unknown) => unknown.add_to(report, self.unanswered, container.path("image"), &at_image),
        }
    }
}

#[cfg(test)]
mod tests;
