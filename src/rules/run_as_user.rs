//! Rule `run-as-user`.

mod settings;
pub(crate) mod standard;

use std::cell::OnceCell;

pub use settings::{MoreGroups, PrimaryGroup, RequireGroup, RequireUser, User};

use self::settings::{Ids, NOT_ROOT};
use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::json::list;
use crate::pod::SecurityContext;
use crate::view::{ContainerView, Level, View};
use crate::violation::{Edit, Fix, Found, Reach, Report, Violation};

crate::settings! {
    /// Containers run as a user and a group that are set and are not root.
    ///
    /// Unless user namespaces are used, root in a container is root of the node to the kernel: it is one
    /// flaw in the runtime, or one careless host mount, away from owning the node. The id an image asks
    /// for can change with the next build; one that is set in the manifest does not. A group that is not
    /// set is 0 for most images, and with it come the files that belong to root's group.
    ///
    /// A container's own value counts, else the pod's. A pod's value that every container overrides is
    /// not used and not judged. `runAsNonRoot: false` is refused, whatever else is set, unless
    /// `user.ranges` include 0.
    ///
    /// **Restricted fields:** `runAsUser`, `runAsGroup` and `runAsNonRoot` of the pod's
    /// `securityContext` and of containers, init containers and ephemeral containers;
    /// `securityContext.fsGroup` and `.supplementalGroups` of the pod if the settings name them.
    ///
    /// **Allowed values:** ids in the `ranges`, by default all but 0. With `user.require: nonRoot`,
    /// `runAsNonRoot: true`; with `idOrNonRoot`, either. `runAsNonRoot` unset passes otherwise.
    ///
    /// **Repair:** fills in `user.default` and `group.default` where one is required and unset, and
    /// `runAsNonRoot: true` where that is required (or is enough and there is no default): in the pod's
    /// `securityContext`, or in the container's if an exempt container would inherit it. What was written
    /// is replaced only with `overwrite`. Without a default, an id is not repaired. `fsGroup.default` and
    /// `supplementalGroups.default` are filled in for the pod, also where the two may be unset, unless a
    /// container is exempt.
    ///
    /// **Kubernetes:** all versions, `runAsGroup` since 1.14. The restricted standard demands
    /// `runAsNonRoot: true`, and since 1.23 a `runAsUser` other than 0; it asks nothing of groups. Of
    /// Windows pods only `runAsNonRoot` is judged, the ids are forbidden there; it must be `true` with
    /// `nonRoot` and `idOrNonRoot`.
    pub struct RunAsUser {
        /// `runAsUser` and `runAsNonRoot`.
        user("user"): User = User::default(),
        /// `runAsGroup`.
        group("group"): PrimaryGroup = PrimaryGroup::default(),
        /// `fsGroup`: not judged unless given.
        fs_group("fsGroup"): Option<MoreGroups> = None,
        /// `supplementalGroups`: not judged unless given.
        supplemental_groups("supplementalGroups"): Option<MoreGroups> = None,
    }
}

impl RuleMeta for RunAsUser {
    const ID: &'static str = "run-as-user";
    const TITLE: &'static str = "Containers do not run as root";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = true;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    ];
    const BY_HAND: &'static str = "choose an id";
    const EXAMPLE: Example = Example {
        rejected: "{securityContext: {runAsUser: 0}, containers: [{}]}",
        accepted: "{securityContext: {runAsUser: 10001, runAsGroup: 10001}, containers: [{}]}",
        fix: "Set `runAsUser` and `runAsGroup` for the pod, to the ids that the image was made for or to any above \
              10000. Files that the program writes must belong to them: volumes get that with `fsGroup`, images \
              with `COPY --chown`.",
    };
}

impl Rule for RunAsUser {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        let windows = view.is_windows();
        let inheritable = Inheritable::default();
        for container in view.containers() {
            let check = ContainerCheck { rule: self, view, container, inheritable: &inheritable };
            if !windows {
                self.check_user(&check, report);
                self.check_group(&check, report);
            }
            self.check_non_root(&check, windows, report);
        }
        if !windows {
            self.check_fs_group(view, report);
            self.check_supplemental_groups(view, report);
        }
    }
}

