//! The answer of a policy, and how it differs from what was expected.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

use crate::case::Verdict;
use crate::expected::{Expected, Place};

/// The answer of a policy to `validate`: the response's bytes, or its own error.
pub type Answer = Result<Vec<u8>, String>;

/// Most violations that a message spells out.
const SPELLED_OUT: usize = hardening::response::SPELLED_OUT;

/// An answer, read.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The policy could not judge.
    Error(String),
    /// The policy judged.
    Judged(Judged),
}

/// A verdict with what belongs to it.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Whether the request may pass.
    pub accepted: bool,
    /// Why not.
    pub message: Option<String>,
    /// The warnings to the user.
    pub warnings: Vec<String>,
    /// Everything that was found.
    pub found: Vec<Found>,
    /// The changed object.
    pub mutated: Option<Value>,
}

/// The response of the contract.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    accepted: bool,
    message: Option<String>,
    #[serde(rename = "code")]
    _code: Option<u16>,
    warnings: Option<Vec<String>>,
    audit_annotations: Option<BTreeMap<String, String>>,
    mutated_object: Option<Value>,
}

/// An entry of `audit_annotations["violations"]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Found {
    pub rule: String,
    pub path: String,
    pub container: Option<String>,
    pub container_type: Option<String>,
    pub found: Value,
    pub message: String,
    pub fixable: bool,
    pub rejects: bool,
    pub existing: bool,
    #[serde(default)]
    pub fix: Option<Value>,
}

impl Outcome {
    /// Reads the answer's bytes.
    ///
    /// # Errors
    /// What is wrong with the answer's shape.
    pub fn read(answer: &Answer) -> anyhow::Result<Outcome> {
        let bytes = match answer {
            Err(error) => return Ok(Outcome::Error(error.clone())),
            Ok(bytes) => bytes,
        };
        const WHERE: &str = "in the answer";
        let response: Response = serde_json::from_slice(bytes).context(WHERE)?;
        let annotations = response.audit_annotations.unwrap_or_default();
        let found = annotations.get("violations").map(|list| serde_json::from_str(list)).transpose().context(WHERE)?;
        Ok(Outcome::Judged(Judged {
            accepted: response.accepted,
            message: response.message,
            warnings: response.warnings.unwrap_or_default(),
            found: found.unwrap_or_default(),
            mutated: response.mutated_object,
        }))
    }

    fn verdict(&self) -> Verdict {
        match self {
            Outcome::Error(_) => Verdict::Error,
            Outcome::Judged(judged) if !judged.accepted => Verdict::Reject,
            Outcome::Judged(judged) if judged.mutated.is_some() => Verdict::Mutate,
            Outcome::Judged(_) => Verdict::Accept,
        }
    }

    /// How the answer differs from `expected`, a line each; nothing if it does not.
    pub fn differences(&self, expected: &Expected) -> Vec<String> {
        let mut lines = Vec::new();
        if self.verdict() != expected.verdict {
            lines.push(format!("verdict: expected {:?}, got {:?}", expected.verdict, self.verdict()).to_lowercase());
        }
        let said = match self {
            Outcome::Error(text) => text.clone(),
            Outcome::Judged(judged) => {
                judged.compare(expected, &mut lines);
                judged.said()
            }
        };
        let lacks = expected.contains.iter().filter(|text| !said.contains(*text));
        lines.extend(lacks.map(|text| format!("it does not say {text:?}")));
        if !lines.is_empty() && !said.is_empty() {
            lines.push(format!("it says: {said}"));
        }
        lines
    }
}

impl Judged {
    fn said(&self) -> String {
        self.message.iter().chain(&self.warnings).cloned().collect::<Vec<_>>().join("\n")
    }

    /// The places that reject, or those that warn, in the order of the answer.
    pub fn places(&self, rejecting: bool) -> Vec<Place> {
        let chosen = self.found.iter().filter(|found| found.rejects == rejecting);
        chosen.map(|found| Place { rule: found.rule.clone(), path: found.path.clone() }).collect()
    }

    fn compare(&self, expected: &Expected, lines: &mut Vec<String>) {
        for (what, rejecting, expected) in
            [("violations", true, &expected.violations), ("warnings", false, &expected.warnings)]
        {
            let actual = self.places(rejecting);
            if actual != *expected {
                lines.push(format!("{what}:"));
                lines.extend(
                    expected.iter().filter(|place| !actual.contains(place)).map(|p| format!("  - missing    {p}")),
                );
                lines.extend(
                    actual.iter().filter(|place| !expected.contains(place)).map(|p| format!("  + unexpected {p}")),
                );
                if actual.len() == expected.len() && actual.iter().all(|place| expected.contains(place)) {
                    lines.push(format!(
                        "  in another order: {}",
                        actual.iter().map(|p| format!("\n    {p}")).collect::<String>()
                    ));
                }
            }
        }
        self.check_texts(lines);
    }

    /// Checks what holds for every answer: the texts say what the machine-readable list says.
    fn check_texts(&self, lines: &mut Vec<String>) {
        if self.accepted && self.message.is_some() {
            lines.push("an accepted request has a message".to_owned());
        }
        if !self.accepted && self.mutated.is_some() {
            lines.push("a refused request has a mutated object".to_owned());
        }
        let message = self.message.clone().unwrap_or_default();
        let texts = [(true, message.clone()), (false, self.warnings.join("\n"))];
        for (rejecting, text) in &texts {
            let chosen: Vec<&Found> = self.found.iter().filter(|found| found.rejects == *rejecting).collect();
            for found in chosen.iter().take(SPELLED_OUT) {
                let spelled = format!("[{}] {}", found.rule, found.message);
                if !text.contains(&spelled) || !found.message.contains(&found.path) {
                    lines.push(format!("not spelled out: {spelled}"));
                }
            }
            if chosen.len() > SPELLED_OUT && !text.ends_with(&format!("and {} more", chosen.len() - SPELLED_OUT)) {
                lines.push("the texts do not count what they leave out".to_owned());
            }
        }
        if message.contains('\n') {
            lines.push("the message has more than one line".to_owned());
        }
        let warned = self.found.iter().filter(|found| !found.rejects).count();
        if self.warnings.len() != warned.min(SPELLED_OUT + 1) {
            lines.push(format!("{} warnings for {warned} violations that warn", self.warnings.len()));
        }
        for found in self.found.iter().filter(|found| found.container.is_some() != found.container_type.is_some()) {
            lines.push(format!("{}: container and containerType do not go together", found.path));
        }
        if self.found.iter().any(|found| found.fixable && found.fix.is_none()) {
            lines.push("fixable without a fix".to_owned());
        }
    }
}
