//! Every rule of the suite: the lists that policies, the bundle and the documentation come from.

use std::rc::Rc;

use serde_json::value::RawValue;

use crate::evaluate;
use crate::host::{Capability, Host};
use crate::json;
use crate::policy::{Active, Load, Policy, Single};
use crate::rules::check::{Check, Sentence, Standard};
use crate::rules::{self, Example, RuleMeta, Severity};
use crate::settings::{Bundled, Common, Field, Group, SettingsError};
use crate::unjudged::Unjudged;

/// Makes a policy of settings.
pub(crate) type LoadFn = fn(Option<&RawValue>) -> Result<Policy, SettingsError>;

/// A rule's description, for people and generators; never part of a policy's wasm. The bundle has one too.
#[derive(Debug, Clone)]
pub struct RuleDoc {
    /// The file below `src` that it is written in, without `.rs`.
    pub module: &'static str,
    /// [`RuleMeta::ID`]
    pub id: &'static str,
    /// [`RuleMeta::TITLE`]
    pub title: &'static str,
    /// [`RuleMeta::SEVERITY`]
    pub severity: Severity,
    /// [`RuleMeta::MUTATES`]
    pub mutates: bool,
    /// [`RuleMeta::ON_WINDOWS`]
    pub on_windows: bool,
    /// [`RuleMeta::SOURCES`]
    pub sources: &'static [&'static str],
    /// Documentation in Markdown.
    pub doc: String,
    /// The rule's own settings.
    pub settings: Vec<Field>,
    /// [`RuleMeta::ASKS`]
    pub asks: &'static [Capability],
    /// [`RuleMeta::EXAMPLE`]
    pub example: Example,
    /// [`RuleMeta::EXAMPLE_SETTINGS`]
    pub example_settings: &'static str,
    /// The policy of the rule alone.
    pub(crate) load: LoadFn,
}

impl RuleDoc {
    /// Returns the policy's complaint about `settings`, which are JSON; `None` if it accepts them.
    pub fn refusal(&self, settings: &str) -> Option<String> {
        match json::raw(settings) {
            Ok(raw) => (self.load)(Some(raw)).err().map(|error| error.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Asks the policy's `validate` about `payload`.
    ///
    /// # Errors
    /// See [`evaluate::validate`].
    pub fn validate(&self, payload: &[u8]) -> Result<Vec<u8>, Unjudged> {
        evaluate::validate(payload, self.load)
    }

    /// Asks the policy's `validate` about `payload`; `host` answers what it asks.
    ///
    /// # Errors
    /// See [`evaluate::validate_on`].
    pub fn validate_on(&self, host: impl Host + 'static, payload: &[u8]) -> Result<Vec<u8>, Unjudged> {
        evaluate::validate_on(Some(Rc::new(host)), payload, self.load)
    }
}

fn describe<R: RuleMeta>(module: &'static str) -> RuleDoc {
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
        asks: R::ASKS,
        example: R::EXAMPLE,
        example_settings: R::EXAMPLE_SETTINGS,
        load: Single::<R>::load,
    }
}

macro_rules! rules {
    ($($module:ident::$rule:ident,)*) => {
        /// Ids of the bundle's rules, sorted.
        pub const IDS: &[&str] = &[$(rules::$module::$rule::ID),*];

        /// Descriptions of the bundle's rules, sorted by id.
        pub fn all() -> Vec<RuleDoc> {
            vec![$(describe::<rules::$module::$rule>(concat!("rules/", stringify!($module)))),*]
        }

        /// Says why a violation of the rule or the check `id` that has no repair is left to a person; `None` if neither
        /// exists. Never part of a policy's wasm.
        pub fn by_hand(id: &str) -> Option<&'static str> {
            let is_it = |rule: &str, checks: &[Check]| rule == id || checks.iter().any(|check| check.id == id);
            $(if is_it(rules::$module::$rule::ID, <rules::$module::$rule as Standard>::CHECKS) {
                return Some(rules::$module::$rule::BY_HAND);
            })*
            by_hand_apart(id)
        }

        /// The checks of the Pod Security Standards, rule by rule.
        pub(crate) const CHECKS: &[&[Check]] = &[$(<rules::$module::$rule as Standard>::CHECKS),*];

        /// [`CHECKS`] in words.
        pub(crate) const SENTENCES: &[&[Sentence]] = &[$(<rules::$module::$rule as Standard>::SENTENCES),*];

        /// Loads the rule `id` as part of the bundle; `None` if there is no such rule.
        pub(crate) fn load(
            id: &str,
            settings: Option<&RawValue>,
            common: &Common,
        ) -> Option<Result<Active, SettingsError>> {
            match id {
                $(rules::$module::$rule::ID => Some(Active::bundled::<rules::$module::$rule>(settings, common)),)*
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

macro_rules! apart {
    ($($module:ident::$rule:ident,)*) => {
        /// Ids of the rules outside the bundle, sorted.
        pub const APART: &[&str] = &[$(rules::$module::$rule::ID),*];

        /// Descriptions of the rules outside the bundle, sorted by id.
        pub fn apart() -> Vec<RuleDoc> {
            vec![$(describe::<rules::$module::$rule>(concat!("rules/", stringify!($module)))),*]
        }

        fn by_hand_apart(id: &str) -> Option<&'static str> {
            match id {
                $(rules::$module::$rule::ID => Some(rules::$module::$rule::BY_HAND),)*
                _ => None,
            }
        }
    };
}

// Rules that are no part of the bundle, because they ask their host: each is a policy of its own, for who wants it.
apart! {
    image_digest::ImageDigest,
    image_user::ImageUser,
}

/// Descriptions of every rule, those of the bundle first.
pub fn every() -> Vec<RuleDoc> {
    all().into_iter().chain(apart()).collect()
}

/// Descriptions of the settings that every rule has, alone or within the bundle.
pub fn common_settings(bundled: bool) -> Vec<Field> {
    if bundled { Bundled::fields() } else { Common::fields() }
}
