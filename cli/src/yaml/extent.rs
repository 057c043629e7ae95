//! Where nodes begin and end in the text. The event parser's marks are often a little off: before
//! an anchor, behind a comment, at the next token.

use super::node::Style;
use super::position::{Place, line_before};
use super::split::Chunk;
use std::borrow::Cow;

/// What YAML takes for white space; Unicode has more.
const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// The place behind an anchor and a tag, white space and comments.
pub(super) fn skip_properties(chunk: &Chunk, place: Place, end: usize, count: usize) -> Place {
    let text = chunk.text;
    let mut at = place.byte;
    for _ in 0..count {
        at += text[at..].find(SPACE).unwrap_or(text.len() - at);
        loop {
            at = text.len() - text[at..].trim_start_matches(SPACE).len();
            if !text[at..].starts_with('#') {
                break;
            }
            at += text[at..].find(['\n', '\r']).unwrap_or(text.len() - at);
        }
    }
    place.advance(chunk, at.min(end).max(place.byte))
}

/// Where a block sequence in a block mapping starts. The event of one that is not indented stands
/// behind its first dash.
pub(super) fn first_dash(chunk: &Chunk, place: Place, mapping_column: usize) -> Place {
    let (start, line) = line_before(chunk, place.byte);
    let indent = line.len() - line.trim_start_matches(' ').len();
    if indent + 1 == mapping_column && line[indent..].starts_with('-') {
        Place { byte: start + indent, line: place.line, column: indent + 1 }
    } else {
        place
    }
}

/// The place behind the last dash on the line.
pub(super) fn behind_dash(chunk: &Chunk, place: Place) -> Place {
    let (start, line) = line_before(chunk, place.byte);
    let line = line.split(" #").next().unwrap_or_default().trim_end_matches(SPACE);
    Place { byte: start + line.len(), line: place.line, column: line.chars().count() + 1 }
}

/// The first tab of what is before a place on its line, when that is only indentation.
pub(super) fn indenting_tab(chunk: &Chunk, place: Place) -> Option<Place> {
    let (start, line) = line_before(chunk, place.byte);
    let tab = line.find('\t').filter(|_| line.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'-' | b'?')))?;
    Some(Place { byte: start + tab, line: place.line, column: tab + 1 })
}

/// Where a block scalar starts, `|` or `>`: its event stands at the text behind.
pub(super) fn block_header(chunk: &Chunk, place: Place, last_end: usize) -> Place {
    let bytes = chunk.text.as_bytes();
    let mut at = last_end;
    while let Some(byte) = bytes.get(at).filter(|_| at < place.byte) {
        at += match byte {
            b'|' | b'>' => return place.retreat(chunk, at),
            b'#' => bytes[at..].iter().take_while(|byte| !matches!(byte, b'\n' | b'\r')).count(),
            _ => 1,
        };
    }
    place
}

/// Where brackets are closed: the end of a mapping with a comma behind its last entry stands at the comma.
pub(super) fn closing_bracket(text: &str, end: usize) -> usize {
    let mut at = end;
    while text[at..].starts_with([',', '#', ' ', '\t', '\n', '\r']) {
        at += match text.as_bytes()[at] {
            b'#' => text[at..].find(['\n', '\r']).unwrap_or(text.len() - at),
            _ => 1,
        };
    }
    if text[at..].starts_with('}') { at } else { end }
}

/// Where a scalar ends: the mark may be behind blanks and a comment.
pub(super) fn scalar_end(text: &str, style: Style, start: usize, end: usize) -> usize {
    let written = text.get(start..end).unwrap_or_default();
    let quote = match style {
        Style::Single => b'\'',
        Style::Double => b'"',
        _ => return start + written.trim_end_matches(SPACE).len(),
    };
    let bytes = written.as_bytes();
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        if byte == b'\\' && quote == b'"' {
            at += 1;
        } else if byte == quote {
            if quote == b'\'' && bytes.get(at) == Some(&quote) {
                at += 1;
            } else {
                break;
            }
        }
    }
    start + at.min(bytes.len())
}

/// Takes a scalar from the text itself where the parser's copy is the same, which is nearly
/// always: trees stay small, and cloning them costs little.
pub(super) fn borrow<'a>(chunk: &Chunk<'a>, text: Cow<str>, style: Style, start: usize, end: usize) -> Cow<'a, str> {
    let quotes = usize::from(matches!(style, Style::Single | Style::Double));
    match chunk.text.get(start + quotes..end.saturating_sub(quotes)) {
        Some(written) if written == text => Cow::Borrowed(written),
        _ => Cow::Owned(text.into_owned()),
    }
}
