//! Rule `capabilities`.

use super::{Example, Rule, RuleMeta, Severity};
use crate::edit::list_of;
use crate::json::{self, Text, list};
use crate::settings::{Names, SettingsError, one_of};
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
    /// `allowedAdd` only. Names are those of `capabilities(7)` without `CAP_`, or `ALL`.
    ///
    /// **Repair:** adds what is missing in `drop` and spells its names right. In `add` a right spelling could
    /// grant what was without effect, so nothing is changed there without `overwrite`; with it, allowed names
    /// are spelled right and all others are taken away.
    ///
    /// **Kubernetes:** all versions; the restricted standard demands it since 1.22 and lets
    /// `NET_BIND_SERVICE` be added. Windows pods are exempt, the field is forbidden there.
    pub struct Capabilities {
        /// Capabilities that must be dropped; `ALL` in a container's `drop` covers every name.
        required_drop("requiredDrop"): Names = vec![ALL.to_owned()] => names_schema(),
        /// Capabilities that may be added.
        allowed_add("allowedAdd"): Names = Vec::new() => names_schema(),
    }
    check(this) {
        known_names("requiredDrop", &this.required_drop)?;
        known_names("allowedAdd", &this.allowed_add)?;
        if let Some(index) = this.allowed_add.iter().position(|name| this.required_drop.contains(name)) {
            let error = SettingsError::new(format!("{} is in requiredDrop too; keep one", this.allowed_add[index]));
            return Err(error.under(&format!("allowedAdd[{index}]")));
        }
    }
}

/// The word for every capability.
const ALL: &str = "ALL";

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

fn names_schema() -> serde_json::Value {
    serde_json::json!({ "items": one_of([ALL].into_iter().chain(KNOWN.iter().copied())) })
}

fn is_known(name: &str) -> bool {
    name == ALL || KNOWN.binary_search(&name).is_ok()
}

fn known_names(key: &str, names: &[String]) -> Result<(), SettingsError> {
    let Some(index) = names.iter().position(|name| !is_known(name)) else { return Ok(()) };
    let hint = corrected(&names[index]).map_or(String::new(), |name| format!("; write {name}"));
    let error = SettingsError::new(format!("{} is not the name of a capability{hint}", json::string(&names[index])));
    Err(error.under(&format!("{key}[{index}]")))
}

/// The known name that a misspelt one stands for: other case, `CAP_` prefix.
pub(crate) fn corrected(name: &str) -> Option<String> {
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
            let capabilities = container.security_context().capabilities.as_ref();
            let dropped = capabilities.map_or(&[][..], |c| list(&c.drop));
            let added = capabilities.map_or(&[][..], |c| list(&c.add));
            self.check_spelling(&container, Field::Drop, dropped, report);
            self.check_spelling(&container, Field::Add, added, report);
            self.check_drop(&container, dropped, report);
            self.check_add(&container, added, report);
        }
    }
}

/// The two lists of a container's capabilities.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Drop,
    Add,
}

impl Field {
    fn path(self, container: &ContainerView<'_>, index: usize) -> String {
        let field = if self == Field::Drop { "drop" } else { "add" };
        container.path(&format!("securityContext.capabilities.{field}[{index}]"))
    }
}

/// What is wanted of `name`, which stands for `right`, and what becomes of it as it is: `effect` is `drops` or `adds`.
pub(crate) fn spelling(name: &str, right: &str, effect: &str) -> String {
    if name.len() > right.len() {
        format!("must be written {right}: containerd puts CAP_ before every name, so this one {effect} nothing there")
    } else {
        format!("must be written {right}: containerd takes lower case, Pod Security Admission does not")
    }
}

impl Capabilities {
    /// Reports names that readers disagree about, and names that do not exist.
    fn check_spelling(&self, container: &ContainerView<'_>, field: Field, names: &[Text<'_>], report: &mut Report) {
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !is_known(name)) {
            let path = field.path(container, index);
            let right = corrected(name);
            let wanted = match &right {
                Some(right) => spelling(name, right, if field == Field::Drop { "drops" } else { "adds" }),
                None => "must be the name of a Linux capability, such as NET_BIND_SERVICE, or ALL".to_owned(),
            };
            let is_there = |right: &String| {
                names.iter().any(|name| **name == **right)
                    || names[..index].iter().any(|name| corrected(name).as_ref() == Some(right))
            };
            let fix = match right {
                None if field == Field::Drop => None,
                Some(right) if !is_there(&right) && (field == Field::Drop || self.allowed_add.contains(&right)) => {
                    Some(Edit::Set { path: path.clone(), value: json::string(&right) })
                }
                _ => Some(Edit::Remove { path: path.clone() }),
            };
            let violation = Violation::in_container(container, path, Found::text(name), wanted);
            report.add(match fix {
                Some(edit) => violation.with_fix(vec![edit], field == Field::Add),
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
        let found = if dropped.is_empty() { Found::Unset } else { Found::texts(dropped.iter().map(|name| &**name)) };
        let edits = if dropped.is_empty() {
            vec![Edit::Set { path: path.clone(), value: list_of(&missing) }]
        } else {
            let append = |name: &&str| Edit::Append { path: path.clone(), value: json::string(name) };
            missing.iter().map(append).collect()
        };
        let wanted = format!("must contain {}", missing.join(", "));
        report.add(Violation::in_container(container, path, found, wanted).with_fix(edits, false));
    }

    fn check_add(&self, container: &ContainerView<'_>, added: &[Text<'_>], report: &mut Report) {
        for (index, name) in added.iter().enumerate() {
            let right = meant(name);
            // An unknown name is reported by its spelling.
            if self.allowed_add.contains(&right) || !is_known(&right) {
                continue;
            }
            let path = Field::Add.path(container, index);
            let removal = Edit::Remove { path: path.clone() };
            let wanted = if self.allowed_add.is_empty() {
                "must not be added".to_owned()
            } else {
                format!("must not be added, only {} may", self.allowed_add.join(", "))
            };
            let violation = Violation::in_container(container, path, Found::text(name), wanted);
            report.add(violation.with_fix(vec![removal], true));
        }
    }
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
