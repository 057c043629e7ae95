//! Brackets and JSON: what becomes of each text.

use super::*;

#[test]
fn brackets_on_one_line() {
    assert_edits(&[
        ("a: {b: 1}\n", "/a/x = {\"xy\":[\"ALL\"]}", "a: {b: 1, x: {xy: [ALL]}}\n"),
        ("a: { b: 1 } # c\n", "/a/x = {\"xy\":1}", "a: { b: 1, x: { xy: 1 } } # c\n"),
        ("a: {b: 1,}\n", "/a/x = 1; /a/xy = 2", "a: {b: 1, x: 1, xy: 2,}\n"),
        ("a: {b: 1, }\n", "/a/x = 1", "a: {b: 1, x: 1, }\n"),
        ("a: {\"b\":1,\"c\":2}\n", "/a/x = \"xy\"", "a: {\"b\":1,\"c\":2,\"x\":xy}\n"),
        ("a: {b, c: , d: }\n", "/a/b = 1; /a/c = 2; /a/d = 3; /a/e = 4", "a: {b: 1, c: 2 , d: 3, e: 4 }\n"),
        ("a: [b]\n", "/a/- = {\"x\":\"a, b\"}", "a: [b, {x: \"a, b\"}]\n"),
        ("a: [b,c]\n", "/a/- = 1", "a: [b,c,1]\n"),
        ("a: [b]\n", "/a/0 ^ 1; /a/- = 2", "a: [1, b, 2]\n"),
        ("a: {b: {}, c: []}\n", "/a/b/x = 1; /a/c/- = 2", "a: {b: {x: 1}, c: [2]}\n"),
        ("a: {b: 'c', d: \"e, f\"}\n", "/a/b = \"x\"; /a/d = \"xy\"", "a: {b: 'x', d: \"xy\"}\n"),
        ("a: [b, c, d]\n", "/a/0 -", "a: [c, d]\n"),
        ("a: [b, c, d]\n", "/a/2 -; /a/1 -", "a: [b]\n"),
        ("a: [b, c, d]\n", "/a/2 -; /a/- = 1", "a: [b, c, 1]\n"),
        ("a: [b]\n", "/a/0 -", "a: []\n"),
        ("a: {b: 1}\n", "/a/b -", "a: {}\n"),
        ("a: {b: 1}\n", "/a/b -; /a/c = 2", "a: {c: 2}\n"),
        ("a: {b: 1, c: 2}\n", "/a/b -", "a: {c: 2}\n"),
        ("a: {b: 1, c: 2, }\n", "/a/c -", "a: {b: 1, }\n"),
        ("{a: {b: c}}\n", "/a/x = 1; /d = {}", "{a: {b: c, x: 1}, d: {}}\n"),
        ("--- {a: 1} # c\n", "/b = 2", "--- {a: 1, b: 2} # c\n"),
        ("a: &x {b: 1}\nc: [*x, d]\n", "/c/- = 1; /c/1 = 2", "a: &x {b: 1}\nc: [*x, 2, 1]\n"),
        ("a: [{b: c}, {b: d}]\n", "/a/0/x = 1; /a/1/x = 1", "a: [{b: c, x: 1}, {b: d, x: 1}]\n"),
    ]);
}

/// Who writes a colon without quotes in brackets goes on doing so.
#[test]
fn a_colon_without_quotes_stays_where_there_was_one() {
    assert_edits(&[
        ("a: {b: n:1, c: d}\n", "/a/b = \"n:1@s:0\"; /a/c = \"d:1\"", "a: {b: n:1@s:0, c: \"d:1\"}\n"),
        ("a: [n:1, n:2]\n", "/a/0 = \"n: 1\"; /a/1 = \"n:2,3\"", "a: [\"n: 1\", \"n:2,3\"]\n"),
    ]);
}

