//! Small valid pod specs, changed in a place or two.

use super::Random;
use super::pieces::{ANY, FLOW};

#[rustfmt::skip]
const IN_BRACKETS: [&str; 5] = [
    "{hostPID: true, containers: [{name: c, image: i}]}", "{\"hostPID\": true, \"containers\": [{\"name\": \"c\"}]}",
    "{hostPID: true, a: [b, c, {d: e}], containers: [{name: c, args: [x, y, \"z\"]}]}",
    "{containers: [{name: c, securityContext: {privileged: false, runAsUser: 1}}], hostPID: false, x: {y: z}}",
    "{? hostPID : true, ? \"containers\" : [ {name : c} ] , }",
];

#[rustfmt::skip]
const IN_LINES: [&str; 6] = [
    "\n  hostPID: true\n  containers:\n  - name: c\n    args: [a, b]\n    x: \"y\n      z\"\n",
    "\n  containers:\n  - name: c\n    args:\n    - a\n    - |\n      b\n      c\n    - >-\n      d\n\n      e\n  hostPID: true\n",
    "\n  ? hostPID\n  : true\n  containers:\n  - {name: c}\n  -\n    name: d\n    k: 'a''b'\n",
    "\n  a: &a {hostPID: true}\n  b: *a\n  <<: *a\n  containers:\n  - name: c\n    x: plain text\n      more text\n    y: # c\n      z\n",
    "\n  hostPID: !!bool \"true\"\n  containers: &c\n  - &d\n    name: c\n    args: !!seq\n    - *d\n",
    "\n    hostPID: true\n    containers:\n        - name: c\n          args: [\n            a,\n            'b'\n          ]\n",
];

pub(super) fn text(random: &mut Random) -> String {
    let in_brackets = random.percent(50);
    let mut body = random.pick(if in_brackets { &IN_BRACKETS[..] } else { &IN_LINES }).to_owned();
    let pieces = if random.percent(70) { &FLOW[..] } else { &ANY };
    for _ in 0..random.pick(&[1, 1, 1, 2, 2, 3]) {
        random.change(&mut body, pieces);
    }
    let blank = if in_brackets { " " } else { "" };
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:{blank}{body}\n")
}
