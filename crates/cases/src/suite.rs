//! All cases of all policies, as tests of `cargo test`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use hardening::catalogue;
use libtest_mimic::{Arguments, Trial};

use crate::coverage::{self, Covered, Subject};
use crate::expand::{Expanded, expand};
use crate::tables::{self, Placed};

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
    /// Asks for every request; `ask` says how the answers differ from what is expected, a line each.
    fn run(&self, ask: fn(&Test, &Expanded) -> Vec<String>) -> anyhow::Result<()> {
        let mut lines = vec![self.placed.place.clone()];
        for request in &self.requests {
            let differences = ask(self, request);
            if !differences.is_empty() {
                let variant = if request.variant.is_empty() { &self.policy } else { &request.variant };
                lines.push(format!("{variant}:"));
                lines.extend(differences.iter().map(|line| format!("  {line}")));
            }
        }
        if lines.len() > 1 {
            bail!(lines.join("\n"))
        }
        Ok(())
    }
}

/// Runs the cases in the folder `cases`, and beside them a test that every rule has the cases it needs. The
/// arguments are libtest's: part of a name runs the cases that have it in theirs.
pub fn run(cases: &Path, ask: fn(&Test, &Expanded) -> Vec<String>) -> ExitCode {
    let tests = match tests(cases) {
        Ok(tests) => tests,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            return ExitCode::FAILURE;
        }
    };
    let requests: usize = tests.iter().map(|test| test.requests.len()).sum();
    println!("{} cases, {requests} requests", tests.len());
    let missing = uncovered(&tests);
    let coverage = move || if missing.is_empty() { Ok(()) } else { Err(missing.join("\n").into()) };
    let trial = |test: Test| {
        let name = format!("{}: {}", test.policy, test.placed.case.name);
        Trial::test(name, move || test.run(ask).map_err(Into::into))
    };
    let trials = tests.into_iter().map(trial).chain([Trial::test("every rule has the cases it needs", coverage)]);
    let mut arguments = Arguments::from_args();
    // Thousands of lines would hide what failed.
    arguments.quiet |= arguments.filter.is_none() && !arguments.list;
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn tests(cases: &Path) -> anyhow::Result<Vec<Test>> {
    let mut tests = Vec::new();
    for policy in tables::read(cases, &catalogue::every())? {
        for placed in policy.cases {
            let requests = expand(&placed.case, &policy.id, &policy.fragments).with_context(|| placed.place.clone())?;
            tests.push(Test { policy: policy.id.clone(), placed, requests });
        }
    }
    Ok(tests)
}

/// Lists what the tests do not cover, a line each.
fn uncovered(tests: &[Test]) -> Vec<String> {
    let rules = catalogue::every();
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
