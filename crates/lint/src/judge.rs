//! A policy with its settings, which judges objects.

mod answer;
pub(crate) mod exempted;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use hardening::bundle::Bundle;
use hardening::policy::Load;
use hardening::settings::Action;
use hardening::workload::{self, Pointer};
use memchr::memmem;
use serde_json::value::RawValue;

use self::answer::read_violations;
use self::exempted::Exemptions;
use crate::elsewhere::{self, Elsewhere};
use crate::error::Error;
use crate::finding::{Finding, Level, Object, Place, Violation};
use crate::fixing;
use crate::objects::{carries_template, group};
use crate::said;
use crate::suggest;
use kube_yaml::yaml::Node;
use sandbox::request::{Kind, admission_request};
use sandbox::{Policy, SandboxError, ValidationResponse};

/// A policy with its settings.
#[derive(Clone)]
pub struct Judge {
    policy: Arc<Policy>,
    settings: String,
    pointers: Vec<Pointer>,
    /// For each pointer, whether it led to a pod so far.
    met: Arc<[AtomicBool]>,
    /// The policy is to see every object, not only those with a pod template.
    every_object: bool,
    /// The rule that the policy is, if it is one of the suite outside the bundle.
    rule: Option<Rule>,
    /// The rules that the settings choose; not known of a policy that is not built in.
    rules: Option<Arc<[&'static str]>>,
    /// The judge that lists the repairs of an object as it is, where these settings do not: they let rules mutate,
    /// whose findings are those of the mutated object, or replace what the author wrote.
    repairs: Option<Arc<OnceLock<Option<Judge>>>>,
    /// The exemptions of the settings, if there are any.
    exemptions: Option<Arc<Exemptions>>,
    /// Asks for repairs instead of a verdict, see [`listing`](Self::listing).
    lists: bool,
}

/// A rule outside the bundle: its id, and the code that its policy is compiled from, which reads settings.
pub(crate) type Rule =
    (&'static str, fn(Option<&RawValue>) -> Result<hardening::policy::Policy, hardening::settings::SettingsError>);

impl Judge {
    /// Checks `settings` (JSON) with the policy.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn new(policy: Policy, settings: String) -> Result<Judge, Error> {
        Judge::with(Arc::new(policy), settings)
    }

    /// As [`new`](Self::new), for a policy that others share.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn with(policy: Arc<Policy>, settings: String) -> Result<Judge, Error> {
        Judge::build(policy, None, settings)
    }

    /// The same for a built-in policy that is one rule, outside the bundle.
    ///
    /// # Errors
    /// Settings that the rule does not take.
    pub(crate) fn of_rule(policy: Arc<Policy>, rule: Rule, settings: String) -> Result<Judge, Error> {
        Judge::build(policy, Some(rule), settings)
    }

    fn build(policy: Arc<Policy>, rule: Option<Rule>, settings: String) -> Result<Judge, Error> {
        let is_built_in = policy.is_built_in();
        let refused = |message: &str| Error::Settings(suggest::for_settings(message));
        // Built-in policies read them again with each request, with the code that reads them here.
        let (rules, hides_repairs) = if let Some((id, load)) = rule {
            load(Some(serde_json::from_str(&settings)?)).map_err(|error| refused(&error.to_string()))?;
            (Some([id].into()), false)
        } else if is_built_in {
            chosen(&settings).map(|(ids, hides)| (Some(ids), hides))?
        } else {
            let verdict = policy.validate_settings(&settings)?;
            if !verdict.valid {
                return Err(refused(&verdict.message.unwrap_or_default()));
            }
            (None, false)
        };
        let parsed: serde_json::Value = serde_json::from_str(&settings)?;
        let pointers = parsed["podTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pointers: Vec<Pointer> = pointers.iter().filter_map(|p| Pointer::new(p.as_str()?).ok()).collect();
        let met = pointers.iter().map(|_| AtomicBool::new(false)).collect();
        let every_object = parsed["unknownKinds"] == "reject" || !is_built_in;
        let repairs = hides_repairs.then(Arc::default);
        let exemptions = if is_built_in { Exemptions::of(&parsed).map(Arc::new) } else { None };
        Ok(Judge { policy, settings, pointers, met, every_object, rule, rules, repairs, exemptions, lists: false })
    }

    /// The same policy with other settings.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn with_settings(&self, settings: String) -> Result<Judge, Error> {
        Judge::build(Arc::clone(&self.policy), self.rule, settings)
    }

