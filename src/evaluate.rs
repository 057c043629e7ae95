//! From payload to response: the steps that every policy shares.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use crate::edit;
use crate::json;
use crate::known::Known;
use crate::merge;
use crate::path;
use crate::policy::{Active, Policy};
use crate::reference::Reference;
use crate::request::{AdmissionRequest, ObjectHead, Payload};
use crate::response::{Judged, Response};
use crate::settings::{Action, Exemption, Existing, SettingsError, Unfixable, UnknownKinds};
use crate::view::{ContainerKind, ContainerView, View};
use crate::violation::{Edit, Report, Violation, hash};
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
        return Ok(Response::accept().to_json().into_bytes());
    };
    let sub_resource = request.sub_resource.as_deref().unwrap_or_default();
    if request.is("DELETE") || !matches!(sub_resource, "" | "ephemeralcontainers") {
        return Ok(Response::accept().to_json().into_bytes());
    }
    if !json::is_object(object) {
        return Err("the request's object is not a JSON object".to_owned());
    }

    let subject = Subject::of(&request, object, &policy)?;
    let templates = subject.templates(object)?;
    if templates.is_empty() {
        let response = match policy.unknown_kinds {
            UnknownKinds::Accept => Response::accept(),
            UnknownKinds::Reject => Response::reject(format!(
                "{} carries no pod template that this policy knows, and unknownKinds is reject; name the template in podTemplates",
                subject.kind
            )),
        };
        return Ok(response.to_json().into_bytes());
    }
    let old = request.old_object.filter(|old| request.is("UPDATE") && json::is_object(old));
    let old_templates = old.and_then(|old| subject.templates(old).ok());
    if subject.kind == "Pod" && is_being_deleted(&request, &templates, old_templates.as_deref()) {
        return Ok(Response::accept().to_json().into_bytes());
    }

    let mut judged = subject.judge(&templates, old_templates.as_deref());
    let mut repaired = None;
    if subject.may_mutate(&request) {
        (judged, repaired) = subject.repair(object, judged, old_templates.as_deref())?;
    }
    subject.relent(&mut judged);
    let mutated = repaired.as_deref().map(json::raw).transpose().map_err(|error| error.to_string())?;
    Ok(Response::verdict(&judged, mutated).to_json().into_bytes())
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
    kind: String,
    namespace: String,
    policy: &'a Policy,
}

