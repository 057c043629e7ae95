//! Edits the text of a JSON object at field paths.
//!
//! Only the objects and lists on the way to an edit are written anew; every other value keeps its bytes,
//! so unknown fields, large numbers and the order of keys survive.

use serde_json::value::RawValue;

use crate::json::{self, elements, is_null, is_object, members, push_string};
use crate::path::{self, Segment};
use crate::unjudged::Unjudged;
use crate::violation::Edit;

/// Applies `edits` to the JSON object `text` in one pass; gives the new text.
///
/// Indices are those of `text`, whatever an edit removes. Of two edits of one field the later wins. A list whose
/// last element is removed goes with it.
///
/// # Errors
/// An edit whose path does not fit the object: an index outside its list, a member of something that is
/// not an object. The message names the path.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, Unjudged> {
    let mut changes = Changes::default();
    for edit in edits {
        let (Edit::Set { path, .. } | Edit::Append { path, .. } | Edit::Remove { path }) = edit;
        let segments = path::parse(path).filter(|segments| !segments.is_empty());
        let segments = segments.ok_or_else(|| format!("{path} is not a field path"))?;
        let place = segments.into_iter().fold(&mut changes, Changes::below);
        match edit {
            Edit::Set { value, .. } => *place = Changes { value: Some(value), ..Changes::default() },
            Edit::Append { value, .. } => place.appended.push(value),
            Edit::Remove { .. } => *place = Changes { removed: true, ..Changes::default() },
        }
    }
    let raw = json::raw(text).map_err(|error| error.to_string())?;
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    changes.rewrite(Some(raw), &mut out).map_err(|Misfit(path)| format!("cannot edit the object at {path}"))?;
    Ok(out)
}

/// The changes at one path of the object and below it.
#[derive(Default)]
struct Changes<'e> {
    value: Option<&'e str>,
    removed: bool,
    appended: Vec<&'e str>,
    /// The changes in members and elements, sorted. A sorted list is a fraction of a `BTreeMap`'s code, and edits
    /// come in nearly this order.
    below: Vec<(Segment, Changes<'e>)>,
}

