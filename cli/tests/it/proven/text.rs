//! Files with a bad pod: the spellings of YAML, aliases, merge keys, lists and streams.

use serde_json::Value;

use super::bad::good_pod;
use super::good::{CARRIERS, Step};
use super::pick;
use super::pods::Dice;
use super::veil::{Veil, render};
use super::ways::{UNSET, Way};

/// Stands for the bad field until it is written.
const MARK: &str = "\"@\"";

/// A file that holds a bad pod of this way.
pub(crate) fn any(dice: &mut Dice, way: &Way) -> String {
    // A file has no settings for kinds that only a pointer finds.
    let carrier = &CARRIERS[dice.below(CARRIERS.len() - 1)];
    let path = pick(dice, &way.paths()).clone();
    let good = carrier.object(&good_pod(way, &path));
    let bad = *pick(dice, way.bad);
    let path = carrier.path(&path);
    let other = carrier.object(&super::good::pod()).to_string();
    let object = if bad == UNSET {
        render(&good, &path, ["", "null"][dice.below(2)], Veil::Plain)
    } else {
        spelled(dice, &good, &path, way, bad)
    };
    match dice.below(5) {
        0 => format!(r#"{{"apiVersion":"v1","kind":"List","items":[{other},{object}]}}"#),
        1 => format!("{other}\n---\n{object}\n"),
        2 => format!("# a comment\n---\n{object}\n...\n---\n{other}\n"),
        _ => object,
    }
}

/// The object with the bad field in one of YAML's spellings.
fn spelled(dice: &mut Dice, good: &Value, path: &[Step], way: &Way, bad: &str) -> String {
    let key = way.key;
    let marked = render(good, path, MARK, Veil::Plain);
    let member = format!("\"{key}\":{MARK}");
    assert!(marked.contains(&member), "{marked}");
    // `{"x": …` holds what is anchored; Kubernetes ignores a field that it does not know.
    let anchored = |value: &str| format!("{{\"x\": {value}, {}", &marked[1..]);
    let good_value = if way.good == UNSET { "null" } else { way.good };
    match dice.below(10) {
        0 => anchored(&format!("&bad {bad}")).replace(&member, &format!("\"{key}\": *bad ")),
        1 => anchored(&format!("&bad {{\"{key}\": {bad}}}")).replace(&member, "<<: *bad "),
        2 => marked.replace(&member, &format!("<<: {{\"{key}\": {bad}}}")),
        3 => marked.replace(&member, &format!("<<: [{{\"{key}\": {bad}}}, {{\"{key}\": {good_value}}}]")),
        4 => marked.replace(&member, &format!("\"{key}\": {bad}, {key}: {good_value}")),
        5 => marked.replace(&member, &format!("'{key}': {good_value}, \"{key}\": {bad}")),
        6 => marked.replace(&member, &format!("? {key} : {bad}")),
        7 => marked.replace(&member, &format!("{key}: {}", spellings(dice, bad))),
        8 => marked.replace(&member, &format!("!!str {key}: {}", spellings(dice, bad))),
        _ => marked.replace(&member, &format!("{key}: {bad}")),
    }
}

/// Another way to write a scalar in YAML; go-yaml reads some as the same and some as texts, and none as good.
fn spellings(dice: &mut Dice, bad: &str) -> String {
    let plain = bad.trim_matches('"');
    let is_word = !plain.is_empty() && plain.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match bad {
        "true" => pick(
            dice,
            &["yes", "Yes", "YES", "on", "ON", "True", "TRUE", "y", "!!bool true", "!!bool \"true\"", "!!str true"],
        ),
        "false" => pick(dice, &["no", "No", "off", "OFF", "False", "FALSE", "n", "!!bool false", "!!bool 'false'"]),
        "0" => pick(
            dice,
            &["0x0", "0o0", "00", "+0", "-0", "0b0", "0_0", "0.", "0.0", ".0", "!!int 0", "!!int \"0\"", "!!float 0"],
        ),
        _ if bad.starts_with('"') && is_word => return format!("{}{plain}", ["", "!!str ", "! "][dice.below(3)]),
        _ => return bad.to_owned(),
    }
    .to_string()
}