/// S16: a colon right before a comma or bracket would be a part of the key.
#[test]
fn s16_keys_without_a_value_keep_their_colon() {
    assert_edits(&[
        ("a: {b: 1, tty: }\n", "/a/x = 1", "a: {b: 1, tty: , x: 1 }\n"),
        ("a: {\n  tty:\n}\n", "/a/x = 1", "a: {\n  tty: ,\n  x: 1\n}\n"),
        ("a: {\n  tty: # b\n}\n", "/a/x = 1", "a: {\n  tty: , # b\n  x: 1\n}\n"),
        ("a: {tty: , b: 1}\n", "/a/b -", "a: {tty: }\n"),
        ("a: {tty: , b: 1}\n", "/a/b -; /a/tty = 2", "a: {tty: 2}\n"),
        ("a: {\"tty\": }\n", "/a/x = 1", "a: {\"tty\": ,\"x\":1 }\n"),
        ("a: [b, c: ]\n", "/a/- = 1", "a: [b, c: , 1 ]\n"),
    ]);
}

#[test]
fn brackets_over_several_lines() {
    assert_edits(&[
        ("a: {\n  b: 1\n}\n", "/a/x = {\"xy\":1}", "a: {\n  b: 1,\n  x: {xy: 1}\n}\n"),
        (
            "a: {\n  b: 1, # c\n  d: 2 # e, f\n  # g\n}\n",
            "/a/x = 1; /a/xy = 2",
            "a: {\n  b: 1, # c\n  d: 2, # e, f\n  x: 1,\n  xy: 2\n  # g\n}\n",
        ),
        ("a: {\n  b: 1, # c\n}\n", "/a/x = 1", "a: {\n  b: 1, # c\n  x: 1,\n}\n"),
        ("a: [\n  b,\n  c]\n", "/a/- = 1", "a: [\n  b,\n  c,\n  1]\n"),
        ("a: [b,\n    c]\n", "/a/- = 1", "a: [b,\n    c,\n    1]\n"),
        ("a: [\r\n  b,\r\n  c\r\n]\r\n", "/a/- = 1", "a: [\r\n  b,\r\n  c,\r\n  1\r\n]\r\n"),
        ("a: [\n  b, # c\n  # d\n  d # e\n]\n", "/a/0 -", "a: [\n  # d\n  d # e\n]\n"),
        ("a: [\n  b, # c\n  d # e\n]\n", "/a/1 -", "a: [\n  b, # c\n]\n"),
        ("a: [\n  b, # c\n  # d\n  d\n]\n", "/a/1 = \"x\"", "a: [\n  b, # c\n  # d\n  x\n]\n"),
        ("a: [\n\tb\n]\n", "/a/- = 1", "a: [\n\tb,\n\t1\n]\n"),
    ]);
}

#[test]
fn json_looks_like_json() {
    assert_edits(&[
        ("{\"a\":{\"b\":1}}\n", "/a/x = {\"xy\":[\"z\"]}", "{\"a\":{\"b\":1,\"x\":{\"xy\":[\"z\"]}}}\n"),
        ("{\"a\": {\"b\": 1}}", "/a/x = true; /c = null", "{\"a\": {\"b\": 1, \"x\": true}, \"c\": null}"),
        (
            "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"s\": {}\n}\n",
            "/a/x = {\"xy\":[1]}; /s/t = {\"u\":1}",
            "{\n  \"a\": {\n    \"b\": 1,\n    \"x\": {\n      \"xy\": [\n        1\n      ]\n    }\n  },\n  \"s\": {\n    \"t\": {\n      \"u\": 1\n    }\n  }\n}\n",
        ),
        (
            "{\n\t\"a\": [\"b\"],\n\t\"c\": { \"d\": 1 }\n}\n",
            "/x = {\"xy\":[1,2],\"z\":{\"v\":1},\"w\":[{}]}",
            "{\n\t\"a\": [\"b\"],\n\t\"c\": { \"d\": 1 },\n\t\"x\": {\n\t\t\"w\": [{}],\n\t\t\"xy\": [1, 2],\n\t\t\"z\": { \"v\": 1 }\n\t}\n}\n",
        ),
        ("{\"a\" : 1}", "/b = 2", "{\"a\" : 1, \"b\" : 2}"),
        ("{\"a\": null}\n{\"b\": 1}\n", "/a = \"x\\n\"", "{\"a\": \"x\\n\"}\n{\"b\": 1}\n"),
        ("---\n{\"a\": 1}\n", "/b = \"c\"", "---\n{\"a\": 1, \"b\": \"c\"}\n"),
        ("{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}", "/b -", "{\n  \"a\": 1\n}"),
    ]);
}
