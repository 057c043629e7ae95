//! Escapes text for frames, URIs and JSON, so that it cannot end what it stands in; HTML and XML are escaped by `maud`
//! and `quick-junit`, which write them.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use lint::escape::{is_command, is_hidden, spell};

/// Several lines of a text, for a frame: all but line breaks and tabs as in [`lint::escape::one_line`]. Gives also where each of
/// the `places` (bytes of `text`, ascending) is in the result.
pub(super) fn lines<const N: usize>(text: &str, places: [usize; N]) -> (String, [usize; N]) {
    let mut out = String::with_capacity(text.len());
    let mut moved = [0; N];
    let mut next = 0;
    for (at, c) in text.char_indices() {
        while next < N && places[next] <= at {
            moved[next] = out.len();
            next += 1;
        }
        match c {
            '\n' | '\t' => out.push(c),
            '\r' if text[at..].starts_with("\r\n") => {}
            c if is_hidden(c) || is_command(&text[at..]) => spell(c, &mut out),
            c => out.push(c),
        }
    }
    moved[next..].fill(out.len());
    (out, moved)
}

/// Several lines of a text, in which a terminal, a log or its reader sees everything and acts on nothing.
pub(crate) fn visible(text: &str) -> String {
    lines(text, []).0
}

/// Writes a value as indented JSON in which nothing is hidden: strings mean the same, but hold only escapes of the
/// characters that a terminal or a CI service would act on.
///
/// # Errors
/// Fails if `out` cannot be written.
pub(crate) fn write_json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    let json = serde_json::to_string_pretty(value)?;
    let mut text = String::with_capacity(json.len() + 1);
    // Outside of strings JSON has no such characters but line breaks and tabs.
    for (at, c) in json.char_indices() {
        if (is_hidden(c) && !matches!(c, '\n' | '\r' | '\t')) || is_command(&json[at..]) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text.push('\n');
    out.write_all(text.as_bytes())
}

/// A path as a URI reference, RFC 3986: relative as it is, absolute as a `file` URI.
pub(super) fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_text_of_a_frame() {
        let text = "a\u{202e}: b\r\n\tc: \u{1b}d # ##[group]";
        let at = |part: &str| text.find(part).unwrap();
        let (shown, [colon, c, end]) = lines(text, [at(": b"), at("c:"), text.len()]);
        assert_eq!(shown, "a\\u{202e}: b\n\tc: \\u{1b}d # \\u{23}#[group]");
        assert!(shown[colon..].starts_with(": b") && shown[c..].starts_with("c:") && end == shown.len());
    }

    #[test]
    fn json_hides_nothing_and_means_the_same() {
        let value = serde_json::json!({"a\u{7f}": ["\u{9b}\u{202e}\u{e0001}\n##[x", "é"]});
        let mut out = Vec::new();
        write_json(&mut out, &value).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(|c| is_hidden(c) && c != '\n') && !text.contains("##["), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("./a b/c:d.yaml", "a%20b/c%3Ad.yaml"),
            ("/tmp/é.yaml", "file:///tmp/%C3%A9.yaml"),
            ("<stdin>", "%3Cstdin%3E"),
            ("../100%.yaml", "../100%25.yaml"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
