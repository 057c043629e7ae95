//! Block scalars whose lines seem to open quotes or brackets, among lines that many readers refuse and `kubectl` does
//! not: what a reader that mends texts may mend.

use super::Random;

#[rustfmt::skip]
const ODD: [&str; 16] = [
    "    tty:\tfalse", "    w: '/x'#c", "    cmd: [\n  a\n  ]", "    cmd: {\n}", "    w: 'x\n y'", "    w: \"x\n y\"",
    "    w: \"x\ny\"", "    w: {a: b}#c", "    l: [a,\n b]", "    w: \"a\"#c", "    ?\ta\n    : b", "    -\tx",
    "    w: a\t#c", "    w:\t|\n      x", "    - x", "",
];

#[rustfmt::skip]
const HEADERS: [&str; 28] = [
    "|", ">", "|-", "|2", ">+", "&a |", "!!str |", "! |", "!<x> >-", "&a !x >", "!x &a |+", "a: |", "a: &x |", "- |",
    "- &b |", "? |", "? &c |", "- - |", "- a: &x >-", "x # [", "plain", "\"q\"", "'q'", "[a]", "{a: b}", "&a",
    "plain \"", "it's",
];

#[rustfmt::skip]
const LINES: [&str; 24] = [
    "[", "{", "\"", "'", "x", "# \"", "x \"", "- \"", "a: [", "a: \"", "}", "]", "x: '", "\"\\\"", "\\\"", "''",
    "  \"", "\"x\"", "x\"y", "[]", "[\"", "{\"", "- |", "",
];

const TAILS: [&str; 6] = ["  dnsPolicy: \"ClusterFirst\"", "  a: 'b'", "  c: [d]", "  e: f", "  g: {h: i}", "  j:\tk"];

pub(super) fn text(random: &mut Random) -> String {
    let head = ["apiVersion: v1", "kind: Pod", "metadata:", "  name: p", "spec:"];
    let mut containers = vec!["  containers:".to_owned(), "  - name: c".to_owned(), random.pick(&ODD).to_owned()];
    containers.push("    args:".to_owned());
    for _ in 0..=random.below(3) {
        containers.push(format!("    - {}", random.pick(&HEADERS)));
        for _ in 0..random.below(3) {
            let indent = random.pick(&[4, 5, 6, 6, 6, 7, 8, 10]);
            containers.push(format!("{}{}", " ".repeat(indent), random.pick(&LINES)));
        }
    }
    // A key that is there twice is refused.
    let other = random.pick(&ODD).replace("    w:", "    v:").replace("    cmd:", "    u:");
    containers.extend([other, "    z: y".to_owned()]);
    let pod = ["  hostPID: true".to_owned(), random.pick(&TAILS).to_owned()];
    let containers = containers.into_iter().filter(|line| !line.is_empty());
    let head = head.map(str::to_owned).into_iter();
    let lines: Vec<String> = if random.percent(30) {
        head.chain(pod).chain(containers).collect()
    } else {
        head.chain(containers).chain(pod).collect()
    };
    lines.join(random.pick(&["\n", "\n", "\r\n"])) + "\n"
}
