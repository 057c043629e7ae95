//! The Pod Security Standards, levels baseline and restricted, verdict for verdict as Kubernetes' own Pod
//! Security Admission decides, for every version since 1.0.
//!
//! A check is not the rule of the same id: the standard looks at what is written anywhere, a rule at what is
//! in force. Who stays with a version keeps its behaviour: a change is a new function in a new line of
//! [`CHECKS`], never an edit of the old one.

mod allow_privilege_escalation;
mod apparmor_profile;
mod capabilities;
#[cfg(test)]
mod cases;
mod context;
pub mod docs;
mod host_namespaces;
mod host_ports;
mod host_probes;
mod privileged;
mod proc_mount;
mod profile;
mod run_as_non_root;
mod run_as_user;
mod seccomp_profile;
mod selinux_options;
mod sysctls;
mod version;
mod volumes;
mod windows_host_process;

pub use version::{Level, Version};

use crate::rules::Rule;
use crate::view::View;
use crate::violation::Report;

use allow_privilege_escalation::{allow_privilege_escalation_1_8, allow_privilege_escalation_1_25};
use apparmor_profile::apparmor_profile_1_0;
use capabilities::{capabilities_baseline_1_0, capabilities_restricted_1_22, capabilities_restricted_1_25};
use host_namespaces::host_namespaces_1_0;
use host_ports::host_ports_1_0;
use host_probes::host_probes_1_34;
use privileged::privileged_1_0;
use proc_mount::{proc_mount_1_0, proc_mount_1_35};
use run_as_non_root::{run_as_non_root_1_0, run_as_non_root_1_35};
use run_as_user::{run_as_user_1_23, run_as_user_1_35};
use seccomp_profile::{
    seccomp_profile_baseline_1_0, seccomp_profile_baseline_1_19, seccomp_profile_restricted_1_19,
    seccomp_profile_restricted_1_25,
};
use selinux_options::{selinux_options_1_0, selinux_options_1_31};
use sysctls::{sysctls_1_0, sysctls_1_27, sysctls_1_29, sysctls_1_32, sysctls_1_37};
use volumes::{host_path_volumes_1_0, volume_types_1_0};
use windows_host_process::windows_host_process_1_0;

/// Reports every place of the template that the standard does not accept.
pub type CheckFn = fn(&View<'_>, &mut Report);

/// A check of the standard with its history.
pub struct Check {
    /// Id: that of the rule with the same meaning, where there is one.
    pub id: &'static str,
    /// The lowest level that has the check.
    pub level: Level,
    /// The baseline check in whose place it stands.
    pub overrides: Option<&'static str>,
    /// Its behaviour and the minor version of Kubernetes since which it is so, oldest first.
    pub versions: &'static [(u8, CheckFn)],
}

impl Check {
    /// The behaviour at `version`, with the minor version it began with; `None` before there was the check.
    pub fn at(&self, version: Version) -> Option<(u8, CheckFn)> {
        self.versions.iter().rfind(|(since, _)| *since <= version.minor()).copied()
    }
}

const fn check(
    id: &'static str,
    level: Level,
    overrides: Option<&'static str>,
    versions: &'static [(u8, CheckFn)],
) -> Check {
    Check { id, level, overrides, versions }
}

/// Every check of the standard, sorted by level, then id.
#[rustfmt::skip]
pub static CHECKS: &[Check] = &[
    check("apparmor-profile", Level::Baseline, None, &[(0, apparmor_profile_1_0)]),
    check("capabilities", Level::Baseline, None, &[(0, capabilities_baseline_1_0)]),
    check("host-namespaces", Level::Baseline, None, &[(0, host_namespaces_1_0)]),
    check("host-path-volumes", Level::Baseline, None, &[(0, host_path_volumes_1_0)]),
    check("host-ports", Level::Baseline, None, &[(0, host_ports_1_0)]),
    check("host-probes", Level::Baseline, None, &[(34, host_probes_1_34)]),
    check("privileged", Level::Baseline, None, &[(0, privileged_1_0)]),
    check("proc-mount", Level::Baseline, None, &[(0, proc_mount_1_0), (35, proc_mount_1_35)]),
    check("seccomp-profile", Level::Baseline, None, &[
        (0, seccomp_profile_baseline_1_0),
        (19, seccomp_profile_baseline_1_19),
    ]),
    check("selinux-options", Level::Baseline, None, &[(0, selinux_options_1_0), (31, selinux_options_1_31)]),
    check("sysctls", Level::Baseline, None, &[
        (0, sysctls_1_0),
        (27, sysctls_1_27),
        (29, sysctls_1_29),
        (32, sysctls_1_32),
        (37, sysctls_1_37),
    ]),
    check("windows-host-process", Level::Baseline, None, &[(0, windows_host_process_1_0)]),
    check("allow-privilege-escalation", Level::Restricted, None, &[
        (8, allow_privilege_escalation_1_8),
        (25, allow_privilege_escalation_1_25),
    ]),
    check("capabilities", Level::Restricted, Some("capabilities"), &[
        (22, capabilities_restricted_1_22),
        (25, capabilities_restricted_1_25),
    ]),
    check("proc-mount", Level::Restricted, Some("proc-mount"), &[(35, proc_mount_1_0)]),
    check("run-as-non-root", Level::Restricted, None, &[(0, run_as_non_root_1_0), (35, run_as_non_root_1_35)]),
    check("run-as-user", Level::Restricted, None, &[(23, run_as_user_1_23), (35, run_as_user_1_35)]),
    check("seccomp-profile", Level::Restricted, Some("seccomp-profile"), &[
        (19, seccomp_profile_restricted_1_19),
        (25, seccomp_profile_restricted_1_25),
    ]),
    check("volume-types", Level::Restricted, Some("host-path-volumes"), &[(0, volume_types_1_0)]),
];

/// The checks that `level` has at `version`, each with the behaviour of that version. No id comes twice.
pub fn checks(level: Level, version: Version) -> impl Iterator<Item = (&'static str, CheckFn)> {
    active(level, version).map(|(check, (_, function))| (check.id, function))
}

fn active(level: Level, version: Version) -> impl Iterator<Item = (&'static Check, (u8, CheckFn))> {
    let is_overridden = move |id| {
        let mut stricter = CHECKS.iter().filter(|check| check.level <= level && check.overrides == Some(id));
        stricter.any(|check| check.at(version).is_some())
    };
    let of_level = CHECKS.iter().filter(move |check| check.level <= level);
    let asked = of_level.filter(move |check| check.level != Level::Baseline || !is_overridden(check.id));
    asked.filter_map(move |check| Some((check, check.at(version)?)))
}

/// A check of the standard in the place of a rule.
pub(crate) struct Standard(pub(crate) CheckFn);

impl Rule for Standard {
    fn check(&self, view: &View<'_>, report: &mut Report) {
        (self.0)(view, report);
    }
}

#[cfg(test)]
mod tests;
