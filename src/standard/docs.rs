//! The standard's checks as a document: for people, never part of a policy's wasm.

use std::collections::BTreeSet;

use super::{CHECKS, Check, Level, Version, active, checks};
use crate::catalogue;
use crate::rules::Severity;
use crate::rules::check::Sentence;

/// How the profiles are used, and where they differ from Pod Security Admission.
const USAGE: &str = include_str!("usage.md");

/// A check that no rule stands for.
#[derive(Debug, Clone, Copy)]
pub struct CheckDoc {
    /// [`Check::id`]
    pub id: &'static str,
    /// A summary of its demands.
    pub title: &'static str,
    /// How much a violation matters.
    pub severity: Severity,
    /// Whether `action: mutate` can repair anything.
    pub mutates: bool,
}

/// The checks that no rule stands for, sorted by id.
pub const ONLY_CHECKS: &[CheckDoc] = &[CheckDoc {
    id: "run-as-non-root",
    title: "Runtimes keep programs from running as root",
    severity: Severity::Medium,
    mutates: true,
}];

/// Describes the demands of the standard's checks of the name `id`, for `harden explain`; empty if there is none.
/// Markdown.
pub fn explanation(id: &str) -> String {
    let mut out = String::new();
    for (check, sentence) in in_words().into_iter().filter(|(check, _)| check.id == id) {
        if !out.is_empty() {
            out.push('\n');
        }
        out += &format!("Profile `{}` looks at {}:\n\n", check.level.word(), fields(sentence));
        for ((since, _), demand) in check.versions.iter().zip(sentence.demands) {
            out += &format!("- since 1.{since}: {demand}\n");
        }
    }
    out
}

/// Every check with its words, sorted by level, then id.
fn in_words() -> Vec<(&'static Check, &'static Sentence)> {
    let checks = catalogue::CHECKS.iter().copied().flatten();
    let mut all: Vec<_> = checks.zip(catalogue::SENTENCES.iter().copied().flatten()).collect();
    all.sort_by_key(|(check, _)| (check.level, check.id));
    all
}

/// The fields that a check looks at, in Markdown.
fn fields(sentence: &Sentence) -> String {
    sentence.fields.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

/// The profiles of the standard that have a check of the name `id`, at the newest version, each with the minor
/// version since which it has.
pub fn levels(id: &str) -> Vec<(Level, u8)> {
    let has = |level, version| checks(level, version).any(|(known, _)| known == id);
    let since = |level| Version::all().find(|version| has(level, *version)).map(Version::minor);
    let levels = [Level::Baseline, Level::Restricted].into_iter().filter(|level| has(*level, Version::LATEST));
    levels.filter_map(|level| Some((level, since(level)?))).collect()
}

/// The document: what each check demands, and which behaviour each profile has in each version. Markdown.
pub fn markdown() -> String {
    let mut out = USAGE.replace("NEWEST", &format!("v1.{}", Version::LATEST.minor()));
    out += "\n## Checks\n\n\
        | check | profile | since | looks at | demands | Kubernetes calls it |\n\
        |---|---|---|---|---|---|\n";
    for (check, sentence) in in_words() {
        for (index, ((since, _), demand)) in check.versions.iter().zip(sentence.demands).enumerate() {
            let fields = if index == 0 { fields(sentence) } else { String::new() };
            let (id, upstream) = if index == 0 { (check.id, sentence.upstream) } else { ("", "") };
            let quoted = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
            let cells = [&quoted(id), check.level.word(), &format!("1.{since}"), &fields, demand, &quoted(upstream)]
                .join(" | ");
            out += &format!("| {cells} |\n");
        }
    }
    for level in [Level::Baseline, Level::Restricted] {
        out += &matrix(level);
    }
    out
}

/// Tabulates the behaviour of each check of the profile by version.
fn matrix(level: Level) -> String {
    let starts: BTreeSet<u8> =
        CHECKS.iter().flat_map(|check| check.versions).map(|(since, _)| *since).chain([0]).collect();
    let starts: Vec<u8> = starts.into_iter().collect();
    let columns: Vec<(Version, String)> = starts
        .iter()
        .enumerate()
        .filter_map(|(index, first)| {
            let version = Version::all().find(|version| version.minor() == *first)?;
            let title = match starts.get(index + 1).map(|next| next - 1) {
                None => format!("1.{first} on"),
                Some(last) if last == *first => format!("1.{first}"),
                Some(last) => format!("1.{first} to 1.{last}"),
            };
            Some((version, title))
        })
        .collect();
    let ids: BTreeSet<&str> = Version::all().flat_map(|version| checks(level, version)).map(|(id, _)| id).collect();

    let mut out =
        format!("\n## Profile `{}`\n\nEach cell says since which version the check has behaved so", level.word());
    out += match level {
        Level::Restricted => ", and whether it is the check of the baseline (B) or the restricted level (R).\n\n",
        _ => ".\n\n",
    };
    let titles: Vec<&str> = columns.iter().map(|(_, title)| title.as_str()).collect();
    out += &format!("| check | {} |\n|---|{}\n", titles.join(" | "), "---|".repeat(titles.len()));
    for id in ids {
        let cell = |(version, _): &(Version, String)| match active(level, *version).find(|(check, _)| check.id == id) {
            None => "–".to_owned(),
            Some((_, (since, _))) if level == Level::Baseline => format!("1.{since}"),
            Some((Check { level: Level::Baseline, .. }, (since, _))) => format!("B 1.{since}"),
            Some((_, (since, _))) => format!("R 1.{since}"),
        };
        let cells: Vec<String> = columns.iter().map(cell).collect();
        out += &format!("| `{id}` | {} |\n", cells.join(" | "));
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn checks_without_a_rule_are_known() {
        let bare: BTreeSet<&str> =
            CHECKS.iter().map(|check| check.id).filter(|id| !catalogue::IDS.contains(id)).collect();
        assert_eq!(ONLY_CHECKS.iter().map(|check| check.id).collect::<BTreeSet<_>>(), bare);
    }

    #[test]
    fn a_check_is_explained_with_its_history() {
        let text = explanation("run-as-user");
        assert!(
            text.starts_with("Profile `restricted` looks at `runAsUser`, in the securityContext of the pod"),
            "{text}"
        );
        assert!(
            text.contains("- since 1.23: not 0\n- since 1.35: the same, but not with `hostUsers: false`\n"),
            "{text}"
        );
        assert_eq!(explanation("capabilities").matches("Profile `").count(), 2);
        assert_eq!(explanation("image-tag"), "");
        assert_eq!(levels("run-as-user"), [(Level::Restricted, 23)]);
        assert_eq!(levels("host-path-volumes"), [(Level::Baseline, 0)]);
        assert_eq!(levels("host-probes"), [(Level::Baseline, 34), (Level::Restricted, 34)]);
        assert!(levels("image-tag").is_empty());
    }
}
