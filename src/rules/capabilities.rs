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
    use super::super::testing::*;
    use super::*;
    use crate::violation::Fix;

    fn found(settings: &str, capabilities: &str) -> Vec<String> {
        let container = format!(r#"{{"securityContext":{{"capabilities":{capabilities}}}}}"#);
        let paths = container_paths::<Capabilities>(settings, &container);
        paths.into_iter().map(|path| path.replace("securityContext.capabilities.", "")).collect()
    }

    #[test]
    fn containers() {
        for (settings, capabilities, expected) in [
            ("{}", r#"{"drop":["ALL"]}"#, vec![]),
            ("{}", r#"{"drop":["NET_RAW","ALL"]}"#, vec![]),
            ("{}", r#"{"drop":["NET_RAW"]}"#, vec!["drop"]),
            ("{}", r#"{"drop":[]}"#, vec!["drop"]),
            ("{}", r#"{"drop":null}"#, vec!["drop"]),
            ("{}", r#"null"#, vec!["drop"]),
            ("{}", r#"{"drop":["all"]}"#, vec!["drop[0]"]),
            ("{}", r#"{"drop":["CAP_ALL"]}"#, vec!["drop[0]"]),
            ("{}", r#"{"drop":["ALL","net_raw","CAP_CHOWN"]}"#, vec!["drop[1]", "drop[2]"]),
            ("{}", r#"{"drop":["ALL","NO_SUCH"]}"#, vec!["drop[1]"]),
            ("{}", r#"{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}"#, vec!["add[0]"]),
            ("{}", r#"{"drop":["ALL"],"add":["CAP_CHOWN"]}"#, vec!["add[0]", "add[0]"]),
            ("{}", r#"{"drop":["ALL"],"add":["NONSENSE"]}"#, vec!["add[0]"]),
            (r#"{"allowedAdd":["NET_BIND_SERVICE"]}"#, r#"{"drop":["ALL"],"add":["NET_BIND_SERVICE"]}"#, vec![]),
            (
                r#"{"allowedAdd":["NET_BIND_SERVICE"]}"#,
                r#"{"drop":["ALL"],"add":["net_bind_service"]}"#,
                vec!["add[0]"],
            ),
            (r#"{"allowedAdd":["NET_BIND_SERVICE"]}"#, r#"{"drop":["ALL"],"add":["ALL"]}"#, vec!["add[0]"]),
            (r#"{"requiredDrop":["NET_RAW","CHOWN"]}"#, r#"{"drop":["NET_RAW"]}"#, vec!["drop"]),
            (r#"{"requiredDrop":["NET_RAW","CHOWN"]}"#, r#"{"drop":["ALL"]}"#, vec![]),
            (r#"{"requiredDrop":[]}"#, r#"{}"#, vec![]),
        ] {
            assert_eq!(found(settings, capabilities), expected, "{settings} {capabilities}");
        }
    }

    #[test]
    fn fixes() {
        let fix = |capabilities: &str| -> Option<Fix> {
            let spec = format!(r#"{{"containers":[{{"securityContext":{{"capabilities":{capabilities}}}}}]}}"#);
            violations::<Capabilities>("{}", &spec).remove(0).fix
        };
        let path = "spec.containers[0].securityContext.capabilities.drop".to_owned();
        let safe = |edit| Some(Fix { edits: vec![edit], overwrites: false });
        assert_eq!(fix("{}"), safe(Edit::Set { path: path.clone(), value: r#"["ALL"]"#.into() }));
        assert_eq!(fix(r#"{"drop":["CHOWN"]}"#), safe(Edit::Append { path: path.clone(), value: r#""ALL""#.into() }));
        assert_eq!(
            fix(r#"{"drop":["all"]}"#),
            safe(Edit::Set { path: path.clone() + "[0]", value: r#""ALL""#.into() })
        );
        let removal = Edit::Remove { path: path.replace("drop", "add[0]") };
        let unsafe_fix = Some(Fix { edits: vec![removal], overwrites: true });
        assert_eq!(fix(r#"{"drop":["ALL"],"add":["SYS_ADMIN"]}"#), unsafe_fix);
        assert_eq!(fix(r#"{"drop":["ALL"],"add":["NONSENSE"]}"#), unsafe_fix);
        assert_eq!(fix(r#"{"drop":["ALL","NONSENSE"]}"#), None);
    }

    /// The capabilities of the only container as they are repaired, or the refusal.
    fn repaired(settings: &str, capabilities: &str) -> Result<String, String> {
        let pod = format!(r#"{{"containers":[{{"securityContext":{{"capabilities":{capabilities}}}}}]}}"#);
        let pod = mutated::<Capabilities>(settings, &pod)?;
        Ok(pod["spec"]["containers"][0]["securityContext"]["capabilities"].to_string())
    }

    #[test]
    fn peers1_a_repair_never_grants_what_was_without_effect() {
        let allowed = r#"{"allowedAdd":["SYS_ADMIN"]}"#;
        for add in ["CAP_SYS_ADMIN", "cap_sys_admin", "sys_admin"] {
            let capabilities = format!(r#"{{"add":["{add}"],"drop":["ALL"]}}"#);
            for settings in ["{}", allowed] {
                let refusal = repaired(settings, &capabilities).unwrap_err();
                assert!(refusal.contains("must be written SYS_ADMIN"), "{settings} {add}: {refusal}");
                // Nor where what is left is only warned of.
                let lenient = settings.replace('}', if settings == "{}" { "" } else { "," });
                let lenient = format!(r#"{lenient}"unfixable":"warn"}}"#);
                assert_eq!(repaired(&lenient, &capabilities).as_deref(), Ok(&*capabilities), "{lenient}");
            }
            let overwrite = allowed.replace('}', r#","overwrite":true}"#);
            assert_eq!(repaired(&overwrite, &capabilities).unwrap(), r#"{"add":["SYS_ADMIN"],"drop":["ALL"]}"#);
        }
    }

    #[test]
    fn core9_a_repair_writes_no_name_twice() {
        for (drop, expected) in [
            (r#"["all","ALL"]"#, r#"["ALL"]"#),
            (r#"["ALL","all"]"#, r#"["ALL"]"#),
            (r#"["all","CAP_ALL","All"]"#, r#"["ALL"]"#),
            (r#"["net_raw","CAP_NET_RAW","CHOWN"]"#, r#"["NET_RAW","CHOWN","ALL"]"#),
        ] {
            let expected = format!(r#"{{"drop":{expected}}}"#);
            assert_eq!(repaired("{}", &format!(r#"{{"drop":{drop}}}"#)).unwrap(), expected, "{drop}");
        }
    }

    #[test]
    fn core7_overwrite_takes_additions_away_and_peers6_the_emptied_list_with_them() {
        let settings = r#"{"overwrite":true,"allowedAdd":["KILL"]}"#;
        for (add, expected) in [
            (r#"["SYS_ADMIN"]"#, r#"{"drop":["ALL"]}"#),
            (r#"["CAP_SYS_ADMIN","NONSENSE","NET_RAW"]"#, r#"{"drop":["ALL"]}"#),
            (r#"["cap_kill","KILL","SYS_ADMIN","kill"]"#, r#"{"add":["KILL"],"drop":["ALL"]}"#),
            (r#"["cap_kill","kill"]"#, r#"{"add":["KILL"],"drop":["ALL"]}"#),
        ] {
            let capabilities = format!(r#"{{"add":{add},"drop":["ALL"]}}"#);
            assert_eq!(repaired(settings, &capabilities).unwrap(), expected, "{add}");
        }
    }

    #[test]
    fn peers2_messages_say_what_containerd_does() {
        let wanted = |capabilities: &str| {
            let spec = format!(r#"{{"containers":[{{"securityContext":{{"capabilities":{capabilities}}}}}]}}"#);
            violations::<Capabilities>("{}", &spec).remove(0).wanted.into_owned()
        };
        assert_eq!(
            wanted(r#"{"drop":["CAP_NET_RAW","ALL"]}"#),
            "must be written NET_RAW: containerd puts CAP_ before every name, so this one drops nothing there"
        );
        assert_eq!(
            wanted(r#"{"drop":["ALL"],"add":["CAP_CHOWN"]}"#),
            "must be written CHOWN: containerd puts CAP_ before every name, so this one adds nothing there"
        );
        assert_eq!(
            wanted(r#"{"drop":["all"]}"#),
            "must be written ALL: containerd takes lower case, Pod Security Admission does not"
        );
    }

    #[test]
    fn the_list_of_names_is_sorted() {
        assert!(KNOWN.is_sorted());
        assert_eq!(KNOWN.len(), 41);
    }

    #[test]
    fn bad_settings() {
        for (settings, key) in [
            (r#"{"requiredDrop":["all"]}"#, "requiredDrop[0]: \"all\" is not the name of a capability; write ALL"),
            (r#"{"allowedAdd":["NET_BIND"]}"#, "allowedAdd[0]: \"NET_BIND\" is not the name"),
            (r#"{"allowedAdd":["CHOWN"],"requiredDrop":["CHOWN"]}"#, "allowedAdd[0]: CHOWN is in requiredDrop too"),
            (r#"{"allowedAdd":"CHOWN"}"#, "allowedAdd: must be a list"),
            (r#"{"allowedAdd":[1]}"#, "allowedAdd[0]: must be a string"),
        ] {
            let error = settings_error::<Capabilities>(settings).unwrap_or_default();
            assert!(error.starts_with(key), "{settings}: {error}");
        }
    }
}
