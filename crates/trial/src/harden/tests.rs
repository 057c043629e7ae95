use std::time::Duration;

use serde_json::json;

use super::*;
use crate::outcome::{Change, ChangeKind, Evidence, Readiness};

fn options(rules: &[&str]) -> Options {
    let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
    Options { head_room: 50, rules, overwrite: false, users: BTreeMap::new() }
}

fn seen(evidence: Evidence) -> Outcome {
    let evidence = BTreeMap::from([("app".to_owned(), evidence)]);
    Outcome { readiness: Readiness::Ready, evidence, took: Duration::from_secs(10) }
}

#[test]
fn paths_become_volumes_where_the_root_is_read_only() {
    let evidence = || {
        let change = |path: &str| Change { path: path.to_owned(), kind: ChangeKind::Added };
        seen(Evidence { written: vec![change("/data"), change("/data/x"), change("/odd")], ..Evidence::default() })
    };
    let mut pod = json!({ "containers": [{ "name": "app", "securityContext": { "readOnlyRootFilesystem": true } }] });
    let given = complete(&mut pod, &evidence(), &options(&[]));
    let path = Given::Path { container: "app".to_owned(), path: "/data".to_owned(), hides: Hides::Nothing };
    assert_eq!(given, [path]);
    assert_eq!(pod["containers"][0]["volumeMounts"], json!([{ "name": "writable-app-data", "mountPath": "/data" }]));
    let before = pod.clone();
    assert_eq!(complete(&mut pod, &evidence(), &options(&[])), []);
    assert_eq!(pod, before, "a second time changes nothing");

    let mut writable = json!({ "containers": [{ "name": "app" }] });
    assert_eq!(complete(&mut writable, &evidence(), &options(&[])), []);
}

#[test]
fn ids_are_those_of_the_image_or_seen_or_nobodys() {
    let user = |users: &[u32], image: Option<(u32, Option<u32>)>, pod: Value, overwrite: bool| {
        let mut pod = pod;
        let users = users.iter().copied().collect();
        let mut options = Options { overwrite, ..options(&["run-as-user"]) };
        options.users = image.map(|image| ("app".to_owned(), image)).into_iter().collect();
        complete(&mut pod, &seen(Evidence { users, ..Evidence::default() }), &options);
        (pod["securityContext"].clone(), pod["containers"][0]["securityContext"].clone())
    };
    let plain = || json!({ "containers": [{ "name": "app" }] });
    let ids = |user: u32, group: u32| json!({ "runAsUser": user, "runAsGroup": group, "runAsNonRoot": true });
    let root = json!({ "runAsUser": 0, "runAsGroup": 3 });
    for (users, image, pod, overwrite, expected) in [
        (&[0][..], None, plain(), false, (ids(65532, 65532), Value::Null)),
        (&[101], None, plain(), false, (ids(101, 101), Value::Null)),
        (&[0, 101], None, plain(), false, (ids(65532, 65532), Value::Null)),
        (&[7], Some((101, Some(102))), plain(), false, (ids(101, 102), Value::Null)),
        (&[7], Some((101, Some(0))), plain(), false, (ids(101, 101), Value::Null)),
        (&[0], Some((0, None)), plain(), false, (ids(65532, 65532), Value::Null)),
        (
            &[5],
            None,
            json!({ "securityContext": { "runAsUser": 5 }, "containers": [{ "name": "app" }] }),
            false,
            (ids(5, 5), Value::Null),
        ),
        (
            &[0],
            None,
            json!({ "containers": [{ "name": "app", "securityContext": { "runAsUser": 0, "runAsGroup": 3 } }] }),
            false,
            (Value::Null, root),
        ),
        (
            &[0],
            None,
            json!({ "containers": [{ "name": "app", "securityContext": { "runAsUser": 0, "runAsGroup": 3 } }] }),
            true,
            (Value::Null, ids(65532, 3)),
        ),
    ] {
        assert_eq!(user(users, image, pod.clone(), overwrite), expected, "{users:?} {image:?} {pod}");
    }
    let mut unasked = plain();
    assert_eq!(complete(&mut unasked, &seen(Evidence::default()), &options(&[])), []);
    let mut non_root = json!({ "securityContext": { "runAsNonRoot": true }, "containers": [{ "name": "app" }] });
    complete(&mut non_root, &seen(Evidence::default()), &options(&[]));
    assert_eq!(non_root["securityContext"]["runAsUser"], 65532, "the kubelet would not start the image");
}

