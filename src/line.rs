//! Text that others wrote, as part of one line of bounded length.

/// Appends `text` to a line: at most `limit` bytes of it, with `…` for the rest, and with `�` for characters that would
/// end the line or turn the direction of what follows.
#[inline(never)]
pub fn push(out: &mut String, text: &str, limit: usize) {
    let shown = start(text, limit);
    // Nearly every text is plain, and is copied as a whole.
    if shown.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push_str(shown);
    } else {
        out.extend(shown.chars().map(|c| if is_harmless(c) { c } else { char::REPLACEMENT_CHARACTER }));
    }
    if shown.len() < text.len() {
        out.push('…');
    }
}

/// As much of the start of `text` as fits into `limit` bytes.
fn start(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Neither a control character, nor the end of a line or paragraph, nor a mark of direction.
fn is_harmless(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, limit: usize) -> String {
        let mut out = String::new();
        push(&mut out, text, limit);
        out
    }

    #[test]
    fn one_line_of_bounded_length() {
        for (text, limit, expected) in [
            ("", 0, ""),
            ("plain", 5, "plain"),
            ("plain", 4, "plai…"),
            ("é", 1, "…"),
            ("Grüße, 世界", 99, "Grüße, 世界"),
            ("a\nb\r\u{b}\u{c}", 99, "a�b���"),
            ("\u{85}\u{2028}\u{2029}", 99, "���"),
            ("\u{1b}[31m\u{9b}\u{7f}", 99, "�[31m��"),
            ("\u{202e}\u{2066}\u{200f}", 99, "���"),
        ] {
            assert_eq!(line(text, limit), expected, "{text:?} {limit}");
        }
    }

    #[test]
    fn nothing_ends_the_line() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| c.is_control()) {
            assert!(!line(&c.to_string(), 9).contains(c), "{c:?}");
        }
    }
}
