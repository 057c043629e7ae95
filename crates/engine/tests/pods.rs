//! Pods with a real engine, of an image that is made from nothing. Skipped with a word where there is none.

mod support;

use std::collections::BTreeSet;
use std::time::Duration;

use support::{Box_, container, files, how, main_of, mount, not, pod, run, scratch, sh};
use trial::pod::{Action, Container, Probe, Role, Security};
use trial::{ChangeKind, Readiness};

fn probe(action: Action) -> Option<Probe> {
    let second = Duration::from_secs(1);
    Some(Probe { action, delay: Duration::ZERO, period: second, timeout: second, successes: 1, failures: 3 })
}

#[test]
fn an_app_that_writes_is_watched() {
    let Some(test) = Box_::open() else { return };
    let script = "echo started; echo x > /data/state; mkdir /run/app; echo 1 > /run/app/pid; rm /etc/app.conf; \
                  x=$(head -c 20000000 /dev/zero | tr '\\0' x); nc -ll -p 8080 -e true";
    let outcome = run(&test, &pod(vec![sh(&test, script)]), &how(2));
    assert_eq!(outcome.readiness, Readiness::Ready);
    let seen = main_of(&outcome);
    let written: Vec<(&str, ChangeKind)> =
        seen.written.iter().map(|change| (change.path.as_str(), change.kind)).collect();
    assert_eq!(
        written,
        [
            ("/data", ChangeKind::Changed),
            ("/data/state", ChangeKind::Added),
            ("/etc", ChangeKind::Changed),
            ("/etc/app.conf", ChangeKind::Deleted),
            ("/run/app", ChangeKind::Added),
            ("/run/app/pid", ChangeKind::Added),
        ]
    );
    assert_eq!(seen.users, BTreeSet::from([0]));
    assert_eq!(seen.ports, BTreeSet::from([8080]));
    assert_eq!(seen.log, ["started"]);
    assert!(seen.memory.is_some_and(|bytes| bytes > 20_000_000), "{:?}", seen.memory);
    assert!(seen.processor.is_some_and(|used| used > Duration::from_millis(10)), "{:?}", seen.processor);
    assert_eq!((seen.exit, seen.out_of_memory), (None, false));
}

#[test]
fn a_security_context_is_the_kubelets() {
    let Some(test) = Box_::open() else { return };
    let script = "id; grep -E 'Cap(Prm|Bnd|Amb)|NoNew|Seccomp:' /proc/self/status; mount | grep -E ' on /(tmp|run|var/tmp|data) '; \
                  touch /tmp/x; ls -lan /data; cat /data/deep/key; hostname; echo $HOSTNAME; sleep 60";
    let security = Security {
        user: Some(1000),
        group: Some(3000),
        supplemental_groups: vec![77, 2000],
        read_only_root: true,
        no_new_privileges: true,
        add: BTreeSet::from(["NET_BIND_SERVICE".to_owned()]),
        drop: BTreeSet::from(["ALL".to_owned()]),
        ..Security::default()
    };
    let mut pod = pod(vec![Container { security, mounts: vec![mount("config", "/data", None)], ..sh(&test, script) }]);
    pod.hostname = "web-0".to_owned();
    pod.fs_group = Some(2000);
    pod.volumes = vec![files("config", &[("deep/key", "value\n", 0o600)])];
    let outcome = run(&test, &pod, &how(1));
    let log = main_of(&outcome).log.join("\n");
    assert!(log.contains("uid=1000(app) gid=3000") && log.contains("groups=77,2000,3000"), "{log}");
    assert!(log.contains("CapPrm:\t0000000000000000"), "a user other than root is handed none: {log}");
    assert!(log.contains("CapBnd:\t0000000000000400"), "{log}");
    assert!(log.contains("CapAmb:\t0000000000000000"), "{log}");
    assert!(log.contains("NoNewPrivs:\t1") && log.contains("Seccomp:\t2"), "{log}");
    assert!(log.contains("touch: /tmp/x: Read-only file system"), "the kubelet has no tmpfs there: {log}");
    assert!(log.contains(" on /data type ") && log.contains("(ro,"), "{log}");
    assert!(log.contains("drwxrwsrwx") && log.contains("2000"), "{log}");
    assert!(log.contains("value\nweb-0\nweb-0"), "the group may read it, and the host has its name: {log}");
    assert_eq!(main_of(&outcome).users, BTreeSet::from([1000]));
    assert_eq!(main_of(&outcome).written, []);
}

