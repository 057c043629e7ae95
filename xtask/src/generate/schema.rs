//! JSON schema of a policy's settings.

use hardening::rules::{RuleDoc, common_settings};
use hardening::settings::{Field, schema_of};
use serde_json::{Map, Value, json};

use crate::metadata::summary;
use crate::origin::SOURCE;

/// Every setting of a policy: its own, then those of every rule.
pub(super) fn fields(doc: &RuleDoc) -> Vec<Field> {
    doc.settings.iter().cloned().chain(common_settings(false)).collect()
}

/// The schema, draft 2020-12.
pub(super) fn schema(doc: &RuleDoc) -> Value {
    let mut schema = schema_of(&fields(doc));
    let mut definitions = Map::new();
    for (_, property) in schema["properties"].as_object_mut().into_iter().flatten() {
        define(property, &mut definitions);
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["$id"] = format!("{SOURCE}/policies/{}/settings.schema.json", doc.id).into();
    schema["$comment"] = super::notice(doc).into();
    schema["title"] = format!("Settings of the policy {}", doc.id).into();
    schema["description"] = summary(doc).into();
    // Kubewarden sends `null` where an operator gives no settings.
    schema["type"] = json!(["object", "null"]);
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    schema
}

/// The schema as text.
pub(super) fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// Moves groups, which have a title, to the definitions, so that each is there once.
fn define(schema: &mut Value, definitions: &mut Map<String, Value>) {
    for (_, below) in schema.as_object_mut().into_iter().flatten() {
        match below {
            Value::Object(_) => define(below, definitions),
            Value::Array(items) => items.iter_mut().for_each(|item| define(item, definitions)),
            _ => {}
        }
    }
    let Some(title) = schema["title"].as_str().map(str::to_owned) else { return };
    let Some(members) = schema.as_object_mut() else { return };
    // What is said of the place stays there.
    let kept: Map<String, Value> =
        ["description", "default"].iter().filter_map(|key| members.remove_entry(*key)).collect();
    let definition = std::mem::take(members);
    let is_null = definition["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
    let name = if is_null { format!("{title}OrNull") } else { title };
    match definitions.get(&name) {
        // Two groups of one name: each stays where it is.
        Some(other) if *other != Value::Object(definition.clone()) => *members = definition,
        _ => {
            members.insert("$ref".to_owned(), format!("#/$defs/{name}").into());
            definitions.insert(name, definition.into());
        }
    }
    members.extend(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_defined_once() {
        let group = json!({ "title": "Group", "type": "object", "properties": { "a": { "type": "string" } } });
        let other = json!({ "title": "Group", "type": "object" });
        let mut described = group.clone();
        described["description"] = "Here.".into();
        let mut schema = json!({ "items": group, "properties": { "b": described, "c": { "items": other } } });
        let mut definitions = Map::new();
        define(&mut schema, &mut definitions);
        assert_eq!(schema["items"], json!({ "$ref": "#/$defs/Group" }));
        assert_eq!(schema["properties"]["b"], json!({ "$ref": "#/$defs/Group", "description": "Here." }));
        assert_eq!(schema["properties"]["c"]["items"], other);
        assert_eq!(definitions.into_iter().collect::<Vec<_>>(), [("Group".to_owned(), group)]);
    }
}
