//! One step of a fix: every object as a policy wants it, written into the text.

use std::borrow::Cow;

use serde_json::Value;

use super::text::{Fixed, Fixer};
use crate::dockerfile;
use crate::finding::{NAMED_BY_LIST, Object, Place, Problem};
use crate::objects::{Item, items};
use crate::partial::KUSTOMIZE_PATCH;
use crate::partial::{self, Shape};
use kube_yaml::patch::{Outcome, Refusal, Target, patch};
use kube_yaml::yaml::{self, Node, Parsed, Segment};

/// Where an object stands in its text, whatever is edited.
#[derive(Debug, Clone)]
pub(super) struct At {
    /// Index of its document.
    pub(super) document: usize,
    /// From the document to the object.
    pub(super) path: Vec<Segment>,
    pub(super) object: Object,
}

impl At {
    /// Every object of a text that can be fixed; `fixed` says of the others why they cannot. `is_patch`: a
    /// kustomization patches with the text.
    pub(super) fn all(fixer: &Fixer<'_>, parsed: &Parsed<'_>, is_patch: bool, fixed: &mut Fixed) -> Vec<At> {
        let mut all = Vec::new();
        let mut is_part = false;
        for item in items(parsed) {
            let (document, path, node, object) = match item {
                Item::Object { document, path, node, object } => (document, path, node, object),
                Item::Unclear { node, message } if !is_patch => {
                    fixed.problems.push(Problem { place: Some(Place::find(node, "")), message });
                    continue;
                }
                Item::NotKubernetes | Item::Unclear { .. } => {
                    is_part = true;
                    continue;
                }
                Item::Empty => continue,
            };
            let is_wanted = is_patch || fixer.judges.iter().any(|judge| judge.wants(node, &object));
            let place = Some(Place::find(node, ""));
            match partial::shape(node, &object, is_patch) {
                _ if !is_wanted => {}
                Shape::Part(_) if is_patch => is_part = true,
                Shape::Part(message) => fixed.notes.push(Problem { place, message }),
                Shape::Broken(problem) => fixed.problems.push(*problem),
                Shape::Whole => match dockerfile::unknown(fixer.images, node, &object) {
                    Some(message) => fixed.problems.push(Problem { place, message }),
                    None => all.push(At { document, path, object }),
                },
            }
        }
        if is_patch && is_part {
            fixed.notes.push(Problem::new(KUSTOMIZE_PATCH));
        }
        all
    }

    /// Its content in a text.
    pub(super) fn node<'n, 'a>(&self, parsed: &'n Parsed<'a>) -> Option<&'n Node<'a>> {
        parsed.documents.get(self.document)?.root.at(&self.path)
    }
}

/// What a step did.
#[derive(Default)]
pub(super) struct Step {
    /// The text after it.
    pub(super) text: String,
    /// The objects that changed, each with the paths of the changes.
    pub(super) made: Vec<(usize, String)>,
    /// The objects that could not become what was wanted, and why; they are as they were.
    pub(super) refused: Vec<(usize, Refusal)>,
    /// The objects that no answer was got for, and why.
    pub(super) failed: Vec<(usize, String)>,
}

/// Writes what `wanted` answers for the chosen ones of `objects`; nothing for those it has no answer for.
pub(super) fn write(
    text: &str,
    objects: &[At],
    chosen: &[usize],
    wanted: impl Fn(usize, &Node<'_>) -> Result<Option<String>, String>,
) -> Step {
    let parsed = yaml::parse(text);
    let mut step = Step::default();
    let mut values: Vec<(usize, Value)> = Vec::new();
    for &index in chosen {
        let Some(node) = objects[index].node(&parsed) else { continue };
        let complete = objects[index].object.complete(node);
        let value = wanted(index, &complete).and_then(|json| {
            let value = json.map(|json| serde_json::from_str(&json)).transpose();
            let value = value.map_err(|error| format!("the policy's object cannot be read: {error}"))?;
            Ok(value.map(|value| if matches!(complete, Cow::Owned(_)) { as_written(value, node) } else { value }))
        });
        match value {
            Ok(Some(value)) => values.push((index, value)),
            Ok(None) => {}
            Err(message) => step.failed.push((index, message)),
        }
    }
    let targets = values.iter().map(|(index, wanted)| {
        let At { document, path, .. } = &objects[*index];
        Target { document: *document, path: path.clone(), wanted }
    });
    let targets: Vec<Target<'_>> = targets.collect();
    let Outcome { text, made, refused } = patch(text, &targets);
    let object = |target: usize| values[target].0;
    step.text = text;
    step.made = made.into_iter().map(|made| (object(made.target), made.path)).collect();
    step.refused = refused.into_iter().map(|refusal| (object(refusal.target), refusal)).collect();
    step
}

/// An item of a typed list without what only the list says of it.
fn as_written(mut object: Value, node: &Node<'_>) -> Value {
    for key in NAMED_BY_LIST {
        let written = node.get(key).and_then(|value| serde_json::from_str(&value.to_json()).ok());
        match (object.as_object_mut(), written) {
            (Some(members), Some(written)) => members.insert(key.to_owned(), written),
            (Some(members), None) => members.remove(key),
            (None, _) => None,
        };
    }
    object
}

/// A problem with an object.
pub(super) fn problem(node: &Node<'_>, at: &At, message: &str) -> Problem {
    Problem { place: Some(Place::find(node, "")), message: format!("{}: {message}", at.object) }
}
