//! Variables: `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}`.

use super::Variables;

/// Replaces the variables in `text`; an unknown one is empty, as the builder has it.
pub(super) fn expand(text: &str, variables: &Variables, escape: char) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', escape]) {
        out.push_str(&rest[..at]);
        let found = &rest[at..];
        if let Some(after) = found.strip_prefix(escape) {
            let mut chars = after.chars();
            match chars.next() {
                Some('$') => out.push('$'),
                Some(other) => out.extend([escape, other]),
                None => out.push(escape),
            }
            rest = chars.as_str();
            continue;
        }
        let (value, after) = variable(&found[1..], variables, escape);
        out.push_str(&value);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The value of the variable behind a `$`, and what follows it.
fn variable<'t>(text: &'t str, variables: &Variables, escape: char) -> (String, &'t str) {
    let lookup = |name: &str| variables.get(name).cloned().unwrap_or_default();
    if let Some(inner) = text.strip_prefix('{') {
        let Some(end) = closing(inner) else { return ("$".to_owned(), text) };
        let (inner, after) = (&inner[..end], &inner[end + 1..]);
        let name = &inner[..name_length(inner)];
        let (value, operation) = (lookup(name), &inner[name.len()..]);
        let is_set = |strict: bool| variables.contains_key(name) && (!strict || !value.is_empty());
        let replaced = match operation.split_at(operation.len().min(2)) {
            (":-", word) if !is_set(true) => expand(word, variables, escape),
            (":+", word) if is_set(true) => expand(word, variables, escape),
            (":+", _) => String::new(),
            (operation, _) if operation.starts_with('-') && !is_set(false) => {
                expand(&inner[name.len() + 1..], variables, escape)
            }
            (operation, _) if operation.starts_with('+') => {
                if is_set(false) {
                    expand(&inner[name.len() + 1..], variables, escape)
                } else {
                    String::new()
                }
            }
            _ => value.clone(),
        };
        return (replaced, after);
    }
    match name_length(text) {
        0 => ("$".to_owned(), text),
        length => (lookup(&text[..length]), &text[length..]),
    }
}

/// Where the `}` stands that closes a `${`, braces within skipped.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    let fits = |(at, c): (usize, char)| c == '_' || c.is_ascii_alphabetic() || (at > 0 && c.is_ascii_digit());
    text.char_indices().take_while(|pair| fits(*pair)).count()
}
