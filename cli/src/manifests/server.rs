//! The PolicyServer that runs the policies. The SDK has no type for it; this is its specification, as far as
//! it is written here, with Kubernetes' own types for the parts.

use std::collections::BTreeMap;

use hardening::quantity::Quantity;
use k8s_openapi::api::core::v1::{Affinity, PodAffinityTerm, PodAntiAffinity, WeightedPodAffinityTerm};
use k8s_openapi::apimachinery::pkg::api::resource;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use serde::Serialize;
use serde_json::Value;

use super::args::ServerArgs;
use super::error::Error;
use super::names::check_length;
use super::objects::{labels, to_value};

/// The policy server of the newest Kubewarden when this was written.
pub(super) const IMAGE: &str = "ghcr.io/kubewarden/adm-controller/policy-server:v1.37.2";

/// The label of a server's pods with its name.
const POD_LABEL: &str = "kubewarden/policy-server";

/// Longest name of a PolicyServer: its Service is `policy-server-NAME`.
const LONGEST: usize = 63 - "policy-server-".len();

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyServer {
    api_version: &'static str,
    kind: &'static str,
    metadata: ObjectMeta,
    spec: PolicyServerSpec,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyServerSpec {
    image: String,
    replicas: i32,
    min_available: Option<IntOrString>,
    max_unavailable: Option<IntOrString>,
    requests: Option<BTreeMap<String, resource::Quantity>>,
    limits: Option<BTreeMap<String, resource::Quantity>>,
    affinity: Option<Affinity>,
    image_pull_secret: Option<String>,
    verification_config: Option<String>,
    /// The host's capabilities that policies of a namespace may call; all of them, if it is unset.
    namespaced_policies_capabilities: Option<Vec<String>>,
}

/// Checks the name of a PolicyServer.
///
/// # Errors
/// A name that the API server, or the controller later, refuses.
pub(super) fn check_name(name: &str) -> Result<(), Error> {
    Ok(check_length("--policy-server", name, LONGEST)?)
}

/// The PolicyServer that `args` describe. If its policies ask their host for something, those of a namespace may ask for
/// these `capabilities` and nothing else.
///
/// # Errors
/// Values that it cannot have, with the option.
pub(super) fn object(args: &ServerArgs, capabilities: &[&str]) -> Result<Value, Error> {
    let name = args.policy_server.as_str();
    let (requests, limits) = (amounts("--requests", &args.requests)?, amounts("--limits", &args.limits)?);
    for (resource, request) in &requests {
        if let Some(limit) = limits.get(resource).filter(|limit| !request.1.is_within(limit.1, 1000)) {
            let why = format!("{resource} {} is more than its limit {}", request.0, limit.0);
            return Err(Error::Option("--requests", why));
        }
    }
    let (min_available, max_unavailable) = disruption(args)?;
    for (option, name) in
        [("--image-pull-secret", &args.image_pull_secret), ("--verification-config", &args.verification_config)]
    {
        name.as_deref().map_or(Ok(()), |name| check_length(option, name, 253))?;
    }
    if args.policy_server_image.trim().is_empty() || args.policy_server_image.contains(char::is_whitespace) {
        let why = format!("`{}` is not an image", args.policy_server_image.escape_debug());
        return Err(Error::Option("--policy-server-image", why));
    }
    let mut labels = labels("policy-server", "policy-server");
    labels.insert("app.kubernetes.io/instance".to_owned(), name.to_owned());
    let metadata = ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() };
    to_value(&PolicyServer {
        api_version: "policies.kubewarden.io/v1",
        kind: "PolicyServer",
        metadata,
        spec: PolicyServerSpec {
            image: args.policy_server_image.clone(),
            replicas: args.replicas,
            min_available,
            max_unavailable,
            requests: quantities(requests),
            limits: quantities(limits),
            affinity: (args.replicas > 1).then(|| apart(name)),
            image_pull_secret: args.image_pull_secret.clone(),
            verification_config: args.verification_config.clone(),
            namespaced_policies_capabilities: Some(capabilities)
                .filter(|names| !names.is_empty())
                .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        },
    })
}

