//! JSON schema of a policy's settings.

use hardening::catalogue::{RuleDoc, common_settings};
use hardening::settings::{Field, schema_of, with_definitions};
use serde_json::{Value, json};

use crate::metadata::summary;
use crate::origin::SOURCE;

/// Every setting of a policy: its own, then those of every rule.
pub(super) fn fields(doc: &RuleDoc) -> Vec<Field> {
    doc.settings.iter().cloned().chain(common_settings(false)).collect()
}

/// The schema, draft 2020-12.
pub(super) fn schema(doc: &RuleDoc) -> Value {
    let mut schema = with_definitions(schema_of(&fields(doc)));
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["$id"] = format!("{SOURCE}/policies/{}/settings.schema.json", doc.id).into();
    schema["$comment"] = super::notice(doc).into();
    schema["title"] = format!("Settings of the policy {}", doc.id).into();
    schema["description"] = summary(doc).into();
    // Kubewarden sends `null` where an operator gives no settings.
    schema["type"] = json!(["object", "null"]);
    schema
}

/// The schema as text.
pub(super) fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}
