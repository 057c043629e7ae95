//! The answer of `validate`, on the wire as `kubewarden_policy_sdk::response::ValidationResponse`.

use serde_json::value::RawValue;

use crate::edit::list_of;
use crate::json::{self, push_string};
use crate::violation::{Edit, Fix, Found, Violation};

/// Most violations that a message or the warnings spell out; the rest is counted.
pub const SPELLED_OUT: usize = 20;

/// The SDK's `ValidationResponse`, but with the mutated object as text: a round trip through
/// `serde_json::Value` would touch numbers that no rule changed.
#[derive(Debug)]
pub struct Response<'a> {
    accepted: bool,
    message: Option<String>,
    mutated_object: Option<&'a RawValue>,
    violations: Option<&'a [Judged]>,
    warnings: Vec<String>,
}

/// A violation with what it leads to.
#[derive(Debug)]
pub struct Judged {
    /// Place of its rule in the policy.
    pub place: usize,
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
        Response { accepted: true, message: None, mutated_object: None, violations: None, warnings: Vec::new() }
    }

    /// Refuses for a reason that is no violation of a rule.
    pub fn reject(message: String) -> Response<'a> {
        Response { accepted: false, message: Some(message), ..Response::accept() }
    }

    /// The verdict on `judged`, which is sorted; `mutated` is the repaired object.
    pub fn verdict(judged: &'a [Judged], mutated: Option<&'a RawValue>) -> Response<'a> {
        if judged.is_empty() {
            return Response { mutated_object: mutated, ..Response::accept() };
        }
        let rejected = spell_out(judged.iter().filter(|j| j.rejects));
        let warnings = spell_out(judged.iter().filter(|j| !j.rejects));
        let accepted = rejected.is_empty();
        Response {
            accepted,
            message: (!accepted).then(|| rejected.join("; ")),
            mutated_object: mutated.filter(|_| accepted),
            violations: Some(judged),
            warnings,
        }
    }

    /// The response as JSON, the same as serde writes the SDK's type; by hand, because serde's code for it
    /// would be a twentieth of a policy.
    pub fn to_json(&self) -> String {
        let text = |value: &Option<String>| value.as_deref().map_or_else(|| "null".to_owned(), json::string);
        let mut out = String::from(if self.accepted { "{\"accepted\":true" } else { "{\"accepted\":false" });
        out.push_str(",\"message\":");
        out.push_str(&text(&self.message));
        out.push_str(",\"code\":null,\"mutated_object\":");
        out.push_str(self.mutated_object.map_or("null", RawValue::get));
        out.push_str(",\"audit_annotations\":");
        match self.violations {
            None => out.push_str("null"),
            Some(violations) => {
                out.push_str("{\"violations\":\"");
                push_machine_readable(&mut out, violations);
                out.push_str("\"}");
            }
        }
        out.push_str(",\"warnings\":");
        if self.warnings.is_empty() {
            out.push_str("null");
        } else {
            let warnings: Vec<&str> = self.warnings.iter().map(String::as_str).collect();
            out.push_str(&list_of(&warnings));
        }
        out.push('}');
        out
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

/// Appends the full list for `audit_annotations["violations"]`: a JSON array of objects, as a part of a JSON
/// string. One at a time: of an object with thousands of containers the list is the largest thing there is.
fn push_machine_readable(out: &mut String, judged: &[Judged]) {
    let mut entry = String::from("[");
    for (place, judged) in judged.iter().enumerate() {
        if place > 0 {
            entry.push(',');
        }
        push_entry(&mut entry, judged);
        json::push_escaped(out, &entry);
        entry.clear();
    }
    entry.push(']');
    out.push_str(&entry);
}

fn push_entry(out: &mut String, judged: &Judged) {
    let Judged { violation, rejects, existing, fixable, .. } = judged;
    let mut text = |key: &str, value: &str| {
        out.push_str(key);
        push_string(out, value);
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
    push_string(out, &violation.message());
    for (key, value) in [(",\"fixable\":", fixable), (",\"rejects\":", rejects), (",\"existing\":", existing)] {
        out.push_str(key);
        out.push_str(if *value { "true" } else { "false" });
    }
    if let Some(fix) = &violation.fix {
        push_fix(out, fix);
    }
    out.push('}');
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

#[cfg(test)]
mod tests {
    use kubewarden_policy_sdk::response::ValidationResponse;

    use super::*;
    use crate::view::ContainerKind;

    #[test]
    fn the_wire_is_the_sdks() {
        let violation = |rule| Violation {
            rule,
            container: Some((ContainerKind::Init, "a \"b\"\n".to_owned())),
            ..Violation::at("spec.x".to_owned(), Found::text("é\u{1}"), "must be y").fixed_by("1")
        };
        let judged =
            |rule, rejects| Judged { place: 0, violation: violation(rule), rejects, existing: false, fixable: true };
        let mutated = json::raw(r#"{"n": 12345678901234567890123, "s":"x"}"#).ok();
        for response in [
            Response::accept(),
            Response::reject("no \"such\" thing".to_owned()),
            Response::verdict(&[], mutated),
            Response::verdict(&[judged("a", false)], mutated),
            Response::verdict(&[judged("a", true), judged("b", false)], mutated),
        ] {
            let text = response.to_json();
            let sdk: ValidationResponse = serde_json::from_str(&text).unwrap();
            // The SDK's own bytes, but for the object, which keeps its numbers.
            let plain = text.replace(r#"{"n": 12345678901234567890123, "s":"x"}"#, "null");
            let without = ValidationResponse { mutated_object: None, ..sdk };
            assert_eq!(serde_json::to_string(&without).unwrap(), plain);
        }
    }
}
