//! `harden manifests`: Kubernetes YAML that puts the policies into a cluster.
//!
//! ```text
//! options ─▶ settings ─▶ plan (which policies, which settings) ─▶ objects ─▶ YAML
//! ```

mod apart;
mod args;
mod audit;
mod error;
mod group;
mod modules;
mod names;
mod objects;
mod output;
mod plan;
mod selector;
mod server;
mod settings;
mod size;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use kubewarden_policy_sdk::crd::policies::common::{BackgroundAudit, FailurePolicy, MatchPolicy, PolicyMode};
use serde_json::Value;

use crate::args::PolicyArgs;
use crate::lock::LockFile;
use crate::policies;
use hardening::admission::{self, Requests};
use images::Lock;
use lint::config::{ConfigFile, Configs};
use lint::escape::write_line;
use lint::judge::Judge;
use sandbox::{Engine, Options};

pub use args::{
    Kind, ManifestsArgs, Match, Mode, ModulesArgs, NamespacesArgs, OnFailure, PoliciesArgs, RulesArgs, ServerArgs,
};
pub use plan::Layout;

use error::Error;
use group::Group;
use modules::Modules;
use names::check_label;
use objects::{About, Reach, Shared};
use output::Document;
use plan::Plan;

/// Namespaces that policies leave alone unless asked: a policy that refuses the control plane's pods or
/// Kubewarden's own would lock the cluster up. Rancher installs Kubewarden to the last one.
const DEFAULT_EXCLUDES: [&str; 3] = ["kube-system", "kubewarden", "cattle-kubewarden-system"];