impl RunAsUser {
    fn check_user(&self, check: &ContainerCheck<'_>, report: &mut Report) {
        let stand_in = match self.user.require {
            RequireUser::IdOrNonRoot if check.container.effective(|c| c.run_as_non_root).is_some() => StandIn::Taken,
            RequireUser::IdOrNonRoot => StandIn::Open,
            RequireUser::Id | RequireUser::NonRoot | RequireUser::Any => StandIn::None,
        };
        let required = self.user.require == RequireUser::Id || stand_in == StandIn::Open;
        check.check_id(IdField::User, self.user.ids(), required, stand_in, report);
    }

    fn check_group(&self, check: &ContainerCheck<'_>, report: &mut Report) {
        let required = self.group.require == RequireGroup::Id;
        check.check_id(IdField::Group, self.group.ids(), required, StandIn::None, report);
    }

    fn check_non_root(&self, check: &ContainerCheck<'_>, windows: bool, report: &mut Report) {
        let required = match self.user.require {
            RequireUser::NonRoot => true,
            // The other way is closed there.
            RequireUser::IdOrNonRoot => windows,
            RequireUser::Id | RequireUser::Any => false,
        };
        match check.container.effective(|c| c.run_as_non_root) {
            None if required => {
                let fix = check.fill(IdField::NonRoot, TRUE.to_owned());
                let wanted = ["must be true", HERE_OR_POD].concat();
                check.report(IdField::NonRoot, None, Found::Unset, wanted, Some(fix), report);
            }
            // Kubernetes refuses to start root beside `true`, so who allows root must let it be `false`.
            Some((false, level)) if !self.user.ids().allow(0) => {
                let fix = check.replace(IdField::NonRoot, level, TRUE.to_owned());
                check.report(
                    IdField::NonRoot,
                    Some(level),
                    Found::plain(false),
                    "must be true".to_owned(),
                    Some(fix),
                    report,
                );
            }
            None | Some(_) => {}
        }
    }

    /// Whether a value of the pod, filled in for another container, does no harm to this one.
    fn may_fill(&self, field: IdField, container: &ContainerView<'_>) -> bool {
        match field {
            // A container that already answers for itself with `runAsNonRoot` keeps its image's user.
            IdField::User => {
                self.user.require != RequireUser::IdOrNonRoot || container.effective(|c| c.run_as_non_root).is_none()
            }
            IdField::Group => true,
            // Beside user id 0, `true` would keep a container from starting that starts today.
            IdField::NonRoot => container.effective(|c| c.run_as_user).is_none_or(|(id, _)| id != 0),
        }
    }

    fn check_fs_group(&self, view: &View<'_>, report: &mut Report) {
        const FIELD: &str = "securityContext.fsGroup";
        let Some(groups) = &self.fs_group else { return };
        let ids = groups.ids();
        let Some(id) = view.security_context().fs_group else {
            return fill_in(groups, view, FIELD, |default| default.to_string(), report);
        };
        if ids.allow(id) {
            return;
        }
        let violation = Violation::in_pod(view, FIELD, Found::plain(id), ids.wanted());
        report.add(match default(ids, view) {
            Some(default) => violation.fixed_by(default.to_string()),
            None => violation,
        });
    }

    fn check_supplemental_groups(&self, view: &View<'_>, report: &mut Report) {
        const FIELD: &str = "securityContext.supplementalGroups";
        let Some(demand) = &self.supplemental_groups else { return };
        let ids = demand.ids();
        let groups = list(&view.security_context().supplemental_groups);
        if groups.is_empty() {
            return fill_in(demand, view, FIELD, |default| ["[", &default.to_string(), "]"].concat(), report);
        }
        for (index, id) in groups.iter().enumerate().filter(|(_, id)| !ids.allow(**id)) {
            let violation = Violation::in_pod(view, &format!("{FIELD}[{index}]"), Found::plain(id), ids.wanted());
            report.add(match default(ids, view) {
                Some(default) => {
                    // The same edit for every element: the default is there once, whatever it replaces.
                    let edit = Edit::Set { path: view.spec_path(FIELD), value: allowed_groups(ids, groups, default) };
                    violation.with_fix(vec![edit], true)
                }
                None => violation,
            });
        }
    }
}

