//! Check `capabilities`: what of root's power a container gets.

use super::context::{fixed_if, in_context, judged};
use crate::edit::list_of;
use crate::json::{self, Text, list};
use crate::rules::capabilities::{corrected, spelling};
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report};

const ALL: &str = "ALL";

/// What the baseline level lets containers add: what runtimes give by themselves, but for `NET_RAW`.
const MAY_ADD_BASELINE: &[&str] = &[
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// What the restricted level lets containers add.
const MAY_ADD_RESTRICTED: &[&str] = &["NET_BIND_SERVICE"];

/// Baseline, since 1.0: `add` has only capabilities of the list, spelled exactly so.
pub(super) fn capabilities_baseline_1_0(view: &View<'_>, report: &mut Report) {
    for container in judged(view) {
        check_add(view, &container, MAY_ADD_BASELINE, report);
    }
}

/// Restricted, since 1.22: `drop` has `ALL`, `add` only `NET_BIND_SERVICE`.
pub(super) fn capabilities_restricted_1_22(view: &View<'_>, report: &mut Report) {
    for container in judged(view) {
        check_drop(view, &container, report);
        check_add(view, &container, MAY_ADD_RESTRICTED, report);
    }
}

/// Restricted, since 1.25: not asked of Windows pods.
pub(super) fn capabilities_restricted_1_25(view: &View<'_>, report: &mut Report) {
    if !view.is_windows() {
        capabilities_restricted_1_22(view, report);
    }
}

fn check_drop(view: &View<'_>, container: &ContainerView<'_>, report: &mut Report) {
    let dropped = names(container, "drop");
    if dropped.iter().any(|name| **name == *ALL) {
        return;
    }
    let found = if dropped.is_empty() { Found::Unset } else { Found::texts(dropped.iter().map(|name| &**name)) };
    let mut violation = in_context(container, "capabilities.drop", found, "must contain ALL");
    let path = violation.path.clone();
    let misspelt = dropped.iter().position(|name| corrected(name).as_deref() == Some(ALL));
    let edit = match misspelt {
        Some(index) => Edit::Set { path: format!("{path}[{index}]"), value: json::string(ALL) },
        None if dropped.is_empty() => Edit::Set { path, value: list_of(&[ALL]) },
        None => Edit::Append { path, value: json::string(ALL) },
    };
    violation = violation.with_fix(vec![edit], false);
    report.add(fixed_if(!view.is_windows(), violation));
}

#[inline(never)]
fn check_add(view: &View<'_>, container: &ContainerView<'_>, allowed: &[&str], report: &mut Report) {
    for (index, name) in names(container, "add").iter().enumerate().filter(|(_, name)| !allowed.contains(&&***name)) {
        let meant = corrected(name).filter(|meant| allowed.contains(&meant.as_str()));
        let wanted = match &meant {
            Some(meant) => spelling(name, meant, "adds"),
            None => ["must not be added, only ", &allowed.join(", "), " may"].concat(),
        };
        let field = format!("capabilities.add[{index}]");
        let violation = in_context(container, &field, Found::text(name), &wanted);
        let path = violation.path.clone();
        let edit = match meant {
            Some(meant) => Edit::Set { path, value: json::string(&meant) },
            None => Edit::Remove { path },
        };
        report.add(fixed_if(!view.is_windows(), violation.with_fix(vec![edit], true)));
    }
}

fn names<'a>(container: &ContainerView<'a>, field: &str) -> &'a [Text<'a>] {
    let Some(capabilities) = &container.security_context().capabilities else { return &[] };
    list(if field == "drop" { &capabilities.drop } else { &capabilities.add })
}

#[cfg(test)]
use super::cases::{BASELINE, BOTH, Case, RESTRICTED};

