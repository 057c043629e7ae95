//! Commands, arguments and variables.

use super::super::env::get;
use super::*;

/// The variables of a container, `NAME=value`, without those of services.
fn env(members: Value) -> Vec<String> {
    let set = container(members).unwrap().env;
    set.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

#[test]
fn commands_and_arguments_see_the_variables() {
    let env = json!([{ "name": "A", "value": "a" }, { "name": "NAME", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } }]);
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
    for (written, command, args) in [
        (json!({}), None, None),
        (json!({ "command": [], "args": null }), None, None),
        (json!({ "command": ["$(A)", "$(NAME)"] }), words(&["a", "web-trial"]), None),
        (json!({ "args": ["--a=$(A)", "$$(A)", "$(B)"] }), None, words(&["--a=a", "$(A)", "$(B)"])),
        (json!({ "command": ["x"], "args": ["$(MY_DB_SERVICE_PORT)"] }), words(&["x"]), words(&["5432"])),
    ] {
        let mut members = written.clone();
        members["env"] = env.clone();
        let container = container(members).unwrap();
        assert_eq!((container.command, container.args), (command, args), "{written}");
    }
    assert_eq!(container(json!({ "workingDir": "$(A)" })).unwrap().working_dir.as_deref(), Some("$(A)"));
}

#[test]
fn variables_are_set_in_the_order_of_the_kubelet() {
    let from = |what: &str, name: &str| json!({ "valueFrom": { what: { "name": name, "key": "color" } } });
    let with_name = |mut variable: Value, name: &str| {
        variable["name"] = name.into();
        variable
    };
    for (members, want) in [
        (json!({ "env": [{ "name": "A", "value": "1" }, { "name": "B", "value": "$(A)2" }] }), &["A=1", "B=12"][..]),
        // What comes later is not known yet.
        (json!({ "env": [{ "name": "B", "value": "$(A)2" }, { "name": "A", "value": "1" }] }), &["B=$(A)2", "A=1"]),
        // The last one of a name counts, and sees the one before.
        (json!({ "env": [{ "name": "A", "value": "1" }, { "name": "A", "value": "$(A)2" }] }), &["A=12"]),
        (json!({ "env": [{ "name": "A" }] }), &["A="]),
        (
            json!({ "env": [{ "name": "HOST", "value": "$(MY_DB_SERVICE_HOST):$(MY_DB_SERVICE_PORT_SQL)" }] }),
            &["HOST=my-db:5432"],
        ),
        (json!({ "env": [with_name(from("configMapKeyRef", "settings"), "C")] }), &["C=blue"]),
        // A value of a ConfigMap is taken as it is.
        (
            json!({ "envFrom": [{ "configMapRef": { "name": "settings" } }], "env": [{ "name": "color", "value": "<$(color)>" }] }),
            &["1st=one", "app.conf=a = b\n", "color=<blue>"],
        ),
        (json!({ "envFrom": [{ "prefix": "K_", "secretRef": { "name": "keys" } }] }), &["K_token=s3cret", "K_user=me"]),
        (json!({ "envFrom": [{ "secretRef": { "name": "none", "optional": true } }] }), &[]),
        (
            json!({ "env": [{ "name": "A", "valueFrom": { "secretKeyRef": { "name": "none", "key": "k", "optional": true } } }] }),
            &[],
        ),
        (
            json!({ "env": [{ "name": "A", "valueFrom": { "secretKeyRef": { "name": "keys", "key": "k", "optional": true } } }] }),
            &[],
        ),
        // The value of an optional one that is not there stays unset, so that an earlier one counts.
        (
            json!({ "env": [{ "name": "A", "value": "1" }, { "name": "A", "valueFrom": { "configMapKeyRef": { "name": "no", "key": "k", "optional": true } } }] }),
            &["A=1"],
        ),
    ] {
        assert_eq!(env(members.clone()), want, "{members}");
    }
}