    /// The same judge, whose settings have these `images`, which are JSON.
    pub(crate) fn with_images(&self, images: &str) -> Judge {
        let rest = self.settings.strip_prefix('{').unwrap_or_default();
        let comma = if rest == "}" { "" } else { "," };
        Judge { settings: [r#"{"images":"#, images, comma, rest].concat(), ..self.clone() }
    }

    /// The same policy in mutate mode, which lists all that its rules would repair, each with its edits; with
    /// `overwrite` also where that replaces what the author wrote. Another policy is taken as it is: only its own
    /// settings know how it mutates.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn listing(&self, overwrite: bool) -> Result<Judge, Error> {
        if !self.policy.is_built_in() {
            return Ok(self.clone());
        }
        Ok(self.with_settings(fixing::mutating(&self.settings, overwrite)?)?.asking_for_repairs())
    }

    /// The same judge of repairs, of whose rules some spare a container, each named with it: what they would write for
    /// the whole pod does not reach that container.
    ///
    /// # Errors
    /// As [`listing`](Self::listing).
    pub(crate) fn sparing(&self, spared: &[(&str, &str)]) -> Result<Judge, Error> {
        Ok(self.with_settings(fixing::sparing(&self.settings, spared)?)?.asking_for_repairs())
    }

    /// Asks about [`fixing::LISTING`] from now on.
    fn asking_for_repairs(self) -> Judge {
        Judge { lists: true, repairs: None, ..self }
    }

    /// The settings, as JSON.
    pub fn settings(&self) -> &str {
        &self.settings
    }

    /// Name of the policy.
    pub fn name(&self) -> &str {
        self.policy.name()
    }

    /// Whether the policy is the built-in bundle.
    pub fn is_built_in(&self) -> bool {
        self.policy.is_built_in() && self.rule.is_none()
    }

    /// Asks the policy about the creation of `object`; `None` if it has nothing to judge in it.
    ///
    /// # Errors
    /// A policy that gives no verdict; the message says why.
    pub fn ask(&self, root: &Node<'_>, object: &Object) -> Result<Option<ValidationResponse>, Error> {
        if !self.wants(root, object) {
            return Ok(None);
        }
        self.ask_about(&object.to_json(root), object).map(Some)
    }

    /// Asks the policy about the creation of `object`, which is `json`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_about(&self, json: &str, object: &Object) -> Result<ValidationResponse, Error> {
        Ok(self.ask_json(json, object)?)
    }

