//! Numbers as Go reads and prints them.

/// An integer as `strconv.ParseInt` and then `ParseUint` read it with base 0: a sign, then
/// `0x`, `0o`, `0b`, a leading zero (octal) or decimal digits. Without a sign up to `u64`,
/// with one the range of `i64`.
pub(super) fn parse_int(text: &str) -> Option<i128> {
    let (sign, digits) = split_sign(text);
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    in_range(sign, parse_digits(digits, base)?)
}

/// go-yaml's second look at `0b…` and `-0b…`, which takes a sign behind the prefix.
pub(super) fn parse_binary(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0b") {
        let (sign, digits) = split_sign(digits);
        in_range(sign, parse_digits(digits, 2)?)
    } else {
        let digits = text.strip_prefix("-0b")?;
        in_range(Some(b'-'), parse_digits(digits, 2)?)
    }
}

fn split_sign(text: &str) -> (Option<u8>, &str) {
    match text.as_bytes().first() {
        Some(&sign @ (b'+' | b'-')) => (Some(sign), &text[1..]),
        _ => (None, text),
    }
}

fn parse_digits(digits: &str, base: u32) -> Option<u64> {
    // `from_str_radix` takes a sign of its own.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    u64::from_str_radix(digits, base).ok()
}

fn in_range(sign: Option<u8>, magnitude: u64) -> Option<i128> {
    let value = i128::from(magnitude);
    match sign {
        None => Some(value),
        Some(b'-') => Some(-value).filter(|value| *value >= i128::from(i64::MIN)),
        _ => Some(value).filter(|value| *value <= i128::from(i64::MAX)),
    }
}

/// A float as go-yaml reads it: digits on at least one side of the point, an exponent with
/// digits, in the range of `f64`.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A finite float as Go's `encoding/json` prints it.
pub(super) fn json_float(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        if text.contains("e-") { text } else { text.replace('e', "e+") }
    } else {
        value.to_string()
    }
}

/// A float mapping key as sigs.k8s.io/yaml prints it: `strconv.FormatFloat(v, 'g', -1, 32)`.
#[allow(clippy::cast_possible_truncation)] // Go narrows here as well.
pub(super) fn key_float(value: f64) -> String {
    let value = value as f32;
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        value.to_string()
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        let table = [
            ("0", Some(0)),
            ("-0", Some(0)),
            ("00", Some(0)),
            ("42", Some(42)),
            ("+42", Some(42)),
            ("0777", Some(511)),
            ("-0777", Some(-511)),
            ("0o17", Some(15)),
            ("0O17", Some(15)),
            ("0x1F", Some(31)),
            ("0X1f", Some(31)),
            ("+0x1f", Some(31)),
            ("0b101", Some(5)),
            ("18446744073709551615", Some(u64::MAX.into())),
            ("18446744073709551616", None),
            ("+18446744073709551615", None),
            ("-9223372036854775808", Some(i64::MIN.into())),
            ("-9223372036854775809", None),
            ("08", None),
            ("0x", None),
            ("0x-1", None),
            ("+-1", None),
            ("-", None),
            ("", None),
            ("12a", None),
        ];
        for (text, want) in table {
            assert_eq!(parse_int(text), want, "{text}");
        }
        assert_eq!(parse_binary("0b-101"), Some(-5));
        assert_eq!(parse_binary("-0b11"), Some(-3));
        assert_eq!(parse_binary("-0b-1"), None);
        assert_eq!(parse_binary("0b"), None);
    }

    #[test]
    fn floats() {
        let table = [
            ("1.5", Some(1.5)),
            ("1.", Some(1.0)),
            (".5", Some(0.5)),
            ("-.5", Some(-0.5)),
            ("1e3", Some(1000.0)),
            ("1E+3", Some(1000.0)),
            ("08", Some(8.0)),
            (".", None),
            ("1e", None),
            ("1e+", None),
            ("e3", None),
            ("1e3x", None),
            ("1e999", None),
            ("inf", None),
            ("nan", None),
            ("1.2.3", None),
            ("+.5", Some(0.5)),
            ("1.e2", Some(100.0)),
            ("+", None),
            ("1_0", None),
            ("0x1p3", None),
            ("-Infinity", None),
            ("", None),
        ];
        for (text, want) in table {
            assert_eq!(parse_float(text), want, "{text}");
        }
    }

    #[test]
    fn floats_print_as_go_prints_them() {
        let table = [
            (0.5, "0.5", "0.5"),
            (1000.0, "1000", "1000"),
            (-0.0, "-0", "-0"),
            (0.1, "0.1", "0.1"),
            (1e6, "1000000", "1e+06"),
            (123_456.7, "123456.7", "123456.7"),
            (1e20, "100000000000000000000", "1e+20"),
            (1e21, "1e+21", "1e+21"),
            (1.5e300, "1.5e+300", ".inf"),
            (1e-6, "0.000001", "1e-06"),
            (1.5e-7, "1.5e-7", "1.5e-07"),
            (0.0001, "0.0001", "0.0001"),
        ];
        for (value, json, key) in table {
            assert_eq!(json_float(value), json);
            assert_eq!(key_float(value), key);
        }
        assert_eq!(key_float(f64::NAN), ".nan");
        assert_eq!(key_float(f64::NEG_INFINITY), "-.inf");
    }
}
