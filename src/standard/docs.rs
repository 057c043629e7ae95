//! The standard's checks as a document: for people, never part of a policy's wasm.

use std::collections::BTreeSet;

use super::{CHECKS, Check, Level, Version, active, checks};

/// What a check is about, and what each of its behaviours demands.
struct Described {
    id: &'static str,
    level: Level,
    /// What Pod Security Admission calls the check.
    upstream: &'static str,
    fields: &'static str,
    /// By the minor version of Kubernetes since which it is so.
    demands: &'static [(u8, &'static str)],
}

const IN_CONTAINERS: &str = "securityContext of containers";
const IN_BOTH: &str = "securityContext of the pod and of containers";

#[rustfmt::skip]
const DESCRIBED: &[Described] = &[
    Described { id: "apparmor-profile", level: Level::Baseline, upstream: "appArmorProfile",
        fields: "`appArmorProfile.type`, in the BOTH; annotations `container.apparmor.security.beta.kubernetes.io/*`",
        demands: &[(0, "`RuntimeDefault`, `Localhost` or no profile; annotations `runtime/default`, `localhost/*` or empty")] },
    Described { id: "capabilities", level: Level::Baseline, upstream: "capabilities_baseline",
        fields: "`capabilities.add`, in the CONTAINERS",
        demands: &[(0, "only `AUDIT_WRITE`, `CHOWN`, `DAC_OVERRIDE`, `FOWNER`, `FSETID`, `KILL`, `MKNOD`, `NET_BIND_SERVICE`, `SETFCAP`, `SETGID`, `SETPCAP`, `SETUID`, `SYS_CHROOT`")] },
    Described { id: "host-namespaces", level: Level::Baseline, upstream: "hostNamespaces",
        fields: "`hostNetwork`, `hostPID`, `hostIPC`",
        demands: &[(0, "not true")] },
    Described { id: "host-path-volumes", level: Level::Baseline, upstream: "hostPathVolumes",
        fields: "`volumes[].hostPath`",
        demands: &[(0, "unset")] },
    Described { id: "host-ports", level: Level::Baseline, upstream: "hostPorts",
        fields: "`ports[].hostPort` of containers",
        demands: &[(0, "0 or unset")] },
    Described { id: "host-probes", level: Level::Baseline, upstream: "hostProbesAndHostLifecycle",
        fields: "`httpGet.host` and `tcpSocket.host` of probes and lifecycle handlers",
        demands: &[(34, "empty or unset")] },
    Described { id: "privileged", level: Level::Baseline, upstream: "privileged",
        fields: "`privileged`, in the CONTAINERS",
        demands: &[(0, "not true")] },
    Described { id: "proc-mount", level: Level::Baseline, upstream: "procMount",
        fields: "`procMount`, in the CONTAINERS",
        demands: &[(0, "`Default` or unset"), (35, "the same, but anything with `hostUsers: false`")] },
    Described { id: "seccomp-profile", level: Level::Baseline, upstream: "seccompProfile_baseline",
        fields: "before 1.19 annotations `seccomp.security.alpha.kubernetes.io/pod` and `container.seccomp.security.alpha.kubernetes.io/<container>`, then `seccompProfile.type`, in the BOTH",
        demands: &[(0, "`runtime/default`, `docker/default`, `localhost/*` or unset"), (19, "`RuntimeDefault`, `Localhost` or no profile")] },
    Described { id: "selinux-options", level: Level::Baseline, upstream: "seLinuxOptions",
        fields: "`seLinuxOptions`, in the BOTH",
        demands: &[(0, "`type` empty, `container_t`, `container_init_t` or `container_kvm_t`; `user` and `role` empty"), (31, "`type` may be `container_engine_t` too")] },
    Described { id: "sysctls", level: Level::Baseline, upstream: "sysctls",
        fields: "`sysctls[].name`, in the securityContext of the pod",
        demands: &[
            (0, "only `kernel.shm_rmid_forced`, `net.ipv4.ip_local_port_range`, `net.ipv4.ip_unprivileged_port_start`, `net.ipv4.ping_group_range`, `net.ipv4.tcp_syncookies`"),
            (27, "`net.ipv4.ip_local_reserved_ports` too"),
            (29, "`net.ipv4.tcp_fin_timeout`, `net.ipv4.tcp_keepalive_intvl`, `net.ipv4.tcp_keepalive_probes`, `net.ipv4.tcp_keepalive_time` too"),
            (32, "`net.ipv4.tcp_rmem`, `net.ipv4.tcp_wmem` too"),
            (37, "`net.ipv4.tcp_notsent_lowat`, `net.ipv4.tcp_slow_start_after_idle` too"),
        ] },
    Described { id: "windows-host-process", level: Level::Baseline, upstream: "windowsHostProcess",
        fields: "`windowsOptions.hostProcess`, in the BOTH",
        demands: &[(0, "not true")] },
    Described { id: "allow-privilege-escalation", level: Level::Restricted, upstream: "allowPrivilegeEscalation",
        fields: "`allowPrivilegeEscalation`, in the CONTAINERS",
        demands: &[(8, "false"), (25, "the same, but not of Windows pods")] },
    Described { id: "capabilities", level: Level::Restricted, upstream: "capabilities_restricted",
        fields: "`capabilities.drop` and `.add`, in the CONTAINERS",
        demands: &[(22, "`drop` has `ALL`, `add` only `NET_BIND_SERVICE`"), (25, "the same, but not of Windows pods")] },
    Described { id: "proc-mount", level: Level::Restricted, upstream: "procMount_restricted",
        fields: "`procMount`, in the CONTAINERS",
        demands: &[(35, "`Default` or unset, with `hostUsers: false` too")] },
    Described { id: "run-as-non-root", level: Level::Restricted, upstream: "runAsNonRoot",
        fields: "`runAsNonRoot`, in the BOTH",
        demands: &[(0, "true for the pod or for every container, nowhere false"), (35, "the same, but not with `hostUsers: false`")] },
    Described { id: "run-as-user", level: Level::Restricted, upstream: "runAsUser",
        fields: "`runAsUser`, in the BOTH",
        demands: &[(23, "not 0"), (35, "the same, but not with `hostUsers: false`")] },
    Described { id: "seccomp-profile", level: Level::Restricted, upstream: "seccompProfile_restricted",
        fields: "`seccompProfile.type`, in the BOTH",
        demands: &[(19, "`RuntimeDefault` or `Localhost` for the pod or for every container, nothing else anywhere"), (25, "the same, but not of Windows pods")] },
    Described { id: "volume-types", level: Level::Restricted, upstream: "restrictedVolumes",
        fields: "`volumes[]`",
        demands: &[(0, "only `configMap`, `csi`, `downwardAPI`, `emptyDir`, `ephemeral`, `image`, `persistentVolumeClaim`, `projected`, `secret`, or no source, which becomes an `emptyDir`")] },
];

