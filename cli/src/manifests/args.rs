//! The options of `harden manifests`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use hardening::bundle::Profile;
use hardening::catalogue::APART;
use hardening::standard::Version;

use super::plan::Layout;
use super::server::IMAGE;
use crate::args::{TrustArgs, version};
use crate::values;

/// Arguments of `harden manifests`.
#[derive(Debug, Clone, Args)]
pub struct ManifestsArgs {
    /// Folder for the files and a kustomization.yaml, or `-` for one stream on standard output
    #[arg(short, long, value_name = "DIR", default_value = "-")]
    pub output: PathBuf,

    /// Chooses the rules.
    #[command(flatten, next_help_heading = "Rules")]
    pub rules: RulesArgs,

    /// Says where the policies are pulled from.
    #[command(flatten, next_help_heading = "Modules")]
    pub modules: ModulesArgs,

    /// Shapes the policies.
    #[command(flatten, next_help_heading = "Policies")]
    pub policies: PoliciesArgs,

    /// Chooses the namespaces.
    #[command(flatten, next_help_heading = "Namespaces")]
    pub namespaces: NamespacesArgs,

    /// Describes the policy server.
    #[command(flatten, next_help_heading = "Policy server")]
    pub server: ServerArgs,
}

/// Chooses the rules and their settings.
#[derive(Debug, Clone, Args)]
pub struct RulesArgs {
    /// Rules to judge by: hardening (if left out), or a level of the Pod Security Standards (baseline, restricted)
    #[arg(long, value_name = "PROFILE", value_parser = values::profiles(), hide_possible_values = true)]
    pub profile: Option<Profile>,

    /// Version of the Pod Security Standards, such as v1.33; the newest if left out
    #[arg(long, value_name = "VERSION", value_parser = version)]
    pub kubernetes_version: Option<Version>,

    /// Settings as `harden check` takes them, as JSON
    #[arg(long, value_name = "JSON", conflicts_with = "settings_path")]
    pub settings_json: Option<String>,

    /// File with settings as `harden check` takes them, JSON or YAML
    #[arg(short, long, value_name = "FILE")]
    pub settings_path: Option<PathBuf>,

    /// The configuration, instead of the harden.yaml found upwards from here
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// Look for no configuration
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,

    /// How far the configuration is trusted.
    #[command(flatten)]
    pub trust: TrustArgs,

    /// Also write this policy, which is not part of the bundle: image-user or image-digest; may be repeated, or a list. The
    /// configuration asks for it with an entry in `rules`
    #[arg(long = "with", value_name = "POLICY", value_delimiter = ',', value_parser = PossibleValuesParser::new(APART))]
    pub with: Vec<String>,

    /// The lock whose entries these policies get, instead of the harden.lock beside harden.yaml, or in the current folder
    /// where there is no harden.yaml
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,

    /// Fill in what is unset: rules get the action mutate unless the settings say otherwise
    #[arg(long)]
    pub mutating: bool,
}

/// Says where the policies are pulled from.
#[derive(Debug, Clone, Args)]
pub struct ModulesArgs {
    /// Registry and folder of the policies, such as registry://ghcr.io/example/policies
    #[arg(long, value_name = "REGISTRY")]
    pub registry: Option<String>,

    /// Tag of the policies; v and the version of this program if left out
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,

    /// File that `make publish` wrote: policies are pinned to its digests
    #[arg(long, value_name = "FILE")]
    pub digests: Option<PathBuf>,
}

/// Shapes the policies.
#[derive(Debug, Clone, Args)]
pub struct PoliciesArgs {
    /// One policy with all rules, one for each rule, or a group of them
    #[arg(long, value_enum, default_value = "bundle")]
    pub layout: Layout,

    /// ClusterAdmissionPolicy or AdmissionPolicy; with --layout group a group of that reach
    #[arg(long, value_enum, ignore_case = true, default_value = "ClusterAdmissionPolicy")]
    pub kind: Kind,

    /// Namespace of an AdmissionPolicy
    #[arg(short, long, value_name = "NAMESPACE")]
    pub namespace: Option<String>,

    /// Name of the policy, or what the names of the rules' policies start with; the profile if left out
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Report only, or refuse and fix
    #[arg(long, value_enum, default_value = "monitor")]
    pub mode: Mode,

    /// Whether the audit scanner judges objects that are in the cluster already
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true", action = clap::ArgAction::Set)]
    pub background_audit: bool,

