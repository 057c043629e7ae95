//! Writes suppressions beside the findings that they are for: a comment where one can stand, else an annotation.
//!
//! Nothing but the suppressions changes. Whether they hold, the judge says who reads the new text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use hardening::path::push_key;
use hardening::violation::Edit;
use serde::de::IgnoredAny;
use thiserror::Error;

use super::annotation::PREFIX;
use super::clause::{Clause, LONGEST_NAME};
use super::date::Date;
use super::scope::Scope;
use crate::escape::is_hidden;
use crate::finding::{Finding, MARK};
use crate::outcome::{FileReport, Workload};
use kube_yaml::patch::{self, Group};
use kube_yaml::yaml::{self, Node, Parsed};

/// The words of new suppressions: why, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    until: Option<Date>,
    reason: String,
}

/// Why words cannot be written as a suppression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WordsError {
    /// There is no reason.
    #[error("--reason: is empty; say why, for whoever reads the manifest next year")]
    NoReason,
    /// A comment ends with its line.
    #[error("--reason: must be one line of text that can be seen")]
    Hidden,
    /// It would be read as the date.
    #[error("--reason: holds `until=`; write the date with --until")]
    Until,
}

impl Words {
    /// Takes a reason and a last day.
    ///
    /// # Errors
    /// A reason that a suppression cannot hold.
    pub fn new(reason: &str, until: Option<Date>) -> Result<Words, WordsError> {
        if reason.trim().is_empty() {
            return Err(WordsError::NoReason);
        }
        if reason.contains(is_hidden) {
            return Err(WordsError::Hidden);
        }
        match Clause::of(Vec::new(), reason) {
            Ok(Clause { until: None, reason, .. }) => Ok(Words { until, reason }),
            _ => Err(WordsError::Until),
        }
    }

    /// The words behind the rules.
    fn text(&self) -> String {
        match self.until {
            Some(until) => format!("until={until} {}", self.reason),
            None => self.reason.clone(),
        }
    }
}

/// Where a suppression may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In a comment, or where none can stand in an annotation.
    Any,
    /// In an annotation.
    Annotation,
}

/// The text of a report with a suppression for each of its `wanted` findings that one can be written for.
pub fn write(report: &FileReport, wanted: &dyn Fn(&Finding) -> bool, words: &Words, form: Form) -> String {
    let text = report.text.as_str();
    let parsed = yaml::parse(text);
    let mut comments: BTreeMap<usize, (Place, BTreeSet<&str>)> = BTreeMap::new();
    let mut annotated: Vec<&Finding> = Vec::new();
    for finding in report.findings.iter().filter(|finding| wanted(finding)) {
        let place = if form == Form::Any { comment_place(text, &parsed, finding) } else { None };
        match place {
            Some(place) => {
                comments
                    .entry(finding.place.line)
                    .or_insert((place, BTreeSet::new()))
                    .1
                    .insert(&finding.violation.rule);
            }
            None => annotated.push(finding),
        }
    }
    let mut new = String::with_capacity(text.len() + 80 * comments.len());
    let mut copied = 0;
    for (place, rules) in comments.into_values() {
        let rules: Vec<&str> = rules.into_iter().collect();
        let comment = format!("# {MARK}[{}] {}", rules.join(", "), words.text());
        new.push_str(&text[copied..place.at]);
        new.push_str(&place.before);
        new.push_str(&comment);
        new.push_str(&place.behind);
        copied = place.at;
    }
    new.push_str(&text[copied..]);
    // A comment that says more than a comment must not stay.
    let is_same = |other: &Parsed<'_>| {
        let documents = parsed.documents.iter().zip(&other.documents);
        other.documents.len() == parsed.documents.len()
            && other.errors.len() == parsed.errors.len()
            && documents.into_iter().all(|(old, new)| old.root.to_json() == new.root.to_json())
    };
    let commented = yaml::parse(&new);
    if !is_same(&commented) {
        return write(report, wanted, words, Form::Annotation);
    }
    annotate(&new, &commented, &edits(report, &parsed, &annotated, words))
}

/// Where a comment goes.
struct Place {
    /// The byte before which it is put.
    at: usize,
    before: String,
    behind: String,
}

