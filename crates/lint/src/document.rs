//! Reads YAML files of settings: configurations, the user's own and suites.

use hardening::settings::{Group, SettingsError, read_group, schema_of, with_definitions};
use kube_yaml::yaml;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::Error;
use crate::finding::Place;
use crate::named::NamedPath;
use crate::suggest;

/// Reads the settings in the only document of a YAML file, and the file's text; `what` names the kind of file in
/// messages.
///
/// # Errors
/// A file that cannot be read, is not valid YAML, or says something that is not allowed; the message names the file,
/// the place and the key.
pub fn read<G: Group>(name: &NamedPath, what: &'static str) -> Result<(G, String), Error> {
    let text = name.read_to_string().map_err(|source| Error::Read { what, path: name.to_string(), source })?;
    Ok((parse(&text, &name.to_string())?, text))
}

/// Reads the settings in the only document of a YAML text, which messages call `name`.
///
/// # Errors
/// As [`read`].
pub fn parse<G: Group>(text: &str, name: &str) -> Result<G, Error> {
    let path = || name.to_owned();
    let parsed = yaml::parse(text);
    if let Some(error) = parsed.errors.first() {
        let message = format!("is not valid YAML: {}", error.message);
        return Err(Error::At { path: path(), line: error.line, column: error.column, message });
    }
    if let Some(second) = parsed.documents.get(1) {
        return Err(Error::SecondDocument { path: path(), line: second.line });
    }
    let root = parsed.documents.first().map(|document| &document.root).filter(|root| !root.is_null());
    let json = root.map_or_else(|| "{}".to_owned(), yaml::Node::to_json);
    group(&json).map_err(|error| {
        let place = root.map(|root| Place::find(root, &error.key));
        let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
        Error::At { path: path(), line, column, message: suggest::for_settings(&error.to_string()) }
    })
}

fn group<G: Group>(json: &str) -> Result<G, SettingsError> {
    let raw = RawValue::from_string(json.to_owned()).map_err(|error| SettingsError::new(error.to_string()))?;
    read_group(&raw)
}

/// Builds the JSON schema (2020-12) of a kind of file, which `title` names.
pub fn schema<G: Group>(title: &str) -> Value {
    let mut schema = with_definitions(schema_of(&G::fields()));
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["description"] = G::doc().into();
    schema
}
