//! Kubernetes quantities (`resource.Quantity`): exact, without floating point.
//!
//! The syntax is an optional sign, digits with an optional fraction, and one of `n u m k M G T P E`,
//! `Ki Mi Gi Ti Pi Ei` or a decimal exponent (`e3`, `E-3`). `E` alone is exa; `e` alone is nothing. As in
//! Kubernetes, what is finer than a billionth is rounded away from zero, and a value with a binary suffix
//! is capped at 2^63-1.
//!
//! Refused here although Kubernetes reads them, as slips of the pen: a value without a digit (`m`, which
//! it takes for 0) and an exponent that does not fit 32 bits (which it wraps round). Decimal values from
//! 2^64-1 on are all the same, greatest value.

use std::cmp::Ordering;

use serde_json::value::RawValue;

use crate::settings::{Setting, SettingsError};

/// A quantity: billionths of a unit, up to 2^64 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    negative: bool,
    units: u64,
    nanos: u32,
}

/// What a quantity looks like, for messages.
const SYNTAX: &str =
    "must be a quantity: a number as 2 or 0.5, alone or with n u m k M G T P E, Ki Mi Gi Ti Pi Ei or an exponent as e3";

/// What a quantity that is not negative looks like, for schemas.
pub(crate) const PATTERN: &str = "^[ \\t\\r\\n]*([+]?([0-9]+[.]?[0-9]*|[.][0-9]+)|-(0+[.]?0*|[.]0+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?[ \\t\\r\\n]*$";

/// Billionths in a unit.
const NANOS: u32 = 1_000_000_000;
/// Billionths in a thousandth.
const NANOS_IN_MILLI: u32 = 1_000_000;

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    /// Text that is none; the message says what one looks like.
    pub fn parse(text: &str) -> Result<Quantity, &'static str> {
        Quantity::read(text).ok_or(SYNTAX)
    }

    /// Reads a quantity from a JSON string or number.
    ///
    /// # Errors
    /// See [`Quantity::parse`].
    pub fn from_json(raw: &RawValue) -> Result<Quantity, &'static str> {
        Quantity::parse(unquoted(raw))
    }

    /// Whether the quantity is 0.
    pub fn is_zero(self) -> bool {
        self.units == 0 && self.nanos == 0
    }

    /// Whether the quantity is less than 0.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// The quantity in whole thousandths, if it is a number of them.
    pub fn millis(self) -> Option<u64> {
        let whole = !self.negative && self.nanos.is_multiple_of(NANOS_IN_MILLI);
        let millis = u64::from(self.nanos / NANOS_IN_MILLI);
        self.units.checked_mul(1000).filter(|_| whole)?.checked_add(millis)
    }

    /// Whether the quantity is at most `thousandths` thousandths of `other`. Neither is negative.
    pub fn is_within(self, other: Quantity, thousandths: u32) -> bool {
        // Less than 2^94 billionths times 2^32: no overflow.
        self.billionths() * 1000 <= other.billionths() * u128::from(thousandths)
    }

    fn billionths(self) -> u128 {
        u128::from(self.units) * u128::from(NANOS) + u128::from(self.nanos)
    }

    fn read(text: &str) -> Option<Quantity> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let end = unsigned.bytes().position(|b| !b.is_ascii_digit() && b != b'.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() == 0 || fraction.contains('.') {
            return None;
        }
        let (power, kibis) = scale(suffix)?;

        let (mut units, mut nanos) = (0_u64, 0_u32);
        // Digits below a billionth, the highest first.
        let mut finer: Vec<u8> = Vec::new();
        let mut place = whole.len() as i64 + i64::from(power);
        for digit in whole.bytes().chain(fraction.bytes()).map(|b| b - b'0') {
            place -= 1;
            match place {
                0.. => {
                    // Saturation is for the greatest value; a zero stays 0 in any place.
                    let worth = u32::try_from(place).ok().and_then(|place| 10_u64.checked_pow(place));
                    units = units.saturating_add(worth.unwrap_or(u64::MAX).saturating_mul(u64::from(digit)));
                }
                -9.. => nanos += u32::from(digit) * 10_u32.pow((place + 9) as u32),
                _ => finer.push(digit),
            }
        }
        for _ in 0..kibis {
            let carry = times_1024(&mut finer);
            let product = u64::from(nanos) * 1024 + u64::from(carry);
            nanos = (product % u64::from(NANOS)) as u32;
            units = units.saturating_mul(1024).saturating_add(product / u64::from(NANOS));
        }
        if finer.iter().any(|digit| *digit != 0) {
            nanos += 1;
            if nanos == NANOS {
                nanos = 0;
                units = units.saturating_add(1);
            }
        }
        let cap = if kibis > 0 { i64::MAX as u64 } else { u64::MAX };
        if units >= cap {
            (units, nanos) = (cap, 0);
        }
        let negative = text.starts_with('-') && (units, nanos) != (0, 0);
        Some(Quantity { negative, units, nanos })
    }
}

