//! Edits the text of a JSON object at field paths.
//!
//! Only the objects and lists on the way to an edit are written anew; every other value keeps its bytes,
//! so unknown fields, large numbers and the order of keys survive.

use serde_json::value::RawValue;

use crate::json::{self, elements, is_null, is_object, members, push_string};
use crate::path::{self, Segment};
use crate::violation::Edit;

/// Applies `edits` in their order to the JSON object `text`; gives the new text.
///
/// # Errors
/// An edit whose path does not fit the object: an index outside its list, a member of something that is
/// not an object. The message names the path.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, String> {
    let mut text = text.to_owned();
    for edit in edits {
        let (path, change) = match edit {
            Edit::Set { path, value } => (path, Change::Set(value)),
            Edit::Append { path, value } => (path, Change::Append(value)),
            Edit::Remove { path } => (path, Change::Remove),
        };
        let segments = path::parse(path).filter(|segments| !segments.is_empty());
        let segments = segments.ok_or_else(|| format!("{path} is not a field path"))?;
        let raw: &RawValue = json::raw(&text).map_err(|error| error.to_string())?;
        let mut out = String::with_capacity(text.len() + 64);
        rewrite(Some(raw), &segments, &change, &mut out).ok_or_else(|| format!("cannot edit the object at {path}"))?;
        text = out;
    }
    Ok(text)
}

enum Change<'a> {
    Set(&'a str),
    Append(&'a str),
    Remove,
}

/// Writes `raw` with the change at the end of `segments`; `None` if the path does not fit.
fn rewrite(raw: Option<&RawValue>, segments: &[Segment], change: &Change<'_>, out: &mut String) -> Option<()> {
    let raw = raw.filter(|raw| !is_null(raw));
    let Some((first, rest)) = segments.split_first() else {
        match change {
            Change::Set(value) => out.push_str(value),
            Change::Append(value) => {
                let items = raw.map_or(Some(Vec::new()), |raw| elements(raw).ok())?;
                out.push('[');
                for item in items {
                    out.push_str(item.get());
                    out.push(',');
                }
                out.push_str(value);
                out.push(']');
            }
            // Handled by the parent.
            Change::Remove => return None,
        }
        return Some(());
    };
    let removes = rest.is_empty() && matches!(change, Change::Remove);
    match first {
        Segment::Key(key) => {
            let fields = match raw {
                None => Vec::new(),
                Some(raw) if is_object(raw) => members(raw).ok()?.0,
                Some(_) => return None,
            };
            let mut comma = false;
            let mut write_key = |name: &str, out: &mut String| {
                out.push(if comma { ',' } else { '{' });
                comma = true;
                push_string(out, name);
                out.push(':');
            };
            let mut done = false;
            for (name, value) in fields {
                let here = *name == **key;
                if here && removes {
                    done = true;
                    continue;
                }
                write_key(&name, out);
                if here {
                    done = true;
                    rewrite(Some(value), rest, change, out)?;
                } else {
                    out.push_str(value.get());
                }
            }
            if !done && !removes {
                write_key(key, out);
                rewrite(None, rest, change, out)?;
            }
            out.push_str(if comma { "}" } else { "{}" });
        }
        Segment::Index(index) => {
            let items = elements(raw?).ok()?;
            items.get(*index)?;
            let mut comma = false;
            out.push('[');
            for (place, item) in items.into_iter().enumerate() {
                if place == *index && removes {
                    continue;
                }
                if comma {
                    out.push(',');
                }
                comma = true;
                if place == *index {
                    rewrite(Some(item), rest, change, out)?;
                } else {
                    out.push_str(item.get());
                }
            }
            out.push(']');
        }
    }
    Some(())
}

/// JSON list of strings.
pub(crate) fn list_of(texts: &[&str]) -> String {
    let mut out = String::from("[");
    for text in texts {
        if out.len() > 1 {
            out.push(',');
        }
        json::push_string(&mut out, text);
    }
    out.push(']');
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn set(path: &str, value: &str) -> Edit {
        Edit::Set { path: path.into(), value: value.into() }
    }

    #[test]
    fn editing() {
        let append = |path: &str, value: &str| Edit::Append { path: path.into(), value: value.into() };
        let remove = |path: &str| Edit::Remove { path: path.into() };
        for (text, edit, expected) in [
            (r#"{}"#, set("a.b", "1"), r#"{"a":{"b":1}}"#),
            (r#"{"a":null,"z":1.50}"#, set("a.b", "1"), r#"{"a":{"b":1},"z":1.50}"#),
            (
                r#"{"a":{"x":123456789012345678901234567890}}"#,
                set("a.b", "1"),
                r#"{"a":{"x":123456789012345678901234567890,"b":1}}"#,
            ),
            (r#"{"l":[{"n":1},{"n":2}]}"#, set("l[1].n", "true"), r#"{"l":[{"n":1},{"n":true}]}"#),
            (r#"{"l":[1]}"#, append("l", "2"), r#"{"l":[1,2]}"#),
            (r#"{"l":null}"#, append("l", "2"), r#"{"l":[2]}"#),
            (r#"{}"#, append("m.l", "2"), r#"{"m":{"l":[2]}}"#),
            (r#"{"l":[1,2,3]}"#, remove("l[1]"), r#"{"l":[1,3]}"#),
            (r#"{"l":[1]}"#, remove("l[0]"), r#"{"l":[]}"#),
            (r#"{"a":1,"b":2}"#, remove("a"), r#"{"b":2}"#),
            (r#"{"a":1}"#, remove("a"), r#"{}"#),
            (r#"{"k.x":{"a":1}}"#, set("[\"k.x\"].a", "2"), r#"{"k.x":{"a":2}}"#),
        ] {
            assert_eq!(apply(text, &[edit]).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn edits_that_do_not_fit_are_errors() {
        for (text, edit) in [
            (r#"{"l":[]}"#, set("l[0]", "1")),
            (r#"{"a":1}"#, set("a.b", "1")),
            (r#"{"a":{}}"#, set("a[0]", "1")),
            (r#"{}"#, set("", "1")),
        ] {
            assert!(apply(text, &[edit]).is_err(), "{text}");
        }
    }
}
