//! The objects of a text, as `kubectl` finds them: a list of any kind is as many objects as it has items.

use hardening::workload;

use crate::finding::Object;
use kube_yaml::yaml::{Node, Parsed, Segment, Value};

/// The kind of a document or of an item of a list.
#[derive(Debug)]
pub enum Item<'n, 'a> {
    /// A document without content.
    Empty,
    /// A document that is not a Kubernetes object.
    NotKubernetes,
    /// An object that `kubectl --validate=false` may create although it lacks the fields that say how to judge it.
    Unclear {
        /// Its content.
        node: &'n Node<'a>,
        /// The missing fields.
        message: String,
    },
    /// An object and where it stands.
    Object {
        /// Index of the document.
        document: usize,
        /// From the document to the object: nothing, or `items[i]` once for every list around it.
        path: Vec<Segment>,
        /// Its content.
        node: &'n Node<'a>,
        /// The identity of the object.
        object: Object,
    },
}

/// Everything that a text holds, in its order.
pub fn items<'n, 'a>(parsed: &'n Parsed<'a>) -> Vec<Item<'n, 'a>> {
    if parsed.documents.is_empty() && parsed.errors.is_empty() { vec![Item::Empty] } else { in_documents(parsed) }
}

/// Everything that the documents hold.
pub(crate) fn in_documents<'n, 'a>(parsed: &'n Parsed<'a>) -> Vec<Item<'n, 'a>> {
    let contents = parsed.documents.iter().enumerate();
    contents.flat_map(|(document, content)| in_document(document, &content.root)).collect()
}

/// Everything that a document holds.
pub(crate) fn in_document<'n, 'a>(document: usize, root: &'n Node<'a>) -> Vec<Item<'n, 'a>> {
    let mut found = Vec::new();
    Collector { document, found: &mut found }.collect(root, Vec::new(), None);
    found
}

struct Collector<'f, 'n, 'a> {
    document: usize,
    found: &'f mut Vec<Item<'n, 'a>>,
}

impl<'n, 'a> Collector<'_, 'n, 'a> {
    /// Adds what a document, or an item of `list`, holds.
    fn collect(&mut self, node: &'n Node<'a>, path: Vec<Segment>, list: Option<&Object>) {
        let object = list.map_or_else(|| Object::of(node), |list| item_of(list, node));
        if object.kind.is_empty() {
            self.found.push(if node.is_null() { Item::Empty } else { Item::NotKubernetes });
            return;
        }
        let items = node.get("items").and_then(Node::as_sequence);
        let template = carries_template(node, &object);
        if object.api_version.is_empty() {
            return self.collect_without_version(node, path, &object, items, template);
        }
        if let Some(items) = items {
            self.collect_items(items, &path, &object);
        }
        // Clients that know no lists but `List` create what carries a template and items.
        if items.is_none() || template {
            self.found.push(Item::Object { document: self.document, path, node, object });
        }
    }

    fn collect_items(&mut self, items: &'n [Node<'a>], path: &[Segment], list: &Object) {
        for (index, item) in items.iter().enumerate() {
            let below = path.iter().cloned().chain([Segment::Key("items".to_owned()), Segment::Index(index)]);
            self.collect(item, below.collect(), Some(list));
        }
    }

    /// Adds what has a kind and no apiVersion: the API server fills it in.
    fn collect_without_version(
        &mut self,
        node: &'n Node<'a>,
        path: Vec<Segment>,
        object: &Object,
        items: Option<&'n [Node<'a>]>,
        template: bool,
    ) {
        let before = self.found.len();
        self.collect_items(items.unwrap_or_default(), &path, object);
        let holds_objects =
            self.found[before..].iter().any(|item| matches!(item, Item::Object { .. } | Item::Unclear { .. }));
        if template || holds_objects || items.is_some() && object.kind == "List" {
            let name = object.to_string();
            let message =
                format!("{} has no apiVersion, and `kubectl --validate=false` takes it: write one", name.trim_end());
            self.found.push(Item::Unclear { node, message });
        } else {
            self.found.truncate(before);
            self.found.push(Item::NotKubernetes);
        }
    }
}

/// Returns the identity of a list's item: an item of a typed list, a `PodList` say, need not say what it is.
fn item_of(list: &Object, item: &Node<'_>) -> Object {
    let object = Object::of(item);
    let may_be_object = matches!(item.value, Value::Mapping(_) | Value::Null);
    if !may_be_object || !object.kind.is_empty() || !object.api_version.is_empty() {
        return object;
    }
    match list.kind.strip_suffix("List").unwrap_or(&list.kind) {
        "" => object,
        kind => Object { kind: kind.to_owned(), api_version: list.api_version.clone(), ..object },
    }
}

