//! The JSON schema of `harden.yaml`.

use hardening::settings::{Group, schema_of};
use serde_json::{Value, json};

use super::Config;

/// JSON schema (2020-12) of the configuration.
pub fn schema() -> Value {
    let mut schema = schema_of(&Config::fields());
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("harden.yaml");
    schema["description"] = Config::doc().into();
    schema
}
