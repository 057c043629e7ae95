//! The profiles of a pod: who states one, who inherits it, what a rule demands of them and how it is repaired.

use super::{Dialect, ProfileType, Stated, either};
use crate::glob::{Glob, any_matches};
use crate::index::Index;
use crate::json;
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Fix, Found, Report, Violation};

/// A place that can state a profile, by field and by annotation: the pod, or one of its containers.
#[derive(Debug, Clone, Copy)]
pub(in crate::rules) struct Holder<'a> {
    /// The container; none for the pod.
    pub(in crate::rules) owner: Option<ContainerView<'a>>,
    /// The profile in the field.
    pub(in crate::rules) field: Option<Stated<'a>>,
    /// The value of the annotation.
    pub(in crate::rules) annotation: Option<&'a str>,
}

/// A statement that is in force at its holder.
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

/// The demands of a rule on profiles.
pub(in crate::rules) struct ProfileDemand<'a> {
    /// Which kind of profile.
    pub(in crate::rules) dialect: &'static Dialect,
    /// Types that may be used.
    pub(in crate::rules) types: &'a [ProfileType],
    /// Names that `Localhost` may use; any if empty.
    pub(in crate::rules) names: &'a [Glob],
    /// Whether annotations are in force where there is no field.
    pub(in crate::rules) annotations_count: bool,
    /// Whether a container without any statement is a violation.
    pub(in crate::rules) required: bool,
    /// Whether the pod's statement is judged though no container uses it.
    pub(in crate::rules) unused_too: bool,
    /// The profile that fixes fill in.
    pub(in crate::rules) fill: Option<Stated<'a>>,
}

/// The holders of a pod.
pub(in crate::rules) struct Survey<'a> {
    view: View<'a>,
    /// The pod's own.
    pub(in crate::rules) pod: Holder<'a>,
    /// The profiles of the containers that are judged.
    pub(in crate::rules) judged: Vec<Holder<'a>>,
    /// The judged ones that state nothing and so use what the pod states.
    pub(in crate::rules) inheriting: Vec<Holder<'a>>,
    /// Whether some exempt container uses what the pod states, so that repairs must leave that alone.
    exempt_inherit: bool,
}

impl Survey<'_> {
    /// The violation of what the pod states for the containers that use it.
    pub(in crate::rules) fn of_pod(&self, violation: Violation) -> Violation {
        violation.inherited(self.inheriting.iter().filter_map(|holder| holder.owner.as_ref()))
    }
}

impl<'a> ProfileDemand<'a> {
    /// Reads the holders of a pod.
    pub(in crate::rules) fn survey(&self, view: &View<'a>) -> Survey<'a> {
        let holder = |container: ContainerView<'a>| Holder {
            field: (self.dialect.read)(container.security_context()).map(Stated::of_field),
            annotation: self.annotation(view, self.dialect.container_key, container.name()),
            owner: Some(container),
        };
        let pod = Holder {
            owner: None,
            field: (self.dialect.read)(view.security_context()).map(Stated::of_field),
            annotation: Some(self.dialect.pod_key)
                .filter(|key| !key.is_empty())
                .and_then(|key| self.annotation(view, key, "")),
        };
        let inherited = view.inherited(&|container| self.statement(&holder(*container)).is_none());
        Survey {
            view: *view,
            pod,
            judged: view.containers().map(holder).collect(),
            inheriting: inherited.judged.into_iter().map(holder).collect(),
            exempt_inherit: inherited.by_exempt,
        }
    }

