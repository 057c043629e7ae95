//! questions-ui.yml: the form that Rancher shows for a policy's settings.
//!
//! Rancher writes a question's `default` into the settings as soon as it shows the question, so only what is the
//! default of the policy has one: a question without `default` leaves the setting unset. Lists of groups
//! (`sequence[`) are the exception: their default is what an added element is put into, and never written.

use anyhow::Result;
use hardening::catalogue::{IDS, RuleDoc, common_settings};
use hardening::settings::Field;
use serde_json::{Map, Value, json};

use super::yaml;
use crate::metadata::BUNDLE;

/// Settings that have an effect only beside others, and the question's condition.
const SHOW_IF: &[(&str, &str)] = &[
    ("overwrite", "action=mutate"),
    ("unfixable", "action=mutate"),
    ("version", "profile=baseline||profile=restricted||warn=baseline||warn=restricted"),
    ("warnVersion", "warn=baseline||warn=restricted"),
];

/// The tab of the policy's own settings, and that of the settings of every rule.
const OWN: &str = "Settings";
const COMMON: &str = "Every rule";

/// Writes the form as YAML.
///
/// # Errors
/// As [`yaml::document`].
pub(super) fn text(doc: &RuleDoc) -> Result<String> {
    yaml::document(&json!({ "questions": questions(doc) }))
}

/// Every question of a policy's form.
pub(super) fn questions(doc: &RuleDoc) -> Vec<Value> {
    let mut questions = Vec::new();
    for field in &doc.settings {
        if doc.id == BUNDLE && field.key == "rules" {
            questions.extend(rules(field));
        } else {
            questions.push(question(&Place::top(field, OWN), &field.schema, &field.doc));
        }
    }
    let common = common_settings(false);
    questions.extend(common.iter().map(|field| question(&Place::top(field, COMMON), &field.schema, &field.doc)));
    questions
}

/// Where a question stands.
struct Place<'f> {
    /// Path in the settings, or in an element of a list.
    variable: String,
    /// The value without an answer; `null` if it is unset, or must not be written.
    default: &'f Value,
    group: &'f str,
    /// Whether all of it is unset until something is answered.
    unset: bool,
}

impl<'f> Place<'f> {
    fn top(field: &'f Field, group: &'f str) -> Place<'f> {
        Place { variable: field.key.to_owned(), default: &field.default, group, unset: field.default.is_null() }
    }

    fn below(&self, key: &str) -> Place<'f> {
        let default = if self.unset { &Value::Null } else { &self.default[key] };
        Place { variable: format!("{}.{key}", self.variable), default, ..*self }
    }
}

/// The question for a setting with this schema and documentation.
fn question(place: &Place<'_>, schema: &Value, doc: &str) -> Value {
    let doc = doc.replace('\n', " ");
    let key = place.variable.rsplit('.').next().unwrap_or_default();
    let mut question = json!({
        "variable": place.variable,
        "label": label(key),
        "description": first_sentence(&doc),
        "tooltip": format!("{doc} {}", default_text(place)),
        "group": place.group,
        "required": false,
    });
    for (key, value) in shape(place, schema, &mut question) {
        question[key] = value;
    }
    if let Some((_, condition)) = SHOW_IF.iter().find(|(key, _)| *key == place.variable) {
        question["show_if"] = (*condition).into();
    }
    question
}

/// Formats the default for tooltips.
fn default_text(place: &Place<'_>) -> String {
    match place.default {
        Value::Null => "Unset by default.".to_owned(),
        Value::String(text) if text.is_empty() => "Empty by default.".to_owned(),
        Value::String(text) => format!("Default: `{text}`."),
        other => format!("Default: `{other}`."),
    }
}

/// Type, default and what lies below.
fn shape(place: &Place<'_>, schema: &Value, question: &mut Value) -> Map<String, Value> {
    let default = || if place.unset || place.default.is_null() { None } else { Some(place.default.clone()) };
    let mut shape = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            shape.insert(key.to_owned(), value);
        }
    };
    if let Some(words) = choices(schema) {
        put("type", Some("enum".into()));
        put("options", Some(words.into_iter().cloned().collect()));
        put("default", default());
    } else if is(schema, "boolean") || schema["enum"].as_array().is_some_and(|words| words.contains(&true.into())) {
        put("type", Some("boolean".into()));
        put("default", default());
        let others: Vec<String> = schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(|w| format!("`{w}`"))
            .collect();
        if !others.is_empty() {
            let tooltip = question["tooltip"].as_str().unwrap_or_default();
            question["tooltip"] = format!("{tooltip} In YAML also {}.", others.join(", ")).into();
        }
    } else if is(schema, "integer") {
        put("type", Some("int".into()));
        put("min", schema.get("minimum").cloned());
        put("max", schema.get("maximum").cloned());
        put("default", default());
    } else if is(schema, "array") && schema["items"]["properties"].is_object() {
        put("type", Some("sequence[".into()));
        put("default", Some(default().unwrap_or_else(|| json!([]))));
        put("sequence_questions", Some(elements(place, &schema["items"])));
    } else if is(schema, "array") {
        put("type", Some("array[".into()));
        put("value_multiline", Some(false.into()));
        put("default", default());
    } else if let Some(below) = below(place, schema) {
        put("type", Some("map[".into()));
        put("hide_input", Some(true.into()));
        put("default", default().map(|_| json!({})));
        put("subquestions", Some(below));
    } else if is(schema, "object") {
        put("type", Some("map[".into()));
        put("default", default());
    } else {
        put("type", Some("string".into()));
        put("default", default());
    }
    shape
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::Array(kinds) => kinds.contains(&kind.into()),
        one => one == kind,
    }
}

