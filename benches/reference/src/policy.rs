//! The policy.

use k8s_openapi::api::core::v1::{PodSpec, SecurityContext};
use kubewarden_policy_sdk::request::ValidationRequest;
use kubewarden_policy_sdk::settings::Validatable;
use kubewarden_policy_sdk::{accept_request, protocol_version_guest, reject_request, validate_settings};
use serde::{Deserialize, Serialize};
use wapc_guest::{CallResult, register_function};

/// Called by the host when it makes an instance.
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings::<Settings>);
    register_function("protocol_version", protocol_version_guest);
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Settings {
    require_explicit: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { require_explicit: true }
    }
}

impl Validatable for Settings {
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

fn validate(payload: &[u8]) -> CallResult {
    let request = ValidationRequest::<Settings>::new(payload)?;
    let Some(pod) = request.extract_pod_spec_from_object()? else { return accept_request() };
    let violations = violations(&pod, &request.settings);
    if violations.is_empty() {
        return accept_request();
    }
    reject_request(Some(violations.join("; ")), None, None, None)
}

/// One line for every container that is privileged or does not say.
fn violations(pod: &PodSpec, settings: &Settings) -> Vec<String> {
    let containers = pod.containers.iter().map(|c| ("container", "containers", &c.name, &c.security_context));
    let init = pod.init_containers.iter().flatten();
    let init = init.map(|c| ("init container", "initContainers", &c.name, &c.security_context));
    let ephemeral = pod.ephemeral_containers.iter().flatten();
    let ephemeral = ephemeral.map(|c| ("ephemeral container", "ephemeralContainers", &c.name, &c.security_context));

    let lists = [containers.collect::<Vec<_>>(), init.collect(), ephemeral.collect()];
    let containers = lists.iter().flat_map(|list| list.iter().enumerate());
    let violation = |(index, (title, field, name, context)): (usize, &Judged<'_>)| {
        let found = match context.as_ref().and_then(|context| context.privileged) {
            Some(false) => return None,
            None if !settings.require_explicit => return None,
            None => "is unset",
            Some(true) => "is true",
        };
        Some(format!("{title} {name:?}: spec.{field}[{index}].securityContext.privileged {found}, must be false"))
    };
    containers.filter_map(violation).collect()
}

/// A container as far as the rule looks: title, field of its list, name, security context.
type Judged<'a> = (&'static str, &'static str, &'a String, &'a Option<SecurityContext>);
