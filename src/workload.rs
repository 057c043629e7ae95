//! Finds the pod templates in an object.
//!
//! One table of the kinds that Kubernetes itself ships; any other kind is recognised by its structure or
//! by the pointers that the settings name.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::DeserializeSeed;
use serde_json::value::RawValue;

use crate::json::{self, Descend};
use crate::path;
use crate::pod::PodTemplate;

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

const SPEC_TEMPLATE: &[&str] = &["spec", "template"];
const JOB_TEMPLATE: &[&str] = &["spec", "jobTemplate", "spec", "template"];

/// Where a kind outside the table may carry a template.
const STRUCTURAL: &[&[&str]] = &[SPEC_TEMPLATE, JOB_TEMPLATE];

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
) -> Result<Vec<Located<'a>>, String> {
    let Some(workload) = workload(group, kind) else {
        return unknown_kind(object, pointers);
    };
    let seed = Descend { path: workload.template, seed: TemplateSeed(PhantomData) };
    let mut reader = serde_json::Deserializer::from_str(object.get());
    let found = seed.deserialize(&mut reader).and_then(|found| reader.end().map(|()| found));
    let template = found.map_err(|e| format!("cannot read the pod template of this {kind}: {}", explain(&e)))?;
    let prefix = prefix(workload.template.iter().copied());
    let template =
        template.ok_or_else(|| format!("this {kind} has no pod template at {}", prefix.trim_end_matches('.')))?;
    if template.spec.as_ref().is_none_or(|spec| json::list(&spec.containers).is_empty()) {
        return Err(format!("this {kind} has no containers at {prefix}spec.containers"));
    }
    Ok(vec![Located { prefix: prefix.into(), template }])
}

/// What serde says of a malformed object without the values it quotes, which may be secret.
///
/// serde_json's messages quote the offending scalar (`invalid type: string "…", expected a boolean`), so
/// only what was expected and where is kept.
pub(crate) fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!("line {} column {}", error.line(), error.column());
    match (text.rfind(", expected "), text.starts_with("invalid ")) {
        (Some(at), true) => {
            let expected = &text[at + 2..];
            let end = expected.rfind(" at line ").unwrap_or(expected.len());
            format!("{} at {place} of the object's JSON", &expected[..end])
        }
        _ if text.starts_with("duplicate field") => text,
        _ => format!("malformed JSON at {place}"),
    }
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

#[derive(Clone, Copy)]
struct TemplateSeed<'a>(PhantomData<&'a ()>);

impl<'de: 'a, 'a> DeserializeSeed<'de> for TemplateSeed<'a> {
    type Value = PodTemplate<'a>;
    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

/// Templates of a kind outside the table: those that look like one.
fn unknown_kind<'a>(object: &'a RawValue, pointers: &[Pointer]) -> Result<Vec<Located<'a>>, String> {
    let mut found: Vec<(String, &'a RawValue)> = Vec::new();
    for keys in STRUCTURAL {
        collect(object, &mut keys.iter().copied(), String::new(), &mut found);
    }
    for pointer in pointers {
        collect(object, &mut pointer.0.iter().map(String::as_str), String::new(), &mut found);
    }
    let mut templates: Vec<Located<'a>> = Vec::new();
    for (at, raw) in found {
        let prefix = if at.is_empty() { at } else { at + "." };
        let seen = templates.iter().any(|t| *t.prefix == *prefix);
        if seen || !has_containers(raw) {
            continue;
        }
        let template = serde_json::from_str(raw.get()).map_err(|e| {
            format!("cannot read the pod template at {}: {}", prefix.trim_end_matches('.'), explain(&e))
        })?;
        templates.push(Located { prefix: prefix.into(), template });
    }
    Ok(templates)
}

/// Whether the value at `path` has a list `spec.containers`, whatever else it holds.
fn has_containers(raw: &RawValue) -> bool {
    let mut found = Vec::new();
    collect(raw, &mut ["spec", "containers"].into_iter(), String::new(), &mut found);
    found.iter().any(|(_, containers)| containers.get().starts_with('['))
}

/// Collects the values at `keys` below `raw`; `*` stands for every member or element.
fn collect<'a, 'k>(
    raw: &'a RawValue,
    keys: &mut (impl Iterator<Item = &'k str> + Clone),
    at: String,
    found: &mut Vec<(String, &'a RawValue)>,
) {
    let mut rest = keys.clone();
    let Some(key) = rest.next() else {
        found.push((at, raw));
        return;
    };
    if json::is_object(raw) {
        for (name, value) in json::members(raw).unwrap_or_default().0 {
            if key == "*" || *name == *key {
                let mut below = at.clone();
                path::push_key(&mut below, &name);
                collect(value, &mut rest, below, found);
            }
        }
    } else if raw.get().starts_with('[') {
        for (index, value) in json::elements(raw).unwrap_or_default().into_iter().enumerate() {
            if key == "*" || key.parse() == Ok(index) {
                collect(value, &mut rest, format!("{at}[{index}]"), found);
            }
        }
    }
}

/// A JSON pointer (RFC 6901) to a pod template; `*` as a token stands for every member or element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Reads a pointer like `/spec/template`.
    ///
    /// # Errors
    /// A pointer that does not start with `/`, or a `~` that is not `~0` or `~1`.
    pub fn new(text: &str) -> Result<Pointer, &'static str> {
        let tokens = text.strip_prefix('/').ok_or("a JSON pointer starts with `/`, as in `/spec/template`")?;
        let mut keys = Vec::new();
        for token in tokens.split('/') {
            let unescaped = token.replace("~1", "/").replace("~0", "~");
            if token.replace("~1", "").replace("~0", "").contains('~') {
                return Err("`~` must be written `~0` in a JSON pointer (and `/` within a key `~1`)");
            }
            keys.push(unescaped);
        }
        Ok(Pointer(keys))
    }

    /// The pointer as text.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
    }
}