/// The words that a text may be.
fn choices(schema: &Value) -> Option<Vec<&Value>> {
    let words = schema["enum"].as_array().or_else(|| schema["examples"].as_array())?;
    let words: Vec<&Value> = words.iter().filter(|word| !word.is_null()).collect();
    words.iter().all(|word| word.is_string()).then_some(words)
}

/// Questions of a group, or of a map's groups: those that it has by default, which need not be named.
fn below(place: &Place<'_>, schema: &Value) -> Option<Value> {
    let mut questions: Vec<Value> = if let Some(properties) = schema["properties"].as_object() {
        let below = |(key, schema): (&String, &Value)| question(&place.below(key), schema, text_of(schema));
        in_order(properties).into_iter().map(below).collect()
    } else {
        let group = Some(&schema["additionalProperties"]).filter(|group| group["properties"].is_object())?;
        let names = place.default.as_object()?.keys();
        names.map(|name| question(&place.below(name), group, &format!("What is asked of `{name}`."))).collect()
    };
    if place.unset {
        open_first(&mut questions);
    }
    Some(questions.into())
}

/// Sorts settings before those that depend on them, and lists last.
fn in_order(properties: &Map<String, Value>) -> Vec<(&String, &Value)> {
    const FIRST: [&str; 6] = ["require", "required", "type", "pathPrefix", "min", "max"];
    let mut properties: Vec<_> = properties.iter().collect();
    properties.sort_by_key(|(key, schema)| {
        (is(schema, "array"), FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()))
    });
    properties
}

/// Rancher adds elements only to a list whose group is there: such a list is shown once the group's first question
/// has an answer.
fn open_first(questions: &mut [Value]) {
    let first = questions.first().map(|question| question["variable"].clone()).unwrap_or_default();
    for question in questions.iter_mut().filter(|question| question["type"] == "sequence[") {
        question["show_if"] = first.clone();
    }
}

/// Questions of a list's elements, whose variables are the element's own.
fn elements(place: &Place<'_>, schema: &Value) -> Value {
    let properties = schema["properties"].as_object().map(in_order).unwrap_or_default().into_iter();
    let of_element = |(key, schema): (&String, &Value)| {
        let default = schema.get("default").unwrap_or(&Value::Null);
        let place = Place { variable: key.clone(), default, group: place.group, unset: false };
        question(&place, schema, text_of(schema))
    };
    properties.map(of_element).collect()
}

fn text_of(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

/// Questions of the bundle's `rules`: a tab for each, with its action and its own settings. Nothing has a default,
/// because whatever is written of a rule switches it on. Lists of groups and the rule's exemptions are left to YAML.
fn rules(field: &Field) -> Vec<Value> {
    let common = common_settings(true);
    let only_common: Vec<&str> = common.iter().map(|field| field.key).filter(|key| *key != "action").collect();
    let choices = field.schema["properties"].as_object().into_iter().flatten();
    let of_rule = |(id, schema): (&String, &Value)| {
        let place = Place { variable: format!("{}.{id}", field.key), default: &Value::Null, group: id, unset: true };
        let properties = schema["properties"].as_object().map(in_order).unwrap_or_default();
        let below: Vec<Value> = properties
            .into_iter()
            .filter(|(key, schema)| is_one_value(schema) && !only_common.contains(&key.as_str()))
            .map(|(key, schema)| question(&place.below(key), schema, text_of(schema)))
            .collect();
        let mut heading = json!({
            "variable": place.variable, "label": id, "group": id, "type": "map[", "hide_input": true, "required": false,
            "description": text_of(schema),
            "tooltip": format!("{} To switch the rule off, write `rules: {{{id}: false}}` in YAML.", text_of(schema)),
            "subquestions": below,
        });
        // A check that is no rule is there only where the standard has it.
        if !IDS.contains(&id.as_str()) {
            heading["show_if"] = "profile=restricted||warn=restricted".into();
        }
        heading
    };
    choices.map(of_rule).collect()
}

/// Whether a setting is one value or a list of texts.
fn is_one_value(schema: &Value) -> bool {
    let is_list = is(schema, "array") && !schema["items"]["properties"].is_object();
    is_list || !(is(schema, "array") || is(schema, "object"))
}

/// `requiredDrop` as `Required drop`; what is all upper case stays so.
fn label(key: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut previous = ' ';
    for character in key.chars() {
        match words.last_mut() {
            Some(word) if !(character.is_uppercase() && previous.is_lowercase()) => word.push(character),
            _ => words.push(character.into()),
        }
        previous = character;
    }
    let is_name = |word: &str| word.len() > 1 && !word.chars().any(char::is_lowercase);
    let mut label =
        words.iter().map(|w| if is_name(w) { w.clone() } else { w.to_lowercase() }).collect::<Vec<_>>().join(" ");
    if let Some(first) = label.get(..1).map(str::to_uppercase) {
        label.replace_range(..1, &first);
    }
    label
}

fn first_sentence(doc: &str) -> &str {
    doc.find(". ").map_or(doc, |end| &doc[..=end])
}

#[cfg(test)]
mod tests;
