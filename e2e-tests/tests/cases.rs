//! Every case of `cases/`, on the compiled policies. Run by `cargo test`, with its own short harness: what
//! differs is printed, not panicked, and the last line is libtest's.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use e2e_tests::BUNDLE;
use e2e_tests::judge::Judge;
use e2e_tests::kwctl::Kwctl;
use e2e_tests::policies::{self, Policies};
use e2e_tests::suite::{self, Test};
use e2e_tests::tables;
use hardening::catalogue;

/// What of libtest's arguments matters here.
struct Args {
    list: bool,
    filters: Vec<String>,
}

fn args() -> Args {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let filters = args.iter().filter(|arg| !arg.starts_with("--")).cloned().collect();
    Args { list: args.iter().any(|arg| arg == "--list"), filters }
}

fn main() -> ExitCode {
    let started = Instant::now();
    match run(&args()) {
        Ok((passed, failed, filtered)) => {
            let word = if failed == 0 { "ok" } else { "FAILED" };
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; {filtered} filtered out; finished in {seconds:.2}s"
            );
            ExitCode::from(u8::from(failed > 0))
        }
        Err(problem) => {
            println!(
                "\nerror: {problem}\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out"
            );
            ExitCode::FAILURE
        }
    }
}

/// Passed, failed and filtered out.
fn run(args: &Args) -> Result<(usize, usize, usize), String> {
    let cases = policies::root().join("e2e-tests/cases");
    let tests = suite::tests(&tables::read(&cases, &catalogue::all())?)?;
    let wanted = |test: &&Test| args.filters.is_empty() || args.filters.iter().any(|f| test.name().contains(f));
    let chosen: Vec<&Test> = tests.iter().filter(wanted).collect();
    if args.list {
        chosen.iter().for_each(|test| println!("{}: test", test.name()));
        return Ok((0, 0, 0));
    }
    println!("\nrunning {} tests", chosen.len());

    let needed = |id: &&str| *id == BUNDLE || chosen.iter().any(|test| test.policy == *id);
    let policies = Policies::load(&policies::ids().into_iter().filter(needed).collect::<Vec<_>>())?;
    let kwctl = Kwctl::find(Path::new(env!("CARGO_TARGET_TMPDIR")));
    let summary = suite::run(&Judge { policies: &policies, kwctl: kwctl.as_ref() }, &chosen);
    let uncovered = if args.filters.is_empty() { suite::uncovered(&tests) } else { Vec::new() };

    for (name, differences) in &summary.failures {
        println!("\n---- {name} ----");
        differences.iter().for_each(|line| println!("{line}"));
    }
    if !uncovered.is_empty() {
        println!("\n---- coverage ----");
        uncovered.iter().for_each(|line| println!("{line}"));
    }
    let on_kwctl = match kwctl {
        Some(_) => format!("{} on kwctl", summary.on_kwctl),
        None => "skipped: kwctl not installed".to_owned(),
    };
    println!(
        "\ne2e: {} cases ran on wasm ({} policies, {} requests), {on_kwctl}",
        chosen.len(),
        suite::policies_of(&chosen),
        summary.requests,
    );
    let failed = summary.failures.len() + usize::from(!uncovered.is_empty());
    Ok((summary.passed, failed, tests.len() - chosen.len()))
}
