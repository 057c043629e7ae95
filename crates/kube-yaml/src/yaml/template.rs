//! Telling a Helm template that nobody has rendered from a broken manifest.

use super::node::{Node, Value};
use memchr::memmem;

/// Whether a text holds Go template actions (`{{ .Values.image }}`) outside of quotes and
/// comments. Useful for a text that could not be read: a quoted action is ordinary YAML.
pub fn looks_templated(text: &str) -> bool {
    let (mut line, mut before) = (0, Before::default());
    actions(text).any(|(at, inner)| {
        if let Some(last) = text[line..at].rfind('\n') {
            (line, before) = (line + last + 1, Before::default());
        }
        before.read(&text[line..at]);
        line = at;
        before.is_bare() && is_action(inner)
    })
}

/// Everything between `{{` and the next `}}`, and where the first of them is.
fn actions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut ends = memmem::find_iter(bytes, b"}}").peekable();
    memmem::find_iter(bytes, b"{{").map_while(move |at| {
        while ends.next_if(|end| *end < at + 2).is_some() {}
        ends.peek().map(|end| (at, &text[at + 2..*end]))
    })
}

/// The text before an action on its line.
#[derive(Default)]
struct Before {
    quote: Option<u8>,
    previous: Option<u8>,
    comment: bool,
}

impl Before {
    /// More of the line.
    fn read(&mut self, text: &str) {
        for byte in text.bytes() {
            let starts = |signs: &[u8]| self.previous.is_none_or(|previous| signs.contains(&previous));
            match self.quote {
                Some(open) if byte == open && self.previous != Some(b'\\') => self.quote = None,
                Some(_) => {}
                None if byte == b'#' && starts(b" \t") => self.comment = true,
                // A quote inside a word is a letter like any other.
                None if matches!(byte, b'"' | b'\'') && starts(b" \t[{,:(") => self.quote = Some(byte),
                None => {}
            }
            self.previous = Some(byte);
        }
    }

    /// Whether it leaves no comment and no quote open.
    fn is_bare(&self) -> bool {
        self.quote.is_none() && !self.comment
    }
}

/// Whether this, between `{{` and `}}`, is a template action and not a flow mapping.
fn is_action(inner: &str) -> bool {
    let inner = inner.strip_prefix('-').unwrap_or(inner).trim_start();
    match inner.bytes().next() {
        Some(b'.' | b'$' | b'/' | b'(' | b'"' | b'`') => true,
        Some(first) if first.is_ascii_alphabetic() => {
            let word = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            // `{{a: b}: c}` is a mapping with a mapping as its key.
            !inner[word..].starts_with([':', ','])
        }
        _ => false,
    }
}

/// The keywords that start, divide or end a region of a template.
const CONTROL: [&str; 7] = ["if", "else", "end", "range", "with", "define", "block"];

fn is_control(inner: &str) -> bool {
    let text = inner.strip_prefix('-').unwrap_or(inner).trim_start();
    let word = text.split(|letter: char| !letter.is_ascii_alphabetic()).next();
    word.is_some_and(|word| CONTROL.contains(&word)) && is_action(inner)
}

/// Where a comment of a readable document controls a template, as `# {{- if .Values.on }}` does: to the
/// template engine comments are text like any other, so what stands below may not always be there.
pub fn control_in_comment(text: &str, document: &Node<'_>) -> Option<usize> {
    let mut controls = actions(text).filter(|(_, inner)| is_control(inner)).map(|(at, _)| at).peekable();
    let mut line_end = 0;
    while let Some(mut last) = controls.next() {
        // What was looked at is left out: no line is read twice.
        let start = text[line_end..last].rfind(['\n', '\r']).map_or(line_end, |found| line_end + found + 1);
        line_end = text[last..].find(['\n', '\r']).map_or(text.len(), |found| last + found);
        while let Some(next) = controls.next_if(|next| *next < line_end) {
            last = next;
        }
        let opens = |sign: &usize| *sign == start || text[..*sign].ends_with([' ', '\t']);
        let mut signs = text[start..last].match_indices('#').map(|(sign, _)| start + sign);
        if let Some(sign) = signs.find(|sign| opens(sign) && !is_in_scalar(document, *sign)) {
            return Some(sign);
        }
    }
    None
}

/// Whether a byte is part of a scalar that is written in the document.
fn is_in_scalar(node: &Node<'_>, at: usize) -> bool {
    if node.aliased || !node.span.range().contains(&at) {
        return false;
    }
    match &node.value {
        Value::Sequence(items) => items.iter().any(|item| is_in_scalar(item, at)),
        Value::Mapping(pairs) => pairs.iter().any(|(key, value)| is_in_scalar(key, at) || is_in_scalar(value, at)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_actions() {
        for text in [
            "image: {{ .Values.image }}",
            "{{- if .Values.enabled }}\na: 1\n{{- end }}\n",
            "a:\n  {{- toYaml .Values.x | nindent 2 }}\n",
            "{{/* a comment */}}\n",
            "a: {{$x}}",
            "a: {{ include \"chart.name\" . }}",
            "a: \"b\" {{ end }}",
            "a: {{ (index .Values.list 0).name }}",
            "it's: {{ .x }}",
            "a: 'it''s' {{ .x }}",
            "a: x{{ .x }}",
            "{{ if\n .x }}",
        ] {
            assert!(looks_templated(text), "{text}");
        }
    }

    #[test]
    fn comments_that_control() {
        let table = [
            ("a: 1\n# {{- if .Values.on }}\nb: 2\n# {{- end }}\n", Some(2)),
            ("a: 1 # {{ end }}\n", Some(1)),
            ("a: \"b\" # {{ .Values.b }}\n", None),
            ("a: \"# {{ if .x }}\"\nb: it#s\n", None),
            ("a: |\n  # {{ if .x }}\n  c\n", None),
            ("# iffy {{ if: x }}\na: 1\n", None),
            ("# {{ endless }}\na: 1\n", None),
        ];
        for (text, line) in table {
            let parsed = super::super::parse(text);
            let found = control_in_comment(text, &parsed.documents[0].root);
            assert_eq!(found.map(|at| text[..at].matches('\n').count() + 1), line, "{text}");
        }
    }

    #[test]
    fn leaves_yaml_alone() {
        for text in [
            "",
            "a: b",
            "a: \"{{ .Values.image }}\"",
            "a: '{{ .Values.image }}'",
            "# {{ .Values.image }}",
            "a: b # {{ .x }}",
            "a: {{b: c}: d}",
            "a: {{b: c}}",
            "a: {{",
            "a: {{}}",
            "a: {{1}}",
        ] {
            assert!(!looks_templated(text), "{text}");
        }
    }
}
