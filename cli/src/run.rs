//! `harden run`: one policy, one request, kwctl's arguments and answer.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::args::TrustArgs;
use crate::lock;
use crate::source::{RegistryArgs, read_policy};
use lint::escape::write_line;
use sandbox::{Engine, Limits, Options, Policy};

mod answer;
mod error;
mod input;

use error::{Error, InputError};

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

    /// The lock that answers what the policy asks its host about images, instead of the harden.lock beside the harden.yaml
    /// of the request's file, or in the current folder where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

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

/// A timeout that is not one.
#[derive(Debug, thiserror::Error, PartialEq)]
#[error("expected seconds between 0 and {LONGEST}")]
struct NotSeconds;

fn seconds(text: &str) -> Result<Duration, NotSeconds> {
    match text.parse::<f64>() {
        Ok(n) if n > 0.0 && n <= LONGEST => Ok(Duration::from_secs_f64(n)),
        _ => Err(NotSeconds),
    }
}

/// Runs the policy, prints the answer as one line of JSON to `out`, anything else to `err`, and returns the exit code.
///
/// 0 when the policy was asked: the answer says whether the request is allowed. A policy that traps or takes too long
/// has refused it, with status code 500, as in the cluster. 1 when nothing could be asked: a file that cannot be read,
/// a module that is not a policy, settings that the policy does not accept.
pub fn run(args: &RunArgs, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    finish(args, &mut io::stdin(), out, err)
}

fn finish(args: &RunArgs, stdin: &mut dyn Read, out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let result = evaluate(args, stdin, err).and_then(|answer| {
        let mut line = serde_json::to_string(&answer)?;
        line.push('\n');
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).map_err(Error::Write)
    });
    match result {
        Ok(()) => 0,
        Err(error) => {
            complain(err, "error", &error.to_string());
            1
        }
    }
}

/// Writes to standard error; when even that fails, nobody can be told.
fn complain(err: &mut dyn Write, level: &str, message: &str) {
    let _ = write_line(err, format_args!("{level}: {message}"));
}

fn evaluate(args: &RunArgs, stdin: &mut dyn Read, err: &mut dyn Write) -> Result<AdmissionResponse, Error> {
    let policy = load(args, err)?;
    let settings = settings(args.settings_json.as_deref(), args.settings_path.as_deref())?;
    let (name, text) = read_request(&args.request_path, stdin)?;
    let raw = policy.metadata().is_some_and(|metadata| metadata.is_raw());
    let wrong = |why: InputError| Error::Input(name.clone(), why);
    let json = json_from(&text).map_err(wrong)?;
    let request = Request::read(&json, raw).map_err(wrong)?;

    match policy.validate_settings(&settings) {
        Ok(verdict) if verdict.valid => {}
        Ok(verdict) => return Err(Error::Settings(verdict.message.unwrap_or_default())),
        Err(error) => return Err(Error::Settings(error.to_string())),
    }
    let response = policy.validate(&settings, &request.json).map_err(Error::from);
    let answer = response.and_then(|response| AdmissionResponse::new(&request, &response));
    Ok(answer.unwrap_or_else(|error| {
        let message = error.to_string();
        complain(err, "error", &message);
        AdmissionResponse::internal_error(&request, &message)
    }))
}

fn load(args: &RunArgs, err: &mut dyn Write) -> Result<Policy, Error> {
    let options = Options {
        limits: Limits { timeout: args.timeout, ..Limits::default() },
        allow_wasi: args.allow_wasi,
        ..Options::for_foreign()
    };
    let wasm = read_policy(&args.policy, &args.registry)?;
    let name = args.policy.display().to_string();
    let folder = args.request_path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let answers = lock::answers(args.lock.as_deref(), folder, &TrustArgs::default());
    let answers = answers.map_err(|error| Error::Lock(Box::new(error)))?;
    let policy = Engine::new(options)?.policy_from_wasm(&name, &wasm)?.answered_by(Arc::new(answers));
    if policy.metadata().is_none() {
        let message = format!("policy `{name}` has no Kubewarden metadata: policy-server refuses it");
        complain(err, "warning", &message);
    }
    Ok(policy)
}

/// Reads settings as JSON, from the given text or the named file; `{}` without either.
///
/// # Errors
/// A file that cannot be read, a text that is neither JSON nor YAML.
pub(crate) fn settings(json: Option<&str>, path: Option<&Path>) -> Result<String, Error> {
    let (name, text) = match (json, path) {
        (Some(text), _) => ("--settings-json".to_owned(), text.to_owned()),
        (None, Some(path)) => {
            let text = bounded::read_to_string(path).map_err(unreadable("settings", path))?;
            (path.display().to_string(), text)
        }
        (None, None) => return Ok("{}".to_owned()),
    };
    input::settings(&text).map_err(|why| Error::Input(name, why))
}

fn read_request(path: &Path, stdin: &mut dyn Read) -> Result<(String, String), Error> {
    if path != Path::new("-") {
        let text = bounded::read_to_string(path).map_err(unreadable("request", path))?;
        return Ok((path.display().to_string(), text));
    }
    Ok(("standard input".to_owned(), bounded::text_of(stdin).map_err(Error::Stdin)?))
}

fn unreadable(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Read(what, path.to_owned(), source)
}

#[cfg(test)]
mod tests;
