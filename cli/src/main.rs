//! The `harden` command.

use std::env;
use std::io::{self, Write};
use std::process::{self, ExitCode};

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use clap_complete::Shell;
use harden::Error;
use harden::baseline::{self, BaselineCommand};
use harden::check::{self, CheckArgs};
use harden::config::{self, ConfigArgs, ConfigFormat};
use harden::console::{Console, When};
use harden::explain;
use harden::fix::{self, FixArgs};
use harden::images::{self, ImagesArgs};
use harden::init::{self, InitArgs};
use harden::level::{self, LevelArgs, LevelFormat};
use harden::manifests::{self, ManifestsArgs};
use harden::matrix;
use harden::push_pull::{self, PullArgs, PushArgs};
use harden::report::wrap::Folding;
use harden::run::{self, RunArgs};
use harden::schema::SchemaOf;
use harden::shell::{self, Caller};
use harden::suite::{self, TestArgs, TestFormat};
use harden::suppress::{self, SuppressArgs};
use harden::trial::{self, TrialArgs, TrialFormat};
use harden::values;
use lint::escape::write_error;

/// Takes the place of musl's own, which has one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Check and fix Kubernetes manifests with the same WebAssembly policies that guard the cluster.
#[derive(Parser)]
#[command(name = "harden", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// When to use colours; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto", help_heading = "Terminal")]
    color: When,

    /// When to make rules and places in files links
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto", help_heading = "Terminal")]
    hyperlinks: When,
}

const EXAMPLES: &str = "\
Examples:
  harden init                             write a harden.yaml that fits what is here
  harden check deploy/                    judge every manifest below deploy/
  harden check --since origin/main        only what the work tree adds to a branch
  helm template chart | harden check -    judge what a chart renders
  harden matrix deploy/                   the same at a glance: workload by rule
  harden level deploy/                    which workloads are privileged, baseline, restricted, hardening
  harden fix --diff deploy/               what would be fixed, as a diff
  harden fix deploy/                      fix it, keeping comments and layout
  harden try --write deploy/              run it hardened, and write down what it needs
  harden images lock deploy/              keep what images stand for in harden.lock
  harden images pin deploy/               write their digests into the manifests
  harden test policies/                   run the suites of tests below policies/
  harden check --format json app.yaml     a report for programs
  harden explain capabilities             what a rule demands and why
  harden manifests --profile baseline --registry registry://ghcr.io/example/policies
                                          policies for a cluster with Kubewarden
  harden run policy.wasm -r request.json  run any Kubewarden waPC policy, as kwctl does

Exit codes: 0 clean, 1 violations, 2 something could not be judged.";

/// Exit codes of `check` and `matrix`.
const CHECK_CODES: &str = "\
Exit codes:
  0  everything was judged, and nothing fails
  1  there are violations that fail the run (see --fail-on)
  2  something could not be read or judged, or the arguments are wrong; the rest was judged all the same";

const FIX_CODES: &str = "\
Exit codes:
  0  nothing is left; with --diff: there is nothing to change
  1  violations are left; with --diff: there is something to change
  2  something could not be read, judged or written, or the arguments are wrong";

const BASELINE_CODES: &str = "\
Exit codes:
  0  everything was judged; what is gone was removed
  2  something could not be read, judged or written, or the arguments are wrong; its known findings stay";

const SUPPRESS_CODES: &str = "\
Exit codes:
  0  every finding is suppressed; with --diff: there is nothing to change
  1  findings are left for which no suppression can be written; with --diff: there is something to change
  2  something could not be read, judged or written, or the arguments are wrong";

const LEVEL_CODES: &str = "\
Exit codes:
  0  every workload reaches the level of --at-least, if that is given
  1  a workload is below it
  2  something could not be read or judged, or the arguments are wrong";

const IMAGES_CODES: &str = "\
Exit codes:
  0  every reference was read
  2  something could not be read, or the arguments are wrong; the rest was listed all the same";

const TRY_CODES: &str = "\
Exit codes:
  0  every workload runs hardened; what it needs is in the files, with --write by this run
  1  a workload needs something that is not in the files, is not ready as it is written, or has no proof
  2  something could not be read, run or written, there is no engine, or the arguments are wrong";

