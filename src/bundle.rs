//! The bundle: rules and checks of the standard in one policy, chosen by a profile.

mod docs;

pub use docs::{doc, entry_schema, profiles, rules_schema};

use serde_json::value::RawValue;

use crate::catalogue;
use crate::policy::{Active, Load, Policy};
use crate::rules::{
    RuleMeta, allow_privilege_escalation, apparmor_profile, capabilities, host_namespaces, host_path_volumes,
    host_ports, host_probes, image_tag, privileged, proc_mount, read_only_root_filesystem, resources, run_as_user,
    seccomp_profile, selinux_options, sysctls, windows_host_process,
};
use crate::settings::{Action, Bundled, Common, Group, Setting, SettingsError, entries, read_group, unknown_key};
use crate::standard::{self, CheckFn, Level, Version};

crate::setting_words! {
    /// A named set of rules.
    pub enum Profile {
        /// The ten hardening rules and every other check of the baseline level, so that it accepts nothing that
        /// `baseline` refuses.
        Hardening = "hardening",
        /// Nothing.
        Privileged = "privileged",
        /// The baseline level of the Pod Security Standards.
        Baseline = "baseline",
        /// The restricted level of the Pod Security Standards.
        Restricted = "restricted",
    }
}

/// The rules of the profile `hardening`, sorted.
pub const HARDENING: &[&str] = &[
    allow_privilege_escalation::AllowPrivilegeEscalation::ID,
    apparmor_profile::ApparmorProfile::ID,
    capabilities::Capabilities::ID,
    host_namespaces::HostNamespaces::ID,
    host_path_volumes::HostPathVolumes::ID,
    host_ports::HostPorts::ID,
    host_probes::HostProbes::ID,
    image_tag::ImageTag::ID,
    privileged::Privileged::ID,
    proc_mount::ProcMount::ID,
    read_only_root_filesystem::ReadOnlyRootFilesystem::ID,
    resources::Resources::ID,
    run_as_user::RunAsUser::ID,
    seccomp_profile::SeccompProfile::ID,
    selinux_options::SelinuxOptions::ID,
    sysctls::Sysctls::ID,
    windows_host_process::WindowsHostProcess::ID,
];

impl Profile {
    /// The level of the standard that the profile is.
    fn level(self) -> Option<Level> {
        match self {
            Profile::Hardening => None,
            Profile::Privileged => Some(Level::Privileged),
            Profile::Baseline => Some(Level::Baseline),
            Profile::Restricted => Some(Level::Restricted),
        }
    }
}

crate::settings! {
    /// The rules of the bundle, before `rules` changes single ones.
    pub struct Selection {
        /// The rules that apply: `hardening`, or a level of the Pod Security Standards: `baseline`,
        /// `restricted`, or `privileged` for none.
        profile("profile"): Profile = Profile::Hardening,
        /// Version of the Pod Security Standards: `v1.0` to the newest known, or `latest`, which unset means too.
        version("version"): Option<Version> = None,
        /// A level whose violations are warnings, where the profile does not refuse them: `baseline` or
        /// `restricted`; `privileged` for none.
        warn("warn"): Level = Level::Privileged,
        /// Version of the level in `warn`; that in `version` if unset.
        warn_version("warnVersion"): Option<Version> = None,
    }
    check(this) {
        let warns = this.warn != Level::Privileged;
        let judges = this.profile.level().is_some_and(|level| level != Level::Privileged);
        if this.version.is_some() && !judges && !warns {
            return Err(SettingsError::new("has no effect unless profile or warn is baseline or restricted").under("version"));
        }
        if this.warn_version.is_some() && !warns {
            return Err(SettingsError::new("has no effect unless warn is baseline or restricted").under("warnVersion"));
        }
    }
}

/// All rules in one policy: those of a profile, changed by `rules`.
///
/// The profile says which rules apply, and which only warn; `rules` says how each of them judges.
pub struct Bundle;

const RULES: &str = "rules";

