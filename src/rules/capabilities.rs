//! Rule `capabilities`.

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::edit::list_of;
use crate::json::{self, Text, list};
use crate::settings::{Names, SettingsError, alone, check_each, narrowed, one_of};
use crate::view::{ContainerView, View};
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Containers drop every Linux capability and add none back but the allowed ones.
    ///
    /// Runtimes give a container a dozen capabilities of root that nearly no application needs;
    /// `NET_RAW` alone allows spoofing inside the cluster network. Dropping `ALL` leaves none of them,
    /// and adding back names the few that are needed.
    ///
    /// Misspelt names are reported on their own. Lower case, as in `all`, is taken by containerd but not by Pod
    /// Security Admission, so the same manifest passes in one place and is refused in another. A `CAP_` prefix
    /// is worse: containerd puts `CAP_` before every name, finds no capability called `CAP_CAP_NET_RAW` and goes
    /// on, so `drop: [CAP_NET_RAW]` drops nothing and `add: [CAP_CHOWN]` adds nothing.
    ///
    /// **Restricted fields:** `securityContext.capabilities.drop` and `.add` of containers, init
    /// containers and ephemeral containers.
    ///
    /// **Allowed values:** `drop` contains `ALL` (or every name of `requiredDrop`); `add` holds names of
    /// `allowedAdd` only (`*`: all but `rejectedAdd`). Names are those of `capabilities(7)` without `CAP_`, or `ALL`.
    ///
    /// **Repair:** adds what is missing in `drop` and spells its names right. In `add` a right spelling could
    /// grant what was without effect, so nothing is changed there without `overwrite`; with it, allowed names
    /// are spelled right and all others are taken away.
    ///
    /// **Kubernetes:** all versions; the restricted standard demands it since 1.22 and lets
    /// `NET_BIND_SERVICE` be added. Windows pods are exempt, the field is forbidden there.
    pub struct Capabilities {
        /// Capabilities that must be dropped; `ALL` in a container's `drop` covers every name.
        required_drop("requiredDrop"): Names = vec![ALL.to_owned()] => names_schema(&[ALL]),
        /// Capabilities that may be added; `*` alone for all but those of `rejectedAdd` and `requiredDrop`.
        allowed_add("allowedAdd"): Names = Vec::new() => narrowed(names_schema(&[ALL, ANY]), alone(ANY)),
        /// Capabilities that must not be added, beside `allowedAdd: ["*"]`. With any, `ALL` must not be added
        /// either, which holds them.
        rejected_add("rejectedAdd"): Names = Vec::new() => names_schema(&[ALL]),
    }
    check(this) {
        known_names("requiredDrop", &this.required_drop)?;
        known_names("rejectedAdd", &this.rejected_add)?;
        let error = |key, message| Err(SettingsError::new(message).under(key));
        match this.allowed_add.as_slice() {
            [any] if any == ANY => return Ok(()),
            names if names.iter().any(|name| name == ANY) => {
                return error("allowedAdd", "`*` allows every capability; leave the others out, or name them in rejectedAdd");
            }
            _ if !this.rejected_add.is_empty() => return error("rejectedAdd", "has no effect unless allowedAdd is [\"*\"]"),
            names => known_names("allowedAdd", names)?,
        }
        check_each("allowedAdd", &this.allowed_add, |name| {
            let is_dropped = this.required_drop.contains(name);
            is_dropped.then(|| SettingsError::new(format!("{name} is in requiredDrop too; keep one")))
        })?;
    }
}

/// The word for every capability.
const ALL: &str = "ALL";
/// The word of `allowedAdd` that allows each of them.
const ANY: &str = "*";

/// Linux capabilities as of Linux 6.12, without `CAP_`, sorted.
const KNOWN: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

