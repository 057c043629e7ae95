//! JUnit's XML: a suite for every suite, a case for every test.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Report, TestCaseStatus, TestSuite};

use super::super::run::{Status, SuiteResult, TestResult};
use super::diff;
use crate::report::junit::{case, failed, skipped, write_document};
use lint::escape::one_line;

/// Writes one document.
pub(in super::super) fn write(results: &[SuiteResult], out: &mut dyn Write) -> io::Result<()> {
    let mut document = Report::new("harden test");
    for SuiteResult { name, path, tests, .. } in results {
        let mut suite = TestSuite::new(one_line(name));
        match tests {
            Ok(tests) => suite.add_test_cases(tests.iter().map(|test| case(path, &test.name, status(path, test)))),
            // A suite that cannot be read has one case, which says so.
            Err(error) => {
                let message = &error.to_string();
                suite.add_test_case(case(path, "can be read", failed(NonSuccessKind::Error, "no-suite", message, "")))
            }
        };
        document.add_test_suite(suite);
    }
    write_document(&document, out)
}

fn status(path: &str, test: &TestResult) -> TestCaseStatus {
    match &test.status {
        Status::Passed => TestCaseStatus::success(),
        Status::Skipped(why) => skipped(why),
        Status::Broken(why) => failed(NonSuccessKind::Error, "not-run", &format!("{path}:{}: {why}", test.line), ""),
        Status::Failed(mismatches) => {
            let what: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.what).collect();
            let lines: Vec<String> = diff(test).into_iter().map(|(_, line)| line).collect();
            let detail = format!("{path}:{}\n{}", test.line, lines.join("\n"));
            failed(NonSuccessKind::Failure, "mismatch", &format!("not as expected: {}", what.join(", ")), &detail)
        }
    }
}