/// A judge: a rule with its settings, or a check of the standard, which has none.
#[derive(Clone, Copy)]
enum Judge {
    Rule,
    Check(CheckFn),
}

/// A rule's or check's part in the profile.
#[derive(Clone, Copy)]
struct Part {
    id: &'static str,
    judge: Judge,
    /// Whether it belongs to the level in `warn`.
    warns: bool,
}

impl Load for Bundle {
    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError> {
        let mut common = Common::default();
        let mut selection = Selection::default();
        let mut chosen: Vec<(String, &RawValue)> = Vec::new();
        for (key, value) in entries(settings)? {
            if key == RULES {
                chosen = entries(Some(value)).map_err(|error| error.under(RULES))?;
            } else if !common.set(&key, value)? && !selection.set(&key, value)? {
                return Err(unknown_key(&key, &[Selection::KEYS, &[RULES], Common::KEYS]));
            }
        }
        common.verify()?;
        selection.verify()?;
        let mut parts = selection.parts();
        let mut choices = Vec::with_capacity(chosen.len());
        for (id, raw) in &chosen {
            let at = |error: SettingsError| error.under(id).under(RULES);
            let choice = Choice::read(raw).map_err(at)?;
            choices.push((id.as_str(), choice));
            add(&mut parts, id, choice).map_err(at)?;
        }
        let lenient = Common { action: Action::Warn, ..common.clone() };
        let mut active = Vec::with_capacity(parts.len());
        for part in &parts {
            let choice = choices.iter().find(|(id, _)| *id == part.id).map_or(Choice::On(None), |(_, choice)| *choice);
            let is_second = part.warns && parts.iter().any(|other| other.id == part.id && !other.warns);
            let common = if part.warns { &lenient } else { &common };
            let loaded = part.load(choice, is_second, common).map_err(|error| error.under(part.id).under(RULES))?;
            // Few enough to be put in order one by one: a sort would be two kilobytes of wasm.
            if let Some(loaded) = loaded {
                let is_before = |other: &&Active| (other.warns_only, other.id) < (loaded.warns_only, loaded.id);
                let at = active.iter().take_while(is_before).count();
                active.insert(at, loaded);
            }
        }
        Ok(Policy { pod_templates: common.pod_templates, unknown_kinds: common.unknown_kinds, rules: active })
    }
}

impl Selection {
    /// Returns what the profile enforces, and what else the level in `warn` checks.
    fn parts(&self) -> Vec<Part> {
        let version = self.version.unwrap_or(Version::LATEST);
        let of_level = |level, version, warns| {
            let part = move |(id, check)| Part { id, judge: Judge::Check(check), warns };
            standard::checks(level, version).map(part)
        };
        let mut parts: Vec<Part> = match self.profile.level() {
            None => HARDENING.iter().map(|id| Part { id, judge: Judge::Rule, warns: false }).collect(),
            Some(level) => of_level(level, version, false).collect(),
        };
        for part in of_level(self.warn, self.warn_version.unwrap_or(version), true) {
            if !parts.iter().any(|enforced| enforced.is_same(&part)) {
                parts.push(part);
            }
        }
        parts
    }
}

impl Part {
    fn is_same(&self, other: &Part) -> bool {
        match (self.judge, other.judge) {
            (Judge::Check(a), Judge::Check(b)) => self.id == other.id && std::ptr::fn_addr_eq(a, b),
            _ => false,
        }
    }

