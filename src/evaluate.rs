//! From payload to response: the steps that every policy shares.

use std::cmp::Ordering;
use std::rc::Rc;

use serde_json::value::RawValue;

use crate::edit;
use crate::exempt::{Owner, exempt};
use crate::host::Host;
use crate::index::{Hashed, Index, hash};
use crate::json;
use crate::known::Known;
use crate::merge;
use crate::path;
use crate::policy::{Active, Policy};
use crate::request::{AdmissionRequest, ObjectHead, Payload};
use crate::response::{self, Judged};
use crate::settings::{Action, Existing, SettingsError, Unfixable, UnknownKinds};
use crate::unjudged::Unjudged;
use crate::update::{Change, Update};
use crate::view::View;
use crate::violation::{Edit, Reach, Report, Violation, Weight};
use crate::workload::{self, Located};

/// Judges the payload of `validate` with the policy that `load` makes of its settings, and that asks nobody.
///
/// # Errors
/// See [`validate_on`].
pub fn validate(
    payload: &[u8],
    load: impl Fn(Option<&RawValue>) -> Result<Policy, SettingsError>,
) -> Result<Vec<u8>, Unjudged> {
    validate_on(None, payload, load)
}

/// Judges the payload of `validate` with the policy that `load` makes of its settings. What the policy asks, `host`
/// answers.
///
/// # Errors
/// Settings that are not valid, requests or objects that cannot be read, and what a rule cannot judge without an answer
/// of the host. The text never quotes the payload.
pub fn validate_on(
    host: Option<Rc<dyn Host>>,
    payload: &[u8],
    load: impl Fn(Option<&RawValue>) -> Result<Policy, SettingsError>,
) -> Result<Vec<u8>, Unjudged> {
    let text =
        str::from_utf8(payload).map_err(|e| format!("the request is not UTF-8 text (byte {})", e.valid_up_to()))?;
    let payload: Payload<'_> = json::read_object(text).map_err(|error| format!("cannot read the request: {error}"))?;
    let policy = load(payload.settings).map_err(|e| format!("Provided settings are not valid: {e}"))?;
    let request = payload.request.ok_or("the payload has no request")?;

    let Some(object) = request.object else {
        if request.operation.is_none() {
            return Err("the request has neither an operation nor an object".into());
        }
        return Ok(response::accepted().into_bytes());
    };
    let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
    if request.is("DELETE") || !(sub_resource.is_empty() || workload::SUBRESOURCES.contains(&sub_resource)) {
        return Ok(response::accepted().into_bytes());
    }
    if !json::is_object(object) {
        return Err("the request's object is not a JSON object".into());
    }

    let subject = Subject::of(&request, object, &policy, host)?;
    let templates = subject.templates(object)?;
    if templates.is_empty() {
        let response = match policy.unknown_kinds {
            UnknownKinds::Accept => response::accepted(),
            UnknownKinds::Reject => response::rejected(&subject.owner.kind, NO_TEMPLATE),
        };
        return Ok(response.into_bytes());
    }
    // What cannot be read excuses nothing.
    let old = request.old_object.filter(|old| request.is("UPDATE") && json::is_object(old));
    let old = old.and_then(|old| Some((old, subject.templates(old).ok()?)));
    if let Some((old, old_templates)) = &old
        && subject.is_of("Pod")
        && [&templates, old_templates].into_iter().all(|templates| is_being_deleted(templates))
        && spec(object) == spec(old)
    {
        return Ok(response::accepted().into_bytes());
    }

    let old = old.map_or_else(Vec::new, |(_, templates)| templates);
    let mut judged = subject.judge(&templates, &old, &[])?;
    let mut repaired = None;
    if subject.may_mutate(&request) {
        (judged, repaired) = subject.repair(object, judged, &old)?;
    }
    subject.warn_of_unfixable(&mut judged);
    Ok(response::verdict(&judged, repaired.as_deref()).into_bytes())
}

