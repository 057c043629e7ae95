//! JSON text of an object with one bad field, in disguises that change nothing for Kubernetes or that it refuses.

use serde_json::Value;

use super::good::Step;
use super::pods::Dice;
use super::ways::UNSET;

/// How one step on the way to the bad field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Veil {
    /// As everybody does.
    Plain,
    /// The key at this depth with an escape.
    Escaped(usize),
    /// The member at this depth twice, once as it should be.
    Twice { depth: usize, bad_first: bool },
    /// The element at this depth in a list of its own.
    Nested(usize),
    /// `null` before the element at this depth.
    AfterNull(usize),
}

impl Veil {
    /// A veil that fits the path.
    pub(crate) fn any(dice: &mut Dice, path: &[Step]) -> Veil {
        let depth = dice.below(path.len());
        match (dice.below(8), path[depth]) {
            (0, Step::Key(_)) => Veil::Escaped(depth),
            (1 | 2, Step::Key(_)) => Veil::Twice { depth, bad_first: dice.below(2) == 0 },
            (0 | 1, Step::At(_)) => Veil::Nested(depth),
            (2, Step::At(_)) => Veil::AfterNull(depth),
            _ => Veil::Plain,
        }
    }
}

/// The text of `object`, where `bad` (JSON, or [`UNSET`]) stands at `path`, wearing `veil`.
pub(crate) fn render(object: &Value, path: &[Step], bad: &str, veil: Veil) -> String {
    let mut out = String::new();
    Writer { bad, veil }.write(object, path, 0, &mut out);
    out
}

struct Writer<'w> {
    bad: &'w str,
    veil: Veil,
}

impl Writer<'_> {
    fn write(&self, value: &Value, path: &[Step], depth: usize, out: &mut String) {
        match path.split_first() {
            None => out.push_str(self.bad),
            Some((Step::Key(key), rest)) => self.object(value, key, rest, depth, out),
            Some((Step::At(at), rest)) => {
                out.push('[');
                for (index, item) in value.as_array().unwrap().iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    if index != *at {
                        out.push_str(&item.to_string());
                        continue;
                    }
                    let (before, after) = match self.veil {
                        Veil::Nested(here) if here == depth => ("[", "]"),
                        Veil::AfterNull(here) if here == depth => ("null,", ""),
                        _ => ("", ""),
                    };
                    out.push_str(before);
                    self.write(item, rest, depth + 1, out);
                    out.push_str(after);
                }
                out.push(']');
            }
        }
    }

    fn object(&self, value: &Value, key: &str, rest: &[Step], depth: usize, out: &mut String) {
        let mut members: Vec<String> = Vec::new();
        let is_leaf = rest.is_empty();
        let old = value.get(key);
        for (name, member) in value.as_object().into_iter().flatten() {
            if name != key {
                members.push(format!("{}:{member}", Value::from(name.as_str())));
            }
        }
        if !(is_leaf && self.bad == UNSET) {
            let written = match self.veil {
                Veil::Escaped(here) if here == depth => escaped(key),
                _ => Value::from(key).to_string(),
            };
            let mut bad = format!("{written}:");
            self.write(old.unwrap_or(&Value::Null), rest, depth + 1, &mut bad);
            members.push(bad);
            if let (Veil::Twice { depth: here, bad_first }, Some(good)) = (self.veil, old)
                && here == depth
            {
                let good = format!("{}:{good}", Value::from(key));
                members.insert(members.len() - usize::from(!bad_first), good);
            }
        }
        out.push('{');
        out.push_str(&members.join(","));
        out.push('}');
    }
}

/// The key with its first letter as an escape.
fn escaped(key: &str) -> String {
    let first = key.chars().next().unwrap();
    format!("\"\\u{:04x}{}\"", u32::from(first), &key[first.len_utf8()..])
}

/// Other ways to write the bad value, and values of the wrong type in its place.
pub(crate) fn variants(bad: &str) -> Vec<String> {
    let wrong: &[&str] = match bad.as_bytes().first() {
        None => &["null"],
        Some(b't' | b'f') => &[r#""true""#, r#""false""#, "1", "0", "[]", "{}", "[true]", "[false]", r#""""#],
        Some(b'{') => &[r#""x""#, "1", "true", "[]", "[{}]", "[[]]"],
        Some(b'[') => &["{}", r#""x""#, "1", "true", "[[]]", r#"{"0":{}}"#],
        Some(b'"') => &["1", "true", "[]", r#"["x"]"#, "{}"],
        Some(_) => &[r#""0""#, r#""10001""#, "true", "[]", "[0]", "{}", "1.5", "99999999999999999999", "1e99"],
    };
    let forms: Vec<String> = match bad {
        "0" => ["0", "-0", "0.0", "-0.0", "0e0", "0E+5", "0.0e-3"].map(str::to_owned).to_vec(),
        number if number.parse::<i64>().is_ok() => {
            vec![number.to_owned(), format!("{number}.0"), format!("{number}e0")]
        }
        other => vec![other.to_owned()],
    };
    forms.into_iter().chain(wrong.iter().map(|wrong| (*wrong).to_owned())).collect()
}
