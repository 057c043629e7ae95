//! Loads the policies that judge and fix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use images::Index;
use lint::config::{ConfigFile, Configs};
use lint::facts::Locked;
use lint::search::Source;
use lint::session::{self, Policies, Session};
use lint::suggest;
use lint::suppress::Date;
use sandbox::{Engine, Policy};

use crate::args::PolicyArgs;
use crate::error::Error;
use crate::source;

/// Loads the policies that `args` and `configs` name and checks their settings for every source; `main` is the number of
/// the configuration for all paths together, `threads` is how many will call the policies at once, and `lock` says what is
/// known about images.
///
/// # Errors
/// A policy or settings that cannot be read or are not valid; the message names them.
pub(crate) fn session(
    args: &PolicyArgs,
    configs: Configs,
    main: Option<usize>,
    sources: &[Source],
    threads: usize,
    today: Date,
    lock: Option<Index>,
) -> Result<Session, Error> {
    let engine = session::engine(threads, sources.len())?;
    let policy = match &args.policy {
        None => embedded::bundle(&engine)?,
        Some(path) => {
            let wasm = source::read_policy(path, &args.registry).map_err(Error::of)?;
            let id = ConfigFile::id_of(configs.get(main), path);
            engine.policy_from_wasm(&id, &wasm)?
        }
    };
    let mut further = BTreeMap::new();
    for config in sources.iter().filter_map(Source::config).collect::<BTreeSet<_>>() {
        let Some(file) = configs.get(Some(config)) else { continue };
        let count = file.config.policies.len();
        let policies = (0..count).map(|index| module(&engine, file, index, args)).collect::<Result<_, _>>()?;
        further.insert(config, policies);
    }
    let locked = lock.map(|lock| Ok::<_, Error>(Locked::new(embedded::image_user(&engine)?, lock))).transpose()?;
    let session = Session::new(Policies { policy, further, locked }, &args.choices()?, configs, sources, today);
    let session = session.map_err(|error| match (error, args.settings_name()) {
        (lint::Error::Settings(message), Some(name)) => Error::Settings { name, message },
        (error, _) => error.into(),
    })?;
    if !args.rules.is_empty() {
        let names = session.rule_names();
        if let Some(rule) = args.rules.iter().find(|rule| !names.contains(&rule.as_str())) {
            let hint = suggest::among(rule, &names);
            return Err(Error::Unknown { what: "rule", name: rule.clone(), hint });
        }
    }
    Ok(session)
}

/// Loads a further policy of a configuration.
fn module(engine: &Engine, file: &ConfigFile, index: usize, args: &PolicyArgs) -> Result<Policy, Error> {
    let module = file.module(index)?;
    let at = |message: String| file.at(&format!("policies[{index}]: {message}"));
    let wasm = source::read(&module, &args.registry).map_err(|error| at(error.to_string()))?;
    let id = ConfigFile::id_of(Some(file), Path::new(&module.name()));
    Ok(engine.policy_from_wasm(&id, &wasm).map_err(|error| at(error.to_string()))?)
}