/// Whether a pod is on its way out. A client can write the field on a new pod (mutating webhooks see it), so it
/// counts only where it was set before, too.
fn is_being_deleted(pod: &[Located<'_>]) -> bool {
    pod.iter().any(|pod| pod.template.metadata.as_ref().is_some_and(|metadata| metadata.deletion_timestamp.is_some()))
}

/// The text of an object's spec.
fn spec(object: &RawValue) -> Option<&str> {
    json::members(object).ok()?.get("spec").map(|spec| spec.get())
}

/// The object under judgement: what stays the same for its old, new and repaired text.
struct Subject<'a> {
    group: String,
    owner: Owner,
    policy: &'a Policy,
    host: Option<Rc<dyn Host>>,
    /// Whether gaps that nobody minds are filled in.
    fills: bool,
}

impl<'a> Subject<'a> {
    fn of(
        request: &AdmissionRequest<'_>,
        object: &RawValue,
        policy: &'a Policy,
        host: Option<Rc<dyn Host>>,
    ) -> Result<Subject<'a>, Unjudged> {
        let given = request.kind.as_ref();
        let mut kind = given.and_then(|gvk| gvk.kind.as_deref()).unwrap_or_default();
        let mut group = given.and_then(|gvk| gvk.group.as_deref()).unwrap_or_default();
        let mut namespace = request.namespace.as_deref().unwrap_or_default();
        let mut name = request.name.as_deref().unwrap_or_default();
        let exemptions = policy.rules.iter().flat_map(|active| &active.exemptions);
        let is_asked = name.is_empty() && exemptions.into_iter().any(|exemption| !exemption.names.is_empty());
        let head: ObjectHead<'_>;
        if kind.is_empty() || namespace.is_empty() || is_asked {
            head = json::read_object(object.get())
                .map_err(|error| format!("cannot read the request's object: {error}"))?;
            let metadata = head.metadata.as_ref();
            if kind.is_empty() {
                let version = head.api_version.as_deref().unwrap_or_default();
                group = version.split_once('/').map_or("", |(group, _)| group);
                kind = head.kind.as_deref().unwrap_or_default();
            }
            namespace = first(namespace, metadata.and_then(|m| m.namespace.as_deref()));
            name = first(name, metadata.and_then(|m| m.name.as_deref()));
            name = first(name, metadata.and_then(|m| m.generate_name.as_deref()));
        }
        if kind.is_empty() {
            return Err("neither the request nor its object says a kind".into());
        }
        let owner = Owner { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
        Ok(Subject { group: group.to_owned(), owner, policy, host, fills: request.is("CREATE") })
    }

