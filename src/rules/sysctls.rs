//! Rule `sysctls`.

use std::borrow::Cow;

use super::check::standard;
use super::{Example, Rule, RuleMeta, Severity};
use crate::glob::{self, Glob};
use crate::json::list;
use crate::settings::{SettingsError, check_each};
use crate::view::View;
use crate::violation::{Edit, Found, Report, Violation};

crate::settings! {
    /// Pods set only kernel parameters that are safe for their neighbours.
    ///
    /// A sysctl that the kernel does not keep apart for each pod changes the whole node; some of those it
    /// does keep apart still use up the node's memory or switch a protection off. The Pod Security
    /// Standards name the safe ones; a kubelet starts pods with others only if its administrator lists
    /// them, but the API server takes them.
    ///
    /// **Restricted fields:** `spec.securityContext.sysctls[*].name` and `.value`.
    ///
    /// **Allowed values:** the standard's safe list as of Kubernetes 1.37, and names that `allowed` matches,
    /// unless `forbidden` matches them. `net/core/somaxconn` is judged as `net.core.somaxconn`, as kubelets
    /// read it, but a safe name must be written with dots: Pod Security Admission takes no slashes. A value must not contain `+`
    /// or `=`: CRI-O before 1.23.2 passed the values to a program that read a further sysctl behind them, such as
    /// `1+kernel.core_pattern=|/tmp/x`, and root of the node ran it (CVE-2022-0811). No safe sysctl needs them.
    ///
    /// The safe list: `kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`,
    /// `net.ipv4.ip_unprivileged_port_start`, `net.ipv4.ping_group_range`, `net.ipv4.tcp_syncookies`;
    /// since 1.27 `net.ipv4.ip_local_reserved_ports`; since 1.29 `net.ipv4.tcp_fin_timeout`,
    /// `net.ipv4.tcp_keepalive_intvl`, `net.ipv4.tcp_keepalive_probes`, `net.ipv4.tcp_keepalive_time`;
    /// since 1.32 `net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem`; since 1.37 `net.ipv4.tcp_notsent_lowat`,
    /// `net.ipv4.tcp_slow_start_after_idle`.
    ///
    /// **Kubernetes:** all versions; for an older cluster, put the names that are not safe there yet into
    /// `forbidden`. Windows pods are exempt, the field is forbidden there.
    pub struct Sysctls {
        /// Globs on names that may be set besides the safe ones, such as `net.core.*`.
        allowed("allowed"): Vec<Glob> = Vec::new(),
        /// Globs on names that must not be set, even if they are safe or allowed.
        forbidden("forbidden"): Vec<Glob> = Vec::new(),
    }
    check(this) {
        check_names("allowed", &this.allowed)?;
        check_names("forbidden", &this.forbidden)?;
        check_each("allowed", &this.allowed, |glob| {
            let name = glob.as_str();
            let beats = |forbidden: &&Glob| *forbidden == glob || glob::is_plain(name) && forbidden.matches(name);
            let winner = this.forbidden.iter().find(beats)?.as_str();
            Some(SettingsError::new([name, " is forbidden by ", winner, ", which wins; keep one"].concat()))
        })?;
    }
}

/// Names that are safe by the Pod Security Standards, sorted, with the minor version of Kubernetes since which they are.
const SAFE: &[(&str, u8)] = &[
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.tcp_wmem", 32),
];

/// Whether the standard holds `name` safe in Kubernetes 1.`minor`.
fn is_safe(name: &str, minor: u8) -> bool {
    SAFE.iter().any(|(safe, since)| *safe == name && *since <= minor)
}

/// Refuses globs that can match no name: a list with one of them protects less than it says.
fn check_names(key: &str, globs: &[Glob]) -> Result<(), SettingsError> {
    let error = |hint| SettingsError::new(["matches no sysctl; ", hint].concat());
    check_each(key, globs, |glob| matches_nothing(glob.as_str()).map(error))
}

/// Why no name can match `glob`.
fn matches_nothing(glob: &str) -> Option<&'static str> {
    let of_a_glob = |c: char| glob::WILD.contains(&c) || matches!(c, ']' | '!');
    let of_a_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '/' | '-' | '_');
    if !glob.chars().all(|c| of_a_glob(c) || of_a_name(c)) {
        return Some("write the name alone, in lower case, as net.core.somaxconn");
    }
    let first = glob.find(|c: char| glob::WILD.contains(&c) || matches!(c, '.' | '/'));
    first.is_some_and(|at| glob[at..].starts_with('/')).then_some("write dots between its parts, as net.core.somaxconn")
}

/// The name with dots between its parts. As for sysctl(8), the first separator says which one is meant; a
/// dot within a part is a slash then, as in `net/ipv4/conf/eth0.100/rp_filter`.
fn dotted(name: &str) -> Cow<'_, str> {
    if name.find(['.', '/']).is_none_or(|at| name[at..].starts_with('.')) {
        return Cow::Borrowed(name);
    }
    let swap = |c: char| match c {
        '/' => '.',
        '.' => '/',
        other => other,
    };
    name.chars().map(swap).collect::<String>().into()
}

