//! `images` of a kustomization.

use std::borrow::Cow;

use kube_yaml::yaml::{Node, Segment};

use super::{Holder, Mention, text};

/// Finds the references that a kustomization puts in place of others: `newName`, else `name`, with `newTag` and `digest`.
/// An entry with neither takes the tag from the manifests.
pub fn in_kustomization<'n, 'a>(root: &'n Node<'a>) -> Vec<Mention<'n, 'a>> {
    let Some(entries) = root.get("images").and_then(Node::as_sequence) else { return Vec::new() };
    entries.iter().enumerate().filter_map(|(index, entry)| of_entry(index, entry)).collect()
}

fn of_entry<'n, 'a>(index: usize, entry: &'n Node<'a>) -> Option<Mention<'n, 'a>> {
    let written =
        |field: &str| entry.entry(field).filter(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()));
    let (field, (key, node)) =
        ["newTag", "digest", "newName", "name"].iter().find_map(|field| Some((*field, written(field)?)))?;
    let part = |field: &str| written(field).and_then(|(_, value)| value.as_str());
    let (tag, digest) = (part("newTag"), part("digest"));
    let name = part("newName").or(part("name"))?;
    let reference = (tag.is_some() || digest.is_some()).then(|| {
        let tag = tag.map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = digest.map(|digest| format!("@{digest}")).unwrap_or_default();
        Cow::Owned(format!("{name}{tag}{digest}"))
    });
    let path = ["images"].map(|key| Segment::Key(key.to_owned()));
    let path = path.into_iter().chain([Segment::Index(index), Segment::Key(field.to_owned())]).collect();
    Some(Mention { path, key, node, holder: Holder::Kustomization(text(entry.get("name"))), reference })
}
