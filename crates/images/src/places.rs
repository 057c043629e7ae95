//! Finds the references to images in documents, each with its place.
//!
//! An object is searched by structure, whatever its kind: every list of containers, every single container, every image
//! volume. That covers the kinds that Kubernetes ships and those that hold pods inside.

mod kustomization;
mod values;

use std::borrow::Cow;

use hardening::view::ContainerKind;
use kube_yaml::yaml::{Node, Segment, Value, to_text};

pub use kustomization::in_kustomization;
pub use values::in_values;

/// The holder of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A container of a list, and its name.
    Container(ContainerKind, String),
    /// A container alone, as in a step of a workflow.
    Step,
    /// An image volume, and its name.
    Volume(String),
    /// An entry of a kustomization's `images`, and the name that it is for.
    Kustomization(String),
    /// A value of a chart.
    Values,
}

/// A reference to an image, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention<'n, 'a> {
    /// From the object to the field.
    pub path: Vec<Segment>,
    /// The field's key.
    pub key: &'n Node<'a>,
    /// The field.
    pub node: &'n Node<'a>,
    /// The holder of the reference.
    pub holder: Holder,
    /// The reference: as written, or put together from the parts that are written. `None` where a part is written
    /// elsewhere.
    pub reference: Option<Cow<'n, str>>,
}

impl Mention<'_, '_> {
    /// The path as findings write it.
    pub fn path_text(&self) -> String {
        to_text(&self.path)
    }
}

/// The field of a container alone.
const ALONE: &str = "container";

/// Finds the references of an object, in the order of the text.
pub fn in_object<'n, 'a>(root: &'n Node<'a>) -> Vec<Mention<'n, 'a>> {
    let mut walk = Walk { path: Vec::new(), found: Vec::new() };
    walk.visit(root);
    walk.found
}

struct Walk<'n, 'a> {
    path: Vec<Segment>,
    found: Vec<Mention<'n, 'a>>,
}

impl<'n, 'a> Walk<'n, 'a> {
    fn visit(&mut self, node: &'n Node<'a>) {
        match &node.value {
            Value::Mapping(pairs) => {
                for (key, value) in pairs {
                    let Some(name) = key.as_str() else { continue };
                    // The items of a list are objects of their own.
                    if self.path.is_empty() && name == "items" && value.as_sequence().is_some() {
                        continue;
                    }
                    self.path.push(Segment::Key(name.to_owned()));
                    self.member(name, value);
                    self.visit(value);
                    self.path.pop();
                }
            }
            Value::Sequence(items) => self.each(items, Walk::visit),
            _ => {}
        }
    }

    fn each(&mut self, items: &'n [Node<'a>], mut visit: impl FnMut(&mut Self, &'n Node<'a>)) {
        for (index, item) in items.iter().enumerate() {
            self.path.push(Segment::Index(index));
            visit(self, item);
            self.path.pop();
        }
    }

    /// Looks at a member, whose key is the last step of the path.
    fn member(&mut self, name: &str, value: &'n Node<'a>) {
        let kind = ContainerKind::ALL.into_iter().find(|kind| kind.field() == name);
        if let (Some(kind), Some(items)) = (kind, value.as_sequence()) {
            self.each(items, |walk, item| {
                let name = text(item.get("name"));
                walk.mention(item, "image", Holder::Container(kind, name));
            });
        } else if name == ALONE {
            self.mention(value, "image", Holder::Step);
        } else if let ("volumes", Some(items)) = (name, value.as_sequence()) {
            self.each(items, |walk, item| {
                let Some(image) = item.get("image") else { return };
                walk.path.push(Segment::Key("image".to_owned()));
                walk.mention(image, "reference", Holder::Volume(text(item.get("name"))));
                walk.path.pop();
            });
        }
    }

    /// Takes the field of a mapping as a reference, if it is a text.
    fn mention(&mut self, holder: &'n Node<'a>, field: &str, what: Holder) {
        let Some((key, node)) = holder.entry(field) else { return };
        let Some(text) = node.as_str() else { return };
        let path = self.path.iter().cloned().chain([Segment::Key(field.to_owned())]).collect();
        self.found.push(Mention { path, key, node, holder: what, reference: Some(Cow::Borrowed(text)) });
    }
}

fn text(node: Option<&Node<'_>>) -> String {
    node.and_then(Node::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
