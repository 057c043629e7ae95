//! Several documents in one text.

use super::*;

#[test]
fn documents_are_counted() {
    let table: [(&str, &[&str]); 15] = [
        ("", &[]),
        ("\n\n", &[]),
        ("# c\n", &[]),
        ("---", &["null"]),
        ("---\n# c\n---\n", &["null", "null"]),
        ("a: 1\n---\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]),
        ("# c\n---\na: 1\n---\n", &[r#"{"a":1}"#, "null"]),
        ("a\n...\nb\n", &[r#""a""#, r#""b""#]),
        ("a\n...\n---\nb\n...\n", &[r#""a""#, r#""b""#]),
        ("%YAML 1.1\n---\na: 1\n", &[r#"{"a":1}"#]),
        ("%TAG !e! tag:e.com,2000:\n---\na: !e!x 1\n", &[r#"{"a":"1"}"#]),
        ("--- {a: b}\n--- c\n", &[r#"{"a":"b"}"#, r#""c""#]),
        ("\u{feff}a: 1\n", &[r#"{"a":1}"#]),
        ("{\"a\":1}\n{\"a\":2} [3]", &[r#"{"a":1}"#, r#"{"a":2}"#, "[3]"]),
        ("---\n{\"a\":1}\n---\n[]\n", &[r#"{"a":1}"#, "[]"]),
    ];
    for (text, want) in table {
        assert_eq!(json(text), want, "{text:?}");
    }
}

#[test]
fn documents_know_their_line_and_chunk() {
    let text = "# c\n\na: 1\n...\nb: 2\n--- # x\n\nc: 3\n---\n{\"d\": 4}\n{\"e\": 5}\n";
    let parsed = parse(text);
    let lines: Vec<usize> = parsed.documents.iter().map(|document| document.line).collect();
    assert_eq!(lines, [3, 5, 6, 9, 11]);
    assert_eq!(&text[parsed.documents[2].chunk.clone()], "--- # x\n\nc: 3\n");
}

#[test]
fn a_broken_document_costs_only_itself() {
    let text = "a: 1\n---\nb: [\n---\nc: 3\n---\nd: 4\nd: 5\n---\ne: 6\n";
    let parsed = parse(text);
    let read: Vec<String> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
    assert_eq!(read, [r#"{"a":1}"#, r#"{"c":3}"#, r#"{"e":6}"#]);
    assert_eq!(parsed.errors.len(), 2);
    assert_eq!(&text[parsed.errors[0].chunk.clone()], "---\nb: [\n");
    assert_eq!((parsed.errors[1].line, parsed.errors[1].column), (8, 1));
}

#[test]
fn documents_before_the_error_are_kept() {
    let parsed = parse("a: 1\n...\nb: [\n");
    assert_eq!(parsed.documents.len(), 1);
    assert_eq!(parsed.errors.len(), 1);
}

#[test]
fn anchors_end_with_their_document() {
    assert_eq!(parse("a: &x 1\n---\nb: *x\n").errors.len(), 1);
    assert_eq!(parse("a: &x 1\n...\nb: *x\n").errors.len(), 1);
}
