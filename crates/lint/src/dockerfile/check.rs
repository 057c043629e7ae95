//! Findings in Dockerfiles.

use std::sync::Arc;

use hardening::rules::image_user::user::{Id, User};
use images::places::{Holder, in_object};
use kube_yaml::yaml::Node;

use super::image::{Image, named};
use super::user::ImageUser;
use crate::finding::{Finding, Level, Object, Place, Problem, Violation};
use crate::outcome::FileReport;

/// Rule id of findings that come from Dockerfiles, in them and in manifests.
pub const DOCKERFILE_USER: &str = "dockerfile-user";

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
    if images.is_empty() {
        return None;
    }
    in_object(root).into_iter().find_map(|mention| {
        let Holder::Container(kind, name) = &mention.holder else { return None };
        let image = named(images, mention.reference.as_deref()?)?;
        let (kind, path) = (kind.title(), image.path.display());
        let message =
            format!("{object}: {kind} {name:?}: its Dockerfile {path} cannot be read, so its user is not known");
        let place = Some(Place::of(mention.node, None, true));
        image.user.is_err().then_some(Problem { place, message })
    })
}

/// Finds a Dockerfile's user that is root, or that nobody can verify.
fn of_image(image: &Image) -> Option<Finding> {
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
        ImageUser::Written { user: text, line } => {
            let User { user, group } = User::of(text);
            let mut ids = [Some(user), group].into_iter().flatten();
            let name = ids.clone().find_map(|id| match id {
                Id::Name(name) | Id::OutOfRange(name) => Some(name),
                Id::Root | Id::Number(_) => None,
            });
            if ids.any(|id| id == Id::Root) {
                (*line, Level::Error, "USER is root, must be ids other than 0".to_owned())
            } else if let Some(name) = name {
                let message =
                    format!("USER is {name:?}, a name: Kubernetes cannot tell that it is not root, write its id");
                (*line, Level::Warning, message)
            } else {
                return None;
            }
        }
    };
    let text = &image.text;
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = start + text[start..].lines().next().map_or(0, str::len);
    let place = Place { line, column: 1, start, end, exact: true };
    let violation = Violation::whole(DOCKERFILE_USER, message, true);
    Some(Finding { violation, level, object: Object::default(), place, policy: None, muted: None })
}
