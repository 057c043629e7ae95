//! The plain reader against the event parser: whatever it reads, it reads alike.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::super::{Chunk, Document, Node, Value, chunks, json, outline, read_events};
use super::{Keep, MAX_DEPTH, OUTLINE, read};
use corpus::Shape;
use proptest::prelude::*;
use proptest::sample::Index;
use std::sync::OnceLock;

/// Reads a text both ways; tells how many chunks and bytes the plain reader took.
fn compare(text: &str) -> (usize, usize) {
    let (mut taken, mut bytes) = (0, 0);
    for chunk in chunks(text) {
        let plain = read(&chunk, Keep::Everything);
        let outlined = outline(&chunk);
        assert_eq!(plain.is_some(), outlined.is_some(), "{}", chunk.text);
        let Some(plain) = plain else { continue };
        let full = by_events(&chunk);
        assert_eq!(plain, full, "{}", chunk.text);
        let mut pruned = full.root;
        prune(&mut pruned);
        assert_eq!(outlined.unwrap().root.to_json(), pruned.to_json(), "{}", chunk.text);
        taken += 1;
        bytes += chunk.text.len();
    }
    (taken, bytes)
}

fn by_events<'a>(chunk: &Chunk<'a>) -> Document<'a> {
    let mut documents = Vec::new();
    if let Err(error) = read_events(chunk, &mut documents) {
        panic!("{error}\n{}", chunk.text);
    }
    assert_eq!(documents.len(), 1, "{}", chunk.text);
    documents.remove(0)
}

/// Leaves of a tree what its outline has.
fn prune(node: &mut Node<'_>) {
    match &mut node.value {
        Value::Sequence(items) => items.clear(),
        Value::Mapping(pairs) => {
            pairs.retain(|(key, _)| OUTLINE.contains(&key.as_str().unwrap()));
            pairs.iter_mut().for_each(|(_, value)| prune(value));
        }
        _ => {}
    }
}

/// Whether the plain reader takes a text of one chunk; what it reads is compared.
fn takes(text: &str) -> bool {
    compare(text).0 == 1
}

#[test]
fn takes_what_people_write() {
    for text in [
        "a: b\n",
        "---\na: b\n",
        "--- # c\na: b",
        "a: b\n\n# c\n\nc: d   \n",
        "a:\n- b\n- c\nd: e\n",
        "a:\n  - b\n  -   c: d\n      e: f\n  - - g\n    - h\n",
        "- a\n-\n  b: c\n-\n- d:\n",
        "a:\nb: ~\nc: null # d\n",
        "\"a\": 'b'\n'c d': \"e\"\n",
        "a: \"x: y # z\"\nb: '# c'\n",
        "a: it''s\nb: 'it''s'\nc: \"\\\"\\\\\\n\\t\"\n",
        "a: http://x:80/#y\nb: c:d\nc: a #b\nd: a#b\n",
        "a: -1\nb: --x\nc: ?x\nd: :x\ne: <x\n",
        "a: 010\nb: 1e3\nc: 0x1F\nd: yes\n1: x\nyes: x\n1.5: y\n",
        "a: |\n  b: c\n   d\n\n  e\nf: >-\n  g\n  h\n\n  i\n",
        "a: |+\n  b\n\n\nc: |-\n  d\n\n# e\nf: |\n\n  g\n",
        "a: | # c\n    #!/bin/sh\n  \n    b\n",
        "a: b\n  c\n\n  d\ne: 'f\n  g\n\n  h'\ni: \"j  \n  k \n  \"\n",
        "- a: b\n  c: |\n    d\n- \"e: f\": g\n- 'h'\n- \"i\" # j\n- k # l: m\n",
        "a: []\nb: {}\nc: [d, 'e', \"f\", -1, [g]]\nh: { i: j, 'k': { l: m } }\n",
        "a: [\n  \"b\",\n  c, 'd'\n  ]\n",
        "a: b\r\nc: |\r\n  d\r\n  e\r\nf: g\r\n  h\r\n",
        "é: ü\nb: [ä, { ö: ß }]\nc: 'é'   # é\n",
        "a:\n  b:\n    c: d\n  e: f\n",
        "  a: b\n  c: d\n",
        "a: b\n   \n  ",
    ] {
        assert!(takes(text), "{text:?}");
    }
}

