//! The content of brackets: parts and the commas after them.

use std::ops::Range;

use super::reason::Reason;
use super::text::{line_end, skip_blanks};

/// An entry or item between commas, and its comma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// From its first byte to behind its last, without comments around it.
    pub(super) range: Range<usize>,
    /// The comma behind it; the last one seldom has one.
    pub(super) comma: Option<usize>,
}

/// The parts of a collection in brackets.
///
/// # Errors
/// A text that is no such collection.
pub(super) fn parts(text: &str, span: Range<usize>) -> Result<Vec<Part>, Reason> {
    let inside = &text[span.clone()];
    let closed =
        (inside.starts_with('{') && inside.ends_with('}')) || (inside.starts_with('[') && inside.ends_with(']'));
    if !closed || span.len() < 2 {
        return Err(Reason::Layout);
    }
    let mut scan =
        Scan { text, at: span.start + 1, end: span.end - 1, depth: 0, fresh: true, open: None, parts: Vec::new() };
    scan.run();
    if scan.depth != 0 {
        return Err(Reason::Layout);
    }
    scan.finish(None);
    Ok(scan.parts)
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    depth: usize,
    /// A scalar may start here, so a quote opens one.
    fresh: bool,
    open: Option<Range<usize>>,
    parts: Vec<Part>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        // Whether what is before ends a token, so that `#` starts a comment.
        let mut apart = true;
        while self.at < self.end {
            let byte = bytes[self.at];
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    self.at += 1;
                    apart = true;
                    continue;
                }
                b'#' if apart => {
                    self.at = line_end(self.text, self.at);
                    continue;
                }
                b',' if self.depth == 0 => {
                    self.finish(Some(self.at));
                    self.at += 1;
                    self.fresh = true;
                    apart = false;
                    continue;
                }
                _ => {}
            }
            let start = self.at;
            apart = false;
            match byte {
                b'"' | b'\'' if self.fresh => {
                    self.skip_quoted(byte);
                    (self.fresh, apart) = (false, true);
                }
                b'[' | b'{' => {
                    self.depth += 1;
                    self.at += 1;
                    self.fresh = true;
                }
                b']' | b'}' => {
                    self.depth = self.depth.saturating_sub(1);
                    self.at += 1;
                    (self.fresh, apart) = (false, true);
                }
                b'&' | b'!' | b'*' if self.fresh => self.skip_word(),
                b',' | b':' => {
                    self.at += 1;
                    let quoted_before = start > 0 && matches!(bytes[start - 1], b'"' | b'\'' | b']' | b'}');
                    self.fresh = byte == b',' || quoted_before || skip_blanks(self.text, self.at) > self.at;
                    self.fresh |= self.text[self.at..].starts_with(['\n', '\r']);
                }
                b'?' | b'-' if self.fresh && skip_blanks(self.text, self.at + 1) > self.at + 1 => self.at += 1,
                _ => {
                    self.at += 1;
                    self.fresh = false;
                }
            }
            self.at = self.at.min(self.end);
            let from = self.open.as_ref().map_or(start, |open| open.start);
            self.open = Some(from..self.at);
        }
    }

    fn skip_word(&mut self) {
        let rest = &self.text[self.at..self.end];
        self.at += rest.find([' ', '\t', '\n', '\r', ',', '[', ']', '{', '}']).unwrap_or(rest.len());
    }

    fn skip_quoted(&mut self, quote: u8) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            if byte == b'\\' && quote == b'"' {
                self.at += 1;
            } else if byte == quote {
                if quote == b'\'' && bytes.get(self.at) == Some(&quote) {
                    self.at += 1;
                } else {
                    break;
                }
            }
        }
    }

    fn finish(&mut self, comma: Option<usize>) {
        if let Some(range) = self.open.take() {
            self.parts.push(Part { range, comma });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_commas() {
        let table: [(&str, &[&str], usize); 11] = [
            ("[a, b]", &["a", "b"], 1),
            ("{a: b, \"c\":\"d,\"}", &["a: b", "\"c\":\"d,\""], 1),
            ("[a, b,]", &["a", "b"], 2),
            ("[]", &[], 0),
            ("{ # c, d\n}", &[], 0),
            ("[ # x\n  it's, 'it''s, ]', # y, z\n  \"a\\\", b\" # w\n]", &["it's", "'it''s, ]'", "\"a\\\", b\""], 2),
            ("{a: [b, {c: d}], e: {}}", &["a: [b, {c: d}]", "e: {}"], 1),
            ("[a#b, &x 'c,', *x, !!str \"d\"]", &["a#b", "&x 'c,'", "*x", "!!str \"d\""], 3),
            ("{? 'a,' : b, c}", &["? 'a,' : b", "c"], 1),
            ("[{\"a\":'b}'},'c']", &["{\"a\":'b}'}", "'c'"], 1),
            ("[a\n  b, 'c'#d, e\n]", &["a\n  b", "'c'"], 1),
        ];
        for (text, want, commas) in table {
            let found = parts(text, 0..text.len()).unwrap();
            let texts: Vec<&str> = found.iter().map(|part| &text[part.range.clone()]).collect();
            assert_eq!(texts, want, "{text}");
            assert_eq!(found.iter().filter(|part| part.comma.is_some()).count(), commas, "{text}");
        }
        assert!(parts("a: b", 0..4).is_err());
    }
}
