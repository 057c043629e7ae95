//! The waPC guest: the three functions that a Kubewarden host calls.

use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use wapc_guest::CallResult;

use crate::evaluate;
use crate::json;
use crate::policy::Load;

/// `validate`: takes the payload, gives a `ValidationResponse`.
///
/// # Errors
/// A request or settings that cannot be read; the host then refuses the request.
pub fn validate<P: Load>(payload: &[u8]) -> CallResult {
    evaluate::validate(payload, P::load).map_err(Into::into)
}

/// `validate_settings`: takes the settings, gives a `SettingsValidationResponse`.
///
/// # Errors
/// None: settings that are no JSON are invalid settings.
pub fn validate_settings<P: Load>(payload: &[u8]) -> CallResult {
    let settings = str::from_utf8(payload).ok().and_then(|text| json::raw(text).ok());
    let message = match settings {
        None => Some("the settings are not JSON".to_owned()),
        Some(raw) => P::load(Some(raw)).err().map(|error| error.to_string()),
    };
    Ok(serde_json::to_vec(&SettingsValidationResponse { valid: message.is_none(), message })?)
}

/// Registers the functions of the policy `P`; called once, when the host makes an instance.
pub fn register<P: Load>() {
    wapc_guest::register_function("validate", validate::<P>);
    wapc_guest::register_function("validate_settings", validate_settings::<P>);
    wapc_guest::register_function("protocol_version", kubewarden_policy_sdk::protocol_version_guest);
}

/// Makes the crate a policy: exports `wapc_init` on wasm32, nothing elsewhere (two policies in one native
/// program would clash).
///
/// ```
/// hardening::policy!(hardening::policy::Bundle);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! policy {
    ($policy:ty) => {
        /// Called by the host when it makes an instance.
        #[cfg(target_arch = "wasm32")]
        #[unsafe(no_mangle)]
        pub extern "C" fn wapc_init() {
            $crate::guest::register::<$policy>();
        }
    };
}
