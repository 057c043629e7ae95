//! Suppressions in annotations: `harden/ignore.<rule>: reason` on the object or its pod template, or
//! `harden/ignore.<rule>.<container>: reason` for one container.

use hardening::view::ContainerKind;
use hardening::workload::WORKLOADS;

use super::Suppression;
use super::clause::{Clause, Invalid, LONGEST_NAME};
use super::scope::Scope;
use crate::finding::{Object, Place};
use crate::suggest;
use kube_yaml::yaml::Node;

/// The prefix of the key of every such annotation.
pub(super) const PREFIX: &str = "harden/ignore.";

/// Adds the suppressions in the annotations of an object and of the pod templates in it.
pub(super) fn collect(root: &Node<'_>, object: &Object, found: &mut Vec<Suppression>) {
    let mut templates: Vec<&[&str]> = WORKLOADS.iter().map(|workload| workload.template).collect();
    templates.push(&[]);
    templates.sort_unstable();
    templates.dedup();
    for template in &templates {
        let Some(holder) = template.iter().try_fold(root, |node, key| node.get(key)) else { continue };
        let annotations = holder.get("metadata").and_then(|metadata| metadata.get("annotations"));
        for (key, value) in annotations.and_then(Node::as_mapping).unwrap_or_default() {
            let Some(name) = key.as_str().and_then(|key| key.strip_prefix(PREFIX)) else { continue };
            let (rule, container) = match name.split_once('.') {
                Some((rule, container)) => (rule, Some(container.to_owned())),
                None => (name, None),
            };
            let length = key.as_str().and_then(|key| key.split_once('/')).map_or(0, |(_, name)| name.len());
            let clause = if length > LONGEST_NAME {
                Err(Invalid::LongName(length))
            } else {
                Clause::of(vec![rule.to_owned()], value.as_str().unwrap_or_default())
            };
            let absent = container.as_deref().and_then(|container| absent(root, &templates, container));
            let prefix = template.iter().fold(String::new(), |path, key| path + key + ".");
            found.push(Suppression {
                clause,
                place: Place::of(value, Some(key), true),
                scope: Scope::Object { bytes: root.span.range(), prefix, container },
                object: object.clone(),
                absent,
            });
        }
    }
}

/// The complaint if none of the templates in an object has a container of this name.
fn absent(root: &Node<'_>, templates: &[&[&str]], container: &str) -> Option<String> {
    let specs = templates.iter().filter_map(|template| {
        let holder = template.iter().try_fold(root, |node, key| node.get(key))?;
        holder.get("spec")
    });
    let lists = specs.flat_map(|spec| ContainerKind::ALL.iter().filter_map(|kind| spec.get(kind.field())));
    let containers = lists.flat_map(|list| list.as_sequence().unwrap_or_default());
    let names: Vec<&str> = containers.filter_map(|container| container.get("name")?.as_str()).collect();
    let hint = if names.is_empty() { String::new() } else { suggest::among(container, &names) };
    (!names.contains(&container)).then(|| format!("there is no container {container}{hint}"))
}
