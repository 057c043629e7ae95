//! Gives containers without ids those that their images were built for.

use serde_json::{Map, Value};

use super::image::{Image, named};
use super::user::Id;
use crate::finding::Finding;
use kube_yaml::yaml::{Node, Segment};

/// The rule that demands ids.
const RULE: &str = "run-as-user";

/// The object at `node`, as JSON, with the ids that `findings` miss in containers whose image is built here, as
/// its `USER` says them; `None` if there is nothing to fill in. Root is never filled in.
pub(crate) fn fill(images: &[Image], node: &Node<'_>, findings: &[Finding]) -> Option<String> {
    let unset = findings.iter().filter(|finding| {
        finding.muted.is_none() && finding.violation.rule == RULE && finding.violation.found.is_none()
    });
    let ids: Vec<(Vec<Segment>, u32)> =
        unset.filter_map(|finding| id_of(images, node, &finding.violation.path)).collect();
    if ids.is_empty() {
        return None;
    }
    let mut object: Value = serde_json::from_str(&node.to_json()).ok()?;
    let set = ids.iter().fold(false, |any, (path, id)| set(&mut object, path, *id) || any);
    set.then(|| object.to_string())
}

/// The id for the field at `path`, `….containers[0].securityContext.runAsUser`, from the container's image.
fn id_of(images: &[Image], node: &Node<'_>, path: &str) -> Option<(Vec<Segment>, u32)> {
    let segments = crate::finding::segments(path);
    let [container @ .., Segment::Key(_), Segment::Key(field)] = segments.as_slice() else { return None };
    let reference = node.at(container)?.get("image")?.as_str()?;
    let user = named(images, reference)?.written()?;
    let id = match field.as_str() {
        "runAsUser" => &user.user,
        "runAsGroup" => user.group.as_ref()?,
        _ => return None,
    };
    match id {
        Id::Number(id) if *id != 0 => Some((segments, *id)),
        Id::Number(_) | Id::Name(_) => None,
    }
}

/// Sets the field at `path`, making the objects on the way; `false` if something else stands there.
fn set(object: &mut Value, path: &[Segment], id: u32) -> bool {
    let mut at = object;
    for segment in path {
        let next = match segment {
            Segment::Key(key) => {
                if at.is_null() {
                    *at = Value::Object(Map::new());
                }
                at.as_object_mut().map(|members| members.entry(key.as_str()).or_insert(Value::Null))
            }
            Segment::Index(index) => at.get_mut(*index),
        };
        match next {
            Some(next) => at = next,
            None => return false,
        }
    }
    *at = id.into();
    true
}
