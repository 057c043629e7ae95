//! The rules, one file each: what it demands and why, its settings, its logic, its tests.

// One line a rule, and one in the list of `catalogue.rs` (`cargo xtask new-rule` adds both).
pub mod allow_privilege_escalation;
pub mod apparmor_profile;
pub mod capabilities;
pub mod host_namespaces;
pub mod host_path_volumes;
pub mod host_ports;
pub mod host_probes;
pub mod image_digest;
pub mod image_tag;
pub mod image_user;
pub mod privileged;
pub mod proc_mount;
pub mod read_only_root_filesystem;
pub mod resources;
pub mod run_as_user;
pub mod seccomp_profile;
pub mod selinux_options;
pub mod service_account_token;
pub mod sysctls;
pub mod volume_types;
pub mod windows_host_process;

// Helpers of more than one rule, or too large for its file.
pub mod check;
mod emptied;
pub mod locked;
mod profile;
mod selinux_level;
#[cfg(test)]
pub(crate) mod testing;
mod written;

pub use profile::ProfileType;
pub use selinux_level::MlsLevel;

use crate::host::Capability;
use crate::settings::Group;
use crate::view::View;
use crate::violation::Report;

/// A rule with its settings: pure logic over one pod template.
pub trait Rule {
    /// Reports every place of the template that the rule does not accept.
    fn check(&self, view: &View<'_>, report: &mut Report);
}

/// How much a violation endangers the node and its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Makes an attack easier.
    Low,
    /// Removes a layer of defence.
    Medium,
    /// Opens a known way out of the container.
    High,
    /// Hands over the node.
    Critical,
}

impl Severity {
    /// The word of metadata and reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// The description of a rule, besides its logic. The group's doc comment is the rule's documentation.
pub trait RuleMeta: Rule + Group + 'static {
    /// Id: the name of the policy, its folder and its key in the bundle.
    const ID: &'static str;
    /// A summary of its demands.
    const TITLE: &'static str;
    /// How much a violation matters.
    const SEVERITY: Severity;
    /// Whether `action: mutate` can repair anything.
    const MUTATES: bool;
    /// Whether it applies to pods with `spec.os.name: windows`.
    const ON_WINDOWS: bool;
    /// Where the demand comes from.
    const SOURCES: &'static [&'static str];
    /// The capabilities of its host that it calls.
    const ASKS: &'static [Capability] = &[];
    /// Why a violation that has no repair is left to a person, as a remark. Never part of a policy's wasm.
    const BY_HAND: &'static str = "choose a value";
    /// The example in its documentation.
    const EXAMPLE: Example;
    /// The settings that the example is judged with, as JSON. Never part of a policy's wasm.
    const EXAMPLE_SETTINGS: &'static str = "{}";
}

/// The same pod before and after: fragments of a pod spec in YAML. Documentation and end-to-end tests fill in
/// containers, names and images that are left out; the messages come from the rule itself.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Refused with the default settings.
    pub rejected: &'static str,
    /// Accepted.
    pub accepted: &'static str,
    /// The remedy for a violation, in Markdown.
    pub fix: &'static str,
}