    /// The annotation of the key that consists of these parts.
    fn annotation(&self, view: &View<'a>, prefix: &str, name: &str) -> Option<&'a str> {
        // Hardly any pod has some, and every container asks.
        view.template().annotations().next()?;
        view.template().annotation(&[prefix, name].concat())
    }

    fn statement(&self, holder: &Holder<'a>) -> Option<Statement<'a>> {
        if let Some(stated) = holder.field {
            return Some(Statement { stated, annotation: None });
        }
        let value = holder.annotation.filter(|value| self.annotations_count && !value.is_empty())?;
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
    pub(in crate::rules) fn accepts(&self, stated: &Stated<'_>) -> bool {
        self.fault(stated).is_none()
    }

    /// Reports what is not allowed and what is missing.
    pub(in crate::rules) fn check(&self, survey: &Survey<'a>, report: &mut Report) {
        for holder in &survey.judged {
            let Some(statement) = self.statement(holder) else { continue };
            if let Some(violation) = self.violation(survey, holder, &statement) {
                let fix = self.fill.map(|value| self.put(survey, holder, value));
                report.add(Violation { fix, ..violation });
            }
        }
        // An annotation that does not count still says what its author wants.
        let fill = self.annotated_profile(&survey.pod).or(self.fill);
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
                for holder in &survey.inheriting {
                    let unset = Statement { stated: Stated::UNSET, annotation: None };
                    let target = if survey.exempt_inherit { holder } else { &survey.pod };
                    let fix = match self.annotated_profile(holder) {
                        Some(value) => Some(self.put(survey, holder, value)),
                        None => fill.map(|value| self.put(survey, target, value)),
                    };
                    if let Some(violation) = self.violation(survey, holder, &unset) {
                        report.add(Violation { fix, ..violation });
                    }
                }
            }
            None => {}
        }
    }

    /// The profile that an annotation asks for, if it is allowed.
    fn annotated_profile(&self, holder: &Holder<'a>) -> Option<Stated<'a>> {
        holder.annotation.map(|value| self.dialect.meaning(value)).filter(|stated| self.accepts(stated))
    }

    fn violation(&self, survey: &Survey<'a>, holder: &Holder<'a>, statement: &Statement<'a>) -> Option<Violation> {
        let fault = self.fault(&statement.stated)?;
        let types = |word: fn(ProfileType) -> &'static str| {
            format!("must be {}", either(&self.types.iter().map(|kind| word(*kind)).collect::<Vec<_>>()))
        };
        let names = || either(&self.names.iter().map(Glob::as_str).collect::<Vec<_>>());
        let (path, found, wanted) = match (statement.annotation, fault) {
            (Some(value), Fault::Name) => {
                let wanted = format!("must be localhost/ and a name that matches {}", names());
                (self.annotation_path(survey, holder), Found::text(value), wanted)
            }
            (Some(value), _) => {
                (self.annotation_path(survey, holder), Found::text(value), types(ProfileType::annotation))
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
                (self.field_path(survey, holder) + key, found, wanted)
            }
        };
        Some(match &holder.owner {
            Some(container) => Violation::in_container(container, path, found, wanted),
            None => survey.of_pod(Violation::at(path, found, wanted)),
        })
    }

    /// Path of the holder's field.
    pub(in crate::rules) fn field_path(&self, survey: &Survey<'a>, holder: &Holder<'a>) -> String {
        let field = ["securityContext.", self.dialect.field].concat();
        match &holder.owner {
            Some(container) => container.path(&field),
            None => survey.view.spec_path(&field),
        }
    }

    /// Path of the holder's annotation.
    pub(in crate::rules) fn annotation_path(&self, survey: &Survey<'a>, holder: &Holder<'a>) -> String {
        match &holder.owner {
            Some(container) => survey.view.annotation_path(&[self.dialect.container_key, container.name()].concat()),
            None => survey.view.annotation_path(self.dialect.pod_key),
        }
    }

    /// States `value` at the holder. An annotation there that says something else goes: the API server
    /// refuses pods in which the two differ.
    pub(in crate::rules) fn put(&self, survey: &Survey<'a>, holder: &Holder<'a>, value: Stated<'a>) -> Fix {
        let path = self.field_path(survey, holder);
        let context = holder.owner.as_ref().map_or(survey.view.security_context(), |owner| owner.security_context());
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
        let mut overwrites = holder.field.is_some_and(|field| field.is_written());
        if let Some(said) = holder.annotation.filter(|said| !self.dialect.meaning(said).means(&value)) {
            edits.push(Edit::Remove { path: self.annotation_path(survey, holder) });
            overwrites |= !said.is_empty();
        }
        Fix { edits, overwrites }
    }

    /// States `value` for every container that uses what the pod states, but for no exempt one.
    pub(in crate::rules) fn put_in_pod(&self, survey: &Survey<'a>, value: Stated<'a>) -> Fix {
        if !survey.exempt_inherit {
            return self.put(survey, &survey.pod, value);
        }
        let mut all = Fix { edits: Vec::new(), overwrites: false };
        for holder in &survey.inheriting {
            let Fix { edits, overwrites } = self.put(survey, holder, value);
            all.edits.extend(edits);
            all.overwrites |= overwrites;
        }
        all
    }

    /// Reports annotations for containers that the pod does not have, and hands every other annotation of
    /// a judged container to `judge`.
    pub(in crate::rules) fn check_annotations(
        &self,
        survey: &Survey<'a>,
        report: &mut Report,
        judge: impl Fn(&Holder<'a>, &'a str) -> Option<Violation>,
    ) {
        for holder in &survey.judged {
            if let Some(violation) = holder.annotation.and_then(|said| judge(holder, said)) {
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
                report.add(Violation::at(path, Found::text(value), wanted).inherited([]).removed());
            }
        }
    }
}
