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

/// The syntax of a quantity, for messages.
const SYNTAX: &str =
    "must be a quantity: a number as 2 or 0.5, alone or with n u m k M G T P E, Ki Mi Gi Ti Pi Ei or an exponent as e3";

/// The syntax of a quantity that is not negative, for schemas.
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

/// Returns the factor of a suffix: a power of ten, and a power of 1024.
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
    /// Its value.
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
mod tests;
