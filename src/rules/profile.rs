//! What `seccomp-profile` and `apparmor-profile` share: profiles as fields and annotations, of the pod and
//! of its containers, and the repairs between those places.

use crate::glob::{Glob, any_matches};
use crate::index::Index;
use crate::json;
use crate::pod::{Profile, SecurityContext};
use crate::settings::SettingsError;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Fix, Found, Report, Violation};

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
    /// What the value of an annotation stands for; one that nobody knows is a type of its own.
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

/// A place that can state a profile, by field and by annotation: the pod, or one of its containers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<'a> {
    /// The container; none for the pod.
    pub(super) owner: Option<ContainerView<'a>>,
    /// What the field states.
    pub(super) field: Option<Stated<'a>>,
    /// What the annotation says.
    pub(super) annotation: Option<&'a str>,
}

/// A statement that is in force at its slot.
struct Statement<'a> {
    stated: Stated<'a>,
    /// The annotation that makes it; else it is the field.
    annotation: Option<&'a str>,
}

/// Where a profile falls short.
enum Fault {
    Type,
    NoName,
    Name,
}

/// What a rule demands of profiles.
pub(super) struct Demand<'a> {
    /// Which kind of profile.
    pub(super) dialect: &'static Dialect,
    /// Types that may be used.
    pub(super) types: &'a [ProfileType],
    /// Names that `Localhost` may use; any if empty.
    pub(super) names: &'a [Glob],
    /// Whether annotations are in force where there is no field.
    pub(super) annotations_count: bool,
    /// Whether a container without any statement is a violation.
    pub(super) required: bool,
    /// Whether the pod's statement is judged though no container uses it.
    pub(super) unused_too: bool,
    /// What repairs fill in.
    pub(super) fill: Option<Stated<'a>>,
}

/// The slots of a pod.
pub(super) struct Survey<'a> {
    view: View<'a>,
    /// The pod's own.
    pub(super) pod: Slot<'a>,
    /// Those of the containers that are judged.
    pub(super) judged: Vec<Slot<'a>>,
    /// Those of them that state nothing and so use what the pod states.
    pub(super) inheriting: Vec<Slot<'a>>,
    /// Whether some exempt container uses what the pod states, so that repairs must leave that alone.
    exempt_inherit: bool,
}

impl Survey<'_> {
    /// The violation of what the pod states for the containers that use it.
    pub(super) fn of_pod(&self, violation: Violation) -> Violation {
        violation.inherited(self.inheriting.iter().filter_map(|slot| slot.owner.as_ref()))
    }
}

impl<'a> Demand<'a> {
    /// Reads the slots of a pod.
    pub(super) fn survey(&self, view: &View<'a>) -> Survey<'a> {
        let slot = |container: ContainerView<'a>| Slot {
            field: (self.dialect.read)(container.security_context()).map(Stated::of_field),
            annotation: self.annotation(view, self.dialect.container_key, container.name()),
            owner: Some(container),
        };
        let pod = Slot {
            owner: None,
            field: (self.dialect.read)(view.security_context()).map(Stated::of_field),
            annotation: Some(self.dialect.pod_key)
                .filter(|key| !key.is_empty())
                .and_then(|key| self.annotation(view, key, "")),
        };
        let inherited = view.inherited(&|container| self.statement(&slot(*container)).is_none());
        Survey {
            view: *view,
            pod,
            judged: view.containers().map(slot).collect(),
            inheriting: inherited.judged.into_iter().map(slot).collect(),
            exempt_inherit: inherited.by_exempt,
        }
    }

