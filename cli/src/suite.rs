//! `harden test`: suites of tests for policies, the built-in rules or any Kubewarden waPC policy.
//!
//! ```text
//! paths ─ find ─▶ files ─ file ─▶ suites (model, expect)
//!     ─ request ─▶ admission requests ─ policies ─▶ outcomes ─ compare ─▶ mismatches ─ report
//! ```

mod compare;
mod error;
mod expect;
mod file;
mod find;
mod model;
mod mutation;
mod outcome;
mod policies;
mod report;
mod request;
mod run;

pub use expect::{Expectation, Matcher, Mutation, Verdict};
pub use file::schema;
pub use model::{Case, ObjectExpectation, Operation, PolicyUnderTest, Suite};

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use lint::escape::write_line;

use crate::args::TrustArgs;
use crate::report::ReportStyle;
use crate::source::RegistryArgs;
use error::Error;
pub(crate) use find::is_suite;
use policies::Policies;
use run::SuiteResult;

/// Arguments of `harden test`.
#[derive(Debug, Clone, Args)]
pub struct TestArgs {
    /// Suites, or folders (searched for harden-test.yaml and *.harden-test.yaml)
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,

    /// Run only the tests whose name, or whose suite's name, contains this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,

    /// Format of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "text")]
    pub format: TestFormat,

    /// Print only failures
    #[arg(short, long)]
    pub quiet: bool,

    /// Pass, with a note, if there is no suite, as in a hook that runs in every repository
    #[arg(long)]
    pub if_present: bool,

    /// The lock that answers what policies ask their host about images, instead of the harden.lock beside the harden.yaml of
    /// a suite, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// Let policies import WASI; its functions have no effect
    #[arg(long)]
    pub allow_wasi: bool,

    /// How far suites and configurations that are found are trusted.
    #[command(flatten)]
    pub trust: TrustArgs,

    /// How to talk to the registries of policies.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// Formats of the report of `harden test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people, a failure as a diff
    Text,
    /// JUnit's XML, for test reports
    Junit,
    /// For programs
    Json,
}

/// Runs the suites that `args` name, writes the report to `out` and returns the exit code.
///
/// 0: every test passed; 1: some did not; 2: a suite, a manifest or a policy could not be read, or there was
/// nothing to run.
///
/// # Errors
/// Suites or policies that cannot be used, a filter that no test passes, a report that cannot be written.
pub fn test(args: &TestArgs, style: ReportStyle, out: &mut dyn Write) -> Result<u8, crate::Error> {
    let files = match find::suites(&args.paths, &args.trust) {
        Err(none @ Error::NoSuite(_)) if args.if_present => {
            if args.format == TestFormat::Text {
                write_line(out, format_args!("note: {none}"))?;
            }
            Vec::new()
        }
        found => found.map_err(crate::Error::of)?,
    };
    let mut policies = Policies::new(args).map_err(crate::Error::of)?;
    let results: Vec<SuiteResult> =
        files.iter().map(|path| run::suite(path, args.filter.as_deref(), &mut policies)).collect();
    let summary = report::Summary::of(&results);
    if let (Some(filter), 0, 0) = (&args.filter, summary.tests, summary.errors)
        && !files.is_empty()
    {
        return Err(crate::Error::NoTest(filter.clone()));
    }
    match args.format {
        TestFormat::Text => report::text::write(&results, summary, style, args.quiet, out)?,
        TestFormat::Junit => report::junit::write(&results, out)?,
        TestFormat::Json => report::json::write(&results, summary, out)?,
    }
    Ok(summary.exit_code())
}