/// Returns the value that a fix writes where all containers share it: nothing if the rule leaves one of them alone.
fn default(ids: Ids<'_>, view: &View<'_>) -> Option<u32> {
    ids.default.filter(|_| view.is_whole())
}

/// A group that is not set: a repair fills it in, also where it need not be set.
fn fill_in(groups: &MoreGroups, view: &View<'_>, field: &str, value: fn(u32) -> String, report: &mut Report) {
    let gap = Violation::in_pod(view, field, Found::Unset, groups.ids().wanted());
    match default(groups.ids(), view).map(value) {
        Some(value) if groups.require => report.add(gap.fixed_by(value)),
        Some(value) => report.add(gap.fixed_by(value).as_gap()),
        None if groups.require => report.add(gap),
        None => {}
    }
}

/// The groups that are allowed and `default`, in place of the others, as a JSON list.
fn allowed_groups(ids: Ids<'_>, groups: &[i64], default: u32) -> String {
    let mut kept: Vec<i64> = Vec::with_capacity(groups.len());
    let mut out = String::new();
    for id in groups.iter().map(|id| if ids.allow(*id) { *id } else { default.into() }) {
        if !kept.contains(&id) {
            kept.push(id);
            out.push(if out.is_empty() { '[' } else { ',' });
            out.push_str(&id.to_string());
        }
    }
    out + "]"
}

const TRUE: &str = "true";
/// End of the sentence about a field that is unset on both levels.
const HERE_OR_POD: &str = ", here or in the pod's securityContext";

/// Whether `runAsNonRoot` can stand in for an id that is unset or not in the ranges.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StandIn {
    /// No.
    None,
    /// It would if it were set.
    Open,
    /// It is set: `true`, or `false`, which is a violation of its own that ends as `true`.
    Taken,
}

/// A field that a container has itself or inherits from the pod.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IdField {
    User,
    Group,
    NonRoot,
}

impl IdField {
    fn name(self) -> &'static str {
        match self {
            IdField::User => "runAsUser",
            IdField::Group => "runAsGroup",
            IdField::NonRoot => "runAsNonRoot",
        }
    }

    fn is_set(self, context: &SecurityContext<'_>) -> bool {
        match self {
            IdField::User => context.run_as_user.is_some(),
            IdField::Group => context.run_as_group.is_some(),
            IdField::NonRoot => context.run_as_non_root.is_some(),
        }
    }
}

/// For each [`IdField`], whether all who inherit the pod's value may: one that is replaced, and one that is filled in.
/// Every container asks, so it is found out once.
type Inheritable = [[OnceCell<bool>; 2]; 3];

/// The container under judgement, in its pod.
struct ContainerCheck<'a> {
    rule: &'a RunAsUser,
    view: &'a View<'a>,
    container: ContainerView<'a>,
    inheritable: &'a Inheritable,
}