#[test]
fn leaves_everything_else_to_the_event_parser() {
    for text in [
        "",
        "# only\n",
        "---\n",
        "a\n",
        "\"a\"\n",
        "%YAML 1.1\n---\na: b\n",
        "--- a\n",
        "--- {a: b}\n",
        "a: b\n...\nc: d\n",
        "a: b\na: c\n",
        "a: {b: c, b: d}\n",
        "a: b\n\"a\": c\n",
        "1: b\n0x1: c\n",
        "a: &x b\nc: *x\n",
        "a: !!str b\n",
        "<<: {a: b}\n",
        "? a\n: b\n",
        "~: a\n",
        "a: .inf\n",
        "a: b: c\n",
        "a: b\n  c: d\n",
        "a: b #c\n  d\n",
        "a:\n  - b\n c: d\n",
        "a: b\n c: d\n",
        "- a\nb: c\n",
        "a:\tb\n",
        "\ta: b\n",
        "a: |\n",
        "a: |\nb: c\n",
        "a: |2\n    b\n",
        "a: |\n    b\n  c\n",
        "a: >\n  b\n   c\n",
        "a: |\n  b",
        "a: \"\\x63\"\n",
        "a: \"\\/\"\n",
        "\"\\u0063\": d\n",
        "a: \"b\nc\"\n",
        "a: 'b\n",
        "a: 'b' c\n",
        "a: \"b\"#c\n",
        "a: [b, c\n",
        "a: [b]]\n",
        "a: [b: c]\n",
        "a: [b, ]\n",
        "a: {b}\n",
        "a: {b:c}\n",
        "a: [\nb]\n",
        "a: [b, # c\n  d]\n",
        "a: @b\n",
        "a: `b`\n",
        "a: %b\n",
        "a: b\u{85}c\n",
        "a: \u{feff}b\n",
        "a: b\rc: d\n",
        "a: \0\n",
    ] {
        assert!(chunks(text).all(|chunk| read(&chunk, Keep::Everything).is_none()), "{text:?}");
        assert!(chunks(text).all(|chunk| outline(&chunk).is_none()), "{text:?}");
    }
}

#[test]
fn nesting_has_an_end() {
    let levels = |count: usize| (0..count).map(|level| " ".repeat(level) + "a:\n").collect::<String>();
    assert!(takes(&(levels(MAX_DEPTH - 1) + &" ".repeat(MAX_DEPTH - 1) + "a: b\n")));
    assert!(!takes(&(levels(MAX_DEPTH) + &" ".repeat(MAX_DEPTH) + "a: b\n")));
    assert!(!takes(&format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000))));
}

/// Each of these would take minutes if the reader ever looked back.
#[test]
fn time_grows_with_the_text() {
    let many = 200_000;
    for text in [
        format!("a: [{}é]\n", "é, ".repeat(many)),
        (0..many).map(|key| format!("k{key}: é\n")).collect(),
        format!("a: é{}\n", "\n\n  b".repeat(many)),
        format!("a: b\n{}c: d\n", "\n".repeat(many)),
        format!("a: |\n{}", "  é\n\n".repeat(many)),
        format!("- \"{}\"\n", "é\\n".repeat(many)),
    ] {
        assert_eq!(chunks(&text).filter_map(|chunk| outline(&chunk)).count(), 1);
        assert_eq!(chunks(&text).filter_map(|chunk| read(&chunk, Keep::Everything)).count(), 1);
    }
}

#[test]
fn reads_a_corpus_as_the_event_parser_does() {
    let files = corpus::files(&Shape { files: 300, documents: 700, workloads: 150, bytes: 2_000_000 }, 7);
    let (mut bytes, mut taken) = (0, 0);
    for file in &files {
        let is_yaml = |chunk: &Chunk<'_>| !matches!(json::read(chunk, &mut Vec::new()), Ok(true));
        bytes += chunks(&file.text).filter(is_yaml).map(|chunk| chunk.text.len()).sum::<usize>();
        taken += compare(&file.text).1;
    }
    assert!(taken * 10 > bytes * 9, "nearly all that is written is plain: {taken} of {bytes}");
}

