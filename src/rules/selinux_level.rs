//! SELinux levels: sensitivity and categories, such as `s0:c1,c2`, or a range `low-high` of two.

use serde_json::value::RawValue;

use crate::settings::{Setting, SettingsError};

/// A level of the settings, compared by what it means: `s0:c1,c2` is `s0:c2,c1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MlsLevel {
    text: String,
    range: Range,
}

/// The lowest and the highest level; twice the same unless a range is written.
type Range = [Point; 2];

/// One sensitivity with its categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    sensitivity: usize,
    /// A bit for each of the categories `c0` to `c1023`.
    categories: [u64; 16],
}

/// The highest category.
const LAST: usize = 1023;

impl MlsLevel {
    /// The level as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether `text` means the same level; one that cannot be read means none.
    pub(super) fn is_same(&self, text: &str) -> bool {
        read_range(text).as_ref() == Some(&self.range)
    }
}

impl Setting for MlsLevel {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let text = String::read(raw)?;
        let range = read_range(&text).ok_or_else(|| {
            SettingsError::new(
                "must be an SELinux level like s0:c1,c2, with categories up to c1023, or a range s0-s0:c0.c3",
            )
        })?;
        Ok(MlsLevel { text, range })
    }

    fn schema() -> serde_json::Value {
        let number = "(0|[1-9][0-9]{0,2}|10[01][0-9]|102[0-3])";
        let category = format!("c{number}([.]c{number})?");
        let point = format!("s{number}(:{category}(,{category})*)?");
        serde_json::json!({ "type": "string", "pattern": format!("^{point}(-{point})?$") })
    }

    fn to_json(&self) -> serde_json::Value {
        self.text.as_str().into()
    }
}

fn read_range(text: &str) -> Option<Range> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (read_point(low)?, read_point(high)?);
    // The upper end of a range includes the lower one.
    let includes = low.categories.iter().zip(&high.categories).all(|(low, high)| low & high == *low);
    (low.sensitivity <= high.sensitivity && includes).then_some([low, high])
}

fn read_point(text: &str) -> Option<Point> {
    let (sensitivity, list) = match text.split_once(':') {
        Some((sensitivity, list)) => (sensitivity, Some(list)),
        None => (text, None),
    };
    let mut point = Point { sensitivity: numbered(sensitivity, 's')?, categories: [0; 16] };
    for part in list.into_iter().flat_map(|list| list.split(',')) {
        let (first, last) = part.split_once('.').unwrap_or((part, part));
        let (first, last) = (numbered(first, 'c')?, numbered(last, 'c')?);
        if first > last {
            return None;
        }
        for category in first..=last {
            point.categories[category / 64] |= 1 << (category % 64);
        }
    }
    Some(point)
}

/// The number of `s0` or `c12`, at most [`LAST`].
fn numbered(text: &str, letter: char) -> Option<usize> {
    let digits = text.strip_prefix(letter)?;
    let plain =
        digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    digits.parse().ok().filter(|number| plain && *number <= LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_compared_by_meaning() {
        for (a, b, expected) in [
            ("s0", "s0", true),
            ("s0", "s1", false),
            ("s0", "s0-s0", true),
            ("s0:c1,c2", "s0:c2,c1", true),
            ("s0:c1,c2", "s0:c2,c1,c1", true),
            ("s0:c1,c2", "s0:c1", false),
            ("s0:c0.c3", "s0:c0,c1,c2,c3", true),
            ("s0:c1.c1", "s0:c1", true),
            ("s0:c62.c65", "s0:c62,c63,c64,c65", true),
            ("s0-s0:c0.c1023", "s0-s0:c0.c511,c512.c1023", true),
            ("s0-s0:c0.c1023", "s0:c0.c1023", false),
            ("s0:c1023", "s0:c1023-s0:c1023", true),
        ] {
            assert!(read_range(a).is_some() && read_range(b).is_some(), "{a} {b}");
            assert_eq!(read_range(a) == read_range(b), expected, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_level() {
        for text in [
            "",
            "s",
            "0",
            "c1",
            "s0:",
            "s0:c",
            "s0:c1,",
            "s0:,c1",
            "s0:c1 ,c2",
            "s0:c1024",
            "s0:c3.c1",
            "s0:c1.",
            "s0:c01",
            "s00",
            "s0:c+1",
            "s0-",
            "-s0",
            "s1-s0",
            "s0:c1-s0:c2",
            "s0-s0-s0",
            "s0:c1:c2",
            "s0:s1",
            "s0:c1.c2.c3",
            "S0",
            "s99999999999999999999",
            " s0",
        ] {
            assert_eq!(read_range(text), None, "{text}");
        }
    }
}
