//! Rule `capabilities`.

use super::{Described, Example, Rule, Severity};
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
    /// A lower-case `all` and a `CAP_` prefix are reported on their own: runtimes take them, Pod Security
    /// Admission does not, so the same manifest passes in one place and is refused in another.
    ///
    /// **Restricted fields:** `securityContext.capabilities.drop` and `.add` of containers, init
    /// containers and ephemeral containers.
    ///
    /// **Allowed values:** `drop` contains `ALL` (or every name of `requiredDrop`); `add` holds names of
    /// `allowedAdd` only. Names are those of `capabilities(7)` without `CAP_`, or `ALL`.
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
    "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
    "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
    "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
    "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
    "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
    "SYS_TTY_CONFIG", "WAKE_ALARM",
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

impl Described for Capabilities {
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
            check_spelling(&container, "drop", dropped, report);
            check_spelling(&container, "add", added, report);
            self.check_drop(&container, dropped, report);
            self.check_add(&container, added, report);
        }
    }
}

/// Reports names that no reader but the runtime understands, and names that do not exist.
fn check_spelling(container: &ContainerView<'_>, field: &str, names: &[Text<'_>], report: &mut Report) {
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !is_known(name)) {
        let path = container.path(&format!("securityContext.capabilities.{field}[{index}]"));
        let at = |wanted: String| Violation::in_container(container, path.clone(), Found::text(name), wanted);
        report.add(match corrected(name) {
            Some(right) => {
                let wanted = format!("must be written {right}: runtimes take this spelling, Pod Security Admission does not");
                let edit = Edit::Set { path: path.clone(), value: json::string(&right) };
                at(wanted).with_fix(vec![edit], false)
            }
            None => at("must be the name of a Linux capability, as NET_BIND_SERVICE, or ALL".to_owned()),
        });
    }
}

impl Capabilities {
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
            let path = container.path(&format!("securityContext.capabilities.add[{index}]"));
            let wanted = if self.allowed_add.is_empty() {
                "must not be added".to_owned()
            } else {
                format!("must not be added, only {} may", self.allowed_add.join(", "))
            };
            report.add(Violation::in_container(container, path, Found::text(name), wanted));
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
            (r#"{"allowedAdd":["NET_BIND_SERVICE"]}"#, r#"{"drop":["ALL"],"add":["net_bind_service"]}"#, vec!["add[0]"]),
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
        assert_eq!(fix(r#"{"drop":["all"]}"#), safe(Edit::Set { path: path + "[0]", value: r#""ALL""#.into() }));
        assert_eq!(fix(r#"{"drop":["ALL"],"add":["SYS_ADMIN"]}"#), None);
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
