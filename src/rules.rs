//! The rules, one file each: what it demands and why, its settings, its logic, its tests.

use serde_json::value::RawValue;

use crate::evaluate;
use crate::json;
use crate::policy::{Active, Load, Policy, Single};
use crate::settings::{Bundled, Common, Field, Group, SettingsError};
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

/// What is known of a rule besides its logic. The group's doc comment is the rule's documentation.
pub trait Described: Rule + Group + 'static {
    /// Id: the name of the policy, its folder and its key in the bundle.
    const ID: &'static str;
    /// What it demands, in a few words.
    const TITLE: &'static str;
    /// How much a violation matters.
    const SEVERITY: Severity;
    /// Whether `action: mutate` can repair anything.
    const MUTATES: bool;
    /// Whether it applies to pods with `spec.os.name: windows`.
    const ON_WINDOWS: bool;
    /// Where the demand comes from.
    const SOURCES: &'static [&'static str];
    /// What its documentation shows.
    const EXAMPLE: Example;
}

/// The same pod before and after: fragments of a pod spec in YAML. Documentation and end-to-end tests fill in
/// containers, names and images that are left out; the messages come from the rule itself.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Refused with the default settings.
    pub rejected: &'static str,
    /// Accepted.
    pub accepted: &'static str,
    /// What to do about a violation, in Markdown.
    pub fix: &'static str,
}

/// Makes a policy of settings.
pub(crate) type LoadFn = fn(Option<&RawValue>) -> Result<Policy, SettingsError>;

/// A rule's description, for people and generators; never part of a policy's wasm. The bundle has one too.
#[derive(Debug, Clone)]
pub struct RuleDoc {
    /// The file below `src` that it is written in, without `.rs`.
    pub module: &'static str,
    /// [`Described::ID`]
    pub id: &'static str,
    /// [`Described::TITLE`]
    pub title: &'static str,
    /// [`Described::SEVERITY`]
    pub severity: Severity,
    /// [`Described::MUTATES`]
    pub mutates: bool,
    /// [`Described::ON_WINDOWS`]
    pub on_windows: bool,
    /// [`Described::SOURCES`]
    pub sources: &'static [&'static str],
    /// Documentation in Markdown.
    pub doc: String,
    /// The rule's own settings.
    pub settings: Vec<Field>,
    /// [`Described::EXAMPLE`]
    pub example: Example,
    /// The policy of the rule alone.
    pub(crate) load: LoadFn,
}

impl RuleDoc {
    /// What the policy says against `settings`, which are JSON; `None` if it takes them.
    pub fn refusal(&self, settings: &str) -> Option<String> {
        match json::raw(settings) {
            Ok(raw) => (self.load)(Some(raw)).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// What `validate` of the policy answers to `payload`.
    ///
    /// # Errors
    /// See [`evaluate::validate`].
    pub fn validate(&self, payload: &[u8]) -> Result<Vec<u8>, String> {
        evaluate::validate(payload, self.load)
    }
}

fn describe<R: Described>(module: &'static str) -> RuleDoc {
    RuleDoc {
        module,
        id: R::ID,
        title: R::TITLE,
        severity: R::SEVERITY,
        mutates: R::MUTATES,
        on_windows: R::ON_WINDOWS,
        sources: R::SOURCES,
        doc: R::doc(),
        settings: R::fields(),
        example: R::EXAMPLE,
        load: Single::<R>::load,
    }
}

macro_rules! rules {
    ($($module:ident::$rule:ident,)*) => {
        $(pub mod $module;)*

        /// Ids of all rules, sorted.
        pub const IDS: &[&str] = &[$($module::$rule::ID),*];

        /// Descriptions of all rules, sorted by id.
        pub fn all() -> Vec<RuleDoc> {
            vec![$(describe::<$module::$rule>(concat!("rules/", stringify!($module)))),*]
        }

        /// Loads the rule `id` as part of the bundle; `None` if there is no such rule.
        pub(crate) fn load(
            id: &str,
            settings: Option<&RawValue>,
            common: &Common,
        ) -> Option<Result<Active, SettingsError>> {
            match id {
                $($module::$rule::ID => Some(Active::bundled::<$module::$rule>(settings, common)),)*
                _ => None,
            }
        }
    };
}

// One line a rule, sorted by id (`cargo xtask new-rule` adds it).
rules! {
    allow_privilege_escalation::AllowPrivilegeEscalation,
    apparmor_profile::ApparmorProfile,
    capabilities::Capabilities,
    host_namespaces::HostNamespaces,
    host_path_volumes::HostPathVolumes,
    host_ports::HostPorts,
    host_probes::HostProbes,
    image_tag::ImageTag,
    privileged::Privileged,
    proc_mount::ProcMount,
    read_only_root_filesystem::ReadOnlyRootFilesystem,
    resources::Resources,
    run_as_user::RunAsUser,
    seccomp_profile::SeccompProfile,
    selinux_options::SelinuxOptions,
    service_account_token::ServiceAccountToken,
    sysctls::Sysctls,
    volume_types::VolumeTypes,
    windows_host_process::WindowsHostProcess,
}

// Helpers of more than one rule, or too large for its file.
mod profile;
mod selinux_level;

pub use profile::ProfileType;
pub use selinux_level::Level;

/// Descriptions of the settings that every rule has, alone or within the bundle.
pub fn common_settings(bundled: bool) -> Vec<Field> {
    if bundled { Bundled::fields() } else { Common::fields() }
}

#[cfg(test)]
pub(crate) mod testing;