fn names_schema(words: &[&'static str]) -> serde_json::Value {
    serde_json::json!({ "items": one_of(words.iter().chain(KNOWN).copied()) })
}

fn is_known(name: &str) -> bool {
    name == ALL || KNOWN.binary_search(&name).is_ok()
}

fn known_names(key: &str, names: &[String]) -> Result<(), SettingsError> {
    check_each(key, names, |name| {
        let hint = || corrected(name).map_or(String::new(), |name| format!("; write {name}"));
        let message = || format!("{} is not the name of a capability{}", json::string(name), hint());
        (!is_known(name)).then(|| SettingsError::new(message()))
    })
}

/// The known name that a misspelt one stands for: other case, `CAP_` prefix.
fn corrected(name: &str) -> Option<String> {
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_prefix("CAP_").unwrap_or(&upper);
    (is_known(bare) && bare != name).then(|| bare.to_owned())
}

/// The name as it is meant: corrected if that is possible.
fn meant(name: &str) -> String {
    corrected(name).unwrap_or_else(|| name.to_owned())
}

impl RuleMeta for Capabilities {
    const ID: &'static str = "capabilities";
    const TITLE: &'static str = "Containers drop all capabilities";
    const SEVERITY: Severity = Severity::High;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
        "https://man7.org/linux/man-pages/man7/capabilities.7.html",
    ];
    const BY_HAND: &'static str = "correct the name";
    const EXAMPLE: Example = Example {
        rejected: "containers: [{securityContext: {capabilities: {drop: [all], add: [NET_ADMIN]}}}]",
        accepted: "containers: [{securityContext: {capabilities: {drop: [ALL]}}}]",
        fix: "Write `drop: [ALL]` in every container. If the program then fails with \"operation not permitted\", \
              add back the one capability it needs, and have it allowed with `allowedAdd`. Ports below 1024 need \
              none where the runtime opens them to every user, as containerd does since 2.0.",
    };
}

impl Rule for Capabilities {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for container in view.containers() {
            let (dropped, added) = (NameList::Drop.names(&container), NameList::Add.names(&container));
            self.check_spelling(&container, NameList::Drop, dropped, report);
            self.check_spelling(&container, NameList::Add, added, report);
            self.check_drop(&container, dropped, report);
            self.check_add(&container, added, report);
        }
    }
}

/// The two lists of a container's capabilities.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameList {
    Drop,
    Add,
}

impl NameList {
    /// The names that the container lists there.
    fn names<'a>(self, container: &ContainerView<'a>) -> &'a [Text<'a>] {
        let Some(capabilities) = &container.security_context().capabilities else { return &[] };
        list(if self == NameList::Drop { &capabilities.drop } else { &capabilities.add })
    }

    fn path(self, container: &ContainerView<'_>, index: usize) -> String {
        let field = if self == NameList::Drop { "drop" } else { "add" };
        container.path(&format!("securityContext.capabilities.{field}[{index}]"))
    }
}

fn found_names(names: &[Text<'_>]) -> Found {
    if names.is_empty() { Found::Unset } else { Found::texts(names.iter().map(|name| &**name)) }
}

/// Describes the wanted spelling of `name`, which stands for `right`, and what becomes of it as it is: `effect` is
/// `drops` or `adds`.
fn spelling(name: &str, right: &str, effect: &str) -> String {
    if name.len() > right.len() {
        format!("must be written {right}: containerd puts CAP_ before every name, so this one {effect} nothing there")
    } else {
        format!("must be written {right}: containerd takes lower case, Pod Security Admission does not")
    }
}

impl Capabilities {
    /// Reports names that readers disagree about, and names that do not exist.
    fn check_spelling(&self, container: &ContainerView<'_>, field: NameList, names: &[Text<'_>], report: &mut Report) {
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !is_known(name)) {
            let path = field.path(container, index);
            let right = corrected(name);
            let wanted = match &right {
                Some(right) => spelling(name, right, if field == NameList::Drop { "drops" } else { "adds" }),
                None => "must be the name of a Linux capability, such as NET_BIND_SERVICE, or ALL".to_owned(),
            };
            let is_there = |right: &String| {
                names.iter().any(|name| **name == **right)
                    || names[..index].iter().any(|name| corrected(name).as_ref() == Some(right))
            };
            let fix = match right {
                None if field == NameList::Drop => None,
                Some(right) if !is_there(&right) && (field == NameList::Drop || self.may_add(&right)) => {
                    Some(Edit::Set { path: path.clone(), value: json::string(&right) })
                }
                _ => Some(Edit::Remove { path: path.clone() }),
            };
            let violation = Violation::in_container(container, path, Found::text(name), wanted);
            report.add(match fix {
                Some(edit) => violation.with_fix(vec![edit], field == NameList::Add),
                None => violation,
            });
        }
    }

    fn check_drop(&self, container: &ContainerView<'_>, dropped: &[Text<'_>], report: &mut Report) {
        let meant: Vec<String> = dropped.iter().map(|name| meant(name)).collect();
        let covered = |name: &String| meant.iter().any(|dropped| dropped == ALL || dropped == name);
        let missing: Vec<&str> = self.required_drop.iter().filter(|name| !covered(name)).map(String::as_str).collect();
        if missing.is_empty() {
            return;
        }
        let path = container.path("securityContext.capabilities.drop");
        let edits = if dropped.is_empty() {
            vec![Edit::Set { path: path.clone(), value: list_of(&missing) }]
        } else {
            let append = |name: &&str| Edit::Append { path: path.clone(), value: json::string(name) };
            missing.iter().map(append).collect()
        };
        let wanted = format!("must contain {}", missing.join(", "));
        report.add(Violation::in_container(container, path, found_names(dropped), wanted).with_fix(edits, false));
    }

    fn check_add(&self, container: &ContainerView<'_>, added: &[Text<'_>], report: &mut Report) {
        for (index, name) in added.iter().enumerate() {
            let right = meant(name);
            // An unknown name is reported by its spelling.
            if self.may_add(&right) || !is_known(&right) {
                continue;
            }
            let path = NameList::Add.path(container, index);
            let wanted = if self.allowed_add.is_empty() {
                "must not be added".to_owned()
            } else if self.allows_any() && right == ALL {
                "must not be added: not every capability may".to_owned()
            } else if self.allows_any() {
                let rejected: Vec<&str> =
                    self.required_drop.iter().chain(&self.rejected_add).map(String::as_str).collect();
                ["must not be added, only others than ", &rejected.join(", "), " may"].concat()
            } else {
                format!("must not be added, only {} may", self.allowed_add.join(", "))
            };
            report.add(Violation::in_container(container, path, Found::text(name), wanted).removed());
        }
    }

    fn allows_any(&self) -> bool {
        self.allowed_add.iter().any(|name| name == ANY)
    }

    /// Whether a capability of this name may be added; `ALL` holds those that may not.
    fn may_add(&self, name: &String) -> bool {
        if !self.allows_any() {
            return self.allowed_add.contains(name);
        }
        let is_rejected = self.rejected_add.contains(name) || (name == ALL && !self.rejected_add.is_empty());
        is_known(name) && !is_rejected && !self.required_drop.contains(name)
    }
}

