//! Containers in kinds that Kubernetes does not ship, where no rule looks: somewhere other than in a pod template that
//! the policies know or that `podTemplates` names.

use std::collections::BTreeSet;

use hardening::path::push_key;
use hardening::workload::{self, Pointer};
use memchr::memmem;
use serde_json::value::RawValue;

use crate::finding::{Object, Place, Problem};
use kube_yaml::yaml::{Node, Segment, Value};

/// Lists of containers in a pod.
const LISTS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];
/// A container alone, as in a step of an Argo Workflow.
const ALONE: &str = "container";
/// Most places that a message names.
const NAMED: usize = 3;

/// Containers of a kind that Kubernetes does not ship, where no rule looks.
#[derive(Debug, Default)]
pub(crate) struct Elsewhere {
    /// Containers that were not judged.
    pub(crate) note: Option<Problem>,
    /// Pointers of `podTemplates` that lead to a pod without a template.
    pub(crate) problems: Vec<Problem>,
    /// Indices of the pointers that lead to a pod.
    pub(crate) met: Vec<usize>,
}

/// Whether an object with this `text` may hold containers where no rule looks. What Kubernetes ships itself holds none.
pub(crate) fn is_possible(object: &Object, text: &str) -> bool {
    let (group, _) = object.api_version.split_once('/').unwrap_or(("", ""));
    let holds_texts = group.is_empty() && ["ConfigMap", "Secret"].contains(&&*object.kind);
    let describes = group == "apiextensions.k8s.io";
    let is_there = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let is_shipped = holds_texts || describes || workload::workload(group, &object.kind).is_some();
    !is_shipped && is_there("ontainer") && is_there("image")
}

/// Looks for what no rule looks at in the object at `node`; `pointers` name its templates.
pub(crate) fn look(node: &Node<'_>, object: &Object, pointers: &[Pointer]) -> Elsewhere {
    let (group, _) = object.api_version.split_once('/').unwrap_or(("", ""));
    let mut found = Elsewhere::default();
    let mut bare = BTreeSet::new();
    for (index, pointer) in pointers.iter().enumerate() {
        let mut ends = Vec::new();
        follow(node, pointer.keys(), &mut Vec::new(), &mut ends);
        for (path, end) in ends {
            if is_list(end.get("spec").and_then(|spec| spec.get("containers"))) {
                found.met.push(index);
            } else if is_list(end.get("containers")) {
                found.met.push(index);
                let (at, pointer) = (written(&path), pointer.to_text());
                let why = "is a pod spec, not a pod template: the containers are not in its `spec`";
                let message =
                    format!("{object}: `podTemplates` names `{pointer}`, but `{at}` {why}; no rule looks there");
                found.problems.push(Problem { place: Some(Place::find(node, &at)), message });
                bare.insert(path);
            }
        }
    }
    let held = held(node);
    if held.is_empty() {
        return found;
    }
    let json = node.to_json();
    let raw: Option<&RawValue> = serde_json::from_str(&json).ok();
    let templates = raw.and_then(|raw| workload::templates(group, &object.kind, raw, pointers).ok());
    let judged: BTreeSet<String> =
        templates.unwrap_or_default().iter().map(|template| format!("{}spec", template.prefix)).collect();
    let missed = |path: &&Vec<Segment>| !judged.contains(&written(path)) && !bare.contains(*path);
    let missed: Vec<&Vec<Segment>> = held.iter().filter(missed).collect();
    found.note = missed.first().map(|first| Problem {
        place: Some(Place::find(node, &written(first))),
        message: format!("{object} holds containers where no rule looks, at {}", places(&missed)),
    });
    found
}

fn is_list(node: Option<&Node<'_>>) -> bool {
    node.is_some_and(|node| node.as_sequence().is_some())
}

/// Where a tree holds containers: the mappings with such a list or container, that have an image.
pub(crate) fn held(root: &Node<'_>) -> BTreeSet<Vec<Segment>> {
    let mut found = BTreeSet::new();
    search(root, &mut Vec::new(), &mut found);
    found
}

fn search(node: &Node<'_>, path: &mut Vec<Segment>, found: &mut BTreeSet<Vec<Segment>>) {
    let has_image = |node: &Node<'_>| node.get("image").is_some_and(|image| image.as_str().is_some());
    let mut below = |segment: Segment, node: &Node<'_>| {
        path.push(segment);
        search(node, path, found);
        path.pop();
    };
    match &node.value {
        Value::Mapping(pairs) => {
            let mut holds = false;
            for (key, value) in pairs {
                let key = key.as_str().unwrap_or_default();
                holds |= LISTS.contains(&key) && value.as_sequence().is_some_and(|items| items.iter().any(has_image));
                holds |= key == ALONE && has_image(value);
                below(Segment::Key(key.to_owned()), value);
            }
            if holds {
                found.insert(path.clone());
            }
        }
        Value::Sequence(items) => {
            items.iter().enumerate().for_each(|(index, item)| below(Segment::Index(index), item));
        }
        _ => {}
    }
}

/// Where the keys of a pointer lead; `*` stands for every member or element.
fn follow<'n, 'a>(
    node: &'n Node<'a>,
    keys: &[String],
    path: &mut Vec<Segment>,
    found: &mut Vec<(Vec<Segment>, &'n Node<'a>)>,
) {
    let Some((key, rest)) = keys.split_first() else {
        found.push((path.clone(), node));
        return;
    };
    let mut below = |segment: Segment, node: &'n Node<'a>| {
        path.push(segment);
        follow(node, rest, path, found);
        path.pop();
    };
    match &node.value {
        Value::Mapping(pairs) => {
            for (name, value) in pairs {
                if let Some(name) = name.as_str().filter(|name| key == "*" || key == name) {
                    below(Segment::Key(name.to_owned()), value);
                }
            }
        }
        Value::Sequence(items) => {
            let chosen = items.iter().enumerate().filter(|(index, _)| key == "*" || key.parse() == Ok(*index));
            chosen.for_each(|(index, item)| below(Segment::Index(index), item));
        }
        _ => {}
    }
}

/// A path for people.
fn written(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |mut text, segment| {
        match segment {
            Segment::Key(key) => push_key(&mut text, key),
            Segment::Index(index) => text += &format!("[{index}]"),
        }
        text
    })
}

/// The places that were missed, and the pointers that lead to the templates around them.
fn places(missed: &[&Vec<Segment>]) -> String {
    let of =
        |path: &&Vec<Segment>| if path.is_empty() { "its root".to_owned() } else { format!("`{}`", written(path)) };
    let mut text = missed.iter().take(NAMED).map(of).collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = missed.len().checked_sub(NAMED) {
        text += &format!(" and {more} more");
    }
    let pointers: BTreeSet<String> = missed.iter().filter_map(|path| pointer(path)).collect();
    if pointers.is_empty() {
        return text + "; no pointer in `podTemplates` leads there, because it is not a pod template";
    }
    let pointers: Vec<String> = pointers.into_iter().take(NAMED).map(|pointer| format!("`{pointer}`")).collect();
    format!("{text}; name {} in `podTemplates`", pointers.join(", "))
}

/// The pointer to the template whose `spec` is at `path`, as it is written in the settings.
fn pointer(path: &[Segment]) -> Option<String> {
    let [template @ .., Segment::Key(last)] = path else { return None };
    (last == "spec").then(|| {
        let token = |segment: &Segment| match segment {
            Segment::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Index(_) => "/*".to_owned(),
        };
        let pointer: String = template.iter().map(token).collect();
        if pointer.is_empty() { r#""""#.to_owned() } else { pointer }
    })
}