impl<'e> Changes<'e> {
    /// The changes at one step below, for more of them.
    fn below(&mut self, step: Segment) -> &mut Changes<'e> {
        let at = self.below.binary_search_by(|(known, _)| known.cmp(&step)).unwrap_or_else(|at| {
            self.below.insert(at, (step, Changes::default()));
            at
        });
        &mut self.below[at].1
    }

    /// The changes at one step below, if there are any.
    fn at(&self, step: &Segment) -> Option<&Changes<'e>> {
        let at = self.below.binary_search_by(|(known, _)| known.cmp(step)).ok()?;
        Some(&self.below[at].1)
    }

    /// Writes `raw` with the changes.
    ///
    /// # Errors
    /// The path, from here, that does not fit.
    fn rewrite(&self, raw: Option<&RawValue>, out: &mut String) -> Result<(), Misfit> {
        let raw = match self.value {
            Some(value) => Some(json::raw(value).map_err(|_| Misfit::default())?),
            None => raw,
        };
        let is_plain = self.below.is_empty() && self.appended.is_empty();
        match (raw.filter(|raw| !is_null(raw)), self.below.first().map(|(step, _)| step)) {
            (raw, _) if is_plain => out.push_str(raw.map_or("null", RawValue::get)),
            (None, Some(Segment::Key(_))) => self.rewrite_object(Vec::new(), out)?,
            (Some(raw), Some(Segment::Key(_))) if is_object(raw) => {
                self.rewrite_object(members(raw).map_err(|_| Misfit::default())?.0, out)?;
            }
            (None, _) => self.rewrite_list(&[], out)?,
            (Some(raw), _) => self.rewrite_list(&elements(raw).map_err(|_| Misfit::default())?, out)?,
        }
        Ok(())
    }

    fn rewrite_object(&self, fields: Vec<(json::Text<'_>, &RawValue)>, out: &mut String) -> Result<(), Misfit> {
        let start = out.len();
        let write_key = |name: &str, out: &mut String| {
            out.push(if out.len() == start { '{' } else { ',' });
            push_string(out, name);
            out.push(':');
        };
        for (name, value) in &fields {
            let change = self.at(&Segment::Key(name.to_string()));
            if change.is_some_and(|change| change.removed) {
                continue;
            }
            let before = out.len();
            write_key(name, out);
            let Some(change) = change else {
                out.push_str(value.get());
                continue;
            };
            change.rewrite(Some(value), out).map_err(|misfit| misfit.below(name))?;
            // A list that has lost its last element goes with it.
            if !change.below.is_empty() && out.ends_with(":[]") {
                out.truncate(before);
            }
        }
        for (step, change) in &self.below {
            let Segment::Key(key) = step else { return Err(Misfit::default()) };
            if !change.removed && !fields.iter().any(|(name, _)| **name == **key) {
                write_key(key, out);
                change.rewrite(None, out).map_err(|misfit| misfit.below(key))?;
            }
        }
        out.push_str(if out.len() == start { "{}" } else { "}" });
        Ok(())
    }

    fn rewrite_list(&self, items: &[&RawValue], out: &mut String) -> Result<(), Misfit> {
        for (step, _) in &self.below {
            match step {
                Segment::Index(index) if *index < items.len() => {}
                Segment::Index(index) => return Err(Misfit(format!("[{index}]"))),
                Segment::Key(_) => return Err(Misfit::default()),
            }
        }
        out.push('[');
        let start = out.len();
        let separate = |out: &mut String| {
            if out.len() > start {
                out.push(',');
            }
        };
        for (index, item) in items.iter().enumerate() {
            match self.at(&Segment::Index(index)) {
                Some(change) if change.removed => {}
                Some(change) => {
                    separate(out);
                    change.rewrite(Some(item), out).map_err(|Misfit(path)| Misfit(format!("[{index}]{path}")))?;
                }
                None => {
                    separate(out);
                    out.push_str(item.get());
                }
            }
        }
        for value in &self.appended {
            separate(out);
            out.push_str(value);
        }
        out.push(']');
        Ok(())
    }
}

/// The path, from where it is found, that does not fit the object.
#[derive(Default)]
struct Misfit(String);

impl Misfit {
    fn below(self, key: &str) -> Misfit {
        let Misfit(path) = self;
        Misfit([key, if path.is_empty() || path.starts_with('[') { "" } else { "." }, &path].concat())
    }
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
            (r#"{"l":[1],"m":2}"#, remove("l[0]"), r#"{"m":2}"#),
            (r#"{"l":[{"m":[1]}]}"#, remove("l[0].m[0]"), r#"{"l":[{}]}"#),
            (r#"{"a":1,"b":2}"#, remove("a"), r#"{"b":2}"#),
            (r#"{"a":1}"#, remove("a"), r#"{}"#),
            (r#"{"k.x":{"a":1}}"#, set("[\"k.x\"].a", "2"), r#"{"k.x":{"a":2}}"#),
        ] {
            assert_eq!(apply(text, &[edit]).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn edits_of_one_object_go_together() {
        let edits = [
            Edit::Append { path: "l".into(), value: "3".into() },
            set("l[0]", "0"),
            Edit::Remove { path: "l[1]".into() },
            set("p", r#"{"type":"a","x":1}"#),
            set("p.type", r#""b""#),
            set("q.r", "1"),
            set("q", "2"),
        ];
        let expected = r#"{"l":[0,3],"p":{"type":"b","x":1},"q":2}"#;
        assert_eq!(apply(r#"{"l":[1,2]}"#, &edits).unwrap(), expected);
    }

    #[test]
    fn edits_that_do_not_fit_are_errors() {
        for (text, edit) in [
            (r#"{"l":[]}"#, set("l[0]", "1")),
            (r#"{"a":1}"#, set("a.b", "1")),
            (r#"{"a":{}}"#, set("a[0]", "1")),
            (r#"{}"#, set("", "1")),
            (r#"{"l":[1]}"#, set("l.a", "1")),
        ] {
            assert!(apply(text, &[edit]).is_err(), "{text}");
        }
    }
}
