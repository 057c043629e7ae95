//! `harden fix`: as `kubectl` reads it, a text that is fixed holds the same objects as before, and they differ in what
//! the policy fills in and nowhere else.

use kube_yaml::yaml;
use lint::finding::{Finding, Object};
use lint::fix::Fixer;
use lint::judge::Judge;
use lint::text::Text;
use sandbox::{Engine, Options};
use serde_json::Value;

use super::differential::{count, seed};
use super::generate::Mode;
use super::oracle::Kubectl;
use super::seen::normal;

/// Everything has a value to fill in.
const SETTINGS: &str = r#"{"rules":{"apparmor-profile":{"require":true},"service-account-token":true,
    "read-only-root-filesystem":{"writablePaths":["/tmp"]},"run-as-user":{"user":{"default":10001},"group":{"default":10001}},
    "resources":{"limits":{"cpu":{"default":"1"},"memory":{"default":"64Mi"}},"requests":{"cpu":{"default":"10m"}}}}}"#;

#[test]
fn a_fix_changes_what_the_policy_fills_in_and_nothing_else() {
    let Some(kubectl) = Kubectl::find() else { return };
    let engine = Engine::new(Options::default()).unwrap();
    let checks = Judge::new(embedded::bundle(&engine).unwrap(), SETTINGS.to_owned()).unwrap();
    for overwrite in [false, true] {
        let lists = checks.listing(overwrite).unwrap();
        let mode = format!(r#"{{"action":"mutate","unfixable":"warn","overwrite":{overwrite},"#);
        let fixes = checks.with_settings(SETTINGS.replacen('{', &mode, 1)).unwrap();
        let mute = |_: &Text<'_>, _: &mut Vec<Finding>| {};
        let fixer = Fixer::new(&checks, &lists, &[], &mute);
        let seed = seed() + u64::from(overwrite);
        let texts = Mode::ALL.iter().flat_map(|mode| mode.texts(seed, count() / 2));
        let changed = texts.filter_map(|text| {
            let fixed = fixer.fix(text.clone(), true).new;
            (fixed != text).then_some((text, fixed))
        });
        let (old, new): (Vec<String>, Vec<String>) = changed.unzip();
        let (before, after) = (kubectl.created_from(&old), kubectl.created_from(&new));
        let mut compared = 0;
        for (index, before) in before.iter().enumerate().filter(|(_, before)| !before.is_empty()) {
            let (old, new, after) = (&old[index], &new[index], &after[index]);
            assert_eq!(before.len(), after.len(), "{old}\nbecomes, which kubectl reads otherwise,\n{new}");
            for (before, after) in before.iter().zip(after) {
                // A field of the wrong type is an error in mutate mode; on the laptop the rest is fixed.
                let Some(wanted) = mutation(&fixes, before) else { continue };
                let mut strays = Vec::new();
                let [before, after, wanted] = [before, after, &wanted].map(|object| normal(object.clone()));
                find_strays("", Some(&before), Some(&after), Some(&wanted), &mut strays);
                assert!(strays.is_empty(), "{old}\nbecomes\n{new}\nwhich changes {strays:#?}");
                compared += 1;
            }
        }
        assert!(compared * 5 > count(), "few fixes were compared: {compared}");
    }
}

/// What the policy makes of an object; `None` if it cannot judge it.
fn mutation(fixes: &Judge, object: &Value) -> Option<Value> {
    let text = object.to_string();
    let parsed = yaml::parse(&text);
    let root = &parsed.documents[0].root;
    let mutated = fixes.ask(root, &Object::of(root)).ok()?.and_then(|answer| answer.mutated_object);
    Some(mutated.map_or_else(|| object.clone(), |mutated| serde_json::from_str(mutated.get()).unwrap()))
}

/// The paths of what is neither as it was nor as it is wanted.
fn find_strays(
    path: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    wanted: Option<&Value>,
    strays: &mut Vec<String>,
) {
    if after == before || after == wanted {
        return;
    }
    match (after, wanted) {
        (Some(Value::Object(after)), Some(Value::Object(wanted))) => {
            let old = before.and_then(Value::as_object);
            let mut keys: Vec<&String> =
                after.keys().chain(wanted.keys()).chain(old.into_iter().flat_map(|old| old.keys())).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let below = format!("{path}.{key}");
                find_strays(&below, old.and_then(|old| old.get(key)), after.get(key), wanted.get(key), strays);
            }
        }
        (Some(Value::Array(after)), Some(Value::Array(wanted))) if after.len() == wanted.len() => {
            let old = before.and_then(Value::as_array);
            for (index, (after, wanted)) in after.iter().zip(wanted).enumerate() {
                let old = old.and_then(|old| old.get(index));
                find_strays(&format!("{path}[{index}]"), old, Some(after), Some(wanted), strays);
            }
        }
        // What one container needs may be refused, and what another needs be written.
        (Some(Value::Array(after)), Some(Value::Array(wanted))) if is_between(before, after, wanted) => {}
        _ => {
            let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), Value::to_string);
            strays.push(format!("{path}: {} to {}, not {}", shown(before), shown(after), shown(wanted)));
        }
    }
}

/// Whether a list has nothing but what was there or is wanted, and lacks nothing that was there and is wanted.
fn is_between(before: Option<&Value>, after: &[Value], wanted: &[Value]) -> bool {
    let before = before.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    after.iter().all(|item| before.contains(item) || wanted.contains(item))
        && before.iter().all(|item| after.contains(item) || !wanted.contains(item))
}
