//! One container beside what is known about its image.

use super::user::{Id, User};
use super::{SAYS, ports};
use crate::json;
use crate::pod::SecurityContext;
use crate::rules::emptied::{is_covered, mounted};
use crate::rules::locked::{Known, sentence};
use crate::view::{ContainerView, Level, View};
use crate::violation::{Edit, Found, Report, Violation};

/// A container with an image that is known.
pub(super) struct Comparison<'j, 'v> {
    pub(super) view: &'j View<'v>,
    pub(super) container: &'j ContainerView<'v>,
    /// The platforms of its image.
    pub(super) known: &'j [Known],
    /// Makes a violation at its image, of what is wanted.
    pub(super) at_image: &'j dyn Fn(String) -> Violation,
    pub(super) report: &'j mut Report,
}

/// A field of the security context that repeats a part of `USER`.
#[derive(Clone, Copy)]
struct IdField {
    name: &'static str,
    get: fn(&SecurityContext<'_>) -> Option<i64>,
}

const USER: IdField = IdField { name: "runAsUser", get: |context| context.run_as_user };
const GROUP: IdField = IdField { name: "runAsGroup", get: |context| context.run_as_group };

impl Comparison<'_, '_> {
    /// Judges the user on each platform, and what else the image says.
    pub(super) fn judge(&mut self, same_ids: bool) {
        if self.known.iter().all(Known::is_windows) {
            let wanted = "which is made for Windows: set spec.os.name to windows, or name an image for Linux";
            return self.report.add((self.at_image)(wanted.to_owned()));
        }
        let known = self.known;
        let mut users: Vec<&str> = Vec::new();
        for Known { user, .. } in known {
            if !users.contains(&user.as_str()) {
                users.push(user);
            }
        }
        for text in &users {
            let mut place = String::new();
            if users.len() > 1 {
                for (at, known) in known.iter().filter(|known| known.user == *text).enumerate() {
                    place.push_str(if at == 0 { " (on " } else { ", " });
                    place.push_str(&known.platform);
                }
                place.push(')');
            }
            self.judge_user(text, &place, same_ids, users.len() == 1);
        }
        self.keep_volumes();
        let is_root = |text: &&str| User::of(text).user == Id::Root;
        if self.effective(USER).map_or(!users.iter().any(is_root), |id| id != 0) {
            self.name_ports();
        }
    }

    /// The id in force that the manifest sets.
    fn effective(&self, field: IdField) -> Option<i64> {
        self.effective_at(field).map(|(id, _)| id)
    }

    /// The same, and where it stands.
    #[inline(never)]
    fn effective_at(&self, field: IdField) -> Option<(i64, Level)> {
        self.container.effective(|context| (field.get)(context))
    }

    /// Judges one `USER`; `place` says on which platforms, `is_only` that there is no other.
    fn judge_user(&mut self, text: &str, place: &str, same_ids: bool, is_only: bool) {
        let User { user, group } = User::of(text);
        let own = self.effective(USER);
        let number = user.number();
        if own.is_none() {
            self.judge_image(text, user, place);
        }
        self.compare(USER, user, place, same_ids, is_only);
        let Some(group) = group else { return };
        // With another user than the image's, its group has no say.
        let is_images = own.is_none() || own == number.map(i64::from);
        if is_images && own.is_none() && number.is_some() && group == Id::Root && self.effective(GROUP).is_none() {
            let wanted = [
                "whose USER is ",
                &json::string(text),
                ": its group is root's; set runAsGroup to an id other than 0, ",
                "or build the image with one",
                place,
            ];
            self.report.add((self.at_image)(sentence(&wanted)));
        }
        self.compare(GROUP, group, place, same_ids, is_only && is_images && user != Id::Root);
    }