/// Writes what `args` ask for and returns the exit code: 0, or 2 if something is wrong with the options or the
/// settings, and then nothing was written. `command` is what the user typed behind `harden manifests`.
///
/// # Errors
/// An output that cannot be written.
pub fn manifests(
    args: &ManifestsArgs,
    command: &[OsString],
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, crate::Error> {
    let (documents, config) = prepare(args).map_err(crate::Error::of)?;
    if let Some(file) = config.as_ref().filter(|file| !file.config.policies.is_empty()) {
        write_line(
            err,
            format_args!(
                "warning: {}: `policies` are not written: only harden's own policies are",
                file.path.display()
            ),
        )?;
    }
    for note in size::notes(&documents).map_err(crate::Error::of)? {
        write_line(err, format_args!("warning: {note}"))?;
    }
    let found = config.as_ref().filter(|_| args.rules.config.is_none());
    let header = output::header(command, found.map(|file| file.path.as_path()));
    if args.output == Path::new("-") {
        output::stream(&documents, &header, out)?;
        return Ok(0);
    }
    let (written, left) = output::folder(&documents, &header, &args.output).map_err(crate::Error::of)?;
    let folder = args.output.display();
    writeln!(out, "wrote {} files to {folder}; `kubectl apply -k {folder}` puts them in place", written.len())?;
    for path in left {
        let path = path.display();
        write_line(err, format_args!("warning: {path} is of an earlier run and not part of the kustomization"))?;
    }
    Ok(0)
}

/// The objects that `args` ask for, and the configuration that has a part in them.
fn prepare(args: &ManifestsArgs) -> Result<(Vec<Document>, Option<ConfigFile>), Error> {
    let rules = policy_args(&args.rules);
    let mut configs = if rules.has_settings() { Configs::fixed(None) } else { rules.configs()? };
    let config = configs.of(Path::new("."))?;
    let config = configs.get(config).cloned();
    let settings =
        policies::choices(&rules).map_err(|error| Error::Arguments(Box::new(error)))?.project_settings(config.as_ref());
    let engine = Engine::new(Options::default())?;
    let bundle = embedded::bundle(&engine)?;
    let refused = |error| ConfigFile::refusal(config.as_ref(), error);
    let judge = Judge::new(bundle, settings.to_string()).map_err(refused)?;
    let Value::Object(settings) = settings else { return Err(Error::NoMapping) };
    let lock = lock_of(args, config.as_ref())?;
    let own = config.as_ref().filter(|_| !rules.has_settings());
    let apart = apart::planned(&args.rules.with, own, &settings, args.rules.mutating, &lock)?;
    let layout = args.policies.layout;
    let plan = Plan::new(settings, layout, args.rules.mutating)?.with(apart, layout)?;
    for (policy, settings) in plan.policies.iter().filter_map(|policy| Some((policy, policy.bundled.clone()?))) {
        let settings = Value::Object(settings).to_string();
        judge.with_settings(settings).map_err(|why| Error::Policy(policy.id.clone(), why))?;
    }
    Ok((objects(args, &plan)?, config))
}

/// The lock whose entries policies get; an empty one if there is none.
fn lock_of(args: &ManifestsArgs, config: Option<&ConfigFile>) -> Result<Lock, Error> {
    let given = args.rules.lock.as_deref();
    if given.is_none() && args.rules.no_config {
        return Ok(Lock::default());
    }
    let file = LockFile::open(given, config, &args.rules.trust);
    let file = file.and_then(|file| if given.is_some() { file.existing() } else { Ok(file) });
    file.map(|file| file.lock).map_err(|error| Error::Arguments(Box::new(error)))
}

fn policy_args(args: &RulesArgs) -> PolicyArgs {
    PolicyArgs {
        policy: None,
        profile: args.profile,
        rules: Vec::new(),
        kubernetes_version: args.kubernetes_version,
        settings_json: args.settings_json.clone(),
        settings_path: args.settings_path.clone(),
        fail_on: None,
        config: args.config.clone(),
        no_config: args.no_config,
        trust: args.trust.clone(),
        no_suppressions: false,
        registry: crate::source::RegistryArgs::default(),
    }
}

/// The objects of a plan.
fn objects(args: &ManifestsArgs, plan: &Plan) -> Result<Vec<Document>, Error> {
    let modules = &args.modules;
    let modules = Modules::new(modules.registry.as_deref(), modules.tag.as_deref(), modules.digests.as_deref())?;
    server::check_name(&args.server.policy_server)?;
    let options = &args.policies;
    let further: Vec<Requests> = options.resource.iter().map(|text| further_rule(text)).collect::<Result<_, _>>()?;
    let shared = shared(args, further.clone())?;
    let name = options.name.as_deref().unwrap_or(&plan.profile);
    check_label("--name", name)?;
    let is_group = options.layout == Layout::Group;
    for (option, given) in [("--expression", options.expression.is_some()), ("--message", options.message.is_some())] {
        if given && !is_group {
            return Err(Error::OnlyOfGroup(option));
        }
    }
    let mut documents = Vec::new();
    if args.server.create_policy_server {
        let name = format!("policy-server-{}", args.server.policy_server);
        documents.push(Document { name, object: server::object(&args.server, &apart::capabilities(&plan.policies))? });
    }
    if !further.is_empty() && options.background_audit {
        let name = format!("{name}-audit");
        check_label("the role's name", &name)?;
        documents.push(Document { object: audit::role(&name, &further)?, name });
    }
    if is_group {
        let group = Group::new(plan, options.expression.as_deref(), options.message.as_deref())?;
        let members: Result<Vec<_>, Error> =
            plan.policies.iter().map(|policy| Ok((policy, modules.of(&policy.module)?))).collect();
        let gravest = plan.policies.iter().map(|policy| policy.severity).max();
        let severity = gravest.map_or("low", |severity| severity.word());
        let about = About { name, app: embedded::BUNDLE, severity, title: &plan.title };
        documents.push(Document { name: name.to_owned(), object: objects::group(&about, group, members?, &shared)? });
        return Ok(documents);
    }
    for policy in &plan.policies {
        let name = match options.layout {
            Layout::Bundle if policy.id == embedded::BUNDLE => name.to_owned(),
            _ => format!("{name}-{}", policy.id),
        };
        check_label("the policy's name", &name)?;
        let object = objects::policy(&name, policy, modules.of(&policy.module)?, &shared)?;
        documents.push(Document { name, object });
    }
    Ok(documents)
}

/// Reads the options that concern every policy.
fn shared(args: &ManifestsArgs, further: Vec<Requests>) -> Result<Shared, Error> {
    let options = &args.policies;
    let reach = reach(args)?;
    let rules = admission::audited_rules().into_iter().chain(further);
    // The SDK has no other way to say false.
    let background_audit: BackgroundAudit = serde_json::from_value(Value::Bool(options.background_audit))?;
    Ok(Shared {
        reach,
        policy_server: args.server.policy_server.clone(),
        mode: match options.mode {
            Mode::Monitor => PolicyMode::Monitor,
            Mode::Protect => PolicyMode::Protect,
        },
        background_audit,
        failure_policy: options.failure_policy.map(|policy| match policy {
            OnFailure::Fail => FailurePolicy::Fail,
            OnFailure::Ignore => FailurePolicy::Ignore,
        }),
        match_policy: options.match_policy.map(|policy| match policy {
            Match::Equivalent => MatchPolicy::Equivalent,
            Match::Exact => MatchPolicy::Exact,
        }),
        timeout_seconds: options.timeout_seconds.map(Into::into),
        rules: rules.map(admission_rule).collect(),
    })
}

fn reach(args: &ManifestsArgs) -> Result<Reach, Error> {
    let NamespacesArgs { namespace_selector, exclude_namespace, no_default_excludes } = &args.namespaces;
    let namespace = args.policies.namespace.as_deref();
    if args.policies.kind == Kind::Namespaced {
        let namespace = namespace.ok_or(Error::NoNamespace)?;
        check_label("--namespace", namespace)?;
        if namespace_selector.is_some() || !exclude_namespace.is_empty() || *no_default_excludes {
            return Err(Error::OneNamespace);
        }
        return Ok(Reach::Namespace(namespace.to_owned()));
    }
    if namespace.is_some() {
        return Err(Error::WholeCluster);
    }
    let selector = match namespace_selector {
        Some(text) => selector::parse(text)?,
        None => LabelSelector::default(),
    };
    let mut excluded: Vec<String> = Vec::new();
    let defaults = DEFAULT_EXCLUDES.iter().filter(|_| !no_default_excludes).map(|name| (*name).to_owned());
    for name in defaults.chain(exclude_namespace.iter().cloned()) {
        check_label("--exclude-namespace", &name)?;
        if !excluded.contains(&name) {
            excluded.push(name);
        }
    }
    let selector = selector::exclude(selector, &excluded);
    Ok(Reach::Cluster(Some(selector).filter(|selector| *selector != LabelSelector::default())))
}

/// Reads `GROUP/VERSION/RESOURCE`.
fn further_rule(text: &str) -> Result<Requests, Error> {
    let parts: Vec<&str> = text.split('/').collect();
    let [group, version, resource] = parts.as_slice() else {
        let why = "expected GROUP/VERSION/RESOURCE, such as argoproj.io/v1alpha1/rollouts";
        return Err(Error::Value("--resource", text.to_owned(), why.to_owned()));
    };
    group.split('.').chain([*version, *resource]).try_for_each(|part| check_label("--resource", part))?;
    Ok(Requests::new(group, version, [*resource], &["CREATE", "UPDATE"]))
}

fn admission_rule(rule: Requests) -> RuleWithOperations {
    RuleWithOperations {
        api_groups: Some(rule.api_groups),
        api_versions: Some(rule.api_versions),
        operations: Some(rule.operations),
        resources: Some(rule.resources),
        scope: None,
    }
}