/// What a suffix multiplies by: a power of ten, and a power of 1024.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    let place = |letters: &[u8], letter: &u8| letters.iter().position(|l| l == letter).map(|at| at as i32);
    match suffix.as_bytes() {
        [] => Some((0, 0)),
        [small @ (b'n' | b'u' | b'm')] => Some((3 * place(b"num", small)? - 9, 0)),
        [large] => Some((3 * place(b"kMGTPE", large)? + 3, 0)),
        [large, b'i'] => Some((0, place(b"KMGTPE", large)? as u32 + 1)),
        [b'e' | b'E', ..] => suffix[1..].parse().ok().map(|power| (power, 0)),
        _ => None,
    }
}

/// Multiplies a decimal fraction, given by its digits, by 1024; gives the whole part.
fn times_1024(digits: &mut [u8]) -> u32 {
    let mut carry = 0;
    for digit in digits.iter_mut().rev() {
        let product = u32::from(*digit) * 1024 + carry;
        *digit = (product % 10) as u8;
        carry = product / 10;
    }
    carry
}

/// The text of a JSON number or string as Kubernetes takes it: escapes stay, blanks around it go.
pub(crate) fn unquoted(raw: &RawValue) -> &str {
    let text = raw.get();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).map_or(text, str::trim_ascii)
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        let magnitudes = (self.units, self.nanos).cmp(&(other.units, other.nanos));
        match (self.negative, other.negative) {
            (false, false) => magnitudes,
            (true, true) => magnitudes.reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A quantity of the settings, with the text it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// As written.
    pub text: String,
    /// What it means.
    pub quantity: Quantity,
}

impl Setting for Amount {
    fn read(raw: &RawValue) -> Result<Self, SettingsError> {
        let quantity = Quantity::from_json(raw).map_err(SettingsError::new)?;
        if quantity.is_negative() {
            return Err(SettingsError::new("must not be negative"));
        }
        // Kubernetes counts in 64 bits with a sign.
        if quantity.units > i64::MAX as u64 {
            return Err(SettingsError::new("must not be greater than 9223372036854775807"));
        }
        Ok(Amount { text: unquoted(raw).to_owned(), quantity })
    }

    fn schema() -> serde_json::Value {
        serde_json::json!({ "type": ["string", "number"], "minimum": 0, "pattern": PATTERN })
    }

