//! A rule as SARIF describes it.

use hardening::rules::Severity;
use serde_json::{Value, json};

use super::super::rules::Rule;

/// The descriptor of a rule, with its whole documentation as help.
pub(super) fn descriptor(rule: &Rule) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": ["security", "kubernetes"], "precision": "very-high"},
    });
    if let Some(severity) = rule.severity {
        descriptor["properties"]["security-severity"] = score(severity).into();
    }
    if !rule.doc.is_empty() {
        let first = rule.doc.split("\n\n").next().unwrap_or_default().replace('\n', " ");
        let sources: Vec<String> = rule.sources.iter().map(|source| format!("- {source}")).collect();
        let help = format!("{}\n\nSources:\n\n{}", rule.doc, sources.join("\n"));
        descriptor["fullDescription"] = json!({"text": first});
        descriptor["help"] = json!({"text": help, "markdown": help});
    }
    descriptor
}

fn level(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Low) => "warning",
        _ => "error",
    }
}

/// What code scanning sorts by, on CVSS's scale: above 9 critical, from 7 high, from 4 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