    /// Judges a user that nothing in the manifest overrides.
    fn judge_image(&mut self, text: &str, user: Id<'_>, place: &str) {
        let non_root = self.container.effective(|context| context.run_as_non_root).is_some_and(|(value, _)| value);
        let written = if text.is_empty() { "not set".to_owned() } else { json::string(text) };
        let refused = if non_root { ", and the kubelet refuses to start it beside runAsNonRoot: true" } else { "" };
        let wanted = match user {
            Id::Number(_) => return,
            Id::Root => sentence(&[
                "which runs as root, because its USER is ",
                &written,
                refused,
                ": set runAsUser to an id other than 0, or build the image with one",
            ]),
            Id::Name(_) => sentence(&[
                "whose USER is ",
                &written,
                ", a name: Kubernetes cannot tell that it is not root",
                refused,
                "; set runAsUser to its id, or write the id as USER",
            ]),
            Id::OutOfRange(_) => sentence(&[
                "whose USER is ",
                &written,
                ", and ids end at 2147483647: set runAsUser, or write an id as USER",
            ]),
        };
        self.report.add((self.at_image)(wanted + place));
    }

    /// Compares an id of the manifest with the image's, or fills it in where `fills`.
    fn compare(&mut self, field: IdField, id: Id<'_>, place: &str, same_ids: bool, fills: bool) {
        let Some(wanted) = id.number() else { return };
        let own = self.container.context_path(Level::Container, field.name);
        let (path, found, start) = match self.effective_at(field) {
            None if fills => (own.clone(), Found::Unset, "must be set: "),
            Some((found, level)) if same_ids && found != i64::from(wanted) => {
                (self.container.context_path(level, field.name), Found::plain(found), "must be ")
            }
            None | Some(_) => return,
        };
        let id = wanted.to_string();
        let is_gap = found == Found::Unset;
        let text = sentence(&[start, &id, SAYS, place]);
        let mut violation = Violation::in_container(self.container, path, found, text);
        if fills {
            violation = violation.with_fix(vec![Edit::Set { path: own, value: id }], !is_gap);
        }
        self.report.add(if is_gap { violation.as_gap() } else { violation });
    }

    /// Fills in an `emptyDir` for each volume of the image that would be out of the pod's sight, or read-only.
    fn keep_volumes(&mut self) {
        if self.container.security_context().read_only_root_filesystem != Some(true) {
            return;
        }
        let mut seen: Vec<&str> = Vec::new();
        for known in self.known {
            for path in &known.volumes {
                let path = path.trim_end_matches('/');
                if !seen.contains(&path) && is_plain(path) && !is_covered(self.container, path) {
                    seen.push(path);
                }
            }
        }
        for path in seen {
            let wanted = sentence(&["must have ", &json::string(path), ", a VOLUME of the image"]);
            let at = self.container.path("volumeMounts");
            let gap = Violation::in_container(self.container, at, Found::Unset, wanted);
            let edits = mounted(self.view, self.container, path, "{}").to_vec();
            self.report.add(gap.with_fix(edits, false).as_gap());
        }
    }

    /// Warns of ports that the container may be unable to listen on.
    fn name_ports(&mut self) {
        let in_reach = ports::first_in_reach(self.view, self.container);
        let mut named: Vec<&str> = Vec::new();
        for known in self.known {
            for port in &known.ports {
                if (1..in_reach).contains(&ports::first(port)) && !named.contains(&port.as_str()) {
                    named.push(port);
                }
            }
        }
        if !named.is_empty() {
            let wanted = [
                "which exposes ",
                &named.join(", "),
                ": where ports below 1024 are privileged, its program needs the capability NET_BIND_SERVICE, which is \
                 dropped; add it, or let the program listen above 1023",
            ];
            self.report.add((self.at_image)(sentence(&wanted)).as_advice());
        }
    }
}

/// Whether a volume can be mounted at `path`, which has no slash at its end.
fn is_plain(path: &str) -> bool {
    let is_odd = |part: &str| matches!(part, "" | "." | "..");
    !path.bytes().any(|byte| byte == b':') && path.strip_prefix('/').is_some_and(|rest| !rest.split('/').any(is_odd))
}
