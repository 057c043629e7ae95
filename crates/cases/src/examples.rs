//! The example of each rule's documentation, as manifests and as cases: `cargo xtask generate` writes them to the
//! READMEs and to `e2e.bats`, `tests/bats.rs` runs them in the sandbox.

use anyhow::{Context, Error, Result, bail};
use hardening::catalogue::RuleDoc;
use kube_yaml::yaml;
use serde_json::{Value, json};

use crate::expand::request;

/// One request to a policy and what must come back.
#[derive(Debug, Clone, PartialEq)]
pub struct ExampleCase {
    /// A name that says what it shows.
    pub name: &'static str,
    /// The policy's settings.
    pub settings: Value,
    /// The input.
    pub input: Input,
    /// The answer.
    pub answer: Answer,
}

/// The input of an [`ExampleCase`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// To create the accepted Pod.
    Accepted,
    /// To create the rejected Pod.
    Rejected,
    /// To create a Deployment of the rejected Pod.
    Deployment,
    /// To delete the rejected Pod.
    Deletion,
}

/// The answer of a policy to an [`ExampleCase`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Accepted without a word.
    Silent,
    /// Accepted with these warnings.
    Warns(Vec<String>),
    /// Accepted with a repaired object.
    Repaired,
    /// Refused with this message.
    Refused(String),
    /// The settings are refused with this message.
    BadSettings(String),
}

/// The example's two manifests, each a Pod.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifests {
    /// Refused.
    pub rejected: Value,
    /// Accepted.
    pub accepted: Value,
}

impl Manifests {
    /// Makes the manifests of a rule or the bundle.
    ///
    /// # Errors
    /// A fragment that is not YAML of an object.
    pub fn of(doc: &RuleDoc) -> Result<Manifests> {
        let read = |text: &str| pod(text).with_context(|| format!("{}: the example `{text}`", doc.id));
        Ok(Manifests { rejected: read(doc.example.rejected)?, accepted: read(doc.example.accepted)? })
    }

    /// The admission request that the API server sends.
    pub fn request(&self, input: Input) -> Value {
        match input {
            Input::Accepted => request(&self.accepted, None),
            Input::Rejected => request(&self.rejected, None),
            Input::Deployment => request(&self.deployment(), None),
            Input::Deletion => {
                let mut request = request(&Value::Null, Some(&self.rejected));
                request["operation"] = "DELETE".into();
                request
            }
        }
    }

    /// A Deployment of the rejected Pod.
    pub fn deployment(&self) -> Value {
        let labels = json!({ "app": "web" });
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": self.rejected["metadata"],
            "spec": {
                "selector": { "matchLabels": labels },
                "template": { "metadata": { "labels": labels }, "spec": self.rejected["spec"] },
            },
        })
    }

    /// Returns the rejected Pod as `action: mutate` fixes it, unless the policy refuses it even then.
    pub fn repaired(&self, doc: &RuleDoc) -> Option<Value> {
        let settings = merged(doc, json!({ "action": "mutate" })).ok()?;
        let said = answer(doc, &settings, &self.request(Input::Rejected)).ok()?;
        said.get("mutated_object").filter(|mutated| mutated.is_object()).cloned()
    }
}

/// The Pod that a fragment of a pod spec stands for.
fn pod(fragment: &str) -> Result<Value> {
    let parsed = yaml::parse(fragment);
    let [document] = parsed.documents.as_slice() else { bail!("it is not one YAML document") };
    let mut spec: Value = serde_json::from_str(&document.root.to_json())?;
    for container in spec["containers"].as_array_mut().context("it has no containers")? {
        let container = container.as_object_mut().context("it has a container that is not an object")?;
        container.entry("name").or_insert_with(|| "web".into());
        container.entry("image").or_insert_with(|| "registry.example.com/web:1.4.2".into());
    }
    let metadata = json!({ "name": "web", "namespace": "shop" });
    Ok(json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec }))
}

/// Asks the policy of `doc`.
///
/// # Errors
/// The policy's own error, an answer that is not JSON.
fn answer(doc: &RuleDoc, settings: &Value, request: &Value) -> Result<Value> {
    let payload = json!({ "settings": settings, "request": request }).to_string();
    let answer = doc.validate(payload.as_bytes()).map_err(Error::msg)?;
    Ok(serde_json::from_slice(&answer)?)
}

/// The cases of a policy. What the policy says is asked of the rule itself, natively.
///
/// # Errors
/// An example that the rule does not judge as it says.
pub fn cases(doc: &RuleDoc) -> Result<Vec<ExampleCase>> {
    let manifests = Manifests::of(doc)?;
    // What the example's images are known to be holds in every case.
    let with = |settings: Value| merged(doc, settings);
    let mutate = json!({ "action": "mutate" });
    let inputs = [
        ("accepts what complies", json!({}), Input::Accepted),
        ("refuses what does not comply, and says where and why", json!({}), Input::Rejected),
        ("judges the pod template of a Deployment", json!({}), Input::Deployment),
        ("warns only, with action: warn", json!({ "action": "warn" }), Input::Rejected),
        ("leaves alone what an exemption names", exempt(), Input::Rejected),
        ("accepts a deletion", json!({}), Input::Deletion),
        ("does not touch what complies, with action: mutate", mutate.clone(), Input::Accepted),
        (REPAIRS, mutate, Input::Rejected),
    ];
    let mut cases = Vec::new();
    for (name, settings, input) in inputs {
        let settings = with(settings)?;
        let said = answer(doc, &settings, &manifests.request(input));
        let answer = Answer::of(&said.with_context(|| format!("{}: {name}", doc.id))?);
        let name = if name == REPAIRS && answer != Answer::Repaired { REFUSES } else { name };
        cases.push(ExampleCase { name, settings, input, answer });
    }
    if !matches!((&cases[0].answer, &cases[1].answer), (Answer::Silent, Answer::Refused(_))) {
        bail!("{}: its example must be refused as `rejected` and accepted as `accepted`", doc.id);
    }
    for (name, settings) in [
        ("refuses settings that it does not know", json!({ "noSuchSetting": true })),
        ("refuses settings of another type", json!({ "exemptions": "all" })),
    ] {
        let Some(refusal) = doc.refusal(&settings.to_string()) else {
            bail!("{}: takes the settings {settings}", doc.id);
        };
        cases.push(ExampleCase { name, settings, input: Input::Accepted, answer: Answer::BadSettings(refusal) });
    }
    Ok(cases)
}

/// The settings of the example with these.
fn merged(doc: &RuleDoc, settings: Value) -> Result<Value> {
    let mut merged: Value = serde_json::from_str(doc.example_settings)?;
    if let (Some(merged), Value::Object(settings)) = (merged.as_object_mut(), settings) {
        merged.extend(settings);
    }
    Ok(merged)
}

const REPAIRS: &str = "repairs it, with action: mutate";
const REFUSES: &str = "refuses what it cannot repair, with action: mutate";

fn exempt() -> Value {
    json!({ "exemptions": [{ "namespaces": ["sh?p"], "reason": "an example" }] })
}

impl Answer {
    /// Reads a response.
    pub fn of(response: &Value) -> Answer {
        let warnings: Vec<String> = response["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|warning| warning.as_str().map(str::to_owned))
            .collect();
        if response["accepted"] != true {
            return Answer::Refused(response["message"].as_str().unwrap_or_default().to_owned());
        }
        match response["mutated_object"] {
            Value::Null if warnings.is_empty() => Answer::Silent,
            Value::Null => Answer::Warns(warnings),
            _ => Answer::Repaired,
        }
    }
}
