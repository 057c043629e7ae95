//! Words and sentences that several formats share.

use hardening::violation::Edit;
use lint::below_container;
use lint::finding::{Finding, Level};

use super::Report;

/// The word of a level.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

/// `1 file`, `2 files`.
pub(crate) fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Says what to write instead, from the edits of the fix.
pub(super) fn help(finding: &Finding) -> Option<String> {
    let step = |edit: &Edit| match edit {
        Edit::Set { path, value } => format!("write `{}: {value}`", below_container(path)),
        Edit::Append { path, value } => format!("add `{value}` to `{}`", below_container(path)),
        Edit::Remove { path } => format!("remove `{}`", below_container(path)),
    };
    let steps: Vec<String> = finding.violation.fix.iter().map(step).collect();
    if steps.is_empty() { None } else { Some(steps.join(", ")) }
}

/// Says in brackets, behind the sentence about a finding, why the API server would refuse what the rule demands; nothing
/// if it would not.
pub(super) fn refused(finding: &Finding) -> String {
    finding.refused().map(|why| format!(" ({why})")).unwrap_or_default()
}

/// The reason of an exemption, or that it has none.
pub(super) fn exempt(reason: &str) -> &str {
    if reason.is_empty() { "harden.yaml or the settings say no reason" } else { reason }
}

/// The outcome in a few words, for a title: `814 violations; 3 inputs could not be judged`. What is hidden is named if
/// it fails the run.
pub(super) fn verdict(report: &Report<'_>) -> String {
    let summary = report.summary;
    let unjudged = unjudged(report);
    let mut parts = Vec::new();
    if summary.errors + summary.warnings > 0 {
        parts.push(found(report));
    }
    if summary.hidden_failing > 0 {
        parts.push(format!("{} hidden", plural(summary.hidden_failing, "violation")));
    }
    if unjudged > 0 {
        parts.push(format!("{} could not be judged", plural(unjudged, "input")));
    }
    if parts.is_empty() { "passed".to_owned() } else { parts.join("; ") }
}

/// Counts the inputs that could not be judged as a whole.
fn unjudged(report: &Report<'_>) -> usize {
    report.files.iter().filter(|file| !file.problems.is_empty()).count()
}

/// `2 violations, 1 warning`.
fn found(report: &Report<'_>) -> String {
    match (report.summary.errors, report.summary.warnings) {
        (errors, 0) => plural(errors, "violation"),
        (errors, warnings) => format!("{}, {}", plural(errors, "violation"), plural(warnings, "warning")),
    }
}

/// The summary line.
pub(super) fn sentence(report: &Report<'_>) -> String {
    let (summary, counts) = (report.summary, report.summary.counts);
    if summary.files == 0 && counts.judged == 0 && summary.errors + summary.warnings == 0 && summary.problems > 0 {
        return format!("nothing was judged: {} could not be read", plural(unjudged(report), "input"));
    }
    let mut text = match summary.errors + summary.warnings {
        0 if summary.hidden > 0 => "no violations shown".to_owned(),
        0 if counts.judged > 0 => "no violations".to_owned(),
        0 if summary.problems > 0 => "nothing was judged".to_owned(),
        0 => "nothing to judge".to_owned(),
        _ => found(report),
    };
    if counts.with_findings > 0 {
        text += &format!(" in {} of {}", counts.with_findings, plural(counts.judged, "workload"));
    } else if counts.judged > 0 {
        text += &format!(" in {}", plural(counts.judged, "workload"));
    }
    if report.style.quiet {
        if report.repairs_some() {
            text += ", some of them fixed by `harden fix`";
        }
    } else if let repaired @ 1.. = report.repaired() {
        text += &format!(", {repaired} of them fixed by `harden fix`");
    }
    text +=
        &format!("; {} read, {} not judged", plural(summary.files, "file"), plural(counts.not_judged(), "document"));
    let reasons: Vec<String> = [
        (counts.without_template, "without a pod template"),
        (counts.elsewhere, "with containers where no rule looks"),
        (counts.not_kubernetes, "not Kubernetes"),
        (counts.partial, "only a part of an object"),
        (counts.empty, "empty"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, why)| format!("{count} {why}"))
    .collect();
    if !reasons.is_empty() {
        text += &format!(" ({})", reasons.join(", "));
    }
    if summary.hidden > 0 {
        text += &format!("; {} hidden by --severity", summary.hidden);
    }
    if summary.hidden_failing > 0 {
        text += &format!(", {} of them fail the run", summary.hidden_failing);
    }
    for (count, why) in [
        (summary.ignored, "left out because git ignores it"),
        (summary.excluded, "excluded"),
        (summary.suppressed, "suppressed"),
        (summary.exempted, "exempted"),
        (summary.known, "known from the baseline"),
        (summary.earlier, "known from the revision"),
        (summary.problems, "could not be judged"),
    ] {
        if count > 0 {
            text += &format!("; {count} {why}");
        }
    }
    if summary.images_lacking > 0 {
        text += &format!("; {} not in the lock", plural(summary.images_lacking, "image"));
    }
    text
}
