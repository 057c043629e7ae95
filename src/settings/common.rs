//! Settings that every rule has.

use serde_json::json;

use super::SettingsError;
use crate::glob::Glob;
use crate::image_glob;
use crate::view::ContainerKind;
use crate::workload::Pointer;

crate::setting_words! {
    /// The consequence of a violation.
    pub enum Action {
        /// The request is refused.
        Reject = "reject",
        /// The request is accepted with a warning.
        Warn = "warn",
        /// Fills in what is unset and refuses what cannot be filled in.
        Mutate = "mutate",
    }
}

crate::setting_words! {
    /// With `mutate`, what a violation leads to that cannot be repaired.
    pub enum Unfixable {
        /// The request is refused.
        Reject = "reject",
        /// The request is accepted with a warning, and repaired where that is possible.
        Warn = "warn",
    }
}

crate::setting_words! {
    /// The treatment of a violation that the object had before the update.
    pub enum Existing {
        /// It is a warning.
        Warn = "warn",
        /// It counts as a new one.
        Reject = "reject",
    }
}

crate::setting_words! {
    /// The verdict on an object without a pod template whose kind is not in the table.
    pub enum UnknownKinds {
        /// It is accepted.
        Accept = "accept",
        /// It is refused.
        Reject = "reject",
    }
}

crate::settings! {
    /// Containers, pods and objects that the rule leaves alone. All keys that are given must match. With `images`,
    /// `containers` or `containerTypes` these containers are exempt, and the volumes that only such ones mount, but
    /// no field of the pod.
    pub struct Exemption {
        /// Globs on the image's full name, with tag or digest or without (`docker.io/library/nginx:1.27`, `ghcr.io/*`);
        /// for images of docker.io also the short one (`nginx:*`, `org/app:1.0`). Text that is not an image's name
        /// matches none.
        images("images"): Vec<Glob> = Vec::new(),
        /// Globs on the container's name.
        containers("containers"): Vec<Glob> = Vec::new(),
        /// Kinds of container: `container`, `initContainer`, `ephemeralContainer`.
        container_types("containerTypes"): Vec<String> = Vec::new()
            => json!({ "items": { "enum": ContainerKind::ALL.map(ContainerKind::word) } }),
        /// Globs on the object's kind: `Job`, `Pod`. The pods of an exempt Deployment are judged on their own.
        kinds("kinds"): Vec<Glob> = Vec::new(),
        /// Globs on the object's name, or on its `generateName` as long as it has none.
        names("names"): Vec<Glob> = Vec::new(),
        /// Globs on the namespace.
        namespaces("namespaces"): Vec<Glob> = Vec::new(),
        /// Globs on the pod's service account.
        service_accounts("serviceAccounts"): Vec<Glob> = Vec::new(),
        /// Why; for people.
        reason("reason"): String = String::new(),
    }
    check(this) {
        let known: Vec<&str> = ContainerKind::ALL.iter().map(|kind| kind.word()).collect();
        if let Some(index) = this.container_types.iter().position(|word| !known.contains(&word.as_str())) {
            let error = SettingsError::new(format!("must be one of: {}", known.join(", ")));
            return Err(error.within("containerTypes", index));
        }
        for (index, glob) in this.images.iter().enumerate() {
            if let Some(problem) = image_glob::misleading(glob.as_str()) {
                return Err(SettingsError::new(problem).within("images", index));
            }
        }
        let pods = [&this.kinds, &this.names, &this.namespaces, &this.service_accounts];
        if !this.narrows_containers() && pods.iter().all(|globs| globs.is_empty()) {
            return Err(SettingsError::new(format!("an exemption needs at least one of: {}", NARROWING.join(", "))));
        }
    }
    => json!({ "anyOf": NARROWING.map(|key| json!({ "required": [key], "properties": { key: { "minItems": 1 } } })) })
}

/// An exemption needs at least one of these keys.
const NARROWING: [&str; 7] =
    ["images", "containers", "containerTypes", "kinds", "names", "namespaces", "serviceAccounts"];

impl Exemption {
    /// Whether the exemption names particular containers rather than whole pods.
    pub fn narrows_containers(&self) -> bool {
        !(self.images.is_empty() && self.containers.is_empty() && self.container_types.is_empty())
    }
}

crate::settings! {
    /// Settings common to every rule.
    pub struct Common {
        /// The consequence of a violation: `reject`, `warn` (accept with warnings) or `mutate`.
        action("action"): Action = Action::Reject,
        /// With `mutate`: also replace values that the author wrote.
        overwrite("overwrite"): bool = false,
        /// With `mutate`: what a violation leads to that cannot be repaired, `reject` or `warn`.
        unfixable("unfixable"): Unfixable = Unfixable::Reject,
        /// Exceptions to the rule.
        exemptions("exemptions"): Vec<Exemption> = Vec::new(),
        /// On UPDATE, what becomes of a violation that the object had before: `warn` or `reject`.
        existing_violations("existingViolations"): Existing = Existing::Warn,
        /// JSON pointers to pod templates in kinds that Kubernetes does not ship; `*` for every member or element, the
        /// empty one where `spec` is the pod's own.
        pod_templates("podTemplates"): Vec<Pointer> = Vec::new(),
        /// The verdict on a kind without a pod template: `accept` or `reject`.
        unknown_kinds("unknownKinds"): UnknownKinds = UnknownKinds::Accept,
    }
    check(this) {
        if this.overwrite && this.action != Action::Mutate {
            return Err(SettingsError::new(ONLY_WITH_MUTATE).under("overwrite"));
        }
        if this.unfixable != Unfixable::Reject && this.action != Action::Mutate {
            return Err(SettingsError::new(ONLY_WITH_MUTATE).under("unfixable"));
        }
    }
}

/// The error for a setting that would silently do nothing.
pub(crate) const ONLY_WITH_MUTATE: &str = "has no effect unless action is mutate";

crate::settings! {
    /// Common settings that a rule inside the bundle may set for itself.
    pub struct Bundled {
        /// The consequence of a violation of this rule; by default the bundle's `action`.
        action("action"): Option<Action> = None,
        /// With `mutate`: also replace values that the author wrote; the bundle's if unset.
        overwrite("overwrite"): Option<bool> = None,
        /// With `mutate`: what a violation leads to that cannot be repaired; the bundle's if unset.
        unfixable("unfixable"): Option<Unfixable> = None,
        /// Exceptions to this rule, besides the bundle's exemptions.
        exemptions("exemptions"): Vec<Exemption> = Vec::new(),
        /// The treatment of a violation that the object had before; by default the bundle's.
        existing_violations("existingViolations"): Option<Existing> = None,
    }
}
