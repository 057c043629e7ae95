//! From a case to the requests that it stands for.

use anyhow::{Context, Result, bail};
use hardening::workload::WORKLOADS;
use serde_json::{Value, json};

use crate::case::{Case, List, Verdict};
use crate::expected::Expected;
use crate::fragments::{Fragments, merge};

/// The input of a policy.
#[derive(Debug, Clone)]
pub enum Input {
    /// An admission request, beside the case's settings.
    Request(Value),
    /// The text of the whole payload.
    Raw(String),
    /// The settings alone; the texts that the refusal contains.
    BadSettings(Vec<String>),
}

/// One request of a case.
#[derive(Debug, Clone)]
pub struct Expanded {
    /// The name that distinguishes it from the case's others, such as `CronJob`; empty if it is the only one.
    pub variant: String,
    /// The input.
    pub input: Input,
    /// The expected answer.
    pub expected: Expected,
    /// Kind of the workload, if the harness made it.
    pub kind: Option<&'static str>,
    /// List of the container, if the harness placed it.
    pub list: Option<List>,
}

/// A kind that carries a template.
struct Carrier {
    variant: String,
    api_version: String,
    kind: &'static str,
    template: &'static [&'static str],
}

/// A kind that is not part of Kubernetes, recognised by its structure.
const ROLLOUT: &str = "Rollout";

/// The kinds that a template is judged in.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    WORKLOADS.iter().map(|workload| workload.kind).chain([ROLLOUT])
}

fn carriers() -> Vec<Carrier> {
    let mut carriers = Vec::new();
    for workload in WORKLOADS {
        for (place, group) in workload.groups.iter().enumerate() {
            let variant = if place == 0 { workload.kind.to_owned() } else { format!("{} of {group}", workload.kind) };
            let api_version = match *group {
                "" => "v1".to_owned(),
                "extensions" => "extensions/v1beta1".to_owned(),
                group => format!("{group}/v1"),
            };
            carriers.push(Carrier { variant, api_version, kind: workload.kind, template: workload.template });
        }
    }
    let api_version = "argoproj.io/v1alpha1".to_owned();
    carriers.push(Carrier { variant: ROLLOUT.to_owned(), api_version, kind: ROLLOUT, template: &["spec", "template"] });
    carriers
}

/// The requests of `case` for the policy `id`.
///
/// # Errors
/// A list or kind that does not exist, an input of the wrong type.
pub fn expand(case: &Case, id: &str, fragments: &Fragments) -> Result<Vec<Expanded>> {
    let verdict = case.verdict.unwrap_or(Verdict::Error);
    let single = |input| {
        let expected = Expected::of(case, id, verdict, str::to_owned);
        vec![Expanded { variant: String::new(), input, expected, kind: None, list: None }]
    };
    if let Some(texts) = &case.bad_settings {
        return Ok(single(Input::BadSettings(texts.0.clone())));
    }
    if let Some(text) = &case.raw {
        return Ok(single(Input::Raw(text.clone())));
    }
    if let Some(object) = &case.object {
        return Ok(single(Input::Request(request(object, None))));
    }
    if let Some(given) = &case.request {
        let mut request = request(&given["object"], Some(&given["oldObject"]));
        for (key, value) in given.as_object().context("request must be an object")? {
            request[key] = value.clone();
        }
        return Ok(single(Input::Request(request)));
    }
    match (&case.container, &case.template) {
        (Some(container), _) => Ok(in_lists(case, container, id, verdict, fragments)),
        (_, Some(template)) => in_kinds(case, template, id, verdict),
        _ => bail!("the case has no input"),
    }
}

fn in_lists(case: &Case, container: &Value, id: &str, verdict: Verdict, fragments: &Fragments) -> Vec<Expanded> {
    let lists = case.lists.as_deref().unwrap_or(&List::ALL);
    let beside = case.beside.clone().unwrap_or_else(|| fragments.good_container("beside"));
    let in_list = |list: &List| {
        let pod = |container: &Value| {
            let mut container = container.clone();
            if container.get("name").is_none() {
                merge(&mut container, &json!({ "name": "app" }));
            }
            let spec = match list {
                List::Containers => json!({ "containers": [container] }),
                list => json!({ "containers": [beside], list.field(): [container] }),
            };
            carry(&carriers()[0], &json!({ "spec": spec }))
        };
        let whole = |path: &str| match path {
            _ if path.starts_with("spec.") || path.starts_with("metadata.") => path.to_owned(),
            _ => format!("spec.{}[0].{path}", list.field()),
        };
        Expanded {
            variant: list.field().to_owned(),
            input: Input::Request(request(&pod(container), case.old.as_ref().map(pod).as_ref())),
            expected: Expected::of(case, id, verdict, whole),
            kind: Some("Pod"),
            list: Some(*list),
        }
    };
    lists.iter().map(in_list).collect()
}

fn in_kinds(case: &Case, template: &Value, id: &str, verdict: Verdict) -> Result<Vec<Expanded>> {
    if let Some(stray) = case.kinds.iter().flatten().find(|kind| !kinds().any(|known| known == *kind)) {
        bail!("there is no kind {stray}");
    }
    let wanted = |carrier: &Carrier| case.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == carrier.kind));
    let in_kind = |carrier: Carrier| {
        let prefix: String = carrier.template.iter().map(|key| format!("{key}.")).collect();
        let old = case.old.as_ref().map(|old| carry(&carrier, old));
        Expanded {
            input: Input::Request(request(&carry(&carrier, template), old.as_ref())),
            expected: Expected::of(case, id, verdict, |path| format!("{prefix}{path}")),
            kind: Some(carrier.kind),
            list: None,
            variant: carrier.variant,
        }
    };
    Ok(carriers().into_iter().filter(wanted).map(in_kind).collect())
}

/// A request that any policy can read, for where only the settings matter.
pub fn plain_request() -> Value {
    request(&carry(&carriers()[0], &json!({ "spec": { "containers": [{ "name": "app" }] } })), None)
}

/// The object of `carrier` with `template`.
fn carry(carrier: &Carrier, template: &Value) -> Value {
    let mut object = carrier.template.iter().rev().fold(template.clone(), |below, key| json!({ *key: below }));
    let metadata = json!({ "name": "e2e", "namespace": "default" });
    let head = json!({ "apiVersion": carrier.api_version, "kind": carrier.kind, "metadata": metadata });
    merge(&mut object, &head);
    object
}

/// The admission request that the API server sends for `object`: UPDATE if there is an old one.
pub fn request(object: &Value, old: Option<&Value>) -> Value {
    let old = old.filter(|old| !old.is_null());
    let shown = if object.is_null() { old.unwrap_or(object) } else { object };
    let text = |pointer: &str| shown.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("/apiVersion"), text("/kind"));
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let of_kind = json!({ "group": group, "version": version, "kind": kind });
    let of_resource = json!({ "group": group, "version": version, "resource": kind.to_lowercase() + "s" });
    json!({
        "uid": "00000000-0000-0000-0000-000000000000",
        "kind": of_kind, "requestKind": of_kind,
        "resource": of_resource, "requestResource": of_resource,
        "name": text("/metadata/name"),
        "namespace": text("/metadata/namespace"),
        "operation": if old.is_some() { "UPDATE" } else { "CREATE" },
        "userInfo": { "username": "e2e", "groups": ["system:authenticated"] },
        "object": object, "oldObject": old, "dryRun": false,
    })
}