standard!(Capabilities {
    /// `capabilities.add`, in the securityContext of containers
    Baseline "capabilities", upstream "capabilities_baseline" {
        0 => "only `AUDIT_WRITE`, `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, `NET_BIND_SERVICE`, \
              `SETFCAP`, `SETGID`, `SETPCAP`, `SETUID`, `SYS_CHROOT`", check baseline_1_0;
    }
    /// `capabilities.drop` and `.add`, in the securityContext of containers
    Restricted "capabilities" instead of "capabilities", upstream "capabilities_restricted" {
        22 => "`drop` has `ALL`, `add` only `NET_BIND_SERVICE`", check restricted_1_22;
        25 => "the same, but not of Windows pods", check |view, report| if !view.is_windows() {
            restricted_1_22(view, report);
        };
    }
});

/// The capabilities that the baseline level lets containers add: what runtimes give by themselves, but for `NET_RAW`.
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

/// The capabilities that the restricted level lets containers add.
const MAY_ADD_RESTRICTED: &[&str] = &["NET_BIND_SERVICE"];

fn baseline_1_0(view: &View<'_>, report: &mut Report) {
    for container in view.containers() {
        check_added(view, &container, MAY_ADD_BASELINE, report);
    }
}

fn restricted_1_22(view: &View<'_>, report: &mut Report) {
    for container in view.containers() {
        check_dropped(view, &container, report);
        check_added(view, &container, MAY_ADD_RESTRICTED, report);
    }
}

fn check_dropped(view: &View<'_>, container: &ContainerView<'_>, report: &mut Report) {
    let dropped = NameList::Drop.names(container);
    if dropped.iter().any(|name| **name == *ALL) {
        return;
    }
    let path = container.path("securityContext.capabilities.drop");
    let misspelt = dropped.iter().position(|name| corrected(name).as_deref() == Some(ALL));
    let edit = match misspelt {
        Some(index) => Edit::Set { path: NameList::Drop.path(container, index), value: json::string(ALL) },
        None if dropped.is_empty() => Edit::Set { path: path.clone(), value: list_of(&[ALL]) },
        None => Edit::Append { path: path.clone(), value: json::string(ALL) },
    };
    let violation = Violation::in_container(container, path, found_names(dropped), "must contain ALL");
    report.add(violation.with_fix(vec![edit], false).fixed_only_if(!view.is_windows()));
}

