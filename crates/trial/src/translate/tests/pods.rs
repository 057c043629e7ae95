//! The pod as a whole: roles, names, what is not passed on.

use super::*;
use crate::pod::{Restart, Role, Security};

#[test]
fn containers_start_in_order_with_their_roles() {
    let one = |name: &str, rest: Value| {
        let mut container = json!({ "name": name, "image": "app:1" });
        container.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        container
    };
    let found = pod(json!({
        "initContainers": [one("a", json!({})), one("b", json!({ "restartPolicy": "Always" })), one("c", json!({}))],
        "containers": [one("d", json!({ "stdin": true })), one("e", json!({ "tty": true }))],
        "ephemeralContainers": [one("f", json!({}))]
    }));
    let found: Vec<_> = found.unwrap().containers.into_iter().map(|c| (c.name, c.role, c.stdin, c.tty)).collect();
    let want = [
        ("a", Role::Init, false, false),
        ("b", Role::Sidecar, false, false),
        ("c", Role::Init, false, false),
        ("d", Role::Main, true, false),
        ("e", Role::Main, false, true),
    ];
    assert_eq!(found, want.map(|(name, role, stdin, tty)| (name.to_owned(), role, stdin, tty)));
}

#[test]
fn a_pod_has_a_host_name_and_the_names_of_its_services() {
    let names = |kind: &str, members: Value, rest: Value| {
        let mut objects = objects();
        let service = |name: &str, selector: Value, ports: Value| json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": name }, "spec": { "selector": selector, "ports": ports } });
        objects.add(&service("front", json!({ "app": "web" }), json!([{ "port": 80, "targetPort": "http" }]))).unwrap();
        objects.add(&service("all", json!({}), json!([{ "port": 80 }]))).unwrap();
        objects.add(&service("other", json!({ "app": "web", "tier": "x" }), json!([{ "port": 80 }]))).unwrap();
        let mut spec = spec(json!({ "ports": [{ "name": "http", "containerPort": 8080 }] }));
        spec.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let pod = translate(&workload(kind, spec, rest), &objects, &images("")).unwrap();
        let names = pod.names.iter().filter(|name| !name.contains(".shop")).cloned().collect::<Vec<_>>();
        assert_eq!(pod.names.len(), 4 * names.len());
        assert!(pod.names.contains(&format!("{}.shop.svc.cluster.local", names[0])));
        format!("{} {}", pod.hostname, names.join(" "))
    };
    let none = || json!({});
    assert_eq!(names("Deployment", none(), none()), "web-trial front");
    assert_eq!(names("Pod", none(), none()), "web front");
    assert_eq!(names("StatefulSet", none(), json!({ "serviceName": "peers" })), "web-0 front web-0.peers");
    assert_eq!(names("Pod", json!({ "hostname": "h", "subdomain": "sub" }), none()), "h front h.sub");
    let fqdn = json!({ "hostname": "h", "subdomain": "sub", "setHostnameAsFQDN": true });
    assert_eq!(names("Pod", fqdn, none()), "h.sub.shop.svc.cluster.local front h.sub");
    let long = json!({ "hostname": "a".repeat(62) + "-b" });
    assert_eq!(names("Pod", long, none()), "a".repeat(62) + " front");
}

#[test]
fn services_lead_from_port_to_port() {
    let forwards = |service: Value| {
        let mut objects = Objects::default();
        let mut service = service;
        service["selector"] = json!({ "app": "web" });
        let object = json!({ "apiVersion": "v1", "kind": "Service", "metadata": { "name": "s" }, "spec": service });
        objects.add(&object).unwrap();
        let spec = spec(json!({ "ports": [{ "name": "http", "containerPort": 8080 }] }));
        translate(&workload("Deployment", spec, json!({})), &objects, &images("")).unwrap().forwards
    };
    for (service, ports) in [
        (json!({ "ports": [{ "port": 80, "targetPort": "http" }] }), &[(80, 8080)][..]),
        (json!({ "ports": [{ "port": 80, "targetPort": 8080 }, { "port": 81 }] }), &[(80, 8080), (81, 81)]),
        (json!({ "ports": [{ "port": 8080, "targetPort": "http" }] }), &[]),
        (json!({ "ports": [{ "port": 80, "targetPort": 0 }] }), &[]),
        (json!({ "ports": [{ "port": 80, "targetPort": "none" }] }), &[]),
        (json!({ "ports": [{ "port": 53, "targetPort": 5353, "protocol": "UDP" }] }), &[]),
        (json!({ "clusterIP": "None", "ports": [{ "port": 80, "targetPort": 8080 }] }), &[]),
    ] {
        let found = forwards(service.clone());
        let found: Vec<_> = found.iter().map(|forward| (forward.names[1].as_str(), &*forward.ports)).collect();
        let want: Vec<_> = (!ports.is_empty()).then_some(("s.shop", ports)).into_iter().collect();
        assert_eq!(found, want, "{service}");
    }
}

#[test]
fn a_job_ends_and_others_restart() {
    for (kind, policy, want) in [
        ("Deployment", None, (false, Restart::Always)),
        ("Pod", Some("Never"), (false, Restart::Never)),
        ("Pod", Some("OnFailure"), (false, Restart::OnFailure)),
        ("Job", Some("Never"), (true, Restart::Never)),
    ] {
        let mut spec = spec(json!({}));
        spec["restartPolicy"] = json!(policy);
        let pod = translate(&workload(kind, spec, json!({})), &objects(), &images("")).unwrap();
        assert_eq!((pod.runs_once, pod.restart), want, "{kind} {policy:?}");
    }
    let indexed = workload("Job", spec(json!({})), json!({ "completionMode": "Indexed" }));
    let pod = translate(&indexed, &Objects::default(), &images("")).unwrap();
    assert_eq!(pod.containers[0].env, [("JOB_COMPLETION_INDEX".to_owned(), "0".to_owned())]);
}