    fn templates<'o>(&self, object: &'o RawValue) -> Result<Vec<Located<'o>>, Unjudged> {
        workload::templates(&self.group, &self.owner.kind, object, &self.policy.pod_templates)
    }

    /// Whether it is of this kind of Kubernetes' own.
    fn is_of(&self, kind: &str) -> bool {
        self.owner.kind == kind && workload::workload(&self.group, kind).is_some()
    }

    /// Which containers `active` leaves alone; `None` if that is the whole pod.
    fn exempt(&self, active: &Active, view: &View<'_>) -> Option<Vec<bool>> {
        if view.is_windows() && !active.on_windows {
            return None;
        }
        exempt(&active.exemptions, &self.owner, view)
    }

    /// Collects the violations of a rule.
    ///
    /// # Errors
    /// A template that the rule cannot judge.
    fn reported(&self, active: &Active, view: &View<'_>) -> Result<Vec<Violation>, Unjudged> {
        let mut report = Report { host: self.host.clone(), ..Report::default() };
        active.rule.check(view, &mut report);
        report.unjudged.map_or(Ok(report.violations), Err)
    }

    /// Judges every template by every rule; sorted by path, then rule. Violations that `old` had too, at the same
    /// place of the object, are recognised. Containers that have a violation in `spared` which does not reject
    /// are treated like exempt ones of that rule.
    #[inline(never)]
    fn judge(
        &self,
        templates: &[Located<'_>],
        old: &[Located<'_>],
        spared: &[Judged],
    ) -> Result<Vec<Judged>, Unjudged> {
        let mut judged: Vec<Judged> = Vec::new();
        let key = |template: usize, place: usize| (template * self.policy.rules.len() + place) as u64;
        let mut hidden = Vec::new();
        for Judged { template, place, violation, .. } in spared.iter().filter(|judged| judged.is_excused()) {
            if let (Some(_), Reach::Containers(containers)) = (&violation.container, &violation.reach) {
                hidden.extend(containers.iter().map(|ordinal| (key(*template, *place), *ordinal)));
            }
        }
        let hidden = Hashed::sorted(hidden);
        let old_prefixes = Index::new(old.iter().map(|old| &*old.prefix).collect());
        for (at, Located { prefix, template }) in templates.iter().enumerate() {
            let whole = View::new(prefix, template, &[]);
            let old = old_prefixes.first(prefix).map(|at| View::new(prefix, &old[at].template, &[]));
            let mut update = None;
            // The paths that rules which do more than warn report; rules that only warn come last.
            let mut seen: Option<Hashed> = None;
            for (place, active) in self.policy.rules.iter().enumerate() {
                let Some(mut exempt) = self.exempt(active, &whole) else { continue };
                for ordinal in hidden.places(key(at, place)) {
                    exempt.resize(exempt.len().max(ordinal + 1), false);
                    exempt[ordinal] = true;
                }
                let view = whole.without(&exempt);
                let violations = self.reported(active, &view)?;
                if violations.is_empty() {
                    continue;
                }
                let old_exempt = old.and_then(|old| self.exempt(active, &old));
                let change = old.zip(old_exempt.as_deref()).map(|(old, exempt)| {
                    let update = update.get_or_insert_with(|| Update::new(&whole, &old, self.is_of("Pod")));
                    Change::new(update, view, old.without(exempt))
                });
                let before = change
                    .as_ref()
                    .map_or_else(Vec::new, |change| self.reported(active, &change.old).unwrap_or_default());
                let mut known = Known::new(&before);
                if active.warns_only && seen.is_none() {
                    seen = Some(Hashed::new(judged.iter().map(|judged| hash(&judged.violation.path))));
                }
                let fills = self.fills && active.action == Action::Mutate;
                for violation in violations {
                    let says_more = |seen: &Hashed| {
                        seen.places(hash(&violation.path)).any(|at| judged[at].violation.path == violation.path)
                    };
                    if violation.weight == Weight::Gap && !fills
                        || active.warns_only && seen.as_ref().is_some_and(says_more)
                    {
                        continue;
                    }
                    // Each old violation excuses one new one.
                    let before = known.take(&violation);
                    let existing =
                        before.zip(change.as_ref()).is_some_and(|(before, change)| change.keeps(&violation, before));
                    let excused = existing && active.existing == Existing::Warn;
                    judged.push(Judged {
                        place,
                        template: at,
                        rejects: active.action != Action::Warn && !excused && violation.weight != Weight::Advice,
                        existing,
                        fixable: violation.fix.as_ref().is_some_and(|fix| !fix.overwrites || active.overwrite),
                        violation: Violation { rule: active.id, ..violation },
                    });
                }
            }
        }
        Ok(merge::sort(judged, Judged::compare))
    }

    /// Whether the API server takes changes to the pod template in this request. A Pod's spec and a Job's
    /// template cannot be changed once they exist, and a subresource takes its own fields only.
    fn may_mutate(&self, request: &AdmissionRequest<'_>) -> bool {
        let mutates = self.policy.rules.iter().any(|active| active.action == Action::Mutate);
        let is_part = request.sub_resource.as_deref().is_some_and(|part| !part.is_empty());
        let is_fixed = request.is("UPDATE") && (self.is_of("Pod") || self.is_of("Job"));
        mutates && !is_part && !is_fixed
    }

    /// Applies the fixes of all rules that mutate, until nothing more can be repaired.
    ///
    /// Gives what is left, judged on the repaired object, and its text if it was changed.
    fn repair(
        &self,
        object: &RawValue,
        mut judged: Vec<Judged>,
        old: &[Located<'_>],
    ) -> Result<(Vec<Judged>, Option<String>), Unjudged> {
        let mut repaired: Option<String> = None;
        // A fix can make another possible (`privileged: false` first, then no escalation), never the
        // other way round, so a few rounds reach the end.
        for _ in 0..ROUNDS {
            let text = repaired.as_deref().unwrap_or(object.get());
            let edits = self.edits(text, &judged, old)?;
            if edits.is_empty() {
                break;
            }
            let next = edit::apply(text, &edits)?;
            judged = self.judge(&self.templates(json::raw(&next).map_err(|error| error.to_string())?)?, old, &[])?;
            repaired = Some(next);
        }
        Ok((judged, repaired))
    }

    /// The edits of every violation that a mutating rule may fix, each once.
    fn edits(&self, text: &str, judged: &[Judged], old: &[Located<'_>]) -> Result<Vec<Edit>, Unjudged> {
        let is_fixed = |j: &&Judged| j.rejects && j.fixable && self.policy.rules[j.place].action == Action::Mutate;
        let mut fixed: Vec<&Violation> = judged.iter().filter(is_fixed).map(|j| &j.violation).collect();
        let again;
        if !fixed.is_empty() && judged.iter().any(Judged::is_excused) {
            // What is excused stays as it is: a value filled in for the pod would reach it too, so the rules
            // are asked again, with those containers out of sight.
            let templates = self.templates(json::raw(text).map_err(|error| error.to_string())?)?;
            again = self.judge(&templates, old, judged)?;
            fixed = again.iter().filter(is_fixed).map(|j| &j.violation).collect();
        }
        Ok(distinct_edits(&fixed))
    }

    /// Turns what could not be repaired into warnings where the settings say so.
    fn warn_of_unfixable(&self, judged: &mut [Judged]) {
        let only_warns = |active: &Active| active.action == Action::Mutate && active.unfixable == Unfixable::Warn;
        for Judged { place, rejects, .. } in judged {
            *rejects &= !only_warns(&self.policy.rules[*place]);
        }
    }
}

/// The refusal of an unknown kind, after its name.
const NO_TEMPLATE: &str =
    " carries no pod template that this policy knows, and unknownKinds is reject; name the template in podTemplates";

/// Returns the given text, or else the object's own.
fn first<'t>(given: &'t str, own: Option<&'t str>) -> &'t str {
    if given.is_empty() { own.unwrap_or_default() } else { given }
}

impl Judged {
    /// Whether it is let pass, so that what it concerns stays as it is. Advice excuses nothing.
    fn is_excused(&self) -> bool {
        !self.rejects && self.violation.weight != Weight::Advice
    }

    /// By path, then rule.
    fn compare(&self, other: &Judged) -> Ordering {
        path::compare(&self.violation.path, &other.violation.path)
            .then_with(|| self.violation.rule.cmp(other.violation.rule))
    }
}

fn distinct_edits(violations: &[&Violation]) -> Vec<Edit> {
    let edits: Vec<&Edit> = violations.iter().filter_map(|v| v.fix.as_ref()).flat_map(|fix| &fix.edits).collect();
    let hashed = Hashed::new(edits.iter().map(|edit| edit.hash()));
    let mut distinct: Vec<Edit> = Vec::new();
    for (at, edit) in edits.iter().enumerate() {
        if hashed.places(edit.hash()).find(|at| edits[*at] == *edit) == Some(at) {
            distinct.push((*edit).clone());
        }
    }
    distinct
}

/// Most rounds of repairing one object.
const ROUNDS: usize = 4;
