//! Fields of the pod that variables and files are made of (`fieldRef`).

use std::collections::BTreeMap;

use super::error::TranslateError;
use super::given::Given;
use crate::pod::ADDRESS;

/// The address of the node, which is none here: RFC 5737 keeps it for documentation, and nothing answers at it.
const NODE_ADDRESS: &str = "192.0.2.1";
/// The pod's id.
const UID: &str = "00000000-0000-4000-8000-000000000000";

/// The purpose that a field is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    /// A variable.
    Variable,
    /// A file.
    File,
}

/// The value of a field of the pod; one of labels or annotations that is not set is empty.
pub(super) fn field(given: &Given<'_>, at: &str, path: &str, purpose: For) -> Result<String, TranslateError> {
    if let Some((list, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        let entries = match list {
            "metadata.labels" => Some(labels(given)),
            "metadata.annotations" => Some(annotations(given)),
            _ => None,
        };
        if let Some(entries) = entries {
            return Ok(entries.get(key).cloned().unwrap_or_default());
        }
    }
    let spec = &given.template.spec;
    let value = match (path, purpose) {
        ("metadata.name", _) => given.workload.pod_name(),
        ("metadata.namespace", _) => given.namespace_name().to_owned(),
        ("metadata.uid", _) => UID.to_owned(),
        ("metadata.labels", For::File) => lines(&labels(given)),
        ("metadata.annotations", For::File) => lines(&annotations(given)),
        ("spec.nodeName", For::Variable) if spec.node_name.is_empty() => "node".to_owned(),
        ("spec.nodeName", For::Variable) => spec.node_name.clone(),
        ("spec.serviceAccountName", For::Variable) => {
            let names = [&spec.service_account_name, &spec.service_account];
            names.into_iter().find(|name| !name.is_empty()).map_or_else(|| "default".to_owned(), String::clone)
        }
        ("status.hostIP" | "status.hostIPs", For::Variable) => {
            given.note(format!("There is no node: {path} is {NODE_ADDRESS}, where nothing answers."));
            NODE_ADDRESS.to_owned()
        }
        ("status.podIP" | "status.podIPs", For::Variable) => ADDRESS.to_owned(),
        _ => {
            let why = format!(
                "{path:?} is not a field that a {} can have",
                if purpose == For::File { "file" } else { "variable" }
            );
            return Err(given.value(&format!("{at}.fieldPath"), why));
        }
    };
    Ok(value)
}

/// The labels of the pod: the template's, and those that its controller adds.
fn labels(given: &Given<'_>) -> BTreeMap<String, String> {
    let workload = given.workload;
    let mut labels = given.template.metadata.labels.clone();
    let mut add = |key: &str, value: &str| drop(labels.insert(key.to_owned(), value.to_owned()));
    match workload.kind.as_str() {
        "StatefulSet" => {
            add("apps.kubernetes.io/pod-index", "0");
            add("statefulset.kubernetes.io/pod-name", &workload.pod_name());
        }
        "Job" | "CronJob" => {
            add("batch.kubernetes.io/job-name", &workload.name);
            add("job-name", &workload.name);
        }
        _ => {}
    }
    if workload.indexed {
        add(COMPLETION_INDEX, "0");
    }
    labels
}

/// The label and the annotation with the index of a Job's pod.
const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

fn annotations(given: &Given<'_>) -> BTreeMap<String, String> {
    let mut annotations = given.template.metadata.annotations.clone();
    if given.workload.indexed {
        annotations.insert(COMPLETION_INDEX.to_owned(), "0".to_owned());
    }
    annotations
}

/// Labels or annotations as a file has them: one a line, the value quoted, no line end behind the last one.
fn lines(entries: &BTreeMap<String, String>) -> String {
    entries.iter().map(|(key, value)| format!("{key}={}", quoted(value))).collect::<Vec<_>>().join("\n")
}

/// A value in quotes, escaped as Go does it.
fn quoted(value: &str) -> String {
    let mut out = String::from('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\u{7}' => out += "\\a",
            '\u{8}' => out += "\\b",
            '\u{b}' => out += "\\v",
            '\u{c}' => out += "\\f",
            c if c.is_ascii_control() => out += &format!("\\x{:02x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