    /// The annotation of the key that consists of these parts.
    fn annotation(&self, view: &View<'a>, prefix: &str, name: &str) -> Option<&'a str> {
        // Hardly any pod has some, and every container asks.
        view.template().annotations().next()?;
        view.template().annotation(&[prefix, name].concat())
    }

    fn statement(&self, slot: &Slot<'a>) -> Option<Statement<'a>> {
        if let Some(stated) = slot.field {
            return Some(Statement { stated, annotation: None });
        }
        let value = slot.annotation.filter(|value| self.annotations_count && !value.is_empty())?;
        Some(Statement { stated: self.dialect.meaning(value), annotation: Some(value) })
    }

    fn fault(&self, stated: &Stated<'_>) -> Option<Fault> {
        if !self.types.iter().any(|allowed| allowed.word() == stated.kind) {
            Some(Fault::Type)
        } else if !stated.is_localhost() {
            None
        } else if stated.name.is_empty() {
            Some(Fault::NoName)
        } else {
            (!self.names.is_empty() && !any_matches(self.names, stated.name)).then_some(Fault::Name)
        }
    }

    /// Whether the profile is allowed.
    pub(super) fn accepts(&self, stated: &Stated<'_>) -> bool {
        self.fault(stated).is_none()
    }

    /// Reports what is not allowed and what is missing.
    pub(super) fn check(&self, survey: &Survey<'a>, report: &mut Report) {
        for slot in &survey.judged {
            let Some(statement) = self.statement(slot) else { continue };
            if let Some(violation) = self.violation(survey, slot, &statement) {
                let fix = self.fill.map(|value| self.put(survey, slot, value));
                report.add(Violation { fix, ..violation });
            }
        }
        // An annotation that does not count still says what its author wants.
        let fill = self.wish(&survey.pod).or(self.fill);
        match self.statement(&survey.pod) {
            Some(statement) => {
                let unused = survey.inheriting.is_empty() && !survey.exempt_inherit;
                if survey.inheriting.is_empty() && !(self.unused_too && unused) {
                    return;
                }
                if let Some(violation) = self.violation(survey, &survey.pod, &statement) {
                    let fix = fill.map(|value| {
                        let Fix { edits, overwrites } = self.put_in_pod(survey, value);
                        // Fields of containers that are new, but stand against what the pod states.
                        Fix { edits, overwrites: overwrites || statement.stated.is_written() }
                    });
                    report.add(Violation { fix, ..violation });
                }
            }
            None if self.required => {
                for slot in &survey.inheriting {
                    let unset = Statement { stated: Stated::UNSET, annotation: None };
                    let place = if survey.exempt_inherit { slot } else { &survey.pod };
                    let fix = match self.wish(slot) {
                        Some(value) => Some(self.put(survey, slot, value)),
                        None => fill.map(|value| self.put(survey, place, value)),
                    };
                    if let Some(violation) = self.violation(survey, slot, &unset) {
                        report.add(Violation { fix, ..violation });
                    }
                }
            }
            None => {}
        }
    }

    /// The profile that an annotation asks for, if it is allowed.
    fn wish(&self, slot: &Slot<'a>) -> Option<Stated<'a>> {
        slot.annotation.map(|value| self.dialect.meaning(value)).filter(|stated| self.accepts(stated))
    }

    fn violation(&self, survey: &Survey<'a>, slot: &Slot<'a>, statement: &Statement<'a>) -> Option<Violation> {
        let fault = self.fault(&statement.stated)?;
        let types = |word: fn(ProfileType) -> &'static str| {
            format!("must be {}", either(&self.types.iter().map(|kind| word(*kind)).collect::<Vec<_>>()))
        };
        let names = || either(&self.names.iter().map(Glob::as_str).collect::<Vec<_>>());
        let (path, found, wanted) = match (statement.annotation, fault) {
            (Some(value), Fault::Name) => {
                let wanted = format!("must be localhost/ and a name that matches {}", names());
                (self.annotation_path(survey, slot), Found::text(value), wanted)
            }
            (Some(value), _) => {
                (self.annotation_path(survey, slot), Found::text(value), types(ProfileType::annotation))
            }
            (None, fault) => {
                let Stated { kind, name } = statement.stated;
                let (key, value, wanted) = match fault {
                    Fault::Type => (".type", kind, types(ProfileType::word)),
                    Fault::NoName if self.names.is_empty() => {
                        (".localhostProfile", "", "must name a profile beside type Localhost".to_owned())
                    }
                    Fault::NoName | Fault::Name => (".localhostProfile", name, format!("must match {}", names())),
                };
                let found = if value.is_empty() { Found::Unset } else { Found::text(value) };
                (self.field_path(survey, slot) + key, found, wanted)
            }
        };
        Some(match &slot.owner {
            Some(container) => Violation::in_container(container, path, found, wanted),
            None => survey.of_pod(Violation::at(path, found, wanted)),
        })
    }

    /// Path of the slot's field.
    pub(super) fn field_path(&self, survey: &Survey<'a>, slot: &Slot<'a>) -> String {
        let field = ["securityContext.", self.dialect.field].concat();
        match &slot.owner {
            Some(container) => container.path(&field),
            None => survey.view.spec_path(&field),
        }
    }

    /// Path of the slot's annotation.
    pub(super) fn annotation_path(&self, survey: &Survey<'a>, slot: &Slot<'a>) -> String {
        match &slot.owner {
            Some(container) => survey.view.annotation_path(&[self.dialect.container_key, container.name()].concat()),
            None => survey.view.annotation_path(self.dialect.pod_key),
        }
    }

    /// States `value` at the slot. An annotation there that says something else goes: the API server
    /// refuses pods in which the two differ.
    pub(super) fn put(&self, survey: &Survey<'a>, slot: &Slot<'a>, value: Stated<'a>) -> Fix {
        let path = self.field_path(survey, slot);
        let context = slot.owner.as_ref().map_or(survey.view.security_context(), |owner| owner.security_context());
        let mut edits = match (self.dialect.read)(context) {
            None => vec![Edit::Set { path, value: value.to_object() }],
            // What else stands in the object stays.
            Some(profile) => {
                let name = [&path, ".localhostProfile"].concat();
                let mut edits = vec![Edit::Set { path: [&path, ".type"].concat(), value: json::string(value.kind) }];
                if value.is_localhost() {
                    edits.push(Edit::Set { path: name, value: json::string(value.name) });
                } else if profile.localhost_profile.is_some() {
                    edits.push(Edit::Remove { path: name });
                }
                edits
            }
        };
        let mut overwrites = slot.field.is_some_and(|field| field.is_written());
        if let Some(said) = slot.annotation.filter(|said| !self.dialect.meaning(said).means(&value)) {
            edits.push(Edit::Remove { path: self.annotation_path(survey, slot) });
            overwrites |= !said.is_empty();
        }
        Fix { edits, overwrites }
    }

    /// States `value` for every container that uses what the pod states, but for no exempt one.
    pub(super) fn put_in_pod(&self, survey: &Survey<'a>, value: Stated<'a>) -> Fix {
        if !survey.exempt_inherit {
            return self.put(survey, &survey.pod, value);
        }
        let mut all = Fix { edits: Vec::new(), overwrites: false };
        for slot in &survey.inheriting {
            let Fix { edits, overwrites } = self.put(survey, slot, value);
            all.edits.extend(edits);
            all.overwrites |= overwrites;
        }
        all
    }

    /// Reports annotations for containers that the pod does not have, and hands every other annotation of
    /// a judged container to `judge`.
    pub(super) fn check_annotations(
        &self,
        survey: &Survey<'a>,
        report: &mut Report,
        judge: impl Fn(&Slot<'a>, &'a str) -> Option<Violation>,
    ) {
        for slot in &survey.judged {
            if let Some(violation) = slot.annotation.and_then(|said| judge(slot, said)) {
                report.add(violation);
            }
        }
        let mut names = None;
        for (key, value) in survey.view.template().annotations() {
            let Some(name) = key.strip_prefix(self.dialect.container_key) else { continue };
            let names =
                names.get_or_insert_with(|| Index::new(survey.view.all_containers().map(|c| c.name()).collect()));
            if !names.has(name) {
                let path = survey.view.annotation_path(key);
                let wanted = format!("must be removed: the pod has no container {}", json::string(name));
                report.add(removal(Violation::at(path, Found::text(value), wanted).inherited([])));
            }
        }
    }
}

/// The same violation, repaired by removing what stands at its path.
pub(super) fn removal(violation: Violation) -> Violation {
    let edit = Edit::Remove { path: violation.path.clone() };
    violation.with_fix(vec![edit], true)
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
