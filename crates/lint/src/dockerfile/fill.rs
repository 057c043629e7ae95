//! Gives containers without ids those that their images were built for.

use std::sync::Arc;

use hardening::violation::Edit;

use super::image::{Image, named};
use super::user::Id;
use crate::finding::Finding;
use kube_yaml::yaml::{Node, Segment};

/// The rule that demands ids.
const RULE: &str = "run-as-user";

/// Lets the repair of a finding that misses an id in the object at `node` write the one that `USER` says, if the image
/// of the container is built here. Root is never filled in.
pub(crate) fn fill_in(images: &[Arc<Image>], node: &Node<'_>, finding: &mut Finding) {
    let violation = &mut finding.violation;
    if images.is_empty() || violation.rule != RULE || violation.found.is_some() {
        return;
    }
    if let Some(id) = id_of(images, node, &violation.path) {
        violation.fix = vec![Edit::Set { path: violation.path.clone(), value: id.to_string() }];
        violation.fixable = true;
    }
}

/// The id for the field at `path`, `….containers[0].securityContext.runAsUser`, from the container's image.
fn id_of(images: &[Arc<Image>], node: &Node<'_>, path: &str) -> Option<u32> {
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
        Id::Number(id) if *id != 0 => Some(*id),
        Id::Number(_) | Id::Name(_) => None,
    }
}
