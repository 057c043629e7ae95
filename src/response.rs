//! The answer of `validate`, on the wire as `kubewarden_policy_sdk::response::ValidationResponse`.
//!
//! Written by hand, and straight into one text: serde's code for it would be a twentieth of a policy, a round trip
//! of the object through `serde_json::Value` would touch numbers that no rule changed, and the list of ten thousand
//! containers' violations is too long to be copied.

use crate::json::{push_escaped, push_escaped_twice, push_string};
use crate::line;
use crate::violation::{Edit, Fix, Found, Violation};

/// Most violations that a message or the warnings spell out; the rest is counted.
pub const SPELLED_OUT: usize = 20;

/// A violation with what it leads to.
#[derive(Debug)]
pub struct Judged {
    /// Place of its rule in the policy.
    pub place: usize,
    /// Place of its pod template in the object.
    pub template: usize,
    /// The value found.
    pub violation: Violation,
    /// Whether it refuses the request; else it is a warning.
    pub rejects: bool,
    /// Whether the object had it before the update.
    pub existing: bool,
    /// Whether `action: mutate` would repair it with the rule's settings.
    pub fixable: bool,
}

/// Accepts with nothing to say.
pub fn accepted() -> String {
    verdict(&[], None)
}

/// Refuses an object of a kind, for a reason that is not a violation of a rule.
pub fn rejected(kind: &str, reason: &str) -> String {
    let mut message = String::new();
    line::push(&mut message, kind, LONGEST_KIND);
    message.push_str(reason);
    let mut out = String::from("{\"accepted\":false,\"message\":");
    push_string(&mut out, &message);
    out.push_str(",\"code\":null,\"mutated_object\":null,\"audit_annotations\":null,\"warnings\":null}");
    out
}

/// Longest name of a kind, in bytes.
const LONGEST_KIND: usize = 120;

/// The verdict on `judged`, which is sorted; `mutated` is the text of the repaired object.
pub fn verdict(judged: &[Judged], mutated: Option<&str>) -> String {
    let accepted = judged.iter().all(|j| !j.rejects);
    let mutated = mutated.filter(|_| accepted);
    let mut out = String::with_capacity(FIRST + mutated.map_or(0, str::len));
    if accepted {
        out.push_str("{\"accepted\":true,\"message\":null");
    } else {
        out.push_str("{\"accepted\":false,\"message\":\"");
        spell_out(judged, true, "; ", &mut out);
        out.push('"');
    }
    out.push_str(",\"code\":null,\"mutated_object\":");
    out.push_str(mutated.unwrap_or("null"));
    out.push_str(",\"audit_annotations\":");
    if judged.is_empty() {
        out.push_str("null");
    } else {
        out.push_str("{\"violations\":\"");
        push_list(&mut out, judged);
        out.push_str("\"}");
    }
    out.push_str(",\"warnings\":");
    if judged.iter().all(|j| j.rejects) {
        out.push_str("null");
    } else {
        out.push_str("[\"");
        spell_out(judged, false, "\",\"", &mut out);
        out.push_str("\"]");
    }
    out.push('}');
    out
}

/// Room for a few violations.
const FIRST: usize = 2 << 10;

/// Appends the messages of the first violations that reject, or that warn, and how many more there are.
fn spell_out(judged: &[Judged], rejecting: bool, separator: &str, out: &mut String) {
    let mut count = 0usize;
    let mut message = String::new();
    for Judged { violation, .. } in judged.iter().filter(|j| j.rejects == rejecting) {
        count += 1;
        if count > SPELLED_OUT {
            continue;
        }
        if count > 1 {
            out.push_str(separator);
        }
        out.push('[');
        out.push_str(violation.rule);
        out.push_str("] ");
        message.clear();
        violation.push_message(&mut message);
        push_escaped(out, &message);
    }
    if count > SPELLED_OUT {
        out.push_str(separator);
        out.push_str("and ");
        out.push_str(&(count - SPELLED_OUT).to_string());
        out.push_str(" more");
    }
}

/// Appends the full list for `audit_annotations["violations"]`: a JSON array of objects, as a part of a JSON
/// string. A quote of the array is `\"` here.
fn push_list(out: &mut String, judged: &[Judged]) {
    let mut message = String::new();
    for (place, Judged { violation, rejects, existing, fixable, .. }) in judged.iter().enumerate() {
        make_room(out);
        let mut text = |key: &str, value: &str| {
            out.push_str(key);
            push_escaped_twice(out, value);
        };
        text(if place == 0 { "[{\\\"rule\\\":\\\"" } else { ",{\\\"rule\\\":\\\"" }, violation.rule);
        text("\\\",\\\"path\\\":\\\"", &violation.path);
        if let Some((kind, name)) = &violation.container {
            text("\\\",\\\"container\\\":\\\"", name);
            text("\\\",\\\"containerType\\\":\\\"", kind.word());
            out.push_str("\\\",\\\"found\\\":");
        } else {
            out.push_str("\\\",\\\"container\\\":null,\\\"containerType\\\":null,\\\"found\\\":");
        }
        match &violation.found {
            Found::Unset => out.push_str("null"),
            Found::Json(found) => push_escaped(out, found),
        }
        message.clear();
        violation.push_message(&mut message);
        out.push_str(",\\\"message\\\":\\\"");
        push_escaped_twice(out, &message);
        for (key, value) in
            [("\\\",\\\"fixable\\\":", fixable), (",\\\"rejects\\\":", rejects), (",\\\"existing\\\":", existing)]
        {
            out.push_str(key);
            out.push_str(if *value { "true" } else { "false" });
        }
        if let Some(fix) = &violation.fix {
            push_fix(out, fix);
        }
        out.push('}');
    }
    out.push(']');
}

