//! What seccomp and AppArmor profiles have in common: a type, and annotations from before the fields.

use super::context::{Place, Sets, fixed_if, places};
use crate::json;
use crate::pod::{Profile, SecurityContext};
use crate::view::View;
use crate::violation::{Edit, Found, Report};

/// A field of security contexts that holds a profile.
pub(super) struct ProfileField {
    pub(super) name: &'static str,
    pub(super) read: for<'a> fn(&'a SecurityContext<'a>) -> Option<&'a Profile<'a>>,
    pub(super) sets: Sets,
    /// Key, up to its name, of a container's annotation that counts like its own field; empty if none does.
    pub(super) key: &'static str,
}

pub(super) const WANTED: &str = "must be RuntimeDefault or Localhost";
pub(super) const RUNTIME_DEFAULT: &str = "RuntimeDefault";

/// Reports every profile, in force or not, whose type is another than `RuntimeDefault` or `Localhost`: a
/// profile without a type too.
pub(super) fn check_types(field: &ProfileField, view: &View<'_>, report: &mut Report) {
    for place in places(view) {
        let Some(profile) = (field.read)(place.context) else { continue };
        if !matches!(profile.kind.as_deref(), Some(RUNTIME_DEFAULT | "Localhost")) {
            let found = profile.kind.as_deref().map_or(Found::Unset, Found::text);
            let is_possible = !view.is_windows() && place.is_ours(view, field.sets);
            let at = [field.name, ".type"].concat();
            let mut violation = place.violation(view, field.sets, &at, found, WANTED);
            if place.container.is_none() && !field.key.is_empty() {
                let is_annotated = |name: &str| view.template().annotation(&[field.key, name].concat()).is_some();
                let inherited = view.inherited(&|c| !(field.sets)(c.security_context()) && !is_annotated(c.name()));
                violation = violation.inherited(&inherited.judged);
            }
            let overwrites = profile.kind.is_some() || profile.localhost_profile.is_some();
            report.add(fixed_if(is_possible, violation.with_fix(to_default(field, &place, profile, view), overwrites)));
        }
    }
}

/// Makes the profile the runtime's; the API server refuses a name beside that type.
fn to_default(field: &ProfileField, place: &Place<'_>, profile: &Profile<'_>, view: &View<'_>) -> Vec<Edit> {
    let path = place.path(view, field.name);
    let mut edits = vec![Edit::Set { path: [&path, ".type"].concat(), value: json::string(RUNTIME_DEFAULT) }];
    if profile.localhost_profile.is_some() {
        edits.push(Edit::Remove { path: path + ".localhostProfile" });
    }
    edits
}
