//! Image references, compared with the reader of `oci-spec`.

use hardening::reference::Reference;
use oci_spec::distribution::Reference as Theirs;
use proptest::prelude::*;

fn theirs(text: &str) -> Option<(String, String)> {
    let reference = Theirs::try_from(text).ok()?;
    Some((format!("{}/{}", reference.registry(), reference.repository()), reference.whole()))
}

fn ours(text: &str) -> Option<(String, String)> {
    Reference::parse(text).ok().map(|reference| (reference.name(), reference.to_string()))
}

/// Texts on which `oci-spec` 0.10 does not follow `distribution/reference`, which both take as the model.
fn is_left_out(text: &str) -> bool {
    let first = text.split_once('/').map(|(first, _)| first);
    // It knows no IPv6 addresses.
    text.contains('[')
        // It takes an upper-case first part without a dot, a host by its grammar, for a part of the path.
        || first.is_some_and(|first| first.contains(|c: char| c.is_ascii_uppercase()) && !first.contains(['.', ':']))
        // It takes upper-case digits in digests; the runtimes' `go-digest` does not.
        || text.split_once('@').is_some_and(|(_, digest)| digest.contains(|c: char| c.is_ascii_uppercase()))
        // It takes the id of an image for a name.
        || (text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()))
        // It does not count a host with `_` as a part of the path, which it is by the grammar.
        || first.is_some_and(|first| first.contains('_') && first.contains('.') && text.len() > 255)
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z0-9]{1,4}((\\.|_|__|-|--)[a-z0-9]{1,3}){0,2}",
        1 => "[a-zA-Z0-9._-]{0,6}",
        1 => "[a-z]{120,130}",
    ]
}

fn registry() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just(String::new()),
        2 => prop::sample::select(vec!["docker.io/", "index.docker.io/", "localhost/", "localhost:5000/", "Docker.io/"])
            .prop_map(str::to_owned),
        4 => "[a-z0-9]{1,4}([.-][a-zA-Z0-9]{1,3}){0,2}(:[0-9]{1,4})?/",
        1 => "[a-zA-Z0-9._:-]{0,8}/",
    ]
}

fn suffix() -> impl Strategy<Value = String> {
    let tag = prop_oneof![3 => Just(String::new()), 3 => ":[\\w&&[:ascii:]][a-zA-Z0-9_.-]{0,5}", 1 => ":[a-z:/.-]{0,3}", 1 => ":[a-z]{127,129}"];
    let digest = prop_oneof![
        4 => Just(String::new()),
        2 => "@sha256:[0-9a-f]{64}",
        1 => "@sha(256|384|512):([0-9a-f]{63,65}|[0-9a-f]{96}|[0-9a-f]{128})",
        1 => "@[a-z0-9+.:]{0,8}:[0-9a-g]{30,34}",
    ];
    (tag, digest).prop_map(|(tag, digest)| tag + &digest)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn references_are_read_alike(
        registry in registry(),
        parts in prop::collection::vec(part(), 1..4),
        suffix in suffix(),
    ) {
        let text = format!("{registry}{}{suffix}", parts.join("/"));
        prop_assume!(!is_left_out(&text));
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }

    #[test]
    fn texts_of_the_alphabet_are_read_alike(text in "[ab1A._:/@-]{0,10}") {
        prop_assume!(!is_left_out(&text));
        prop_assert_eq!(ours(&text), theirs(&text), "{}", text);
    }
}
