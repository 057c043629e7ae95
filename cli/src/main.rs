//! The `harden` command.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use harden::check::{self, CheckArgs, Console};
use harden::explain;
use harden::fix::{self, FixArgs};
use harden::manifests::{self, ManifestsArgs};
use harden::matrix;
use harden::oci::{self, PullArgs, PushArgs};
use harden::run::{self, RunArgs};

/// Check and fix Kubernetes manifests with the same WebAssembly policies that guard the cluster.
#[derive(Parser)]
#[command(name = "harden", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  harden check deploy/                    judge every manifest below deploy/
  helm template chart | harden check -    judge what a chart renders
  harden matrix deploy/                   the same at a glance: workload by rule
  harden fix --diff deploy/               what would be fixed, as a diff
  harden fix deploy/                      fix it, keeping comments and layout
  harden check --format json app.yaml     a report for programs
  harden explain capabilities             what a rule demands and why
  harden manifests --profile baseline --registry registry://ghcr.io/example/policies
                                          policies for a cluster with Kubewarden
  harden run policy.wasm -r request.json  run any Kubewarden waPC policy, as kwctl does

Exit codes: 0 clean, 1 violations, 2 something could not be judged.";

#[derive(Subcommand)]
enum Command {
    /// Judge manifests: every workload, every violation, with its place
    Check(CheckArgs),
    /// Draw workload by rule: what is clean, what is not, what `fix` repairs
    Matrix(CheckArgs),
    /// Fix manifests: fill in what is missing, leave every other byte as it is
    Fix(FixArgs),
    /// Write Kubernetes YAML that puts the policies into a cluster with Kubewarden
    Manifests(Box<ManifestsArgs>),
    /// Run one policy on one request, with kwctl's arguments and answer
    Run(RunArgs),
    /// Write a policy to an OCI registry, as kwctl does, and print its reference with the digest
    Push(PushArgs),
    /// Get a policy from an OCI registry, verify its digests, write it to a file
    Pull(PullArgs),
    /// List the rules
    Rules,
    /// Explain a rule: what it demands, why, its settings
    Explain {
        /// Id of the rule, as `harden rules` lists it
        rule: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut err = io::stderr();
    let console = Console::detect();
    let done = match cli.command {
        Command::Check(args) => check::check(&args, console, &mut out, &mut err),
        Command::Matrix(args) => check::check(&matrix::args(args), console, &mut out, &mut err),
        Command::Fix(args) => fix::fix(&args, &mut out, &mut err),
        Command::Manifests(args) => {
            // What stands behind `harden manifests`: `harden` has no options of its own before it.
            let command: Vec<_> = std::env::args_os().skip(2).collect();
            manifests::manifests(&args, &command, &mut out, &mut err)
        }
        Command::Run(args) => Ok(run::run(&args, &mut out, &mut err)),
        Command::Push(args) => oci::push_file(&args, &mut out, &mut err),
        Command::Pull(args) => oci::pull_to_file(&args, &mut out, &mut err),
        Command::Rules => explain::write_rules(&mut out).map(|()| 0),
        Command::Explain { rule } => {
            explain::write_explanation(&rule, &mut out, &mut err).map(|known| if known { 0 } else { 2 })
        }
    };
    let done = done.and_then(|code| out.flush().map(|()| code));
    match done {
        Ok(code) => code.into(),
        // `harden check | head` is no failure of ours.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: cannot write the report: {error}");
            ExitCode::from(2)
        }
    }
}