const TEST_CODES: &str = "\
Exit codes:
  0  every test passed
  1  a test did not pass
  2  a suite, a manifest or a policy could not be read, there was nothing to run, or the arguments are wrong";

const RUN_CODES: &str = "\
Exit codes, as kwctl's:
  0  the policy was asked; its answer says whether the request is allowed
  1  nothing could be asked: a file cannot be read, a module is not a policy, settings are not accepted
  2  the arguments are wrong";

/// The exit code that a shell reports for a program ended by SIGPIPE, as most programs are whose reader has gone.
const BROKEN_PIPE: u8 = 128 + 13;

#[derive(Subcommand)]
enum Command {
    /// Write a harden.yaml that fits what a folder holds, on demand the hook and the CI job
    Init(InitArgs),
    /// Judge manifests: every workload, every violation, with its place
    #[command(after_help = CHECK_CODES)]
    Check(CheckArgs),
    /// Draw workload by rule: what is clean, what is not, what `fix` repairs
    #[command(after_help = CHECK_CODES)]
    Matrix(CheckArgs),
    /// Fix manifests: fill in what is missing, leave every other byte as it is
    #[command(after_help = FIX_CODES)]
    Fix(FixArgs),
    /// Keep the files of known findings in order
    #[command(after_help = BASELINE_CODES)]
    Baseline {
        #[command(subcommand)]
        command: BaselineCommand,
    },
    /// Write a suppression with a reason beside each finding, so that `check` accepts it
    #[command(after_help = SUPPRESS_CODES)]
    Suppress(SuppressArgs),
    /// Show the strictest Pod Security level that each workload meets, and what keeps it from the next
    #[command(after_help = LEVEL_CODES)]
    Level(LevelArgs),
    /// List, lock and pin the images that manifests name
    #[command(after_help = IMAGES_CODES)]
    Images(Box<ImagesArgs>),
    /// Run workloads hardened with podman or docker: which rules are proven, and what each needs
    #[command(after_help = TRY_CODES)]
    Try(Box<TrialArgs>),
    /// Run suites of tests: what policies must allow, refuse and change
    #[command(after_help = TEST_CODES)]
    Test(TestArgs),
    /// Write Kubernetes YAML that puts the policies into a cluster with Kubewarden
    Manifests(Box<ManifestsArgs>),
    /// Run one policy on one request, with kwctl's arguments and answer
    #[command(after_help = RUN_CODES)]
    Run(RunArgs),
    /// Write a policy to an OCI registry, as kwctl does, and print its reference with the digest
    Push(PushArgs),
    /// Get a policy from an OCI registry, verify its digests, write it to a file
    Pull(PullArgs),
    /// Show what is in force for a file or folder, and which line says so
    Config(ConfigArgs),
    /// List the rules
    Rules,
    /// Explain a rule: what it demands, why, its settings
    Explain {
        /// Id of the rule, as `harden rules` lists it
        #[arg(value_parser = values::explained(), hide_possible_values = true)]
        rule: String,
    },
    /// Print the JSON schema of a file that harden reads or writes, for editors and programs
    Schema {
        /// The kind of file
        #[arg(value_enum, value_name = "FILE", default_value = "harden.yaml")]
        of: SchemaOf,
    },
    /// Print what a shell needs to complete commands and options
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, as `harden man | man -l -`
    Man {
        /// The page of this command
        command: Option<String>,
    },
    /// Print the version, as --version does
    Version,
}

impl Command {
    /// Whether what goes to standard output is text for people, and not a diff, a manifest or a report for programs. Of the
    /// reports of `check`, each says so itself.
    fn is_prose(&self) -> bool {
        match self {
            Command::Check(_) | Command::Matrix(_) => false,
            Command::Fix(args) => !args.puts_text_out(),
            Command::Suppress(args) => !args.puts_text_out(),
            Command::Images(args) => args.is_prose(),
            Command::Init(args) => !args.print,
            Command::Level(args) => args.format == LevelFormat::Text,
            Command::Config(args) => args.format == ConfigFormat::Text,
            Command::Test(args) => args.format == TestFormat::Text,
            Command::Try(args) => args.format() == TrialFormat::Text && !args.diff,
            Command::Baseline { .. } | Command::Rules | Command::Explain { .. } | Command::Version => true,
            Command::Manifests(_) | Command::Run(_) | Command::Push(_) | Command::Pull(_) => false,
            Command::Schema { .. } | Command::Completions { .. } | Command::Man { .. } => false,
        }
    }
}

