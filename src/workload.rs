//! Finds the pod templates in an object.
//!
//! One table of the kinds that Kubernetes itself ships; any other kind is recognised by its structure or
//! by the pointers that the settings name.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::index::Index;
use crate::json::{self, Maybe, Object, Slot};
use crate::path;
use crate::pod::PodTemplate;
use crate::unjudged::Unjudged;

/// A kind that carries a pod template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    /// API groups that serve or have served the kind.
    pub groups: &'static [&'static str],
    /// Kind, as in `kind:`.
    pub kind: &'static str,
    /// Resource, as in admission rules.
    pub resource: &'static str,
    /// Keys from the object to its pod template; none for a Pod, which is its own.
    pub template: &'static [&'static str],
}

/// The workload kinds of Kubernetes.
pub const WORKLOADS: &[Workload] = &[
    Workload { groups: &[""], kind: "Pod", resource: "pods", template: &[] },
    Workload { groups: &[""], kind: "PodTemplate", resource: "podtemplates", template: &["template"] },
    Workload {
        groups: &[""],
        kind: "ReplicationController",
        resource: "replicationcontrollers",
        template: SPEC_TEMPLATE,
    },
    Workload { groups: &["apps", "extensions"], kind: "Deployment", resource: "deployments", template: SPEC_TEMPLATE },
    Workload { groups: &["apps", "extensions"], kind: "ReplicaSet", resource: "replicasets", template: SPEC_TEMPLATE },
    Workload { groups: &["apps"], kind: "StatefulSet", resource: "statefulsets", template: SPEC_TEMPLATE },
    Workload { groups: &["apps", "extensions"], kind: "DaemonSet", resource: "daemonsets", template: SPEC_TEMPLATE },
    Workload { groups: &["batch"], kind: "Job", resource: "jobs", template: SPEC_TEMPLATE },
    Workload { groups: &["batch"], kind: "CronJob", resource: "cronjobs", template: JOB_TEMPLATE },
];

/// Subresources of pods that change what their containers are; requests for them carry the whole pod.
pub const SUBRESOURCES: [&str; 2] = ["ephemeralcontainers", "resize"];

const SPEC_TEMPLATE: &[&str] = &["spec", "template"];
const JOB_TEMPLATE: &[&str] = &["spec", "jobTemplate", "spec", "template"];

/// Where a kind outside the table may carry a template.
pub const STRUCTURAL: &[&[&str]] = &[SPEC_TEMPLATE, JOB_TEMPLATE, &["spec", "podTemplate"]];

/// One pod template and where it stands in its object.
#[derive(Debug)]
pub struct Located<'a> {
    /// Path of the template with a trailing dot, ready for a field's path; empty for a Pod.
    pub prefix: Cow<'static, str>,
    /// The template.
    pub template: PodTemplate<'a>,
}

/// The table's entry for a kind.
pub fn workload(group: &str, kind: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|w| w.kind == kind && w.groups.contains(&group))
}

/// Reads every pod template of `object`.
///
/// Takes the kind's API group and name, the object as text, and the settings' `podTemplates` (JSON
/// pointers, for kinds outside the table). Gives no template for a kind that carries none.
///
/// # Errors
/// A kind of the table without a readable pod template or without containers, and any template that
/// cannot be read: the text of the object is not part of the message.
pub fn templates<'a>(
    group: &str,
    kind: &str,
    object: &'a RawValue,
    pointers: &[Pointer],
) -> Result<Vec<Located<'a>>, Unjudged> {
    let Some(workload) = workload(group, kind) else {
        return unknown_kind(object, pointers);
    };
    let mut step = Step::new(workload.template);
    let slot = if workload.template.is_empty() { Slot::Object(&mut step.template) } else { Slot::Into(&mut step) };
    json::read(object.get(), slot).map_err(|error| format!("cannot read this {kind}: {error}"))?;
    let template = step.found();
    let prefix = prefix(workload.template.iter().copied());
    let template =
        template.ok_or_else(|| format!("this {kind} has no pod template at {}", prefix.trim_end_matches('.')))?;
    if template.spec.as_ref().is_none_or(|spec| json::list(&spec.containers).is_empty()) {
        return Err(format!("this {kind} has no containers at {prefix}spec.containers").into());
    }
    Ok(vec![Located { prefix: prefix.into(), template }])
}

/// Whether `templates` would find a template to judge in `object`, readable or not.
pub fn carries_template(group: &str, kind: &str, object: &RawValue, pointers: &[Pointer]) -> bool {
    workload(group, kind).is_some() || templates(group, kind, object, pointers).map_or(true, |found| !found.is_empty())
}

fn prefix<'s>(keys: impl Iterator<Item = &'s str>) -> String {
    let mut prefix = String::new();
    for key in keys {
        path::push_key(&mut prefix, key);
    }
    if !prefix.is_empty() {
        prefix.push('.');
    }
    prefix
}

/// An object on the way to its template.
struct Step<'p, 'a> {
    path: &'p [&'p str],
    next: Option<Box<Next<'p, 'a>>>,
    template: Option<PodTemplate<'a>>,
}

/// The object below a step; not there if the field is `null`.
struct Next<'p, 'a> {
    path: &'p [&'p str],
    step: Option<Step<'p, 'a>>,
}

impl<'p, 'a> Step<'p, 'a> {
    fn new(path: &'p [&'p str]) -> Step<'p, 'a> {
        Step { path, next: None, template: None }
    }

    fn found(self) -> Option<PodTemplate<'a>> {
        self.template.or_else(|| self.next?.step?.found())
    }
}

