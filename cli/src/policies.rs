//! Loads the policies that judge and fix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use images::Index;
use lint::answers::Answers;
use lint::config::{ConfigFile, Configs};
use lint::dockerfile::Mapping;
use lint::search::Source;
use lint::session::{self, Choices, Policies, Session};
use lint::suggest;
use lint::suppress::Date;
use sandbox::{Engine, Policy};

use crate::args::PolicyArgs;
use crate::error::Error;
use crate::{run, source};

/// Holds everything that the command line knows about images.
#[derive(Default)]
pub(crate) struct Images<'a> {
    /// The lock, if there is one; it answers what policies ask their host, too.
    pub(crate) lock: Option<Index>,
    pub(crate) dockerfiles: &'a [Mapping],
}

/// Loads the policies that `args` and `configs` name and checks their settings for every source; `main` is the number of
/// the configuration for all paths together, `threads` is how many will call the policies at once.
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
    images: Images<'_>,
) -> Result<Session, Error> {
    let engine = session::engine(threads, sources.len())?;
    let lock = images.lock.map(Arc::new);
    let answers = Arc::new(Answers::of(lock.clone()));
    let policy = match &args.policy {
        None => embedded::bundle(&engine)?,
        Some(path) => {
            let wasm = source::read_policy(path, &args.registry).map_err(Error::of)?;
            let id = ConfigFile::id_of(configs.get(main), path);
            engine.policy_from_wasm(&id, &wasm)?.answered_by(Arc::<Answers>::clone(&answers))
        }
    };
    let mut is_needed = lock.is_some() || !images.dockerfiles.is_empty();
    let mut further = BTreeMap::new();
    for config in sources.iter().filter_map(Source::config).collect::<BTreeSet<_>>() {
        let Some(file) = configs.get(Some(config)) else { continue };
        is_needed |= !file.config.dockerfiles.is_empty();
        let count = file.config.policies.len();
        let answered = |policy: Policy| policy.answered_by(Arc::<Answers>::clone(&answers));
        let policies = (0..count).map(|index| module(&engine, file, index, args).map(answered));
        further.insert(config, policies.collect::<Result<_, _>>()?);
    }
    let image_user = is_needed.then(|| embedded::image_user(&engine)).transpose()?;
    let choices = Choices { dockerfiles: images.dockerfiles.to_vec(), ..choices(args)? };
    let policies = Policies { policy, further, image_user, lock };
    let session = Session::new(policies, &choices, configs, sources, today);
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

/// The choices of the command line, in place of those of the configuration.
///
/// # Errors
/// Settings that cannot be read; the message names them.
pub(crate) fn choices(args: &PolicyArgs) -> Result<Choices, Error> {
    let settings = if args.has_settings() {
        let json = run::settings(args.settings_json.as_deref(), args.settings_path.as_deref());
        Some(serde_json::from_str(&json.map_err(Error::of)?).map_err(lint::Error::from)?)
    } else {
        None
    };
    Ok(Choices {
        settings,
        profile: args.profile,
        kubernetes_version: args.kubernetes_version,
        fail_on: args.fail_on,
        no_suppressions: args.no_suppressions,
        only: args.rules.clone(),
        ..Choices::default()
    })
}

/// Loads a further policy of a configuration.
fn module(engine: &Engine, file: &ConfigFile, index: usize, args: &PolicyArgs) -> Result<Policy, Error> {
    let module = file.module(index)?;
    let at = |message: String| file.at(&format!("policies[{index}]: {message}"));
    let wasm = source::read(&module, &args.registry).map_err(|error| at(error.to_string()))?;
    let id = ConfigFile::id_of(Some(file), Path::new(&module.name()));
    Ok(engine.policy_from_wasm(&id, &wasm).map_err(|error| at(error.to_string()))?)
}
