//! Settings of the ids: which are allowed, which must be set, what a repair fills in.

use crate::settings::{IdRange, SettingsError, check_each, push_ranges};

/// Every id but root's.
pub(super) const NOT_ROOT: IdRange = IdRange { min: 1, max: u32::MAX };

crate::setting_words! {
    /// The fields that must be set for the user.
    pub enum RequireUser {
        /// `runAsUser`, to an id of `ranges`.
        Id = "id",
        /// `runAsNonRoot: true`; `runAsUser` may be unset.
        NonRoot = "nonRoot",
        /// `runAsUser` to an id of `ranges`, or `runAsNonRoot: true`.
        IdOrNonRoot = "idOrNonRoot",
        /// Nothing.
        Any = "any",
    }
}

crate::setting_words! {
    /// The fields that must be set for the group.
    pub enum RequireGroup {
        /// `runAsGroup`, to an id of `ranges`.
        Id = "id",
        /// Nothing, but what is set is never 0.
        NotRoot = "notRoot",
        /// Nothing.
        Any = "any",
    }
}

crate::settings! {
    /// Demands on `runAsUser` and `runAsNonRoot`.
    pub struct User {
        /// The field that must be set: `id` (`runAsUser`), `nonRoot` (`runAsNonRoot: true`), `idOrNonRoot` (one of
        /// the two) or `any` (nothing). A `runAsUser` that is set is judged by `ranges` in any case, except that
        /// `runAsNonRoot: true` with `idOrNonRoot` lets every id but 0 pass.
        require("require"): RequireUser = RequireUser::Id,
        /// Ids that `runAsUser` may have. With `id` and `any` they may include 0; then
        /// `runAsNonRoot: false` passes too.
        ranges("ranges"): Vec<IdRange> = vec![NOT_ROOT] => serde_json::json!({ "minItems": 1 }),
        /// With a repair: the id that is filled in where one is required. Older clusters take ids up to
        /// 2147483647.
        default("default"): Option<u32> = None,
    }
    check(this) {
        if matches!(this.require, RequireUser::NonRoot | RequireUser::IdOrNonRoot) {
            refuse_root(&this.ranges, this.require.word())?;
        }
        this.ids().verify()?;
    }
}

crate::settings! {
    /// Demands on `runAsGroup`.
    pub struct PrimaryGroup {
        /// The field that must be set: `id` (`runAsGroup`), or nothing: `notRoot` and `any`, which differ in that
        /// `any` lets `ranges` include 0. A `runAsGroup` that is set is judged by `ranges` in any case.
        require("require"): RequireGroup = RequireGroup::Id,
        /// Ids that `runAsGroup` may have.
        ranges("ranges"): Vec<IdRange> = vec![NOT_ROOT] => serde_json::json!({ "minItems": 1 }),
        /// With a repair: the id that is filled in where one is required.
        default("default"): Option<u32> = None,
    }
    check(this) {
        if this.require == RequireGroup::NotRoot {
            refuse_root(&this.ranges, this.require.word())?;
        }
        this.ids().verify()?;
    }
}

crate::settings! {
    /// Demands on groups that only the pod's security context names.
    pub struct MoreGroups {
        /// Whether one must be set. If not, only what is set is judged.
        require("require"): bool = false,
        /// Ids that may be set.
        ranges("ranges"): Vec<IdRange> = vec![NOT_ROOT] => serde_json::json!({ "minItems": 1 }),
        /// With a repair: the id that is filled in where none is set, and that takes the place of one that is
        /// not allowed if the repair overwrites.
        default("default"): Option<u32> = None,
    }
    check(this) {
        this.ids().verify()?;
    }
}

impl User {
    pub(super) fn ids(&self) -> Ids<'_> {
        Ids { noun: "user", ranges: &self.ranges, default: self.default }
    }
}

impl PrimaryGroup {
    pub(super) fn ids(&self) -> Ids<'_> {
        Ids { noun: "group", ranges: &self.ranges, default: self.default }
    }
}

impl MoreGroups {
    pub(super) fn ids(&self) -> Ids<'_> {
        Ids { noun: "group", ranges: &self.ranges, default: self.default }
    }
}

/// The settings that user and groups share.
#[derive(Clone, Copy)]
pub(super) struct Ids<'s> {
    /// The kind of the ids, such as `user`.
    noun: &'static str,
    ranges: &'s [IdRange],
    /// The id that a fix fills in.
    pub(super) default: Option<u32>,
}

impl Ids<'_> {
    pub(super) fn allow(self, id: i64) -> bool {
        self.ranges.iter().any(|range| range.contains(id))
    }

    /// Formats the demand for messages: "must be a user id …".
    pub(super) fn wanted(self) -> String {
        let mut out = ["must be a ", self.noun, " id"].concat();
        if self.ranges == [NOT_ROOT] {
            out.push_str(" other than 0");
            return out;
        }
        push_ranges(&mut out, self.ranges.iter().map(|range| (range.min, range.max)));
        out
    }

    fn verify(self) -> Result<(), SettingsError> {
        if self.ranges.is_empty() {
            return Err(SettingsError::new("must hold at least one range, or nothing is allowed").under("ranges"));
        }
        match self.default {
            Some(id) if !self.allow(id.into()) => {
                Err(SettingsError::new(format!("{id} is not in ranges")).under("default"))
            }
            _ => Ok(()),
        }
    }
}

/// A range with 0 contradicts a word that never allows it.
fn refuse_root(ranges: &[IdRange], word: &str) -> Result<(), SettingsError> {
    check_each("ranges", ranges, |range| {
        let message = || format!("must be 1 or more, require: {word} never allows 0");
        range.contains(0).then(|| SettingsError::new(message()).under("min"))
    })
}
