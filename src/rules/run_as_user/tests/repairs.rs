//! The effect of fixes on a pod.

use serde_json::Value;
use serde_json::value::RawValue;

use super::*;

/// The spec after the repairs of `violations`: the safe ones, with `overwrite` all.
pub(super) fn repair(spec: &str, violations: &[Violation], overwrite: bool) -> String {
    let mut edits: Vec<Edit> = Vec::new();
    let fixes = violations.iter().filter_map(|v| v.fix.as_ref()).filter(|fix| overwrite || !fix.overwrites);
    for edit in fixes.flat_map(|fix| &fix.edits) {
        if !edits.contains(edit) {
            edits.push(edit.clone());
        }
    }
    let repaired = crate::edit::apply(&format!("{{\"spec\":{spec}}}"), &edits).unwrap();
    let repaired: &RawValue = serde_json::from_str(&repaired).unwrap();
    crate::json::members(repaired).unwrap().get("spec").unwrap().get().to_owned()
}

#[test]
fn groups_of_the_pod_are_replaced_only_for_all_containers() {
    let settings = r#"{"user":{"require":"any"},"group":{"require":"any"},
        "fsGroup":{"default":5},"supplementalGroups":{"ranges":[{"min":5,"max":9}],"default":5}}"#;
    let bad = spec(r#"{"fsGroup":0,"supplementalGroups":[9,0,1,5]}"#, &["{}".to_owned(), "{}".to_owned()]);
    let violations = judge(settings, &bad, &[]);
    assert_eq!(violations.len(), 3);
    assert_eq!(repair(&bad, &violations, false), bad);
    let good = bad.replace(r#""fsGroup":0"#, r#""fsGroup":5"#).replace("[9,0,1,5]", "[9,5]");
    assert_eq!(repair(&bad, &violations, true), good);
    assert_eq!(judge(settings, &good, &[]), []);

    let violations = judge(settings, &bad, &[false, true]);
    assert_eq!(violations.len(), 3);
    assert!(violations.iter().all(|v| v.fix.is_none()));

    let no_default = r#"{"user":{"require":"any"},"group":{"require":"any"},"fsGroup":{},"supplementalGroups":{}}"#;
    assert!(judge(no_default, &bad, &[]).iter().all(|v| v.fix.is_none()));
}

/// Returns the effective value of a container.
fn effective(pod: &Value, container: &Value, field: &str) -> Value {
    let own = &container["securityContext"][field];
    if own.is_null() { pod["securityContext"][field].clone() } else { own.clone() }
}

/// Every pod of two containers, the second exempt or not: judged as the table says of its containers, and
/// repaired without touching what is exempt or accepted.
#[test]
fn repairs() {
    let pairs = |users: &[&'static str]| -> Vec<(&str, &str)> {
        users.iter().flat_map(|user| NON_ROOTS.map(|non_root| (*user, non_root))).collect()
    };
    let values = pairs(&USERS[..4]);
    for (require, table) in REQUIRE_USER {
        let bad = |user: &Value, non_root: &Value| {
            let place = |words: &[&str], value: &Value| {
                let text = if value.is_null() { String::new() } else { value.to_string() };
                words.iter().position(|word| *word == text).unwrap()
            };
            table[place(&USERS, user)][place(&NON_ROOTS, non_root)]
        };
        for default in ["", r#","default":1600"#] {
            let settings = RawValue::from_string(user_settings(require, default)).unwrap();
            let policy = Single::<RunAsUser>::load(Some(&settings)).unwrap();
            let rule = &*policy.rules[0].rule;
            for pod in &values {
                for first in &values {
                    for second in &values {
                        let context = |(user, non_root): &(&str, &str)| context(user, "", non_root);
                        let spec = spec(&context(pod), &[context(first), context(second)]);
                        for exempt in [false, true] {
                            check_repair(rule, &spec, exempt, !default.is_empty(), &bad);
                        }
                    }
                }
            }
        }
    }
}

fn check_repair<'t>(
    rule: &dyn Rule,
    spec: &str,
    exempt: bool,
    has_default: bool,
    bad: &dyn Fn(&Value, &Value) -> &'t str,
) {
    let case = format!("{spec}, second exempt: {exempt}, default: {has_default}");
    let before: Value = serde_json::from_str(spec).unwrap();
    let of = |spec: &Value, index: usize, field: &str| effective(spec, &spec["containers"][index], field);
    let accepted = |index: usize| bad(&of(&before, index, "runAsUser"), &of(&before, index, "runAsNonRoot")).is_empty();
    let violations = judge_with(rule, spec, &[false, exempt]);
    assert_eq!(violations.is_empty(), accepted(0) && (exempt || accepted(1)), "{case}");

    for overwrite in [false, true] {
        let repaired = repair(spec, &violations, overwrite);
        let after: Value = serde_json::from_str(&repaired).unwrap();
        let left = judge_with(rule, &repaired, &[false, exempt]);
        if overwrite && has_default {
            assert_eq!(left, [], "{case}: {repaired}");
        }
        // Once is enough.
        assert_eq!(repair(&repaired, &left, overwrite), repaired, "{case}: {repaired}");
        for field in ["runAsUser", "runAsNonRoot"] {
            if exempt {
                assert_eq!(of(&after, 1, field), of(&before, 1, field), "{case}: {repaired}");
            }
            for index in 0..2 {
                let (old, new) = (of(&before, index, field), of(&after, index, field));
                assert!(overwrite || old.is_null() || new == old, "{case}: {repaired}");
            }
        }
        for index in (0..2).filter(|index| accepted(*index)) {
            assert_eq!(of(&after, index, "runAsUser"), of(&before, index, "runAsUser"), "{case}: {repaired}");
        }
    }
}