impl RuleMeta for Sysctls {
    const ID: &'static str = "sysctls";
    const TITLE: &'static str = "Only safe sysctls are set";
    const SEVERITY: Severity = Severity::Medium;
    const MUTATES: bool = true;
    const ON_WINDOWS: bool = false;
    const SOURCES: &'static [&'static str] = &[
        "https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline",
        "https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/",
    ];
    const EXAMPLE: Example = Example {
        rejected: "{securityContext: {sysctls: [{name: kernel.msgmax, value: '65536'}]}, containers: [{}]}",
        accepted: "{securityContext: {sysctls: [{name: net.ipv4.tcp_keepalive_time, value: '600'}]}, containers: [{}]}",
        fix: "Take the sysctl away, or set it on the node if all its pods may have it. If the pod needs it for \
              itself, have it allowed here with `allowed` and on the node with the kubelet's \
              `allowedUnsafeSysctls`.",
    };
}

impl Rule for Sysctls {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        for (index, sysctl) in list(&view.security_context().sysctls).iter().enumerate() {
            let element = view.spec_path(&format!("securityContext.sysctls[{index}]"));
            let mut add = |field: &str, found: Option<&str>, wanted: String| {
                let found = found.map_or(Found::Unset, Found::text);
                let removal = Edit::Remove { path: element.clone() };
                let violation = Violation::at([&element, field].concat(), found, wanted);
                report.add(violation.with_detail(sysctl.value.as_deref()).with_fix(vec![removal], true));
            };
            let (name, value) = (sysctl.name.as_deref(), sysctl.value.as_deref());
            if let Some(wanted) = self.demand(name.unwrap_or_default()) {
                add(".name", name, wanted);
            }
            if value.is_some_and(|value| value.contains(['+', '='])) {
                add(".value", value, VALUE.to_owned());
            }
        }
    }
}

/// The demand on a value that could hold a second sysctl.
const VALUE: &str = "must contain neither `+` nor `=`: some runtimes read another sysctl behind them (CVE-2022-0811)";

impl Sysctls {
    /// Returns the demand on a sysctl that `name` does not meet.
    fn demand(&self, name: &str) -> Option<String> {
        if name.is_empty() {
            return Some("must name a sysctl".to_owned());
        }
        let meant = dotted(name);
        let means = if meant == name { String::new() } else { [": it means ", &meant].concat() };
        if let Some(glob) = self.forbidden.iter().find(|glob| glob.matches(&meant)) {
            return Some(["must not be set, ", glob.as_str(), " is forbidden", &means].concat());
        }
        if is_safe(name, u8::MAX) || self.allowed.iter().any(|glob| glob.matches(&meant)) {
            return None;
        }
        if is_safe(&meant, u8::MAX) {
            return Some(["must be written ", &meant, ": Pod Security Admission takes no slashes"].concat());
        }
        let allowed: Vec<&str> = self.allowed.iter().map(Glob::as_str).collect();
        let and = if allowed.is_empty() { "" } else { " and " };
        let safe = "must not be set, only the Pod Security Standards' safe sysctls";
        Some([safe, and, &allowed.join(", "), " may", &means].concat())
    }
}

standard!(Sysctls {
    /// `sysctls[].name`, in the securityContext of the pod
    Baseline "sysctls", upstream "sysctls" {
        0 => "only `kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`, `net.ipv4.ip_unprivileged_port_start`, \
              `net.ipv4.ping_group_range`, `net.ipv4.tcp_syncookies`", check |view, report| only_safe(0, view, report);
        27 => "`net.ipv4.ip_local_reserved_ports` too", check |view, report| only_safe(27, view, report);
        29 => "`net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`, `net.ipv4.tcp_keepalive_probes`, \
               `net.ipv4.tcp_keepalive_time` too", check |view, report| only_safe(29, view, report);
        32 => "`net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem` too", check |view, report| only_safe(32, view, report);
        37 => "`net.ipv4.tcp_notsent_lowat`, `net.ipv4.tcp_slow_start_after_idle` too",
              check |view, report| only_safe(37, view, report);
    }
});

/// Only sysctls that are safe in Kubernetes 1.`minor`. Names are compared as they are written: the kernel takes
/// slashes for dots, the standard does not.
fn only_safe(minor: u8, view: &View<'_>, report: &mut Report) {
    for (index, sysctl) in list(&view.security_context().sysctls).iter().enumerate() {
        let name = sysctl.name.as_deref();
        if is_safe(name.unwrap_or_default(), minor) {
            continue;
        }
        let element = view.spec_path(&format!("securityContext.sysctls[{index}]"));
        let found = name.map_or(Found::Unset, Found::text);
        let wanted = "must be a kernel parameter that the standard holds safe";
        let violation = Violation::at([&element, ".name"].concat(), found, wanted);
        let violation = violation.with_detail(sysctl.value.as_deref());
        report.add(violation.with_fix(vec![Edit::Remove { path: element }], true));
    }
}

