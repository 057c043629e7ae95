//! The report for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::super::compare::{Mismatch, Sign};
use super::super::run::{Status, SuiteResult, TestResult};
use super::Summary;
use crate::report::write_json;

/// Version of the report's shape: raised when a field changes its meaning or goes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Shape<'a> {
    version: u32,
    summary: Summary,
    suites: Vec<Suite<'a>>,
}

#[derive(Serialize)]
struct Suite<'a> {
    file: &'a str,
    name: &'a str,
    /// Why its tests were not run; absent if they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    tests: Vec<Test<'a>>,
}

#[derive(Serialize)]
struct Test<'a> {
    name: &'a str,
    line: usize,
    /// `passed`, `failed`, `error` or `skipped`.
    status: &'static str,
    /// Why it was skipped or could not be run; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    mismatches: Vec<Difference<'a>>,
}

#[derive(Serialize)]
struct Difference<'a> {
    object: &'a str,
    what: &'static str,
    /// Expected and not there.
    expected: Vec<&'a str>,
    /// There and not expected.
    got: Vec<&'a str>,
    /// Remarks.
    notes: Vec<&'a str>,
}

/// Writes the report as one JSON object.
pub(in super::super) fn write(results: &[SuiteResult], summary: Summary, out: &mut dyn Write) -> io::Result<()> {
    let suites = results.iter().map(|result| Suite {
        file: &result.path,
        name: &result.name,
        error: result.tests.as_ref().err().map(ToString::to_string),
        tests: result.tests.iter().flatten().map(Test::of).collect(),
    });
    write_json(out, &Shape { version: VERSION, summary, suites: suites.collect() })
}

impl<'a> Test<'a> {
    fn of(test: &'a TestResult) -> Test<'a> {
        let (status, reason, mismatches): (_, _, &[Mismatch]) = match &test.status {
            Status::Passed => ("passed", None, &[]),
            Status::Failed(mismatches) => ("failed", None, mismatches),
            Status::Broken(why) => ("error", Some(why.to_string()), &[]),
            Status::Skipped(why) => ("skipped", Some(why.clone()), &[]),
        };
        let mismatches = mismatches.iter().map(Difference::of).collect();
        Test { name: &test.name, line: test.line, status, reason, mismatches }
    }
}

impl<'a> Difference<'a> {
    fn of(mismatch: &'a Mismatch) -> Difference<'a> {
        let of = |sign: Sign| -> Vec<&str> {
            let lines = mismatch.lines.iter().filter(|line| line.sign == sign);
            lines.map(|line| line.text.as_str()).collect()
        };
        Difference {
            object: &mismatch.object,
            what: mismatch.what,
            expected: of(Sign::Expected),
            got: of(Sign::Got),
            notes: of(Sign::Note),
        }
    }
}
