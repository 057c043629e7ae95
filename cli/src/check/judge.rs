//! Judges the objects of one text.

use std::sync::Arc;

use hardening::policy::{Bundle, Load};
use hardening::workload::{self, Pointer};
use memchr::memmem;
use serde_json::value::RawValue;

use super::scan::Part;
use super::{FileReport, Workload};
use crate::finding::{Finding, Level, Object, Place, Problem, Violation};
use crate::sandbox::request::{Kind, admission_request};
use crate::sandbox::{Policy, ValidationResponse};
use crate::shorten::shorten;
use crate::suggest;
use crate::yaml::{self, Node, Parsed, Segment};

/// A policy with its settings.
#[derive(Clone)]
pub struct Judge {
    policy: Arc<Policy>,
    settings: String,
    pointers: Vec<Pointer>,
    /// The policy is to see every object, not only those with a pod template.
    every_object: bool,
    /// The rules that the settings choose; not known of a policy that is not built in.
    rules: Option<Arc<[&'static str]>>,
}

impl Judge {
    /// Checks `settings` (JSON) with the policy.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn new(policy: Policy, settings: String) -> Result<Judge, String> {
        Judge::with(Arc::new(policy), settings)
    }

    /// As [`new`](Self::new), for a policy that others share.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub(crate) fn with(policy: Arc<Policy>, settings: String) -> Result<Judge, String> {
        let verdict = policy.validate_settings(&settings).map_err(|e| e.to_string())?;
        if !verdict.valid {
            let message = suggest::for_settings(&verdict.message.unwrap_or_default());
            return Err(format!("Provided settings are not valid: {message}"));
        }
        let parsed: serde_json::Value = serde_json::from_str(&settings).map_err(|e| e.to_string())?;
        let pointers = parsed["podTemplates"].as_array().map(Vec::as_slice).unwrap_or_default();
        let pointers = pointers.iter().filter_map(|p| Pointer::new(p.as_str()?).ok()).collect();
        let is_built_in = policy.name() == crate::embedded::BUNDLE;
        let every_object = parsed["unknownKinds"] == "reject" || !is_built_in;
        let rules = if is_built_in { Some(rules(&settings)?) } else { None };
        Ok(Judge { policy, settings, pointers, every_object, rules })
    }

    /// The same policy with other settings.
    ///
    /// # Errors
    /// Settings that the policy does not take.
    pub fn with_settings(&self, settings: String) -> Result<Judge, String> {
        Judge::with(Arc::clone(&self.policy), settings)
    }

    /// The settings, as JSON.
    pub fn settings(&self) -> &str {
        &self.settings
    }

    /// Name of the policy.
    pub(crate) fn name(&self) -> &str {
        self.policy.name()
    }

    /// Whether the policy is the built-in bundle.
    pub fn is_built_in(&self) -> bool {
        self.policy.name() == crate::embedded::BUNDLE
    }

    /// What the policy answers to the creation of `object`; `None` if it has nothing to judge in it.
    ///
    /// # Errors
    /// A policy that gives no verdict; the message says why.
    pub fn ask(&self, root: &Node<'_>, object: &Object) -> Result<Option<ValidationResponse>, String> {
        if !self.wants(root, object) {
            return Ok(None);
        }
        self.ask_about(&root.to_json(), object).map(Some)
    }

    /// What the policy answers to the creation of `object`, which is `json`.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn ask_about(&self, json: &str, object: &Object) -> Result<ValidationResponse, String> {
        let kind = Kind::of(&object.api_version, &object.kind);
        let namespace = Some(object.namespace.as_str()).filter(|n| !n.is_empty() && kind.namespaced);
        let name = Some(object.name.as_str()).filter(|n| !n.is_empty());
        self.ask_request(&admission_request(json, &kind, name, namespace))
    }

    /// What the policy answers to an admission request, which is JSON.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(crate) fn ask_request(&self, request: &str) -> Result<ValidationResponse, String> {
        self.policy.validate(&self.settings, request).map_err(|e| e.to_string())
    }

    /// The findings of an answer about the object at `node`.
    pub(crate) fn findings(&self, node: &Node<'_>, object: &Object, response: ValidationResponse) -> Vec<Finding> {
        let finding = |violation: Violation| Finding {
            level: if violation.rejects { Level::Error } else { Level::Warning },
            place: Place::find(node, &violation.path),
            object: object.clone(),
            violation,
            muted: None,
        };
        read_violations(self, response).into_iter().map(finding).collect()
    }

    /// Whether the policy has something to judge in an object.
    pub(super) fn wants(&self, root: &Node<'_>, object: &Object) -> bool {
        self.every_object || carries_template(root, object) || self.points_to_template(root, object)
    }

    /// Whether the settings' pointers lead to a template.
    fn points_to_template(&self, root: &Node<'_>, object: &Object) -> bool {
        !self.pointers.is_empty() && {
            let json = root.to_json();
            let raw: Result<&RawValue, _> = serde_json::from_str(&json);
            raw.is_ok_and(|raw| workload::carries_template(group(object), &object.kind, raw, &self.pointers))
        }
    }

    /// The rules that the settings choose; not known of a policy that is not built in.
    pub(super) fn rules(&self) -> Option<Arc<[&'static str]>> {
        self.rules.clone()
    }

    /// Whether objects without a pod template are judged, too.
    pub(super) fn wants_every_object(&self) -> bool {
        self.every_object
    }

    /// Whether an object may be wanted of which only the outline is known, and its `text`.
    pub(super) fn may_want(&self, outline: &Node<'_>, object: &Object, text: &str) -> bool {
        // In what has an outline a key can only be written as it is, and every template has this one.
        let pointed = !self.pointers.is_empty() && memmem::find(text.as_bytes(), b"containers").is_some();
        self.every_object || carries_template(outline, object) || pointed
    }
}