#[test]
fn limits_are_the_containers_then_the_pods() {
    for (limits, of_pod, want) in [
        (json!({}), json!({}), (None, None)),
        (json!({ "memory": "64Mi", "cpu": "250m" }), json!({}), (Some(67_108_864), Some(250))),
        (json!({ "memory": 1e6, "cpu": 0.5 }), json!({}), (Some(1_000_000), Some(500))),
        (json!({ "memory": "0", "cpu": 0 }), json!({}), (None, None)),
        // What is finer is rounded up, never down.
        (json!({ "memory": "1500m", "cpu": "100u" }), json!({}), (Some(2), Some(1))),
        (json!({ "cpu": "1" }), json!({ "memory": "1Ki", "cpu": "2" }), (Some(1024), Some(1000))),
    ] {
        let mut spec = spec(json!({ "resources": { "limits": limits } }));
        spec["resources"] = json!({ "limits": of_pod });
        let container = pod(spec).unwrap().containers.remove(0);
        assert_eq!((container.memory, container.millicores), want, "{limits} {of_pod}");
    }
    assert_eq!(
        error(json!({ "resources": { "limits": { "memory": "-1" } } })),
        "resources.limits.memory: -1 must not be negative"
    );
}

#[test]
fn what_reaches_beyond_the_pod_is_a_note_and_no_more() {
    let mut reaching = spec(json!({
        "securityContext": { "privileged": true, "procMount": "Unmasked", "capabilities": { "add": ["SYS_ADMIN"] } },
        "ports": [{ "containerPort": 80, "hostPort": 80 }],
        "volumeMounts": [{ "name": "socket", "mountPath": "/run/docker.sock" }]
    }));
    for (field, value) in [
        ("hostNetwork", json!(true)),
        ("hostPID", json!(true)),
        ("hostIPC", json!(true)),
        ("shareProcessNamespace", json!(true)),
        ("runtimeClassName", json!("gvisor")),
        ("volumes", json!([{ "name": "socket", "hostPath": { "path": "/run/docker.sock" } }])),
        (
            "securityContext",
            json!({ "sysctls": [{ "name": "kernel.msgmax", "value": "1" }, { "name": "net.ipv4.ip_unprivileged_port_start", "value": "0" }] }),
        ),
    ] {
        reaching[field] = value;
    }
    let mut found = pod(reaching).unwrap();
    found.notes.retain(|note| !note.starts_with("Variables of services"));
    assert_eq!(
        found.notes,
        [
            "hostNetwork is not passed on: the pod has a network of its own.",
            "hostPID is not passed on: each container sees its own processes.",
            "hostIPC is not passed on: the pod's memory is its own.",
            "shareProcessNamespace is not passed on: each container sees its own processes.",
            "runtimeClassName is not passed on: the engine's own runtime is used.",
            "Volume socket (hostPath) is an empty folder here, which belongs to root like a new disk.",
            "Container app: privileged is never passed on; it runs like any other container.",
            "Container app: procMount Unmasked is not passed on.",
            "Container app: hostPort 80 is not opened.",
            "Container app: the capability SYS_ADMIN reaches beyond the container and is not passed on.",
            "The sysctl kernel.msgmax is not passed on.",
        ]
    );
    assert_eq!(
        found.sysctls.into_iter().collect::<Vec<_>>(),
        [("net.ipv4.ip_unprivileged_port_start".to_owned(), "0".to_owned())]
    );
    assert_eq!(found.containers[0].security, Security { user: Some(0), ..Security::default() });
}

#[test]
fn what_is_no_pod_is_refused() {
    for (spec, want) in [
        (json!({ "containers": [] }), "spec.template.spec.containers: is empty; write a container"),
        (
            json!({ "containers": [{ "name": "a" }] }),
            "spec.template.spec.containers[0].image: is not set; write the image",
        ),
        (
            json!({ "containers": [{ "name": "a", "image": "i" }, { "name": "a", "image": "i" }] }),
            "spec.template.spec.containers[1].name: \"a\" must be a name that no other container of the pod has",
        ),
        (
            json!({ "containers": [{ "name": "a", "image": 5 }] }),
            "spec.template.spec.containers[0].image: invalid type: integer `5`, expected a string",
        ),
        (
            json!({ "containers": [{ "name": "a", "image": "i" }], "restartPolicy": "Sometimes" }),
            "spec.template.spec.restartPolicy: \"Sometimes\" is none of Always, OnFailure and Never",
        ),
        (
            json!({ "containers": [{ "name": "a", "image": "i" }], "os": { "name": "windows" } }),
            "is a pod for Windows, which runs on Windows nodes only; leave it out",
        ),
        (
            json!({ "containers": [{ "name": "a", "image": "i" }], "nodeSelector": { "kubernetes.io/os": "windows" } }),
            "is a pod for Windows, which runs on Windows nodes only; leave it out",
        ),
    ] {
        assert_eq!(pod(spec.clone()).unwrap_err(), format!("Deployment web: {want}"), "{spec}");
    }
}

#[test]
fn lines_of_etc_hosts_are_passed_on() {
    let mut spec = spec(json!({}));
    spec["hostAliases"] = json!([{ "ip": "127.0.0.1", "hostnames": ["a", "b"] }]);
    let want = [("a", "127.0.0.1"), ("b", "127.0.0.1")].map(|(name, ip)| (name.to_owned(), ip.to_owned()));
    assert_eq!(pod(spec).unwrap().host_aliases, want);
}
