//! Scalars. Every expectation was confirmed with `kubectl` 1.32.

use super::*;
use proptest::prelude::*;

fn tag(name: &str) -> String {
    format!("tag:yaml.org,2002:{name}")
}

fn json(scalar: Scalar, text: &str) -> Result<String, Meaningless> {
    to_value(scalar, text.into()).map(|value| match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) => text.into_owned(),
        Value::String(text) => format!("{text:?}"),
        other => format!("{other:?}"),
    })
}

#[test]
fn plain_scalars() {
    let words = [
        ("", "null"),
        ("~", "null"),
        ("null", "null"),
        ("Null", "null"),
        ("NULL", "null"),
        ("nULL", "\"nULL\""),
        ("y", "true"),
        ("Y", "true"),
        ("yes", "true"),
        ("Yes", "true"),
        ("YES", "true"),
        ("on", "true"),
        ("On", "true"),
        ("ON", "true"),
        ("true", "true"),
        ("True", "true"),
        ("TRUE", "true"),
        ("n", "false"),
        ("N", "false"),
        ("no", "false"),
        ("off", "false"),
        ("OFF", "false"),
        ("false", "false"),
        ("False", "false"),
        ("oFF", "\"oFF\""),
        ("tRUE", "\"tRUE\""),
        ("yES", "\"yES\""),
        ("nginx", "\"nginx\""),
        ("<<", "\"<<\""),
        ("2001-01-01", "\"2001-01-01\""),
        ("2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""),
        ("1:30", "\"1:30\""),
        ("100m", "\"100m\""),
        ("128Mi", "\"128Mi\""),
        ("1.2.3", "\"1.2.3\""),
    ];
    for (text, want) in words {
        assert_eq!(json(resolve(text), text).as_deref(), Ok(want), "{text}");
    }
}

#[test]
fn plain_numbers() {
    let table = [
        ("0", "0"),
        ("-0", "0"),
        ("+0", "0"),
        ("00", "0"),
        ("-5", "-5"),
        ("+1", "1"),
        ("0777", "511"),
        ("0_7", "7"),
        ("0o17", "15"),
        ("0o8", "\"0o8\""),
        ("08", "8"),
        ("0x1F", "31"),
        ("0x_f", "15"),
        ("0xg", "\"0xg\""),
        ("0b101", "5"),
        ("0b-101", "-5"),
        ("-0b11", "-3"),
        ("0b2", "\"0b2\""),
        ("1_000", "1000"),
        ("1__0", "10"),
        ("1_", "1"),
        ("_1", "\"_1\""),
        ("+-1", "\"+-1\""),
        ("123456789012345678", "123456789012345678"),
        ("9223372036854775807", "9223372036854775807"),
        ("18446744073709551615", "18446744073709551615"),
        ("18446744073709551616", "18446744073709552000"),
        ("99999999999999999999", "100000000000000000000"),
        ("0xffffffffffffffffff", "\"0xffffffffffffffffff\""),
        ("1.0", "1"),
        ("0.0", "0"),
        ("-0.0", "-0"),
        ("1.", "1"),
        ("1.e3", "1000"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        (".5_0", "0.5"),
        ("._5", "\"._5\""),
        (".5_", "\".5_\""),
        (".e5", "\".e5\""),
        (".", "\".\""),
        ("1e3", "1000"),
        ("12e03", "12000"),
        ("1e-7", "1e-7"),
        ("1e21", "1e+21"),
        ("1e-400", "0"),
        ("1e400", "\"1e400\""),
        ("1e", "\"1e\""),
    ];
    for (text, want) in table {
        assert_eq!(json(resolve(text), text).as_deref(), Ok(want), "{text}");
    }
    for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN"] {
        assert!(json(resolve(text), text).is_err(), "{text}");
    }
}

#[test]
fn tagged_scalars() {
    let table = [
        ("str", "12", Ok("\"12\"")),
        ("str", "", Ok("\"\"")),
        ("int", "12", Ok("12")),
        ("int", "0x10", Ok("16")),
        ("int", "1.5", Err(())),
        ("int", "x", Err(())),
        ("bool", "yes", Ok("true")),
        ("bool", "x", Err(())),
        ("null", "", Ok("null")),
        ("null", "x", Err(())),
        ("float", "1", Ok("1")),
        ("float", "0x10", Ok("16")),
        ("float", "1.5", Ok("1.5")),
        ("float", "18446744073709551615", Err(())),
        ("timestamp", "2001-01-01", Ok("\"2001-01-01\"")),
        ("timestamp", "12", Err(())),
        ("binary", "aGVsbG8=", Ok("\"hello\"")),
        ("binary", "aGVs\nbG8=", Ok("\"hello\"")),
        ("binary", "aGVsbG8", Err(())),
        ("binary", "a===", Err(())),
        ("binary", "/w==", Ok("\"\u{fffd}\"")),
        ("set", "12", Ok("\"12\"")),
    ];
    for (name, text, want) in table {
        let found = resolve_tagged(&tag(name), text).and_then(|scalar| json(scalar, text));
        assert_eq!(found.as_deref().map_err(|_| ()), want, "!!{name} {text}");
    }
    for tag in ["!Ref", "!"] {
        assert_eq!(resolve_tagged(tag, "12"), Ok(Scalar::Text));
    }
}

#[test]
fn keys() {
    let table = [
        ("a", Ok("a")),
        ("1", Ok("1")),
        ("0x10", Ok("16")),
        ("1.5", Ok("1.5")),
        ("1e3", Ok("1000")),
        ("1e7", Ok("1e+07")),
        ("123456789.0", Ok("1.2345679e+08")),
        ("yes", Ok("true")),
        ("off", Ok("false")),
        (".inf", Ok(".inf")),
        ("9223372036854775807", Ok("9223372036854775807")),
        ("18446744073709551615", Err(())),
        ("~", Err(())),
        ("", Err(())),
    ];
    for (text, want) in table {
        let found = to_key(resolve(text), text.into());
        assert_eq!(found.as_deref().map_err(|_| ()), want, "{text}");
    }
}

/// Scalars that YAML 1.1 and 1.2 read alike, `serde_yaml_ng` (1.2) reads as we do.
fn shared_scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,17})",
        "-?(0|[1-9][0-9]{0,8})\\.[0-9]{1,8}",
        "0x[0-9a-f]{1,15}",
        "true|false|True|FALSE|null|Null|~",
        "[a-eg-mp-su-xz][a-z]{0,8}",
        "[0-9]{1,5}(m|Mi|Gi|s)",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_with_serde_yaml(text in shared_scalar()) {
        let ours = super::super::parse(&text).documents.remove(0).root.to_json();
        let ours: serde_json::Value = serde_json::from_str(&ours)?;
        let theirs: serde_json::Value = serde_yaml_ng::from_str(&text)?;
        match (ours.as_f64(), theirs.as_f64()) {
            // Go prints `1.0` as `1`; serde_json's float parser is off by a bit at times.
            (Some(ours), Some(theirs)) => {
                prop_assert!((ours - theirs).abs() <= theirs.abs() * 1e-15, "{} {}", ours, theirs);
            }
            _ => prop_assert_eq!(ours, theirs),
        }
    }

    #[test]
    fn every_number_is_json(text in "[-+]?[0-9._eExob]{1,12}") {
        if let Ok(Value::Number(number)) = to_value(resolve(&text), text.as_str().into()) {
            prop_assert!(serde_json::from_str::<serde_json::Number>(&number).is_ok(), "{}", number);
        }
    }
}