/// Reads the command line; ends the program if it is wrong or asks for help.
fn parse() -> Cli {
    let mut args = env::args_os();
    let program = args.next();
    let command = match Caller::of(env::var_os(shell::CALLED_AS).or(program).as_deref()) {
        Caller::Shell => Cli::command().bin_name("harden"),
        Caller::Kubectl => shell::as_plugin(Cli::command(), EXAMPLES),
        Caller::KubectlCompletion => {
            let words: Vec<String> = args.map(|word| word.to_string_lossy().into_owned()).collect();
            let written = shell::complete(Cli::command(), &words, &mut io::stdout());
            process::exit(i32::from(written.is_err()));
        }
    };
    let parsed = command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.unwrap_or_else(|error| shell::explain(error).exit())
}

fn main() -> ExitCode {
    if let Some(code) = sandbox::serve() {
        return code.into();
    }
    let cli = parse();
    let console = Console::detect(cli.color, cli.hyperlinks);
    let width = console.style.width.filter(|_| cli.command.is_prose());
    let mut out = Folding::new(io::BufWriter::new(io::stdout().lock()), width);
    let mut err = Folding::new(io::stderr(), console.err_width);
    let done = match cli.command {
        Command::Init(args) => init::init(&args, &mut out, &mut err),
        Command::Config(args) => config::config(&args, &mut out),
        Command::Check(args) => check::check(&args, console, &mut out, &mut err),
        Command::Matrix(args) => check::check(&matrix::args(args), console, &mut out, &mut err),
        Command::Fix(args) => fix::fix(&args, console, &mut out, &mut err),
        Command::Baseline { command } => baseline::baseline(command, console, &mut out, &mut err),
        Command::Suppress(args) => suppress::suppress(&args, &mut out, &mut err),
        Command::Level(args) => level::level(&args, &mut out, &mut err),
        Command::Images(args) => images::images(&args, console, &mut out, &mut err),
        Command::Try(args) => trial::attempt(&args, console, &mut out, &mut err),
        Command::Test(args) => suite::test(&args, console.style, &mut out),
        Command::Manifests(args) => {
            // What stands behind `harden manifests`.
            let command: Vec<_> = env::args_os().skip_while(|arg| arg != "manifests").skip(1).collect();
            manifests::manifests(&args, &command, &mut out, &mut err)
        }
        Command::Run(args) => Ok(run::run(&args, &mut out, &mut err)),
        Command::Push(args) => push_pull::push_file(&args, &mut out, &mut err),
        Command::Pull(args) => push_pull::pull_to_file(&args, &mut out, &mut err),
        Command::Rules => explain::write_rules(console.style.width, &mut out).map(|()| 0).map_err(Error::from),
        Command::Explain { rule } => explain::write_explanation(&rule, console.style.width, &mut out).map(|()| 0),
        Command::Schema { of } => out.write_all(of.text().as_bytes()).map(|()| 0).map_err(Error::from),
        Command::Version => write!(out, "{}", Cli::command().render_version()).map(|()| 0).map_err(Error::from),
        Command::Completions { shell } => {
            shell::completions(Cli::command(), shell, &mut out).map(|()| 0).map_err(Error::from)
        }
        Command::Man { command } => shell::man(Cli::command(), command.as_deref(), &mut out).map(|()| 0),
    };
    let flushed = out.flush();
    match done.and_then(|code| Ok(flushed.map(|()| code)?)) {
        Ok(code) => code.into(),
        // `harden check | head`: not everything was said, but what could not be judged is something else.
        Err(error) if error.is_broken_pipe() => ExitCode::from(BROKEN_PIPE),
        Err(error) => {
            let _ = write_error(&mut err, error);
            ExitCode::from(2)
        }
    }
}