#[test]
fn what_hardening_breaks_is_seen() {
    let Some(test) = Box_::open() else { return };
    let none = BTreeSet::from(["ALL".to_owned()]);
    let with = |script: &str, security: Security| {
        let outcome = run(&test, &pod(vec![Container { security, ..sh(&test, script) }]), &how(1));
        (outcome.readiness == Readiness::Ready, main_of(&outcome).log.join(" "))
    };
    let dropped = Security { drop: none.clone(), ..Security::default() };
    let given = |name: &str| Security { add: BTreeSet::from([name.to_owned()]), ..dropped.clone() };
    let chown = "set -e; touch /data/x; chown 5 /data/x; sleep 60";
    assert!(with(chown, Security::default()).0);
    let (ready, log) = with(chown, dropped.clone());
    assert!(!ready && log.contains("Operation not permitted"), "{log}");
    assert!(with(chown, given("CHOWN")).0);

    let port = "nc -l -p 80 -e true || exit 3";
    assert!(with(port, given("NET_BIND_SERVICE")).0);
    let (ready, log) = with(port, dropped.clone());
    assert!(!ready && log.contains("ermission denied"), "{log}");

    let setuid = "/bin/su root -c id && sleep 60";
    let app = Security { user: Some(1000), ..Security::default() };
    let (ready, log) = with(setuid, app.clone());
    assert!(ready && log.contains("uid=0"), "{log}");
    let (ready, log) = with(setuid, Security { no_new_privileges: true, ..app });
    assert!(!ready && !log.contains("uid=0(root) gid=0"), "{log}");
}

#[test]
fn memory_is_limited() {
    let Some(test) = Box_::open() else { return };
    let script = "x=$(head -c 40000000 /dev/zero | tr '\\0' x); echo ${#x}; sleep 60";
    let with = |megabytes: u64| {
        let limited = Container { memory: Some(megabytes << 20), millicores: Some(1000), ..sh(&test, script) };
        run(&test, &pod(vec![limited]), &how(2))
    };
    let little = with(16);
    assert_eq!(not(&little), "was killed for want of memory");
    assert!(main_of(&little).out_of_memory);
    assert_eq!(with(256).readiness, Readiness::Ready);
}

#[test]
fn containers_start_in_their_order() {
    let Some(test) = Box_::open() else { return };
    let init = |name: &str, script: &str| Container {
        mounts: vec![mount("work", "/work", None)],
        role: Role::Init,
        ..container(&test, name, script)
    };
    let first = init("first", "sleep 0.3; echo one > /work/one");
    let proxy = Container { role: Role::Sidecar, ..container(&test, "proxy", "nc -ll -p 9000 -e echo") };
    let second = init("second", "cat /work/one && nc 127.0.0.1 9000 </dev/null && echo two > /work/two");
    let app =
        Container { mounts: vec![mount("work", "/work", None)], ..sh(&test, "cat /work/one /work/two; sleep 60") };
    let mut all = pod(vec![first.clone(), proxy, second, app]);
    all.volumes = vec![scratch("work")];
    let outcome = run(&test, &all, &how(1));
    assert_eq!(outcome.readiness, Readiness::Ready);
    assert_eq!(main_of(&outcome).log, ["one", "two"]);
    assert_eq!(outcome.evidence["first"].exit, Some(0));
    assert_eq!(outcome.evidence["proxy"].ports, BTreeSet::from([9000]));
    assert_eq!(main_of(&outcome).ports, BTreeSet::new(), "the port is the proxy's");

    let failing = Container { command: Some(vec!["false".to_owned()]), ..first };
    let mut pod = pod(vec![failing, sh(&test, "sleep 60")]);
    pod.volumes = vec![scratch("work")];
    let outcome = run(&test, &pod, &how(1));
    let Readiness::Not { container, why, .. } = &outcome.readiness else { panic!("{:?}", outcome.readiness) };
    assert_eq!((container.as_str(), why.as_str()), ("first", "ended with 1"));
    assert!(!outcome.evidence.contains_key("app"), "it was never started");
}

#[test]
fn probes_are_asked_in_the_pods_network() {
    let Some(test) = Box_::open() else { return };
    let server = "mkdir -p /tmp/www; echo ok > /tmp/www/healthz; sleep 1; httpd -f -p 8080 -h /tmp/www";
    let http = |path: &str| Action::Http { port: 8080, path: path.to_owned(), tls: false, headers: Vec::new() };
    let exec = |script: &str| Action::Exec(["sh", "-c", script].map(str::to_owned).to_vec());
    let with = |action: Action, seconds: u64| {
        let app = Container { readiness: probe(action), ..sh(&test, server) };
        let mut how = how(60);
        how.timeout = Duration::from_secs(seconds);
        run(&test, &pod(vec![app]), &how)
    };
    for action in [http("/healthz"), Action::Tcp { port: 8080 }, exec("test -f /tmp/www/healthz")] {
        let outcome = with(action.clone(), 20);
        assert_eq!(outcome.readiness, Readiness::Ready, "{action:?}");
    }
    for (action, expected) in [
        (http("/missing"), "GET /missing on port 8080 was answered with 404"),
        (Action::Tcp { port: 8081 }, "port 8081: connection refused"),
        (exec("echo no; exit 3"), "its command ended with 3: no"),
        (exec("sleep 30"), "no answer within 1 s"),
    ] {
        let outcome = with(action, 4);
        let why = not(&outcome);
        assert!(
            why.starts_with("was not ready within 4 s: its readiness probe failed ") && why.ends_with(expected),
            "{why}"
        );
    }
}

