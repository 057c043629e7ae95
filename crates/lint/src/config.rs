//! `harden.yaml`: what a project demands of its manifests, on the laptop, in CI and in the cluster.
//!
//! The nearest file upwards governs each manifest ([`Configs`]). What it says about rules becomes the bundle's
//! settings ([`Config::settings`]), the same that `harden manifests` writes into a ClusterAdmissionPolicy.

mod compose;
mod file;
mod format;
mod glob;
mod nearest;
mod parts;
mod rules;
mod severity;
mod version;

pub use compose::{demote_below, keep_only};
pub use file::{ConfigFile, NAMES, PolicySource, beside, find, load};
pub use format::Format;
pub use glob::{GlobError, PathGlob};
pub use nearest::Configs;
pub use parts::{ConfigExemption, Dockerfile, ExtraPolicy, Output, Override, RawObject};
pub use rules::Rules;
pub use rules::known_ids;
pub use severity::{FailOn, severity};
pub use version::KubernetesVersion;

use hardening::bundle::Profile;
use hardening::settings::{Existing, SettingsError, UnknownKinds};
use hardening::standard::Level;
use hardening::workload::Pointer;

hardening::settings! {
    /// Configuration of `harden`.
    pub struct Config {
        /// The rules that apply: `hardening`, or a level of the Pod Security Standards: `baseline`,
        /// `restricted`, or `privileged` for none.
        profile("profile"): Profile = Profile::Hardening,
        /// Version of the Pod Security Standards, as `v1.33`; the newest if unset.
        kubernetes_version("kubernetesVersion"): Option<KubernetesVersion> = None,
        /// A level of the Pod Security Standards whose violations are warnings where the profile does not
        /// refuse them.
        warn("warn"): Level = Level::Privileged,
        /// Version of the level in `warn`; `kubernetesVersion` if unset.
        warn_version("warnVersion"): Option<KubernetesVersion> = None,
        /// Changes of single rules of the profile: `false`, `true`, `reject`, `warn`, `mutate`, or the rule's
        /// settings.
        rules("rules"): Rules = Rules::default(),
        /// Exceptions: by image, container, container type, kind, object name, namespace or service account; `rules`
        /// limits it to some rules.
        exemptions("exemptions"): Vec<ConfigExemption> = Vec::new(),
        /// In the cluster, what becomes of a violation that the object had before an update.
        existing_violations("existingViolations"): Existing = Existing::Warn,
        /// JSON pointers to pod templates in kinds that Kubernetes does not ship.
        pod_templates("podTemplates"): Vec<Pointer> = Vec::new(),
        /// The verdict on a kind without a pod template.
        unknown_kinds("unknownKinds"): UnknownKinds = UnknownKinds::Accept,
        /// The lowest severity that fails a run: `low`, `medium`, `high` or `critical`; violations below it are
        /// warnings. With `warning`, warnings fail too; with `never`, nothing fails.
        fail_on("failOn"): FailOn = FailOn::Low,
        /// Other choices for some files, as charts of third parties; of several that match, the last wins.
        overrides("overrides"): Vec<Override> = Vec::new(),
        /// Files and folders that are not judged, as globs relative to this file.
        exclude("exclude"): Vec<PathGlob> = Vec::new(),
        /// File of known findings, which do not fail, relative to this file.
        baseline("baseline"): Option<String> = None,
        /// Reports that are written, unless the command line names some.
        outputs("outputs"): Vec<Output> = Vec::new(),
        /// Further Kubewarden policies that judge every object.
        policies("policies"): Vec<ExtraPolicy> = Vec::new(),
        /// Dockerfiles of the images, whose `USER` must agree with the manifests.
        dockerfiles("dockerfiles"): Vec<Dockerfile> = Vec::new(),
    }
    check(this) {
        if let Some(at) = this.outputs.iter().enumerate().skip(1).find(|(at, output)| {
            this.outputs[..*at].iter().any(|other| other.path == output.path)
        }) {
            let error = SettingsError::new("two outputs write to the same place");
            return Err(error.under(&format!("outputs[{}].path", at.0)));
        }
    }
}

/// JSON schema (2020-12) of the configuration.
pub fn schema() -> serde_json::Value {
    crate::document::schema::<Config>("harden.yaml")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
