//! The answer of `harden run`, an AdmissionResponse as kwctl prints it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::Error;
use super::input::Request;
use sandbox::ValidationResponse;

/// `admission.k8s.io/v1`'s AdmissionResponse. As with kwctl, absent patches and
/// status are left out, absent annotations and warnings are `null`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdmissionResponse {
    uid: String,
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    audit_annotations: Option<BTreeMap<String, String>>,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct Status {
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
}

impl AdmissionResponse {
    /// The answer to `request` that follows from the policy's `response`.
    ///
    /// # Errors
    /// When the object or the mutated object is too deep to be compared.
    pub(super) fn new(request: &Request<'_>, response: &ValidationResponse) -> Result<Self, Error> {
        let mut answer = Self {
            uid: request.uid.clone(),
            allowed: response.accepted,
            patch_type: None,
            patch: None,
            status: (response.message.is_some() || response.code.is_some())
                .then(|| Status { message: response.message.clone(), code: response.code }),
            audit_annotations: (!response.audit_annotations.is_empty()).then(|| response.audit_annotations.clone()),
            warnings: (!response.warnings.is_empty()).then(|| response.warnings.clone()),
        };
        let Some(mutated) = &response.mutated_object else {
            return Ok(answer);
        };
        let Some(object) = &request.object else {
            // Nothing of the response counts, whatever else it says.
            return Ok(Self::refusal(
                request,
                "the policy changes an object that is null, as in a DELETE request",
                None,
            ));
        };
        answer.patch = patch(object, mutated.get())?;
        answer.patch_type = answer.patch.as_ref().map(|_| "JSONPatch");
        Ok(answer)
    }

    /// The refusal for a policy that failed.
    pub(super) fn internal_error(request: &Request<'_>, message: &str) -> Self {
        let message = format!("internal server error: {message}");
        Self::refusal(request, &message, Some(500))
    }

    fn refusal(request: &Request<'_>, message: &str, code: Option<u16>) -> Self {
        Self {
            uid: request.uid.clone(),
            allowed: false,
            patch_type: None,
            patch: None,
            status: Some(Status { message: Some(message.to_owned()), code }),
            audit_annotations: None,
            warnings: None,
        }
    }
}

/// Computes the JSON patch (RFC 6902) from one text to another, in base64; `None` when they mean the same.
fn patch(from: &str, to: &str) -> Result<Option<String>, Error> {
    let parse = |what: &'static str, text: &str| -> Result<Value, Error> {
        serde_json::from_str(text).map_err(|_| Error::TooDeep(what))
    };
    let patch = json_patch::diff(&parse("the object", from)?, &parse("the mutated object", to)?);
    if patch.0.is_empty() {
        return Ok(None);
    }
    Ok(Some(STANDARD.encode(serde_json::to_vec(&patch)?)))
}
