//! Resolves scalars: the resolution rules of go-yaml version 2 (YAML 1.1, mostly).

use super::node::Value;
use super::number::{json_float, key_float, parse_binary, parse_float, parse_int};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;
use thiserror::Error;

/// The meaning of a scalar's text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    /// The text is the number as JSON writes it.
    Digits,
    Int(i128),
    Float(f64),
    /// The text is the value.
    Text,
    /// The decoded content of `!!binary`.
    Binary(String),
}

/// Why a scalar has no meaning where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Meaningless {
    #[error("!!binary value contains invalid base64 data")]
    Base64,
    #[error("cannot read `{text}` as !!{tag}")]
    Tagged { text: Box<str>, tag: Box<str> },
    #[error("`{0}` is not a number that JSON can hold")]
    Infinite(Box<str>),
    #[error("null cannot be a mapping key")]
    NullKey,
    #[error("`{0}` is too large for a mapping key")]
    LargeKey(Box<str>),
    #[error("a mapping key must be a scalar")]
    CollectionKey,
}

impl Meaningless {
    fn tagged(text: &str, tag: &str) -> Meaningless {
        Meaningless::Tagged { text: text.into(), tag: tag.into() }
    }
}

/// The meaning of a plain scalar without a tag.
pub(super) fn resolve(text: &str) -> Scalar {
    match text.as_bytes() {
        [] => Scalar::Null,
        [b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~', ..] => resolve_word(text),
        [b'.', ..] => resolve_point(text),
        [b'0'..=b'9' | b'+' | b'-', ..] => resolve_number(text),
        _ => Scalar::Text,
    }
}

fn resolve_word(text: &str) -> Scalar {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Text,
    }
}

fn resolve_special(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Behind a leading point Go's own float syntax holds: an underscore only between digits.
fn resolve_point(text: &str) -> Scalar {
    if let Some(value) = resolve_special(text) {
        return Scalar::Float(value);
    }
    let bytes = text.as_bytes();
    let digit = |index: Option<usize>| index.and_then(|index| bytes.get(index)).is_some_and(u8::is_ascii_digit);
    let separates = |index: usize| digit(index.checked_sub(1)) && digit(Some(index + 1));
    if (0..bytes.len()).any(|index| bytes[index] == b'_' && !separates(index)) {
        return Scalar::Text;
    }
    parse_float(&without_underscores(text)).map_or(Scalar::Text, Scalar::Float)
}

fn resolve_number(text: &str) -> Scalar {
    if is_json_integer(text) {
        return Scalar::Digits;
    }
    if let Some(value) = resolve_special(text) {
        return Scalar::Float(value);
    }
    let plain = without_underscores(text);
    if let Some(value) = parse_int(&plain) {
        Scalar::Int(value)
    } else if let Some(value) = parse_float(&plain) {
        Scalar::Float(value)
    } else if let Some(value) = parse_binary(&plain) {
        Scalar::Int(value)
    } else {
        Scalar::Text
    }
}

fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// Whether the text is already the only way to write an integer that surely fits `i64`.
fn is_json_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.as_bytes() {
        b"0" => digits.len() == text.len(),
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// The meaning of a scalar with a tag. An unknown tag makes a string, and `!` alone as well.
pub(super) fn resolve_tagged(tag: &str, text: &str) -> Result<Scalar, Meaningless> {
    let name = core_name(tag).unwrap_or_default();
    let found = match name {
        "bool" | "int" | "float" | "null" | "timestamp" => resolve(text),
        "binary" => {
            return decode_base64(text).map(Scalar::Binary).ok_or(Meaningless::Base64);
        }
        _ => return Ok(Scalar::Text),
    };
    match (name, found) {
        ("bool", found @ Scalar::Bool(_))
        | ("null", found @ Scalar::Null)
        | ("int", found @ (Scalar::Digits | Scalar::Int(_)))
        | ("float", found @ Scalar::Float(_))
        | ("timestamp", found @ Scalar::Text) => Ok(found),
        // Go narrows an integer that fits `int64`, and refuses the larger ones.
        ("float", Scalar::Digits | Scalar::Int(_)) => {
            parse_int_as_float(text).map(Scalar::Float).ok_or_else(|| Meaningless::tagged(text, "float"))
        }
        _ => Err(Meaningless::tagged(text, name)),
    }
}

#[allow(clippy::cast_precision_loss)] // Go loses it as well.
fn parse_int_as_float(text: &str) -> Option<f64> {
    let plain = without_underscores(text);
    let value = parse_int(&plain).or_else(|| parse_binary(&plain))?;
    i64::try_from(value).ok().map(|value| value as f64)
}

/// The tag `!` in full, which turns even a quoted `<<` into a merge key.
pub(super) const NON_SPECIFIC: &str = "!";

/// The name of a tag of YAML's own: `int` of `tag:yaml.org,2002:int`.
pub(super) fn core_name(tag: &str) -> Option<&str> {
    tag.strip_prefix("tag:yaml.org,2002:")
}

/// The value of a scalar.
pub(super) fn to_value<'a>(scalar: Scalar, text: Cow<'a, str>) -> Result<Value<'a>, Meaningless> {
    Ok(match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Digits => Value::Number(text),
        Scalar::Int(value) => Value::Number(value.to_string().into()),
        Scalar::Float(value) if value.is_finite() => Value::Number(json_float(value).into()),
        Scalar::Float(_) => return Err(Meaningless::Infinite(text.into())),
        Scalar::Text => Value::String(text),
        Scalar::Binary(text) => Value::String(text.into()),
    })
}

/// The text of a scalar as a mapping key.
pub(super) fn to_key<'a>(scalar: Scalar, text: Cow<'a, str>) -> Result<Cow<'a, str>, Meaningless> {
    Ok(match scalar {
        Scalar::Null => return Err(Meaningless::NullKey),
        Scalar::Bool(true) => "true".into(),
        Scalar::Bool(false) => "false".into(),
        Scalar::Int(value) if i64::try_from(value).is_err() => {
            return Err(Meaningless::LargeKey(text.into()));
        }
        Scalar::Int(value) => value.to_string().into(),
        Scalar::Float(value) => key_float(value).into(),
        Scalar::Digits | Scalar::Text => text,
        Scalar::Binary(text) => text.into(),
    })
}

/// Standard base64 with padding, whose last bits do not count; line breaks are skipped. Bytes that are not UTF-8 become
/// replacement characters, as Go's JSON writer has it.
fn decode_base64(text: &str) -> Option<String> {
    const GO: GeneralPurpose =
        GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    Some(String::from_utf8_lossy(&GO.decode(symbols).ok()?).into_owned())
}

#[cfg(test)]
mod tests;