    /// The part as `choice` wants it; `None` if it is switched off. `is_second` says that the check warns
    /// beside an enforced one of the same id: the choice's settings are the other's, but for exemptions.
    fn load(&self, choice: Choice<'_>, is_second: bool, common: &Common) -> Result<Option<Active>, SettingsError> {
        let (settings, action) = match choice {
            Choice::Off => return Ok(None),
            Choice::On(settings) => (settings, None),
            Choice::Action(action) => (None, Some(action).filter(|_| !is_second)),
        };
        let foreign = settings.and_then(foreign_key);
        let mut active = match (self.judge, foreign) {
            (Judge::Check(check), _) if is_second => self.of_standard(check, exemptions(settings)?, common)?,
            (Judge::Check(check), None) => {
                self.of_standard(check, settings.map_or(Ok(Bundled::default()), read_group)?, common)?
            }
            (Judge::Rule, _) | (Judge::Check(_), Some(_)) => {
                match (catalogue::load(self.id, settings, common), self.judge) {
                    (Some(loaded), _) => loaded?,
                    // A misspelt id in HARDENING: without its rule the profile would protect less than it says.
                    (None, Judge::Rule) => return Err(SettingsError::new("is not a rule of this policy")),
                    (None, Judge::Check(_)) => return Err(only_common(settings)),
                }
            }
        };
        active.action = action.unwrap_or(active.action);
        active.warns_only = self.warns && active.action == Action::Warn;
        Ok(Some(active))
    }

    fn of_standard(&self, check: CheckFn, own: Bundled, common: &Common) -> Result<Active, SettingsError> {
        Active::within(self.id, Box::new(check), true, own, common)
    }
}

/// The choice of the bundle's `rules` for one id.
#[derive(Clone, Copy)]
enum Choice<'a> {
    Off,
    On(Option<&'a RawValue>),
    Action(Action),
}

impl<'a> Choice<'a> {
    fn read(raw: &'a RawValue) -> Result<Choice<'a>, SettingsError> {
        match raw.get() {
            "true" => return Ok(Choice::On(None)),
            "false" => return Ok(Choice::Off),
            text if text.starts_with('{') => return Ok(Choice::On(Some(raw))),
            _ => {}
        }
        Action::read(raw).map(Choice::Action).map_err(|_| {
            SettingsError::new("must be an object of settings, false, true, or one of: reject, warn, mutate")
        })
    }
}

/// Adds the rule `id` to the profile's parts unless they have it.
fn add(parts: &mut Vec<Part>, id: &str, choice: Choice<'_>) -> Result<(), SettingsError> {
    if parts.iter().any(|part| part.id == id) {
        return Ok(());
    }
    if let Some(id) = catalogue::IDS.iter().find(|known| **known == id) {
        parts.push(Part { id, judge: Judge::Rule, warns: false });
        return Ok(());
    }
    let is_check = standard::CHECKS.iter().any(|check| check.id == id);
    match choice {
        // What is not there may be switched off: the next version may have it.
        Choice::Off if is_check => Ok(()),
        _ if is_check => {
            Err(SettingsError::new("is a check of the Pod Security Standards that this profile and version lack"))
        }
        _ => Err(SettingsError::new(format!("unknown rule, expected one of: {}", known_ids().join(", ")))),
    }
}

/// The ids of all rules and checks, sorted.
fn known_ids() -> Vec<&'static str> {
    let mut known: Vec<&str> = catalogue::IDS.to_vec();
    for check in standard::CHECKS {
        if let Err(at) = known.binary_search(&check.id) {
            known.insert(at, check.id);
        }
    }
    known
}

/// The first key that is not a common setting, which makes the object the settings of a rule.
fn foreign_key(settings: &RawValue) -> Option<String> {
    let keys = entries(Some(settings)).ok()?;
    keys.into_iter().map(|(key, _)| key).find(|key| !Bundled::KEYS.contains(&key.as_str()))
}

/// The error for settings of a check that no rule stands for.
fn only_common(settings: Option<&RawValue>) -> SettingsError {
    unknown_key(&settings.and_then(foreign_key).unwrap_or_default(), &[Bundled::KEYS])
}

/// Reads from the settings of an enforced rule what applies to the check that warns beside it.
fn exemptions(settings: Option<&RawValue>) -> Result<Bundled, SettingsError> {
    let mut own = Bundled::default();
    for (key, value) in entries(settings)?.iter().filter(|(key, _)| key == "exemptions") {
        own.set(key, value)?;
    }
    Ok(own)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
