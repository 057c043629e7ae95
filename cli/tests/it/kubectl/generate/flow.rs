//! Nested brackets full of indicators.

use super::Random;
use super::pieces::{BOOLEANS, FLOW};

#[rustfmt::skip]
const KEYS: [&str; 22] = [
    "a", "\"a\"", "'a'", "? a", "?a", "?\"a\"", "&k a", "&k:l a", "!x a", "!x,a", "!!str a", "*k", "hostPID",
    "\"hostPID\"", "?hostPID", "a b", "a#b", "-a", "1", "~", "", "<<",
];

const COLONS: [&str; 8] = [": ", ": ", ": ", ":", " : ", ":\n   ", " :", ":\t"];
const COMMAS: [&str; 8] = [", ", ", ", ",", ",\n    ", " ,", ", # c\n  ", ",\n", ",,"];

pub(super) fn text(random: &mut Random) -> String {
    let mut body = mapping(random, 3);
    for _ in 0..random.pick(&[0, 0, 1, 1, 2]) {
        random.change(&mut body, &FLOW);
    }
    let anchor = random.pick(&["", "", "x: &k hostPID\n", "x: &k {hostPID: true}\n"]);
    match random.below(3) {
        0 => format!(
            "apiVersion: v1\nkind: Pod\n{anchor}metadata: {{name: p}}\nspec: {{containers: [{{name: c}}], {body}}}\n"
        ),
        1 => format!(
            "apiVersion: v1\nkind: Pod\n{anchor}metadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    args: {{{body}}}\n"
        ),
        _ => format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{body}, containers: [{{name: c}}]}}}}\n"
        ),
    }
}

/// Some entries of a mapping, without its brackets.
fn mapping(random: &mut Random, depth: usize) -> String {
    let mut text = String::new();
    for index in 0..=random.below(4) {
        if index > 0 {
            text += random.pick(&COMMAS);
        }
        let key = random.pick(&KEYS);
        // Mostly different keys, so that few texts are refused for the same key twice.
        text += &if key.ends_with('a') && random.percent(95) {
            format!("{key}{}", random.below(1000))
        } else {
            key.to_owned()
        };
        if random.percent(90) {
            text += random.pick(&COLONS);
            text += &value(random, depth);
        }
    }
    text
}

fn value(random: &mut Random, depth: usize) -> String {
    match random.below(10) {
        0..3 if depth > 0 => format!("{{{}}}", mapping(random, depth - 1)),
        3..5 if depth > 0 => {
            let items: Vec<String> = (0..random.below(4))
                .map(|_| if random.percent(20) { mapping(random, 0) } else { value(random, depth - 1) })
                .collect();
            format!("[{}]", items.join(random.pick(&COMMAS)))
        }
        5..8 => random.pick(&BOOLEANS).to_owned(),
        _ => random.pick(&FLOW).to_owned(),
    }
}
