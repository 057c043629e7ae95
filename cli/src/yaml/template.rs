//! Telling a Helm template that nobody has rendered from a broken manifest.

use super::node::{Node, Value};

/// Whether a text holds Go template actions (`{{ .Values.image }}`) outside of quotes and
/// comments. Useful for a text that could not be read: a quoted action is ordinary YAML.
pub fn looks_templated(text: &str) -> bool {
    let mut rest = text;
    while let Some(index) = rest.find("{{") {
        let line_start = rest[..index].rfind('\n').map_or(0, |newline| newline + 1);
        if is_bare(&rest[line_start..index]) && is_action(&rest[index + 2..]) {
            return true;
        }
        rest = &rest[index + 2..];
    }
    false
}

/// Whether what stands before on the same line leaves no comment and no quote open.
fn is_bare(before: &str) -> bool {
    let mut quote = None;
    let mut previous = b' ';
    for byte in before.bytes() {
        match quote {
            Some(open) if byte == open && previous != b'\\' => quote = None,
            Some(_) => {}
            None if byte == b'#' && matches!(previous, b' ' | b'\t') => return false,
            // A quote inside a word is a letter like any other.
            None if matches!(byte, b'"' | b'\'')
                && matches!(previous, b' ' | b'\t' | b'[' | b'{' | b',' | b':' | b'(') =>
            {
                quote = Some(byte);
            }
            None => {}
        }
        previous = byte;
    }
    quote.is_none()
}

/// Whether this, behind `{{`, is the rest of a template action and not of a flow mapping.
fn is_action(text: &str) -> bool {
    let Some(end) = text.find("}}") else {
        return false;
    };
    let inner = &text[..end];
    let inner = inner.strip_prefix('-').unwrap_or(inner).trim_start();
    let inner = inner.trim_end_matches('-').trim_end();
    match inner.bytes().next() {
        None => false,
        Some(b'.' | b'$' | b'/' | b'(' | b'"' | b'`') => true,
        Some(first) if first.is_ascii_alphabetic() => {
            let word = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
            // `{{a: b}: c}` is a mapping with a mapping as its key.
            !inner[word..].starts_with([':', ','])
        }
        Some(_) => false,
    }
}

/// What starts, parts or ends a region of a template.
const CONTROL: [&str; 7] = ["if", "else", "end", "range", "with", "define", "block"];

/// Where a comment of a readable document controls a template, as `# {{- if .Values.on }}` does: to the
/// template engine comments are text like any other, so what stands below may not always be there.
pub fn control_in_comment(text: &str, document: &Node<'_>) -> Option<usize> {
    let mut actions = text.match_indices("{{").filter(|(at, _)| {
        let inner = text[at + 2..].strip_prefix('-').unwrap_or(&text[at + 2..]).trim_start();
        let word = inner.split(|letter: char| !letter.is_ascii_alphabetic()).next();
        word.is_some_and(|word| CONTROL.contains(&word)) && is_action(&text[at + 2..])
    });
    actions.find_map(|(at, _)| {
        let start = text[..at].rfind(['\n', '\r']).map_or(0, |found| found + 1);
        let mut signs = text[start..at].match_indices('#').map(|(sign, _)| start + sign);
        let opens = |sign: &usize| text[start..*sign].is_empty() || text[..*sign].ends_with([' ', '\t']);
        signs.find(|sign| opens(sign) && !is_in_scalar(document, *sign))
    })
}

/// Whether a byte is part of a scalar that is written in the document.
fn is_in_scalar(node: &Node<'_>, at: usize) -> bool {
    match &node.value {
        _ if node.aliased => false,
        Value::Sequence(items) => items.iter().any(|item| is_in_scalar(item, at)),
        Value::Mapping(pairs) => pairs.iter().any(|(key, value)| is_in_scalar(key, at) || is_in_scalar(value, at)),
        _ => node.span.range().contains(&at),
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