fn group(object: &Object) -> &str {
    object.api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Whether the object is of a kind with a pod template, or looks as if it had one.
fn carries_template(root: &Node<'_>, object: &Object) -> bool {
    let has_template = |keys: &[&str]| {
        keys.iter().try_fold(root, |node, key| node.get(key)).is_some_and(|list| list.as_sequence().is_some())
    };
    workload::workload(group(object), &object.kind).is_some()
        || has_template(&["spec", "template", "spec", "containers"])
        || has_template(&["spec", "jobTemplate", "spec", "template", "spec", "containers"])
}

/// The ids of the rules that these settings of the bundle choose, sorted.
fn rules(settings: &str) -> Result<Arc<[&'static str]>, String> {
    let raw: &RawValue = serde_json::from_str(settings).map_err(|e| e.to_string())?;
    let policy = Bundle::load(Some(raw)).map_err(|e| e.to_string())?;
    let mut ids: Vec<&'static str> = policy.rules.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids.into())
}

/// Judges every object of `text`; `path` is for the report.
pub fn judge_text(judge: &Judge, path: String, text: String) -> FileReport {
    let part = Part::of_chunks(judge, yaml::chunks(&text));
    FileReport { path, text, rules: judge.rules(), ..part.finish() }
}

/// Adds what comes of every object of these documents to `part`.
pub(super) fn judge_documents(judge: &Judge, parsed: &Parsed<'_>, part: &mut Part) {
    for item in in_documents(parsed) {
        let (document, path, node, object) = match item {
            Item::Empty => {
                part.counts.empty += 1;
                continue;
            }
            Item::NotKubernetes => {
                part.counts.not_kubernetes += 1;
                continue;
            }
            Item::Object { document, path, node, object } => (document, path, node, object),
        };
        if !judge.wants(node, &object) {
            part.counts.without_template += 1;
            continue;
        }
        match judge.ask_about(&node.to_json(), &object) {
            Ok(response) => {
                let found = judge.findings(node, &object, response);
                part.counts.judged += 1;
                part.counts.with_findings += usize::from(!found.is_empty());
                part.findings.extend(found);
            }
            Err(message) => {
                let place = Some(Place::find(node, ""));
                part.problems.push(Problem { place, message: format!("{object}: {message}") });
            }
        }
        part.workloads.push(workload(parsed, document, path, node, object));
    }
}

/// An object that is judged, and where it stands.
fn workload(parsed: &Parsed<'_>, document: usize, path: Vec<Segment>, node: &Node<'_>, object: Object) -> Workload {
    let chunk = parsed.documents[document].chunk.clone();
    let first = parsed.documents.partition_point(|other| other.chunk.start < chunk.start);
    let (place, extent) = (Place::find(node, ""), node.span.range());
    Workload { object, place, extent, chunk, document: document - first, path }
}

/// What a document, or an item of a `List`, turns out to be.
pub(crate) enum Item<'n, 'a> {
    /// A document without content.
    Empty,
    /// A document that is no Kubernetes object.
    NotKubernetes,
    /// An object and where it stands.
    Object {
        /// Index of the document.
        document: usize,
        /// From the document to the object: nothing, or `items[i]`.
        path: Vec<Segment>,
        /// Its content.
        node: &'n Node<'a>,
        /// What names it.
        object: Object,
    },
}

/// Everything that a text holds, in its order.
pub(crate) fn items<'n, 'a>(parsed: &'n Parsed<'a>) -> Vec<Item<'n, 'a>> {
    if parsed.documents.is_empty() && parsed.errors.is_empty() { vec![Item::Empty] } else { in_documents(parsed) }
}

/// Everything that the documents hold.
fn in_documents<'n, 'a>(parsed: &'n Parsed<'a>) -> Vec<Item<'n, 'a>> {
    let mut found = Vec::new();
    for (document, content) in parsed.documents.iter().enumerate() {
        collect(document, &content.root, Vec::new(), &mut found);
    }
    found
}

/// Adds what a document, or an item of a list in it, holds.
pub(super) fn collect<'n, 'a>(document: usize, node: &'n Node<'a>, path: Vec<Segment>, found: &mut Vec<Item<'n, 'a>>) {
    if node.is_null() {
        found.push(Item::Empty);
        return;
    }
    let object = Object::of(node);
    if object.kind.is_empty() || object.api_version.is_empty() {
        found.push(Item::NotKubernetes);
        return;
    }
    match node.get("items").and_then(Node::as_sequence).filter(|_| object.kind.ends_with("List")) {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                let below = path.iter().cloned().chain([Segment::Key("items".to_owned()), Segment::Index(index)]);
                collect(document, item, below.collect(), found);
            }
        }
        None => found.push(Item::Object { document, path, node, object }),
    }
}

/// The violations that a response lists; a policy without such a list gives one for the object.
fn read_violations(judge: &Judge, response: ValidationResponse) -> Vec<Violation> {
    if let Some(list) = response.audit_annotations.get("violations")
        && let Ok(mut violations) = serde_json::from_str::<Vec<Violation>>(list)
    {
        for violation in &mut violations {
            violation.message = shorten(std::mem::take(&mut violation.message));
        }
        return violations;
    }
    let whole = |message: String, rejects: bool| Violation {
        rule: judge.policy.name().to_owned(),
        path: String::new(),
        container: None,
        container_type: None,
        found: None,
        message: shorten(message),
        fixable: false,
        rejects,
        fix: Vec::new(),
    };
    let mut violations = Vec::new();
    if !response.accepted {
        violations.push(whole(response.message.unwrap_or_else(|| "refused without a reason".to_owned()), true));
    }
    violations.extend(response.warnings.into_iter().map(|warning| whole(warning, false)));
    violations
}
