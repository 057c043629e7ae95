//! Block style: what becomes of each text.

use super::*;

#[test]
fn keys_go_behind_the_last_line_of_the_mapping() {
    assert_edits(&[
        ("a: 1\n", "/b = 2", "a: 1\nb: 2\n"),
        ("a: 1", "/b = 2", "a: 1\nb: 2"),
        ("a: 1\r\nc: d\r\n", "/b = 2", "a: 1\r\nc: d\r\nb: 2\r\n"),
        ("a: 1\rc: 3\r", "/b = 2", "a: 1\rc: 3\rb: 2\r"),
        ("\u{feff}a: 1\n", "/b = 2", "\u{feff}a: 1\nb: 2\n"),
        ("---\na: 1 # c\n\n# d\n...\n", "/b = 2", "---\na: 1 # c\nb: 2\n\n# d\n...\n"),
        ("a:\n  b: 1 # c\n  # d\n\ne: f\n", "/a/x = 2; /xy = 3", "a:\n  b: 1 # c\n  # d\n  x: 2\n\ne: f\nxy: 3\n"),
        ("a:\n  b: 1\n # c\n  # d\n", "/a/x = 2", "a:\n  b: 1\n  x: 2\n # c\n  # d\n"),
        (
            "a:\n- b: 1\n  # harden: ignore[x] y\n- c\n",
            "/a/0/x = 2",
            "a:\n- b: 1\n  x: 2\n  # harden: ignore[x] y\n- c\n",
        ),
        ("a:\n  b: 1\n  # c\n# d\n", "/a/x = 2; /e = 3", "a:\n  b: 1\n  # c\n  x: 2\ne: 3\n# d\n"),
        ("a:\n- b: 1\n  # c\n# d\n", "/a/0/x = 2; /a/- = 3", "a:\n- b: 1\n  # c\n  x: 2\n- 3\n# d\n"),
        ("a:\n  - b: 1\n   # c\n", "/a/0/x = 2; /a/- = 3", "a:\n  - b: 1\n    x: 2\n   # c\n  - 3\n"),
        ("a:\n  b:\n    c: d\n", "/a/b/x = 1; /a/xy = 2; /z = 3", "a:\n  b:\n    c: d\n    x: 1\n  xy: 2\nz: 3\n"),
        ("a:\n- b: 1\n", "/a/0/c = 2; /a/- = 3; /d = 4", "a:\n- b: 1\n  c: 2\n- 3\nd: 4\n"),
        ("a:\n  -   b: 1\n", "/a/0/c = {\"d\":2}", "a:\n  -   b: 1\n      c:\n        d: 2\n"),
        ("- - a: 1\n  - b\n", "/0/0/c = 2; /0/- = 3; /- = 4", "- - a: 1\n    c: 2\n  - b\n  - 3\n- 4\n"),
        ("a: b\n  c\n", "/x = 1", "a: b\n  c\nx: 1\n"),
        ("a: \"b\n  c\" # d\n", "/x = 1", "a: \"b\n  c\" # d\nx: 1\n"),
        ("a: [b,\n  c # d\n  ]\n# e\n", "/x = 1", "a: [b,\n  c # d\n  ]\nx: 1\n# e\n"),
        ("a:\n", "/x = 1", "a:\nx: 1\n"),
        ("a: # c\n", "/x = 1", "a: # c\nx: 1\n"),
        ("? a\n: b\n", "/x = 1", "? a\n: b\nx: 1\n"),
        ("a: &x\nb: *x\n", "/x = 1", "a: &x\nb: *x\nx: 1\n"),
        ("a: &x {b: c}\nd:\n  <<: *x # c\n", "/d/e = 1", "a: &x {b: c}\nd:\n  <<: *x # c\n  e: 1\n"),
    ]);
}

#[test]
fn keys_go_behind_block_scalars() {
    assert_edits(&[
        ("a: |\n  b\n  # c\n", "/x = 1", "a: |\n  b\n  # c\nx: 1\n"),
        ("a: |-\n  b\n\n# c\n", "/x = 1", "a: |-\n  b\nx: 1\n\n# c\n"),
        ("a: |+\n  b\n\n\n# c\n", "/x = 1", "a: |+\n  b\n\n\nx: 1\n# c\n"),
        ("a: |+\n  b\n\n", "/x = 1", "a: |+\n  b\n\nx: 1\n"),
        ("a:\n  c: |2\n      b\n", "/a/x = 1; /xy = 2", "a:\n  c: |2\n      b\n  x: 1\nxy: 2\n"),
        ("a: >+ # c\r\n  b\r\n\r\n", "/x = 1", "a: >+ # c\r\n  b\r\n\r\nx: 1\r\n"),
        ("- |\n  b\n", "/- = 1", "- |\n  b\n- 1\n"),
    ]);
}

