//! Properties of every text.

use super::*;
use proptest::prelude::*;

/// Pieces of YAML, so that random texts get past the first character.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "é: ",
        "\n",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "? ",
        ": ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "|\n",
        ">-\n",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!!int ",
        "!t ",
        "# c",
        "\n---\n",
        "\n...\n",
        "\t",
        " ",
        "1",
        "0x1f",
        ".5",
        "~",
        "yes",
        "\\",
        "\\u00e9",
        "%YAML 1.1\n",
        "\r\n",
        "\r",
        "{{ .x }}",
        "--- ",
        "\u{85}",
        "😀",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Line and column of a byte, the slow way.
fn count(text: &str, byte: usize) -> (u32, u32) {
    let before = text[..byte].trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let line = before.rsplit('\n').next().unwrap_or_default();
    ((before.matches('\n').count() + 1) as u32, (line.chars().count() + 1) as u32)
}

fn check(node: &Node, text: &str, within: std::ops::Range<usize>) {
    let span = node.span;
    assert!(text.get(span.range()).is_some(), "{text:?} {node:?}");
    assert_eq!((span.line, span.column), count(text, span.range().start), "{text:?} {node:?}");
    let written = &text[span.range()];
    match node.style {
        Style::Double => assert!(written.starts_with('"') && written.ends_with('"'), "{text:?} {node:?}"),
        Style::Single => assert!(written.starts_with('\'') && written.ends_with('\''), "{text:?} {node:?}"),
        Style::Literal => assert!(written.starts_with('|'), "{text:?} {node:?}"),
        Style::Folded => assert!(written.starts_with('>'), "{text:?} {node:?}"),
        Style::Absent => assert!(written.is_empty(), "{text:?} {node:?}"),
        _ => assert_eq!(written, written.trim_matches([' ', '\t', '\n', '\r']), "{text:?} {node:?}"),
    }
    if !node.aliased {
        assert!(within.start <= span.range().start && span.range().end <= within.end, "{text:?} {node:?}");
    }
    let within = if node.aliased { 0..text.len() } else { span.range() };
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| check(item, text, within.clone())),
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                assert!(key.as_str().is_some());
                check(key, text, within.clone());
                check(value, text, within.clone());
            }
        }
        _ => {}
    }
}

fn check_text(text: &str) {
    let parsed = parse(text);
    for document in &parsed.documents {
        check(&document.root, text, document.chunk.clone());
        let json = document.root.to_json();
        assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{text:?} {json}");
    }
    for error in &parsed.errors {
        assert!(error.offset <= text.len() && error.line > 0 && error.column > 0, "{text:?} {error:?}");
        assert!(text.get(error.chunk.clone()).is_some(), "{text:?} {error:?}");
    }
}

/// JSON values whose YAML every reader understands alike.
fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "\\PC{0,12}".prop_map(Into::into),
        "[ -~\n]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::vec(("[a-eg-mp-su-xz][a-z.]{0,7}", inner), 0..5)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// The scalars that only YAML 1.1 reads as something else, quoted the 1.2 way by the emitter.
fn read_differently(text: &str) -> bool {
    text.contains(['\u{2028}', '\u{2029}', '\u{85}'])
        || text.lines().any(|line| {
            let scalar =
                line.rsplit(": ").next().unwrap_or_default().trim_start_matches(['-', ' ']).trim_end_matches(':');
            !matches!(super::super::scalar::resolve(scalar), super::super::scalar::Scalar::Text)
                && serde_yaml_ng::from_str::<serde_json::Value>(scalar).is_ok_and(|value| value.is_string())
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_text(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn texts_never_panic(text in "\\PC{0,60}") {
        check_text(&text);
    }

    #[test]
    fn yaml_like_texts_never_panic(text in pieces()) {
        check_text(&text);
    }

    #[test]
    fn json_is_read_as_serde_reads_it(value in value()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value)?] {
            // In brackets, or else `kubectl` would not take it for JSON.
            let text = format!("[{text}]");
            let read = one(&text).to_json();
            prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&read)?[0], &value);
        }
    }

    #[test]
    fn emitted_yaml_is_read_back(value in value()) {
        let text = serde_yaml_ng::to_string(&value)?;
        prop_assume!(!read_differently(&text));
        let read = one(&text).to_json();
        prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&read)?, value, "{}", text);
    }
}
