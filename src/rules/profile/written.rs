//! Profiles as they are written, for the Pod Security Standards' checks of seccomp and AppArmor.

use super::{Dialect, ProfileType};
use crate::json;
use crate::pod::Profile;
use crate::rules::written::{Sets, Written, contexts};
use crate::view::View;
use crate::violation::{Edit, Found, Report};

/// A field of security contexts that holds a profile.
pub(in crate::rules) struct ProfileField {
    pub(in crate::rules) dialect: &'static Dialect,
    pub(in crate::rules) sets: Sets,
    /// Whether a container's annotation counts like its own field.
    pub(in crate::rules) annotations_count: bool,
}

pub(in crate::rules) const WANTED: &str = "must be RuntimeDefault or Localhost";

/// Reports every profile, in force or not, whose type is another than `RuntimeDefault` or `Localhost`: a
/// profile without a type too.
pub(in crate::rules) fn check_types(field: &ProfileField, view: &View<'_>, report: &mut Report) {
    let Dialect { field: name, container_key, read, .. } = *field.dialect;
    for written in contexts(view) {
        let Some(profile) = read(written.context) else { continue };
        let kind = profile.kind.as_deref();
        if [ProfileType::RuntimeDefault, ProfileType::Localhost].iter().any(|allowed| kind == Some(allowed.word())) {
            continue;
        }
        let found = kind.map_or(Found::Unset, Found::text);
        let is_possible = !view.is_windows() && written.reaches_judged_only(field.sets);
        let mut violation = written.violation(field.sets, &[name, ".type"].concat(), found, WANTED);
        if written.container.is_none() && field.annotations_count {
            let is_annotated = |name: &str| view.template().annotation(&[container_key, name].concat()).is_some();
            let inherited = view.inherited(&|c| !(field.sets)(c.security_context()) && !is_annotated(c.name()));
            violation = violation.inherited(&inherited.judged);
        }
        let overwrites = kind.is_some() || profile.localhost_profile.is_some();
        report.add(violation.with_fix(to_default(name, &written, profile), overwrites).fixed_only_if(is_possible));
    }
}

/// Makes the profile the runtime's; the API server refuses a name beside that type.
fn to_default(field: &str, written: &Written<'_>, profile: &Profile<'_>) -> Vec<Edit> {
    let path = written.path(field);
    let value = json::string(ProfileType::RuntimeDefault.word());
    let mut edits = vec![Edit::Set { path: [&path, ".type"].concat(), value }];
    if profile.localhost_profile.is_some() {
        edits.push(Edit::Remove { path: path + ".localhostProfile" });
    }
    edits
}