impl<'a> Object<'a> for Step<'_, 'a> {
    fn slot(&mut self, key: &str) -> Slot<'_, 'a> {
        match self.path {
            [last] if *last == key => Slot::Object(&mut self.template),
            [head, path @ ..] if *head == key => {
                Slot::Object(&mut **self.next.get_or_insert_with(|| Box::new(Next { path, step: None })))
            }
            _ => Slot::Skip,
        }
    }
}

impl<'a> Maybe<'a> for Next<'_, 'a> {
    fn is_set(&self) -> bool {
        self.step.is_some()
    }
    fn begin(&mut self) -> &mut dyn Object<'a> {
        self.step.insert(Step::new(self.path))
    }
}

/// Templates of a kind outside the table: those that look like one.
fn unknown_kind<'a>(object: &'a RawValue, pointers: &[Pointer]) -> Result<Vec<Located<'a>>, Unjudged> {
    let mut found: Vec<(String, &'a RawValue)> = Vec::new();
    for keys in STRUCTURAL {
        collect(object, keys, String::new(), &mut found)?;
    }
    let structural = found.len();
    for pointer in pointers {
        let keys: Vec<&str> = pointer.0.iter().map(String::as_str).collect();
        collect(object, &keys, String::new(), &mut found)?;
    }
    let mut templates: Vec<Located<'a>> = Vec::new();
    let paths = Index::new(found.iter().map(|(at, _)| at.as_str()).collect());
    let mut seen = vec![false; found.len()];
    for (place, (at, raw)) in found.iter().enumerate() {
        let first = paths.first(at).unwrap_or_default();
        if seen[first] {
            continue;
        }
        if !has_list(raw, &["spec", "containers"])? {
            // A pointer that misses the template by one level must not let the whole kind pass.
            if place >= structural && has_list(raw, &["containers"])? {
                let why = ", which is a pod spec, not a pod template";
                return Err(["cannot read this object: podTemplates names ", at, why].concat().into());
            }
            continue;
        }
        seen[first] = true;
        let prefix = if at.is_empty() { String::new() } else { [at, "."].concat() };
        let template = json::read_object(raw.get())
            .map_err(|error| format!("cannot read the pod template at {}: {error}", prefix.trim_end_matches('.')))?;
        templates.push(Located { prefix: prefix.into(), template });
    }
    Ok(templates)
}

/// Whether a value has a list at these keys, whatever else it holds.
fn has_list(raw: &RawValue, keys: &[&str]) -> Result<bool, Unjudged> {
    let mut found = Vec::new();
    collect(raw, keys, String::new(), &mut found)?;
    Ok(found.iter().any(|(_, list)| list.get().starts_with('[')))
}

/// Collects the values at `keys` below `raw`; `*` stands for every member or element.
///
/// # Errors
/// A member on the way to a value that is given twice: readers differ in which of them counts.
fn collect<'a>(
    raw: &'a RawValue,
    keys: &[&str],
    at: String,
    found: &mut Vec<(String, &'a RawValue)>,
) -> Result<(), Unjudged> {
    let Some((key, rest)) = keys.split_first() else {
        found.push((at, raw));
        return Ok(());
    };
    if json::is_object(raw) {
        let members = json::members(raw).unwrap_or_default();
        let (before, mut twice) = (found.len(), false);
        for (place, (name, value)) in members.0.iter().enumerate() {
            if *key == "*" || **name == **key {
                let mut below = at.clone();
                path::push_key(&mut below, name);
                twice |= members.place(name) != Some(place);
                collect(value, rest, below, found)?;
            }
        }
        if twice && found.len() > before {
            return Err(["cannot read this object: ", key, " is given twice on the way to a pod template"]
                .concat()
                .into());
        }
    } else if raw.get().starts_with('[') {
        for (index, value) in json::elements(raw).unwrap_or_default().into_iter().enumerate() {
            if *key == "*" || key.parse() == Ok(index) {
                collect(value, rest, format!("{at}[{index}]"), found)?;
            }
        }
    }
    Ok(())
}

/// A JSON pointer (RFC 6901) to a pod template; `*` as a token stands for every member or element. The empty one is
/// the object itself, for kinds whose `spec` is the pod's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Reads a pointer such as `/spec/template`.
    ///
    /// # Errors
    /// A pointer that does not start with `/`, or a `~` that is not `~0` or `~1`.
    pub fn new(text: &str) -> Result<Pointer, &'static str> {
        let mut keys = Vec::new();
        if text.is_empty() {
            return Ok(Pointer(keys));
        }
        let tokens = text.strip_prefix('/').ok_or("a JSON pointer starts with `/`, as in `/spec/template`")?;
        for token in tokens.split('/') {
            let (mut key, mut chars) = (String::new(), token.chars());
            while let Some(c) = chars.next() {
                key.push(match c {
                    '~' => match chars.next() {
                        Some('0') => '~',
                        Some('1') => '/',
                        _ => return Err("`~` must be written `~0` in a JSON pointer (and `/` within a key `~1`)"),
                    },
                    c => c,
                });
            }
            keys.push(key);
        }
        Ok(Pointer(keys))
    }

    /// The keys on its way, unescaped.
    pub fn keys(&self) -> &[String] {
        &self.0
    }

    /// The pointer as text.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
    }
}
