//! How texts are written: as JSON strings, and as members of a field path.

/// Appends the member `key` to `path`, quoted in brackets when it is not a plain identifier.
pub fn push_key(path: &mut String, key: &str) {
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        path.push('[');
        push_string(path, key);
        path.push(']');
    }
}

/// Appends `text` to `out` as a JSON string.
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    push_escaped(out, text);
    out.push('"');
}

/// Appends `text` to `out` as a part of a JSON string.
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    push_with(out, text, push_escape);
}

/// Appends `text` to `out` as a part of a JSON string that is itself a part of a JSON string.
pub(crate) fn push_escaped_twice(out: &mut String, text: &str) {
    push_with(out, text, |out, byte| {
        let mut escape = String::new();
        push_escape(&mut escape, byte);
        push_escaped(out, &escape);
    });
}

/// Appends `text`, with what `escape` makes of each byte that JSON wants escaped.
fn push_with(out: &mut String, text: &str, escape: fn(&mut String, u8)) {
    let mut rest = text;
    loop {
        let plain = plain_prefix(rest.as_bytes());
        out.push_str(&rest[..plain]);
        let Some(byte) = rest.as_bytes().get(plain) else { return };
        escape(out, *byte);
        rest = &rest[plain + 1..];
    }
}

/// How many bytes at the front of `bytes` a JSON string holds as they are.
fn plain_prefix(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Eight at a time: the high bit of each byte that is below `limit`.
    let below = |word: u64, limit: u64| word.wrapping_sub(ONES * limit) & !word & HIGH;
    let is_plain = |word: u64| {
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        below(word, 0x20) | quote | backslash == 0
    };
    let (words, _) = bytes.as_chunks();
    let start = 8 * words.iter().take_while(|word| is_plain(u64::from_ne_bytes(**word))).count();
    let is_special = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    bytes[start..].iter().position(is_special).map_or(bytes.len(), |at| start + at)
}

/// Appends the escape of a quote, a backslash or a control character.
fn push_escape(out: &mut String, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('\\');
    match byte {
        b'"' | b'\\' => out.push(byte as char),
        b'\n' => out.push('n'),
        b'\r' => out.push('r'),
        b'\t' => out.push('t'),
        _ => {
            out.push_str("u00");
            out.push(HEX[usize::from(byte >> 4)] as char);
            out.push(HEX[usize::from(byte & 15)] as char);
        }
    }
}

/// `text` as a JSON string.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text);
    out
}
