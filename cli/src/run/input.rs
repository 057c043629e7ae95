//! Reads what `harden run` is given: requests and settings.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::InputError;
use kube_yaml::yaml;
use sandbox::request::{Kind, admission_request};

/// The request as the policy gets it, and what the answer needs of it.
pub(super) struct Request<'a> {
    /// JSON text of the request.
    pub(super) json: Cow<'a, str>,
    /// The request's id, empty when it has none.
    pub(super) uid: String,
    /// JSON text of the object; `None` for `null`, as in a DELETE.
    pub(super) object: Option<Cow<'a, str>>,
}

/// The keys that tell a review, a request and an object apart.
#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(rename = "apiVersion", default)]
    api_version: Option<String>,
    #[serde(borrow, default)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    request: Option<&'a RawValue>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RequestOutline<'a> {
    #[serde(default)]
    uid: Option<String>,
    #[serde(borrow, default)]
    object: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    namespace: Option<String>,
}

impl<'a> Request<'a> {
    /// Reads an AdmissionReview, an admission request or a bare object, for which the request that creates it is
    /// built. A `raw` policy takes any JSON.
    ///
    /// # Errors
    /// A text that is none of these.
    pub(super) fn read(json: &'a str, raw: bool) -> Result<Self, InputError> {
        if raw {
            return Self::raw(json);
        }
        let outline: Outline<'_> = parse_object(json)?;
        let kind = outline.kind.and_then(|kind| parse::<String>(kind.get()).ok());
        match (kind, outline.api_version) {
            (Some(kind), _) if kind == "AdmissionReview" => match outline.request {
                Some(request) => Self::admission(request.get()),
                None => Err(InputError::NoRequest),
            },
            (Some(kind), Some(api_version)) => Self::bare(json, &api_version, &kind, outline.metadata),
            (None, _) if outline.kind.is_some() || outline.operation.is_some() => Self::admission(json),
            _ => Err(InputError::NoKind),
        }
    }

    fn admission(json: &'a str) -> Result<Self, InputError> {
        let outline: RequestOutline<'_> = parse_part("the admission request", json)?;
        Ok(Self {
            json: Cow::Borrowed(json),
            uid: outline.uid.unwrap_or_default(),
            object: outline.object.map(|object| Cow::Borrowed(object.get())),
        })
    }

    fn bare(json: &'a str, api_version: &str, kind: &str, metadata: Option<&RawValue>) -> Result<Self, InputError> {
        let metadata = metadata.map(|metadata| parse_part("the object's `metadata`", metadata.get()));
        let metadata: Metadata = metadata.transpose()?.unwrap_or_default();
        let kind = Kind::of(api_version, kind);
        let namespace = kind.namespaced.then(|| metadata.namespace.as_deref().unwrap_or("default"));
        let request = admission_request(json, &kind, metadata.name.as_deref(), namespace);
        let uid = parse::<RequestOutline<'_>>(&request)?.uid.unwrap_or_default();
        Ok(Self { json: Cow::Owned(request), uid, object: Some(Cow::Borrowed(json)) })
    }

    /// A raw policy's request is its own object; it may carry a `uid`.
    fn raw(json: &'a str) -> Result<Self, InputError> {
        parse::<&RawValue>(json)?;
        let uid = parse::<RequestOutline<'_>>(json).ok().and_then(|outline| outline.uid);
        Ok(Self { json: Cow::Borrowed(json), uid: uid.unwrap_or_default(), object: Some(Cow::Borrowed(json)) })
    }
}

/// Reads settings as JSON text; empty text and `null` mean none.
///
/// # Errors
/// A text that is neither JSON nor YAML, or not a mapping.
pub(super) fn settings(text: &str) -> Result<String, InputError> {
    if text.trim().is_empty() {
        return Ok("{}".to_owned());
    }
    let json = json_from(text)?;
    match json.trim_start().chars().next() {
        Some('{') => Ok(json.into_owned()),
        _ if json.trim() == "null" => Ok("{}".to_owned()),
        _ => Err(InputError::NoMapping),
    }
}

/// Returns the text itself when it is JSON, else the YAML as JSON.
///
/// # Errors
/// A text that is neither.
pub(super) fn json_from(text: &str) -> Result<Cow<'_, str>, InputError> {
    match parse::<&RawValue>(text) {
        Ok(_) => Ok(Cow::Borrowed(text)),
        // A text that starts as JSON is meant as such: its error is the useful one.
        Err(why) if text.trim_start().starts_with(['{', '[']) => Err(why),
        Err(_) => yaml_to_json(text).map(Cow::Owned),
    }
}

/// The only document of a YAML text, as JSON.
fn yaml_to_json(text: &str) -> Result<String, InputError> {
    let parsed = yaml::parse(text);
    if let Some(error) = parsed.errors.into_iter().next() {
        return Err(InputError::Yaml(error.line, error.column, error.message));
    }
    match parsed.documents.as_slice() {
        [] => Ok("null".to_owned()),
        [only] => Ok(only.root.to_json()),
        [_, second, ..] => Err(InputError::SecondDocument(second.line)),
    }
}

/// Parses a JSON object. Alone, serde would take an array for a struct, too.
fn parse_object<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, InputError> {
    if json.trim_start().starts_with('[') {
        return Err(InputError::Array);
    }
    parse(json)
}

/// Parses a part of the input, which an error names.
fn parse_part<'a, T: Deserialize<'a>>(part: &'static str, json: &'a str) -> Result<T, InputError> {
    parse_object(json).map_err(|why| InputError::Part(part, Box::new(why)))
}

/// Parses JSON; the error names the place, never the content.
fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, InputError> {
    serde_json::from_str(json).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "not of the expected shape",
            _ => "not JSON",
        };
        InputError::Json(what, error.line(), error.column())
    })
}
