//! Shared by `seccomp-profile` and `apparmor-profile`: profiles as fields and annotations, of the pod and of its
//! containers, and the repairs between those places.

mod survey;
mod written;

pub(super) use survey::{Holder, ProfileDemand, Survey};
pub(super) use written::{ProfileField, WANTED, check_types};

use crate::glob::Glob;
use crate::json;
use crate::pod::{Profile, SecurityContext};
use crate::settings::SettingsError;

crate::setting_words! {
    /// The types of a seccomp or AppArmor profile.
    pub enum ProfileType {
        /// The profile that the container runtime ships.
        RuntimeDefault = "RuntimeDefault",
        /// A profile of the node, by name.
        Localhost = "Localhost",
        /// No confinement.
        Unconfined = "Unconfined",
    }
}

impl ProfileType {
    /// How annotations write the type.
    fn annotation(self) -> &'static str {
        match self {
            ProfileType::RuntimeDefault => "runtime/default",
            ProfileType::Localhost => "localhost/<name>",
            ProfileType::Unconfined => "unconfined",
        }
    }
}

/// Checks the settings that both rules have: `allowedTypes` and `localhostProfiles`.
pub(super) fn verify(types: &[ProfileType], names: &[Glob]) -> Result<(), SettingsError> {
    if types.is_empty() {
        let words = ProfileType::WORDS.join(", ");
        return Err(SettingsError::new(format!("must name at least one of: {words}")).under("allowedTypes"));
    }
    if !names.is_empty() && !types.contains(&ProfileType::Localhost) {
        return Err(SettingsError::new("has no effect unless allowedTypes has Localhost").under("localhostProfiles"));
    }
    Ok(())
}

/// `words` as an enumeration: `a, b or c`.
pub(super) fn either(words: &[&str]) -> String {
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// A profile as a manifest states it; empty text is unset, as in Kubernetes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stated<'a> {
    kind: &'a str,
    name: &'a str,
}

impl<'a> Stated<'a> {
    const UNSET: Stated<'static> = Stated { kind: "", name: "" };

    /// A profile of the settings.
    pub(super) fn new(kind: ProfileType, name: Option<&'a str>) -> Stated<'a> {
        Stated { kind: kind.word(), name: name.unwrap_or_default() }
    }

    fn of_field(profile: &'a Profile<'a>) -> Stated<'a> {
        let text = |text: &'a Option<json::Text<'a>>| text.as_deref().unwrap_or_default();
        Stated { kind: text(&profile.kind), name: text(&profile.localhost_profile) }
    }

    fn is_written(&self) -> bool {
        !(self.kind.is_empty() && self.name.is_empty())
    }

    fn is_localhost(&self) -> bool {
        self.kind == ProfileType::Localhost.word()
    }

    /// Whether both stand for the same profile: a name means nothing beside another type than `Localhost`.
    pub(super) fn means(&self, other: &Stated<'_>) -> bool {
        self.kind == other.kind && (!self.is_localhost() || self.name == other.name)
    }

    fn to_object(self) -> String {
        let mut out = String::from("{\"type\":");
        json::push_string(&mut out, self.kind);
        if self.is_localhost() {
            out.push_str(",\"localhostProfile\":");
            json::push_string(&mut out, self.name);
        }
        out.push('}');
        out
    }
}

/// How a manifest writes one of the two kinds of profile.
pub(super) struct Dialect {
    /// The field of a security context.
    pub(super) field: &'static str,
    /// Reads that field.
    pub(super) read: for<'a> fn(&'a SecurityContext<'a>) -> Option<&'a Profile<'a>>,
    /// Key of a container's annotation, up to the container's name.
    pub(super) container_key: &'static str,
    /// Key of the pod's annotation; empty if there is none.
    pub(super) pod_key: &'static str,
    /// Annotation values for `RuntimeDefault`.
    pub(super) default_words: &'static [&'static str],
}

impl Dialect {
    /// Reads the value of an annotation; one that nobody knows is a type of its own.
    pub(super) fn meaning<'v>(&self, value: &'v str) -> Stated<'v> {
        match value.strip_prefix("localhost/") {
            Some(name) => Stated { kind: ProfileType::Localhost.word(), name },
            None if self.default_words.contains(&value) => Stated::new(ProfileType::RuntimeDefault, None),
            None if value == "unconfined" => Stated::new(ProfileType::Unconfined, None),
            // A word of the field says nothing in an annotation: the API server refuses it there.
            None if ProfileType::WORDS.contains(&value) => Stated { kind: "unknown", name: "" },
            None => Stated { kind: value, name: "" },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enumerations() {
        assert_eq!(either(&[]), "");
        assert_eq!(either(&["a"]), "a");
        assert_eq!(either(&["a", "b"]), "a or b");
        assert_eq!(either(&["a", "b", "c"]), "a, b or c");
    }
}
