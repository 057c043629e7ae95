//! From payload to response: the steps that every policy shares.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::edit;
use crate::exempt::{Owner, exempt};
use crate::index::{Hashed, chained, hash};
use crate::json;
use crate::known::Known;
use crate::merge;
use crate::path;
use crate::policy::{Active, Policy};
use crate::request::{AdmissionRequest, ObjectHead, Payload};
use crate::response::{self, Judged};
use crate::settings::{Action, Existing, SettingsError, Unfixable, UnknownKinds};
use crate::view::{ContainerKind, View};
use crate::violation::{Edit, Report, Violation};
use crate::workload::{self, Located};

/// Judges the payload of `validate` with the policy that `load` makes of its settings.
///
/// # Errors
/// Settings that are not valid, and requests or objects that cannot be read. The text never quotes
/// the payload.
pub fn validate(
    payload: &[u8],
    load: impl Fn(Option<&RawValue>) -> Result<Policy, SettingsError>,
) -> Result<Vec<u8>, String> {
    let text =
        str::from_utf8(payload).map_err(|e| format!("the request is not UTF-8 text (byte {})", e.valid_up_to()))?;
    let payload: Payload<'_> = json::read_object(text).map_err(|error| format!("cannot read the request: {error}"))?;
    let policy = load(payload.settings).map_err(|e| format!("Provided settings are not valid: {e}"))?;
    let request = payload.request.ok_or("the payload has no request")?;

    let Some(object) = request.object else {
        if request.operation.is_none() {
            return Err("the request has neither an operation nor an object".to_owned());
        }
        return Ok(response::accepted().into_bytes());
    };
    let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
    if request.is("DELETE") || !matches!(sub_resource, "" | "ephemeralcontainers") {
        return Ok(response::accepted().into_bytes());
    }
    if !json::is_object(object) {
        return Err("the request's object is not a JSON object".to_owned());
    }

    let subject = Subject::of(&request, object, &policy)?;
    let templates = subject.templates(object)?;
    if templates.is_empty() {
        let response = match policy.unknown_kinds {
            UnknownKinds::Accept => response::accepted(),
            UnknownKinds::Reject => response::rejected(&format!(
                "{} carries no pod template that this policy knows, and unknownKinds is reject; name the template in podTemplates",
                subject.owner.kind
            )),
        };
        return Ok(response.into_bytes());
    }
    let old = request.old_object.filter(|old| request.is("UPDATE") && json::is_object(old));
    let old_templates = old.and_then(|old| subject.templates(old).ok());
    if subject.owner.kind == "Pod" && is_being_deleted(&request, &templates, old_templates.as_deref()) {
        return Ok(response::accepted().into_bytes());
    }

    let mut judged = subject.judge(&templates, old_templates.as_deref());
    let mut repaired = None;
    if subject.may_mutate(&request) {
        (judged, repaired) = subject.repair(object, judged, old_templates.as_deref())?;
    }
    subject.relent(&mut judged);
    Ok(response::verdict(&judged, repaired.as_deref()).into_bytes())
}

/// Whether a pod is on its way out: `deletionTimestamp` set, on an UPDATE, before and after. A client can
/// write the field on a new pod (mutating webhooks see it), so it counts only where the server has set it.
fn is_being_deleted(request: &AdmissionRequest<'_>, new: &[Located<'_>], old: Option<&[Located<'_>]>) -> bool {
    let set = |templates: &[Located<'_>]| {
        templates.iter().any(|t| t.template.metadata.as_ref().is_some_and(|m| m.deletion_timestamp.is_some()))
    };
    request.is("UPDATE") && set(new) && old.is_none_or(set)
}

/// The object under judgement: what stays the same for its old, new and repaired text.
struct Subject<'a> {
    group: String,
    owner: Owner,
    policy: &'a Policy,
}

