//! Checks a policy's answer before it becomes an object in the author's file. The policy may be anybody's, so nothing
//! is trusted.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::finding::Object;
use crate::judge::Judge;

/// The object as `judge` wants it; `None` if it leaves it or refuses it.
///
/// # Errors
/// A policy that gives no verdict, or another object than it was asked about: the API server would not take that in
/// its place.
pub(super) fn mutated(judge: &Judge, json: &str, object: &Object) -> Result<Option<String>, Error> {
    let answer = judge.ask_about(json, object)?;
    let Some(mutated) = answer.mutated_object.filter(|_| answer.accepted) else { return Ok(None) };
    let why = match serde_json::from_str(mutated.get()) {
        Ok(Value::Object(fields)) => match other(&fields, object) {
            None => return Ok(Some(mutated.get().to_owned())),
            Some((field, new, old)) => format!("another object: its {field} is {new:?} instead of {old:?}"),
        },
        Ok(_) => "a mutated_object that is not an object".to_owned(),
        Err(error) => format!("a mutated_object that cannot be read: {error}"),
    };
    Err(Error::Answer { policy: judge.name().to_owned(), why })
}

/// The first of the fields that name an object whose value is another, with what it is and should be.
fn other<'o>(mutated: &'o Map<String, Value>, object: &'o Object) -> Option<(&'static str, &'o str, &'o str)> {
    let text = |value: Option<&'o Value>| value.and_then(Value::as_str).unwrap_or_default();
    let metadata = |key: &str| text(mutated.get("metadata").and_then(|metadata| metadata.get(key)));
    let name = Some(metadata("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| metadata("generateName"));
    let fields = [
        ("apiVersion", text(mutated.get("apiVersion")), object.api_version.as_str()),
        ("kind", text(mutated.get("kind")), &object.kind),
        ("metadata.name", name, &object.name),
        ("metadata.namespace", metadata("namespace"), &object.namespace),
    ];
    fields.into_iter().find(|(_, new, old)| new != old)
}