#[cfg(test)]
#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    Case { pod: r#"{}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":null}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["ALL"]}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["NET_RAW","ALL"]}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["all"]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["All"]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["CAP_ALL"]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":["NET_RAW","CHOWN"]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":[],"drop":[""]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["ALL"]}}}]}"#, bad: &[] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":["AUDIT_WRITE","CHOWN","DAC_OVERRIDE","FOWNER","FSETID","KILL","MKNOD","NET_BIND_SERVICE","SETFCAP","SETGID","SETPCAP","SETUID","SYS_CHROOT"],"drop":["ALL"]}}}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].securityContext.capabilities.add[1]", "spec.containers[0].securityContext.capabilities.add[2]", "spec.containers[0].securityContext.capabilities.add[3]", "spec.containers[0].securityContext.capabilities.add[4]", "spec.containers[0].securityContext.capabilities.add[5]", "spec.containers[0].securityContext.capabilities.add[6]", "spec.containers[0].securityContext.capabilities.add[8]", "spec.containers[0].securityContext.capabilities.add[9]", "spec.containers[0].securityContext.capabilities.add[10]", "spec.containers[0].securityContext.capabilities.add[11]", "spec.containers[0].securityContext.capabilities.add[12]"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":["CHOWN","NET_RAW"],"drop":["ALL"]}}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.containers[0].securityContext.capabilities.add[1]"]), (RESTRICTED, 0..=21, &["spec.containers[0].securityContext.capabilities.add[1]"]), (RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].securityContext.capabilities.add[1]"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"add":["net_bind_service","CAP_NET_BIND_SERVICE","ALL","SYS_ADMIN","NONSENSE",""],"drop":["ALL"]}}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].securityContext.capabilities.add[1]", "spec.containers[0].securityContext.capabilities.add[2]", "spec.containers[0].securityContext.capabilities.add[3]", "spec.containers[0].securityContext.capabilities.add[4]", "spec.containers[0].securityContext.capabilities.add[5]"]), (RESTRICTED, 0..=21, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].securityContext.capabilities.add[1]", "spec.containers[0].securityContext.capabilities.add[2]", "spec.containers[0].securityContext.capabilities.add[3]", "spec.containers[0].securityContext.capabilities.add[4]", "spec.containers[0].securityContext.capabilities.add[5]"]), (RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.containers[0].securityContext.capabilities.add[1]", "spec.containers[0].securityContext.capabilities.add[2]", "spec.containers[0].securityContext.capabilities.add[3]", "spec.containers[0].securityContext.capabilities.add[4]", "spec.containers[0].securityContext.capabilities.add[5]"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":["ALL"],"add":["NET_RAW"]}}}],"initContainers":[{"name":"i","securityContext":{"capabilities":{"drop":["ALL"],"add":["NET_RAW"]}}}],"ephemeralContainers":[{"name":"e","securityContext":{"capabilities":{"drop":["ALL"],"add":["NET_RAW"]}}}]}"#, bad: &[(BOTH, 0..=37, &["spec.containers[0].securityContext.capabilities.add[0]", "spec.initContainers[0].securityContext.capabilities.add[0]", "spec.ephemeralContainers[0].securityContext.capabilities.add[0]"])] },
    Case { pod: r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":["ALL"]}}}],"initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#, bad: &[(RESTRICTED, 22..=37, &["spec.initContainers[0].securityContext.capabilities.drop", "spec.ephemeralContainers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"os":{"name":"windows"}}"#, bad: &[(RESTRICTED, 22..=24, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"os":{"name":"linux"}}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"os":{"name":"Windows"}}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
    Case { pod: r#"{"os":{"name":"windows"},"containers":[{"securityContext":{"capabilities":{"drop":["ALL"],"add":["SYS_ADMIN"]}}}]}"#, bad: &[(BASELINE, 0..=37, &["spec.containers[0].securityContext.capabilities.add[0]"]), (RESTRICTED, 0..=24, &["spec.containers[0].securityContext.capabilities.add[0]"])] },
    Case { pod: r#"{"hostUsers":false}"#, bad: &[(RESTRICTED, 22..=37, &["spec.containers[0].securityContext.capabilities.drop"])] },
];
