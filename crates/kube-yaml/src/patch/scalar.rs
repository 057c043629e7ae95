//! Strings as YAML scalars that stay strings.

use hardening::json::push_string;

use crate::yaml;

/// Whether a string may be written without quotes.
///
/// Stricter than Kubernetes' YAML asks for: what another reader (YAML 1.2, Python, Ruby) could take for
/// something else gets quotes too.
pub fn is_plain(text: &str, flow: bool) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let starts_well = match first {
        '-' => text[1..].starts_with(|next: char| next.is_alphanumeric() || next == '-') && !text.starts_with("---"),
        '.' => !text.starts_with("..."),
        _ => first.is_alphanumeric() || matches!(first, '/' | '_' | '$' | '('),
    };
    let fits = |character: char| match character {
        ' ' => true,
        ',' | '[' | ']' | '{' | '}' | ':' | '?' => !flow,
        _ => character.is_ascii_graphic() || character.is_alphanumeric(),
    };
    starts_well
        && text.chars().all(fits)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !looks_numeric(text)
        && yaml::is_string(text)
}

/// Versions, dates, times, addresses: digits with something between.
fn looks_numeric(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '.'))
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"-+:._TZ eExXoObB".contains(&byte))
}

/// A string in quotes: single ones if asked for and possible.
pub fn quoted(text: &str, single: bool) -> String {
    let odd = |character: char| {
        character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    if single && !text.contains(odd) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut json = String::new();
    push_string(&mut json, text);
    if !json.contains(odd) {
        return json;
    }
    let mut out = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        if odd(character) {
            out.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_where_it_stays_a_string() {
        for text in
            ["ALL", "RuntimeDefault", "/tmp", "tmp-0", "512Mi", "0.5Gi", "100m", "a b", "nginx:1.2", "--port=80"]
        {
            assert!(is_plain(text, false), "{text}");
        }
        for text in [
            "",
            "yes",
            "Off",
            "y",
            "null",
            "~",
            "0755",
            "1.0",
            "1e3",
            "0x1f",
            "1_000",
            ".5",
            ".inf",
            "- a",
            "-",
            "---",
            "...",
            "a: b",
            "a:",
            "a #b",
            "#a",
            " a",
            "a ",
            "&a",
            "*a",
            "!a",
            "%a",
            "@a",
            "`a",
            "'a",
            "\"a",
            "[a",
            "{a",
            "?",
            "|",
            ">",
            "a\nb",
            "a\tb",
            "2001-01-01",
            "1:30",
            "1.2.3",
            "=",
            "<<",
            "0o17",
            "\u{feff}a",
            "-1",
        ] {
            assert!(!is_plain(text, false), "{text}");
        }
        for text in ["a,b", "a]", "{a}", "nginx:1.2"] {
            assert!(!is_plain(text, true), "{text}");
        }
    }

    #[test]
    fn quotes() {
        assert_eq!(quoted("it's", false), "\"it's\"");
        assert_eq!(quoted("it's", true), "'it''s'");
        assert_eq!(quoted("a\n", true), "\"a\\n\"");
        assert_eq!(quoted("\u{7f}\u{85}\u{2028}\u{feff}", false), "\"\\u007f\\u0085\\u2028\\ufeff\"");
    }

    proptest! {
        #[test]
        fn every_string_reads_back(text in "\\PC{0,12}|[ -~]{0,8}|[\\x00-\\xff]{0,6}|[-+0-9._:eExyTZ]{0,6}", single: bool) {
            for flow in [false, true] {
                let written = if is_plain(&text, flow) { text.clone() } else { quoted(&text, single) };
                let document = if flow { format!("[{written}]") } else { format!("a: {written}\n") };
                let parsed = yaml::parse(&document);
                let step = if flow { yaml::Segment::Index(0) } else { yaml::Segment::Key("a".to_owned()) };
                let found = parsed.documents.first().and_then(|d| d.root.at(&[step])).and_then(|n| n.as_str());
                prop_assert_eq!(found, Some(text.as_str()), "{}", document);
            }
        }
    }
}
