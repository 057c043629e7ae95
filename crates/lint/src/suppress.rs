//! Suppressions: what a manifest's author says a finding may be, and why.
//!
//! ```text
//! comments, annotations ─ clause ─▶ suppressions, each with a scope ─▶ findings muted, findings about them
//! ```
//!
//! They count on the laptop and in CI only: the cluster does not see comments, and no policy honours
//! annotations, which the author of a pod could write as well.

mod annotation;
mod clause;
mod comment;
mod date;
mod scope;
mod write;

pub use date::{Date, DateError};
pub use write::{Form, Words, WordsError, write};

use memchr::memmem;

use crate::finding::{Finding, Level, MARK, Muted, Object, Place, Violation};
use crate::objects::{Item, items};
use crate::suggest;
use crate::text::Text;
use kube_yaml::yaml::Parsed;

use clause::{Clause, Invalid};
use scope::Scope;

/// Rule id of findings about a suppression that mutes nothing.
pub const UNUSED: &str = "unused-suppression";
/// Rule id of findings about a suppression that is over.
pub const EXPIRED: &str = "expired-suppression";
/// Rule id of findings about a suppression that cannot hold.
pub const INVALID: &str = "invalid-suppression";

/// The name that a finding of the bundle has as its rule if no rule of it is meant, such as one of `unknownKinds: reject`.
const BUNDLE: &str = "hardening";

/// How every suppression begins, whether comment or annotation.
const NAME: &[u8] = b"harden";

/// One suppression of a text.
#[derive(Debug)]
struct Suppression {
    /// Its clauses, or the reason why they cannot be read.
    clause: Result<Clause, Invalid>,
    /// Where it stands.
    place: Place,
    /// The findings that it covers.
    scope: Scope,
    /// The object it stands in.
    object: Object,
    /// The complaint if it names a container that the object does not have.
    absent: Option<String>,
}

/// Whether a text may hold a suppression.
pub fn mentioned(text: &str) -> bool {
    // Both begin alike, so that one look is enough for nearly every text.
    memmem::find_iter(text.as_bytes(), NAME)
        .any(|at| [MARK, annotation::PREFIX].iter().any(|mark| text[at..].starts_with(mark)))
}

/// Mutes the findings of `text` that a suppression in it is for, and adds findings about suppressions that
/// are not as they should be: without a reason, of an unknown rule, expired, or for nothing.
///
/// `known` says whether there is a rule of this name, and `judged` whether its findings were looked for; `today` decides
/// what has expired.
pub fn apply(text: &Text<'_>, findings: &mut Vec<Finding>, known: &[&str], judged: &dyn Fn(&str) -> bool, today: Date) {
    let mut about: Vec<Finding> = Vec::new();
    for suppression in all(text.as_str(), text.parsed()) {
        match check(&suppression, known, today) {
            Err((rule, level, message)) => about.push(suppression.finding(rule, level, message)),
            Ok(clause) => {
                for rule in &clause.rules {
                    let mut used = false;
                    // What is exempt is not there for a suppression.
                    let of_rule = |finding: &&mut Finding| {
                        finding.violation.rule == *rule && !matches!(finding.muted, Some(Muted::Exemption { .. }))
                    };
                    for finding in findings.iter_mut().filter(of_rule).filter(|f| suppression.scope.covers(f)) {
                        used = true;
                        let (reason, line) = (clause.reason.clone(), suppression.place.line);
                        finding.muted.get_or_insert(Muted::Suppression { reason, line });
                    }
                    if !used && judged(rule) {
                        let nothing =
                            || format!("there is nothing to ignore for {rule}: remove it from the suppression");
                        let message = suppression.absent.clone().unwrap_or_else(nothing);
                        about.push(suppression.finding(UNUSED, Level::Warning, message));
                    }
                }
            }
        }
    }
    findings.append(&mut about);
    findings.sort_by_key(|finding| finding.place);
}

/// Every suppression of a text, in the order they stand.
fn all(text: &str, parsed: &Parsed<'_>) -> Vec<Suppression> {
    let mut found = Vec::new();
    let mut objects = Vec::new();
    for item in items(parsed) {
        if let Item::Object { node, object, .. } = item {
            annotation::collect(node, &object, &mut found);
            objects.push((node.span.range(), object));
        }
    }
    objects.sort_by_key(|(bytes, _)| bytes.start);
    // The item of a list, not the list.
    let object_at = |at: usize| {
        let behind = objects.partition_point(|(bytes, _)| bytes.start <= at);
        let (bytes, object) = objects.get(behind.checked_sub(1)?)?;
        bytes.contains(&at).then(|| object.clone())
    };
    for comment in comment::all(text, parsed) {
        let behind = parsed.documents.partition_point(|document| document.chunk.end <= comment.place.start);
        let document = parsed.documents.get(behind).filter(|document| document.chunk.contains(&comment.place.start));
        let root = document.map(|document| &document.root);
        let scope = root.map_or(Scope::Nothing, |root| Scope::of_line(root, comment.anchor));
        let at = if let Scope::Bytes(bytes) = &scope { bytes.start } else { comment.place.start };
        let object = object_at(at).or_else(|| root.map(Object::of)).unwrap_or_default();
        found.push(Suppression { clause: comment.clause, place: comment.place, scope, object, absent: None });
    }
    found.sort_by_key(|suppression| suppression.place.start);
    found
}

/// The clause, if it holds; else the finding about it.
fn check<'s>(
    suppression: &'s Suppression,
    known: &[&str],
    today: Date,
) -> Result<&'s Clause, (&'static str, Level, String)> {
    let invalid = |message: String| (INVALID, Level::Error, message);
    let clause = suppression.clause.as_ref().map_err(|why| invalid(why.to_string()))?;
    let is_known = |rule: &str| rule == BUNDLE || known.contains(&rule);
    if let Some(rule) = clause.rules.iter().find(|rule| !is_known(rule)) {
        return Err(invalid(format!("there is no rule {rule}{}", suggest::among(rule, known))));
    }
    if clause.reason.is_empty() {
        return Err(invalid("a suppression needs a reason: write it behind the rules".to_owned()));
    }
    match clause.until {
        Some(until) if until < today => {
            let rules = clause.rules.join(", ");
            Err((EXPIRED, Level::Warning, format!("the suppression of {rules} was until {until}: {}", clause.reason)))
        }
        _ => Ok(clause),
    }
}

impl Suppression {
    fn finding(&self, rule: &'static str, level: Level, message: String) -> Finding {
        Finding {
            violation: Violation::whole(rule, message, level == Level::Error),
            level,
            object: self.object.clone(),
            place: self.place,
            policy: None,
            muted: None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
