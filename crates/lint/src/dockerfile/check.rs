//! Compares the user of an image with what the manifests say.

use std::sync::Arc;

use hardening::view::ContainerKind;

use super::fill::fill_in;
use super::image::{Image, named};
use super::user::{Id, ImageUser};
use crate::finding::{Finding, Level, Object, Place, Problem, Violation};
use crate::objects::{Item, items};
use crate::outcome::FileReport;
use crate::text::Text;
use kube_yaml::yaml::{Node, Segment};

/// Rule id of findings about the users of images.
pub const DOCKERFILE_USER: &str = "dockerfile-user";

/// Lets repairs write the ids of the images. If `judges`, adds a finding for every container of a manifest whose ids are
/// not those of its image, and a problem for every object with an image whose Dockerfile cannot be read.
pub(crate) fn compare(images: &[Arc<Image>], judges: bool, text: &Text<'_>, report: &mut FileReport) {
    if images.is_empty() {
        return;
    }
    for item in items(text.parsed()) {
        if let Item::Object { node, object, .. } = item {
            let is_own =
                |finding: &&mut Finding| node.span.range().contains(&finding.place.start) && finding.object == object;
            report.findings.iter_mut().filter(is_own).for_each(|finding| fill_in(images, node, finding));
            if !judges {
                continue;
            }
            of_object(images, node, &object, &mut report.findings);
            report.problems.extend(unknown(images, node, &object));
        }
    }
    report.findings.sort_by_key(|finding| finding.place);
}

/// A report about a Dockerfile that leaves a container root, cannot be verified, or cannot be read, or that the command
/// line names for an image that no container has.
pub(crate) fn check(image: &Image) -> Option<FileReport> {
    let report = FileReport {
        path: image.path.display().to_string(),
        text: image.text.clone(),
        findings: of_image(image).into_iter().collect(),
        problems: image.problem().into_iter().chain(unmet(image).map(Problem::new)).collect(),
        ..FileReport::default()
    };
    (!report.findings.is_empty() || !report.problems.is_empty()).then_some(report)
}

/// Complains of an image that the command line names and that no container has.
pub fn unmet(image: &Image) -> Option<String> {
    (image.configured().is_none() && !image.is_met()).then(|| image.unmet())
}

/// Says at its image why nobody knows whom a container of an object runs as; `None` if no Dockerfile of theirs is broken.
pub(crate) fn unknown(images: &[Arc<Image>], root: &Node<'_>, object: &Object) -> Option<Problem> {
    let (_, spec) = pod(root, object)?;
    let lists =
        ContainerKind::ALL.iter().filter_map(|kind| Some((spec.get(kind.field())?.as_sequence()?, kind.title())));
    let mut containers = lists.flat_map(|(list, kind)| list.iter().map(move |container| (container, kind)));
    containers.find_map(|(container, kind)| {
        let written = container.get("image")?;
        let image = named(images, written.as_str()?)?;
        let name = container.get("name").and_then(Node::as_str).unwrap_or_default();
        let path = image.path.display();
        let message =
            format!("{object}: {kind} {name:?}: its Dockerfile {path} cannot be read, so its user is not known");
        let place = Some(Place::of(written, None, true));
        image.user.is_err().then_some(Problem { place, message })
    })
}

/// Finds a Dockerfile's user that is root, or that nobody can verify.
fn of_image(image: &Image) -> Option<Finding> {
    let text = &image.text;
    let (line, level, message) = match image.user.as_ref().ok()? {
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

/// The pod of an object: its path with a dot behind it, and its spec.
fn pod<'n, 'a>(root: &'n Node<'a>, object: &Object) -> Option<(String, &'n Node<'a>)> {
    let group = object.api_version.split_once('/').map_or("", |(group, _)| group);
    let template: &[&str] = match hardening::workload::workload(group, &object.kind) {
        Some(workload) => workload.template,
        None => &["spec", "template"],
    };
    let keys = template.iter().copied().chain(["spec"]);
    let prefix: Vec<Segment> = keys.map(|key| Segment::Key(key.to_owned())).collect();
    let path = template.iter().fold(String::new(), |path, key| path + key + ".") + "spec.";
    Some((path, root.at(&prefix)?))
}

/// Compares the containers of one object.
fn of_object(images: &[Arc<Image>], root: &Node<'_>, object: &Object, found: &mut Vec<Finding>) {
    let Some((path, spec)) = pod(root, object) else { return };
    for kind in ContainerKind::ALL {
        let (list, words) = (kind.field(), kind.title());
        for (index, container) in spec.get(list).and_then(Node::as_sequence).unwrap_or_default().iter().enumerate() {
            let text = |key: &str| container.get(key).and_then(Node::as_str);
            let Some(image) = text("image").and_then(|image| named(images, image)) else { continue };
            let Some(user) = image.written() else { continue };
            for (field, wanted) in [("runAsUser", Some(&user.user)), ("runAsGroup", user.group.as_ref())] {
                let Some(Id::Number(wanted)) = wanted else { continue };
                let own = container.get("securityContext").and_then(|context| context.get(field));
                let pod = spec.get("securityContext").and_then(|context| context.get(field));
                let at = if own.is_some() { format!("{path}{list}[{index}].") } else { path.clone() };
                let at = format!("{at}securityContext.{field}");
                // Unset ids are reported by `run-as-user`.
                let Some(value) = own.or(pod).map(Node::to_json).filter(|value| *value != wanted.to_string()) else {
                    continue;
                };
                let name = text("name").unwrap_or_default();
                let (file, line) = (image.path.display(), user.line);
                let message = format!("{words} {name:?}: {at} is {value}, but USER in {file}:{line} is {wanted}");
                let place = Place::find(root, &at);
                found.push(finding(Level::Error, object.clone(), place, violation(at, Some((name, kind)), message)));
            }
        }
    }
}

/// A violation; `container` is its name and type.
fn violation(path: String, container: Option<(&str, ContainerKind)>, message: String) -> Violation {
    Violation {
        path,
        container: container.map(|(name, _)| name.to_owned()),
        container_type: container.map(|(_, kind)| kind.word().to_owned()),
        ..Violation::whole(DOCKERFILE_USER, message, true)
    }
}

fn finding(level: Level, object: Object, place: Place, violation: Violation) -> Finding {
    Finding { violation, level, object, place, policy: None, muted: None }
}
