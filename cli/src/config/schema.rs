//! The JSON schema of `harden.yaml`.

use hardening::settings::{Group, schema_of, with_definitions};
use serde_json::{Value, json};

use super::Config;

/// JSON schema (2020-12) of the configuration.
pub fn schema() -> Value {
    let mut schema = with_definitions(schema_of(&Config::fields()));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("harden.yaml");
    schema["description"] = Config::doc().into();
    schema
}
