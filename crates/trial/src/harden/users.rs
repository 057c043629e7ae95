//! The ids of containers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Given, Options};
use crate::outcome::Evidence;
use crate::spec;

/// The id of a container that was seen as root only: distroless images have it for this, and no other image has a user
/// of this number.
const NOBODY: u32 = 65532;

/// Fills in the ids of every container that a rule asks for: those of the image, else those that were seen, else some
/// that are nobody's.
pub(super) fn fill(pod: &mut Value, evidence: &BTreeMap<String, Evidence>, options: &Options, given: &mut Vec<Given>) {
    let is_asked_for = |pod: &Value, name: &str| {
        options.rules.contains("run-as-user") || spec::effective(pod, name, "runAsNonRoot") == Some(&Value::Bool(true))
    };
    let mut chosen: Vec<(String, u32, u32)> = Vec::new();
    for name in spec::names(pod).into_iter().filter(|name| is_asked_for(pod, name)) {
        let user = id(pod, &name, "runAsUser", options.overwrite);
        let group = id(pod, &name, "runAsGroup", options.overwrite);
        let known = options.users.get(&name).filter(|(user, _)| *user != 0);
        let seen = evidence.get(&name).map(|evidence| &evidence.users).filter(|users| !users.contains(&0));
        let filled = user.or(known.map(|(user, _)| *user)).or_else(|| seen?.first().copied()).unwrap_or(NOBODY);
        // What the author chose for the user stays, and root of it.
        let of_image = known.and_then(|(user, group)| group.filter(|group| *user == filled && *group != 0));
        let filled_group = group.or(of_image).unwrap_or(if filled == 0 { NOBODY } else { filled });
        if (user, group) != (Some(filled), Some(filled_group)) {
            chosen.push((name, filled, filled_group));
        }
    }
    let Some((_, user, group)) = chosen.first().cloned() else { return };
    let is_shared = chosen.len() == spec::names(pod).len()
        && chosen.iter().all(|(_, other, other_group)| (*other, *other_group) == (user, group))
        && chosen.iter().all(|(name, ..)| has_no_own(pod, name));
    if let Some(pod) = pod.as_object_mut().filter(|_| is_shared) {
        write(spec::object(pod, "securityContext"), user, group);
    }
    for (name, user, group) in chosen {
        if let Some(container) = spec::container_mut(pod, &name).filter(|_| !is_shared) {
            write(spec::object(container, "securityContext"), user, group);
        }
        given.push(Given::User { container: name, user, group });
    }
}

/// A container's id; with `overwrite`, root counts as none.
fn id(pod: &Value, name: &str, key: &str, overwrite: bool) -> Option<u32> {
    let id = spec::effective(pod, name, key).and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
    id.filter(|id| *id != 0 || !overwrite)
}

/// Whether a container leaves its ids to the pod.
fn has_no_own(pod: &Value, name: &str) -> bool {
    let own = |key: &str| spec::container(pod, name).map(|container| &container["securityContext"][key]);
    ["runAsUser", "runAsGroup"].into_iter().all(|key| own(key).is_none_or(Value::is_null))
}

fn write(security: &mut Map<String, Value>, user: u32, group: u32) {
    security.insert("runAsUser".to_owned(), json!(user));
    security.insert("runAsGroup".to_owned(), json!(group));
    // The level `restricted` asks for it, too. Where the author wrote it, it stays.
    if user != 0 && security.get("runAsNonRoot").is_none_or(Value::is_null) {
        security.insert("runAsNonRoot".to_owned(), json!(true));
    }
}
