//! The references to images in a text: of its objects, of a kustomization, of a chart's values.

use std::path::Path;

use images::lock::NAME;
use images::places::{Mention, in_kustomization, in_object, in_values};
use images::{Image, Index};
use kube_yaml::yaml::{Node, Parsed, Segment};

use crate::finding::{Object, Place, Problem};
use crate::objects::{Item, items};
use crate::search::KUSTOMIZATIONS;

/// A reference with the object that it stands in.
#[derive(Debug)]
pub struct Named<'n, 'a> {
    /// Index of the document.
    pub document: usize,
    /// From the document to the object.
    pub object_path: Vec<Segment>,
    /// The identity of the object; empty in a chart's values.
    pub object: Object,
    /// The reference.
    pub mention: Mention<'n, 'a>,
}

impl Named<'_, '_> {
    /// The place of the reference.
    pub fn place(&self) -> Place {
        Place::of(self.mention.node, None, true)
    }
}

/// The kind of a kustomization, which its file need not say.
const KUSTOMIZATION: &str = "Kustomization";

/// Finds the references in a text in the order of the documents, and everything that keeps them from being found. `file`
/// is where the text comes from, if that is known.
pub fn named<'n, 'a>(parsed: &'n Parsed<'a>, file: Option<&Path>) -> (Vec<Named<'n, 'a>>, Vec<Problem>) {
    let mut problems: Vec<Problem> = parsed.errors.iter().map(Problem::of_yaml).collect();
    let whole = |find: fn(&'n Node<'a>) -> Vec<Mention<'n, 'a>>| {
        let of_document = move |(document, content): (usize, &'n kube_yaml::yaml::Document<'a>)| {
            let object = Object::of(&content.root);
            find(&content.root).into_iter().map(move |mention| Named {
                document,
                object_path: Vec::new(),
                object: object.clone(),
                mention,
            })
        };
        parsed.documents.iter().enumerate().flat_map(of_document).collect::<Vec<_>>()
    };
    let name = file.and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    if KUSTOMIZATIONS.contains(&name) {
        return (whole(in_kustomization), problems);
    }
    if name.starts_with("values") && file.is_some_and(|file| file.with_file_name("Chart.yaml").is_file()) {
        return (whole(in_values), problems);
    }
    let mut found = Vec::new();
    for item in items(parsed) {
        match item {
            Item::Object { document, path, node, object } => {
                let find = if object.kind == KUSTOMIZATION { in_kustomization } else { in_object };
                let with_object =
                    |mention| Named { document, object_path: path.clone(), object: object.clone(), mention };
                found.extend(find(node).into_iter().map(with_object));
            }
            Item::Unclear { node, message } => {
                problems.push(Problem { place: Some(Place::find(node, "")), message });
            }
            Item::Empty | Item::NotKubernetes => {}
        }
    }
    (found, problems)
}

/// The references in a text that the lock lacks, or has with another digest.
pub(crate) fn lacking(parsed: &Parsed<'_>, file: Option<&Path>, lock: &Index) -> Vec<Problem> {
    let (found, _) = named(parsed, file);
    let problem = |named: Named<'_, '_>| {
        let written = named.mention.reference.as_deref()?;
        let message = complaint(written, lock)?;
        Some(Problem { place: Some(named.place()), message })
    };
    found.into_iter().filter_map(problem).collect()
}

/// Why the lock does not have what a reference names.
fn complaint(written: &str, lock: &Index) -> Option<String> {
    let image = match Image::parse(written) {
        Ok(image) => image,
        Err(error) => return Some(error.to_string()),
    };
    let key = image.key();
    match lock.get(&image) {
        Err(error) => Some(format!("{NAME} {error}")),
        Ok(None) => Some(format!("{key} is not in the lock: `harden images lock` adds it")),
        Ok(Some(entry)) => image.digest().filter(|digest| entry.digest.to_string() != *digest).map(|digest| {
            format!("{key} is pinned to {digest}, and the lock has {}: `harden images pin` writes it", entry.digest)
        }),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kube_yaml::yaml;

    use super::*;

    fn found(text: &str, file: &Path) -> Vec<String> {
        let parsed = yaml::parse(text);
        let (found, problems) = named(&parsed, Some(file));
        let shown = |named: &Named<'_, '_>| {
            let reference = named.mention.reference.as_deref().unwrap_or("-");
            format!("{} {}:{} {reference}", named.object, named.place().line, named.place().column)
        };
        found.iter().map(shown).chain(problems.into_iter().map(|problem| problem.message)).collect()
    }

    #[test]
    fn references_are_found_by_what_the_file_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let kustomization = "images: [{name: a, newTag: '1'}]\n";
        let values = "image: {repository: b, tag: '2'}\n";
        assert_eq!(found(kustomization, &file("kustomization.yaml")), [" 1:28 a:1"]);
        assert_eq!(found(kustomization, &file("other.yaml")), [""; 0]);
        let kind = format!("kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n{kustomization}");
        assert_eq!(found(&kind, &file("other.yaml")), ["Kustomization 3:28 a:1"]);
        assert_eq!(found(values, &file("values.yaml")), [""; 0], "there is no chart");
        std::fs::write(file("Chart.yaml"), "").unwrap();
        assert_eq!(found(values, &file("values-prod.yaml")), [" 1:21 b:2"]);

        let list = "\
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: c:3}]}}
---
kind: Pod
spec: {containers: [{image: d}]}
---
a: [
";
        let said = found(list, &file("list.yaml"));
        assert_eq!(said[0], "Pod p 4:91 c:3");
        assert!(said[1].contains("is not valid YAML") && said[2].contains("has no apiVersion"), "{said:?}");
    }
}
