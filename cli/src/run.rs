//! `harden run`: one policy, one request, kwctl's arguments and answer.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::source::{RegistryArgs, read_policy};
use lint::escape::write_line;
use sandbox::{Engine, Limits, Options, Policy};

mod answer;
mod input;

use answer::AdmissionResponse;
use input::{Request, json_from};

/// Arguments of `harden run`.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The policy, a waPC module: a `.wasm` file or a registry:// reference
    #[arg(value_name = "POLICY")]
    pub policy: PathBuf,

    /// File with an AdmissionReview, an admission request or a Kubernetes
    /// object; `-` reads standard input
    #[arg(short, long, value_name = "FILE")]
    pub request_path: PathBuf,

    /// The policy's settings as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings_path")]
    pub settings_json: Option<String>,

    /// File with the policy's settings, JSON or YAML
    #[arg(short, long, value_name = "FILE")]
    pub settings_path: Option<PathBuf>,

    /// Let the policy import WASI; its functions have no effect
    #[arg(long)]
    pub allow_wasi: bool,

    /// Longest time for each call of the policy
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub timeout: Duration,

    /// How to talk to the policy's registry.
    #[command(flatten)]
    pub registry: RegistryArgs,
}

/// The longest timeout, a day: more is a typing error.
const LONGEST: f64 = 86_400.0;

fn seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<f64>() {
        Ok(n) if n > 0.0 && n <= LONGEST => Ok(Duration::from_secs_f64(n)),
        _ => Err(format!("expected seconds between 0 and {LONGEST}")),
    }
}

/// Runs the policy, prints the answer as one line of JSON to `out`, anything
/// else to `err`, and returns the exit code.
///
/// 0 when the policy was asked: the answer says whether the request is allowed.
/// A policy that traps or takes too long has refused it, with status code 500,
/// as in the cluster. 1 when nothing could be asked: a file that cannot be read,
/// a module that is no policy, settings that the policy does not accept.
pub fn run(args: &RunArgs, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    finish(args, &mut io::stdin(), out, err)
}

fn finish(args: &RunArgs, stdin: &mut dyn Read, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let result = evaluate(args, stdin, err).and_then(|answer| {
        let mut line = serde_json::to_string(&answer).map_err(|e| e.to_string())?;
        line.push('\n');
        out.write_all(line.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|error| format!("cannot write the answer: {error}"))
    });
    match result {
        Ok(()) => 0,
        Err(message) => {
            complain(err, "error", &message);
            1
        }
    }
}

/// Writes to standard error; when even that fails, nobody can be told.
fn complain(err: &mut dyn Write, level: &str, message: &str) {
    let _ = write_line(err, format_args!("{level}: {message}"));
}

fn evaluate(args: &RunArgs, stdin: &mut dyn Read, err: &mut dyn Write) -> Result<AdmissionResponse, String> {
    let policy = load(args, err)?;
    let settings = settings(args.settings_json.as_deref(), args.settings_path.as_deref())?;
    let (name, text) = read_request(&args.request_path, stdin)?;
    let raw = policy.metadata().is_some_and(|metadata| metadata.is_raw());
    let json = json_from(&text).map_err(|why| format!("{name}: {why}"))?;
    let request = Request::read(&json, raw).map_err(|why| format!("{name}: {why}"))?;

    match policy.validate_settings(&settings) {
        Ok(verdict) if verdict.valid => {}
        Ok(verdict) => return Err(invalid_settings(&verdict.message.unwrap_or_default())),
        Err(error) => return Err(invalid_settings(&error.to_string())),
    }
    let answer = policy
        .validate(&settings, &request.json)
        .map_err(|error| error.to_string())
        .and_then(|response| AdmissionResponse::new(&request, &response));
    Ok(answer.unwrap_or_else(|message| {
        complain(err, "error", &message);
        AdmissionResponse::internal_error(&request, &message)
    }))
}

/// In kwctl's words, quotes included: scripts look for them.
fn invalid_settings(message: &str) -> String {
    format!("Provided settings are not valid: {message:?}")
}

fn load(args: &RunArgs, err: &mut dyn Write) -> Result<Policy, String> {
    let options = Options {
        limits: Limits { timeout: args.timeout, ..Limits::default() },
        allow_wasi: args.allow_wasi,
        ..Options::for_foreign()
    };
    let wasm = read_policy(&args.policy, &args.registry)?;
    let name = args.policy.display().to_string();
    let policy = Engine::new(options)
        .and_then(|engine| engine.policy_from_wasm(&name, &wasm))
        .map_err(|error| error.to_string())?;
    if policy.metadata().is_none() {
        let message = format!("policy `{name}` has no Kubewarden metadata: policy-server refuses it");
        complain(err, "warning", &message);
    }
    Ok(policy)
}

/// The settings as JSON, from the text given or the file named; `{}` without either.
///
/// # Errors
/// A file that cannot be read, a text that is neither JSON nor YAML; the message names it.
pub fn settings(json: Option<&str>, path: Option<&Path>) -> Result<String, String> {
    let (name, text) = match (json, path) {
        (Some(text), _) => ("--settings-json".to_owned(), text.to_owned()),
        (None, Some(path)) => {
            let text = bounded::read_to_string(path).map_err(|error| unreadable("settings", path, &error))?;
            (path.display().to_string(), text)
        }
        (None, None) => return Ok("{}".to_owned()),
    };
    input::settings(&text).map_err(|why| format!("{name}: {why}"))
}

fn read_request(path: &Path, stdin: &mut dyn Read) -> Result<(String, String), String> {
    if path != Path::new("-") {
        let text = bounded::read_to_string(path).map_err(|error| unreadable("request", path, &error))?;
        return Ok((path.display().to_string(), text));
    }
    let text =
        bounded::text_of(stdin).map_err(|error| format!("cannot read the request from standard input: {error}"))?;
    Ok(("standard input".to_owned(), text))
}

fn unreadable(what: &str, path: &Path, error: &io::Error) -> String {
    format!("cannot read {what} `{}`: {error}", path.display())
}

#[cfg(test)]
mod tests;
