//! Trees as JSON text.

use crate::tree::Tree;

/// Writes a document; `indent` 0 puts it on one line.
pub(crate) fn json(tree: &Tree, indent: usize) -> String {
    let mut out = String::new();
    write(tree, indent, 0, &mut out);
    out.push('\n');
    out
}

fn write(tree: &Tree, indent: usize, level: usize, out: &mut String) {
    let entries: Vec<(Option<&str>, &Tree)> = match tree {
        Tree::Map(entries) => entries.iter().map(|(key, value)| (Some(key.as_str()), value)).collect(),
        Tree::List(items) => items.iter().map(|item| (None, item)).collect(),
        Tree::Word(word) => return out.push_str(word),
        Tree::Number(number) => return out.push_str(&number.to_string()),
        Tree::Text(text) | Tree::Lines(text) | Tree::Prose(text) => return string(text, out),
        Tree::Anchor(_, inner) => return write(inner, indent, level, out),
        // JSON has no aliases; what has some is not written as JSON.
        Tree::Alias(_) => return out.push_str("null"),
    };
    let (open, close) = if matches!(tree, Tree::Map(_)) { ('{', '}') } else { ('[', ']') };
    out.push(open);
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(indent, level + 1, out);
        if let Some(key) = key {
            string(key, out);
            out.push_str(if indent > 0 { ": " } else { ":" });
        }
        write(value, indent, level + 1, out);
    }
    if !entries.is_empty() {
        line(indent, level, out);
    }
    out.push(close);
}

fn line(indent: usize, level: usize, out: &mut String) {
    if indent > 0 {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * level));
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // As Go writes them.
            '<' | '>' | '&' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => out.push(character),
        }
    }
    out.push('"');
}
