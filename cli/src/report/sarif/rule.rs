//! A rule as SARIF describes it.

use hardening::rules::Severity;

use super::super::rules::Rule;
use super::log::{Configuration, Help, Message, Properties, ReportingDescriptor};

/// The descriptor of a rule, with its whole documentation as help.
pub(super) fn descriptor(rule: Rule) -> ReportingDescriptor {
    let documented = !rule.doc.is_empty();
    let first = || rule.doc.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let help = || {
        let sources: Vec<String> = rule.sources.iter().map(|source| format!("- {source}")).collect();
        let text = format!("{}\n\nSources:\n\n{}", rule.doc, sources.join("\n"));
        Help { markdown: text.clone(), text }
    };
    ReportingDescriptor {
        full_description: documented.then(|| Message { text: first() }),
        help: documented.then(help),
        help_uri: rule.address(),
        name: name(&rule.id),
        id: rule.id,
        short_description: Message { text: rule.title },
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties {
            tags: ["security", "kubernetes"],
            precision: "very-high",
            security_severity: rule.severity.map(score),
        },
    }
}

/// `HostPathVolumes` of `host-path-volumes`.
fn name(id: &str) -> String {
    let words = id.split(['-', '_', '.', '/']).filter_map(|word| {
        let mut chars = word.chars();
        Some(chars.next()?.to_uppercase().chain(chars).collect::<String>())
    });
    words.collect()
}

fn level(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Low) => "warning",
        _ => "error",
    }
}

/// The score that code scanning sorts by, on CVSS's scale: above 9 critical, from 7 high, from 4 medium.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "3.0",
        Severity::Medium => "5.5",
        Severity::High => "8.0",
        Severity::Critical => "9.5",
    }
}
