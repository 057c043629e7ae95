//! Settings as a table of Markdown.

use hardening::settings::Field;
use serde_json::Value;

/// A row for each setting and for each key below it.
pub(super) fn table(fields: &[Field]) -> String {
    let mut out = String::from("| key | type | default | meaning |\n|---|---|---|---|\n");
    for field in fields {
        rows(field.key, &field.schema, &field.default, &field.doc, &mut out);
    }
    out
}

fn rows(key: &str, schema: &Value, default: &Value, doc: &str, out: &mut String) {
    let default_text = if default.is_null() { "unset".to_owned() } else { code(&default.to_string()) };
    let cells = [code(key), kind(schema), default_text, doc.replace('\n', " ")].map(|cell| cell.replace('|', "\\|"));
    out.push_str(&format!("| {} |\n", cells.join(" | ")));
    // The bundle's rules have pages of their own.
    if key == "rules" {
        return;
    }
    below(key, schema, default, out);
    below(&format!("{key}[]"), &schema["items"], &Value::Null, out);
    below(&format!("{key}.<name>"), &schema["additionalProperties"], &Value::Null, out);
}

/// The keys of a group. Those of an element or of a name have the defaults of the group itself.
fn below(at: &str, schema: &Value, default: &Value, out: &mut String) {
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        let own = if default.is_null() { &schema["default"] } else { &default[key] };
        rows(&format!("{at}.{key}"), schema, own, schema["description"].as_str().unwrap_or_default(), out);
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// The type of a setting in words.
fn kind(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> = words
            .iter()
            .filter(|word| !word.is_null())
            .map(|word| code(word.as_str().unwrap_or(&word.to_string())))
            .collect();
        return words.join(", ");
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        one => vec![one.clone()],
    };
    let is = |kind: &str| kinds.iter().any(|known| known == kind);
    if is("object") && schema["additionalProperties"].is_object() {
        return format!("map of {}", plural(&schema["additionalProperties"]));
    }
    if is("array") {
        return format!("list of {}", plural(&schema["items"]));
    }
    let word = match () {
        () if is("object") => "group",
        () if is("number") => "quantity",
        () if is("integer") => "number",
        () if is("boolean") => "boolean",
        () => "text",
    };
    word.to_owned()
}

/// Returns the plural of a list's elements.
fn plural(schema: &Value) -> String {
    match kind(schema).as_str() {
        "quantity" => "quantities".to_owned(),
        word if word.starts_with('`') => word.to_owned(),
        word => format!("{word}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_flat() {
        let group = json!({ "type": ["object", "null"], "properties": {
            "min": { "type": "integer", "default": 1, "description": "Smallest." },
            "words": { "type": "array", "items": { "enum": ["a", "b", null] }, "description": "a|b" },
        }});
        let field = |key, default, schema| Field { key, doc: "One\ntwo.".to_owned(), default, schema };
        let fields = [
            field("group", json!({ "min": 7, "words": [] }), group.clone()),
            field("unset", Value::Null, group.clone()),
            field("ranges", json!([]), json!({ "type": "array", "items": group })),
            field(
                "ratio",
                json!({}),
                json!({ "type": "object", "additionalProperties": { "type": ["string", "number"] } }),
            ),
        ];
        let wanted = "\
| key | type | default | meaning |
|---|---|---|---|
| `group` | group | `{\"min\":7,\"words\":[]}` | One two. |
| `group.min` | number | `7` | Smallest. |
| `group.words` | list of `a`, `b` | `[]` | a\\|b |
| `unset` | group | unset | One two. |
| `unset.min` | number | `1` | Smallest. |
| `unset.words` | list of `a`, `b` | unset | a\\|b |
| `ranges` | list of groups | `[]` | One two. |
| `ranges[].min` | number | `1` | Smallest. |
| `ranges[].words` | list of `a`, `b` | unset | a\\|b |
| `ratio` | map of quantities | `{}` | One two. |
";
        assert_eq!(table(&fields), wanted);
    }
}