#[cfg(test)]
pub(crate) fn standard_cases() -> Vec<super::check::cases::Case> {
    use super::check::cases::*;
    vec![
        pod("{}"),
        pod(r#"{"securityContext":{"sysctls":[]}}"#),
        pod(r#"{"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"0"},
            {"name":"net.ipv4.ip_local_port_range","value":"0"},{"name":"net.ipv4.ip_unprivileged_port_start",
            "value":"0"},{"name":"net.ipv4.ping_group_range","value":"0"},{"name":"net.ipv4.tcp_syncookies",
            "value":"0"}]}}"#),
        pod(r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.ip_local_reserved_ports","value":"0"}]}}"#)
            .both(..=26, "spec.securityContext.sysctls[0].name"),
        pod(r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_fin_timeout","value":"0"},
            {"name":"net.ipv4.tcp_keepalive_intvl","value":"0"},{"name":"net.ipv4.tcp_keepalive_probes",
            "value":"0"},{"name":"net.ipv4.tcp_keepalive_time","value":"0"}]}}"#)
        .both(
            ..=28,
            "spec.securityContext.sysctls[0].name spec.securityContext.sysctls[1].name
                 spec.securityContext.sysctls[2].name spec.securityContext.sysctls[3].name",
        ),
        pod(r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_rmem","value":"0"},
            {"name":"net.ipv4.tcp_wmem","value":"0"}]}}"#)
        .both(..=31, "spec.securityContext.sysctls[0].name spec.securityContext.sysctls[1].name"),
        pod(r#"{"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_notsent_lowat","value":"0"},
            {"name":"net.ipv4.tcp_slow_start_after_idle","value":"0"}]}}"#)
        .both(..=36, "spec.securityContext.sysctls[0].name spec.securityContext.sysctls[1].name"),
        pod(r#"{"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced","value":"0"},
            {"name":"net.core.somaxconn","value":"0"},{"name":"kernel.msgmax","value":"0"}]}}"#)
        .both(0.., "spec.securityContext.sysctls[1].name spec.securityContext.sysctls[2].name"),
        pod(r#"{"securityContext":{"sysctls":[{"name":"net/ipv4/tcp_syncookies","value":"0"},
            {"name":"net.ipv4.*","value":"0"},{"name":"","value":"0"}]}}"#)
        .both(
            0..,
            "spec.securityContext.sysctls[0].name spec.securityContext.sysctls[1].name
                 spec.securityContext.sysctls[2].name",
        ),
        pod(r#"{"securityContext":{"sysctls":[{"value":"1"}]}}"#).both(0.., "spec.securityContext.sysctls[0].name"),
    ]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::*;
    use super::*;

    #[test]
    fn slashes_separate_too() {
        for (name, expected) in [
            ("net.ipv4.conf.eth0/100.rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
            ("net/ipv4/conf/eth0.100/rp_filter", "net.ipv4.conf.eth0/100.rp_filter"),
            ("kernel/shm_rmid_forced", "kernel.shm_rmid_forced"),
            ("/kernel", ".kernel"),
            ("kernel", "kernel"),
            ("", ""),
        ] {
            assert_eq!(dotted(name), expected);
        }
    }

    /// CVE-2022-0811: the value of a safe sysctl holds a second one.
    #[test]
    fn values_hold_no_second_sysctl() {
        for (value, is_good) in [
            (r#""1""#, true),
            (r#""4096 87380 6291456""#, true),
            (r#""32768-60999,8080""#, true),
            (r#""""#, true),
            ("null", true),
            (r#""1+kernel.core_pattern=|/tmp/x""#, false),
            (r#""1+""#, false),
            (r#""a=b""#, false),
            (r#""1\u002bkernel.core_pattern\u003d|x""#, false),
        ] {
            let sysctl = format!(r#"{{"name":"net.ipv4.tcp_syncookies","value":{value}}}"#);
            let spec = format!(r#"{{"securityContext":{{"sysctls":[{sysctl}]}},"containers":[{{}}]}}"#);
            // Whatever is allowed.
            for settings in ["{}", r#"{"allowed":["*"]}"#] {
                let found = violations::<Sysctls>(settings, &spec);
                let at: Vec<&str> = found.iter().map(|violation| violation.path.as_str()).collect();
                let expected = if is_good { vec![] } else { vec!["spec.securityContext.sysctls[0].value"] };
                assert_eq!(at, expected, "{settings} {value}");
                assert!(found.iter().all(|violation| violation.message().contains("CVE-2022-0811")));
            }
        }
        let bad =
            r#"{"securityContext":{"sysctls":[{"name":"kernel.msgmax","value":"1=2"}]},"containers":[{"name":"a"}]}"#;
        let repaired = json!({ "spec": { "securityContext": {}, "containers": [{ "name": "a" }] } });
        assert_eq!(mutated::<Sysctls>(r#"{"overwrite":true}"#, bad), Ok(repaired));
    }

    #[test]
    fn the_list_of_names_is_sorted_and_documented() {
        assert!(SAFE.is_sorted());
        assert_eq!(SAFE.len(), 14);
        let doc = <Sysctls as crate::settings::Group>::doc();
        assert!(SAFE.iter().all(|(name, _)| doc.contains(&format!("`{name}`"))));
    }
}
