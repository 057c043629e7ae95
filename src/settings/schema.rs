//! JSON schemas of settings: for people and generators, never part of a policy's wasm.

use serde_json::{Map, Value, json};

use super::Field;

/// JSON schema of a group, on its own or beside others.
pub fn schema_of(fields: &[Field]) -> Value {
    let mut properties = Map::new();
    for field in fields {
        let mut schema = field.schema.clone();
        if let Some(object) = schema.as_object_mut() {
            object.insert("description".into(), field.doc.replace('\n', " ").into());
            if !field.default.is_null() {
                object.insert("default".into(), field.default.clone());
            }
        }
        properties.insert(field.key.into(), schema);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

/// Adds to the schema what `narrower` says: a declaration describes its `check` by it.
pub fn narrowed(mut schema: Value, narrower: Value) -> Value {
    match (&mut schema, narrower) {
        (Value::Object(wide), Value::Object(narrow)) => {
            for (key, value) in narrow {
                let old = wide.remove(&key).unwrap_or_default();
                wide.insert(key, narrowed(old, value));
            }
            schema
        }
        (_, narrower) => narrower,
    }
}

/// A text that is one of `words`, which are too many to be an `enum`: choices that each need a test.
pub fn one_of<'w>(words: impl IntoIterator<Item = &'w str>) -> Value {
    let words: Vec<&str> = words.into_iter().collect();
    let pattern = format!("^({})$", words.join("|").replace('.', "\\.").replace('*', "\\*"));
    json!({ "pattern": pattern, "examples": words })
}

/// A list that holds nothing else if it holds `word`.
pub fn alone(word: &str) -> Value {
    json!({ "if": { "contains": { "const": word } }, "then": { "maxItems": 1 } })
}

/// The schema with its groups, which have a title, moved to `$defs`, so that each is there once.
pub fn with_definitions(mut schema: Value) -> Value {
    let mut definitions = Map::new();
    for (_, below) in schema.as_object_mut().into_iter().flatten() {
        define(below, &mut definitions);
    }
    if !definitions.is_empty() {
        schema["$defs"] = definitions.into();
    }
    schema
}

fn define(schema: &mut Value, definitions: &mut Map<String, Value>) {
    let members = match schema {
        Value::Object(members) => members,
        Value::Array(items) => return items.iter_mut().for_each(|item| define(item, definitions)),
        _ => return,
    };
    members.values_mut().for_each(|below| define(below, definitions));
    let Some(title) = members.get("title").and_then(Value::as_str).map(str::to_owned) else { return };
    // What is said of the place stays there.
    let kept: Map<String, Value> =
        ["description", "default"].iter().filter_map(|key| members.remove_entry(*key)).collect();
    let definition = std::mem::take(members);
    let is_null = definition["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
    let name = if is_null { format!("{title}OrNull") } else { title };
    match definitions.get(&name).and_then(Value::as_object) {
        // Two groups of one name: each but the first stays where it is.
        Some(other) if *other != definition => *members = definition,
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
        let schema =
            with_definitions(json!({ "properties": { "b": described, "c": { "items": [other] }, "d": group } }));
        assert_eq!(schema["properties"]["b"], json!({ "$ref": "#/$defs/Group", "description": "Here." }));
        assert_eq!(schema["properties"]["c"]["items"][0], other);
        assert_eq!(schema["properties"]["d"], json!({ "$ref": "#/$defs/Group" }));
        assert_eq!(schema["$defs"], json!({ "Group": group }));
    }

    #[test]
    fn narrower_is_deeper() {
        let wide = json!({ "type": "array", "items": { "type": "string" } });
        let narrow = json!({ "minItems": 1, "items": one_of(["v1.0", "all"]) });
        let wanted = json!({
            "type": "array", "minItems": 1,
            "items": { "type": "string", "pattern": "^(v1\\.0|all)$", "examples": ["v1.0", "all"] },
        });
        assert_eq!(narrowed(wide, narrow), wanted);
    }
}
