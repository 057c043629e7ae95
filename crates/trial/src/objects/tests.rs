use super::*;
use serde_json::json;

fn all(objects: &[Value]) -> Objects {
    let mut all = Objects::default();
    objects.iter().for_each(|object| all.add(object).unwrap());
    all
}

#[test]
fn secrets_are_decoded_and_string_data_wins() {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" },
        "data": { "a": "YWJj\nZA==\n", "b": "eA==", "none": null }, "stringData": { "b": "y" }
    });
    let all = all(&[secret]);
    let data = &all.secret(None, "s").unwrap().data;
    assert_eq!(
        data.iter().map(|(key, value)| (key.as_str(), value.as_slice())).collect::<Vec<_>>(),
        [("a", b"abcd".as_slice()), ("b", b"y"),]
    );
}

#[test]
fn what_the_api_server_refuses_is_refused() {
    let add = |object: Value| Objects::default().add(&object).unwrap_err().to_string();
    let object = |kind: &str, field: &str, value: Value| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "x" }, field: value });
    assert_eq!(
        add(object("Secret", "data", json!({ "k": "plain text" }))),
        "Secret x: data.k is not base64; write the text itself below stringData"
    );
    assert_eq!(
        add(object("ConfigMap", "data", json!({ "port": 80 }))),
        "ConfigMap x: data.port: invalid type: integer `80`, expected a string"
    );
    assert_eq!(
        add(object("Service", "spec", json!({ "ports": [{ "port": 99999 }] }))),
        "Service x: spec.ports[0].port: invalid value: integer `99999`, expected u16"
    );
}

#[test]
fn a_namespace_that_is_not_written_may_be_any() {
    let of = |namespace: Option<&str>, value: &str| {
        let metadata = json!({ "name": "c", "namespace": namespace });
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": { "k": value } })
    };
    let value = |objects: &Objects, namespace| objects.config_map(namespace, "c").map(|found| found.data["k"].clone());
    let both = all(&[of(Some("a"), "1"), of(None, "2")]);
    assert_eq!(value(&both, Some("a")).as_deref(), Some("1"));
    assert_eq!(value(&both, Some("b")).as_deref(), Some("2"));
    assert_eq!(value(&both, None).as_deref(), Some("2"));
    let one = all(&[of(Some("a"), "1"), of(Some("a"), "3")]);
    assert_eq!(value(&one, None).as_deref(), Some("3"));
    assert_eq!(value(&one, Some("b")), None);
}
