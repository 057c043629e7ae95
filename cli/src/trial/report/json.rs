//! The report for programs.

use std::io::{self, Write};

use lint::finding::Object;
use serde::Serialize;
use serde_json::{Value, json};
use trial::answer::Verdict;
use trial::search::{Failure, Found};
use trial::{Evidence, paths};

use super::{Counts, Row, State, TrialReport, Word, words};
use crate::report::write_json;
use crate::trial::flow::Ending;

/// Version of the report's shape: raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct JsonReport<'a> {
    version: u32,
    summary: Counts,
    workloads: Vec<JsonRow<'a>>,
    problems: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonRow<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    object: &'a Object,
    template: &'a str,
    verdict: &'static str,
    /// Why there is no proof; `null` where there is.
    why: Option<String>,
    /// The last lines of the container that is not ready as it is written.
    log: &'a [String],
    runs: usize,
    seconds: u64,
    /// Whether the file has it as it was proven.
    written: bool,
    rules: Vec<Value>,
    containers: Vec<Value>,
    given: Vec<String>,
    notes: &'a [String],
}

/// Writes one JSON object.
pub(super) fn write(report: &TrialReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let problem = |(file, problem): &(String, lint::finding::Problem)| json!({ "file": file, "line": problem.place.map(|place| place.line), "message": problem.message });
    let shape = JsonReport {
        version: VERSION,
        summary: report.counts(),
        workloads: report.rows.iter().map(row).collect(),
        problems: report.problems.iter().map(problem).collect(),
    };
    write_json(out, &shape)
}

fn row<'a>(row: &'a Row<'_>) -> JsonRow<'a> {
    let (why, log, seen) = match &row.tried.ending {
        Ending::NotTried(why) => (Some(why.clone()), &[][..], None),
        Ending::NotReady(failure) => (Some(words::of_failure(failure)), failure.log.as_slice(), None),
        Ending::Hardened(hardened) => match &hardened.found {
            Found::NotProvable(why) => (Some(why.clone()), &[][..], Some(&hardened.seen)),
            _ => (None, &[][..], Some(&hardened.seen)),
        },
    };
    JsonRow {
        file: row.file,
        line: row.place.line,
        column: row.place.column,
        object: row.object,
        template: &row.template,
        verdict: row.word().key(),
        why,
        log,
        runs: row.tried.runs,
        seconds: row.tried.seconds,
        written: row.written == State::Written && matches!(row.word(), Word::Proven | Word::Needs),
        rules: row.rules.iter().map(|(id, verdict)| rule(row, id, verdict)).collect(),
        containers: seen.into_iter().flatten().map(|(name, seen)| evidence(name, seen)).collect(),
        given: words::given(row).collect(),
        notes: &row.tried.notes,
    }
}

fn rule(row: &Row<'_>, id: &str, verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Proven => json!({ "rule": id, "verdict": "proven" }),
        Verdict::ButFor(written) => json!({ "rule": id, "verdict": "butFor", "written": written }),
        Verdict::NotProvable(why) => json!({ "rule": id, "verdict": "notProvable", "why": why }),
        Verdict::Needs(needs) => {
            let need = |need: &trial::Need| {
                let (what, value) = words::pair(&need.relaxation);
                let failure = words::failure(row, need);
                let line = failure.and_then(Failure::last_line);
                json!({ "container": need.container, "what": what, "value": value,
                    "without": failure.map(|failure| &failure.why), "line": line })
            };
            json!({ "rule": id, "verdict": "needs", "needs": needs.iter().map(need).collect::<Vec<_>>() })
        }
    }
}

/// The evidence of a container as it is written.
fn evidence(name: &str, seen: &Evidence) -> Value {
    let written = paths::written(&seen.written, &[]);
    let directories: Vec<&str> = written.directories.iter().map(|directory| directory.path.as_str()).collect();
    json!({
        "name": name, "writes": directories, "writesInRoot": written.in_root, "users": seen.users, "ports": seen.ports,
        "memory": seen.memory, "processorMillis": seen.processor.map(|processor| processor.as_millis()),
    })
}