    /// The same with the error as it is.
    pub(crate) fn ask_json(&self, json: &str, object: &Object) -> Result<ValidationResponse, SandboxError> {
        let kind = Kind::of(&object.api_version, &object.kind);
        let namespace = Some(object.namespace.as_str()).filter(|n| !n.is_empty() && kind.namespaced);
        let name = Some(object.name.as_str()).filter(|n| !n.is_empty());
        let mut request = admission_request(json, &kind, name, namespace);
        if self.lists {
            request.insert_str(1, &format!(r#""subResource":"{}","#, fixing::LISTING));
        }
        self.policy.validate(&self.settings, &request)
    }

    /// Asks the policy about an admission request, which is JSON.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn ask_request(&self, request: &str) -> Result<ValidationResponse, Error> {
        Ok(self.policy.validate(&self.settings, request)?)
    }

    /// The findings of an answer about the object at `node`.
    pub fn findings(&self, node: &Node<'_>, object: &Object, response: ValidationResponse) -> Vec<Finding> {
        let finding = |violation: Violation| Finding {
            level: if violation.rejects { Level::Error } else { Level::Warning },
            place: Place::find(node, &violation.path),
            object: object.clone(),
            violation,
            policy: (!self.policy.is_built_in()).then(|| self.name().into()),
            muted: None,
        };
        let mut violations = read_violations(self, response);
        violations.iter_mut().for_each(said::name_by_place);
        let mut findings: Vec<Finding> = violations.into_iter().map(finding).collect();
        if let Some(repairs) = self.repairs.as_ref().filter(|_| !findings.is_empty()) {
            let listing = || self.listing(false).ok();
            let listed = repairs.get_or_init(listing).as_ref().and_then(|listing| listing.ask(node, object).ok()?);
            let listed = listed.map_or_else(Vec::new, |response| read_violations(self, response));
            for Finding { violation, .. } in &mut findings {
                let is_same = |listed: &&Violation| listed.rule == violation.rule && listed.path == violation.path;
                let known = listed.iter().find(is_same);
                violation.fixable = known.is_some_and(|listed| listed.fixable);
                violation.fix = known.map(|listed| listed.fix.clone()).unwrap_or_default();
            }
        }
        findings
    }

    /// The findings that it does not have in an object because of an exemption, beside those that were `found`. `ask` gives
    /// what a judge finds in the object.
    pub(crate) fn exempted(&self, ask: &dyn Fn(&Judge) -> Vec<Finding>, found: &[Finding]) -> Vec<Finding> {
        self.exemptions.as_ref().map_or_else(Vec::new, |all| all.exempted(self, ask, found))
    }

    /// The exemptions that left something alone so far.
    pub(crate) fn met_exemptions(&self) -> impl Iterator<Item = &exempted::Key> {
        self.exemptions.iter().flat_map(|all| all.met())
    }

    /// Whether the policy has something to judge in an object.
    pub(crate) fn wants(&self, root: &Node<'_>, object: &Object) -> bool {
        self.every_object || carries_template(root, object) || self.points_to_template(root, object)
    }

    /// Whether the settings' pointers lead to a template.
    fn points_to_template(&self, root: &Node<'_>, object: &Object) -> bool {
        !self.pointers.is_empty() && {
            let json = object.to_json(root);
            let raw: Result<&RawValue, _> = serde_json::from_str(&json);
            raw.is_ok_and(|raw| workload::carries_template(group(object), &object.kind, raw, &self.pointers))
        }
    }

    /// The pointers of the settings, each with whether it led to a pod in what was judged so far.
    pub(crate) fn pointers(&self) -> impl Iterator<Item = (&Pointer, bool)> {
        self.pointers.iter().zip(&*self.met).map(|(pointer, met)| (pointer, met.load(Ordering::Relaxed)))
    }

    /// Finds the containers of an object where no rule looks.
    pub(crate) fn elsewhere(&self, node: &Node<'_>, object: &Object) -> Elsewhere {
        if !self.is_built_in() || workload::workload(group(object), &object.kind).is_some() {
            return Elsewhere::default();
        }
        let found = elsewhere::look(node, object, &self.pointers);
        found.met.iter().filter_map(|index| self.met.get(*index)).for_each(|met| met.store(true, Ordering::Relaxed));
        found
    }

    /// The rules that the settings choose; not known of a policy that is not built in.
    pub(crate) fn rules(&self) -> Option<Arc<[&'static str]>> {
        self.rules.clone()
    }

    /// Whether objects without a pod template are judged, too.
    pub(crate) fn wants_every_object(&self) -> bool {
        self.every_object
    }

    /// Whether an object may be wanted whose outline alone is known, and its `text`.
    pub(crate) fn may_want(&self, outline: &Node<'_>, object: &Object, text: &str) -> bool {
        // In what has an outline a key can only be written as it is, and every template has this one.
        let pointed = !self.pointers.is_empty() && memmem::find(text.as_bytes(), b"containers").is_some();
        let is_held = || self.is_built_in() && elsewhere::is_possible(object, text);
        self.every_object || carries_template(outline, object) || pointed || is_held()
    }
}

/// The ids of the rules that these settings of the bundle choose, sorted, and whether one of them mutates or replaces
/// what the author wrote.
fn chosen(settings: &str) -> Result<(Arc<[&'static str]>, bool), Error> {
    let raw: &RawValue = serde_json::from_str(settings)?;
    let policy = Bundle::load(Some(raw)).map_err(|error| Error::Settings(suggest::for_settings(&error.to_string())))?;
    let mut ids: Vec<&'static str> = policy.rules.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let hides_repairs = policy.rules.iter().any(|rule| rule.action == Action::Mutate || rule.overwrite);
    Ok((ids.into(), hides_repairs))
}
