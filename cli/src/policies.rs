//! Loads the policies that judge and fix.

use std::path::Path;

use lint::config::ConfigFile;
use lint::search::Source;
use lint::session::{self, Policies, Session};
use lint::suggest;
use lint::suppress::Date;

use crate::args::PolicyArgs;
use crate::error::Error;
use crate::source;

/// Loads the policies that `args` and `config` name and checks their settings for every source; `threads` is how many
/// will call them at once.
///
/// # Errors
/// A policy or settings that cannot be read or are not valid; the message names them.
pub(crate) fn session(
    args: &PolicyArgs,
    config: Option<ConfigFile>,
    sources: &[Source],
    threads: usize,
    today: Date,
) -> Result<Session, Error> {
    let engine = session::engine(threads, sources.len())?;
    let policy = match &args.policy {
        None => embedded::bundle(&engine)?,
        Some(path) => {
            let wasm = source::read_policy(path, &args.registry).map_err(Error::of)?;
            let id = ConfigFile::id_of(config.as_ref(), path);
            engine.policy_from_wasm(&id, &wasm)?
        }
    };
    let mut further = Vec::new();
    if let Some(file) = &config {
        for index in 0..file.config.policies.len() {
            let module = file.module(index)?;
            let at = |message: String| file.at(&format!("policies[{index}]: {message}"));
            let wasm = source::read(&module, &args.registry).map_err(|error| at(error.to_string()))?;
            let id = ConfigFile::id_of(Some(file), Path::new(&module.name()));
            further.push(engine.policy_from_wasm(&id, &wasm).map_err(|error| at(error.to_string()))?);
        }
    }
    let session = Session::new(Policies { policy, further }, &args.choices()?, config, sources, today)?;
    if !args.rules.is_empty() {
        let names = session.rule_names();
        if let Some(rule) = args.rules.iter().find(|rule| !names.contains(&rule.as_str())) {
            let hint = suggest::among(rule, &names);
            return Err(Error::Unknown { what: "rule", name: rule.clone(), hint });
        }
    }
    Ok(session)
}