type Amounts = BTreeMap<String, (String, Quantity)>;

/// Reads `cpu=250m,memory=256Mi`; nothing is asked for by an empty text.
fn amounts(option: &'static str, text: &str) -> Result<Amounts, Error> {
    let wrong = |why: String| Error::Option(option, why);
    let mut amounts = Amounts::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let (resource, amount) = part
            .split_once('=')
            .ok_or_else(|| wrong(format!("`{}` is not of the form cpu=250m", part.escape_debug())))?;
        let (resource, amount) = (resource.trim(), amount.trim());
        if !matches!(resource, "cpu" | "memory" | "ephemeral-storage") {
            let resource = resource.escape_debug();
            return Err(wrong(format!("unknown resource `{resource}`, expected cpu, memory or ephemeral-storage")));
        }
        let quantity = Quantity::parse(amount).map_err(|why| wrong(format!("{resource} {why}")))?;
        if quantity.is_negative() || quantity.is_zero() {
            return Err(wrong(format!("{resource} must be more than 0")));
        }
        if amounts.insert(resource.to_owned(), (amount.to_owned(), quantity)).is_some() {
            return Err(wrong(format!("{resource} is given twice")));
        }
    }
    Ok(amounts)
}

fn quantities(amounts: Amounts) -> Option<BTreeMap<String, resource::Quantity>> {
    let quantity = |(name, (text, _)): (String, (String, Quantity))| (name, resource::Quantity(text));
    Some(amounts.into_iter().map(quantity).collect()).filter(|all: &BTreeMap<_, _>| !all.is_empty())
}

/// Reads `minAvailable` and `maxUnavailable`: how many replicas a drained node may take away.
fn disruption(args: &ServerArgs) -> Result<(Option<IntOrString>, Option<IntOrString>), Error> {
    let read =
        |option: &'static str, text: &Option<String>| text.as_deref().map(|text| count(option, text)).transpose();
    let min = read("--min-available", &args.min_available)?;
    let max = read("--max-unavailable", &args.max_unavailable)?;
    let blocks = match (&min, &max) {
        (Some(IntOrString::Int(min)), _) => *min >= args.replicas,
        (Some(IntOrString::String(min)), _) => min == "100%",
        (_, Some(IntOrString::Int(max))) => *max == 0,
        (_, Some(IntOrString::String(max))) => max == "0%",
        _ => false,
    };
    if blocks {
        let option = if min.is_some() { "--min-available" } else { "--max-unavailable" };
        let why = "no node they run on could be drained; have more replicas or ask for less";
        return Err(Error::Option(option, format!("lets none of {} replicas go: {why}", args.replicas)));
    }
    let several = min.is_none() && args.replicas > 1;
    Ok((min, max.or(several.then_some(IntOrString::Int(1)))))
}

fn count(option: &'static str, text: &str) -> Result<IntOrString, Error> {
    let digits = text.strip_suffix('%').unwrap_or(text);
    let number = digits.parse::<u16>().ok().filter(|number| digits == number.to_string());
    match number {
        Some(number) if digits.len() == text.len() => Ok(IntOrString::Int(number.into())),
        Some(0..=100) => Ok(IntOrString::String(text.to_owned())),
        _ => Err(Error::Option(
            option,
            format!("`{}` is neither a number such as 1 nor a percentage such as 30%", text.escape_debug()),
        )),
    }
}

/// Replicas go to different nodes where there are some.
fn apart(name: &str) -> Affinity {
    let labels = [(POD_LABEL.to_owned(), name.to_owned())].into();
    let term = PodAffinityTerm {
        label_selector: Some(LabelSelector { match_labels: Some(labels), match_expressions: None }),
        topology_key: "kubernetes.io/hostname".to_owned(),
        ..PodAffinityTerm::default()
    };
    let preferred = vec![WeightedPodAffinityTerm { weight: 100, pod_affinity_term: term }];
    let pod_anti_affinity = PodAntiAffinity {
        preferred_during_scheduling_ignored_during_execution: Some(preferred),
        ..PodAntiAffinity::default()
    };
    Affinity { pod_anti_affinity: Some(pod_anti_affinity), ..Affinity::default() }
}
