//! Recognises what is only a part of an object, as the patches of kustomize: it names an object that is whole
//! elsewhere, so a policy has nothing to judge in it.

use hardening::workload;

use crate::finding::Object;
use crate::yaml::{Node, Segment, Value};

/// Kinds whose selector Kubernetes demands, and which only a patch leaves out.
const WITH_SELECTOR: [&str; 4] = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];

/// Directives of strategic merge patches. Those with a `/` name a list behind it.
const DIRECTIVES: [&str; 4] = ["$patch", "$retainKeys", "$setElementOrder/", "$deleteFromPrimitiveList/"];

/// Why an object is only a part of one; `None` if it can be judged.
pub(crate) fn reason(node: &Node<'_>, object: &Object) -> Option<String> {
    if let Some(directive) = directive(node) {
        return Some(format!("{object} is a patch: it has the directive `{directive}`"));
    }
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    let kind = workload::workload(group, &object.kind)?;
    let at = |keys: &[&str]| {
        let path: Vec<Segment> = kind.template.iter().chain(keys).map(|key| Segment::Key((*key).to_owned())).collect();
        node.at(&path)
    };
    let containers = at(&["spec", "containers"]).and_then(Node::as_sequence).unwrap_or_default();
    if containers.is_empty() {
        return Some(format!("{object} is a part of an object: its pod template lists no containers"));
    }
    let is_set = |field: Option<&Node<'_>>| field.is_some_and(|field| !field.is_null());
    let has_selector = !WITH_SELECTOR.contains(&&*object.kind) || is_set(node.at(&[key("spec"), key("selector")]));
    let lacks_image = containers.iter().any(|container| !is_set(container.get("image")));
    (lacks_image && !has_selector)
        .then(|| format!("{object} is a part of an object: it has no selector, and a container has no image"))
}

fn key(name: &str) -> Segment {
    Segment::Key(name.to_owned())
}

/// The first directive of a strategic merge patch in a tree.
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
                open.extend(pairs.iter().map(|(_, value)| value));
            }
            Value::Sequence(items) => open.extend(items),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::yaml;

    fn why(text: &str) -> Option<String> {
        let parsed = yaml::parse(text);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let root = &parsed.documents[0].root;
        reason(root, &Object::of(root))
    }

    #[test]
    fn patches_are_recognised() {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n";
        for (spec, expected) in [
            ("  replicas: 3\n", "Deployment web is a part of an object: its pod template lists no containers"),
            ("  template: {spec: {containers: []}}\n", "lists no containers"),
            ("  template: {spec: {containers: [{name: a, resources: {}}]}}\n", "a container has no image"),
            ("  template: {spec: {containers: [{name: a, image: i}, {name: b, image: null}]}}\n", "has no image"),
            ("  template: {spec: {containers: [{name: a, $patch: delete}]}}\n", "the directive `$patch`"),
            (
                "  selector: {}\n  template: {spec: {$setElementOrder/containers: [], containers: [{name: a, image: i}]}}\n",
                "`$setElementOrder/containers`",
            ),
        ] {
            let why = why(&format!("{deployment}{spec}")).unwrap_or_default();
            assert!(why.contains(expected), "{spec}: {why}");
        }
        assert!(why("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostNetwork: true}\n").is_some());
    }

    #[test]
    fn whole_objects_are_judged() {
        for text in [
            "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: a}]}\n",
            "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: a, image: i}]}}}\n",
            "apiVersion: apps/v1\nkind: Deployment\nspec: {selector: {}, template: {spec: {containers: [{name: a}]}}}\n",
            "apiVersion: batch/v1\nkind: Job\nspec: {template: {spec: {containers: [{name: a}]}}}\n",
            "apiVersion: v1\nkind: Service\nspec: {}\n",
            "apiVersion: v1\nkind: ConfigMap\ndata: {$x: y, price: $patch}\n",
        ] {
            assert_eq!(why(text), None, "{text}");
        }
    }
}