/// The place of a comment for a finding: behind the line where it stands, or above it; none if it would be a part of a
/// value, or would not cover the finding.
fn comment_place(text: &str, parsed: &Parsed<'_>, finding: &Finding) -> Option<Place> {
    let at = finding.place.start;
    let document = parsed.documents.iter().find(|document| document.chunk.contains(&at))?;
    let chunk = &text[document.chunk.clone()];
    let is_json = serde_json::from_str::<IgnoredAny>(chunk.trim_start_matches("---")).is_ok();
    let is_plain = |rule: &str| !rule.contains(|c: char| c == ',' || c == ']' || c.is_whitespace());
    if is_json || !is_plain(&finding.violation.rule) {
        return None;
    }
    match Scope::of_line(&document.root, finding.place.line) {
        Scope::Bytes(bytes) if bytes.contains(&at) => {}
        _ => return None,
    }
    let line = line_around(text, at);
    let content = &text[line.clone()];
    if !in_scalar(&document.root, line.end) && !content.contains(MARK) {
        let gap = if content.ends_with([' ', '\t']) { "" } else { " " };
        return Some(Place { at: line.end, before: gap.to_owned(), behind: String::new() });
    }
    if in_scalar(&document.root, line.start) || content.starts_with("---") {
        return None;
    }
    let indent = &content[..content.len() - content.trim_start().len()];
    let end = if text[line.end..].starts_with('\r') { "\r\n" } else { "\n" };
    Some(Place { at: line.start, before: indent.to_owned(), behind: end.to_owned() })
}

/// The line around a byte, without what ends it.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    // A byte order mark is no indentation.
    let start = if text[start..].starts_with('\u{feff}') { start + '\u{feff}'.len_utf8() } else { start };
    start..start + text[start..end].trim_end_matches('\r').len()
}

/// Whether the byte at `offset` would be put into a scalar that begins before and goes on behind.
fn in_scalar(node: &Node<'_>, offset: usize) -> bool {
    let bytes = node.span.range();
    if node.aliased {
        return false;
    }
    match (node.as_mapping(), node.as_sequence()) {
        (Some(pairs), _) => pairs.iter().any(|(key, value)| in_scalar(key, offset) || in_scalar(value, offset)),
        (_, Some(items)) => items.iter().any(|item| in_scalar(item, offset)),
        _ => bytes.start < offset && offset < bytes.end,
    }
}

/// The edits of one object.
struct Annotated<'r> {
    document: usize,
    workload: &'r Workload,
    edits: Vec<Edit>,
}

/// The annotations for findings, by object.
fn edits<'r>(report: &'r FileReport, parsed: &Parsed<'_>, findings: &[&Finding], words: &Words) -> Vec<Annotated<'r>> {
    let mut keys: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for finding in findings {
        let Some(at) = report.workload_of(finding) else { continue };
        let rule = &finding.violation.rule;
        let named = finding.violation.container.as_ref().map(|container| format!("{PREFIX}{rule}.{container}"));
        let is_short = |key: &String| key.split_once('/').is_some_and(|(_, name)| name.len() <= LONGEST_NAME);
        let key = named.filter(is_short).unwrap_or_else(|| format!("{PREFIX}{rule}"));
        keys.entry(at).or_default().insert(key);
    }
    let value = serde_json::Value::from(words.text()).to_string();
    let of_object = |(at, keys): (usize, BTreeSet<String>)| {
        let workload = &report.workloads[at];
        let first = parsed.documents.partition_point(|document| document.chunk.start < workload.chunk.start);
        let edits = keys.iter().map(|key| {
            let mut path = "metadata.annotations".to_owned();
            push_key(&mut path, key);
            Edit::Set { path, value: value.clone() }
        });
        Annotated { document: first + workload.document, workload, edits: edits.collect() }
    };
    keys.into_iter().map(of_object).collect()
}

fn annotate(text: &str, parsed: &Parsed<'_>, annotated: &[Annotated<'_>]) -> String {
    let groups: Vec<Group<'_>> = annotated
        .iter()
        .map(|object| Group { document: object.document, path: &object.workload.path, edits: &object.edits })
        .collect();
    if groups.is_empty() { text.to_owned() } else { patch::apply(text, parsed, &groups).text }
}
