//! All cases of all policies, run on several threads.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hardening::catalogue;

use crate::BUNDLE;
use crate::coverage::{self, Covered, Subject};
use crate::expand::{Expanded, expand};
use crate::judge::Judge;
use crate::tables::{Placed, PolicyCases};

/// One case of one policy.
#[derive(Debug)]
pub struct Test {
    /// Id of the policy.
    pub policy: String,
    /// The case.
    pub placed: Placed,
    /// The requests that it stands for.
    pub requests: Vec<Expanded>,
}

impl Test {
    /// Policy and name, as the test runner prints them.
    pub fn name(&self) -> String {
        format!("{}: {}", self.policy, self.placed.case.name)
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Summary {
    /// Tests that passed.
    pub passed: usize,
    /// Requests that the compiled policies judged.
    pub requests: usize,
    /// Requests that kwctl judged too.
    pub on_kwctl: usize,
    /// What failed: the test's name and how it differs.
    pub failures: Vec<(String, Vec<String>)>,
}

/// The tests that the tables make.
///
/// # Errors
/// A case that cannot be expanded.
pub fn tests(policies: &[PolicyCases]) -> Result<Vec<Test>, String> {
    let mut tests = Vec::new();
    for policy in policies {
        for placed in &policy.cases {
            let requests = expand(&placed.case, &policy.id, &policy.fragments)
                .map_err(|why| format!("{}: {why}", placed.place))?;
            tests.push(Test { policy: policy.id.clone(), placed: placed.clone(), requests });
        }
    }
    Ok(tests)
}

/// What the tests do not cover, a line each.
pub fn uncovered(tests: &[Test]) -> Vec<String> {
    let rules = catalogue::all();
    let subjects = rules.iter().map(Subject::rule).chain([Subject::bundle()]);
    let mut missing = Vec::new();
    let mut all = Vec::new();
    for subject in subjects {
        let mut covered = Covered::default();
        for test in tests.iter().filter(|test| test.policy == subject.id) {
            covered.add(&subject, &test.placed.case, &test.requests);
        }
        missing.extend(covered.missing(&subject));
        all.push(covered);
    }
    missing.extend(coverage::missing_common(&all));
    missing
}

/// Runs the tests on all processors.
pub fn run(judge: &Judge<'_>, tests: &[&Test]) -> Summary {
    let next = AtomicUsize::new(0);
    let summary = Mutex::new(Summary::default());
    let work = || {
        while let Some(test) = tests.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (differences, on_kwctl) = run_one(judge, test);
            let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            summary.requests += test.requests.len();
            summary.on_kwctl += on_kwctl;
            if differences.is_empty() {
                summary.passed += 1;
            } else {
                summary.failures.push((format!("{} ({})", test.name(), test.placed.place), differences));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    let mut summary = summary.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    summary.failures.sort();
    summary
}

/// How the requests of a test differ from what is expected, and how many of them kwctl judged.
fn run_one(judge: &Judge<'_>, test: &Test) -> (Vec<String>, usize) {
    let mut lines = Vec::new();
    let mut on_kwctl = 0;
    for request in &test.requests {
        let report = judge.run(&test.policy, &test.placed.case, request);
        on_kwctl += usize::from(report.on_kwctl);
        if !report.differences.is_empty() {
            let variant = if request.variant.is_empty() { &test.policy } else { &request.variant };
            lines.push(format!("{variant}:"));
            lines.extend(report.differences.iter().map(|line| format!("  {line}")));
        }
    }
    (lines, on_kwctl)
}

/// Number of policies that the tests run on: their own, and the bundle for every one of them.
pub fn policies_of(tests: &[&Test]) -> usize {
    let mut ids: Vec<&str> = tests.iter().map(|test| test.policy.as_str()).chain([BUNDLE]).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}
