//! Runs targets over texts near the grammar of what they read, which changed inputs seldom are.

use fuzz_targets::{quantity, reference};
use proptest::prelude::*;
use proptest::sample::select;

fn amount() -> impl Strategy<Value = String> {
    // At most nine digits on each side of the point, so that few values reach Kubernetes' cap.
    let number = "[+-]?[0-9]{1,9}(\\.[0-9]{0,9})?";
    let suffix =
        select(vec!["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "E-2"]);
    (number, suffix).prop_map(|(number, suffix)| number + suffix)
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z0-9]{1,4}((\\.|_|__|-|--)[a-z0-9]{1,3}){0,2}",
        1 => "[a-zA-Z0-9._-]{0,6}",
        1 => "[a-z]{120,130}",
    ]
}

fn registry() -> impl Strategy<Value = String> {
    let known = ["", "", "docker.io/", "index.docker.io/", "localhost/", "localhost:5000/", "Docker.io/"];
    prop_oneof![
        6 => select(known.to_vec()).prop_map(str::to_owned),
        4 => "[a-z0-9]{1,4}([.-][a-zA-Z0-9]{1,3}){0,2}(:[0-9]{1,4})?/",
        1 => "[a-zA-Z0-9._:-]{0,8}/",
    ]
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => Just(String::new()),
        3 => ":[\\w&&[:ascii:]][a-zA-Z0-9_.-]{0,5}",
        1 => ":[a-z:/.-]{0,3}",
        1 => ":[a-z]{127,129}",
    ]
}

fn digest() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => "@sha256:[0-9a-f]{64}",
        1 => "@sha(256|384|512):([0-9a-f]{63,65}|[0-9a-f]{96}|[0-9a-f]{128})",
        1 => "@[a-z0-9+.:]{0,8}:[0-9a-g]{30,34}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantities(a in amount(), b in amount()) {
        quantity::run([a, b].join("\n").as_bytes());
    }

    #[test]
    fn references(
        registry in registry(), parts in prop::collection::vec(part(), 1..4), tag in tag(), digest in digest(),
    ) {
        reference::run([registry, parts.join("/"), tag, digest].concat().as_bytes());
    }

    #[test]
    fn texts_of_the_alphabet_of_references(text in "[ab1A._:/@-]{0,10}") {
        reference::run(text.as_bytes());
    }
}

#[test]
fn the_same_amount_in_two_units() {
    for pair in ["1000n\n1u", "1000u\n1m", "1000m\n1", "1e3\n1k", "100E-2\n1", "1024\n1Ki", "5Gi\n5120Mi", "8k\n8000"] {
        quantity::run(pair.as_bytes());
    }
}