#[test]
fn what_is_not_there_is_said_in_the_kubelets_words() {
    let key = |what: &str, name: &str, key: &str| json!({ "env": [{ "name": "A", "valueFrom": { what: { "name": name, "key": key } } }] });
    for (members, want) in [
        (
            key("configMapKeyRef", "none", "k"),
            r#"container app: configmap "none" not found; add its manifest to the files that are tried"#,
        ),
        (
            key("secretKeyRef", "none", "k"),
            r#"container app: secret "none" not found; add its manifest to the files that are tried"#,
        ),
        (key("configMapKeyRef", "settings", "k"), "container app: couldn't find key k in ConfigMap shop/settings"),
        (key("secretKeyRef", "keys", "k"), "container app: couldn't find key k in Secret shop/keys"),
        // binaryData is for files.
        (
            key("configMapKeyRef", "settings", "logo"),
            "container app: couldn't find key logo in ConfigMap shop/settings",
        ),
        (
            json!({ "envFrom": [{ "configMapRef": { "name": "none" } }] }),
            r#"container app: configmap "none" not found; add its manifest to the files that are tried"#,
        ),
        (json!({ "envFrom": [{}] }), "envFrom[0]: has neither configMapRef nor secretRef; write one"),
        (json!({ "env": [{ "name": "A", "value": 5 }] }), "env[0].value: invalid type: integer `5`, expected a string"),
        (json!({ "env": [{ "name": "A=B" }] }), r#"env[0].name: "A=B" must be printable ASCII without `=`"#),
        (
            json!({ "command": ["a\0b"] }),
            "spec.template.spec.containers[0]: has a NUL in a command, an argument or a variable, which none can have",
        ),
    ] {
        assert_eq!(error(members.clone()), want, "{members}");
    }
}

#[test]
fn fields_of_the_pod_are_variables() {
    let of = |path: &str, workload: Workload| {
        let found = translate(&workload, &objects(), &images("")).map_err(|error| error.to_string())?;
        Ok::<_, String>(get(&found.at("10.0.0.5").containers[0].env, "A").unwrap().to_owned())
            .map(|value| (path.to_owned(), value))
    };
    let spec = |path: &str| {
        let mut spec = spec(json!({ "env": [{ "name": "A", "valueFrom": { "fieldRef": { "fieldPath": path } } }] }));
        spec["serviceAccountName"] = "robot".into();
        spec
    };
    for (kind, path, want) in [
        ("Deployment", "metadata.name", "web-trial"),
        ("Pod", "metadata.name", "web"),
        ("StatefulSet", "metadata.name", "web-0"),
        ("Pod", "metadata.namespace", "shop"),
        ("Pod", "metadata.uid", "00000000-0000-4000-8000-000000000000"),
        ("Deployment", "metadata.labels['app']", "web"),
        ("Deployment", "metadata.labels['none']", ""),
        ("Pod", "metadata.annotations['team']", "a"),
        ("StatefulSet", "metadata.labels['apps.kubernetes.io/pod-index']", "0"),
        ("Job", "metadata.labels['job-name']", "web"),
        ("Pod", "spec.nodeName", "node"),
        ("Pod", "spec.serviceAccountName", "robot"),
        ("Pod", "status.hostIP", "192.0.2.1"),
        ("Pod", "status.podIP", "10.0.0.5"),
        ("Pod", "status.podIPs", "10.0.0.5"),
    ] {
        assert_eq!(of(path, workload(kind, spec(path), json!({}))), Ok((path.to_owned(), want.to_owned())), "{kind}");
    }
    for path in ["metadata.labels", "spec.hostname", "metadata.generateName", ""] {
        let want = format!("env[0].valueFrom.fieldRef.fieldPath: {path:?} is not a field that a variable can have");
        assert!(of(path, workload("Pod", spec(path), json!({}))).unwrap_err().ends_with(&want));
    }
}

#[test]
fn resources_are_variables_rounded_up() {
    let resources =
        json!({ "limits": { "cpu": "1500m", "memory": "64Mi", "hugepages-2Mi": "4Mi" }, "requests": { "cpu": 0.25 } });
    let of = |resource: &str, divisor: Value| {
        let reference = json!({ "resource": resource, "divisor": divisor });
        let members =
            json!({ "resources": resources, "env": [{ "name": "A", "valueFrom": { "resourceFieldRef": reference } }] });
        Ok::<_, String>(get(&container(members)?.env, "A").unwrap().to_owned())
    };
    for (resource, divisor, want) in [
        ("limits.cpu", json!(null), "2"),
        ("limits.cpu", json!("0"), "2"),
        ("limits.cpu", json!("1m"), "1500"),
        ("requests.cpu", json!("1m"), "250"),
        ("requests.cpu", json!(1), "1"),
        ("limits.memory", json!(null), "67108864"),
        ("limits.memory", json!("1Mi"), "64"),
        ("limits.memory", json!("60Mi"), "2"),
        // The API server fills in the request from the limit.
        ("requests.memory", json!("1Mi"), "64"),
        ("limits.hugepages-2Mi", json!("1Mi"), "4"),
        ("limits.hugepages-1Gi", json!(null), "0"),
        ("requests.ephemeral-storage", json!(null), "0"),
    ] {
        assert_eq!(of(resource, divisor.clone()).as_deref(), Ok(want), "{resource} {divisor}");
    }
    assert!(of("limits.gpu", json!(null)).unwrap_err().contains("is none of limits.cpu, limits.memory"));
    assert!(of("limits.cpu", json!("x")).unwrap_err().contains("resourceFieldRef.divisor: x must be a quantity"));

    let reference = json!({ "resource": "limits.memory", "containerName": "app", "divisor": "1Gi" });
    let pod = pod(spec(json!({ "env": [{ "name": "A", "valueFrom": { "resourceFieldRef": reference } }] }))).unwrap();
    assert_eq!(get(&pod.containers[0].env, "A"), Some("8"));
    assert!(
        pod.notes.contains(
            &"Container app: no memory limit is set, so limits.memory is 8Gi, as if that were what the node has."
                .to_owned()
        ),
        "{:?}",
        pod.notes
    );
}

#[test]
fn services_are_variables() {
    let container = container(json!({ "env": [{ "name": "MY_DB_PORT", "value": "own" }] })).unwrap();
    let found: Vec<String> = container.variables().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        found.join(" "),
        "MY_DB_PORT=own MY_DB_SERVICE_HOST=my-db MY_DB_SERVICE_PORT=5432 MY_DB_SERVICE_PORT_SQL=5432 \
         MY_DB_SERVICE_PORT_DNS_UDP=53 MY_DB_PORT_5432_TCP=tcp://my-db:5432 MY_DB_PORT_5432_TCP_PROTO=tcp \
         MY_DB_PORT_5432_TCP_PORT=5432 MY_DB_PORT_5432_TCP_ADDR=my-db MY_DB_PORT_53_UDP=udp://my-db:53 \
         MY_DB_PORT_53_UDP_PROTO=udp MY_DB_PORT_53_UDP_PORT=53 MY_DB_PORT_53_UDP_ADDR=my-db"
    );
    let mut without = spec(json!({}));
    without["enableServiceLinks"] = false.into();
    assert_eq!(pod(without).unwrap().containers[0].service_env, []);

    for service in [
        json!({ "clusterIP": "None", "ports": [{ "port": 1 }] }),
        json!({ "type": "ExternalName", "ports": [{ "port": 1 }] }),
        json!({ "ports": [] }),
    ] {
        let mut objects = Objects::default();
        let object = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s" }, "spec": service });
        objects.add(&object).unwrap();
        let found = translate(&workload("Pod", spec(json!({})), json!({})), &objects, &images("")).unwrap();
        assert_eq!(found.containers[0].service_env, [], "{service}");
    }
}
