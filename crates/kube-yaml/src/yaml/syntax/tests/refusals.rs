//! Texts that are not valid YAML, where and why.

use super::*;

#[test]
fn refusals_have_a_place_and_a_reason() {
    for (text, place, message) in [
        ("a: b: c", (0, 4), "mapping values are not allowed here"),
        ("a: - b", (0, 3), "a list item is not allowed here"),
        ("a: ? b", (0, 3), "mapping keys are not allowed here"),
        ("a: b\nc\n", (1, 0), "this has to be a key, but no `:` follows on its line"),
        ("a: b\nc\nd: e\n", (1, 0), "this has to be a key, but no `:` follows on its line"),
        ("a:\n  b: c\n d: e\n", (2, 1), "expected a key, in the same column as the other keys of this mapping"),
        ("a:\n - b\n c: d\n", (2, 1), "expected `-`, as in front of the other items of this list"),
        ("[a", (1, 0), "expected `,` or `]`"),
        ("[a}", (0, 2), "expected `,` or `]`"),
        ("{a: b]", (0, 5), "expected `,` or `}`"),
        ("[,]", (0, 1), "a value is expected here"),
        ("é: @a", (0, 3), "`@` cannot start a value here"),
        ("[|\n a]", (0, 1), "`|` cannot start a value here"),
        ("\"\\q\"", (0, 0), "an unknown escape stands inside of quotes"),
        ("\"\\x4\"", (0, 0), "an escape inside of quotes lacks hexadecimal digits"),
        ("\"\\ud800\"", (0, 0), "an escape inside of quotes names no character of Unicode"),
        ("\"\\U00110000\"", (0, 0), "an escape inside of quotes names no character of Unicode"),
        ("'a", (0, 0), "end of stream inside of quotes"),
        ("\"a\\", (0, 0), "end of stream inside of quotes"),
        ("a: |0\n", (0, 3), "the indentation of a block scalar is 0"),
        ("a: | b\n", (0, 3), "behind the indicator of a block scalar may only be a comment"),
        ("a: |10\n", (0, 3), "behind the indicator of a block scalar may only be a comment"),
        ("!%4", (0, 0), "an escape in a tag lacks its digits"),
        ("!%ff a", (0, 0), "the escapes in a tag are not UTF-8"),
        ("&a &b c", (0, 3), "a document has to start with `---` here"),
    ] {
        let error = events(text).unwrap_err();
        assert_eq!(
            (error.mark.line, error.mark.column, error.message.as_str()),
            (place.0, place.1, message),
            "{text:?}"
        );
    }
}

#[test]
fn a_simple_key_has_an_end() {
    let key = |length: usize| format!("{}: b", "é".repeat(length));
    assert!(events(&key(1024)).is_ok());
    assert!(events(&key(1025)).is_err());
    assert!(events(&format!("? {}", key(2000).replacen(':', "\n:", 1))).is_ok());
}

#[test]
fn nesting_and_directives_have_an_end() {
    for open in ["[", "{a: ", "[{a: "] {
        assert!(events(&open.repeat(20_000)).unwrap_err().message.contains("deeper"), "{open}");
    }
    for open in ["- ", "? "] {
        assert!(events(&open.repeat(20_000)).unwrap_err().message.contains("deeper"), "{open}");
    }
    let tags: String = (0..200).map(|tag| format!("%TAG !t{tag}! x\n")).collect();
    assert!(events(&format!("{tags}---\na")).unwrap_err().message.contains("too many"));
}

#[test]
fn nothing_is_said_after_an_error() {
    let mut parser = Parser::new("a: b: c\nd: e\n");
    while parser.next_event().is_ok_and(|event| event.is_some()) {}
    assert_eq!(parser.next_event(), Ok(None));
}