#[test]
fn a_liveness_probe_kills() {
    let Some(test) = Box_::open() else { return };
    let app = Container { liveness: probe(Action::Tcp { port: 1 }), ..sh(&test, "sleep 60") };
    let outcome = run(&test, &pod(vec![app]), &how(5));
    assert_eq!(not(&outcome), "is killed by the kubelet: its liveness probe failed: port 1: connection refused");
}

#[test]
fn a_job_is_ready_when_it_has_ended() {
    let Some(test) = Box_::open() else { return };
    let with = |script: &str| {
        let mut job = pod(vec![sh(&test, script)]);
        job.runs_once = true;
        run(&test, &job, &how(60))
    };
    let done = with("sleep 0.5; echo done");
    assert_eq!(done.readiness, Readiness::Ready);
    assert_eq!((main_of(&done).exit, main_of(&done).log.as_slice()), (Some(0), &["done".to_owned()][..]));
    assert_eq!(not(&with("exit 7")), "ended with 7");
}

#[test]
fn what_does_not_start_says_why() {
    let Some(test) = Box_::open() else { return };
    let none = Container { command: Some(vec!["/no/such".to_owned()]), ..sh(&test, "") };
    let outcome = run(&test, &pod(vec![none]), &how(1));
    assert!(
        not(&outcome).starts_with("could not be started: ") && not(&outcome).contains("/no/such"),
        "{}",
        not(&outcome)
    );
    let ends = run(&test, &pod(vec![sh(&test, "echo failed >&2; exit 2")]), &how(1));
    let Readiness::Not { why, log, .. } = &ends.readiness else { panic!("{:?}", ends.readiness) };
    assert_eq!((why.as_str(), log.as_slice()), ("ended with 2", &["failed".to_owned()][..]));
    let mut logs = how(1);
    logs.log = regex::Regex::new("^listening on").ok();
    logs.timeout = Duration::from_secs(10);
    let slow = sh(&test, "sleep 1; echo listening on 80; sleep 60");
    assert_eq!(run(&test, &pod(vec![slow]), &logs).readiness, Readiness::Ready);
    logs.timeout = Duration::from_secs(2);
    assert_eq!(not(&run(&test, &pod(vec![sh(&test, "sleep 60")]), &logs)), "was not ready within 2 s");
}

#[test]
fn a_file_of_a_volume_stands_in_the_image() {
    let Some(test) = Box_::open() else { return };
    let security = Security { user: Some(1000), read_only_root: true, ..Security::default() };
    let app = Container {
        security,
        mounts: vec![mount("config", "/etc/app.conf", Some("app.conf")), mount("config", "/new/deep/b", Some("b"))],
        ..sh(&test, "cat /etc/app.conf /new/deep/b; id -u; sleep 60")
    };
    let mut pod = pod(vec![app]);
    pod.volumes = vec![files("config", &[("app.conf", "from the map\n", 0o644), ("b", "b\n", 0o444)])];
    let outcome = run(&test, &pod, &how(1));
    assert_eq!(main_of(&outcome).log, ["from the map", "b", "1000"]);
    assert_eq!(main_of(&outcome).written, []);
}

#[test]
fn a_pod_finds_its_companion_and_nothing_else() {
    let Some(test) = Box_::open() else { return };
    let mut database = pod(vec![container(&test, "db", "sleep 1; while true; do echo data | nc -l -p 5432; done")]);
    database.name = "database".to_owned();
    database.names = vec!["db".to_owned(), "db.shop.svc.cluster.local".to_owned()];
    database.containers[0].readiness =
        probe(Action::Exec(["sh", "-c", "netstat -ltn | grep :5432"].map(str::to_owned).to_vec()));
    let script = "set -e; nc db.shop.svc.cluster.local 5432 </dev/null; ! nc -w 1 192.0.2.1 80; ! nc -w 1 1.1.1.1 80; echo alone; sleep 60";
    let app = pod(vec![sh(&test, script)]);
    let outcome = test.engine.run(&app, &[database], &how(3), &mut |_| {}).unwrap();
    assert_eq!(outcome.readiness, Readiness::Ready, "{:?}", outcome.evidence);
    assert!(main_of(&outcome).log.contains(&"alone".to_owned()), "{:?}", main_of(&outcome).log);
    assert_eq!(not(&run(&test, &app, &how(2))), "ended with 1", "without its database");
}

#[test]
fn an_image_that_is_not_there_is_named() {
    let Some(test) = Box_::open() else { return };
    let missing = "localhost/harden-no-such-image:1";
    let error = test.engine.image(missing, false).unwrap_err().to_string();
    assert_eq!(error, format!("image {missing} is not on this machine; pull it, or let harden do so with --pull"));
    let app = Container { image: missing.to_owned(), ..sh(&test, "") };
    let again = test.engine.run(&pod(vec![app]), &[], &how(1), &mut |_| {}).unwrap_err().to_string();
    assert_eq!(again, error);
    let facts = test.engine.image(test.image, false).unwrap();
    assert_eq!((facts.user.as_str(), facts.command.as_slice()), ("", &["/bin/sh".to_owned()][..]));
}
