//! Lists, typed lists, separators, streams of JSON.

use super::Random;
use super::mixed;
use super::pieces::ANY;

/// Separators of documents for every reader.
const PLAIN: [&str; 6] = ["---\n", "---\n", "--- \n", "---\t\n", "--- # c\n", "---\r\n"];

/// Separators of documents for some reader.
#[rustfmt::skip]
const SEPARATORS: [&str; 33] = [
    "---#\n", "---# c\n", "---#: |\n ", "--- #: |\n ", "---\u{a0}\n", "---\u{b}\n", "---\u{85}\n", "--- \u{a0}# c\n",
    "--- #c\u{85}x: |\n ", "---\r# c\rx: |\n ", "---\r", "--- {}\n", "--- |\n ", "--- a\n", "---a\n", "----\n",
    "---: |\n ", "--- !!map\n", "...\n", "...\n---\n", "--- # c\n...\n---\n", "\u{feff}---\n", "---\n\u{feff}", "\n",
    "\r---\r", "# c\r---\n", "# c\n---\n", "%YAML 1.1\n---\n", "---\n---\n", " ---\n", "\u{a0}\n", "\u{2028}---\n",
    "x: \"\n---\n",
];

#[rustfmt::skip]
const KINDS: [&str; 14] = [
    "kind: List", "kind: List", "kind: PodList", "kind: ConfigMap", "kind: Pod", "kind: ConfigMapList",
    "kind: DeploymentList", "kind: Listing", "kind: 1", "kind: \"\"", "kind: ", "kind: podList", "Kind: List",
    "kind: List\nspec: {containers: []}",
];

#[rustfmt::skip]
const VERSIONS: [&str; 8] = [
    "apiVersion: v1", "apiVersion: v1", "apiVersion: v1", "apiVersion: apps/v1", "apiVersion: ''", "apiVersion: 1",
    "a: b", "apiversion: v1",
];

#[rustfmt::skip]
const ITEMS: [&str; 16] = [
    "{apiVersion: v1, kind: Pod, metadata: {name: p}}", "{apiVersion: v1, kind: Pod, metadata: {name: p}}",
    "{spec: {hostPID: true}}", "{}", "null", "x", "[]", "{kind: Pod}", "{apiVersion: v1}",
    "{kind: '', apiVersion: ''}", "{kind: 1}", "{kind: Pod, apiVersion: apps/v1}", "{metadata: x}",
    "{metadata: {name: p}, apiVersion: v1, kind: ConfigMap}", "{kind: null, apiVersion: null}",
    "{metadata: {namespace: n}}",
];

pub(super) fn text(random: &mut Random) -> String {
    let mut text = String::new();
    for index in 0..=random.pick(&[0, 1, 1, 2, 3]) {
        if index > 0 || random.percent(20) {
            text += if random.percent(60) { random.pick(&PLAIN) } else { random.pick(&SEPARATORS) };
        }
        text += &match random.below(10) {
            0..4 => list(random, 2),
            4..6 => json(random),
            6..8 => format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{index}}}\ndata: {{a: b}}\n"),
            8 => mixed::object(random),
            _ => format!(
                "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: {}\n",
                random.pick(&["|", "\"x", "'x", "- |", "[", "|+"])
            ),
        };
    }
    if random.percent(30) {
        random.change(&mut text, &ANY);
    }
    match random.below(20) {
        0 => text.replace('\n', "\r\n"),
        1 => text.trim_end().to_owned(),
        _ => text,
    }
}

/// A list in lines.
fn list(random: &mut Random, depth: usize) -> String {
    let mut text = format!("{}\n{}\n", random.pick(&VERSIONS), random.pick(&KINDS));
    text += random.pick(&[
        "items:",
        "items:",
        "items:",
        "items:",
        "Items:",
        "items: null",
        "items: {a: b}",
        "items: !!seq",
        "\"items\":",
        "<<: {items: []}",
    ]);
    text += "\n";
    for _ in 0..random.below(4) {
        text += "- ";
        text += &if depth > 0 && random.percent(15) {
            list(random, depth - 1).trim_end().replace('\n', "\n  ")
        } else {
            random.pick(&ITEMS).to_owned()
        };
        text += "\n";
    }
    text
}

/// Objects as JSON, with whatever stands around them.
fn json(random: &mut Random) -> String {
    const AROUND: [&str; 16] = [
        "",
        "",
        "",
        "\n",
        " ",
        "\t",
        "\u{a0}",
        "\u{3000}\n",
        "\r\n",
        "# c\n",
        ",",
        "\u{b}",
        "\u{c}",
        "...\n",
        ": x\n",
        "{kind: Pod}",
    ];
    const VALUES: [&str; 16] = [
        "true",
        "1e3",
        "-0",
        "1.50",
        "\"a\\/b\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\u{2028}\"",
        "\"\u{7f}\"",
        "\"\u{85}\"",
        "01",
        "yes",
        "\"<<\"",
        "{\"a\":1,\"a\":2}",
        "[1,]",
        "12345678901234567890",
    ];
    let mut text = random.pick(&AROUND).to_owned();
    for index in 0..=random.below(3) {
        text += &format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{{\"name\":\"j{index}\"}},\"spec\":{{\"x\":{}}}}}",
            random.pick(&VALUES)
        );
        text += random.pick(&AROUND);
    }
    text + "\n"
}
