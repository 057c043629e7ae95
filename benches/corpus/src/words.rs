//! Names and prose.

use crate::random::Random;
use crate::tree::{Tree, map};

const NAMES: [&str; 24] = [
    "checkout",
    "inventory",
    "billing",
    "search",
    "gateway",
    "session",
    "mailer",
    "ledger",
    "catalog",
    "pricing",
    "metrics",
    "tracing",
    "proxy",
    "worker",
    "scheduler",
    "cache",
    "queue",
    "router",
    "exporter",
    "operator",
    "web",
    "api",
    "agent",
    "controller",
];
const TEAMS: [&str; 8] = ["platform", "payments", "growth", "data", "edge", "security", "logistics", "core"];
const REGISTRIES: [&str; 5] = ["", "docker.io/", "ghcr.io/acme/", "quay.io/acme/", "registry.example.com:5000/shop/"];
const PROSE: [&str; 64] = [
    "the",
    "the",
    "of",
    "a",
    "to",
    "is",
    "and",
    "in",
    "that",
    "for",
    "if",
    "this",
    "be",
    "are",
    "an",
    "must",
    "when",
    "field",
    "value",
    "object",
    "list",
    "resource",
    "controller",
    "specified",
    "defaults",
    "namespace",
    "optional",
    "selector",
    "reference",
    "container",
    "volume",
    "name",
    "number",
    "status",
    "used",
    "which",
    "will",
    "should",
    "not",
    "may",
    "has",
    "been",
    "set",
    "by",
    "with",
    "from",
    "only",
    "one",
    "pods",
    "node",
    "cluster",
    "condition",
    "more",
    "info",
    "requests",
    "limits",
    "time",
    "seconds",
    "policy",
    "type",
    "template",
    "matching",
    "labels",
    "empty",
];

/// A name in kebab case.
pub(crate) fn name(random: &mut Random) -> String {
    let mut name = format!("{}-{}", random.pick(&NAMES), random.pick(&NAMES));
    if random.chance(30) {
        name.push_str(&format!("-{}", random.below(100)));
    }
    name
}

/// One word of a name.
pub(crate) fn word(random: &mut Random) -> &'static str {
    random.pick(&NAMES)
}

/// A namespace.
pub(crate) fn team(random: &mut Random) -> &'static str {
    random.pick(&TEAMS)
}

/// An image, some with the tag `latest` or none.
pub(crate) fn image(random: &mut Random) -> String {
    let tag = match random.below(10) {
        0 => ":latest".to_owned(),
        1 => String::new(),
        2 => format!("@sha256:{}", hex(random, 64)),
        _ => format!(":{}.{}.{}", random.below(5), random.below(30), random.below(10)),
    };
    format!("{}{}{tag}", random.pick(&REGISTRIES), random.pick(&NAMES))
}

/// An image with a version.
pub(crate) fn pinned_image(random: &mut Random) -> String {
    format!("ghcr.io/acme/{}:{}.{}", random.pick(&NAMES), random.between(1, 5), random.below(30))
}

/// Makes this many hexadecimal digits.
pub(crate) fn hex(random: &mut Random, digits: usize) -> String {
    (0..digits).map(|_| char::from(random.pick(b"0123456789abcdef"))).collect()
}

/// Makes this many base64 digits.
pub(crate) fn base64(random: &mut Random, digits: usize) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..digits.next_multiple_of(4)).map(|_| char::from(random.pick(DIGITS))).collect()
}

/// A sentence or several, about so many characters long.
pub(crate) fn prose(random: &mut Random, length: usize) -> String {
    let mut text = String::new();
    while text.len() < length {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(random.pick(&PROSE));
        match random.below(60) {
            0 => text.push_str(". More info: https://example.com/docs/#concepts"),
            1 => text.push_str(" \"quoted\""),
            2 => text.push_str(", e.g. `kind: Pod`"),
            3 => text.push('.'),
            4 => text.push_str(" – naïve"),
            _ => {}
        }
    }
    text.push('.');
    text
}

/// `metadata`, with labels and now and then annotations.
pub(crate) fn metadata(random: &mut Random, name: &str, namespaced: bool) -> Tree {
    let mut entries = vec![("name".to_owned(), Tree::text(name))];
    if namespaced && random.chance(60) {
        entries.push(("namespace".to_owned(), Tree::text(team(random))));
    }
    if random.chance(70) {
        entries.push(("labels".to_owned(), labels(random, name)));
    }
    if random.chance(25) {
        let text = prose(random, 60);
        let annotations = [
            ("example.com/owner", Tree::text(team(random))),
            ("example.com/note", Tree::Prose(text)),
            ("checksum", Tree::Text(hex(random, 64))),
        ];
        entries.push(("annotations".to_owned(), map(annotations)));
    }
    Tree::Map(entries)
}

/// The usual labels.
pub(crate) fn labels(random: &mut Random, name: &str) -> Tree {
    map([
        ("app.kubernetes.io/name", Tree::text(name)),
        ("app.kubernetes.io/instance", Tree::text(name)),
        ("app.kubernetes.io/version", Tree::Text(format!("{}.{}", random.below(9), random.below(9)))),
        ("team", Tree::text(team(random))),
    ])
}