    fn to_json(&self) -> serde_json::Value {
        self.text.as_str().into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The signed number of billionths.
    fn billionths(text: &str) -> Option<i128> {
        let quantity = Quantity::parse(text).ok()?;
        let magnitude = i128::try_from(quantity.billionths()).unwrap();
        Some(if quantity.negative { -magnitude } else { magnitude })
    }

    const UNIT: i128 = 1_000_000_000;
    const TOP: i128 = u64::MAX as i128 * UNIT;
    const BINARY_TOP: i128 = i64::MAX as i128 * UNIT;

    #[test]
    fn parsing() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("0e999999999", 0),
            ("1", UNIT),
            ("+1", UNIT),
            ("-1", -UNIT),
            ("007", 7 * UNIT),
            ("0.5", UNIT / 2),
            (".5", UNIT / 2),
            ("5.", 5 * UNIT),
            ("1.G", UNIT * UNIT),
            ("1n", 1),
            ("1u", 1_000),
            ("1m", 1_000_000),
            ("1k", 1_000 * UNIT),
            ("1Ki", 1024 * UNIT),
            ("1.5Gi", 1536 * 1024 * 1024 * UNIT),
            ("1E", UNIT * UNIT * UNIT),
            ("1e3", 1_000 * UNIT),
            ("1E+3", 1_000 * UNIT),
            ("1e-3", 1_000_000),
            ("1.5e3", 1_500 * UNIT),
            // Finer than a billionth: away from zero.
            ("0.1n", 1),
            ("-0.1n", -1),
            ("1e-999999999", 1),
            ("0.9999999999", UNIT),
            ("0.0000000009Ki", 922),
            ("1.000000000000000000000000000001Ei", (1_i128 << 60) * UNIT + 1),
            // The greatest values.
            ("7Ei", (7_i128 << 60) * UNIT),
            ("8Ei", BINARY_TOP),
            ("-9Ei", -BINARY_TOP),
            ("9223372036854775807.5Ki", BINARY_TOP),
            ("18446744073709551614.5", TOP - UNIT / 2),
            ("18446744073709551615", TOP),
            ("18446744073709551616.5", TOP),
            ("99E", TOP),
            ("1e2147483647", TOP),
        ] {
            assert_eq!(billionths(text), Some(expected), "{text}");
        }
        for text in [
            "",
            " ",
            " 1",
            "1 ",
            "1 Gi",
            "+",
            "-",
            ".",
            "m",
            "Ki",
            "e3",
            "1e",
            "1e+",
            "1K",
            "1ki",
            "1gi",
            "1GI",
            "1i",
            "1.1.M",
            "1..",
            "--1",
            "+-1",
            "1-",
            "0x10",
            "1_000",
            "1,5",
            "1e1.5",
            "1e2147483648",
            "1Ei3",
            "١",
            "1µ",
            "null",
            "1\0",
            "Infinity",
            "NaN",
        ] {
            assert_eq!(Quantity::parse(text), Err(SYNTAX), "{text}");
        }
    }

    #[test]
    fn every_reading_is_that_of_kubernetes() {
        let mut cases = 0;
        for line in include_str!("../tests/data/quantities.tsv").lines().filter(|line| !line.starts_with('#')) {
            let (text, expected) = line.split_once('\t').unwrap();
            // Numbers that do not fit 128 bits are far above the greatest value.
            let capped = |expected: &str| expected.parse::<i128>().map_or(TOP, |n| n.abs().min(TOP));
            let sign = if expected.starts_with('-') { -1 } else { 1 };
            let expected = (expected != "-").then(|| sign * capped(expected));
            assert_eq!(billionths(text), expected, "{text}");
            cases += 1;
        }
        assert!(cases > 400);
    }

    #[test]
    fn json_texts() {
        let parse = |json: &str| Quantity::from_json(&RawValue::from_string(json.to_owned()).unwrap());
        for (json, text) in [("1", "1"), ("0.5", "500m"), ("1e3", "1k"), (r#""1Gi""#, "1Gi"), (r#"" 1Gi ""#, "1Gi")] {
            assert_eq!(parse(json), Quantity::parse(text), "{json}");
        }
        for json in ["null", "true", "[1]", "{}", r#""""#, r#""\u0031""#] {
            assert!(parse(json).is_err(), "{json}");
        }
    }

    #[test]
    fn thousandths() {
        for (text, expected) in [("1.5", Some(1500)), ("2", Some(2000)), ("1u", None), ("-1", None), ("99E", None)] {
            assert_eq!(Quantity::parse(text).unwrap().millis(), expected, "{text}");
        }
    }

    #[test]
    fn settings() {
        let read = |json: &str| Amount::read(&RawValue::from_string(json.to_owned()).unwrap());
        assert_eq!(read("0.5").unwrap().text, "0.5");
        assert_eq!(read(r#""64Mi""#).unwrap().to_json(), "64Mi");
        for (json, message) in [
            (r#""lots""#, "must be a quantity"),
            (r#""-1""#, "must not be negative"),
            ("1e19", "must not be greater than 9223372036854775807"),
            ("null", "must be a quantity"),
        ] {
            assert!(read(json).unwrap_err().message.starts_with(message), "{json}");
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer(text in ".*") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn likely_texts_get_an_answer(text in "[+-]?[0-9.]{0,40}[eEinumkKMGTP]{0,2}[-+]?[0-9]{0,12}") {
            let _ = Quantity::parse(&text);
        }

        #[test]
        fn suffixes_scale(number in 0_u32.., fraction in "[0-9]{0,9}", power in 0_usize..7) {
            let plain = billionths(&format!("{number}.{fraction}")).unwrap();
            let decimal = billionths(&format!("{number}.{fraction}{}", ["", "k", "M", "G", "T", "P", "E"][power]));
            let exponent = billionths(&format!("{number}.{fraction}e{}", 3 * power));
            prop_assert_eq!(decimal, exponent);
            prop_assert_eq!(decimal.unwrap(), (plain * 1000_i128.pow(power as u32)).min(TOP));
            let binary = billionths(&format!("{number}.{fraction}{}", ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"][power]));
            prop_assert_eq!(binary.unwrap(), (plain << (10 * power)).min(BINARY_TOP));
        }

        #[test]
        fn order_is_that_of_the_numbers(a in -10_000_i64..10_000, b in -10_000_i64..10_000, unit in 0_usize..4) {
            let unit = ["n", "m", "", "Ki"][unit];
            let quantity = |n: i64| Quantity::parse(&format!("{n}{unit}")).unwrap();
            prop_assert_eq!(quantity(a).cmp(&quantity(b)), a.cmp(&b));
        }

        #[test]
        fn ratios_are_exact(limit in 0_u64.., request in 0_u64.., thousandths in 1000_u32..) {
            let quantity = |n: u64| Quantity::parse(&format!("{n}n")).unwrap();
            let expected = u128::from(limit) * 1000 <= u128::from(request) * u128::from(thousandths);
            prop_assert_eq!(quantity(limit).is_within(quantity(request), thousandths), expected);
        }
    }
}
