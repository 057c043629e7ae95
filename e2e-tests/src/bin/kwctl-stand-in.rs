//! Stands in for `kwctl` where the suites `e2e.bats` are tested themselves: `run` is answered by `harden run`.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use harden::run::{RunArgs, run};

#[derive(Parser)]
#[command(name = "kwctl")]
enum Kwctl {
    /// `harden run`
    Run(RunArgs),
}

fn main() -> ExitCode {
    let Kwctl::Run(args) = Kwctl::parse();
    run(&args, &mut io::stdout(), &mut io::stderr()).into()
}
