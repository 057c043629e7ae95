//! Field paths as users write them: `spec.containers[0].securityContext.privileged`,
//! `metadata.annotations["container.apparmor.security.beta.kubernetes.io/app"]`.

use std::cmp::Ordering;

pub use crate::escape::push_key;
use crate::json;

/// One step of a field path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A member of an object.
    Key(String),
    /// An element of a list, from 0.
    Index(usize),
}

/// Reads a field path that this crate wrote.
///
/// Takes the path of a violation, gives its segments; `None` if it is not a well-formed path.
pub fn parse(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            if inner.starts_with('"') {
                let quoted = &inner[..closing_quote(inner)?];
                segments.push(Segment::Key(json::text(json::raw(quoted).ok()?)?.0.into_owned()));
                rest = inner[quoted.len()..].strip_prefix(']')?;
            } else {
                let (index, after) = inner.split_once(']')?;
                segments.push(Segment::Index(index.parse().ok()?));
                rest = after;
            }
        } else {
            let key_start = if segments.is_empty() { rest } else { rest.strip_prefix('.')? };
            let end = key_start.find(['.', '[']).unwrap_or(key_start.len());
            let (key, after) = key_start.split_at(end);
            if key.is_empty() {
                return None;
            }
            segments.push(Segment::Key(key.to_owned()));
            rest = after;
        }
    }
    Some(segments)
}

/// Where the JSON string at the front of `text` ends.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some(end + 2)
}

/// Orders paths as they stand in an object: text by text, list indices by number.
pub fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let common = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let digits = a[..common].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    // Both differ within the index that this `[` opens, or not in an index at all.
    if let Some(open) = (common - digits).checked_sub(1)
        && let (Some((x, _)), Some((y, _))) = (number(&a[open..]), number(&b[open..]))
    {
        return x.cmp(&y);
    }
    a.get(common).cmp(&b.get(common))
}

/// The list index that `[` opens at the front of `bytes`, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let digits = bytes.strip_prefix(b"[")?;
    let end = digits.iter().position(|b| !b.is_ascii_digit())?;
    if end == 0 {
        return None;
    }
    let value = digits[..end].iter().fold(0usize, |n, d| n.saturating_mul(10).saturating_add((d - b'0') as usize));
    Some((value, &digits[end..]))
}

/// `path` without its list indices: the same field wherever its container stands in the list.
pub fn without_indices(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('[') {
        let (before, bracket) = rest.split_at(open);
        out.push_str(before);
        rest = match number(bracket.as_bytes()) {
            Some((_, after)) => {
                out.push_str("[]");
                // `after` starts at the closing bracket.
                &bracket[bracket.len() - after.len() + 1..]
            }
            None => {
                out.push('[');
                &bracket[1..]
            }
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_writing_and_reading() {
        let mut path = String::from("spec.template.spec.containers[12].securityContext");
        push_key(&mut path, "with.dots \"and\" quotes]");
        push_key(&mut path, "plain");
        let segments = parse(&path).unwrap();
        assert_eq!(segments[4], Segment::Index(12));
        assert_eq!(segments[6], Segment::Key("with.dots \"and\" quotes]".into()));
        assert_eq!(segments[7], Segment::Key("plain".into()));
        assert_eq!(segments.len(), 8);
    }

    #[test]
    fn broken_paths_are_refused() {
        for path in ["a..b", "a[", "a[x]", "a[\"b\"", "a[1]b", ".a"] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn indices_are_ordered_by_number() {
        let mut paths =
            vec!["spec.containers[10].image", "spec.containers[9].image", "spec.containers[9].env", "metadata"];
        paths.sort_by(|a, b| compare(a, b));
        assert_eq!(
            paths,
            ["metadata", "spec.containers[9].env", "spec.containers[9].image", "spec.containers[10].image"]
        );
    }

    #[test]
    fn indices_can_be_left_out() {
        assert_eq!(without_indices("a[1].b[22]"), "a[].b[]");
        assert_eq!(without_indices("m[\"k[1]\"].c"), "m[\"k[]\"].c");
        assert_eq!(without_indices("plain"), "plain");
    }
}
