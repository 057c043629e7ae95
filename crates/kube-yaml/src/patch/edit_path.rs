//! The paths of edits.

use hardening::violation::Edit;

/// Returns the field path that an edit leads to.
pub fn edit_path(edit: &Edit) -> &str {
    let (Edit::Set { path, .. } | Edit::Append { path, .. } | Edit::Remove { path }) = edit;
    path
}

/// Returns the same edit at another path.
pub(super) fn moved_to(edit: &Edit, path: String) -> Edit {
    match edit {
        Edit::Set { value, .. } => Edit::Set { path, value: value.clone() },
        Edit::Append { value, .. } => Edit::Append { path, value: value.clone() },
        Edit::Remove { .. } => Edit::Remove { path },
    }
}
