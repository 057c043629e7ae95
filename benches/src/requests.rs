//! The requests that are judged.

use serde_json::{Value, json};

use crate::modules::{BASELINE, EMPTY, Module};

/// A request with its name in the table.
pub struct Request {
    /// Its name.
    pub name: &'static str,
    /// The admission request as JSON.
    request: String,
    /// Whether the bundle accepts it.
    accepted: bool,
}

impl Request {
    /// The payload of `validate` for a policy with `settings`.
    pub fn payload(&self, settings: &str) -> Vec<u8> {
        ["{\"settings\":", settings, ",\"request\":", &self.request, "}"].concat().into_bytes()
    }

    /// Whether a policy is measured with it.
    pub fn is_for(&self, module: &Module) -> bool {
        self.name == POD || module.is_measured_closely()
    }

    /// Whether the policy `name`, which is not a rule, must accept it.
    pub fn is_accepted_by(&self, name: &str) -> bool {
        // What is not set is no violation of the baseline.
        self.accepted || matches!(name, EMPTY | BASELINE)
    }
}

/// A pod of 3.5 KB as the API server sends it.
pub const POD: &str = "pod";
/// The same pod without any security context or resources.
pub const BARE_POD: &str = "bare-pod";
/// A Deployment of such pods.
pub const DEPLOYMENT: &str = "deployment";
/// A Deployment of such pods without any security context or resources.
pub const BARE_DEPLOYMENT: &str = "bare-deployment";

/// Every request's name, in the table's order.
pub const NAMES: [&str; 4] = [POD, BARE_POD, DEPLOYMENT, BARE_DEPLOYMENT];

/// Every request.
///
/// # Errors
/// None but a broken fixture.
pub fn all() -> Result<Vec<Request>, serde_json::Error> {
    let pod = pod()?;
    let deployment = deployment(&pod);
    let bare = |request: &Value| {
        let mut request = request.clone();
        strip(&mut request);
        request
    };
    let (bare_pod, bare_deployment) = (bare(&pod), bare(&deployment));
    let requests = [(pod, true), (bare_pod, false), (deployment, true), (bare_deployment, false)];
    let named = NAMES.into_iter().zip(requests);
    Ok(named.map(|(name, (request, accepted))| Request { name, request: request.to_string(), accepted }).collect())
}

fn pod() -> Result<Value, serde_json::Error> {
    let mut review: Value = serde_json::from_str(include_str!("../fixtures/pod.json"))?;
    Ok(review["request"].take())
}

/// The creation of a Deployment of `pod`.
fn deployment(pod: &Value) -> Value {
    let mut request = pod.clone();
    let labels = json!({"app.kubernetes.io/name": "orders", "app.kubernetes.io/part-of": "shop"});
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "orders", "namespace": "shop", "labels": labels, "generation": 1,
            "managedFields": pod["object"]["metadata"]["managedFields"]},
        "spec": {
            "replicas": 3,
            "selector": {"matchLabels": {"app.kubernetes.io/name": "orders"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            "template": {"metadata": {"labels": labels}, "spec": pod["object"]["spec"]},
        },
        "status": {},
    });
    let kind = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    let resource = json!({"group": "apps", "version": "v1", "resource": "deployments"});
    for (key, value) in [
        ("name", json!("orders")),
        ("requestKind", kind.clone()),
        ("kind", kind),
        ("requestResource", resource.clone()),
        ("resource", resource),
        ("object", object),
    ] {
        request[key] = value;
    }
    request
}

/// Removes what the rules demand, wherever it stands.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("securityContext");
            fields.remove("resources");
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_pod_has_the_size_that_the_table_says() {
        let object = super::pod().expect("a fixture")["object"].to_string();
        assert!((3400..3700).contains(&object.len()), "{}", object.len());
    }
}
