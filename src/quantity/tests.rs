//! Quantities: the grammar, the readings of Kubernetes, arithmetic. `fuzz/targets` compares them with exact decimals.

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
    for line in include_str!("quantities.tsv").lines().filter(|line| !line.starts_with('#')) {
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
