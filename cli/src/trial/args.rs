//! The arguments of `harden try`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use engine::{Choice, How};
use lint::config::Format;
use lint::suppress::Date;
use regex::Regex;
use thiserror::Error;

use crate::args::{InputArgs, PolicyArgs};
use crate::render::RenderArgs;
use crate::report::by_ending;

/// Arguments of `harden try`.
#[derive(Debug, Clone, Args)]
pub struct TrialArgs {
    /// The input to try.
    #[command(flatten)]
    pub input: InputArgs,

    /// The folders to render before trying.
    #[command(flatten)]
    pub render: RenderArgs,

    /// Which rules harden, with which settings.
    #[command(flatten)]
    pub policy: PolicyArgs,

    /// Try this workload only, such as web or deployment/web; may be repeated, or a list. The others still run beside it
    /// where it needs their services
    #[arg(long = "workload", value_name = "[KIND/]NAME", value_delimiter = ',')]
    pub workloads: Vec<String>,

    /// Also replace values that the author wrote, as `fix --unsafe` does, such as `privileged: true`
    #[arg(long = "unsafe")]
    pub overwrite: bool,

    /// Write what was proven into the files, as `fix` does, and what was seen into harden.lock
    #[arg(long, conflicts_with_all = ["kustomize", "helm"])]
    pub write: bool,

    /// Print what --write would change in the files as a unified diff; the report goes to standard error
    #[arg(long, conflicts_with_all = ["write", "format", "output"])]
    pub diff: bool,

    /// The lock, instead of the harden.lock beside harden.yaml, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE", requires = "write")]
    pub lock: Option<PathBuf>,

    /// How to report [default: what the ending of --output says, else text]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<TrialFormat>,

    /// File for the report, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// The day by which suppressions expire, such as 2027-01-31; today if left out
    #[arg(long, value_name = "DATE")]
    pub today: Option<Date>,

    /// How workloads are run.
    #[command(flatten)]
    pub running: RunningArgs,
}

/// How workloads are run.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Running")]
pub struct RunningArgs {
    /// The container engine; if left out, that of DOCKER_HOST, else the first that answers
    #[arg(long, value_enum, value_name = "ENGINE")]
    pub engine: Option<EngineWord>,

    /// Pull images that are not on this machine
    #[arg(long)]
    pub pull: bool,

    /// Let containers reach the internet and services of this machine
    #[arg(long)]
    pub network: bool,

    /// Ready is when a line of a container's log matches, instead of what the probes say
    #[arg(long, value_name = "REGEX")]
    pub ready: Option<Regex>,

    /// How long containers without a probe must run to be ready, such as 10s
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = time)]
    pub ready_for: Duration,

    /// How long one run may take until it is ready, such as 90s or 5m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time)]
    pub timeout: Duration,

    /// How often a hardened workload is run at most
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub max_runs: usize,

    /// By how much limits exceed what was measured
    #[arg(long, value_name = "PERCENT", default_value = "50%", value_parser = percent)]
    pub head_room: u32,
}

impl RunningArgs {
    /// The engine that is asked for.
    pub(super) fn choice(&self) -> Option<Choice> {
        self.engine.map(|engine| match engine {
            EngineWord::Podman => Choice::Podman,
            EngineWord::Docker => Choice::Docker,
        })
    }

    /// How a pod is run; `watch` stays until what it does has been seen.
    pub(super) fn how(&self, watch: bool) -> How {
        let RunningArgs { ready_for, timeout, network, ref ready, .. } = *self;
        How { ready_for, timeout, log: ready.clone(), network, watch }
    }
}

impl TrialArgs {
    /// The format of the report.
    pub fn format(&self) -> TrialFormat {
        let named = || match self.output.as_deref().and_then(by_ending) {
            Some(Format::Json) => TrialFormat::Json,
            Some(Format::Markdown) => TrialFormat::Markdown,
            Some(Format::Html) => TrialFormat::Html,
            _ => TrialFormat::Text,
        };
        self.format.unwrap_or_else(named)
    }
}

/// A container engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineWord {
    /// Podman
    Podman,
    /// Docker
    Docker,
}

/// Formats of the report of `harden try`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TrialFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For comments on pull requests
    Markdown,
    /// One page: workload by rule, with the proof
    Html,
}

/// A number with a unit that cannot be read.
#[derive(Debug, Error)]
enum NumberError {
    #[error("must be a time such as 500ms, 10s or 5m")]
    Time,
    #[error("must be a number of percent such as 50%")]
    Percent,
}

/// Reads a time; a number alone is in seconds.
fn time(text: &str) -> Result<Duration, NumberError> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u64 = digits.parse().map_err(|_| NumberError::Time)?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(count)),
        "s" | "" => Ok(Duration::from_secs(count)),
        "m" => count.checked_mul(60).map(Duration::from_secs).ok_or(NumberError::Time),
        _ => Err(NumberError::Time),
    }
}

/// Reads a number of percent, with the sign or without.
fn percent(text: &str) -> Result<u32, NumberError> {
    text.strip_suffix('%').unwrap_or(text).parse().map_err(|_| NumberError::Percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        let millis = |text| time(text).ok().map(|time| time.as_millis());
        for (text, expected) in [
            ("500ms", Some(500)),
            ("10s", Some(10_000)),
            ("10", Some(10_000)),
            ("2m", Some(120_000)),
            ("2h", None),
            ("s", None),
            ("-1s", None),
            ("1.5s", None),
            ("999999999999999999m", None),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
        let read = |text| percent(text).ok();
        assert_eq!([read("50%"), read("0"), read("%"), read("half")], [Some(50), Some(0), None, None]);
    }
}