#[test]
fn limits_have_room_above_what_was_measured() {
    let evidence = || {
        let processor = Some(Duration::from_millis(1500));
        seen(Evidence { memory: Some(100 << 20), processor, ..Evidence::default() })
    };
    let limits = |resources: Value| {
        let mut pod = json!({ "containers": [{ "name": "app", "resources": resources }] });
        complete(&mut pod, &evidence(), &options(&["resources"]));
        pod["containers"][0]["resources"].clone()
    };
    let whole =
        json!({ "limits": { "memory": "150Mi", "cpu": "250m" }, "requests": { "memory": "100Mi", "cpu": "150m" } });
    assert_eq!(limits(json!({})), whole);
    assert_eq!(limits(Value::Null), whole);
    assert_eq!(limits(whole.clone()), whole);
    let own = limits(json!({ "requests": { "memory": "1Gi", "cpu": 2 } }));
    assert_eq!(own["limits"], json!({ "memory": "1024Mi", "cpu": "2000m" }), "not below the request");
    let unreadable = limits(json!({ "requests": { "memory": "much" } }));
    assert_eq!(unreadable["limits"], json!({ "cpu": "250m" }));
    let mut of_pod =
        json!({ "resources": { "limits": { "memory": "1Gi", "cpu": 1 } }, "containers": [{ "name": "app" }] });
    assert_eq!(complete(&mut of_pod, &evidence(), &options(&["resources"])), []);
}

#[test]
fn the_group_of_a_new_user_owns_the_disks_that_it_writes_into() {
    let group = |volume: Value, mount: Value, own: Value| {
        let mut pod = json!({ "securityContext": own, "volumes": [volume],
            "containers": [{ "name": "app", "volumeMounts": [mount] }] });
        let given = complete(&mut pod, &seen(Evidence::default()), &options(&["run-as-user"]));
        let said = given.contains(&Given::Group { group: 65532 });
        (pod["securityContext"]["fsGroup"].clone(), said)
    };
    let mount = || json!({ "name": "v", "mountPath": "/v" });
    let disk = || json!({ "name": "v", "persistentVolumeClaim": { "claimName": "c" } });
    let none = (Value::Null, false);
    for (volume, mount, own, expected) in [
        (disk(), mount(), Value::Null, (json!(65532), true)),
        // A claim of a StatefulSet is not among the volumes.
        (json!({ "name": "w" }), mount(), Value::Null, (json!(65532), true)),
        (disk(), mount(), json!({ "fsGroup": 5 }), (json!(5), false)),
        (disk(), mount(), json!({ "runAsUser": 7, "runAsGroup": 7 }), none.clone()),
        (disk(), json!({ "name": "v", "mountPath": "/v", "readOnly": true }), Value::Null, none.clone()),
        (json!({ "name": "v", "emptyDir": {} }), mount(), Value::Null, none.clone()),
        (json!({ "name": "v" }), mount(), Value::Null, none.clone()),
        // The kubelet does not change the owner of these.
        (json!({ "name": "v", "hostPath": { "path": "/x" } }), mount(), Value::Null, none.clone()),
        (json!({ "name": "v", "nfs": {} }), mount(), Value::Null, none),
    ] {
        assert_eq!(group(volume.clone(), mount.clone(), own.clone()), expected, "{volume} {mount} {own}");
    }
}

#[test]
fn containers_that_end_too_soon_to_be_measured_are_named() {
    let unmeasured = |memory: Option<u64>, pod: &Value, rules: &[&str]| {
        super::unmeasured(pod, &seen(Evidence { memory, ..Evidence::default() }), &options(rules))
    };
    let bare = json!({ "containers": [{ "name": "app" }] });
    let limits = json!({ "limits": { "memory": "1Gi" } });
    let bounded = json!({ "containers": [{ "name": "app", "resources": limits }] });
    let of_pod = json!({ "resources": limits, "containers": [{ "name": "app" }] });
    assert_eq!(unmeasured(None, &bare, &["resources"]), ["app"]);
    assert_eq!(unmeasured(None, &bare, &[]), [""; 0], "no rule asks for limits");
    assert_eq!(unmeasured(Some(1), &bare, &["resources"]), [""; 0]);
    for pod in [bounded, of_pod] {
        assert_eq!(unmeasured(None, &pod, &["resources"]), [""; 0], "{pod}");
    }
}