#[test]
fn new_values_look_like_their_surroundings() {
    let nested = "/x = {\"l\":[\"A\",{\"k\":1,\"m\":[[1]]}],\"o\":{\"e\":{},\"f\":[]}}";
    assert_edits(&[
        (
            "a:\n  b: c\n",
            nested,
            "a:\n  b: c\nx:\n  l:\n    - A\n    - k: 1\n      m:\n        - - 1\n  o:\n    e: {}\n    f: []\n",
        ),
        (
            "a:\n    b: c\nd:\n-   e\n",
            nested,
            "a:\n    b: c\nd:\n-   e\nx:\n    l:\n    -   A\n    -   k: 1\n        m:\n        -   -   1\n    o:\n        e: {}\n        f: []\n",
        ),
        ("a: 'b'\n", "/x = \"yes\"; /xy = \"z\"", "a: 'b'\nx: 'yes'\nxy: z\n"),
        (
            "a: b\n",
            "/x = \"0755\"; /xy = \"a\\nb\"; /on = \"1:30\"",
            "a: b\n\"on\": \"1:30\"\nx: \"0755\"\nxy: \"a\\nb\"\n",
        ),
        ("a:\n- b\nc:\n  - d\n", "/x = [1]", "a:\n- b\nc:\n  - d\nx:\n  - 1\n"),
        ("a:\n  - b\nc:\n- d\n", "/x = [1]", "a:\n  - b\nc:\n- d\nx:\n- 1\n"),
    ]);
}

#[test]
fn what_is_empty_gets_its_content_below() {
    assert_edits(&[
        ("a: {}\nb: c\n", "/a/x = 1", "a:\n  x: 1\nb: c\n"),
        ("a: {} # c\n", "/a/x = 1", "a: # c\n  x: 1\n"),
        ("a:\nb: c\n", "/a/x = 1", "a:\n  x: 1\nb: c\n"),
        ("a: # c\n  # d\nb: c\n", "/a/x = 1", "a: # c\n  x: 1\n  # d\nb: c\n"),
        ("a: null # c\n", "/a/x = 1", "a: # c\n  x: 1\n"),
        ("a:   ~\n", "/a/x = 1", "a:\n  x: 1\n"),
        ("a: []\n", "/a/- = 1", "a:\n  - 1\n"),
        ("a:\n  {}\nb: c\n", "/a/x = 1", "a:\n  x: 1\nb: c\n"),
        ("a:\n  # c\n  {} # d\n", "/a/x = 1", "a:\n  # c\n  # d\n  x: 1\n"),
        ("a: &x {}\n", "/a/x = 1", "a: &x\n  x: 1\n"),
        ("a: !!map {} # c\n", "/a/x = 1", "a: !!map # c\n  x: 1\n"),
        ("- {}\n- []\n-\n", "/0/x = 1; /0/xy = 2; /1/- = 1; /2 = {\"z\":3}", "- x: 1\n  xy: 2\n- - 1\n- z: 3\n"),
        ("- {} # c\n- - b\n", "/0/x = 1; /0/xy = 2", "- # c\n  x: 1\n  xy: 2\n- - b\n"),
        ("a:\n- b: {}\n  c: d\n", "/a/0/b/x = 1", "a:\n- b:\n    x: 1\n  c: d\n"),
        ("? a\n: {}\n", "/a/x = 1", "? a\n:\n  x: 1\n"),
        ("a: {}\nb: {}\n", "/a/x = 1; /b/xy = 2; /c = 3", "a:\n  x: 1\nb:\n  xy: 2\nc: 3\n"),
        ("a: {}", "/a/x = 1", "a:\n  x: 1"),
        ("a:", "/a/x = 1; /b = 2", "a:\n  x: 1\nb: 2"),
    ]);
}

#[test]
fn scalars_change_in_place() {
    assert_edits(&[
        ("a: true # c\n", "/a = false", "a: false # c\n"),
        ("a: 'b' # c\nd: \"e\"\n", "/a = \"x's\"; /d = \"xy\"", "a: 'x''s' # c\nd: \"xy\"\n"),
        ("a: b\n", "/a = \"yes\"", "a: \"yes\"\n"),
        ("a: 1\n", "/a = \"1\"", "a: \"1\"\n"),
        ("a: 'b'\n", "/a = 5", "a: 5\n"),
        ("a:\nb: # c\n", "/a = 1; /b = 2", "a: 1\nb: 2 # c\n"),
        ("a:\n- b\n-\n", "/a/0 = \"x\"; /a/1 = \"xy\"", "a:\n- x\n- xy\n"),
        ("a: | # c\n  b\nd: e\n", "/a = \"x\"", "a: x # c\nd: e\n"),
        ("a: b\n  c\n", "/a = \"x\"", "a: x\n"),
        ("a: !!str 5\n", "/a = \"6\"", "a: !!str \"6\"\n"),
        ("a: 1 # c\n", "/a = {\"x\":1}", "a: # c\n  x: 1\n"),
        ("a: 1 # c\nb: 2\n", "/a = [1]", "a: # c\n  - 1\nb: 2\n"),
        ("a: |\n  b\n\nc: d\n", "/a = {\"x\":1}", "a:\n  x: 1\n\nc: d\n"),
        ("a: # c\n  b: 1\n  d: 2 # e\nf: g\n", "/a = 1", "a: 1 # c\nf: g\n"),
        ("a:\n  b: 1\nf: g\n", "/a = [1]", "a:\n  - 1\nf: g\n"),
        ("a:\n- b: 1\n  c: 2 # d\n", "/a/0 = 1", "a:\n- 1 # d\n"),
    ]);
}

