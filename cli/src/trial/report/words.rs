//! Words and sentences that several formats share.

use trial::Relaxation;
use trial::answer::Verdict;
use trial::harden::Given;
use trial::paths::Hides;
use trial::search::{Failure, Found};

use super::{Counts, Row, State, Word};
use crate::report::plural;
use crate::trial::flow::Ending;

impl Word {
    /// The word in reports for programs.
    pub(super) fn key(self) -> &'static str {
        match self {
            Word::Proven => "proven",
            Word::Needs => "needs",
            Word::NotProvable => "notProvable",
            Word::NotReady => "notReady",
            Word::NotTried => "notTried",
        }
    }
}

/// Everything about a workload in one sentence.
pub(super) fn sentence(row: &Row<'_>) -> String {
    match &row.tried.ending {
        Ending::NotTried(why) => format!("not tried: {why}"),
        Ending::NotReady(failure) => format!("not ready as written: {}", of_failure(failure)),
        Ending::Hardened(hardened) => match &hardened.found {
            Found::Proven => "proven: it runs hardened".to_owned(),
            Found::Needs(needs) => {
                let needs: Vec<String> =
                    needs.keys().map(|need| format!("{} in {}", need.relaxation, need.container)).collect();
                format!("needs {}", needs.join(", "))
            }
            Found::NotProvable(why) => format!("not provable: {why}"),
        },
    }
}

/// `app: ended with 1: "chown: /data: Operation not permitted"`
pub(super) fn of_failure(failure: &Failure) -> String {
    let line = failure.last_line().map(|line| format!(": {line:?}")).unwrap_or_default();
    format!("{}: {}{line}", failure.container, failure.why)
}

/// The verdict on a rule: `proven`, `proven but for …`, `needs …` with how it fails without, `not provable: …`.
pub(super) fn verdict(row: &Row<'_>, verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Proven => vec!["proven".to_owned()],
        Verdict::ButFor(written) => vec![format!("proven but for what is written: {}", written.join("; "))],
        Verdict::NotProvable(why) => vec![format!("not provable: {why}")],
        Verdict::Needs(needs) => needs
            .iter()
            .map(|need| {
                let without = failure(row, need).map(|failure| format!("; without it, {}", of_failure(failure)));
                let without = without.unwrap_or_default();
                format!("needs {} in {}{without}", need.relaxation, need.container)
            })
            .collect(),
    }
}

/// How a workload fails without a need.
pub(super) fn failure<'r>(row: &'r Row<'_>, need: &trial::Need) -> Option<&'r Failure> {
    match &row.tried.ending {
        Ending::Hardened(hardened) => match &hardened.found {
            Found::Needs(needs) => needs.get(need),
            _ => None,
        },
        _ => None,
    }
}

/// Lists what a workload was completed with, a sentence each.
pub(super) fn given(row: &Row<'_>) -> impl Iterator<Item = String> {
    let given = match &row.tried.ending {
        Ending::Hardened(hardened) => hardened.given.as_slice(),
        _ => &[],
    };
    given.iter().filter(|given| !is_taken_back(row, given)).map(of_given)
}

/// Whether a container's ids gave way to a user that it needs.
fn is_taken_back(row: &Row<'_>, given: &Given) -> bool {
    let Given::User { container, .. } = given else { return false };
    let needs = match &row.tried.ending {
        Ending::Hardened(hardened) => match &hardened.found {
            Found::Needs(needs) => Some(needs),
            _ => None,
        },
        _ => None,
    };
    let is_user = |need: &trial::Need| matches!(need.relaxation, Relaxation::User(_));
    needs.is_some_and(|needs| needs.keys().any(|need| need.container == *container && is_user(need)))
}

fn of_given(given: &Given) -> String {
    match given {
        Given::Path { container, path, hides } => {
            let hides = match hides {
                Hides::Nothing => "",
                Hides::Perhaps => ", which hides what the image has there, if anything",
                Hides::Files => ", which hides files that the image has there",
            };
            format!("{container}: an emptyDir at {path}, where it wrote{hides}")
        }
        Given::User { container, user, group } => format!("{container}: runAsUser {user}, runAsGroup {group}"),
        Given::Group { group } => format!("fsGroup {group}, so that the new user can write into the pod's disks"),
        Given::Limit { container, resource, limit } => format!("{container}: {resource} limit {limit}, as measured"),
    }
}

/// Tells what remains to be written, if anything does.
pub(super) fn state(row: &Row<'_>) -> Option<String> {
    match (&row.written, row.word()) {
        (State::Refused(why), _) => Some(format!("it cannot be written: {why}")),
        (State::Open, Word::Proven | Word::Needs) => Some("`harden try --write` writes it".to_owned()),
        _ => None,
    }
}

/// `3 workloads: 1 proven, 1 needs something, 1 not ready as written; 23 runs in 61 s`
pub(super) fn summary(counts: &Counts) -> String {
    let parts = [
        (counts.proven, "proven"),
        (counts.needs, if counts.needs == 1 { "needs something" } else { "need something" }),
        (counts.not_provable, "not provable"),
        (counts.not_ready, "not ready as written"),
        (counts.not_tried, "not tried"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let parts: Vec<String> = parts.collect();
    let workloads = plural(counts.workloads, "workload");
    if parts.is_empty() {
        return "no workload was found".to_owned();
    }
    format!("{workloads}: {}; {} in {} s", parts.join(", "), plural(counts.runs, "run"), counts.seconds)
}

/// The key of a relaxation and its value, for programs.
pub(super) fn pair(relaxation: &Relaxation) -> (&'static str, serde_json::Value) {
    match relaxation {
        Relaxation::Capability(name) => ("capability", name.as_str().into()),
        Relaxation::WritablePath(path) => ("writablePath", path.as_str().into()),
        Relaxation::WritableRoot => ("writableRoot", true.into()),
        Relaxation::User(id) => ("user", (*id).into()),
        Relaxation::PrivilegeEscalation => ("privilegeEscalation", true.into()),
        Relaxation::Unconfined => ("unconfined", true.into()),
        Relaxation::Memory(bytes) => ("memory", (*bytes).into()),
    }
}