    /// Whether a request passes when there is no verdict; fail if left out
    #[arg(long, value_enum)]
    pub failure_policy: Option<OnFailure>,

    /// How long the API server waits for a verdict, 1 to 30; 10 if left out
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i32).range(1..=30))]
    pub timeout_seconds: Option<i32>,

    /// Whether to judge requests for the same resource in another API version; equivalent if left out
    #[arg(long, value_enum)]
    pub match_policy: Option<Match>,

    /// A further kind with pod templates to judge, such as argoproj.io/v1alpha1/rollouts; may be repeated, or a list
    #[arg(long, value_name = "GROUP/VERSION/RESOURCE", value_delimiter = ',')]
    pub resource: Vec<String>,

    /// When a group accepts, such as `privileged() && (image_tag() || resources())`; when all rules do if left out
    #[arg(long, value_name = "CEL")]
    pub expression: Option<String>,

    /// Message of a group that refuses
    #[arg(long, value_name = "TEXT")]
    pub message: Option<String>,
}

/// Chooses the namespaces that are judged.
#[derive(Debug, Clone, Args)]
pub struct NamespacesArgs {
    /// Only namespaces with these labels, as in `kubectl get -l`: env=prod,tier in (web,api),!legacy
    #[arg(long, value_name = "SELECTOR")]
    pub namespace_selector: Option<String>,

    /// A namespace to leave alone, by name; may be repeated, or a list
    #[arg(long, value_name = "NAMESPACE", value_delimiter = ',')]
    pub exclude_namespace: Vec<String>,

    /// Also judge kube-system and Kubewarden's own namespaces
    #[arg(long)]
    pub no_default_excludes: bool,
}

/// Describes the policy server.
#[derive(Debug, Clone, Args)]
pub struct ServerArgs {
    /// The PolicyServer that runs the policies
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub policy_server: String,

    /// Also write that PolicyServer
    #[arg(long, requires = "policy_server")]
    pub create_policy_server: bool,

    /// Replicas of the policy server
    #[arg(long, value_name = "N", default_value = "2", requires = "create_policy_server", value_parser = clap::value_parser!(i32).range(1..))]
    pub replicas: i32,

    /// Image of the policy server; take the version of the controller in the cluster
    #[arg(long, value_name = "IMAGE", default_value = IMAGE, requires = "create_policy_server")]
    pub policy_server_image: String,

    /// Resource requests per replica
    #[arg(
        long,
        value_name = "cpu=N,memory=N",
        default_value = "cpu=250m,memory=256Mi",
        requires = "create_policy_server"
    )]
    pub requests: String,

    /// Resource limits per replica
    #[arg(long, value_name = "cpu=N,memory=N", default_value = "cpu=1,memory=1Gi", requires = "create_policy_server")]
    pub limits: String,

    /// Replicas that must stay while nodes are drained, a number or a percentage
    #[arg(long, value_name = "N", requires = "create_policy_server", conflicts_with = "max_unavailable")]
    pub min_available: Option<String>,

    /// Replicas that may be gone while nodes are drained, a number or a percentage; 1 if there are several
    #[arg(long, value_name = "N", requires = "create_policy_server")]
    pub max_unavailable: Option<String>,

    /// Secret in Kubewarden's namespace with the login of the policies' registry
    #[arg(long, value_name = "SECRET", requires = "create_policy_server")]
    pub image_pull_secret: Option<String>,

    /// ConfigMap in Kubewarden's namespace that names the trusted signatures
    #[arg(long, value_name = "CONFIGMAP", requires = "create_policy_server")]
    pub verification_config: Option<String>,
}

/// Words of `--kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// For the whole cluster
    #[value(name = "ClusterAdmissionPolicy", alias = "ClusterAdmissionPolicyGroup")]
    Cluster,
    /// For one namespace
    #[value(name = "AdmissionPolicy", alias = "AdmissionPolicyGroup")]
    Namespaced,
}

/// Words of `--mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Report, refuse nothing
    Monitor,
    /// Refuse and fix
    Protect,
}

/// Words of `--failure-policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnFailure {
    /// Refuse the request
    Fail,
    /// Let it pass
    Ignore,
}

/// Words of `--match-policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Match {
    /// Judge it
    Equivalent,
    /// Let it pass
    Exact,
}
