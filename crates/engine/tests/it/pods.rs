//! Pods from their start to their end: order, evidence, volumes, companions.

use std::collections::BTreeSet;
use std::time::Duration;

use trial::pod::{Action, Container, Role, Security};
use trial::{ChangeKind, Readiness};

use crate::support::{Bench, container, files, how, main_of, mount, not, pod, probe, run, scratch, sh};

#[test]
fn an_app_that_writes_is_watched() {
    let Some(test) = Bench::open() else { return };
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
fn containers_start_in_their_order() {
    let Some(test) = Bench::open() else { return };
    let init = |name: &str, script: &str| Container {
        mounts: vec![mount("work", "/given", None)],
        role: Role::Init,
        ..container(&test, name, script)
    };
    let first = init("first", "sleep 0.3; echo one > /given/one");
    let proxy = Container { role: Role::Sidecar, ..container(&test, "proxy", "nc -ll -p 9000 -e echo") };
    let second = init("second", "cat /given/one && nc 127.0.0.1 9000 </dev/null && echo two > /given/two");
    let app =
        Container { mounts: vec![mount("work", "/given", None)], ..sh(&test, "cat /given/one /given/two; sleep 60") };
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
fn a_job_is_ready_when_it_has_ended() {
    let Some(test) = Bench::open() else { return };
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
    let Some(test) = Bench::open() else { return };
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
    let Some(test) = Bench::open() else { return };
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
    let Some(test) = Bench::open() else { return };
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
    let Some(test) = Bench::open() else { return };
    let missing = "localhost/harden-no-such-image:1";
    let error = test.engine.image(missing, false).unwrap_err().to_string();
    assert_eq!(error, format!("image {missing} is not on this machine; pull it, or let harden do so with --pull"));
    let app = Container { image: missing.to_owned(), ..sh(&test, "") };
    let again = test.engine.run(&pod(vec![app]), &[], &how(1), &mut |_| {}).unwrap_err().to_string();
    assert_eq!(again, error);
    let facts = test.engine.image(test.image, false).unwrap();
    assert_eq!((facts.user.as_str(), facts.command.as_slice()), ("", &["/bin/sh".to_owned()][..]));
}
