//! The answer of `validate`, on the wire as `kubewarden_policy_sdk::response::ValidationResponse`.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::json::push_string;
use crate::violation::{Edit, Fix, Found, Violation};

/// Most violations that a message or the warnings spell out; the rest is counted.
pub const SPELLED_OUT: usize = 20;

/// The SDK's `ValidationResponse`, but with the mutated object as text: a round trip through
/// `serde_json::Value` would touch numbers that no rule changed.
#[derive(Debug, Serialize)]
pub struct Response<'a> {
    accepted: bool,
    message: Option<String>,
    code: Option<u16>,
    mutated_object: Option<&'a RawValue>,
    audit_annotations: Option<Annotations>,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct Annotations {
    violations: String,
}

/// A violation with what it leads to.
#[derive(Debug)]
pub struct Judged {
    /// What was found.
    pub violation: Violation,
    /// Whether it refuses the request; else it is a warning.
    pub rejects: bool,
    /// Whether the object had it before the update.
    pub existing: bool,
    /// Whether `action: mutate` would repair it with the rule's settings.
    pub fixable: bool,
}

impl<'a> Response<'a> {
    /// Accepts with nothing to say.
    pub fn accept() -> Response<'a> {
        Response {
            accepted: true,
            message: None,
            code: None,
            mutated_object: None,
            audit_annotations: None,
            warnings: None,
        }
    }

    /// Refuses for a reason that is no violation of a rule.
    pub fn reject(message: String) -> Response<'a> {
        Response { accepted: false, message: Some(message), ..Response::accept() }
    }

    /// The verdict on `judged`, which is sorted; `mutated` is the repaired object.
    pub fn verdict(judged: &[Judged], mutated: Option<&'a RawValue>) -> Response<'a> {
        if judged.is_empty() {
            return Response { mutated_object: mutated, ..Response::accept() };
        }
        let rejected = spell_out(judged.iter().filter(|j| j.rejects));
        let warnings = spell_out(judged.iter().filter(|j| !j.rejects));
        let accepted = rejected.is_empty();
        Response {
            accepted,
            message: (!accepted).then(|| rejected.join("; ")),
            code: None,
            mutated_object: mutated.filter(|_| accepted),
            audit_annotations: Some(Annotations { violations: machine_readable(judged) }),
            warnings: (!warnings.is_empty()).then_some(warnings),
        }
    }

    /// The response as JSON.
    ///
    /// # Errors
    /// None that a response of this type can cause.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }
}

/// Messages of the first violations, and how many more there are.
fn spell_out<'j>(judged: impl Iterator<Item = &'j Judged>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut more = 0usize;
    for Judged { violation, .. } in judged {
        if lines.len() < SPELLED_OUT {
            lines.push(["[", violation.rule, "] ", &violation.message()].concat());
        } else {
            more += 1;
        }
    }
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// The full list for `audit_annotations["violations"]`: a JSON array of objects.
fn machine_readable(judged: &[Judged]) -> String {
    let mut out = String::from("[");
    for Judged { violation, rejects, existing, fixable } in judged {
        if out.len() > 1 {
            out.push(',');
        }
        let mut text = |key: &str, value: &str| {
            out.push_str(key);
            push_string(&mut out, value);
        };
        text("{\"rule\":", violation.rule);
        text(",\"path\":", &violation.path);
        if let Some((kind, name)) = &violation.container {
            text(",\"container\":", name);
            text(",\"containerType\":", kind.word());
        } else {
            out.push_str(",\"container\":null,\"containerType\":null");
        }
        out.push_str(",\"found\":");
        out.push_str(match &violation.found {
            Found::Unset => "null",
            Found::Json(found) => found,
        });
        out.push_str(",\"message\":");
        push_string(&mut out, &violation.message());
        for (key, value) in [(",\"fixable\":", fixable), (",\"rejects\":", rejects), (",\"existing\":", existing)] {
            out.push_str(key);
            out.push_str(if *value { "true" } else { "false" });
        }
        if let Some(fix) = &violation.fix {
            push_fix(&mut out, fix);
        }
        out.push('}');
    }
    out.push(']');
    out
}

/// Appends the edits of a fix: `"fix":[{"op":"set","path":"…","value":…}]`.
fn push_fix(out: &mut String, fix: &Fix) {
    out.push_str(",\"fix\":");
    for (place, edit) in fix.edits.iter().enumerate() {
        out.push(if place == 0 { '[' } else { ',' });
        let (op, path, value) = match edit {
            Edit::Set { path, value } => ("{\"op\":\"set\",\"path\":", path, Some(value)),
            Edit::Append { path, value } => ("{\"op\":\"append\",\"path\":", path, Some(value)),
            Edit::Remove { path } => ("{\"op\":\"remove\",\"path\":", path, None),
        };
        out.push_str(op);
        push_string(out, path);
        if let Some(value) = value {
            out.push_str(",\"value\":");
            out.push_str(value);
        }
        out.push('}');
    }
    out.push(']');
}