/// The group of an object's kind.
pub(crate) fn group(object: &Object) -> &str {
    object.api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether the object is of a kind with a pod template, or looks as if it had one.
pub(crate) fn carries_template(root: &Node<'_>, object: &Object) -> bool {
    let has_template = |template: &&[&str]| {
        let containers = template.iter().chain(&["spec", "containers"]).try_fold(root, |node, key| node.get(key));
        containers.is_some_and(|list| list.as_sequence().is_some())
    };
    workload::workload(group(object), &object.kind).is_some() || workload::STRUCTURAL.iter().any(has_template)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use kube_yaml::yaml;

    /// Every item of a text in a word or two: `kind version` of objects.
    fn found(text: &str) -> Vec<String> {
        let parsed = yaml::parse(text);
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let word = |item| match item {
            Item::Empty => "empty".to_owned(),
            Item::NotKubernetes => "other".to_owned(),
            Item::Unclear { message, .. } => message,
            Item::Object { path, object, node, .. } => {
                let json: serde_json::Value = serde_json::from_str(&object.to_json(node)).unwrap();
                assert_eq!(
                    (json["kind"].as_str(), json["apiVersion"].as_str()),
                    (Some(&*object.kind), Some(&*object.api_version))
                );
                format!("{} {}{}", object.kind, object.api_version, "+".repeat(path.len() / 2))
            }
        };
        items(&parsed).into_iter().map(word).collect()
    }

    /// S4, confirmed with `kubectl` 1.35.
    #[test]
    fn s4_lists_of_any_kind_are_their_items() {
        let pod = "{apiVersion: v1, kind: Pod}";
        for (text, want) in [
            (format!("{{apiVersion: v1, kind: List, items: [{pod}, {pod}]}}"), &["Pod v1+", "Pod v1+"][..]),
            (format!("{{apiVersion: v1, kind: ConfigMap, items: [{pod}]}}"), &["Pod v1+"]),
            (
                format!("{{apiVersion: v1, kind: List, items: [{{apiVersion: x/v1, kind: Rows, items: [{pod}]}}]}}"),
                &["Pod v1++"],
            ),
            ("{apiVersion: v1, kind: PodList, items: [{spec: {}}, null]}".to_owned(), &["Pod v1+", "Pod v1+"]),
            ("{apiVersion: v1, kind: PodList, items: [{kind: 1, apiVersion: ''}]}".to_owned(), &["Pod v1+"]),
            (format!("{{apiVersion: v1, kind: PodList, items: [{{items: [{pod}]}}]}}"), &["Pod v1++", "Pod v1+"]),
            (
                "{apiVersion: apps/v1, kind: Deployment, items: [{}]}".to_owned(),
                &["Deployment apps/v1+", "Deployment apps/v1"],
            ),
            ("{apiVersion: v1, kind: ConfigMap, items: [{}]}".to_owned(), &["ConfigMap v1+"]),
            ("{apiVersion: v1, kind: List, items: [{}, null, x]}".to_owned(), &["other", "empty", "other"]),
            ("{apiVersion: v1, kind: List, items: {a: b}}".to_owned(), &["List v1"]),
            ("{apiVersion: v1, kind: List, items: []}".to_owned(), &[]),
            (format!("{{items: [{pod}]}}"), &["other"]),
            ("{kind: menu, items: [a, b]}".to_owned(), &["other"]),
            ("{kind: pipeline, name: x}".to_owned(), &["other"]),
            ("{apiVersion: v1}".to_owned(), &["other"]),
        ] {
            assert_eq!(found(&text), want, "{text}");
        }
    }

    #[test]
    fn s4_what_lacks_its_api_version_is_said() {
        let pod = "{apiVersion: v1, kind: Pod}";
        for (text, want) in [
            ("{kind: Pod, metadata: {name: p}}".to_owned(), &["Pod p has no apiVersion"][..]),
            ("{kind: List, items: []}".to_owned(), &["List has no apiVersion"]),
            (format!("{{kind: List, items: [{pod}]}}"), &["Pod v1+", "List has no apiVersion"]),
            (format!("{{kind: menu, items: [{pod}]}}"), &["Pod v1+", "menu has no apiVersion"]),
            ("{kind: PodList, items: [{}]}".to_owned(), &["Pod has no apiVersion", "PodList has no apiVersion"]),
            ("{kind: R, spec: {template: {spec: {containers: []}}}}".to_owned(), &["R has no apiVersion"]),
        ] {
            let found = found(&text);
            assert_eq!(found.len(), want.len(), "{text} {found:?}");
            assert!(found.iter().zip(want).all(|(found, want)| found.starts_with(want)), "{text} {found:?}");
        }
    }
}
