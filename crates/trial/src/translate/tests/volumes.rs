//! Volumes and mounts.

use super::*;

/// The pod of a container that mounts the volume `v` of this source at `/v`.
fn mounting(source: Value) -> Result<Pod, String> {
    let mut spec = spec(json!({ "volumeMounts": [{ "name": "v", "mountPath": "/v" }] }));
    let mut volume = source;
    volume["name"] = "v".into();
    spec["volumes"] = json!([volume]);
    pod(spec)
}

/// The files of a volume of this source, `path mode content`.
fn files(source: Value) -> Result<Vec<String>, String> {
    let pod = mounting(source)?;
    let volume = &pod.volumes[0];
    assert!(!volume.writable && pod.containers[0].mounts[0].read_only);
    let content = |file: &crate::pod::File| String::from_utf8_lossy(&file.bytes).escape_debug().to_string();
    Ok(volume.files.iter().map(|file| format!("{} {:o} {}", file.path, file.mode, content(file))).collect())
}

#[test]
fn config_maps_and_secrets_are_files() {
    for (source, want) in [
        (
            json!({ "configMap": { "name": "settings" } }),
            &["1st 644 one", r"app.conf 644 a = b\n", "color 644 blue", r"logo 644 \0\u{1}\u{2}"][..],
        ),
        (
            json!({ "configMap": { "name": "settings", "items": [{ "key": "color", "path": "a/b" }] } }),
            &["a/b 644 blue"],
        ),
        (
            json!({ "configMap": { "name": "settings", "defaultMode": 0o400,
                "items": [{ "key": "color", "path": "a", "mode": 0o755 }, { "key": "color", "path": "b" }] } }),
            &["a 755 blue", "b 400 blue"],
        ),
        (json!({ "configMap": { "name": "none", "optional": true } }), &[]),
        (
            json!({ "configMap": { "name": "settings", "optional": true, "items": [{ "key": "none", "path": "a" }] } }),
            &[],
        ),
        (json!({ "secret": { "secretName": "keys", "defaultMode": 0o440 } }), &["token 440 s3cret", "user 440 me"]),
        (
            json!({ "projected": { "defaultMode": 0o600, "sources": [
                { "secret": { "name": "keys", "items": [{ "key": "token", "path": "t" }] } },
                { "configMap": { "name": "settings", "items": [{ "key": "color", "path": "c", "mode": 0o644 }] } },
                { "serviceAccountToken": { "path": "token" } },
                { "configMap": { "name": "kube-root-ca.crt", "items": [{ "key": "ca.crt", "path": "ca.crt" }] } },
                { "downwardAPI": { "items": [{ "path": "labels", "fieldRef": { "fieldPath": "metadata.labels" } }] } }
            ] } }),
            &["c 644 blue", "ca.crt 600 ", "labels 600 app=\\\"web\\\"", "t 600 s3cret", "token 600 "],
        ),
    ] {
        assert_eq!(files(source.clone()), Ok(want.iter().map(|&line| line.to_owned()).collect()), "{source}");
    }
}

#[test]
fn fields_of_the_pod_are_files() {
    let item = |path: &str, field: &str| json!({ "path": path, "fieldRef": { "fieldPath": field } });
    let source = json!({ "downwardAPI": { "defaultMode": 0o444, "items": [
        item("name", "metadata.name"),
        item("annotations", "metadata.annotations"),
        { "path": "cpu", "resourceFieldRef": { "containerName": "app", "resource": "requests.cpu", "divisor": "1m" } }
    ] } });
    assert_eq!(files(source).unwrap(), ["annotations 444 team=\\\"a\\\"", "cpu 444 0", "name 444 web-trial"]);
    for (item, want) in [
        (
            item("ip", "status.podIP"),
            "items[0].fieldRef.fieldPath: \"status.podIP\" is not a field that a file can have",
        ),
        (json!({ "path": "a" }), "items[0]: has neither fieldRef nor resourceFieldRef; write one"),
        (
            json!({ "path": "a", "resourceFieldRef": { "resource": "limits.cpu" } }),
            "items[0].resourceFieldRef.containerName: there is no container \"\" in this pod; write the name of one",
        ),
    ] {
        let want = format!("Deployment web: spec.template.spec.volumes[0].downwardAPI.{want}");
        assert_eq!(files(json!({ "downwardAPI": { "items": [item] } })), Err(want));
    }
}

