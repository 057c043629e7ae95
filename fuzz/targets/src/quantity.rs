//! Quantities against exact decimals.

use std::cmp::Ordering;
use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::rounding::RoundingMode;
use bigdecimal::{BigDecimal, Zero};
use hardening::quantity::Quantity;

/// The first two lines of `bytes` as quantities: each is read if it is one, and they compare as their values do.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.split('\n');
    let read = lines.by_ref().take(2).filter_map(compared).collect::<Vec<_>>();
    if let [(ours, exact), (other, other_exact)] = read.as_slice() {
        let (order, expected) = (ours.cmp(other), exact.cmp(other_exact));
        assert_eq!(order, expected, "{text:?}");
        assert_eq!(order.reverse(), other.cmp(ours), "{text:?}");
    }
}

/// A quantity and its value; `None` for what is none, and for values beyond what both count exactly.
fn compared(text: &str) -> Option<(Quantity, BigDecimal)> {
    let read = Quantity::parse(text);
    let parts = parts(text);
    assert_eq!(read.is_ok(), parts.is_some(), "{text:?} is read as {read:?}");
    let (read, (number, base, exponent)) = (read.ok()?, parts?);
    // A power of ten that would take the fuzzer's time; what it stands for is far beyond the cap, or is nothing.
    if number.len() > 40 || exponent.unsigned_abs() > 60 {
        return None;
    }
    let number = BigDecimal::from_str(&number).ok()?;
    let factor = match base {
        10 => BigDecimal::new(BigInt::from(1), -i64::from(exponent)),
        base => BigDecimal::from(BigInt::from(base).pow(exponent.unsigned_abs())),
    };
    let exact = (number * factor).with_scale_round(9, RoundingMode::Up);
    let is_capped = exact.abs() >= i64::MAX;
    (!is_capped).then(|| {
        assert_eq!((read.is_zero(), read.is_negative()), (exact.is_zero(), exact < BigDecimal::zero()), "{text:?}");
        let millis = (exact >= BigDecimal::zero()).then(|| &exact * BigDecimal::from(1000)).filter(is_whole);
        assert_eq!(read.millis().map(BigDecimal::from), millis.filter(|m| *m <= u64::MAX), "{text:?}");
        assert_eq!(read.cmp(&read), Ordering::Equal);
        (read, exact)
    })
}

fn is_whole(value: &BigDecimal) -> bool {
    value.with_scale(0) == *value
}

/// The number, the base and the exponent of a quantity, by Kubernetes' grammar.
fn parts(text: &str) -> Option<(String, u32, i32)> {
    let start = usize::from(text.starts_with(['+', '-']));
    let end = text[start..].find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |end| start + end);
    let (number, suffix) = text.split_at(end);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || number.bytes().filter(|b| *b == b'.').count() > 1 {
        return None;
    }
    let (base, exponent) = match suffix {
        "n" => (10, -9),
        "u" => (10, -6),
        "m" => (10, -3),
        "" => (10, 0),
        "k" => (10, 3),
        "M" => (10, 6),
        "G" => (10, 9),
        "T" => (10, 12),
        "P" => (10, 15),
        "E" => (10, 18),
        "Ki" => (2, 10),
        "Mi" => (2, 20),
        "Gi" => (2, 30),
        "Ti" => (2, 40),
        "Pi" => (2, 50),
        "Ei" => (2, 60),
        _ => (10, suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    // `bigdecimal` wants a digit before a point and none of a point without a fraction.
    let (sign, number) = number.split_at(start);
    let sign = if sign == "-" { sign } else { "" };
    Some((format!("{sign}0{}", number.trim_end_matches('.')), base, exponent))
}
