//! Texts that are refused, where, and why.

use super::*;

#[test]
fn errors_have_places() {
    let table = [
        ("a: 1\na: 2\n", (2, 1), "is there twice (first in line 1)"),
        ("é: {b: 1, b: 2}", (1, 11), "is there twice (first in line 1)"),
        ("1: a\n\"1\": b\n", (2, 1), "is there twice (first in line 1)"),
        ("{\"a\": 1,\n \"a\": 2}", (2, 2), "is there twice (first in line 1)"),
        ("a: b: c", (1, 5), "mapping values"),
        ("a: *b", (1, 4), "anchor"),
        ("a: &b [*b]", (1, 8), "inside its own anchor"),
        ("a: &b {c: {d: *b}}", (1, 15), "inside its own anchor"),
        ("a: .inf", (1, 4), "JSON"),
        ("a: 1\nb: !!int x\n", (2, 10), "!!int"),
        ("{[a]: b}", (1, 2), "must be a scalar"),
        ("{{a: b}: c}", (1, 2), "must be a scalar"),
        ("~: a", (1, 1), "null"),
        ("a: {<<: 1}", (1, 9), "merge key"),
        ("a: &x [{b: c}]\nd: {<<: *x}", (1, 7), "merge key"),
        ("a: {<<: [1]}", (1, 9), "merge key"),
        ("a:\n  b: c\n\td: e\n", (3, 1), "tab"),
        ("a:\n  - b\n\t- c\n", (3, 1), "tab"),
        ("\ta: b\n", (1, 1), "tab"),
        ("a:\n  \tb\n", (2, 3), "tab"),
        ("-\ta\n", (1, 2), "tab"),
        ("a: b\0c", (1, 5), "U+0000"),
        ("a: é\u{1}", (1, 5), "U+0001"),
        ("a: b # c\u{2028}d: e", (1, 9), "U+2028"),
        ("a: \"b", (1, 4), "end of stream"),
        ("a: \"\\q\"", (1, 4), "escape"),
    ];
    for (text, place, part) in table {
        let (line, column, message) = error(text);
        assert_eq!((line, column), place, "{text:?}: {message}");
        assert!(message.contains(part), "{text:?}: {message}");
    }
}

#[test]
fn offsets_and_lines_count_from_the_start_of_the_text() {
    let parsed = parse("\u{feff}é: 1\n---\né: 1\né: 2\n");
    let error = &parsed.errors[0];
    assert_eq!((error.line, error.column, error.offset), (4, 1, 19));
    assert_eq!(error.to_string(), "line 4, column 1: the key \"é\" is there twice (first in line 3)");
}

#[test]
fn templates_are_recognised() {
    let text = "a: 1\n---\nimage: {{ .Values.image }}\n---\n{{- if .x }}\na: b\n{{- end }}\n---\na: [\n";
    let parsed = parse(text);
    let templated: Vec<bool> = parsed.errors.iter().map(|error| error.templated).collect();
    assert_eq!(templated, [true, true, false]);
}

#[test]
fn merged_keys_are_no_duplicates_but_written_ones_are() {
    assert_eq!(parse("{<<: {a: 1}, a: 2}").errors, []);
    assert_eq!(parse("{<<: {a: 1}, a: 2, a: 3}").errors.len(), 1);
    let many: String = (0..100).map(|index| format!("k{index}: 1\n")).collect();
    assert_eq!(error(&format!("{many}k7: 2\n")).0, 101);
}
