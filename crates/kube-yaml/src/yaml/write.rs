//! Nodes to JSON text.

use super::node::{Node, Value};

impl Node<'_> {
    /// Appends the node as JSON, without whitespace.
    pub fn write_json(&self, out: &mut String) {
        match &self.value {
            Value::Null => out.push_str("null"),
            Value::Bool(true) => out.push_str("true"),
            Value::Bool(false) => out.push_str("false"),
            Value::Number(text) => out.push_str(text),
            Value::String(text) => write_json_string(text, out),
            Value::Sequence(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Value::Mapping(pairs) => {
                out.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    key.write_json(out);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// The node as JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }
}

/// Appends a text as a JSON string, quotes included.
pub fn write_json_string(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    let mut written = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[written..index]);
        written = index + 1;
        out.push('\\');
        match byte {
            b'\n' => out.push('n'),
            b'\t' => out.push('t'),
            b'\r' => out.push('r'),
            b'"' | b'\\' => out.push(char::from(byte)),
            _ => {
                out.push_str("u00");
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out.push_str(&text[written..]);
    out.push('"');
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_what_json_forbids() {
        let mut out = String::new();
        write_json_string("a\"b\\c\nd\te\u{1}é", &mut out);
        assert_eq!(out, r#""a\"b\\c\nd\te\u0001é""#);
    }

    proptest! {
        #[test]
        fn serde_reads_the_string_back(text in "\\PC*|[\\x00-\\x7f]*") {
            let mut out = String::new();
            write_json_string(&text, &mut out);
            prop_assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