#[test]
fn entries_go_with_their_lines() {
    assert_edits(&[
        ("a: 1\n# b\nb: 2 # c\nd: 3\n", "/b -", "a: 1\n# b\nd: 3\n"),
        ("a: 1\nb:\n  c: 2\n  d: 3\n", "/b -", "a: 1\n"),
        ("a: 1\nb: 2", "/b -", "a: 1"),
        ("a: 1\nb: 2\n", "/a -", "b: 2\n"),
        ("a: |+\n  x\n\nb: 1\nc: 2\n", "/b -", "a: |+\n  x\n\nc: 2\n"),
        ("a: 1\nb: 2\n", "/b -; /c = 3", "a: 1\nc: 3\n"),
        ("a:\n  b: 1\n  c: 2\n", "/a/c -; /a/d = 3; /e = 4", "a:\n  b: 1\n  d: 3\ne: 4\n"),
        ("- a: 1\n  b: 2\n", "/0/a -", "- b: 2\n"),
        ("- a: 1 # c\n  # d\n  b: 2\n", "/0/a -", "- # d\n  b: 2\n"),
        ("-   a: 1\n    b: 2\n    c: 3\n", "/0/a -; /0/b -", "-   c: 3\n"),
        ("a: # c\n  b: 1 # d\ne: f\n", "/a/b -", "a: {} # c\ne: f\n"),
        ("a:\n  b: 1\n", "/a/b -; /a/c = 2", "a:\n  c: 2\n"),
        ("a:\n- b: 1 # d\n- e\n", "/a/0/b -", "a:\n- {} # d\n- e\n"),
        ("a:\n- b\n# d\n- c # d\n- e\n", "/a/1 -", "a:\n- b\n# d\n- e\n"),
        ("a:\n- b\n- c\n", "/a/0 -; /a/0 -", "a: []\n"),
        ("a:\n- b\n- c\n", "/a/1 -; /a/0 -; /a/- = {\"x\":1}; /d = 1", "a:\n- x: 1\nd: 1\n"),
        ("- - a\n  - b\n- c\n", "/0/0 -", "- - b\n- c\n"),
        ("? a\n: 1\n? b\n: 2\n", "/a -", "? b\n: 2\n"),
        ("a:\n  b: 1\n  c:\n    d: 2\n", "/a/b -; /a/c/d -; /a/c/e = 3", "a:\n  c:\n    e: 3\n"),
    ]);
}

#[test]
fn items_keep_their_order() {
    assert_edits(&[
        ("a:\n# b\n- b\n# c\n- c\n", "/a/0 ^ 1; /a/2 ^ 2; /a/- = 3", "a:\n# b\n- 1\n- b\n- 2\n# c\n- c\n- 3\n"),
        ("- - a\n", "/0/0 ^ {\"x\":1,\"xy\":2}", "- - x: 1\n    xy: 2\n  - a\n"),
        ("-   a\n-   b\n", "/1 ^ {\"x\":1,\"xy\":2}", "-   a\n-   x: 1\n    xy: 2\n-   b\n"),
        (
            "a:\n- name: b\n  v: 1 # c\n- name: d\n",
            "/a/0/v = 2; /a/0 ^ {\"name\":\"x\"}",
            "a:\n- name: x\n- name: b\n  v: 2 # c\n- name: d\n",
        ),
    ]);
}

#[test]
fn merged_values_are_overridden() {
    assert_edits(&[
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n", "/d/b = 3", "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n"),
        ("a: &x {b: 1}\nd: {<<: *x, e: 2}\n", "/d/b = 3", "a: &x {b: 1}\nd: {<<: *x, e: 2, b: 3}\n"),
        (
            "a: &x\n  b: {c: 1}\nd:\n  <<: *x\n",
            "/d/b/e = 3",
            "a: &x\n  b: {c: 1}\nd:\n  <<: *x\n  b:\n    c: 1\n    e: 3\n",
        ),
        // Both want it: the anchor is enough.
        ("a: &x\n  b: 1\nd:\n  <<: *x\n", "/a/b = 3; /d/b = 3", "a: &x\n  b: 3\nd:\n  <<: *x\n"),
    ]);
}

#[test]
fn anchors_change_when_all_who_use_them_want_it() {
    assert_edits(&[
        ("a: &x\n  b: 1\nc: *x\n", "/a/d = 2; /c/d = 2", "a: &x\n  b: 1\n  d: 2\nc: *x\n"),
        ("a: &x [b]\nc: *x\nd: *x\n", "/a/- = 1; /c/- = 1; /d/- = 1", "a: &x [b, 1]\nc: *x\nd: *x\n"),
        ("a: &x\n- b\n- c\nd: *x\n", "/a/0 -; /d/0 -", "a: &x\n- c\nd: *x\n"),
        ("a: &x {b: 1}\nc: *x\n", "/e = 2", "a: &x {b: 1}\nc: *x\ne: 2\n"),
    ]);
}
