//! Properties of every text.

use super::*;
use proptest::prelude::*;

/// Pieces that mean something to the scanner.
const PIECES: [&str; 64] = [
    "a",
    "b",
    "é",
    "😀",
    " ",
    "  ",
    "\t",
    "\n",
    "\n ",
    "\n  ",
    "\n    ",
    "\r",
    "\r\n",
    "\n\n",
    "- ",
    "-",
    "? ",
    "?",
    ": ",
    ":",
    ",",
    "[",
    "]",
    "{",
    "}",
    "#",
    " # c",
    "&a ",
    "&a",
    "*a",
    "*a ",
    "!",
    "!t ",
    "!!str ",
    "!<x> ",
    "!e!x ",
    "'",
    "''",
    "\"",
    "\\",
    "\\\n",
    "\\x41",
    "\\u00e9",
    "|",
    ">",
    "|-\n",
    ">+\n",
    "|2\n",
    "%",
    "@",
    "`",
    "---",
    "\n---\n",
    "\n--- ",
    "...",
    "\n...\n",
    "%YAML 1.1\n---\n",
    "%TAG !e! x:\n---\n",
    "a: ",
    "a:",
    "<<: ",
    "\"a\": ",
    "'a': ",
    "~",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30).prop_map(|pieces| pieces.concat())
}

/// The line and column of a byte, the slow way.
fn count(text: &str, byte: usize) -> (usize, usize) {
    let before = text[..byte].replace("\r\n", "\n").replace('\r', "\n");
    (before.matches('\n').count(), before.rsplit('\n').next().unwrap_or_default().chars().count())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4096) })]

    /// Collections end as often as they start, every place is that of its byte, and content is read from there.
    #[test]
    fn events_fit_the_text(text in text()) {
        let mut parser = Parser::new(&text);
        let (mut open, mut documents) = (0, 0);
        loop {
            match parser.next_event() {
                Ok(None) => break prop_assert_eq!((open, documents), (0, 0)),
                Err(error) => break prop_assert!(text.is_char_boundary(error.mark.byte), "{:?}", error),
                Ok(Some(event)) => {
                    prop_assert!(text.get(event.start.byte..event.end.max(event.start.byte)).is_some(), "{:?}", event);
                    // The end of the text may count as a line break.
                    if event.start.byte < text.len() {
                        let place = (event.start.line, event.start.column);
                        prop_assert_eq!(place, count(&text, event.start.byte), "{:?}", event);
                    }
                    match event.content {
                        Content::DocumentStart => documents += 1,
                        Content::DocumentEnd => documents -= 1,
                        Content::SequenceStart { .. } | Content::MappingStart { .. } => open += 1,
                        Content::End => open -= 1,
                        Content::Scalar { text: value, style: Style::Plain, .. } => {
                            let written = &text[event.start.byte..event.end];
                            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
                            prop_assert_eq!(words(&value), words(written));
                        }
                        Content::Alias(name) => prop_assert_eq!(&text[event.start.byte + 1..event.end], name),
                        Content::Scalar { .. } => {}
                    }
                    prop_assert!(open >= 0 && (0..=1).contains(&documents));
                }
            }
        }
    }
}
