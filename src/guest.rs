//! The waPC guest: the three functions that a Kubewarden host calls.

use std::rc::Rc;

use wapc_guest::CallResult;

use crate::evaluate;
use crate::host::Host;
use crate::json;
use crate::policy::Load;

/// `validate`: takes the payload, gives a `ValidationResponse`.
///
/// # Errors
/// A request or settings that cannot be read; the host then refuses the request.
pub fn validate<P: Load>(payload: &[u8]) -> CallResult {
    // As a string, whose error every guest has anyway: that of a second type would be a kilobyte.
    evaluate::validate_on(host::<P>(), payload, P::load).map_err(|unjudged| String::from(unjudged).into())
}

/// The host of a policy that asks; no other links the call.
fn host<P: Load>() -> Option<Rc<dyn Host>> {
    // Nobody answers natively, whatever the policy asks.
    #[cfg(not(target_arch = "wasm32"))]
    let _ = P::ASKS;
    #[cfg(target_arch = "wasm32")]
    if P::ASKS {
        return Some(Rc::new(crate::host::Kubewarden));
    }
    None
}

/// `validate_settings`: takes the settings, gives the SDK's `SettingsValidationResponse`.
///
/// # Errors
/// None: settings that are not JSON are invalid settings.
pub fn validate_settings<P: Load>(payload: &[u8]) -> CallResult {
    let settings = str::from_utf8(payload).ok().and_then(|text| json::raw(text).ok());
    let message = match settings {
        None => Some("the settings are not JSON".to_owned()),
        Some(raw) => P::load(Some(raw)).err().map(|error| error.to_string()),
    };
    let message = message.as_deref();
    let (valid, message) = (message.is_none(), message.map_or_else(|| "null".to_owned(), json::string));
    Ok(format!("{{\"valid\":{valid},\"message\":{message}}}").into_bytes())
}

/// `protocol_version`: gives the SDK's `ProtocolVersion::V1`.
///
/// # Errors
/// None.
pub fn protocol_version(_: &[u8]) -> CallResult {
    Ok(PROTOCOL_VERSION.to_vec())
}

// Written out: serde_json's way to write four bytes brings its errors, and with them std's texts for I/O.
const PROTOCOL_VERSION: &[u8] = b"\"v1\"";

/// Size of a policy's stack, in bytes; rustc's default is a mebibyte.
///
/// The linker puts the stack below everything else, so one that is too deep leaves the memory and traps: nothing
/// is overwritten. The deepest request takes less than half (`benches/tests/limits/main.rs`). `xtask` passes it on.
pub const STACK: usize = 64 << 10;

/// Registers the functions of the policy `P`; called once, when the host makes an instance.
pub fn register<P: Load>() {
    wapc_guest::register_function("validate", validate::<P>);
    wapc_guest::register_function("validate_settings", validate_settings::<P>);
    wapc_guest::register_function("protocol_version", protocol_version);
}

/// Makes the crate a policy: exports `wapc_init` on wasm32, nothing elsewhere (two policies in one native
/// program would clash).
///
/// ```
/// hardening::policy!(hardening::bundle::Bundle);
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

#[cfg(test)]
mod tests {
    use kubewarden_policy_sdk::metadata::ProtocolVersion;
    use kubewarden_policy_sdk::settings::SettingsValidationResponse;

    use super::*;
    use crate::bundle::Bundle;

    #[test]
    fn the_wire_is_the_sdks() {
        for settings in ["{}", "null", "no JSON", "\u{e9}", r#"{"action":"shout \"x\""}"#] {
            let bytes = validate_settings::<Bundle>(settings.as_bytes()).unwrap();
            let sdk: SettingsValidationResponse = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(serde_json::to_vec(&sdk).unwrap(), bytes);
            assert_eq!((sdk.valid, sdk.message.is_none()), (settings.len() <= 4 && settings != "\u{e9}", sdk.valid));
        }
        assert_eq!(serde_json::to_vec(&ProtocolVersion::V1).unwrap(), PROTOCOL_VERSION);
        assert!(!String::from_utf8(validate_settings::<Bundle>(b"\xff").unwrap()).unwrap().contains("true"));
    }
}