#[test]
fn the_group_of_volumes_may_read_them() {
    let mut spec = spec(json!({ "volumeMounts": [{ "name": "v", "mountPath": "/v" }] }));
    spec["volumes"] = json!([{ "name": "v", "secret": { "secretName": "keys", "defaultMode": 0o400 } }]);
    spec["securityContext"] = json!({ "fsGroup": 5 });
    assert!(pod(spec).unwrap().volumes[0].files.iter().all(|file| file.mode == 0o440));
}

#[test]
fn the_group_of_volumes_may_write_into_those_that_the_kubelet_gives_it() {
    for (volume, mode) in [
        (json!({ "name": "v", "persistentVolumeClaim": { "claimName": "c" } }), 0o775),
        (json!({ "name": "v", "hostPath": { "path": "/x" } }), 0o755),
        (json!({ "name": "v", "emptyDir": {} }), 0o777),
    ] {
        let mut spec = spec(json!({ "volumeMounts": [{ "name": "v", "mountPath": "/v" }] }));
        spec["securityContext"] = json!({ "fsGroup": 5 });
        spec["volumes"] = json!([volume]);
        assert_eq!(pod(spec).unwrap().volumes[0].mode, mode, "{volume}");
    }
}

#[test]
fn what_is_not_there_keeps_the_pod_from_starting() {
    let missing = "add its manifest to the files that are tried";
    for (source, want) in [
        (
            json!({ "configMap": { "name": "none" } }),
            format!(r#"container app: configmap "none" not found; {missing}"#),
        ),
        (
            json!({ "secret": { "secretName": "none" } }),
            format!(r#"container app: secret "none" not found; {missing}"#),
        ),
        (
            json!({ "configMap": { "name": "settings", "items": [{ "key": "k", "path": "a" }] } }),
            r#"container app: volume v: configmap "settings" references non-existent key: k"#.to_owned(),
        ),
    ] {
        assert_eq!(mounting(source).unwrap_err(), format!("Deployment web: {want}"));
    }
}

#[test]
fn other_volumes_are_folders() {
    for (source, mode, takes_group, writable, notes) in [
        (json!({ "emptyDir": {} }), 0o777, true, true, 0),
        (json!({ "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } }), 0o777, true, true, 0),
        (json!({}), 0o777, true, true, 0),
        (json!({ "hostPath": { "path": "/etc" } }), 0o755, false, true, 1),
        (json!({ "persistentVolumeClaim": { "claimName": "data" } }), 0o755, true, true, 1),
        (json!({ "nfs": { "server": "a", "path": "/" } }), 0o755, false, true, 1),
        (json!({ "ephemeral": {} }), 0o755, true, true, 1),
        (json!({ "csi": { "driver": "d" } }), 0o755, true, true, 1),
        (json!({ "image": { "reference": "i" } }), 0o755, false, false, 1),
    ] {
        let pod = mounting(source.clone()).unwrap();
        let said = pod.notes.iter().filter(|note| note.starts_with("Volume v")).count();
        let volume = &pod.volumes[0];
        let found = (volume.mode, volume.takes_group, volume.writable, said);
        assert_eq!(found, (mode, takes_group, writable, notes), "{source}");
        assert!(pod.volumes[0].files.is_empty());
    }
    let claims =
        json!({ "volumeClaimTemplates": [{ "metadata": { "name": "data" } }, { "metadata": { "name": "unused" } }] });
    let mounts = json!({ "volumeMounts": [{ "name": "data", "mountPath": "data" }] });
    let pod = translate(&workload("StatefulSet", spec(mounts), claims), &objects(), &images("")).unwrap();
    assert_eq!(
        pod.volumes.iter().map(|volume| (volume.name.as_str(), volume.mode)).collect::<Vec<_>>(),
        [("data", 0o755)]
    );
    assert_eq!(pod.containers[0].mounts[0].path, "/data");
}

#[test]
fn mounts_are_read_only_where_they_say_so_and_in_parts() {
    let env = json!([{ "name": "A", "value": "x/y" }, { "name": "EMPTY" }]);
    let mount = |members: Value| {
        let mut mount = json!({ "name": "v", "mountPath": "/v" });
        mount.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let mut spec = spec(json!({ "volumeMounts": [mount], "env": env }));
        spec["volumes"] = json!([{ "name": "v", "emptyDir": {} }]);
        let at = "Deployment web: spec.template.spec.containers[0].volumeMounts[0].";
        let found = pod(spec).map(|mut pod| pod.containers.remove(0).mounts.remove(0));
        found.map_err(|error| error.replace(at, "").replace("Deployment web: ", ""))
    };
    for (members, path, sub_path, read_only) in [
        (json!({}), "/v", None, false),
        (json!({ "readOnly": true }), "/v", None, true),
        (json!({ "subPath": "a/b..c" }), "/v", Some("a/b..c"), false),
        (json!({ "subPath": "$(A)" }), "/v", Some("$(A)"), false),
        (json!({ "subPathExpr": "logs/$(A)" }), "/v", Some("logs/x/y"), false),
        (json!({ "mountPath": "data/x" }), "/data/x", None, false),
    ] {
        let found = mount(members.clone()).unwrap();
        assert_eq!(
            (&*found.path, found.sub_path.as_deref(), found.read_only),
            (path, sub_path, read_only),
            "{members}"
        );
    }
    for (members, want) in [
        (json!({ "subPath": "../x" }), r#"subPath: "../x" must be a relative path without `..`"#),
        (json!({ "subPath": "a/../../x" }), r#"subPath: "a/../../x" must be a relative path without `..`"#),
        (json!({ "subPath": "/etc" }), r#"subPath: "/etc" must be a relative path without `..`"#),
        (json!({ "subPathExpr": "../$(A)" }), r#"subPathExpr: "../x/y" must be a relative path without `..`"#),
        (json!({ "subPathExpr": "$(EMPTY)" }), r#"container app: missing value for "EMPTY""#),
        (json!({ "subPathExpr": "$(NONE)" }), r#"container app: missing value for "NONE""#),
        (json!({ "subPathExpr": "a", "subPath": "b" }), "subPathExpr: stands beside subPath; keep one"),
        (json!({ "mountPath": "/" }), "mountPath: nothing can be mounted over the root file system"),
        (json!({ "mountPath": "/a:b" }), r#"mountPath: "/a:b" must be a path without `:` and `..`"#),
        (json!({ "mountPath": "" }), r#"mountPath: "" must be a path without `:` and `..`"#),
        (json!({ "name": "w" }), r#"name: there is no volume "w" in spec.volumes; add one or write another name"#),
    ] {
        assert_eq!(mount(members.clone()).unwrap_err(), want, "{members}");
    }
    let twice = json!([{ "name": "v", "mountPath": "/v" }, { "name": "v", "mountPath": "/v/" }]);
    let mut spec = spec(json!({ "volumeMounts": twice }));
    spec["volumes"] = json!([{ "name": "v" }]);
    assert!(pod(spec).unwrap_err().ends_with("volumeMounts[1].mountPath: /v has a mount already; keep one"));
}

#[test]
fn files_stay_in_their_volume_and_have_a_mode() {
    for (item, want) in [
        (json!({ "key": "color", "path": "../etc/passwd" }), r#""../etc/passwd" must be a relative path without `..`"#),
        (json!({ "key": "color", "path": "a/../../b" }), r#""a/../../b" must be a relative path without `..`"#),
        (json!({ "key": "color", "path": "/etc/passwd" }), r#""/etc/passwd" must be a relative path without `..`"#),
        (json!({ "key": "color", "path": "..data" }), r#""..data" must be a relative path without `..`"#),
        (json!({ "key": "color", "path": "" }), r#""" must be a relative path without `..`"#),
        (json!({ "key": "color", "path": "a", "mode": 0o1000 }), "the mode 512 must be from 0 to 511 (0777)"),
        (json!({ "key": "color", "path": "a", "mode": -1 }), "the mode -1 must be from 0 to 511 (0777)"),
    ] {
        let error = mounting(json!({ "configMap": { "name": "settings", "items": [item] } })).unwrap_err();
        assert_eq!(error, format!("Deployment web: spec.template.spec.volumes[0].configMap.items[0]: {want}"));
    }
}
