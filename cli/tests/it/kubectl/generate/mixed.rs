//! Whole objects with odd scalars and keys, then changed anywhere.

use super::Random;
use super::pieces::{ANY, BOOLEANS, KEYS, NUMBERS};

#[rustfmt::skip]
const HEADS: [&str; 16] = [
    "", "", "", "", "---\n", "--- # c\n", "---\t\n", "--- !!map\n", "\u{feff}", "\u{feff}---\n", "# c\n", "\n",
    "\t\n", "%YAML 1.1\n---\n", "%TAG !e! tag:yaml.org,2002:\n---\n", "...\n---\n",
];

/// Something to refer to.
#[rustfmt::skip]
const ANCHORS: [&str; 8] = [
    "", "", "", "x: &a {privileged: true, runAsUser: 0}\n", "x: &a privileged\n", "x: &a true\n",
    "x: [&a true, *a]\n", "x: &a [{privileged: true}, {runAsUser: 0}]\n",
];

const MERGES: [&str; 6] =
    ["", "<<: *a\n", "<<: [*a]\n", "!!merge <<: *a\n", "\"<<\": *a\n", "<<: {privileged: true}\n"];

/// Possible starts of a block or flow entry.
#[rustfmt::skip]
const SCALARS: [&str; 18] = [
    "|", ">", "|-", ">+", "|2", ">1-", "\"x", "x", "'x'", "- y", "? z", "{a: b}", "[", "", "&a |", "!!str >", "x: |",
    "- |",
];

const LINES: [&str; 14] =
    ["foo", "# foo", "  foo", "foo: bar", "- foo", "foo\"", "---", "bar", "", "bar: |", "...", "'", "[", "]"];

pub(super) fn text(random: &mut Random) -> String {
    let mut text = object(random);
    for _ in 0..random.pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 3]) {
        random.change(&mut text, &ANY);
    }
    match random.below(100) {
        0..8 => text.replace('\n', "\r\n"),
        8..11 => text.replace('\n', "\r"),
        _ => text,
    }
}

pub(super) fn object(random: &mut Random) -> String {
    let head = random.pick(&HEADS);
    let scalar = |random: &mut Random, odd: &[&'static str], usual: &[&'static str]| {
        if random.percent(30) { random.pick(odd) } else { random.pick(usual) }
    };
    let boolean = |random: &mut Random| scalar(random, &BOOLEANS, &["true", "false"]);
    let number = |random: &mut Random| scalar(random, &NUMBERS, &["0", "1000"]);
    let key = if random.percent(15) { random.pick(&KEYS) } else { "privileged" };
    let (host_pid, privileged, user, host_network) =
        (boolean(random), boolean(random), number(random), boolean(random));
    match random.below(20) {
        0..14 => {
            let anchor = random.pick(&ANCHORS);
            let merge = if anchor.is_empty() { "" } else { random.pick(&MERGES) };
            let merge = if merge.is_empty() { String::new() } else { format!("      {merge}") };
            let (scalar, first, second) = (random.pick(&SCALARS), random.pick(&LINES), random.pick(&LINES));
            format!(
                "{head}apiVersion: v1\nkind: Pod\n{anchor}metadata:\n  name: p\nspec:\n  hostPID: {host_pid}\n  containers:\n  - name: c\n    \
                 image: i\n    securityContext:\n{merge}      {key}: {privileged}\n      runAsUser: {user}\n    args:\n    - {scalar}\n      \
                 {first}\n      {second}\n  hostNetwork: {host_network}\n"
            )
        }
        14..17 => format!(
            "{head}{{\"apiVersion\": \"v1\", kind: Pod, metadata: {{name: p}},{}\n spec: {{hostPID: {host_pid}, containers: [{{name: c, \
             image: i, securityContext: {{{key}: {privileged}, runAsUser: {user}}}}}]{}}}}}\n",
            random.pick(&["", " a: b,", " a,", " \"a\",\"b\",", "\"x\":1,", "? a : b,"]),
            random.pick(&["", ",", ", ", " ,"]),
        ),
        _ => format!(
            "{head}apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {{name: p}}\n  spec: &s\n    hostPID: \
             {host_pid}\n    containers:\n    - {{name: c, image: i, securityContext: {{{key}: {privileged}, runAsUser: {user}}}}}\n- \
             apiVersion: v1\n  kind: Pod\n  metadata: {{name: q}}\n  spec:\n    <<: *s\n    hostNetwork: {host_network}\n"
        ),
    }
}
