use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn read(text: &str) -> Value {
    let parsed = yaml::parse(text);
    assert!(parsed.errors.is_empty(), "{text}\n{:?}", parsed.errors);
    serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap()
}

#[test]
fn as_people_write_it() {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Policy {
        kind: &'static str,
        api_version: &'static str,
        spec: Value,
    }
    let long: Vec<String> = (0..12).map(|n| format!("namespace-{n}")).collect();
    let spec = json!({
        "a": {"limits": {}, "image-tag": false}, "b": [{"x": [""], "z": ["pods", "a,b"]}, {}], "c": "1.0", "d": "x: y",
        "e": long, "f": [[1, 2], [[{"a": null}]]], "g": "one\n\n  two\n", "h": "word ".repeat(30).trim(),
    });
    let expected = r#"kind: K
apiVersion: v1
spec:
  a:
    image-tag: false
    limits: {}
  b:
    - x: [""]
      z: [pods, "a,b"]
    - {}
  c: "1.0"
  d: "x: y"
  e:
    - namespace-0
"#;
    let written = document(&Policy { kind: "K", api_version: "v1", spec }).unwrap();
    assert!(written.starts_with(expected), "{written}");
    let end = "  f:
    - [1, 2]
    -
      -
        - a: null
  g: |
    one

      two
  h: >-
    word word word word word word word word word word word word word word word word word word word word word
    word word word word word word word word word
";
    assert!(written.ends_with(end), "{written}");
}

#[test]
fn a_long_word_stays_on_its_line() {
    let module = format!("registry://ghcr.io/org/policies/hardening@sha256:{}", "0".repeat(64));
    assert_eq!(document(&json!({ "module": module })).unwrap(), format!("module: {module}\n"));
}

#[test]
fn texts_of_every_kind_are_read_back() {
    let long = "many words ".repeat(30);
    for value in [
        json!({}),
        json!([]),
        json!("text"),
        json!(null),
        json!([1, "a"]),
        json!({ "a": null, "b": true, "c": 7, "d": -1.5, "e": "", "f": "no", "g": "1.0", "h": [], "i": {}, "j": "1_0" }),
        json!({ "literal": "one\n\n  two: # three\nfour\n", "no break": "one\ntwo", "breaks": "one\n\n", "blank": " one\ntwo\n" }),
        json!({ "long": long.trim(), "blank at the end": long, "tab\t": "a\tb\r\n", "bom": "\u{feff}\na" }),
        json!({ "below": { "long": [long.trim(), "one\ntwo"] }, "trailing": "one \ntwo" }),
        json!([[["a"]], [{ "b": { "c": "d" } }]]),
    ] {
        let text = document(&value).unwrap();
        assert_eq!(read(&text), value, "{text}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\n]{0,12}|\\PC{0,6}|([ -~]{0,12} ){12}".prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z ]{0,5}|\\PC{0,3}", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_value_is_read_back(value in any_value()) {
        let written = document(&value).unwrap();
        let parsed = yaml::parse(&written);
        prop_assert!(parsed.errors.is_empty(), "{}", written);
        let back: Value = serde_json::from_str(&parsed.documents[0].root.to_json()).unwrap();
        prop_assert_eq!(back, value, "{}", written);
    }
}
