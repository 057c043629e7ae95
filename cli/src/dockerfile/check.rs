//! Compares the user of an image with what the manifests say.

use std::path::PathBuf;

use hardening::glob::Glob;
use hardening::reference::Reference;

use super::user::{Id, ImageUser, User};
use crate::check::FileReport;
use crate::check::judge::{Item, items};
use crate::finding::{Finding, Level, Object, Place, Violation};
use crate::yaml::{self, Node, Segment};

/// Rule id of findings about the users of images.
pub const DOCKERFILE_USER: &str = "dockerfile-user";

/// An image that is built here.
#[derive(Debug, Clone)]
pub struct Image {
    /// Glob on its name.
    pub image: Glob,
    /// Its Dockerfile.
    pub path: PathBuf,
    /// Who it runs as.
    pub user: ImageUser,
}

/// Adds a finding for every container of a manifest whose ids are not those of its image.
pub(crate) fn compare(images: &[(Image, String)], text: &str, findings: &mut Vec<Finding>) {
    if images.is_empty() {
        return;
    }
    for item in items(&yaml::parse(text)) {
        if let Item::Object { node, object, .. } = item {
            of_object(images, node, &object, findings);
        }
    }
    findings.sort_by_key(|finding| finding.place);
}

/// A report for every Dockerfile that leaves a container root or cannot be verified.
pub(crate) fn check(images: &[(Image, String)]) -> Vec<FileReport> {
    let of_file = |(image, text): &(Image, String)| FileReport {
        path: image.path.display().to_string(),
        text: text.clone(),
        findings: of_image(image, text).into_iter().collect(),
        ..FileReport::default()
    };
    images.iter().map(of_file).filter(|report| !report.findings.is_empty()).collect()
}

/// What is wrong with the user that a Dockerfile says.
fn of_image(image: &Image, text: &str) -> Option<Finding> {
    let (line, level, message) = match &image.user {
        ImageUser::Inherited { base, line } if base == "scratch" => (
            *line,
            Level::Error,
            "no USER: an image from scratch runs as root, write USER with ids other than 0".to_owned(),
        ),
        ImageUser::Inherited { base, line } => {
            let message = format!("no USER: the image runs as whoever {base} does, write USER with ids other than 0");
            (*line, Level::Warning, message)
        }
        ImageUser::Written(user) => {
            let root = user.user.is_root() || user.group.as_ref().is_some_and(Id::is_root);
            let named = [Some(&user.user), user.group.as_ref()].into_iter().flatten().find_map(|id| match id {
                Id::Name(name) => Some(name),
                Id::Number(_) => None,
            });
            if root {
                (user.line, Level::Error, "USER is root, must be ids other than 0".to_owned())
            } else if let Some(name) = named {
                let message =
                    format!("USER is {name:?}, a name: Kubernetes cannot tell that it is not root, write its id");
                (user.line, Level::Warning, message)
            } else {
                return None;
            }
        }
    };
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let place = Place { line, column: 1, start, end, exact: true };
    Some(finding(level, Object::default(), place, violation(String::new(), None, message)))
}

/// Compares the containers of one object.
fn of_object(images: &[(Image, String)], root: &Node<'_>, object: &Object, found: &mut Vec<Finding>) {
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    let template: &[&str] = match hardening::workload::workload(group, &object.kind) {
        Some(workload) => workload.template,
        None => &["spec", "template"],
    };
    let keys = template.iter().copied().chain(["spec"]);
    let prefix: Vec<Segment> = keys.map(|key| Segment::Key(key.to_owned())).collect();
    let Some(spec) = root.at(&prefix) else { return };
    let path = template.iter().fold(String::new(), |path, key| path + key + ".") + "spec.";
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        for (index, container) in spec.get(list).and_then(Node::as_sequence).unwrap_or_default().iter().enumerate() {
            let text = |key: &str| container.get(key).and_then(Node::as_str);
            let Some((image, user)) = text("image").and_then(|image| user_of(images, image)) else { continue };
            for (field, wanted) in [("runAsUser", Some(&user.user)), ("runAsGroup", user.group.as_ref())] {
                let Some(Id::Number(wanted)) = wanted else { continue };
                let own = container.get("securityContext").and_then(|context| context.get(field));
                let pod = spec.get("securityContext").and_then(|context| context.get(field));
                let at = if own.is_some() { format!("{path}{list}[{index}].") } else { path.clone() };
                let at = format!("{at}securityContext.{field}");
                // What is unset is run-as-user's to say.
                let Some(value) = own.or(pod).map(Node::to_json).filter(|value| *value != wanted.to_string()) else {
                    continue;
                };
                let name = text("name").unwrap_or_default();
                let message = format!(
                    "container {name:?}: {at} is {value}, but USER in {}:{} is {wanted}",
                    image.path.display(),
                    user.line
                );
                let place = Place::find(root, &at);
                found.push(finding(Level::Error, object.clone(), place, violation(at, Some(name.to_owned()), message)));
            }
        }
    }
}

/// The image that a reference names, if it is built here and its `USER` is known.
pub(super) fn user_of<'i>(images: &'i [(Image, String)], reference: &str) -> Option<(&'i Image, &'i User)> {
    let parsed = Reference::parse(reference).ok();
    let full = parsed.map(|reference| reference.name()).unwrap_or_default();
    // The name without tag and digest, as it is written.
    let plain = reference.split_once('@').map_or(reference, |(name, _)| name);
    let plain = plain.rfind(':').filter(|at| !plain[*at..].contains('/')).map_or(plain, |at| &plain[..at]);
    let is_it = |(image, _): &&(Image, String)| [full.as_str(), plain].iter().any(|name| image.image.matches(name));
    match &images.iter().find(is_it)?.0 {
        image @ Image { user: ImageUser::Written(user), .. } => Some((image, user)),
        _ => None,
    }
}

fn violation(path: String, container: Option<String>, message: String) -> Violation {
    Violation {
        rule: DOCKERFILE_USER.to_owned(),
        path,
        container_type: container.as_ref().map(|_| "container".to_owned()),
        container,
        found: None,
        message,
        fixable: false,
        rejects: true,
        fix: Vec::new(),
    }
}

fn finding(level: Level, object: Object, place: Place, violation: Violation) -> Finding {
    Finding { violation, level, object, place, muted: None }
}
