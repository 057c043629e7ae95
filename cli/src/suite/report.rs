//! Reports of `harden test`, one file a format.

pub(super) mod json;
pub(super) mod junit;
pub(super) mod text;

use serde::Serialize;

use super::run::{Status, SuiteResult, TestResult};

/// The sum of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Summary {
    /// Suites that were read or tried.
    pub(super) suites: usize,
    /// Tests that were chosen.
    pub(super) tests: usize,
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
    /// Tests and suites that could not be run.
    pub(super) errors: usize,
}

impl Summary {
    pub(super) fn of(results: &[SuiteResult]) -> Summary {
        results.iter().map(Summary::of_suite).fold(Summary::default(), |sum, suite| Summary {
            suites: sum.suites + suite.suites,
            tests: sum.tests + suite.tests,
            passed: sum.passed + suite.passed,
            failed: sum.failed + suite.failed,
            skipped: sum.skipped + suite.skipped,
            errors: sum.errors + suite.errors,
        })
    }

    pub(super) fn of_suite(result: &SuiteResult) -> Summary {
        let tests = result.tests.as_deref().unwrap_or_default();
        let count = |is: fn(&Status) -> bool| tests.iter().filter(|test| is(&test.status)).count();
        Summary {
            suites: 1,
            tests: tests.len(),
            passed: count(|status| matches!(status, Status::Passed)),
            failed: count(|status| matches!(status, Status::Failed(_))),
            skipped: count(|status| matches!(status, Status::Skipped(_))),
            errors: count(|status| matches!(status, Status::Broken(_))) + usize::from(result.tests.is_err()),
        }
    }

    /// 2 if something could not be run, else 1 if a test failed, else 0.
    pub(super) fn exit_code(self) -> u8 {
        match (self.errors, self.failed) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}

/// The mismatches of a test, as lines: a heading for each, then its diff.
fn diff(test: &TestResult) -> Vec<(Option<super::compare::Sign>, String)> {
    let Status::Failed(mismatches) = &test.status else { return Vec::new() };
    let mut lines = Vec::new();
    for mismatch in mismatches {
        let object = if mismatch.object.is_empty() { String::new() } else { format!("{}: ", mismatch.object) };
        lines.push((None, format!("{object}{} (- expected, + got)", mismatch.what)));
        lines.extend(
            mismatch.lines.iter().map(|line| (Some(line.sign), format!("{} {}", line.sign.symbol(), line.text))),
        );
    }
    lines
}