/// Pieces that change the meaning of YAML where they are inserted.
const TOKENS: [&str; 62] = [
    "", "\n", " ", "  ", "\n  ", "\n\n", ":", ": ", "- ", "-", "\n- ", "#", " #", " # x\n", "'", "''", "\"", "|", ">",
    "|-\n", "|+\n", ">\n", "[", "]", "{", "}", ", ", "&a ", "*a", "!", "? ", "\t", "\\", "\\n", "---\n", "...\n", "\r",
    "\r\n", "é", "\u{feff}", "<<: ", "~", "0x1", ".inf", "?", "?a", ":a", "a:", ":}", "::", "!x,", "&a:b ", "'a'",
    "\"a\":", "'a'#b", "\n\t", "\n}", "\n ]", "|2\n", ">+\n", "\\x41", "\\\n",
];

/// Pieces that may stand between brackets.
const BRACKETS: [&str; 40] = [
    "a", "b: c", "a: ", "d:", ":e", "?", "? ", "?f", "-", "- ", "-g", ",", ", ", "[", "]", "{", "}", "\"", "'",
    "\"h\"", "'i'", "\"j\":", "#", " #k\n", "&l ", "*l", "!", "!m,", "|", ">", "%", "@", "\n", "\n  ", "\n\t", " ",
    "<<: ", "~", "...", "\\",
];

fn documents() -> &'static [String] {
    static DOCUMENTS: OnceLock<Vec<String>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let files = corpus::files(&Shape { files: 60, documents: 120, workloads: 60, bytes: 100_000 }, 11);
        let mut texts: Vec<String> =
            files.iter().flat_map(|file| chunks(&file.text)).map(|c| c.text.to_owned()).collect();
        texts.retain(|text| text.len() < 4_000 && !text.starts_with(['{', '[']));
        texts.push(
            "a: |\n  b\n   c\n\nd: >-\n  e\n  f\n\n  g\nh: [i, {j: k}]\nl: 'm\n  n'\no: \"p\n\n  q\"\nr: s\n  t\n"
                .to_owned(),
        );
        texts
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reads_broken_documents_alike_or_not_at_all(
        which in any::<Index>(),
        edits in proptest::collection::vec((any::<Index>(), 0..TOKENS.len(), 0..3_usize), 1..5),
    ) {
        let mut text = which.get(documents()).clone();
        for (place, token, replaced) in edits {
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if places.is_empty() {
                continue;
            }
            let start = place.index(places.len());
            let end = places.get(start + replaced).copied().unwrap_or(text.len());
            text.replace_range(places[start]..end, TOKENS[token]);
        }
        compare(&text);
    }

    #[test]
    fn reads_any_lines_alike_or_not_at_all(text in "([ ]{0,4}(- ){0,2}[ab:'\"|>#{}\\[\\],é-]{0,6}(: )?[ab: '\"#{}\\[\\],|>]{0,8}\n){1,6}") {
        compare(&text);
    }

    /// Brackets in a value, with mistakes.
    #[test]
    fn reads_any_brackets_alike_or_not_at_all(
        brackets in proptest::sample::select(&["{a: b, c: [d, 'e', {f: g}], \"h\": i}", "[a, {b: c}, \"d\", [e]]"][..]),
        edits in proptest::collection::vec((any::<Index>(), 0..BRACKETS.len(), 0..3_usize), 1..4),
    ) {
        let mut text = brackets.to_owned();
        for (place, token, replaced) in edits {
            let start = place.index(text.len() + 1);
            let end = (start + replaced).min(text.len());
            text.replace_range(start..end, BRACKETS[token]);
        }
        compare(&format!("x: {text}\ny: z\n"));
        compare(&format!("- {text}\n- z\n"));
    }
}
