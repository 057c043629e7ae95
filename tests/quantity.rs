//! Quantities against exact decimals: `bigdecimal` does the arithmetic that Kubernetes defines.
//!
//! `kube_quantity`, which reads Kubernetes' syntax, computes in `f64` and so cannot judge exactness.

#![allow(clippy::unwrap_used)]

use std::str::FromStr;

use bigdecimal::num_bigint::BigInt;
use bigdecimal::rounding::RoundingMode;
use bigdecimal::{BigDecimal, Zero};
use hardening::quantity::Quantity;
use proptest::prelude::*;

/// The suffixes of Kubernetes with the factor each stands for, as base and exponent.
const SUFFIXES: [(&str, u32, i32); 15] = [
    ("", 10, 0),
    ("n", 10, -9),
    ("u", 10, -6),
    ("m", 10, -3),
    ("k", 10, 3),
    ("M", 10, 6),
    ("G", 10, 9),
    ("T", 10, 12),
    ("P", 10, 15),
    ("E", 10, 18),
    ("Ki", 2, 10),
    ("Mi", 2, 20),
    ("Gi", 2, 30),
    ("e3", 10, 3),
    ("E-2", 10, -2),
];

/// A number with at most nine digits on each side of the point, so that nothing reaches a cap.
fn number() -> impl Strategy<Value = String> {
    ("[+-]?", "[0-9]{1,9}", "(\\.[0-9]{0,9})?").prop_map(|(sign, whole, fraction)| [sign, whole, fraction].concat())
}

/// What Kubernetes makes of it: exact, but finer than a billionth is rounded away from zero.
fn expected(number: &str, base: u32, exponent: i32) -> BigDecimal {
    let number = BigDecimal::from_str(number.trim_end_matches('.')).unwrap();
    let factor = match base {
        10 => BigDecimal::new(BigInt::from(1), -i64::from(exponent)),
        base => BigDecimal::from(BigInt::from(base).pow(exponent.unsigned_abs())),
    };
    (number * factor).with_scale_round(9, RoundingMode::Up)
}

/// 2^63 - 1 units, where Kubernetes begins to cap.
fn cap() -> BigDecimal {
    BigDecimal::from(i64::MAX)
}

fn quantity() -> impl Strategy<Value = (String, BigDecimal)> {
    (number(), prop::sample::select(SUFFIXES.to_vec()))
        .prop_map(|(number, (suffix, base, exponent))| (format!("{number}{suffix}"), expected(&number, base, exponent)))
        // Beyond 2^63 units Kubernetes caps some suffixes; the table of kubectl's readings covers that.
        .prop_filter("below the cap", |(_, value)| value.abs() < cap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantities_compare_as_exact_decimals((a, exact_a) in quantity(), (b, exact_b) in quantity()) {
        let (read_a, read_b) = (Quantity::parse(&a).unwrap(), Quantity::parse(&b).unwrap());
        prop_assert_eq!(read_a.cmp(&read_b), exact_a.cmp(&exact_b), "{} and {}", a, b);
        prop_assert_eq!(read_a.is_zero(), exact_a.is_zero(), "{}", a);
    }

    #[test]
    fn the_same_amount_in_another_unit_is_equal(whole in 0u64..9, places in 0usize..SUFFIXES.len()) {
        // `n` units written in each suffix that can hold it exactly.
        let (suffix, base, exponent) = SUFFIXES[places];
        let exact = expected(&whole.to_string(), base, exponent);
        prop_assume!(exact < cap());
        let plain = Quantity::parse(&exact.to_plain_string()).unwrap();
        prop_assert_eq!(Quantity::parse(&format!("{whole}{suffix}")).unwrap(), plain);
    }
}
