//! Text of manifests inside reports: a name or a value must never end what it stands in.

use std::fmt::Write;

/// One line for a terminal: control characters, which could move the cursor or hide text, are spelled out.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// Control characters, and those that turn the direction of the text round.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text or an attribute of HTML and XML. What XML 1.0 cannot hold is replaced.
pub(crate) fn markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\r' => out.push_str("&#13;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// An attribute of XML: its line breaks would be read as spaces.
pub(crate) fn attribute(text: &str) -> String {
    markup(text).replace('\n', "&#10;").replace('\t', "&#9;")
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
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_what_it_stands_in() {
        assert_eq!(one_line("a\u{1b}[31mb\nc\u{202e}"), "a\\u{1b}[31mb\\nc\\u{202e}");
        assert_eq!(
            markup("<script>\"'&\u{0}\u{1b}é\u{ffff}"),
            "&lt;script&gt;&quot;&#39;&amp;\u{fffd}\u{fffd}é\u{fffd}"
        );
        assert_eq!(attribute("a\n\tb\r"), "a&#10;&#9;b&#13;");
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