impl<'a> Subject<'a> {
    fn of(request: &AdmissionRequest<'_>, object: &RawValue, policy: &'a Policy) -> Result<Subject<'a>, String> {
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
            return Err("neither the request nor its object says a kind".to_owned());
        }
        let owner = Owner { kind: kind.to_owned(), namespace: namespace.to_owned(), name: name.to_owned() };
        Ok(Subject { group: group.to_owned(), owner, policy })
    }

    fn templates<'o>(&self, object: &'o RawValue) -> Result<Vec<Located<'o>>, String> {
        workload::templates(&self.group, &self.owner.kind, object, &self.policy.pod_templates)
    }

    /// Every rule's violations in every template, sorted by path, then rule; with the place of the rule.
    /// The containers that `spared` names are treated like exempt ones.
    fn violations(&self, templates: &[Located<'_>], spared: &[Spared]) -> Vec<(usize, Violation)> {
        let mut found: Vec<Placed> = Vec::new();
        let spared_by = Hashed::new(spared.iter().map(|spared| spared.key().hash()));
        for Located { prefix, template } in templates {
            // Paths that a rule reports which does not only warn beside others; those rules come last.
            let mut loud: Option<Hashed> = None;
            for (place, active) in self.policy.rules.iter().enumerate() {
                let whole = View::new(prefix, template, &[]);
                if whole.is_windows() && !active.on_windows {
                    continue;
                }
                let Some(mut exempt) = exempt(&active.exemptions, &self.owner, &whole) else { continue };
                if !spared.is_empty() {
                    exempt.resize(whole.all_containers().count(), false);
                    for (exempt, container) in exempt.iter_mut().zip(whole.all_containers()) {
                        let key = SparedKey { place, kind: container.kind, name: container.name() };
                        *exempt |= spared_by.places(key.hash()).any(|at| spared[at].key() == key);
                    }
                }
                let mut report = Report::default();
                active.rule.check(&View::new(prefix, template, &exempt), &mut report);
                if active.beside && loud.is_none() {
                    loud = Some(Hashed::new(found.iter().map(|placed| hash(&placed.violation.path))));
                }
                for violation in report.violations {
                    let says_more = |loud: &Hashed| {
                        loud.places(hash(&violation.path)).any(|at| found[at].violation.path == violation.path)
                    };
                    if active.beside && loud.as_ref().is_some_and(says_more) {
                        continue;
                    }
                    found.push(Placed { place, violation: Violation { rule: active.id, ..violation } });
                }
            }
        }
        merge::sort(found, Placed::compare).into_iter().map(|placed| (placed.place, placed.violation)).collect()
    }

    /// Judges the templates; violations that `old` had too are recognised.
    fn judge(&self, templates: &[Located<'_>], old: Option<&[Located<'_>]>) -> Vec<Judged> {
        let violations = self.violations(templates, &[]);
        let before = match old {
            Some(old) if !violations.is_empty() => self.violations(old, &[]),
            _ => Vec::new(),
        };
        let mut before = Known::new(&before);
        let judge = |(place, violation): (usize, Violation)| {
            let active: &Active = &self.policy.rules[place];
            // Each old violation excuses one new one.
            let existing = before.take(&violation);
            let excused = existing && active.existing == Existing::Warn;
            let fixable = violation.fix.as_ref().is_some_and(|fix| !fix.overwrites || active.overwrite);
            Judged { place, rejects: active.action != Action::Warn && !excused, violation, existing, fixable }
        };
        violations.into_iter().map(judge).collect()
    }

    /// Whether the API server takes changes to the pod template in this request. A Pod's spec and a Job's
    /// template cannot be changed once they exist.
    fn may_mutate(&self, request: &AdmissionRequest<'_>) -> bool {
        let mutates = self.policy.rules.iter().any(|active| active.action == Action::Mutate);
        let fixed = matches!(self.owner.kind.as_str(), "Pod" | "Job")
            && workload::workload(&self.group, &self.owner.kind).is_some();
        mutates && !(request.is("UPDATE") && fixed)
    }

    /// Applies the fixes of all rules that mutate, until nothing more can be repaired.
    ///
    /// Gives what is left, judged on the repaired object, and its text if it was changed.
    fn repair(
        &self,
        object: &RawValue,
        mut judged: Vec<Judged>,
        old: Option<&[Located<'_>]>,
    ) -> Result<(Vec<Judged>, Option<String>), String> {
        let mut repaired: Option<String> = None;
        // A fix can make another possible (`privileged: false` first, then no escalation), never the
        // other way round, so a few rounds reach the end.
        for _ in 0..ROUNDS {
            let text = repaired.as_deref().unwrap_or(object.get());
            let edits = self.edits(text, &judged)?;
            if edits.is_empty() {
                break;
            }
            let next = edit::apply(text, &edits)?;
            judged = self.judge(&self.templates(json::raw(&next).map_err(|error| error.to_string())?)?, old);
            repaired = Some(next);
        }
        Ok((judged, repaired))
    }

    /// The edits of every violation that a mutating rule may fix, each once.
    fn edits(&self, text: &str, judged: &[Judged]) -> Result<Vec<Edit>, String> {
        let fixable = |j: &&Judged| j.rejects && j.fixable && self.policy.rules[j.place].action == Action::Mutate;
        if !judged.iter().any(|j| fixable(&j)) {
            return Ok(Vec::new());
        }
        let spared: Vec<Spared> = judged.iter().filter(|j| !j.rejects).filter_map(Spared::of).collect();
        if spared.is_empty() {
            return Ok(distinct_edits(judged.iter().filter(fixable).map(|j| &j.violation)));
        }
        // What is excused stays as it is: a value filled in for the pod would reach it too, so the rules
        // are asked again, with those containers out of sight.
        let templates = self.templates(json::raw(text).map_err(|error| error.to_string())?)?;
        let fixable: Vec<&Violation> = judged.iter().filter(fixable).map(|j| &j.violation).collect();
        let known = Known::of(fixable.into_iter());
        let violations: Vec<Violation> = self.violations(&templates, &spared).into_iter().map(|(_, v)| v).collect();
        Ok(distinct_edits(violations.iter().filter(|v| v.fix.is_some() && known.has(v))))
    }

    /// Turns what could not be repaired into warnings where the settings say so.
    fn relent(&self, judged: &mut [Judged]) {
        let relents = |active: &Active| active.action == Action::Mutate && active.unfixable == Unfixable::Warn;
        for Judged { place, rejects, .. } in judged {
            *rejects &= !relents(&self.policy.rules[*place]);
        }
    }
}

/// What is given, else the object's own.
fn first<'t>(given: &'t str, own: Option<&'t str>) -> &'t str {
    if given.is_empty() { own.unwrap_or_default() } else { given }
}

/// A violation with the place of its rule.
struct Placed {
    place: usize,
    violation: Violation,
}

impl Placed {
    /// By path, then rule.
    fn compare(&self, other: &Placed) -> Ordering {
        path::compare(&self.violation.path, &other.violation.path)
            .then_with(|| self.violation.rule.cmp(other.violation.rule))
    }
}

/// A container that a rule's repair must not touch, because its violation is excused.
struct Spared {
    place: usize,
    kind: ContainerKind,
    name: String,
}

impl Spared {
    fn of(judged: &Judged) -> Option<Spared> {
        let (kind, name) = judged.violation.container.clone()?;
        Some(Spared { place: judged.place, kind, name })
    }

    fn key(&self) -> SparedKey<'_> {
        SparedKey { place: self.place, kind: self.kind, name: &self.name }
    }
}

/// What a spared container is found by.
#[derive(PartialEq)]
struct SparedKey<'a> {
    place: usize,
    kind: ContainerKind,
    name: &'a str,
}

impl SparedKey<'_> {
    fn hash(&self) -> u64 {
        chained(hash(self.name), self.kind.word()) ^ self.place as u64
    }
}

fn distinct_edits<'v>(violations: impl Iterator<Item = &'v Violation>) -> Vec<Edit> {
    let edits = violations.filter_map(|v| v.fix.as_ref()).flat_map(|fix| &fix.edits);
    let mut seen = BTreeSet::new();
    edits.filter(|edit| seen.insert(*edit)).cloned().collect()
}

/// Most rounds of repairing one object.
const ROUNDS: usize = 4;
