use super::*;
use crate::yaml::{Parsed, Segment, parse};

fn root(text: &str) -> Node<'_> {
    let Parsed { mut documents, errors } = parse(text);
    assert_eq!(errors, [], "{text}");
    documents.remove(0).root
}

/// Start, mark and value of every entry or item at the top.
fn parts(text: &str) -> Vec<(&str, &str)> {
    let root = root(text);
    let entries = match &root.value {
        Value::Sequence(_) => items(text, &root).unwrap(),
        _ => entries(text, &root).unwrap().into_iter().map(|(_, entry)| entry).collect(),
    };
    let part = |entry: Entry| (&text[entry.start..entry.mark.unwrap_or(entry.value.end)], &text[entry.value]);
    entries.into_iter().map(part).collect()
}

#[test]
fn entries_of_mappings() {
    let table: [(&str, &[(&str, &str)]); 9] = [
        ("a: b\nc : d # x\n", &[("a:", "b"), ("c :", "d")]),
        ("\"a\": b\n'c':\n- d\n", &[("\"a\":", "b"), ("'c':", "- d")]),
        ("a:\nb: # c\n  d: e\nf:", &[("a:", ""), ("b:", "d: e"), ("f:", "")]),
        ("? a\n: b\n? c\n", &[("? a\n:", "b"), ("? c", "")]),
        ("&x a: &y b\n!!str c: *y\n", &[("&x a:", "b"), ("!!str c:", "*y")]),
        ("a: &x {b: c}\nd: {<<: *x}\ne: *x # *y\n", &[("a:", "{b: c}"), ("d:", "{<<: *x}"), ("e:", "*x")]),
        ("x: &x {b: c}\n<<: *x\ne: f\n", &[("x:", "{b: c}"), ("e:", "f")]),
        ("? # c\n  a\n# d\n: b\n", &[("a\n# d\n:", "b")]),
        ("a:\n  # c\n  *x\n", &[]),
    ];
    for (text, want) in table {
        if parse(text).errors.is_empty() {
            assert_eq!(parts(text), want, "{text}");
        }
    }
}

#[test]
fn items_of_sequences() {
    let table: [(&str, &[(&str, &str)]); 5] = [
        ("- a\n# c\n-   b: c\n    d: e\n-\n- - f\n", &[("-", "a"), ("-", "b: c\n    d: e"), ("-", ""), ("-", "- f")]),
        ("- &x a\n- *x\n- !!str 5\n- # c\n  *x\n- b", &[("-", "a"), ("-", "*x"), ("-", "5"), ("-", "*x"), ("-", "b")]),
        ("-\n  a: b\n- |\n  x\n\n- 'y'\n", &[("-", "a: b"), ("-", "|\n  x"), ("-", "'y'")]),
        ("- [a,\n  b]\n- \"c\n  d\"\n", &[("-", "[a,\n  b]"), ("-", "\"c\n  d\"")]),
        ("- {a: b} # c\n- e\n  f\n", &[("-", "{a: b}"), ("-", "e\n  f")]),
    ];
    for (text, want) in table {
        assert_eq!(parts(text), want, "{text}");
    }
}

#[test]
fn block_scalars_end_behind_what_they_keep() {
    let table = [
        ("a:\n  b: |+\n    x\n\n\n", "a:\n  b: |+\n    x\n\n"),
        ("a:\n  b: |+\n    x\n\n# c\n", "a:\n  b: |+\n    x\n"),
        ("a:\n  b: |\n    x\n\n# c\n", "a:\n  b: |\n    x"),
        ("a:\n  b: |\n    x\n      \n\nc: d\n", "a:\n  b: |\n    x\n      "),
        ("a:\n  b: >-\n    x\n", "a:\n  b: >-\n    x"),
        ("a:\n  b: x # c\n\n", "a:\n  b: x # c"),
        ("a:\n  b: |+\n    x", "a:\n  b: |+\n    x"),
    ];
    for (text, want) in table {
        let root = root(text);
        let node = root.at(&[Segment::Key("a".to_owned())]).unwrap();
        let end = last_line_end(text, node, node.span.end as usize).unwrap();
        assert_eq!(&text[..end], want, "{text:?}");
    }
}

#[test]
fn properties() {
    assert_eq!(behind_properties("a: &x !!map # c", 2), 11);
    assert_eq!(behind_properties("a: b", 2), 2);
    let text = "a: # c\n  &x b\n";
    assert_eq!(anchor(text, &entries(text, &root(text)).unwrap()[0].1), Some(9));
    let text = "a: !t&x b\n";
    assert_eq!(anchor(text, &entries(text, &root(text)).unwrap()[0].1), None);
}
