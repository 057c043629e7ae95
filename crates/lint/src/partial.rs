//! Tells whole objects from parts of objects, such as the patches of kustomize, and from workloads that are broken.
//!
//! A part names an object that is whole elsewhere, so a policy has nothing to judge in it. Whoever writes a manifest
//! can make it look like a part, so only what the API server would not create counts as one.

use hardening::workload;

use crate::elsewhere;
use crate::finding::{Object, Place, Problem};
use crate::suggest;
use kube_yaml::yaml::{Node, Segment, Value};

/// The note on a file that a kustomization patches with.
pub(crate) const KUSTOMIZE_PATCH: &str =
    "is a patch of a kustomization; judge what that makes: `harden check --kustomize DIR`";

/// The shape of an object, before a policy is asked.
#[derive(Debug, PartialEq)]
pub(crate) enum Shape {
    /// A policy can judge it.
    Whole,
    /// It is only a part of an object, and why.
    Part(String),
    /// It is a workload without containers.
    Broken(Box<Problem>),
}

/// Fields of the `spec` that the API server demands of a kind, and that only a patch leaves out.
const DEMANDED: [(&str, &str); 5] = [
    ("CronJob", "schedule"),
    ("DaemonSet", "selector"),
    ("Deployment", "selector"),
    ("ReplicaSet", "selector"),
    ("StatefulSet", "selector"),
];

/// Directives of strategic merge patches. Those with a `/` name a list behind it.
const DIRECTIVES: [&str; 4] = ["$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/"];

/// Fields whose keys the author chooses, so that no directive can stand in them.
const FREE: [&str; 9] = [
    "annotations",
    "labels",
    "limits",
    "matchLabels",
    "nodeSelector",
    "options",
    "overhead",
    "requests",
    "volumeAttributes",
];

/// Returns the shape of an object; `is_patch` says that a kustomization patches with its file.
pub(crate) fn shape(node: &Node<'_>, object: &Object, is_patch: bool) -> Shape {
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    let Some(workload) = workload::workload(group, &object.kind) else {
        return foreign(node, object, is_patch);
    };
    let spec = Spec::of(node, workload.template);
    let lacks = DEMANDED.iter().find(|(kind, field)| {
        *kind == object.kind && !is_set(node.at(&[Segment::Key("spec".to_owned()), Segment::Key((*field).to_owned())]))
    });
    let containers = spec.containers.and_then(Node::as_sequence).unwrap_or_default();
    let has_images = !containers.is_empty() && containers.iter().all(|container| is_set(container.get("image")));
    if is_patch {
        let is_whole = has_images && lacks.is_none();
        return if is_whole { Shape::Whole } else { Shape::Part("is a patch of a kustomization".to_owned()) };
    }
    if has_images {
        return Shape::Whole;
    }
    if let Some(directive) = directive(node) {
        return Shape::Part(format!("{object} is a patch: it has the directive `{directive}`"));
    }
    match lacks {
        Some((_, field)) if !containers.is_empty() => {
            Shape::Part(format!("{object} is a part of an object: it has no {field}, and a container has no image"))
        }
        None if !containers.is_empty() => Shape::Whole,
        Some((_, field)) if !spec.is_miswritten() => {
            let what = "its pod template lists no containers";
            Shape::Part(format!("{object} is a part of an object: {what}, and it has no {field}"))
        }
        _ => Shape::Broken(Box::new(spec.problem(node, object))),
    }
}

/// The same of a kind that Kubernetes does not ship.
fn foreign(node: &Node<'_>, object: &Object, is_patch: bool) -> Shape {
    let holds_images = || !elsewhere::held(node).is_empty();
    if is_patch && !holds_images() {
        return Shape::Part("is a patch of a kustomization".to_owned());
    }
    let is_workload = workload::STRUCTURAL.iter().any(|template| Spec::of(node, template).containers.is_some());
    match directive(node).filter(|_| is_workload && !holds_images()) {
        Some(directive) => Shape::Part(format!("{object} is a patch: it has the directive `{directive}`")),
        None => Shape::Whole,
    }
}

fn is_set(field: Option<&Node<'_>>) -> bool {
    field.is_some_and(|field| !field.is_null())
}

/// The pod spec of a workload.
struct Spec<'n, 'a> {
    /// Its path, for people.
    path: String,
    /// The key that stands for `containers` and is not it.
    slip: Option<(&'n Node<'a>, &'n Node<'a>)>,
    containers: Option<&'n Node<'a>>,
}

impl<'n, 'a> Spec<'n, 'a> {
    fn of(node: &'n Node<'a>, template: &[&str]) -> Spec<'n, 'a> {
        let keys = || template.iter().copied().chain(["spec"]);
        let spec = keys().try_fold(node, |node, key| node.get(key));
        let containers = spec.and_then(|spec| spec.get("containers")).filter(|containers| !containers.is_null());
        let pairs = spec.and_then(Node::as_mapping).unwrap_or_default();
        let slip = pairs.iter().find(|(key, _)| key.as_str().is_some_and(is_slip)).map(|(key, value)| (key, value));
        Spec { path: keys().collect::<Vec<_>>().join("."), slip: slip.filter(|_| containers.is_none()), containers }
    }

    /// Whether there is something that was meant as a list of containers.
    fn is_miswritten(&self) -> bool {
        self.slip.is_some() || self.containers.is_some_and(|containers| containers.as_sequence().is_none())
    }

    /// Why there is nothing to judge.
    fn problem(&self, node: &Node<'_>, object: &Object) -> Problem {
        let path = format!("{}.containers", self.path);
        if let Some((key, value)) = self.slip {
            let name = key.as_str().unwrap_or_default();
            let message =
                format!("{object} has no `{path}`: there is no field `{name}` in a pod, did you mean `containers`?");
            return Problem { place: Some(Place::of(value, Some(key), true)), message };
        }
        let place = Some(Place::find(node, &path));
        let message = match self.containers {
            Some(containers) if containers.as_sequence().is_none() => {
                format!("{object}: `{path}` must be a list of containers")
            }
            _ => format!("{object} has no containers at `{path}`; if it is a patch, name it in a kustomization.yaml"),
        };
        Problem { place, message }
    }
}

/// Whether a key of a pod is likely to have been meant as `containers`.
fn is_slip(key: &str) -> bool {
    const OTHERS: [&str; 2] = ["initContainers", "ephemeralContainers"];
    key != "containers"
        && !OTHERS.contains(&key)
        && suggest::nearest(&key.to_lowercase(), &["containers", "initcontainers", "ephemeralcontainers"])
            == Some("containers")
}

/// The first directive of a strategic merge patch in a tree, where one can stand.
fn directive<'n>(root: &'n Node<'_>) -> Option<&'n str> {
    let is_directive = |text: &str| {
        text.starts_with('$')
            && DIRECTIVES.iter().any(|known| text == *known || known.ends_with('/') && text.starts_with(known))
    };
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Mapping(pairs) => {
                if let Some(found) = pairs.iter().filter_map(|(key, _)| key.as_str()).find(|key| is_directive(key)) {
                    return Some(found);
                }
                let is_free = |key: &Node<'_>| key.as_str().is_some_and(|key| FREE.contains(&key));
                open.extend(pairs.iter().filter(|(key, _)| !is_free(key)).map(|(_, value)| value));
            }
            Value::Sequence(items) => open.extend(items),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