#[test]
fn where_repairs_are_made() {
    let settings = r#"{"user":{"default":1000},"group":{"default":1000}}"#;
    let non_root = r#"{"user":{"require":"nonRoot"},"group":{"require":"any"}}"#;
    let either = r#"{"user":{"require":"idOrNonRoot","default":1000},"group":{"require":"any"}}"#;
    let either_bare = r#"{"user":{"require":"idOrNonRoot","ranges":[{"min":1000}]},"group":{"require":"any"}}"#;
    for (settings, exempt, before, after) in [
        (settings, [false; 2], ["{}", "{}", "{}"], [r#"{"runAsUser":1000,"runAsGroup":1000}"#, "{}", "{}"]),
        (settings, [false, true], ["{}", "{}", "{}"], ["{}", r#"{"runAsUser":1000,"runAsGroup":1000}"#, "{}"]),
        (
            settings,
            [false, true],
            ["{}", "{}", r#"{"runAsUser":0}"#],
            [r#"{"runAsUser":1000}"#, r#"{"runAsGroup":1000}"#, r#"{"runAsUser":0}"#],
        ),
        // What was written is replaced where it stands, unless that reaches an exempt container.
        (
            settings,
            [false; 2],
            [r#"{"runAsUser":0,"runAsGroup":1}"#, "{}", r#"{"runAsGroup":0}"#],
            [r#"{"runAsUser":1000,"runAsGroup":1}"#, "{}", r#"{"runAsGroup":1000}"#],
        ),
        (
            settings,
            [false, true],
            [r#"{"runAsUser":0,"runAsGroup":1}"#, "{}", "{}"],
            [r#"{"runAsUser":0,"runAsGroup":1}"#, r#"{"runAsUser":1000}"#, "{}"],
        ),
        (non_root, [false; 2], ["{}", "{}", "{}"], [r#"{"runAsNonRoot":true}"#, "{}", "{}"]),
        (
            non_root,
            [false; 2],
            [r#"{"runAsNonRoot":false}"#, "{}", r#"{"runAsNonRoot":true}"#],
            [r#"{"runAsNonRoot":true}"#, "{}", r#"{"runAsNonRoot":true}"#],
        ),
        // An id is filled in where a container needs one, not where another answers in its own way.
        (either, [false; 2], ["{}", "{}", "{}"], [r#"{"runAsUser":1000}"#, "{}", "{}"]),
        (
            either,
            [false; 2],
            ["{}", "{}", r#"{"runAsNonRoot":true}"#],
            ["{}", r#"{"runAsUser":1000}"#, r#"{"runAsNonRoot":true}"#],
        ),
        // No default is needed where `runAsNonRoot: true` is enough.
        (either_bare, [false; 2], ["{}", "{}", "{}"], [r#"{"runAsNonRoot":true}"#, "{}", "{}"]),
        (
            either_bare,
            [false; 2],
            ["{}", r#"{"runAsUser":500}"#, r#"{"runAsUser":1000}"#],
            [r#"{"runAsNonRoot":true}"#, r#"{"runAsUser":500}"#, r#"{"runAsUser":1000}"#],
        ),
    ] {
        let [before, after] = [before, after].map(|[pod, a, b]| spec(pod, &[a.to_owned(), b.to_owned()]));
        let repaired = repair(&before, &judge(settings, &before, &exempt), true);
        // The order of new fields means nothing.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&repaired), value(&after), "{settings} {before}");
        assert_eq!(judge(settings, &repaired, &exempt), [], "{settings} {before}");
    }
}

#[test]
fn without_a_default_ids_are_not_repaired() {
    for pod in ["{}", r#"{"runAsUser":0,"runAsGroup":0}"#] {
        let violations = judge("{}", &spec(pod, &["{}".to_owned()]), &[]);
        assert_eq!(violations.len(), 2, "{pod}");
        assert!(violations.iter().all(|v| v.fix.is_none()), "{pod}");
    }
}

/// A container that runs as root, excused as one that did so before, must still start.
#[test]
fn run_as_non_root_is_not_filled_in_for_root() {
    let settings = r#"{"user":{"require":"nonRoot"},"group":{"require":"any"}}"#;
    let violations = judge(settings, &spec("{}", &["{}".to_owned(), r#"{"runAsUser":0}"#.to_owned()]), &[]);
    let path = "spec.containers[0].securityContext.runAsNonRoot".to_owned();
    let fix = Fix { edits: vec![Edit::Set { path, value: "true".into() }], overwrites: false };
    assert_eq!(violations[0].fix, Some(fix));
}