impl<'a> Subject<'a> {
    fn of(request: &AdmissionRequest<'_>, object: &RawValue, policy: &'a Policy) -> Result<Subject<'a>, String> {
        let given = request.kind.as_ref();
        let kind = given.and_then(|gvk| gvk.kind.as_deref()).unwrap_or_default();
        let group = given.and_then(|gvk| gvk.group.as_deref()).unwrap_or_default();
        let namespace = request.namespace.as_deref().unwrap_or_default();
        if !kind.is_empty() && !namespace.is_empty() {
            return Ok(Subject {
                group: group.to_owned(),
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                policy,
            });
        }
        let head: ObjectHead<'_> =
            json::read_object(object.get()).map_err(|error| format!("cannot read the request's object: {error}"))?;
        let (group, kind) = if kind.is_empty() {
            let version = head.api_version.as_deref().unwrap_or_default();
            (version.split_once('/').map_or("", |(group, _)| group), head.kind.as_deref().unwrap_or_default())
        } else {
            (group, kind)
        };
        if kind.is_empty() {
            return Err("neither the request nor its object says a kind".to_owned());
        }
        let own = head.metadata.as_ref().and_then(|m| m.namespace.as_deref()).unwrap_or_default();
        let namespace = if namespace.is_empty() { own } else { namespace };
        Ok(Subject { group: group.to_owned(), kind: kind.to_owned(), namespace: namespace.to_owned(), policy })
    }

    fn templates<'o>(&self, object: &'o RawValue) -> Result<Vec<Located<'o>>, String> {
        workload::templates(&self.group, &self.kind, object, &self.policy.pod_templates)
    }

    /// Every rule's violations in every template, sorted by path, then rule; with the place of the rule.
    /// The containers that `spared` names are treated like exempt ones.
    fn violations(&self, templates: &[Located<'_>], spared: &[Spared]) -> Vec<(usize, Violation)> {
        let mut found: Vec<Placed> = Vec::new();
        for Located { prefix, template } in templates {
            // Paths that a rule reports which does not only warn beside others; those rules come last.
            let mut loud: Option<Vec<(u64, usize)>> = None;
            for (place, active) in self.policy.rules.iter().enumerate() {
                let whole = View::new(prefix, template, &[]);
                if whole.is_windows() && !active.on_windows {
                    continue;
                }
                let Some(mut exempt) = exempt(&active.exemptions, &self.namespace, &whole) else { continue };
                let own: Vec<&Spared> = spared.iter().filter(|spared| spared.place == place).collect();
                if !own.is_empty() {
                    let own = merge::sort(own, |a, b| a.key().cmp(&b.key()));
                    exempt.resize(whole.all_containers().count(), false);
                    for (exempt, container) in exempt.iter_mut().zip(whole.all_containers()) {
                        let key = (container.kind.word(), container.name());
                        *exempt |= own.binary_search_by(|spared| spared.key().cmp(&key)).is_ok();
                    }
                }
                let mut report = Report::default();
                active.rule.check(&View::new(prefix, template, &exempt), &mut report);
                if active.beside && loud.is_none() {
                    let hashed = found.iter().enumerate().map(|(at, placed)| (hash(&placed.violation.path), at));
                    loud = Some(merge::sort(hashed.collect(), Ord::cmp));
                }
                for violation in report.violations {
                    let says_more = |loud: &Vec<(u64, usize)>| {
                        let hash = hash(&violation.path);
                        let first = loud.partition_point(|(known, _)| *known < hash);
                        let same = loud[first..].iter().take_while(|(known, _)| *known == hash);
                        same.map(|(_, at)| *at).any(|at| found[at].violation.path == violation.path)
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
        let fixed =
            matches!(self.kind.as_str(), "Pod" | "Job") && workload::workload(&self.group, &self.kind).is_some();
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

    /// What it is found by.
    fn key(&self) -> (&'static str, &str) {
        (self.kind.word(), &self.name)
    }
}

fn distinct_edits<'v>(violations: impl Iterator<Item = &'v Violation>) -> Vec<Edit> {
    let edits = violations.filter_map(|v| v.fix.as_ref()).flat_map(|fix| &fix.edits);
    let mut seen = BTreeSet::new();
    edits.filter(|edit| seen.insert(*edit)).cloned().collect()
}

/// Most rounds of repairing one object.
const ROUNDS: usize = 4;

/// Which containers of `view` the exemptions leave alone; `None` if that is the whole pod.
fn exempt(exemptions: &[Exemption], namespace: &str, view: &View<'_>) -> Option<Vec<bool>> {
    let mut exempt = Vec::new();
    let pod = |e: &&Exemption| {
        fits(&e.namespaces, &[namespace]) && fits(&e.service_accounts, &[view.spec().service_account()])
    };
    for exemption in exemptions.iter().filter(pod) {
        if !exemption.narrows_containers() {
            return None;
        }
        exempt.resize(view.all_containers().count(), false);
        for (place, container) in view.all_containers().enumerate() {
            exempt[place] |= covers(exemption, &container);
        }
    }
    if !exempt.is_empty() && exempt.iter().all(|exempt| *exempt) { None } else { Some(exempt) }
}

fn covers(exemption: &Exemption, container: &ContainerView<'_>) -> bool {
    let kind = |kind: ContainerKind| exemption.container_types.iter().any(|word| word == kind.word());
    let image = container.container.image.as_deref().unwrap_or_default();
    (exemption.container_types.is_empty() || kind(container.kind))
        && fits(&exemption.containers, &[container.name()])
        && (exemption.images.is_empty() || {
            // A digest decides what runs, so the name with a tag but without the digest is not tried.
            let reference = Reference::parse(image).ok();
            let (full, name) = reference.map_or_else(Default::default, |r| (r.to_string(), r.name()));
            fits(&exemption.images, &[image, &full, &name])
        })
}

/// Whether the key was not given, or one of its globs matches one of the texts.
fn fits(globs: &[crate::glob::Glob], texts: &[&str]) -> bool {
    globs.is_empty() || texts.iter().any(|text| crate::glob::any_matches(globs, text))
}
