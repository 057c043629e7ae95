//! Reads what `harden run` is given: requests and settings.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

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
    /// Reads an AdmissionReview, an admission request or a bare object, for
    /// which the request that creates it is built. A `raw` policy takes any JSON.
    ///
    /// # Errors
    /// Says what is wrong with the text, to follow the file's name.
    pub(super) fn read(json: &'a str, raw: bool) -> Result<Self, String> {
        if raw {
            return Self::raw(json);
        }
        let outline: Outline<'_> = parse_object(json)?;
        let kind = outline.kind.and_then(|kind| parse::<String>(kind.get()).ok());
        match (kind, outline.api_version) {
            (Some(kind), _) if kind == "AdmissionReview" => match outline.request {
                Some(request) => Self::admission(request.get()),
                None => Err("the AdmissionReview has no `request`".to_owned()),
            },
            (Some(kind), Some(api_version)) => Self::bare(json, &api_version, &kind, outline.metadata),
            (None, _) if outline.kind.is_some() || outline.operation.is_some() => Self::admission(json),
            _ => Err("neither an AdmissionReview nor an admission request (`kind`, `operation`, \
                 `object`) nor a Kubernetes object (`apiVersion`, `kind`)"
                .to_owned()),
        }
    }

    fn admission(json: &'a str) -> Result<Self, String> {
        let outline: RequestOutline<'_> =
            parse_object(json).map_err(|why| format!("the admission request is {why}"))?;
        Ok(Self {
            json: Cow::Borrowed(json),
            uid: outline.uid.unwrap_or_default(),
            object: outline.object.map(|object| Cow::Borrowed(object.get())),
        })
    }

    fn bare(json: &'a str, api_version: &str, kind: &str, metadata: Option<&RawValue>) -> Result<Self, String> {
        let metadata: Metadata = match metadata {
            Some(metadata) => {
                parse_object(metadata.get()).map_err(|why| format!("the object's `metadata` is {why}"))?
            }
            None => Metadata::default(),
        };
        let kind = Kind::of(api_version, kind);
        let namespace = kind.namespaced.then(|| metadata.namespace.as_deref().unwrap_or("default"));
        let request = admission_request(json, &kind, metadata.name.as_deref(), namespace);
        let uid = parse::<RequestOutline<'_>>(&request)?.uid.unwrap_or_default();
        Ok(Self { json: Cow::Owned(request), uid, object: Some(Cow::Borrowed(json)) })
    }

    /// A raw policy's request is its own object; it may carry a `uid`.
    fn raw(json: &'a str) -> Result<Self, String> {
        parse::<&RawValue>(json)?;
        let uid = parse::<RequestOutline<'_>>(json).ok().and_then(|outline| outline.uid);
        Ok(Self { json: Cow::Borrowed(json), uid: uid.unwrap_or_default(), object: Some(Cow::Borrowed(json)) })
    }
}

/// The settings as JSON text; empty text and `null` mean none.
///
/// # Errors
/// When the text is neither JSON nor YAML, or no mapping.
pub(super) fn settings(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Ok("{}".to_owned());
    }
    let json = json_from(text)?;
    match json.trim_start().chars().next() {
        Some('{') => Ok(json.into_owned()),
        _ if json.trim() == "null" => Ok("{}".to_owned()),
        _ => Err("settings must be a mapping of keys to values".to_owned()),
    }
}

/// The text itself when it is JSON, else what the YAML says, as JSON.
///
/// # Errors
/// When it is neither.
pub(super) fn json_from(text: &str) -> Result<Cow<'_, str>, String> {
    match parse::<&RawValue>(text) {
        Ok(_) => Ok(Cow::Borrowed(text)),
        // A text that starts as JSON is meant as such: its error is the useful one.
        Err(why) if text.trim_start().starts_with(['{', '[']) => Err(why),
        Err(_) => yaml_to_json(text).map(Cow::Owned),
    }
}

/// The only document of a YAML text, as JSON.
fn yaml_to_json(text: &str) -> Result<String, String> {
    let parsed = yaml::parse(text);
    if let Some(error) = parsed.errors.first() {
        return Err(format!("line {} column {}: {}", error.line, error.column, error.message));
    }
    match parsed.documents.as_slice() {
        [] => Ok("null".to_owned()),
        [only] => Ok(only.root.to_json()),
        [_, second, ..] => Err(format!("line {}: a second document, expected one", second.line)),
    }
}

/// Parses a JSON object. Alone, serde would take an array for a struct, too.
fn parse_object<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    if json.trim_start().starts_with('[') {
        return Err("an array, not an object".to_owned());
    }
    parse(json)
}

/// Parses JSON; the error names the place, never the content.
fn parse<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| {
        let what = match error.classify() {
            serde_json::error::Category::Data => "not of the expected shape",
            _ => "not JSON",
        };
        format!("{what} (line {}, column {})", error.line(), error.column())
    })
}
