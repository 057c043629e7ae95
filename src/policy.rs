//! A policy ready to judge: settings read, rules chosen.

use serde_json::value::RawValue;

use crate::rules::{Rule, RuleMeta};
use crate::settings::{
    Action, Bundled, Common, Exemption, Existing, Group, ONLY_WITH_MUTATE, SettingsError, Unfixable, UnknownKinds, fill,
};
use crate::workload::Pointer;

/// A rule with everything that decides what its violations lead to.
pub struct Active {
    /// Id of the rule.
    pub id: &'static str,
    /// The rule with its settings.
    pub rule: Box<dyn Rule>,
    /// Whether the rule applies to Windows pods.
    pub on_windows: bool,
    /// The consequence of a violation.
    pub action: Action,
    /// Whether a fix may replace what the author wrote.
    pub overwrite: bool,
    /// The consequence of a violation that `mutate` cannot fix.
    pub unfixable: Unfixable,
    /// Exceptions to the rule.
    pub exemptions: Vec<Exemption>,
    /// The consequence of a violation that the object had before the update.
    pub existing: Existing,
    /// Whether the rule only warns beside others: it leaves out places that one of those reports.
    pub warns_only: bool,
}

/// The settings that `validate` judges by.
pub struct Policy {
    /// Pod templates in kinds outside the table.
    pub pod_templates: Vec<Pointer>,
    /// The verdict on kinds without a pod template.
    pub unknown_kinds: UnknownKinds,
    /// The rules, sorted by id; after them those that only warn beside them.
    pub rules: Vec<Active>,
}

/// Reads settings into a policy: the same code for `validate` and `validate_settings`.
pub trait Load {
    /// Whether the policy asks its host.
    const ASKS: bool = false;

    /// # Errors
    /// Settings that cannot be used.
    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError>;
}

/// The policy of one rule.
pub struct Single<R>(std::marker::PhantomData<R>);

impl<R: RuleMeta> Load for Single<R> {
    const ASKS: bool = !R::ASKS.is_empty();

    fn load(settings: Option<&RawValue>) -> Result<Policy, SettingsError> {
        let mut common = Common::default();
        let mut rule = R::default();
        fill(settings, &mut [&mut rule, &mut common], &[])?;
        let Common { action, overwrite, unfixable, exemptions, existing_violations, pod_templates, unknown_kinds } =
            common;
        let active = Active {
            id: R::ID,
            rule: Box::new(rule),
            on_windows: R::ON_WINDOWS,
            action,
            overwrite,
            unfixable,
            exemptions,
            existing: existing_violations,
            warns_only: false,
        };
        Ok(Policy { pod_templates, unknown_kinds, rules: vec![active] })
    }
}

impl Active {
    /// A rule of the bundle: its own settings on top of the bundle's common ones.
    pub(crate) fn bundled<R: RuleMeta>(settings: Option<&RawValue>, common: &Common) -> Result<Active, SettingsError> {
        let mut own = Bundled::default();
        let mut rule = R::default();
        fill(settings, &mut [&mut rule, &mut own], Common::KEYS)?;
        Active::within(R::ID, Box::new(rule), R::ON_WINDOWS, own, common)
    }

    /// A rule of the bundle: what it says for itself, else what the bundle says for all.
    pub(crate) fn within(
        id: &'static str,
        rule: Box<dyn Rule>,
        on_windows: bool,
        mut own: Bundled,
        common: &Common,
    ) -> Result<Active, SettingsError> {
        let action = own.action.unwrap_or(common.action);
        if action != Action::Mutate {
            let pointless =
                [("overwrite", own.overwrite == Some(true)), ("unfixable", own.unfixable == Some(Unfixable::Warn))];
            if let Some((key, _)) = pointless.iter().find(|(_, given)| *given) {
                return Err(SettingsError::new(ONLY_WITH_MUTATE).under(key));
            }
        }
        own.exemptions.extend(common.exemptions.iter().cloned());
        Ok(Active {
            id,
            rule,
            on_windows,
            action,
            overwrite: own.overwrite.unwrap_or(common.overwrite),
            unfixable: own.unfixable.unwrap_or(common.unfixable),
            exemptions: own.exemptions,
            existing: own.existing_violations.unwrap_or(common.existing_violations),
            warns_only: false,
        })
    }
}
