//! Policies as Kubewarden's objects, typed by its SDK.

use std::collections::BTreeMap;

use k8s_openapi::api::admissionregistration::v1::RuleWithOperations;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use kubewarden_policy_sdk::crd::policies::admission_policy::{AdmissionPolicy, AdmissionPolicySpec};
use kubewarden_policy_sdk::crd::policies::admission_policy_group::{
    AdmissionPolicyGroup, AdmissionPolicyGroupSpec, PolicyGroupMember,
};
use kubewarden_policy_sdk::crd::policies::cluster_admission_policy::{
    ClusterAdmissionPolicy, ClusterAdmissionPolicySpec,
};
use kubewarden_policy_sdk::crd::policies::cluster_admission_policy_group::{
    ClusterAdmissionPolicyGroup, ClusterAdmissionPolicyGroupSpec, PolicyGroupMemberWithContext,
};
use kubewarden_policy_sdk::crd::policies::common::{
    BackgroundAudit, FailurePolicy, MatchPolicy, PolicyMode, TimeoutSeconds,
};
use serde::Serialize;
use serde_json::Value;

use super::error::Error;
use super::group::Group;
use super::names::member;
use super::plan::Planned;

/// The fields that all policies of a run share.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    pub(super) reach: Reach,
    pub(super) policy_server: String,
    pub(super) mode: PolicyMode,
    pub(super) background_audit: BackgroundAudit,
    pub(super) failure_policy: Option<FailurePolicy>,
    pub(super) match_policy: Option<MatchPolicy>,
    pub(super) timeout_seconds: Option<TimeoutSeconds>,
    pub(super) rules: Vec<RuleWithOperations>,
}

/// Where policies judge.
#[derive(Debug, Clone)]
pub(super) enum Reach {
    /// In every namespace that the selector selects.
    Cluster(Option<LabelSelector>),
    /// In one namespace.
    Namespace(String),
}

impl Reach {
    fn namespace(&self) -> Option<String> {
        match self {
            Reach::Cluster(_) => None,
            Reach::Namespace(name) => Some(name.clone()),
        }
    }
}

/// The source of an object's labels and annotations.
pub(super) struct About<'a> {
    pub(super) name: &'a str,
    /// `app.kubernetes.io/name`
    pub(super) app: &'a str,
    pub(super) severity: &'a str,
    pub(super) title: &'a str,
}

/// The specification of any kind of policy: what all have in common, and what is given.
macro_rules! spec {
    ($kind:ident, $shared:expr, { $($field:ident: $value:expr),* }) => {{
        let shared: &Shared = $shared;
        Some($kind {
            background_audit: Some(shared.background_audit.clone()),
            failure_policy: shared.failure_policy.clone(),
            match_policy: shared.match_policy.clone(),
            mode: Some(shared.mode.clone()),
            policy_server: shared.policy_server.clone(),
            rules: Some(shared.rules.clone()),
            timeout_seconds: shared.timeout_seconds.clone(),
            $($field: $value,)*
            ..$kind::default()
        })
    }};
}

/// The object of one policy.
///
/// # Errors
/// Serialisation errors; none is expected.
pub(super) fn policy(name: &str, planned: &Planned, module: String, shared: &Shared) -> Result<Value, Error> {
    let about = About { name, app: &planned.id, severity: planned.severity.word(), title: &planned.title };
    let metadata = metadata(&about, shared.reach.namespace());
    let (settings, mutating) = (settings(planned), planned.mutating);
    match &shared.reach {
        Reach::Cluster(selector) => {
            let selector = selector.clone();
            let spec = spec!(ClusterAdmissionPolicySpec, shared, {
                module: module, settings: settings, mutating: mutating, namespace_selector: selector
            });
            to_value(&ClusterAdmissionPolicy { metadata, spec, ..ClusterAdmissionPolicy::default() })
        }
        Reach::Namespace(_) => {
            let spec = spec!(AdmissionPolicySpec, shared, { module: module, settings: settings, mutating: mutating });
            to_value(&AdmissionPolicy { metadata, spec, ..AdmissionPolicy::default() })
        }
    }
}

/// The object of a group: its members and the modules that judge for them.
///
/// # Errors
/// Serialisation errors; none is expected.
pub(super) fn group(
    about: &About<'_>,
    group: Group,
    members: Vec<(&Planned, String)>,
    shared: &Shared,
) -> Result<Value, Error> {
    let metadata = metadata(about, shared.reach.namespace());
    let Group { expression, message } = group;
    match &shared.reach {
        Reach::Cluster(selector) => {
            let of = |(planned, module): (&Planned, String)| {
                let settings = settings(planned);
                (member(&planned.id), PolicyGroupMemberWithContext { module, settings, ..Default::default() })
            };
            let (policies, selector) = (members.into_iter().map(of).collect(), selector.clone());
            let spec = spec!(ClusterAdmissionPolicyGroupSpec, shared, {
                expression: expression, message: message, policies: policies, namespace_selector: selector
            });
            to_value(&ClusterAdmissionPolicyGroup { metadata, spec, ..ClusterAdmissionPolicyGroup::default() })
        }
        Reach::Namespace(_) => {
            let of = |(planned, module): (&Planned, String)| {
                (member(&planned.id), PolicyGroupMember { module, settings: settings(planned), ..Default::default() })
            };
            let policies = members.into_iter().map(of).collect();
            let spec = spec!(AdmissionPolicyGroupSpec, shared, {
                expression: expression, message: message, policies: policies
            });
            to_value(&AdmissionPolicyGroup { metadata, spec, ..AdmissionPolicyGroup::default() })
        }
    }
}

fn settings(planned: &Planned) -> RawExtension {
    RawExtension(Value::Object(planned.settings.clone()))
}

/// Labels that every object gets.
pub(super) fn labels(app: &str, component: &str) -> BTreeMap<String, String> {
    let labels = [
        ("name", app),
        ("component", component),
        ("part-of", "hardening"),
        ("managed-by", "harden"),
        ("version", env!("CARGO_PKG_VERSION")),
    ];
    labels.into_iter().map(|(key, value)| (format!("app.kubernetes.io/{key}"), value.to_owned())).collect()
}

fn metadata(about: &About<'_>, namespace: Option<String>) -> ObjectMeta {
    let annotations = [
        ("category", hardening::admission::CATEGORY),
        ("severity", about.severity),
        ("title", about.app),
        ("description", about.title),
    ];
    let annotation = |(key, value): (&str, &str)| (format!("io.kubewarden.policy.{key}"), value.to_owned());
    ObjectMeta {
        name: Some(about.name.to_owned()),
        namespace,
        labels: Some(labels(about.app, "policy")),
        annotations: Some(annotations.into_iter().map(annotation).collect()),
        ..ObjectMeta::default()
    }
}

/// The object without what is unset: the SDK writes absent fields as `null`, and resources that no policy here
/// may see as an empty list. Its keys stand by name, as `kubectl` prints objects.
pub(super) fn to_value(object: &impl Serialize) -> Result<Value, Error> {
    let mut value = serde_json::to_value(object)?;
    prune(&mut value);
    Ok(value)
}

fn prune(value: &mut Value) {
    let Value::Object(fields) = value else { return };
    fields.retain(|key, value| {
        let is_empty = key == "contextAwareResources" && *value == Value::Array(Vec::new());
        !value.is_null() && !is_empty
    });
    // What the user wrote stays as it is.
    fields.iter_mut().filter(|(key, _)| *key != "settings").for_each(|(_, value)| prune(value));
}
