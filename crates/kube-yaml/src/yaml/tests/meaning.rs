//! The values of documents.

use super::*;

#[test]
fn collections_and_scalars() {
    let table = [
        ("a: yes", r#"{"a":true}"#),
        ("a: \"yes\"\nb: 'no'", r#"{"a":"yes","b":"no"}"#),
        ("mode: 0644", r#"{"mode":420}"#),
        ("- a\n- b: 1\n  c: 2\n-\n- - x\n", r#"["a",{"b":1,"c":2},null,["x"]]"#),
        ("a:\n- 1\n- 2\nb:\n", r#"{"a":[1,2],"b":null}"#),
        ("{a: [1, {b: c}], d: }", r#"{"a":[1,{"b":"c"}],"d":null}"#),
        ("[a: b, c]", r#"[{"a":"b"},"c"]"#),
        ("{a: b, c}", r#"{"a":"b","c":null}"#),
        ("? a\n: b\n? c\n", r#"{"a":"b","c":null}"#),
        ("a: |\n  x\n   y\n\nb: >-\n  x\n  y\n", r#"{"a":"x\n y\n","b":"x y"}"#),
        ("a: |+\n  x\n\n", r#"{"a":"x\n\n"}"#),
        ("a: |\n  x\n    ", r#"{"a":"x\n  \n"}"#),
        ("a: |\n  x ", r#"{"a":"x \n"}"#),
        ("a: [\n\tb,\n\t\"c\"\n\t]", r#"{"a":["b","c"]}"#),
        ("a: x\n  y\n", r#"{"a":"x y"}"#),
        ("a: \"x\\\n  y\\u00e9\\x41\"", r#"{"a":"xyéA"}"#),
        ("a: 'it''s'", r#"{"a":"it's"}"#),
        ("a: !!str 12\nb: !!int \"5\"\nc: !Ref 5", r#"{"a":"12","b":5,"c":"5"}"#),
        ("a: !!binary aGVsbG8=", r#"{"a":"hello"}"#),
        ("a: b\r\nc: d\r\n", r#"{"a":"b","c":"d"}"#),
        ("a: 1 # x\n# y\nb: z#z", r#"{"a":1,"b":"z#z"}"#),
        ("plain", r#""plain""#),
    ];
    for (text, want) in table {
        assert_eq!(one(text).to_json(), want, "{text}");
    }
}

#[test]
fn keys_become_strings() {
    let text = "1: a\ntrue: b\n1.5: c\n0x10: d\noff: e\n1e7: f\n'~': g\n";
    let want = r#"{"1":"a","true":"b","1.5":"c","16":"d","false":"e","1e+07":"f","~":"g"}"#;
    assert_eq!(one(text).to_json(), want);
}

#[test]
fn what_go_yaml_reads_and_yaml_1_2_does_not() {
    let table = [
        ("a: [\nb,\nc\n]", r#"{"a":["b","c"]}"#),
        ("x:\n  a: {\n  b: c\n  }\n", r#"{"x":{"a":{"b":"c"}}}"#),
        ("a: \"b\nc\"", r#"{"a":"b c"}"#),
        ("a: 'b\n\nc'\nd: e", r#"{"a":"b\nc","d":"e"}"#),
        ("a:\tb", r#"{"a":"b"}"#),
        ("a: 'b'#c", r#"{"a":"b"}"#),
        ("a: [b]#c", r#"{"a":["b"]}"#),
    ];
    for (text, want) in table {
        assert_eq!(one(text).to_json(), want, "{text}");
    }
}

#[test]
fn aliases() {
    let table = [
        ("a: &x {p: 1}\nb: *x", r#"{"a":{"p":1},"b":{"p":1}}"#),
        ("a: &x 1\nb: &x 2\nc: *x", r#"{"a":1,"b":2,"c":2}"#),
        ("a: &x\nb: *x", r#"{"a":null,"b":null}"#),
        ("a: &k key\nb: {*k : 1}", r#"{"a":"key","b":{"key":1}}"#),
        ("a: &k 12\nb: {*k : 1}", r#"{"a":12,"b":{"12":1}}"#),
        ("{&k 0x10: a, b: *k}", r#"{"16":"a","b":16}"#),
        ("a: !!int &x \"1\"\nb: *x", r#"{"a":1,"b":1}"#),
    ];
    for (text, want) in table {
        assert_eq!(one(text).to_json(), want, "{text}");
    }
    let root = one("a: &x {p: 1}\nb: *x");
    assert!(!root.at(&path("a.p")).unwrap().aliased);
    let aliased = root.at(&path("b.p")).unwrap();
    assert!(aliased.aliased);
    assert_eq!((aliased.span.line, aliased.span.column), (1, 11));
}

/// go-yaml 2 lets the later entry win, so a merge key behind an entry overrides it.
#[test]
fn merge_keys() {
    let anchors = "a: &x {p: 1, q: 2}\nb: &y {q: 5, r: 6}\n";
    let table = [
        ("{<<: *x, q: 3}", r#"{"p":1,"q":3}"#),
        ("{q: 3, <<: *x}", r#"{"q":2,"p":1}"#),
        ("{<<: [*x, *y], z: 1}", r#"{"q":2,"r":6,"p":1,"z":1}"#),
        ("{<<: *x, <<: *y}", r#"{"p":1,"q":5,"r":6}"#),
        ("{<<: {s: 1}, t: 2}", r#"{"s":1,"t":2}"#),
        ("{<<: [{s: 1}, {s: 2, t: 3}]}", r#"{"s":1,"t":3}"#),
        ("{!!merge \"<<\": {s: 1}}", r#"{"s":1}"#),
        ("{\"<<\": {s: 1}}", r#"{"<<":{"s":1}}"#),
        ("{!!str <<: {s: 1}}", r#"{"<<":{"s":1}}"#),
        ("[<<]", r#"["<<"]"#),
    ];
    for (text, want) in table {
        let text = format!("{anchors}v: {text}\n");
        assert_eq!(one(&text).get("v").unwrap().to_json(), want, "{text}");
    }
    let text = format!("{anchors}v: {{<<: *x, q: 3}}\n");
    let root = one(&text);
    assert!(root.at(&path("v.p")).unwrap().aliased);
    assert!(!root.at(&path("v.q")).unwrap().aliased);
}

#[test]
fn json_texts() {
    let table = [
        (r#"{"a": "x\/y\ud83d\ude00\u00e9\b\f\n"}"#, "{\"a\":\"x/y😀é\\u0008\\u000c\\n\"}"),
        (r#"{"a": [1, -2.50, 1e3, true, false, null, {}, []]}"#, r#"{"a":[1,-2.50,1e3,true,false,null,{},[]]}"#),
        (r#"["\ud83d", "\ud83dx", "\udc00"]"#, "[\"\u{fffd}\",\"\u{fffd}x\",\"\u{fffd}\"]"),
        ("[\n\t1\n]\n", "[1]"),
        ("{\"a\": \"\u{2028}\"}", "{\"a\":\"\u{2028}\"}"),
        // Not JSON, but YAML.
        (r#"{"a": yes,}"#, r#"{"a":true}"#),
        ("{\"a\": 01} # c", r#"{"a":1}"#),
        (r#"{"a":1,"b":"c"}"#, r#"{"a":1,"b":"c"}"#),
    ];
    for (text, want) in table {
        assert_eq!(one(text).to_json(), want, "{text}");
    }
}
