use super::*;
use serde_json::json;

/// Changes as text: `+` add, `^` insert, `=` replace, `-` remove.
fn changes(old: &Value, new: &Value) -> Vec<String> {
    let line = |change: Change| {
        let mut path = String::new();
        for segment in &change.path {
            match segment {
                Segment::Key(key) => path += &format!(".{key}"),
                Segment::Index(index) => path += &format!("[{index}]"),
            }
        }
        match change.kind {
            Kind::Add(value) => format!("+{path} {value}"),
            Kind::Insert(value) => format!("^{path} {value}"),
            Kind::Replace(value) => format!("={path} {value}"),
            Kind::Remove => format!("-{path}"),
        }
    };
    diff(old, new).into_iter().map(line).collect()
}

#[test]
fn objects_by_key_and_lists_by_alignment() {
    let table = [
        (json!({"a": 1}), json!({"a": 1.0}), vec![]),
        (json!({"a": 1, "b": 2}), json!({"a": 2, "c": 3}), vec!["=.a 2", "-.b", "+.c 3"]),
        (json!({"a": null}), json!({"a": {"b": 1}}), vec!["=.a {\"b\":1}"]),
        (json!({"a": {}}), json!({"a": {"b": 1}}), vec!["+.a.b 1"]),
        (json!([1, 2]), json!([1, 2, 3]), vec!["^[2] 3"]),
        (json!([1, 2, 3]), json!([1, 3]), vec!["-[1]"]),
        (json!([1, 2, 3]), json!([2, 3, 4]), vec!["-[0]", "^[3] 4"]),
        (json!([1, 3]), json!([0, 1, 2, 3]), vec!["^[0] 0", "^[1] 2"]),
        (json!(["NET_RAW"]), json!(["ALL"]), vec!["=[0] \"ALL\""]),
        (
            json!([{"name": "a"}, {"name": "b", "x": 1}]),
            json!([{"name": "n"}, {"name": "a", "y": 1}, {"name": "b", "x": 2}]),
            vec!["^[0] {\"name\":\"n\"}", "+[0].y 1", "=[1].x 2"],
        ),
        (json!([{"name": "a"}]), json!([{"name": "b"}]), vec!["-[0]", "^[1] {\"name\":\"b\"}"]),
        (json!([{"a": 1}, {"b": 2}]), json!([{"a": 2}, {"b": 3}]), vec!["=[0].a 2", "=[1].b 3"]),
    ];
    for (old, new, want) in table {
        assert_eq!(changes(&old, &new), want, "{old} {new}");
    }
}

#[test]
fn very_long_lists_are_compared_from_both_ends() {
    let old: Vec<u32> = (0..3000).collect();
    let new: Vec<u32> = (0..3000).filter(|n| *n != 7).collect();
    assert_eq!(changes(&json!(old), &json!(new)), ["-[7]"]);
    let other: Vec<u32> = (5000..8000).collect();
    assert_eq!(diff(&json!(old), &json!(other)).len(), 3000);
}
