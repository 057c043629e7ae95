//! Runs suites.

use super::Error;
use super::compare::{self, Mismatch};
use super::expect::{Expectation, Verdict};
use super::file::{self, SuiteFile};
use super::find::SuitePath;
use super::model::Case;
use super::outcome::{Outcome, ready};
use super::policies::Policies;
use super::request::requests;
use lint::finding::Object;

/// The result of a suite.
#[derive(Debug)]
pub(super) struct SuiteResult {
    /// The file as the user gave it or as it was found.
    pub(super) path: String,
    /// Its name.
    pub(super) name: String,
    /// The results of its tests, or why it cannot be read.
    pub(super) tests: Result<Vec<TestResult>, Error>,
}

/// The result of a test.
#[derive(Debug)]
pub(super) struct TestResult {
    pub(super) name: String,
    /// Where it stands in the suite.
    pub(super) line: usize,
    pub(super) status: Status,
}

/// How a test ended.
#[derive(Debug)]
pub(super) enum Status {
    /// Everything is as expected.
    Passed,
    /// This is not.
    Failed(Vec<Mismatch>),
    /// It could not be run, and why.
    Broken(Error),
    /// It was not to be run, and why.
    Skipped(String),
}

/// Runs the tests of the suite at `path` whose name, or the suite's, contains `filter`.
pub(super) fn suite(found: &SuitePath, filter: Option<&str>, policies: &mut Policies<'_>) -> SuiteResult {
    let path = &found.path;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let path_shown = path.display().to_string();
    let file = match file::load(found) {
        Ok(file) => file,
        Err(error) => return SuiteResult { path: path_shown, name, tests: Err(error) },
    };
    let name = if file.suite.name.is_empty() { name } else { file.suite.name.clone() };
    let whole = filter.is_none_or(|filter| name.contains(filter));
    let chosen = |case: &Case| whole || filter.is_some_and(|filter| case.name.contains(filter));
    let cases = file.suite.tests.iter().zip(&file.lines).filter(|(case, _)| chosen(case));
    let run = |(case, line): (&Case, &usize)| {
        let status = run(case, &file, policies).unwrap_or_else(Status::Broken);
        TestResult { name: case.name.clone(), line: *line, status }
    };
    let tests = cases.map(run).collect();
    SuiteResult { path: path_shown, name, tests: Ok(tests) }
}

fn run(case: &Case, file: &SuiteFile, policies: &mut Policies<'_>) -> Result<Status, Error> {
    if let Some(reason) = &case.skip {
        return Ok(Status::Skipped(reason.clone()));
    }
    let choices = if case.policies.is_empty() { &file.suite.policies } else { &case.policies };
    let outcomes = match ready(policies.judges(file, choices))? {
        Err(outcome) => vec![outcome],
        Ok(judges) => {
            let asked = requests(case, file)?;
            let asked = asked.into_iter().map(|request| Outcome::of(&judges, request));
            asked.collect::<Result<Vec<_>, _>>()?
        }
    };
    let mismatches = match outcomes.as_slice() {
        // Nothing to judge: the test is about settings alone, and these are taken.
        [] => vec![compare::verdict(&Object::default(), Verdict::InvalidSettings, "the settings are taken")],
        outcomes => judge(case, outcomes)?,
    };
    Ok(if mismatches.is_empty() { Status::Passed } else { Status::Failed(mismatches) })
}

/// Compares every outcome with what is expected of its object.
fn judge(case: &Case, outcomes: &[Outcome]) -> Result<Vec<Mismatch>, Error> {
    let names = |outcome: &Outcome, name: &str| {
        let Object { kind, name: own, .. } = &outcome.object;
        outcome.object.to_string() == name || format!("{kind} {own}") == name
    };
    for expected in &case.objects {
        let is_settings = |outcome: &&Outcome| outcome.verdict == Verdict::InvalidSettings;
        if !outcomes.iter().any(|outcome| names(outcome, &expected.object) || is_settings(&outcome)) {
            let there: Vec<String> = outcomes.iter().map(|outcome| outcome.object.to_string()).collect();
            return Err(Error::OtherObjects(expected.object.clone(), there.join(", ")));
        }
    }
    let own = |outcome: &Outcome| case.objects.iter().find(|expected| names(outcome, &expected.object));
    let compared = outcomes.iter().flat_map(|outcome| {
        let expected: Option<&Expectation> = own(outcome).map(|own| &own.expect).or(case.expect.as_ref());
        match (expected, outcome.verdict) {
            (Some(expected), _) => compare::compare(&expected.0, outcome),
            // Of objects that nothing is expected of, a policy has to be usable at least.
            (None, Verdict::InvalidSettings) => compare::unexpected(outcome),
            (None, _) => Vec::new(),
        }
    });
    Ok(compared.collect())
}
