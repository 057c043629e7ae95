//! Edits as JSON, as policies list them beside a violation: `[{"op":"set","path":"…","value":…}]`.
//!
//! To be named in `#[serde(with = "…")]`.

use std::borrow::Cow;

use hardening::violation::Edit;
use serde::ser::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An edit as it is written.
#[derive(Serialize, Deserialize)]
struct Wire<'w> {
    op: Cow<'w, str>,
    path: Cow<'w, str>,
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
}

/// Reads a value that is there, if only as `null`.
fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::<RawValue>::deserialize(deserializer).map(Some)
}

/// Writes edits.
///
/// # Errors
/// A value that is not JSON, and whatever the serializer says.
pub fn serialize<S: Serializer>(edits: impl AsRef<[Edit]>, serializer: S) -> Result<S::Ok, S::Error> {
    let wire: Result<Vec<Wire<'_>>, _> = edits.as_ref().iter().map(write).collect();
    serializer.collect_seq(wire.map_err(S::Error::custom)?)
}

fn write(edit: &Edit) -> serde_json::Result<Wire<'_>> {
    let (op, path, value) = match edit {
        Edit::Set { path, value } => ("set", path, Some(value)),
        Edit::Append { path, value } => ("append", path, Some(value)),
        Edit::Remove { path } => ("remove", path, None),
    };
    let value = value.map(|text| RawValue::from_string(text.clone())).transpose()?;
    Ok(Wire { op: op.into(), path: path.into(), value })
}

/// Reads edits; gives none at all if one is unknown: half a fix may be worse than none.
///
/// # Errors
/// What is not a list.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Edit>, D::Error> {
    let edits: Vec<Box<RawValue>> = Vec::deserialize(deserializer)?;
    Ok(edits.iter().map(|edit| read(edit.get())).collect::<Option<Vec<Edit>>>().unwrap_or_default())
}

fn read(text: &str) -> Option<Edit> {
    let Wire { op, path, value } = serde_json::from_str(text).ok()?;
    let (path, value) = (path.into_owned(), value.map(|value| value.get().to_owned()));
    match (&*op, value) {
        ("set", Some(value)) => Some(Edit::Set { path, value }),
        ("append", Some(value)) => Some(Edit::Append { path, value }),
        ("remove", None) => Some(Edit::Remove { path }),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Listed {
        #[serde(with = "super")]
        fix: Vec<Edit>,
    }

    #[test]
    fn edits_survive_writing_and_reading() {
        let text = concat!(
            r#"{"fix":[{"op":"set","path":"a[\"b\"]","value":{"n":12345678901234567890123}},"#,
            r#"{"op":"append","path":"l","value":null},{"op":"remove","path":"m"}]}"#
        );
        let listed: Listed = serde_json::from_str(text).unwrap();
        assert_eq!(listed.fix.len(), 3);
        assert_eq!(serde_json::to_string(&listed).unwrap(), text);
    }

    #[test]
    fn an_unknown_edit_spoils_the_others() {
        for unknown in [r#"{"op":"move","path":"a"}"#, r#"{"op":"set","path":"a"}"#, r#"{"op":"remove"}"#, "5"] {
            let text = format!(r#"{{"fix":[{{"op":"remove","path":"m"}},{unknown}]}}"#);
            assert_eq!(serde_json::from_str::<Listed>(&text).unwrap().fix, [], "{unknown}");
        }
    }
}