impl ContainerCheck<'_> {
    /// Judges `runAsUser` or `runAsGroup`.
    fn check_id(&self, field: IdField, ids: Ids<'_>, required: bool, stand_in: StandIn, report: &mut Report) {
        let or_non_root = |open| if open { ", or runAsNonRoot must be true" } else { "" };
        match self.container.effective(|c| if field == IdField::User { c.run_as_user } else { c.run_as_group }) {
            None if !required => {}
            None => {
                let open = stand_in == StandIn::Open;
                let wanted = ids.wanted() + or_non_root(open) + HERE_OR_POD;
                let fix = match ids.default {
                    None if open => Some(self.fill(IdField::NonRoot, TRUE.to_owned())),
                    default => default.map(|id| self.fill(field, id.to_string())),
                };
                self.report(field, None, Found::Unset, wanted, fix, report);
            }
            Some((id, _)) if ids.allow(id) => {}
            // Beside `runAsNonRoot: true` any user but root will do.
            Some((id, _)) if stand_in == StandIn::Taken && NOT_ROOT.contains(id) => {}
            Some((id, level)) => {
                let open = stand_in == StandIn::Open && NOT_ROOT.contains(id);
                let wanted = ids.wanted() + or_non_root(open);
                let fix = match ids.default {
                    _ if open => Some(self.fill(IdField::NonRoot, TRUE.to_owned())),
                    default => default.map(|id| self.replace(field, level, id.to_string())),
                };
                self.report(field, Some(level), Found::plain(id), wanted, fix, report);
            }
        }
    }

    /// Reports what is in force: at the container, or, if the pod has it, once for all that inherit it.
    fn report(
        &self,
        field: IdField,
        level: Option<Level>,
        found: Found,
        wanted: String,
        fix: Option<Fix>,
        report: &mut Report,
    ) {
        let path = self.container.context_path(level.unwrap_or(Level::Container), field.name());
        if level != Some(Level::Pod) {
            report.add(Violation { fix, ..Violation::in_container(&self.container, path, found, wanted) });
            return;
        }
        match report.violations.iter_mut().find(|known| known.path == path) {
            None => {
                let violation = Violation::at(path, found, wanted).inherited([&self.container]);
                report.add(Violation { fix, ..violation });
            }
            Some(known) => {
                if let Reach::Containers(reached) = &mut known.reach {
                    reached.push(self.container.ordinal);
                }
                // Where the pod's value must stay, each container that inherits it needs its own edit.
                if let (Some(known), Some(fix)) = (&mut known.fix, fix) {
                    let new = fix.edits.into_iter().filter(|edit| !known.edits.contains(edit)).collect::<Vec<_>>();
                    known.edits.extend(new);
                }
            }
        }
    }

    /// Sets what is unset on both levels.
    fn fill(&self, field: IdField, value: String) -> Fix {
        let pod = self.all_may_inherit(field, true);
        self.set(field, if pod { Level::Pod } else { Level::Container }, value, false)
    }

    /// Sets what is written at `level`.
    fn replace(&self, field: IdField, level: Level, value: String) -> Fix {
        let pod = level == Level::Pod && self.all_may_inherit(field, false);
        self.set(field, if pod { Level::Pod } else { Level::Container }, value, true)
    }

    fn set(&self, field: IdField, level: Level, value: String, overwrites: bool) -> Fix {
        let path = self.container.context_path(level, field.name());
        Fix { edits: vec![Edit::Set { path, value }], overwrites }
    }

    /// Whether the pod's value reaches only containers that the rule judges, all of them fit for it if it is new.
    fn all_may_inherit(&self, field: IdField, is_new: bool) -> bool {
        let is_fit = |container: &ContainerView<'_>| !is_new || self.rule.may_fill(field, container);
        *self.inheritable[field as usize][usize::from(is_new)].get_or_init(|| {
            let inherited = self.view.inherited(&|container| !field.is_set(container.security_context()));
            !inherited.by_exempt && inherited.judged.iter().all(is_fit)
        })
    }
}

standard!(RunAsUser {
    /// `runAsNonRoot`, in the securityContext of the pod and of containers
    Restricted "run-as-non-root", upstream "runAsNonRoot" {
        0 => "true for the pod or for every container, nowhere false", check standard::run_as_non_root_1_0;
        35 => "the same, but not with `hostUsers: false`", check |view, report| if !view.has_user_namespace() {
            standard::run_as_non_root_1_0(view, report);
        };
    }
    /// `runAsUser`, in the securityContext of the pod and of containers
    Restricted "run-as-user", upstream "runAsUser" {
        23 => "not 0", check standard::run_as_user_1_23;
        35 => "the same, but not with `hostUsers: false`", check |view, report| if !view.has_user_namespace() {
            standard::run_as_user_1_23(view, report);
        };
    }
});

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