/// Reserves room for one entry of usual size. A text would otherwise double, and a long list would waste half of
/// the memory.
fn make_room(out: &mut String) {
    const ENTRY: usize = 1 << 10;
    if out.capacity() - out.len() < ENTRY {
        out.reserve_exact(ENTRY.max(out.len() / 4));
    }
}

/// Appends the edits of a fix: `"fix":[{"op":"set","path":"…","value":…}]`.
fn push_fix(out: &mut String, fix: &Fix) {
    out.push_str(",\\\"fix\\\":");
    for (place, edit) in fix.edits.iter().enumerate() {
        out.push(if place == 0 { '[' } else { ',' });
        let (op, path, value) = match edit {
            Edit::Set { path, value } => ("{\\\"op\\\":\\\"set\\\",\\\"path\\\":\\\"", path, Some(value)),
            Edit::Append { path, value } => ("{\\\"op\\\":\\\"append\\\",\\\"path\\\":\\\"", path, Some(value)),
            Edit::Remove { path } => ("{\\\"op\\\":\\\"remove\\\",\\\"path\\\":\\\"", path, None),
        };
        out.push_str(op);
        push_escaped_twice(out, path);
        out.push_str("\\\"");
        if let Some(value) = value {
            out.push_str(",\\\"value\\\":");
            push_escaped(out, value);
        }
        out.push('}');
    }
    out.push(']');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use kubewarden_policy_sdk::response::ValidationResponse;
    use serde_json::Value;

    use super::*;
    use crate::view::ContainerKind;

    fn judged(rule: &'static str, rejects: bool) -> Judged {
        let violation = Violation {
            rule,
            container: Some((ContainerKind::Init, "a \"b\"\n\\".to_owned())),
            ..Violation::at("spec[\"x.y\\u0001\"]".to_owned(), Found::text("é\u{1}\"\\"), "must be \"y\"")
                .fixed_by("\"z\\n\"")
        };
        Judged { place: 0, template: 0, violation, rejects, existing: false, fixable: true }
    }

    #[test]
    fn the_wire_is_the_sdks() {
        let mutated = r#"{"n": 12345678901234567890123, "s":"x"}"#;
        let many: Vec<Judged> = (0..50).map(|number| judged("a", number % 2 == 0)).collect();
        for text in [
            accepted(),
            rejected("no \"such\" thing\n", " is known"),
            verdict(&[], Some(mutated)),
            verdict(&[judged("a", false)], Some(mutated)),
            verdict(&[judged("a", true), judged("b", false)], Some(mutated)),
            verdict(&many, None),
        ] {
            let sdk: ValidationResponse = serde_json::from_str(&text).unwrap();
            // The SDK's own bytes, but for the object, which keeps its numbers.
            let plain = text.replace(mutated, "null");
            let without = ValidationResponse { mutated_object: None, ..sdk };
            assert_eq!(serde_json::to_string(&without).unwrap(), plain);
        }
    }

    #[test]
    fn the_list_says_what_was_found() {
        let text = verdict(&[judged("a", true), judged("b", false)], None);
        let answer: Value = serde_json::from_str(&text).unwrap();
        let list: Value = serde_json::from_str(answer["audit_annotations"]["violations"].as_str().unwrap()).unwrap();
        let violation = judged("a", true).violation;
        for (entry, rule) in list.as_array().unwrap().iter().zip(["a", "b"]) {
            assert_eq!(entry["rule"], rule);
            assert_eq!(entry["path"], violation.path.as_str());
            assert_eq!(entry["container"], "a \"b\"\n\\");
            assert_eq!(entry["containerType"], "initContainer");
            assert_eq!(entry["found"], "é\u{1}\"\\");
            assert_eq!(entry["message"], violation.message().as_str());
            assert_eq!(entry["fix"][0]["path"], violation.path.as_str());
            assert_eq!(entry["fix"][0]["value"], "z\n");
        }
        assert_eq!(answer["message"], ["[a] ", &violation.message()].concat());
        assert_eq!(answer["warnings"][0], ["[b] ", &violation.message()].concat());
    }

    #[test]
    fn what_is_not_spelled_out_is_counted() {
        let many: Vec<Judged> = (0..50).map(|number| judged("a", number % 2 == 0)).collect();
        let answer: Value = serde_json::from_str(&verdict(&many, None)).unwrap();
        assert!(answer["message"].as_str().unwrap().ends_with("; and 5 more"));
        assert_eq!((answer["warnings"].as_array().unwrap().len(), &answer["warnings"][20]), (21, &"and 5 more".into()));
    }
}