#[inline(never)]
fn check_added(view: &View<'_>, container: &ContainerView<'_>, allowed: &[&str], report: &mut Report) {
    let added = NameList::Add.names(container).iter().enumerate();
    for (index, name) in added.filter(|(_, name)| !allowed.contains(&&***name)) {
        let meant = corrected(name).filter(|meant| allowed.contains(&meant.as_str()));
        let wanted = match &meant {
            Some(meant) => spelling(name, meant, "adds"),
            None => ["must not be added, only ", &allowed.join(", "), " may"].concat(),
        };
        let path = NameList::Add.path(container, index);
        let edit = match meant {
            Some(meant) => Edit::Set { path: path.clone(), value: json::string(&meant) },
            None => Edit::Remove { path: path.clone() },
        };
        let violation = Violation::in_container(container, path, Found::text(name), wanted);
        report.add(violation.with_fix(vec![edit], true).fixed_only_if(!view.is_windows()));
    }
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}").restricted(22.., "spec.containers[0].securityContext.capabilities.drop"),
        context("null").restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":[],"drop":["ALL"]}}"#),
        context(r#"{"capabilities":{"add":[],"drop":["NET_RAW","ALL"]}}"#),
        context(r#"{"capabilities":{"add":[],"drop":["all"]}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":[],"drop":["All"]}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":[],"drop":["CAP_ALL"]}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":[],"drop":["NET_RAW","CHOWN"]}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":[],"drop":[""]}}"#).restricted(22.., "capabilities.drop"),
        context(r#"{"capabilities":{"add":["NET_BIND_SERVICE"],"drop":["ALL"]}}"#),
        context(
            r#"{"capabilities":{"add":["AUDIT_WRITE","CHOWN","DAC_OVERRIDE","FOWNER","FSETID","KILL","MKNOD",
            "NET_BIND_SERVICE","SETFCAP","SETGID","SETPCAP","SETUID","SYS_CHROOT"],"drop":["ALL"]}}"#,
        )
        .restricted(
            22..,
            "capabilities.add[0] capabilities.add[1] capabilities.add[2] capabilities.add[3]
                 capabilities.add[4] capabilities.add[5] capabilities.add[6] capabilities.add[8]
                 capabilities.add[9] capabilities.add[10] capabilities.add[11] capabilities.add[12]",
        ),
        context(r#"{"capabilities":{"add":["CHOWN","NET_RAW"],"drop":["ALL"]}}"#)
            .baseline(0.., "capabilities.add[1]")
            .restricted(..=21, "capabilities.add[1]")
            .restricted(22.., "capabilities.add[0] capabilities.add[1]"),
        context(
            r#"{"capabilities":{"add":["net_bind_service","CAP_NET_BIND_SERVICE","ALL","SYS_ADMIN","NONSENSE",
            ""],"drop":["ALL"]}}"#,
        )
        .baseline(
            0..,
            "capabilities.add[0] capabilities.add[1] capabilities.add[2] capabilities.add[3]
                 capabilities.add[4] capabilities.add[5]",
        )
        .restricted(
            ..=21,
            "capabilities.add[0] capabilities.add[1] capabilities.add[2] capabilities.add[3]
                 capabilities.add[4] capabilities.add[5]",
        )
        .restricted(
            22..,
            "capabilities.add[0] capabilities.add[1] capabilities.add[2] capabilities.add[3]
                 capabilities.add[4] capabilities.add[5]",
        ),
        contexts(r#"{"capabilities":{"drop":["ALL"],"add":["NET_RAW"]}}"#).both(0.., "capabilities.add[0]"),
        pod(r#"{"containers":[{"name":"a","securityContext":{"capabilities":{"drop":["ALL"]}}}],
            "initContainers":[{"name":"i"}],"ephemeralContainers":[{"name":"e"}]}"#)
        .restricted(
            22..,
            "spec.initContainers[0].securityContext.capabilities.drop
                 spec.ephemeralContainers[0].securityContext.capabilities.drop",
        ),
        pod(r#"{"os":{"name":"windows"}}"#).restricted(22..=24, "spec.containers[0].securityContext.capabilities.drop"),
        pod(r#"{"os":{"name":"linux"}}"#).restricted(22.., "spec.containers[0].securityContext.capabilities.drop"),
        pod(r#"{"os":{"name":"Windows"}}"#).restricted(22.., "spec.containers[0].securityContext.capabilities.drop"),
        pod(r#"{"os":{"name":"windows"},"containers":[{"securityContext":{"capabilities":{"drop":["ALL"],
            "add":["SYS_ADMIN"]}}}]}"#)
        .baseline(0.., "spec.containers[0].securityContext.capabilities.add[0]")
        .restricted(..=24, "spec.containers[0].securityContext.capabilities.add[0]"),
        pod(r#"{"hostUsers":false}"#).restricted(22.., "spec.containers[0].securityContext.capabilities.drop"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_names_is_sorted() {
        assert!(KNOWN.is_sorted());
        assert_eq!(KNOWN.len(), 41);
    }
}