/// The document: what each check demands, and which behaviour each profile has in each version. Markdown.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Pod Security Standards\n\n\
        <!-- Generated from src/standard; `BLESS=1 cargo test -p hardening --release standard` writes it. -->\n\n\
        The bundle's profiles `baseline` and `restricted` decide as Kubernetes' own Pod Security Admission does, \
        for each `version` from `v1.0` to `v1.37`; `latest` is the newest of them. Checks look at what is written \
        anywhere, in force or not: a bad value of the pod is refused even if every container has its own. \
        \"Containers\" are init containers and ephemeral containers too.\n\n\
        ## Checks\n\n\
        | check | profile | since | looks at | demands | Kubernetes calls it |\n\
        |---|---|---|---|---|---|\n",
    );
    for check in CHECKS {
        let Some(described) = described(check) else { continue };
        for (place, (since, demand)) in described.demands.iter().enumerate() {
            let fields = if place == 0 {
                &described.fields.replace("BOTH", IN_BOTH).replace("CONTAINERS", IN_CONTAINERS)
            } else {
                ""
            };
            let (id, upstream) = if place == 0 { (check.id, described.upstream) } else { ("", "") };
            let quoted = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
            let cells =
                [&quoted(id), check.level.word(), &format!("1.{since}"), fields, demand, &quoted(upstream)].join(" | ");
            out += &format!("| {cells} |\n");
        }
    }
    for level in [Level::Baseline, Level::Restricted] {
        out += &matrix(level);
    }
    out
}

fn described(check: &Check) -> Option<&'static Described> {
    DESCRIBED.iter().find(|described| described.id == check.id && described.level == check.level)
}

/// Which behaviour of which check the profile has in which version.
fn matrix(level: Level) -> String {
    let starts: BTreeSet<u8> =
        CHECKS.iter().flat_map(|check| check.versions).map(|(since, _)| *since).chain([0]).collect();
    let starts: Vec<u8> = starts.into_iter().collect();
    let columns: Vec<(Version, String)> = starts
        .iter()
        .enumerate()
        .filter_map(|(place, first)| {
            let version = Version::all().find(|version| version.minor() == *first)?;
            let title = match starts.get(place + 1).map(|next| next - 1) {
                None => format!("1.{first} on"),
                Some(last) if last == *first => format!("1.{first}"),
                Some(last) => format!("1.{first} to 1.{last}"),
            };
            Some((version, title))
        })
        .collect();
    let ids: BTreeSet<&str> = Version::all().flat_map(|version| checks(level, version)).map(|(id, _)| id).collect();

    let mut out =
        format!("\n## Profile `{}`\n\nEach cell says since which version the check has behaved so", level.word());
    out += match level {
        Level::Restricted => ", and whether it is the check of the baseline (B) or the restricted level (R).\n\n",
        _ => ".\n\n",
    };
    let titles: Vec<&str> = columns.iter().map(|(_, title)| title.as_str()).collect();
    out += &format!("| check | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for id in ids {
        let cell = |(version, _): &(Version, String)| match active(level, *version).find(|(check, _)| check.id == id) {
            None => "–".to_owned(),
            Some((_, (since, _))) if level == Level::Baseline => format!("1.{since}"),
            Some((Check { level: Level::Baseline, .. }, (since, _))) => format!("B 1.{since}"),
            Some((_, (since, _))) => format!("R 1.{since}"),
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        out += &format!("| `{id}` | {} |\n", cells.join(" | "));
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_is_described() {
        assert_eq!(DESCRIBED.len(), CHECKS.len());
        for check in CHECKS {
            let described = described(check).unwrap();
            let sinces: Vec<u8> = check.versions.iter().map(|(since, _)| *since).collect();
            let described: Vec<u8> = described.demands.iter().map(|(since, _)| *since).collect();
            assert_eq!(described, sinces, "{} {}", check.id, check.level.word());
        }
    }

    #[test]
    fn the_document_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/pod-security-standards.md");
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(std::path::Path::new(path).parent().unwrap()).unwrap();
            std::fs::write(path, markdown()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == markdown(), "docs/pod-security-standards.md is stale: run with BLESS=1");
    }
}
